"""R9: the database refuses to alter the ledger; who owns it can, and every trial is seen by the chain or the anchor."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection, Engine, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from deskapp.domain.audit import Anchor, Flaw, Verdict, parse_anchor
from deskapp.domain.errors import Denied, Invalid
from deskapp.models.audit import AuditEvent, AuditPayload, Ledger
from deskapp.models.base import table
from deskapp.models.ticket import TimelineEntry
from deskapp.services import audit
from deskapp.services.requests.audit import GetAnchor, GetAudit, VerifyAudit
from deskapp.services.requests.tickets import AddEntry, OpenTicket, SolveTicket
from deskapp.store.engine import writing
from deskapp.store.uow import chain_hash
from tests.services.conftest import Floor

EVENT, PAYLOAD, ENTRY = table(AuditEvent), table(AuditPayload), table(TimelineEntry)
MIDDLE = 5


@pytest.fixture
def history(floor: Floor) -> Floor:
    """A desk with nine events behind it, by two teams."""
    first = floor.do("chen", OpenTicket(subject="drum bangs"))
    for number in range(4):
        floor.do("chen", AddEntry(ticket_id=first.id, text=f"note {number}"))
    gas = floor.do("gao", OpenTicket(subject="gas smell"))
    floor.do("gao", SolveTicket(ticket_id=gas.id, resolution="valve closed"))
    floor.do("chen", SolveTicket(ticket_id=first.id, resolution="bolts removed"))
    return floor


def verify(floor: Floor, anchor: Anchor | None = None) -> Verdict:
    verdict: Verdict = floor.desk.read(floor.people["aude"], VerifyAudit(anchor=anchor))
    return verdict


def anchor_of(floor: Floor) -> Anchor:
    anchor: Anchor = floor.desk.read(floor.people["aude"], GetAnchor())
    return anchor


# The guards -----------------------------------------------------------------------------------------------------------

REPLACE = "INSERT OR REPLACE INTO audit_event SELECT * FROM audit_event WHERE seq = 5"
ALTERATIONS = [
    "UPDATE audit_event SET actor_login = 'sato' WHERE seq = 5",
    "DELETE FROM audit_event WHERE seq = 9",
    "DELETE FROM timeline_entry",
    "UPDATE timeline_entry SET text = 'something else'",
    "UPDATE timeline_entry SET occurred_at = recorded_at, kind = 'visit'",
    'UPDATE timeline_entry SET details = \'{"what": "claim"}\'',
]


def test_the_database_refuses_to_alter_what_is_only_added_to(history: Floor) -> None:
    engine = history.desk.engine
    around = REPLACE if engine.dialect.name == "sqlite" else "TRUNCATE audit_event, timeline_entry"
    for statement in (*ALTERATIONS, around):
        with pytest.raises(DBAPIError, match="only ever added to"), writing(engine).begin() as connection:
            connection.exec_driver_sql(statement)
    assert verify(history).sound


def test_erasing_stays_possible_and_leaves_the_chain_whole(history: Floor) -> None:
    anchor = anchor_of(history)
    with writing(history.desk.engine).begin() as connection:
        connection.execute(delete(PAYLOAD).where(PAYLOAD.c.seq <= MIDDLE))
        connection.execute(update(ENTRY).values(text="", details={}))
    verdict = verify(history, anchor)
    assert (verdict.sound, verdict.bare, verdict.events) == (True, MIDDLE, 9)


# Trials of somebody who owns the database -----------------------------------------------------------------------------


@contextmanager
def owned(engine: Engine) -> Iterator[Connection]:
    """A transaction of somebody who owns the database and drops the guards first; undone at the end."""
    with writing(engine).connect() as connection:
        if engine.dialect.name == "sqlite":
            names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all()
            for name in names:
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            connection.exec_driver_sql("ALTER TABLE audit_event DISABLE TRIGGER USER")
        yield connection
        connection.rollback()


def look(connection: Connection, anchor: Anchor | None = None) -> Verdict:
    """Verify inside somebody's transaction."""
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        return audit.verify(session, anchor)


def chain_anew(connection: Connection, first: int = 1) -> None:
    """Recompute every link from an event on and move the ledger's mark: what somebody does who knows the program."""
    previous = connection.execute(select(EVENT.c.hash).where(EVENT.c.seq == first - 1)).scalar() or ""
    for row in connection.execute(select(EVENT).where(EVENT.c.seq >= first).order_by(EVENT.c.seq)).mappings().all():
        entry = {**row, "previous": previous}
        previous = chain_hash(entry)
        connection.execute(
            update(EVENT).where(EVENT.c.seq == row["seq"]).values(previous=entry["previous"], hash=previous)
        )
    last = connection.execute(select(EVENT.c.seq).order_by(EVENT.c.seq.desc()).limit(1)).scalar() or 0
    connection.execute(update(table(Ledger)).values(seq=last, head=previous))


def change(column: str, value: Any) -> Callable[[Connection], None]:
    return lambda connection: connection.execute(update(EVENT).where(EVENT.c.seq == MIDDLE).values({column: value}))


def remove(*numbers: int) -> Callable[[Connection], None]:
    def act(connection: Connection) -> None:
        connection.execute(delete(PAYLOAD).where(PAYLOAD.c.seq.in_(numbers)))
        connection.execute(delete(EVENT).where(EVENT.c.seq.in_(numbers)))

    return act


def renumbered(connection: Connection) -> None:
    """Take an event out and close the gap."""
    remove(MIDDLE)(connection)
    for number in range(MIDDLE + 1, 10):
        connection.execute(update(EVENT).where(EVENT.c.seq == number).values(seq=number - 1))
        connection.execute(update(PAYLOAD).where(PAYLOAD.c.seq == number).values(seq=number - 1))


def exchanged(connection: Connection) -> None:
    for old, new in ((MIDDLE, 100), (MIDDLE + 1, MIDDLE), (100, MIDDLE + 1)):
        connection.execute(update(EVENT).where(EVENT.c.seq == old).values(seq=new))


def replaced(connection: Connection) -> None:
    """Put another event in the place of one, as INSERT OR REPLACE does."""
    row = dict(connection.execute(select(EVENT).where(EVENT.c.seq == MIDDLE)).mappings().one())
    connection.execute(delete(EVENT).where(EVENT.c.seq == MIDDLE))
    connection.execute(insert(EVENT).values({**row, "actor_login": "sato", "submission_id": uuid4()}))


def invented(connection: Connection) -> None:
    row = dict(connection.execute(select(EVENT).where(EVENT.c.seq == 9)).mappings().one())
    connection.execute(insert(EVENT).values({**row, "seq": 10, "submission_id": uuid4()}))


def cut(connection: Connection) -> None:
    remove(8, 9)(connection)


def emptied(connection: Connection) -> None:
    remove(*range(1, 10))(connection)


def payload(connection: Connection) -> None:
    body = {"changes": [{"table": "ticket", "new": {"subject": "nothing happened"}}]}
    connection.execute(update(PAYLOAD).where(PAYLOAD.c.seq == MIDDLE).values(body=body))


def no_json(connection: Connection) -> None:
    connection.execute(text("UPDATE audit_payload SET body = 'null' WHERE seq = 5"))


def salted(connection: Connection) -> None:
    connection.execute(update(PAYLOAD).where(PAYLOAD.c.seq == MIDDLE).values(salt="0" * 32))


TRIALS: dict[str, Callable[[Connection], None]] = {
    "at": change("at", datetime(2026, 1, 1, tzinfo=UTC)),
    "actor": change("actor_id", uuid4()),
    "login": change("actor_login", "sato"),
    "role": change("role", "lead"),
    "action": change("action", "ticket.read"),
    "kind": change("object_kind", "customer"),
    "object": change("object_id", uuid4()),
    "version": change("object_version", 7),
    "ticket": change("ticket_id", None),
    "submission": change("submission_id", uuid4()),
    "commitment": change("commitment", hashlib.sha256(b"").hexdigest()),
    "first deleted": remove(1),
    "one deleted": remove(MIDDLE),
    "deleted and renumbered": renumbered,
    "two exchanged": exchanged,
    "one replaced": replaced,
    "one invented": invented,
    "the end cut off": cut,
    "all deleted": emptied,
}
UNREADABLE: dict[str, Callable[[Connection], None]] = {
    "no date": lambda connection: connection.execute(text("UPDATE audit_event SET at = 'yesterday' WHERE seq = 5")),
    "no id": lambda connection: connection.execute(text("UPDATE audit_event SET object_id = 'x' WHERE seq = 5")),
    "cut JSON": lambda connection: connection.execute(text("UPDATE audit_payload SET body = '{' WHERE seq = 5")),
    "no number": lambda connection: connection.execute(
        text("UPDATE audit_event SET object_version = 'x' WHERE seq = 5")
    ),
}
DETAILS = {"payload": payload, "no JSON": no_json, "salt": salted}


def test_a_change_behind_the_desks_back_is_seen(history: Floor) -> None:
    anchor, engine = anchor_of(history), history.desk.engine
    for name, trial in (TRIALS | DETAILS | (UNREADABLE if engine.dialect.name == "sqlite" else {})).items():
        with owned(engine) as connection:
            trial(connection)
            verdict = look(connection)
            assert not verdict.sound, name
            assert verdict.found == len(verdict.findings)
            assert not look(connection, anchor).sound, name
    assert verify(history, anchor).sound


def test_who_chains_it_anew_is_seen_by_an_anchor(history: Floor) -> None:
    anchor = anchor_of(history)
    for name, trial in TRIALS.items():
        with owned(history.desk.engine) as connection:
            trial(connection)
            chain_anew(connection)
            flaws = {finding.flaw for finding in look(connection, anchor).findings}
            # An invented event after the anchor touches nothing that it vouches for: it is an event like any other.
            assert bool(flaws & {Flaw.REWRITTEN, Flaw.CUT}) == (name != "one invented"), name


def test_an_end_that_was_cut_off_cannot_be_seen_without_an_anchor(history: Floor) -> None:
    """The limit that the threat model tells: so the anchor belongs on another machine, or on paper."""
    anchor = anchor_of(history)
    with owned(history.desk.engine) as connection:
        cut(connection)
        chain_anew(connection)
        assert look(connection).sound
        assert [finding.flaw for finding in look(connection, anchor).findings] == [Flaw.CUT]


def test_pages_hang_together(history: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "PAGE", 2)
    assert (verify(history).sound, verify(history).events) == (True, 9)
    with owned(history.desk.engine) as connection:
        remove(MIDDLE)(connection)
        assert {f.flaw for f in look(connection).findings} == {Flaw.GAP, Flaw.LINK}


def test_an_older_anchor_vouches_for_what_was_then(history: Floor) -> None:
    anchor = anchor_of(history)
    history.do("chen", OpenTicket(subject="later"))
    verdict = verify(history, anchor)
    assert (verdict.sound, verdict.anchored, verdict.head.seq) == (True, 9, 10)


# Reading --------------------------------------------------------------------------------------------------------------


def test_who_sees_which_events(history: Floor) -> None:
    def logins(login: str) -> set[str]:
        return {line.actor for line in history.desk.read(history.people[login], GetAudit())}

    assert logins("aude") == {"adam", "chen", "gao"}
    assert logins("lin") == {"chen"}, "a lead sees the own team"
    with pytest.raises(Denied):
        logins("chen")


@pytest.mark.parametrize(("login", "told"), [("aude", True), ("adam", False)])
def test_what_changed_is_told_to_those_who_may_read_tickets(history: Floor, login: str, told: bool) -> None:
    lines = history.desk.read(history.people[login], GetAudit(details=True, ticket_number=1))
    assert len(lines) == 6
    assert all((line.changes is not None) == told for line in lines)
    assert ("bangs" in repr(lines)) == told


def test_events_are_found_by_who_what_and_when(history: Floor) -> None:
    ask = lambda **by: history.desk.read(history.people["aude"], GetAudit(**by))  # noqa: E731
    assert [line.action for line in ask(login="gao")] == ["ticket.create", "ticket.solve"]
    assert {line.actor for line in ask(done="ticket.solve")} == {"gao", "chen"}
    assert ask(since=history.clock.advance(hours=1)) == ()
    assert [line.seq for line in ask(limit=2)] == [8, 9]


# Anchors as text ------------------------------------------------------------------------------------------------------

HEAD = "ab" * 32


@pytest.mark.parametrize(
    "told",
    [
        f"deskapp-anchor 12 {HEAD}",
        f"Shift of 2 March\n\n  deskapp-anchor 3 {'cd' * 32}\n  deskapp-anchor 12 {HEAD}  Lin\n",
        f'{{"seq": 12, "head": "{HEAD}", "more": 1}}',
    ],
)
def test_an_anchor_is_read_wherever_it_was_noted(told: str) -> None:
    assert parse_anchor(told) == Anchor(12, HEAD)
    assert parse_anchor(Anchor(0, "").line) == Anchor(0, "")


@pytest.mark.parametrize(
    "told",
    ["", "12", "[]", f"deskapp-anchor 12 {HEAD}ff", '{"seq": true, "head": ""}', '{"seq": 1, "head": "x"}', "[" * 9999],
)
def test_what_is_no_anchor_is_refused(told: str) -> None:
    with pytest.raises(Invalid, match="no anchor"):
        parse_anchor(told)
