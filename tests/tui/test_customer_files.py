"""Hidden numbers shown on record, files merged and parted, wishes and machines corrected; by keys."""

from pathlib import Path

import pytest
from sqlalchemy import text

from deskapp.domain.terms import Role
from deskapp.services.requests.customers import CreateCustomer, GetCustomer
from deskapp.store import customers as store
from tests.services.conftest import Floor
from tests.tui.real import furnish
from tests.tui.running import press, running, settled, shown


async def test_hidden_numbers_are_shown_for_a_reason_that_is_written_down(
    floor: Floor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_SEES_CONTACTS", (Role.LEAD,))
    furnish(floor)
    async with running(floor.desk, tmp_path) as (app, pilot):
        await press(app, pilot, "u")
        assert "138 0013 8000" not in shown(app) and "Numbers are hidden" in shown(app)
        await press(app, pilot, "v", "enter")
        assert "must not be empty" in shown(app) and "138 0013 8000" not in shown(app)
        await pilot.press(*"mixup")
        await press(app, pilot, "enter")
        assert "138 0013 8000" in shown(app)
        await press(app, pilot, "escape")
        await settled(app)
        assert "138 0013 8000" not in shown(app), "shown once, not from now on"
    with floor.desk.engine.connect() as connection:
        asked = connection.execute(text("SELECT actor_login FROM audit_event WHERE action = 'customer.reveal'")).all()
    assert [tuple(row) for row in asked] == [("chen",)]


async def test_two_files_of_one_person_become_one_after_a_look_and_part_again(floor: Floor, tmp_path: Path) -> None:
    wang = furnish(floor)["wang"]
    twin = floor.do("chen", CreateCustomer(name="Wang Fang", phone="13800138000")).id
    me = floor.people["chen"]
    async with running(floor.desk, tmp_path) as (app, pilot):
        await press(app, pilot, "u")
        assert "perhaps the same person: C-3 Wang Fang" in shown(app)
        await press(app, pilot, "g")
        assert "Wang Fang" in shown(app) and "same: phone" in shown(app)
        await press(app, pilot, "enter")
        assert "contacts 1, machines 0" in shown(app)
        await press(app, pilot, "enter")
        assert floor.desk.read(me, GetCustomer(customer_id=twin)).id == twin, "the first answer changes nothing"
        await press(app, pilot, "g", "enter", "down", "enter")
        assert floor.desk.read(me, GetCustomer(customer_id=twin)).id == wang
        await press(app, pilot, "z")
        assert "Wang Fang (C-3) gets its own" in shown(app)
        await press(app, pilot, "down", "enter")
        assert floor.desk.read(me, GetCustomer(customer_id=twin)).id == twin


async def test_a_wish_and_a_machine_are_corrected_with_what_was_known_and_the_former_wish_stays(
    floor: Floor, tmp_path: Path
) -> None:
    wang = furnish(floor)["wang"]
    before = floor.desk.read(floor.people["chen"], GetCustomer(customer_id=wang))
    (wish,), (machine,) = before.preferences, before.machines
    async with running(floor.desk, tmp_path) as (app, pilot):
        await press(app, pilot, "u", "c", "enter", "tab", "end", *" only", "ctrl+s")
        await press(app, pilot, "m", *"wd", "enter", "tab", *"W7", "ctrl+s")
        await settled(app)
        view = floor.desk.read(floor.people["chen"], GetCustomer(customer_id=wang))
        assert f"{wish.text} only" in shown(app)
    assert {(p.text, p.kind, p.source, p.ended_at is None) for p in view.preferences} == {
        (wish.text, wish.kind, wish.source, False), (f"{wish.text} only", wish.kind, wish.source, True),
    }  # fmt: skip
    assert [(m.product, m.model, m.serial) for m in view.machines] == [(machine.product, "W7", machine.serial)]
