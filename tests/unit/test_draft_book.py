"""Drafts on disk: what was typed is there for the next program, what was sent is gone."""

import os
import subprocess
import sys
import textwrap
from datetime import UTC, datetime, timedelta
from pathlib import Path

from deskapp.drafts import JournalDrafts

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def book(file: Path, now: datetime = NOW) -> JournalDrafts:
    return JournalDrafts(file, "chen", lambda: now)


def test_what_was_typed_is_there_for_the_next_program_and_what_was_sent_is_not(tmp_path: Path) -> None:
    first = book(tmp_path / "drafts.db")
    first.keep("intake", "a", {"subject": "洗衣机"})
    first.keep("intake", "b", {"subject": "sent"})
    first.keep("note", "t", {"text": "half"})
    assert first.get("intake", "a") == {"subject": "洗衣机"}, "at once, whether it is on disk yet or not"
    first.drop("intake", "b")
    first.flush()
    second = book(tmp_path / "drafts.db")
    assert second.all("intake") == [("a", {"subject": "洗衣机"})]
    assert second.get("note", "t") == {"text": "half"}
    assert second.get("intake", "b") is None
    assert book(tmp_path / "drafts.db", NOW + timedelta(days=8)).all("intake") == []


def test_a_kill_takes_no_more_than_what_was_typed_in_the_last_half_second(tmp_path: Path) -> None:
    program = textwrap.dedent("""
        import sys, time
        from datetime import UTC, datetime
        from pathlib import Path
        from deskapp.drafts import JournalDrafts
        drafts = JournalDrafts(Path(sys.argv[1]), "chen", lambda: datetime.now(UTC))
        for number in range(100000):
            drafts.keep("intake", "a", {"typed": str(time.time())})
            print(time.time(), flush=True)
            time.sleep(0.02)
    """)
    child = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "drafts.db")],
        stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert child.stdout
    lines = [child.stdout.readline() for _ in range(80)]
    child.kill()
    typed = float((lines + child.stdout.readlines())[-1])
    child.wait()
    kept = book(tmp_path / "drafts.db", datetime.now(UTC)).get("intake", "a")
    assert kept is not None
    assert typed - float(kept["typed"]) <= 1.0
