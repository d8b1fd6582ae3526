"""What one answer of a guided call costs: evaluated, and kept in the draft journal. `python -m bench.intake_answer`."""

import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, thread_time

from deskapp.domain.flow import Mark
from deskapp.domain.flow.session import GuidedSession
from deskapp.drafts import JournalDrafts
from deskapp.services.flow_files import PACK, load_flow

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ROUNDS = 60


def main() -> None:
    compiled = max((load_flow(p) for p in PACK.glob("[a-z]*.yaml")), key=lambda c: len(c.flow.questions))
    spent, used = [], []
    with tempfile.TemporaryDirectory() as folder:
        drafts = JournalDrafts(Path(folder) / "drafts.db", "chen", lambda: NOW)
        for _round in range(ROUNDS):
            session = GuidedSession(compiled, by="chen", started_at=NOW, today=date(2026, 3, 2))
            for question in compiled.flow.questions:
                begun, own = perf_counter(), thread_time()
                session.give(Mark.UNKNOWN if question.unknown else "13800138000", NOW, question=question.id)
                drafts.keep("intake", "call", session.data())
                spent.append((perf_counter() - begun) * 1000)
                used.append((thread_time() - own) * 1000)
        begun = perf_counter()
        drafts.flush()
        flushed = (perf_counter() - begun) * 1000
    ninety_nine, own_part = quantiles(spent, n=100)[98], quantiles(used, n=100)[98]
    print(f"{compiled.flow.id}: {len(compiled.flow.questions)} questions, {len(spent)} answers")
    print(
        f"an answer, to the journal's hands: median {median(spent):.2f} ms   99 % {ninety_nine:.2f} ms   (target 5 ms)"
    )
    # On a busy machine the wall's tail is the others' work.
    print(f"its CPU: median {median(used):.2f} ms   99 % {own_part:.2f} ms")
    print(f"a flush to the disk: {flushed:.1f} ms")


if __name__ == "__main__":
    main()
