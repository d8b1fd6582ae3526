"""R6: a draft survives kill -9 up to half a second, a full or read-only disk, and a damaged journal."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskapp.domain.errors import Unreachable
from deskapp.store.drafts import MAX_WAIT, Draft, DraftJournal, DraftKeeper, Place

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def draft(text: str = "", *, agent: str = "chen", entity: str = "", at: datetime = NOW, **more: object) -> Draft:
    body = {"subject": text, **more}
    return Draft(agent, "intake", entity, UUID(int=7), body, at, base_version=3, schema_rev=2, cursor="subject:4")


def test_what_was_put_comes_back_in_another_program(tmp_path: Path) -> None:
    file = tmp_path / "state" / "desk" / "drafts.db"
    journal = DraftJournal(file)
    journal.put(draft("洗衣机"))
    journal.put(draft("洗衣机不转 \ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16")))
    journal.close()
    found = DraftJournal(file).get("chen", "intake")
    assert found == draft("洗衣机不转 😀")
    assert journal.place is Place.DISK
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_newest_first_and_only_ones_own(tmp_path: Path) -> None:
    journal = DraftJournal(tmp_path / "drafts.db")
    for minute, entity in enumerate("abc"):
        journal.put(draft(entity, entity=entity, at=NOW + timedelta(minutes=minute)))
    journal.put(draft("other", agent="ann"))
    assert [one.entity_id for one in journal.list("chen")] == ["c", "b", "a"]
    journal.delete("chen", "intake", "b")
    assert journal.expire(NOW + timedelta(minutes=1)) == 2
    assert [one.entity_id for one in journal.list("chen")] == ["c"]
    assert journal.list("ann") == []


def test_nothing_is_made_before_there_is_a_draft(tmp_path: Path) -> None:
    journal = DraftJournal(tmp_path / "state" / "drafts.db")
    assert journal.list("chen") == []
    assert journal.get("chen", "intake") is None
    assert not (tmp_path / "state").exists()


def test_erased_is_erased(tmp_path: Path) -> None:
    """Also from the file's bytes, and written as JSON writes it."""
    file = tmp_path / "drafts.db"
    journal = DraftJournal(file)
    journal.put(draft('says "138 0013 8000"', entity="a"))
    journal.put(draft("张伟", entity="b"))
    journal.put(draft("nobody", entity="c"))
    assert journal.forget(['"138 0013 8000"', "张伟", ""]) == 2
    journal.close()
    assert [one.entity_id for one in journal.list("chen")] == ["c"]
    content = file.read_bytes()
    assert b"138 0013" not in content
    assert "张伟".encode() not in content
    assert b"nobody" in content


def refuse(*_: object) -> None:
    raise PermissionError(13, "Permission denied")


def test_where_the_state_folder_cannot_be_made_drafts_go_to_the_runtime_folder(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file stands where the folder should be")
    journal = DraftJournal(tmp_path / "state" / "drafts.db", runtime=tmp_path / "run" / "drafts.db")
    journal.put(draft("kept"))
    assert journal.place is Place.RUNTIME
    assert journal.problem
    again = DraftJournal(tmp_path / "state" / "drafts.db", runtime=tmp_path / "run" / "drafts.db")
    found = again.get("chen", "intake")
    assert found is not None
    assert found.body == {"subject": "kept"}


def test_at_last_they_are_kept_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    journal = DraftJournal(tmp_path / "file" / "a" / "drafts.db", runtime=tmp_path / "file" / "b" / "drafts.db")
    journal.put(draft("kept"))
    assert journal.place is Place.MEMORY
    assert [one.body for one in journal.list("chen")] == [{"subject": "kept"}]
    journal.delete("chen", "intake")
    assert journal.list("chen") == []


def test_a_full_disk_moves_drafts_on_and_the_newest_counts(tmp_path: Path) -> None:
    journal = DraftJournal(tmp_path / "a" / "drafts.db", runtime=tmp_path / "b" / "drafts.db")
    journal.put(draft("old"))
    store = journal._stores[0]
    store.execute(f"PRAGMA max_page_count={store.execute('PRAGMA page_count').fetchone()[0]}")
    journal.put(draft("new" * 10_000, at=NOW + timedelta(seconds=1)))
    assert journal.place is Place.RUNTIME
    found = journal.get("chen", "intake")
    assert found is not None
    assert found.body == {"subject": "new" * 10_000}
    assert len(journal.list("chen")) == 1


@pytest.mark.parametrize("content", [b"garbage" * 1000, b"SQLite format 3\0" + b"\xaa" * 9000])
def test_a_damaged_journal_is_put_aside(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "drafts.db"
    file.write_bytes(content)
    journal = DraftJournal(file)
    assert journal.list("chen") == []
    journal.put(draft("kept"))
    assert journal.place is Place.DISK
    assert (tmp_path / "drafts.db.damaged").read_bytes() == content
    assert len(journal.list("chen")) == 1


def test_a_busy_journal_is_said_and_tried_again(tmp_path: Path) -> None:
    file = tmp_path / "drafts.db"
    journal = DraftJournal(file)
    journal.put(draft("first"))
    journal._stores[0].execute("PRAGMA busy_timeout=0")
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    clock = [0.0]
    keeper = DraftKeeper(lambda: journal.put(draft("second")), lambda: clock[0])
    keeper.changed()
    with pytest.raises(Unreachable):
        keeper.flush()
    assert keeper.pending
    other.execute("ROLLBACK")
    other.close()
    clock[0] = MAX_WAIT
    assert keeper.tick()
    assert [one.body for one in journal.list("chen")] == [{"subject": "second"}]


def test_a_draft_that_another_living_program_types_is_in_use() -> None:
    mine = draft()
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    theirs = Draft("chen", "intake", "", UUID(int=7), {}, NOW, pid=child.pid)
    before_the_restart = Draft("chen", "intake", "", UUID(int=7), {}, NOW, pid=child.pid, boot_id="another")
    assert [one.in_use for one in (mine, theirs, before_the_restart)] == [False, True, False]
    child.communicate()
    assert not theirs.in_use


class TestKeeper:
    """The throttle."""

    @settings(max_examples=200, deadline=None)
    @given(pauses=st.lists(st.floats(0, 2), max_size=40))
    def test_no_key_waits_longer_than_the_limit(self, pauses: list[float]) -> None:
        """Whatever the rhythm, as long as the owner ticks when it was told to."""
        clock = 0.0
        typed: list[float] = []
        stored: list[tuple[float, int]] = []
        keeper = DraftKeeper(lambda: stored.append((clock, len(typed))), lambda: clock)
        for pause in pauses:
            until = clock + pause
            while (wait := keeper.due_in()) is not None and clock + wait <= until:
                clock += wait
                assert keeper.tick()
            clock = until
            typed.append(clock)
            keeper.changed()
        if (wait := keeper.due_in()) is not None:
            clock += wait
            assert keeper.tick()
        for number, at in enumerate(typed, 1):
            assert next(when for when, count in stored if count >= number) - at <= MAX_WAIT + 1e-9
        assert len(stored) <= clock / MAX_WAIT + 1

    def test_flush_stores_at_once_and_only_once(self) -> None:
        stored: list[str] = []
        keeper = DraftKeeper(lambda: stored.append("draft"), lambda: 5.0)
        assert not keeper.flush()
        assert keeper.due_in() is None
        keeper.changed()
        assert keeper.pending
        assert keeper.flush()
        assert not keeper.flush()
        assert (stored, keeper.saved_at) == (["draft"], 5.0)
        keeper.changed()
        keeper.forget()
        assert not keeper.flush()


TYPIST = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID
from deskapp.store.drafts import Draft, DraftJournal, DraftKeeper
journal, typed, clock = DraftJournal(Path(sys.argv[1])), 0, 0.0
def save():
    journal.put(Draft("chen", "intake", "", UUID(int=7), {"typed": typed, "text": "x" * typed}, datetime.now(UTC)))
keeper = DraftKeeper(save, lambda: clock)
while True:
    clock += 1 / 16
    typed += 1
    keeper.changed()
    sys.stdout.write(f"{typed}\\n")
    sys.stdout.flush()
"""


def test_kill_minus_nine_takes_half_a_second_of_typing_at_most(tmp_path: Path) -> None:
    """Two dozen rounds; the typist's own clock makes a sixteenth of a second of each key: eight keys may be lost."""
    choose = random.Random(6)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPATH"] = os.pathsep.join(sys.path)
    lost = []
    for number in range(24):
        file = tmp_path / f"{number}" / "drafts.db"
        typist = subprocess.Popen(
            [sys.executable, "-S", "-c", TYPIST, str(file)], stdout=subprocess.PIPE, text=True, env=environment
        )
        assert typist.stdout is not None
        for _ in range(choose.randrange(12, 60)):
            seen = int(typist.stdout.readline())
        typist.send_signal(signal.SIGKILL)
        rest = typist.stdout.read().splitlines()
        typist.wait()
        typist.stdout.close()
        seen = int(rest[-1]) if rest and rest[-1].isdigit() and len(rest) > 1 else seen
        journal = DraftJournal(file)
        found = journal.get("chen", "intake")
        assert found is not None
        stored = found.body["typed"]
        assert isinstance(stored, int)
        assert found.body["text"] == "x" * stored
        assert journal._store(0).execute("PRAGMA integrity_check").fetchone() == ("ok",)
        lost.append(seen - stored)
        journal.close()
    assert max(lost) <= MAX_WAIT * 16


def test_it_opens_without_the_desk_and_its_libraries() -> None:
    program = "import sys, deskapp.store.drafts; print({'sqlalchemy', 'pydantic', 'sqlmodel'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("set()", "")
