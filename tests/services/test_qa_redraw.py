"""One frame and one seed draw the same records wherever: both databases, any insert order, another locale."""

import locale
import random
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

import pytest

from deskapp.clock import FrozenClock
from deskapp.domain.i18n import use_language
from deskapp.domain.ids import uuid7
from deskapp.models.audit import Counter
from deskapp.models.ticket import Ticket
from deskapp.services.desk import Desk
from deskapp.services.qa import rounds
from deskapp.services.requests.qa.looking import CheckDraw, GetFrame
from deskapp.services.requests.qa.rounds import EnlargeRound
from deskapp.store.engine import open_engine
from deskapp.store.uow import work
from tests.services.conftest import NOON, Floor, staff
from tests.services.qa_floor import QaFloor, _case, hire

COUNT = 120


@dataclass
class Drawn:
    """What came out on one desk: the frame as text, the sample in order with its lots, and the auditor's line."""

    frame: str
    sample: list[tuple[str, str, int, str]]
    enlarged: list[tuple[str, str, int, str]]
    openssl: str
    lot: str
    same: bool


def round_on(url: str, *, shuffled: int = 0) -> Drawn:
    engine = open_engine(url)
    try:
        people, teams = staff(engine)
        clock = FrozenClock(NOON)
        floor = Floor(Desk(engine, clock), clock, people, teams)
        hire(floor)
        _fill(floor, shuffled)
        qa = QaFloor(floor)
        qa.plan(share="3/10")
        qa.draw()
        sample = _sample(qa)
        qa.lead(EnlargeRound(campaign_id=qa.campaign, share=Fraction(1, 2)))
        frame = qa.ask("aude", GetFrame(campaign_id=qa.campaign))
        check = qa.ask("aude", CheckDraw(campaign_id=qa.campaign))
        return Drawn(str(frame), sample, _sample(qa), check.openssl, check.lot, check.same)  # type: ignore[attr-defined]
    finally:
        engine.dispose()


def _fill(floor: Floor, shuffled: int) -> None:
    numbers = list(range(1, COUNT + 1))
    if shuffled:
        random.Random(shuffled).shuffle(numbers)
    start = floor.clock.now()
    for number in numbers:
        # One transaction each: the order of rows, of ids and of the file's pages is another.
        with work(floor.desk.engine, start, floor.people["lin"], uuid7()) as unit:
            unit.authorize("ticket.create")
            who = floor.people[("chen", "sato", "mo", "late", "gao")[number % 5]]
            rows = _case(number, who, start + timedelta(hours=5 * number))
            unit.add(*rows)
            unit.record("ticket.create", "ticket", rows[0])  # type: ignore[arg-type]
            unit.commit()
    with work(floor.desk.engine, start, floor.people["lin"], uuid7()) as unit:
        unit.authorize("ticket.create")
        unit.add(Counter(name="ticket", value=COUNT))
        unit.record("ticket.create", "ticket", Ticket(number=0, subject="", opened_at=start, queue_at=start))
        unit.commit()
    floor.clock.at += timedelta(days=30)


def _sample(qa: QaFloor) -> list[tuple[str, str, int, str]]:
    from sqlalchemy import text

    with qa.floor.desk.engine.connect() as connection:
        rows = connection.execute(text("SELECT record, stratum, place, lot FROM qa_sample"))
        return sorted((row[0], row[1], row[2], row[3]) for row in rows)


@pytest.fixture
def elsewhere() -> Iterator[None]:
    """Another locale and language, where this machine has one."""
    before = locale.setlocale(locale.LC_ALL)
    for name in ("zh_CN.UTF-8", "tr_TR.UTF-8", "sv_SE.UTF-8", "C.UTF-8"):
        try:
            locale.setlocale(locale.LC_ALL, name)
            break
        except locale.Error:
            continue
    use_language("zh")
    yield
    locale.setlocale(locale.LC_ALL, before)
    use_language("en")


def test_the_same_records_on_both_databases_in_any_insert_order_and_any_locale(
    sqlite_url: str, postgres_url: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setattr(rounds.secrets, "token_bytes", lambda size: bytes(range(size)))
    here = round_on(sqlite_url)
    request.getfixturevalue("elsewhere")
    there = round_on(postgres_url, shuffled=7)
    assert there == here
    assert here.same and len(here.sample) == 36
    # Enlarging keeps what was drawn, with its place and lot.
    assert set(here.sample) < set(here.enlarged) and len(here.enlarged) == 60
    told = subprocess.run(["sh", "-c", here.openssl], capture_output=True, text=True, check=True)
    assert told.stdout.split()[-1] == here.lot == next(lot for *_rest, lot in here.sample if lot == here.lot)
