"""The queue by keys: claim, assign, put back, filter, sort, search, views, many at once, back one level at a time."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from deskapp.app import DeskApp
from deskapp.domain.errors import Denied
from deskapp.domain.i18n import use_language
from deskapp.domain.queue import Holder, QueueFilter, Sort
from deskapp.domain.terms import Grade, Status
from deskapp.domain.views import SavedViewLine
from deskapp.preferences import Preferences
from deskapp.screens.queue import QueueScreen
from deskapp.services.requests.queue import DeleteView, GetQueue, SaveView
from deskapp.services.requests.tickets import AssignTicket, ClaimTicket, ReleaseTicket
from deskapp.widgets.queue_list import QueueList
from tests.tui.memory_desk import NOW, MemoryDesk, row, uid
from tests.tui.running import press, running, settled, shown


@pytest.fixture(autouse=True)
def english() -> None:
    use_language("en")


@pytest.fixture
def desk() -> MemoryDesk:
    """Six tickets, due in the order of their numbers: one late, one red, one paused, one of somebody."""
    return MemoryDesk(
        [
            row(1, subject="fridge not cold", due_at=NOW - timedelta(minutes=3)),
            row(2, subject="gas smell", grade=Grade.RED, due_at=NOW + timedelta(hours=1)),
            row(3, customer="Li Na", assignee_id=uid("sato"), assignee="Sato Ken", due_at=NOW + timedelta(hours=2)),
            row(4, due_at=NOW + timedelta(hours=3)),
            row(5, due_at=NOW + timedelta(hours=4)),
            row(6, status=Status.PAUSED, due_at=None),
        ]
    )


def listed(app: DeskApp) -> QueueList[object]:
    return app.screen.query_one("#queue", QueueList)


def asked(desk: MemoryDesk) -> GetQueue:
    """The newest question about the queue."""
    return next(query for query in reversed(desk.asked) if isinstance(query, GetQueue))


async def test_all_open_tickets_with_sign_countdown_and_words(desk: MemoryDesk, tmp_path: Path) -> None:
    async with running(desk, tmp_path) as (app, pilot):
        await press(app, pilot, "2")
        lines = [line.strip() for line in shown(app).splitlines()]
    assert any(line.startswith("> ! LATE +00:03:00  resolve") for line in lines)
    assert any(line.startswith("= paused") and "T-6" in line for line in lines)
    assert any("T-2" in line and "RED" in line for line in lines)
    assert any("T-3" in line and "Sato Ken" in line for line in lines)
    assert "6 tickets" in "\n".join(lines)


@pytest.mark.parametrize("key", ["c", "f5"])
async def test_claim_takes_the_ticket_under_the_cursor(key: str, desk: MemoryDesk, tmp_path: Path) -> None:
    async with running(desk, tmp_path) as (app, pilot):
        await press(app, pilot, "2", "j", key)
        assert desk.rows[uid("T-2")].assignee == "Chen Yu"
        assert "T-2 is yours." in shown(app)
        assert any("T-2" in line and "Chen Yu" in line for line in shown(app).splitlines())
        assert listed(app).cursor_key == uid("T-2")


async def test_a_claim_that_comes_second_says_who_was_first(desk: MemoryDesk, tmp_path: Path) -> None:
    async with running(desk, tmp_path) as (app, pilot):
        await press(app, pilot, "2", "j", "j", "c")
        assert "T-3 was claimed by Sato Ken." in shown(app)


async def test_assign_finds_somebody_by_a_part_of_the_name(desk: MemoryDesk, tmp_path: Path) -> None:
    async with running(desk, tmp_path) as (app, pilot):
        await press(app, pilot, "2", "a", *"lin", "enter")
        sent = desk.done[-1]
        assert isinstance(sent, AssignTicket)
        assert (sent.ticket_id, sent.agent_id) == (uid("T-1"), uid("lin"))


async def test_what_one_may_not_do_says_who_may(desk: MemoryDesk, tmp_path: Path) -> None:
    async with running(desk, tmp_path) as (app, pilot):
        await press(app, pilot, "2", "a")
        desk.fail = Denied("Your role may not do this.", hint="Ask: {roles}.", roles="lead")
        await press(app, pilot, "enter")
        assert "Your role may not do this." in shown(app)
        assert "Ask: lead." in shown(app)


async def test_marked_tickets_are_done_at_once_and_counted(desk: MemoryDesk, tmp_path: Path) -> None:
    async with running(desk, tmp_path) as (app, pilot):
        await press(app, pilot, "2", "b")
        assert "Mark tickets with Space first" in shown(app)
        await press(app, pilot, "space", "space", "space")
        assert "3 marked" in shown(app)
        await press(app, pilot, "b", *"claim", "enter")
        assert [type(command) for command in desk.done] == [ClaimTicket] * 3
        text = shown(app)
        assert "2 done. 1 refused:" in text
        assert "T-3 was claimed by Sato Ken." in text
        assert not listed(app).marked


async def test_put_back(desk: MemoryDesk, tmp_path: Path) -> None:
    async with running(desk, tmp_path) as (app, pilot):
        await press(app, pilot, "2", "j", "j", "x")
        assert isinstance(desk.done[-1], ReleaseTicket)
        assert desk.rows[uid("T-3")].assignee_id is None


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("late", QueueFilter(overdue=True)),
        ("mine", QueueFilter(holder=Holder.ME)),
        ("red", QueueFilter(grades=(Grade.RED,))),
        ("paused", QueueFilter(statuses=(Status.PAUSED,))),
        ("gas", QueueFilter(team_id=uid("gas"))),
    ],
)
async def test_filter(typed: str, wanted: QueueFilter, desk: MemoryDesk, tmp_path: Path) -> None:
    async with running(desk, tmp_path) as (app, pilot):
        await press(app, pilot, "2", "f", *typed, "enter")
        assert asked(desk).filter == wanted
        await press(app, pilot, "escape")
        assert asked(desk).filter == QueueFilter()


async def test_filters_add_up_and_are_said(desk: MemoryDesk, tmp_path: Path) -> None:
    async with running(desk, tmp_path) as (app, pilot):
        await press(app, pilot, "2", "f", *"red", "enter", "f", *"urgent", "enter", "slash", *"gas", "enter")
        assert 'RED, urgent, "gas"' in shown(app)


async def test_search_and_an_empty_result_that_says_the_next_key(desk: MemoryDesk, tmp_path: Path) -> None:
    async with running(desk, tmp_path) as (app, pilot):
        await press(app, pilot, "2", "slash", *"fridge", "enter")
        assert listed(app).total == 1
        await press(app, pilot, "f3", *"xyz", "enter")
        assert "No ticket fits. Press Esc" in shown(app)
        await press(app, pilot, "escape")
        assert listed(app).total == 6


async def test_sort_and_the_same_again_turns_it_round(desk: MemoryDesk, tmp_path: Path) -> None:
    async with running(desk, tmp_path) as (app, pilot):
        await press(app, pilot, "2", "o", *"number", "enter")
        assert (asked(desk).sort, asked(desk).descending) == (Sort.NUMBER, False)
        await press(app, pilot, "o", *"number", "enter")
        assert (asked(desk).sort, asked(desk).descending) == (Sort.NUMBER, True)
        assert listed(app).cursor_key == uid("T-6")
        assert "by number (turned round)" in shown(app)


async def test_a_view_is_saved_used_and_deleted(desk: MemoryDesk, tmp_path: Path) -> None:
    async with running(desk, tmp_path) as (app, pilot):
        await press(app, pilot, "2", "f", *"red", "enter", "S", *"fire", "enter")
        saved = desk.done[-1]
        assert isinstance(saved, SaveView)
        assert (saved.name, saved.filter, saved.shared) == ("fire", QueueFilter(grades=(Grade.RED,)), False)
        await press(app, pilot, "escape", "s", *"fire", "enter")
        assert asked(desk).filter == QueueFilter(grades=(Grade.RED,))
        await press(app, pilot, "D", "enter")
        assert isinstance(desk.done[-1], DeleteView)
        assert desk.views == []


async def test_a_lead_may_share_a_view(desk: MemoryDesk, tmp_path: Path) -> None:
    async with running(desk, tmp_path, login="lin") as (app, pilot):
        await press(app, pilot, "2", "S", *"fire", "enter", *"every", "enter")
        assert isinstance(desk.done[-1], SaveView)
        assert desk.done[-1].shared


async def test_a_view_of_a_newer_desk_is_refused_plainly(desk: MemoryDesk, tmp_path: Path) -> None:
    desk.views = [SavedViewLine(uid("v"), "odd", False, True, {"moon": "full"})]
    async with running(desk, tmp_path) as (app, pilot):
        await press(app, pilot, "2", "s", *"odd", "enter")
        assert "does not know: moon" in " ".join(shown(app).split())


async def test_escape_goes_back_one_level_at_a_time(desk: MemoryDesk, tmp_path: Path) -> None:
    async with running(desk, tmp_path) as (app, pilot):
        await press(app, pilot, "2", "p", "f", *"nobody", "enter", "space", "slash")
        screen = app.screen
        assert isinstance(screen, QueueScreen)
        for level in ("-search", "marks", "filter", "-pane"):
            state = {
                "-search": screen.has_class("-search"),
                "marks": bool(listed(app).marked),
                "filter": asked(desk).filter != QueueFilter(),
                "-pane": screen.has_class("-pane"),
            }
            assert state[level], level
            await press(app, pilot, "escape")
        await press(app, pilot, "escape")
        assert app.current_mode == "desk"


async def test_a_change_of_another_seat_keeps_the_cursor_on_its_ticket(desk: MemoryDesk, tmp_path: Path) -> None:
    async with running(desk, tmp_path) as (app, pilot):
        await press(app, pilot, "2", "j", "j", "j")
        assert listed(app).cursor_key == uid("T-4")
        desk.touch(row(7, due_at=NOW - timedelta(hours=1)))
        desk.touch(replace(desk.rows[uid("T-4")], assignee="Sato Ken", assignee_id=uid("sato")))
        app.tick()
        await settled(app)
        assert listed(app).cursor_key == uid("T-4")
        assert listed(app).cursor_index == 4
        assert any("T-4" in line and "Sato Ken" in line for line in shown(app).splitlines())


async def test_a_long_queue_comes_by_chunk(tmp_path: Path) -> None:
    desk = MemoryDesk(row(n, due_at=NOW + timedelta(minutes=n)) for n in range(1, 1001))
    async with running(desk, tmp_path) as (app, pilot):
        await press(app, pilot, "2")
        assert listed(app).total == 1000
        assert {query.first for query in desk.asked if isinstance(query, GetQueue)} == {0}
        await press(app, pilot, "end")
        assert "T-1000" in shown(app)
        assert {query.first for query in desk.asked if isinstance(query, GetQueue)} == {0, 800}
        # A change far above moves the row; the cursor goes with it.
        desk.touch(row(2000, due_at=NOW))
        app.tick()
        await settled(app)
        assert listed(app).cursor_key == uid("T-1000")
        assert listed(app).cursor_index == 1000


async def test_figures_are_read_again_now_and_then_since_time_alone_makes_tickets_late(
    desk: MemoryDesk, tmp_path: Path
) -> None:
    async with running(desk, tmp_path) as (app, pilot):
        await press(app, pilot, "2")
        assert "late 1" in shown(app)
        desk.clock.advance(hours=2, minutes=30)
        for _second in range(15):
            app.tick()
            await settled(app)
        assert "late 3" in shown(app)


async def test_open_a_ticket_and_its_customer_by_key(
    desk: MemoryDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[tuple[str, UUID]] = []
    monkeypatch.setattr(DeskApp, "open_ticket", lambda self, key: opened.append(("ticket", key)))
    monkeypatch.setattr(DeskApp, "open_customer", lambda self, key: opened.append(("customer", key)))
    desk.rows = {key: replace(r, assignee_id=uid("chen")) for key, r in desk.rows.items()}
    async with running(desk, tmp_path) as (app, pilot):
        await press(app, pilot, "2", "j", "enter", "1", "u", "enter")
    assert opened == [("ticket", uid("T-2")), ("customer", uid("wang")), ("ticket", uid("T-1"))]


async def test_a_view_keeps_its_order_and_says_what_it_shows(desk: MemoryDesk, tmp_path: Path) -> None:
    async with running(desk, tmp_path) as (app, pilot):
        await press(app, pilot, "2", "o", *"number", "enter", "o", *"number", "enter", "S")
        assert "all desks, by number (turned round)" in shown(app)
        await press(app, pilot, *"newest", "enter")
        saved = desk.done[-1]
        assert isinstance(saved, SaveView)
        assert (saved.sort, saved.descending) == (Sort.NUMBER, True)
        assert "Saved. Find it with s." in shown(app)
        await press(app, pilot, "o", *"due", "enter", "s")
        assert "newest   saved  by number (turned round)" in shown(app)
        await press(app, pilot, *"newest", "enter")
        assert (asked(desk).sort, asked(desk).descending) == (Sort.NUMBER, True)


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("unclaimed red", QueueFilter(holder=Holder.NOBODY, grades=(Grade.RED,))),
        ("call-backs", QueueFilter(statuses=(Status.SOLVED,))),
    ],
)
async def test_shipped_views(typed: str, wanted: QueueFilter, desk: MemoryDesk, tmp_path: Path) -> None:
    async with running(desk, tmp_path) as (app, pilot):
        await press(app, pilot, "2", "s")
        await pilot.press(*("space" if letter == " " else letter for letter in typed))
        await press(app, pilot, "enter")
        assert asked(desk).filter == wanted


async def test_a_filter_by_product_and_person_of_the_line_under_the_cursor(desk: MemoryDesk, tmp_path: Path) -> None:
    async with running(desk, tmp_path) as (app, pilot):
        await press(app, pilot, "2", "j", "j", "f", *"sato", "enter")
        assert asked(desk).filter == QueueFilter(assignee_id=uid("sato"))
        assert "Sato Ken" in shown(app).splitlines()[1]
        await press(app, pilot, "f", *"ac-35", "enter")
        assert asked(desk).filter == QueueFilter(assignee_id=uid("sato"), product="AC-35GW")


async def test_hints_name_the_keys_that_their_reader_chose(desk: MemoryDesk, tmp_path: Path) -> None:
    keys = {"queue.filter": "z,f7", "queue.bulk": "y,ctrl+k"}
    async with running(desk, tmp_path, preferences=Preferences(keys=keys)) as (app, pilot):
        await press(app, pilot, "2", "space")
        assert "1 marked: y does something to them" in shown(app)
        await press(app, pilot, "escape", "slash", *"nothing", "enter")
        assert "Press Esc to show all, z for another filter." in shown(app)
