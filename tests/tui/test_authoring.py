"""Writing a flow by keys: source and play side by side, findings at their lines, a second person's word, publishing."""

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from deskapp.app import DeskApp
from deskapp.domain.flow import to_data
from deskapp.screens.flows.author import AuthorScreen
from deskapp.services.flow_drafts import judge, template
from deskapp.services.requests.flows import GetFlows, GetSignOffs, PublishShipped, SignFlow
from deskapp.services.requests.queue import GetQueue
from tests.services.conftest import Floor
from tests.tui.running import press, running, settled, shown, until


def screen(app: DeskApp) -> AuthorScreen:
    assert isinstance(app.screen, AuthorScreen), shown(app)
    return app.screen


async def open_new(app: DeskApp, pilot: Pilot[Any], name: str = "dryer") -> AuthorScreen:
    await press(app, pilot, "8", "n")
    await pilot.press(*name)
    await press(app, pilot, "enter")
    return screen(app)


async def write(app: DeskApp, pilot: Pilot[Any], old: str, new: str) -> None:
    """Change the text in one edit, as a paste over a selection does, then let it be judged."""
    area = screen(app).pane.area
    at = area.text.index(old)
    before, after = area.text[:at].split("\n"), area.text[: at + len(old)].split("\n")
    area.focus()
    await settled(app)
    area.replace(
        new, (len(before) - 1, len(before[-1])), (len(after) - 1, len(after[-1])), maintain_selection_offset=False
    )
    await press(app, pilot, "ctrl+s")


def published(floor: Floor) -> dict[str, str]:
    return {line.flow: line.version for line in floor.desk.read(floor.people["lin"], GetFlows())}


async def test_a_finding_stands_at_its_place_and_a_broken_draft_neither_stops_the_play_nor_the_published_flow(
    floor: Floor, tmp_path: Path
) -> None:
    floor.do("lin", PublishShipped())
    async with running(floor.desk, tmp_path, login="lin") as (app, pilot):
        await press(app, pilot, "8", *["down"] * 9, "enter")
        author = screen(app)
        assert author.flow_name == "tv-fault" and "published: 1.0.0" in shown(app)
        asked = author.guide.session.here
        await write(app, pilot, "hazard in [", "hazzard in [")
        text = shown(app)
        assert "Did you mean “hazard”?" in text and "1 errors" in text
        assert author.guide.session.here == asked, "what ran last is still there to be played"
        row = author.pane.area.cursor_location[0]
        await press(app, pilot, "ctrl+s", "f3", "f7")
        assert author.pane.area.cursor_location == (row, author.pane.line.index("hazzard"))
        await press(app, pilot, "f10")
        assert "cannot be published" in shown(app)
        assert (tmp_path / "flows" / "tv-fault.yaml").read_text("utf-8") == author.pane.text
        await press(app, pilot, "escape")
        assert "has errors" in shown(app)
    assert published(floor)["tv-fault"] == "1.0.0"


async def test_the_play_is_the_guide_of_a_call_follows_the_source_and_leaves_nothing_behind(
    floor: Floor, tmp_path: Path
) -> None:
    async with running(floor.desk, tmp_path, login="lin") as (app, pilot):
        author = await open_new(app, pilot)
        assert "no errors" in shown(app) and "tests 2 of 2" in shown(app)
        await press(app, pilot, "f3", "2")
        assert author.guide.session.draft.answers["danger"] == "no"
        await write(app, pilot, "Is there any danger", "Is anybody in danger")
        assert author.guide.session.draft.answers["danger"] == "no" and "answers kept: 4" in shown(app)
        await press(app, pilot, "f3", "shift+tab")
        assert "Is anybody in danger" in shown(app)
        await press(app, pilot, "1")
        assert "EMERGENCY: read this out" in shown(app)
        await write(app, pilot, "id: danger", "id: dangers")
        await press(app, pilot, "ctrl+n")
        assert "no question danger" in shown(app)
    assert floor.desk.read(floor.people["lin"], GetQueue()).total == 0, "a play opens no ticket and rings nobody"


async def test_a_red_flow_is_published_only_after_a_second_person_signed_this_very_content(
    floor: Floor, tmp_path: Path
) -> None:
    async with running(floor.desk, tmp_path, login="lin") as (app, pilot):
        author = await open_new(app, pilot)
        assert "red: somebody" in shown(app)
        await press(app, pilot, "f10")
        assert "5 added" not in shown(app) and "Publish 0.1.0" in shown(app)
        await press(app, pilot, "enter")
        assert "has red outcomes: somebody else has to sign it" in shown(app) and published(floor) == {}
        await press(app, pilot, "ctrl+o")
        await pilot.press(*"author")
        await press(app, pilot, "enter", "f10", "enter")
        assert published(floor) == {}, "one's own word does not count"
        draft = author.judged.file.flow
        floor.do("qiu", SignFlow(data=to_data(draft), note="safety engineer"))
        await press(app, pilot, "f10", "enter")
        assert published(floor) == {"dryer": "0.1.0"} and "Published: dryer 0.1.0" in shown(app)

        await write(app, pilot, "To be found out", "Belt is worn")
        # A change needs another word, once it has been judged.
        await until(pilot, lambda: author.signed == () and "red: somebody" in shown(app))
        await press(app, pilot, "f10", "down", "enter")
        assert "outcome emergency" in shown(app) and "Belt is worn" in shown(app)
        await press(app, pilot, "escape", "enter")
        assert "version: 0.2.0" in author.pane.text and published(floor) == {"dryer": "0.1.0"}
        floor.do("qiu", SignFlow(data=to_data(author.judged.file.flow), note="safety engineer"))
        await press(app, pilot, "f10", "enter")
    assert published(floor) == {"dryer": "0.2.0"}
    signed = floor.desk.read(
        floor.people["lin"], GetSignOffs(flow="dryer", hash=author.judged.file.compiled.hash)
    )  # fmt: skip
    assert [(line.name, line.other) for line in signed] == [("Qiu", True)]


async def test_a_change_on_the_disk_is_read_again_and_one_over_unkept_words_is_asked_about(
    floor: Floor, tmp_path: Path
) -> None:
    async with running(floor.desk, tmp_path, login="lin") as (app, pilot):
        author = await open_new(app, pilot)
        await write(app, pilot, "New flow", "Dryer")
        path = tmp_path / "flows" / "dryer.yaml"
        path.write_text(path.read_text("utf-8").replace("Dryer", "Tumble dryer"), "utf-8")
        app.tick()
        await settled(app)
        assert "Tumble dryer" in author.pane.text and "read again" in shown(app)
        path.write_text(path.read_text("utf-8").replace("Tumble", "Big"), "utf-8")
        await pilot.press("x")
        await press(app, pilot, "ctrl+s")
        assert "while you wrote" in shown(app)
        await press(app, pilot, "down", "enter")
        assert path.read_text("utf-8") == author.pane.text and "Tumblxe dryer" in author.pane.text
        await pilot.press("y")
        path.write_text(template("dryer"), "utf-8")
        await press(app, pilot, "ctrl+s", "enter")
        assert author.pane.text == template("dryer")


async def test_what_was_typed_is_kept_after_a_pause_and_when_the_app_leaves(floor: Floor, tmp_path: Path) -> None:
    async with running(floor.desk, tmp_path, login="lin") as (app, pilot):
        author = await open_new(app, pilot)
        path = tmp_path / "flows" / "dryer.yaml"
        author.pane.area.move_cursor((0, 0))
        await pilot.press(*"#a")
        await until(pilot, lambda: path.exists() and path.read_text("utf-8").startswith("#a#"))
        await pilot.press("b")
        app.save_drafts()
        assert path.read_text("utf-8").startswith("#ab#")
    assert judge(path, path.read_text("utf-8")).errors == 0


async def test_tests_are_run_by_a_key_and_a_failing_one_keeps_it_from_being_published(
    floor: Floor, tmp_path: Path
) -> None:
    async with running(floor.desk, tmp_path, login="lin") as (app, pilot):
        author = await open_new(app, pilot)
        await press(app, pilot, "ctrl+g")
        assert "passed: no danger" in shown(app)
        await write(app, pilot, "expect: {outcome: visit}", "expect: {outcome: emergency}")
        assert "fails: no danger" in shown(app) and "tests 1 of 2" in shown(app)
        await press(app, pilot, "f7")
        assert author.pane.line.strip() == "- name: no danger"
        await press(app, pilot, "f10")
        assert "1 tests fail" in shown(app)


@pytest.mark.parametrize(("login", "size"), [("chen", (120, 40)), ("rao", (80, 24))])
async def test_who_may_not_write_flows_reads_and_plays_them(
    floor: Floor, tmp_path: Path, login: str, size: tuple[int, int]
) -> None:
    floor.do("lin", PublishShipped())
    async with running(floor.desk, tmp_path, login=login, size=size) as (app, pilot):
        await press(app, pilot, "8", "enter")
        author = screen(app)
        await press(app, pilot, "x", "ctrl+s")
        assert "read only" in shown(app) and not author.pane.text.startswith("x")
        await press(app, pilot, "f3", "2")
        assert "no" in author.guide.session.draft.answers.values()
        await press(app, pilot, "escape", "x")
        assert "Your role may not do this" in shown(app)
    assert not (tmp_path / "flows").exists()


async def test_it_reads_in_chinese_at_both_sizes(floor: Floor, tmp_path: Path) -> None:
    floor.do("lin", PublishShipped())
    async with running(floor.desk, tmp_path, login="lin") as (app, pilot):
        await press(app, pilot, "8", "ctrl+l")
        for size in ((80, 24), (120, 40)):
            await pilot.resize_terminal(*size)
            await settled(app)
            assert "洗衣机异响" in shown(app) and "样例" in shown(app)
        await press(app, pilot, "enter")
        assert "没有错误" in shown(app)
        await press(app, pilot, "f3")
        for size in ((80, 24), (120, 40)):
            await pilot.resize_terminal(*size)
            await settled(app)
            assert "仍有可能" in shown(app)
        # The play has what a call has: any question by its initials, windows for the visit by digits.
        author = screen(app)
        await press(app, pilot, "f9", *author.judged.jump["slot", ""][0], "enter")
        assert author.guide.session.here == "slot" and "09:00-12:00" in shown(app)
        await press(app, pilot, "1")
        assert author.guide.session.draft.answers["slot"].endswith("09:00-12:00")
