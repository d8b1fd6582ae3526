"""What one answer of a guided call costs: evaluated, and kept in the draft journal. `python -m bench.intake_answer`."""

import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, thread_time

from deskapp.domain.flow import CompiledFlow, Mark
from deskapp.domain.flow.session import GuidedSession
from deskapp.drafts import JournalDrafts
from deskapp.services.flow_files import PACK, load_flow

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ROUNDS = 60


def main() -> None:
    compiled = max((load_flow(p) for p in PACK.glob("[a-z]*.yaml")), key=lambda c: len(c.flow.questions))
    typed, used = _answers(compiled, to_disk=False)
    stored, _used = _answers(compiled, to_disk=True)
    print(f"{compiled.flow.id}: {len(compiled.flow.questions)} questions, {len(typed)} answers, twice")
    print(f"an answer, to the journal's hands: {_told(typed)}")
    # On a busy machine the wall's tail is the others' work.
    print(f"its CPU: {_told(used)}")
    print(f"an answer, on the disk: {_told(stored)}   (target 99 % 5 ms)")


def _answers(compiled: CompiledFlow, *, to_disk: bool) -> tuple[list[float], list[float]]:
    """Milliseconds that each answer took by the clock and of this thread's CPU.

    In the app the journal writes beside the screen, within half a second; `to_disk` waits for it at each answer.
    """
    spent, used = [], []
    with tempfile.TemporaryDirectory() as folder:
        drafts = JournalDrafts(Path(folder) / "drafts.db", "chen", lambda: NOW)
        for _round in range(ROUNDS):
            session = GuidedSession(compiled, by="chen", started_at=NOW, today=date(2026, 3, 2))
            for question in compiled.flow.questions:
                begun, own = perf_counter(), thread_time()
                session.give(Mark.UNKNOWN if question.unknown else "13800138000", NOW, question=question.id)
                drafts.keep("intake", "call", session.data())
                if to_disk:
                    drafts.flush()
                spent.append((perf_counter() - begun) * 1000)
                used.append((thread_time() - own) * 1000)
        drafts.flush()
    return spent, used


def _told(took: list[float]) -> str:
    return f"median {median(took):.2f} ms   99 % {quantiles(took, n=100)[98]:.2f} ms"


if __name__ == "__main__":
    main()
