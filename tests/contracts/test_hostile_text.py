"""No text can act: every screen shows the worst a customer can send, and nothing of it reaches the terminal or the app.

A new screen joins by a line in `OPENERS`: how to come to it from one's own desk.
"""

import ast
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from deskapp.app import SCREENS, DeskApp
from deskapp.domain.i18n import use_language
from deskapp.domain.presence import Present
from deskapp.domain.text import TERMINAL_GUARD
from deskapp.domain.views import Duty, SavedViewLine, TeamLine
from tests.tui.memory_desk import EVIL, NOW, MemoryDesk, person, row, uid
from tests.tui.running import press, running, settled

Opener = Callable[[DeskApp, Pilot[int]], Awaitable[None]]


def keys(*pressed: str) -> Opener:
    """Come to a screen by keys."""

    async def go(app: DeskApp, pilot: Pilot[int]) -> None:
        await press(app, pilot, *pressed)

    return go


def call(method: str, *keys_of_things: str) -> Opener:
    """Come to a screen as other screens do, once for each thing."""

    async def go(app: DeskApp, pilot: Pilot[int]) -> None:
        for key in keys_of_things:
            getattr(app, method)(uid(key))
            await settled(app)
            check(app)
            if key != keys_of_things[-1]:
                await press(app, pilot, "escape")
        if not keys_of_things:
            getattr(app, method)()
            await settled(app)

    return go


OPENERS: dict[str, Opener] = {
    "desk": keys("r"),
    "queue": keys("2", "p", "end"),
    "help": keys("f1"),
    "settings": keys("ctrl+t"),
    "sign_on": keys("up", "down"),
    "ticket": call("open_ticket", *(f"T-{n}" for n in range(len(EVIL)))),
    "customer": call("open_customer", *(f"C-{n}" for n in range(len(EVIL)))),
    "intake": call("new_call"),
    "find": keys("slash"),
    "qa": keys("3"),
    "wallboard": keys("4"),
    "action": call("open_action", *(f"CA-{n}" for n in range(0, len(EVIL), 6))),
    "calendar": keys("9"),
    "flows": keys("8"),
    "figures": keys("8", "t", "tab", "down"),
    "practice": keys("7", "t", "enter", "escape"),
    "rehearsal": keys("7", "enter", "f3", "2", "f10", "f10"),
    "author": keys("8", "enter", "f3", "2", "ctrl+s"),
    "notices": keys("5", "down", "h"),
    "slots": keys("6", "down", "f3"),
}
DIALOGS: dict[str, Opener] = {
    "palette": keys("ctrl+p"),
    "state": keys("s"),
    "hand over": keys("h"),
    "assign": keys("2", "a"),
    "filter": keys("2", "f"),
    "views": keys("2", "s"),
    "view name": keys("2", "slash", *"[/x]", "enter", "S"),
    "delete view": keys("2", "D"),
    "toast": keys("2", "c"),
    "end of shift": keys("e"),
    "shift handed over": keys("e", "enter"),
    "merge": keys("enter", "M", "3", "enter"),
}
_ALLOWED = re.compile(r"\x1b\[[0-9;:]*m|\x1b\[\d*;?\d*H|\n")


def evil_desk() -> MemoryDesk:
    """A desk with one ticket, customer, person, team and view for every text; all that they say is that text."""
    desk, held = MemoryDesk(), {"assignee_id": uid("chen")}
    for number, text in enumerate(EVIL):
        facts = {"subject": text, "customer": text, "product": text, "team": text, "owner": text, "due_metric": text}
        made = row(number, customer_id=uid(f"C-{number}"), assignee=text, **facts, **(held if number % 2 else {}))
        desk.rows[made.id] = made
        desk.people.append(replace(person(f"p{number}", text), team=text))
        desk.teams.append(TeamLine(uid(f"team {number}"), 1, text, text, text, True))
        desk.views.append(SavedViewLine(uid(f"view {number}"), text, False, True, {"text": text}))
        desk.promises.append(Duty("visit", made, NOW, text))
    desk.people[0] = replace(desk.people[0], name=EVIL[2] + EVIL[0], team=EVIL[4])
    desk.present = [(text, Present.EDITING) for text in EVIL]
    desk.lines, desk.preferences, desk.said = EVIL, EVIL, tuple(EVIL)
    return desk


def sent(app: DeskApp) -> str:
    """What a whole repaint would write to the terminal."""
    update = app.screen._compositor.render_update(full=True)
    return update.render_segments(app.console)  # type: ignore[union-attr]


def test_every_screen_is_tried() -> None:
    assert set(OPENERS) == set(SCREENS)


def check(app: DeskApp) -> None:
    """The app runs, nothing in what would be sent acts on a terminal, nothing on the screen is a link to an action."""
    assert app._exception is None
    rest = _ALLOWED.sub("", sent(app))
    assert not {character for character in rest if ord(character) in TERMINAL_GUARD}
    for strip in app.screen._compositor.render_strips():
        for segment in strip:
            assert "@click" not in (segment.style.meta if segment.style else {})
    assert app.is_running


@pytest.mark.parametrize("name", [*OPENERS, *DIALOGS])
async def test_text_is_only_text(name: str, tmp_path: Path) -> None:
    use_language("en")
    login = EVIL[2] if name == "sign_on" else "chen"
    async with running(evil_desk(), tmp_path, login=login, size=(100, 34)) as (app, pilot):
        check(app)
        await (OPENERS | DIALOGS)[name](app, pilot)
        app.tick()
        await settled(app)
        check(app)


async def test_the_guard_alone_holds_when_a_widget_forgets(tmp_path: Path) -> None:
    from textual.widgets import Static

    async with running(MemoryDesk(), tmp_path) as (app, _pilot):
        await app.screen.mount(*(Static(text, markup=False) for text in EVIL))
        await settled(app)
        rest = _ALLOWED.sub("", sent(app))
        assert "\ufffd" in rest
        assert not {character for character in rest if ord(character) in TERMINAL_GUARD}


# Lint: where Textual would read markup, only what is known to be plain may go in.

SOURCE = Path(__file__).resolve().parents[2] / "src" / "deskapp"
_SINKS = {
    "Static", "Label", "Button", "Checkbox", "RadioButton", "Select", "SelectionList", "OptionList", "Option", "Tree",
    "Collapsible", "TabPane", "Tab", "DataTable", "Markdown", "Tooltip", "Log", "RichLog", "notify",
}  # fmt: skip
_PLAIN = {"plain", "Content", "Text", "assemble", "styled", "stylize"}
_ATTRIBUTES = {"border_title", "border_subtitle", "tooltip"}


def sinks(tree: ast.AST) -> list[int]:
    """The lines on which a text could be read as markup."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in ("from_markup", "update") and _is_textual(node):
                found.append(node.lineno)
            if name in _SINKS and node.args and not _says_no_markup(node) and not _is_plain(node.args[0]):
                found.append(node.lineno)
        targets = node.targets if isinstance(node, ast.Assign) else []
        if any(isinstance(t, ast.Attribute) and t.attr in _ATTRIBUTES for t in targets) and not _is_plain(node.value):  # type: ignore[attr-defined]
            found.append(node.lineno)
    return found


def _is_textual(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Attribute) and node.func.attr == "from_markup"


def _says_no_markup(node: ast.Call) -> bool:
    return any(
        k.arg == "markup" and isinstance(k.value, ast.Constant) and k.value.value is False for k in node.keywords
    )


def _is_plain(value: ast.expr) -> bool:
    if not isinstance(value, ast.Call):
        # A list of options made elsewhere; the options themselves are looked at where they are made.
        return isinstance(value, ast.Starred)
    name = value.func.attr if isinstance(value.func, ast.Attribute) else getattr(value.func, "id", "")
    return name in _PLAIN or (name.startswith("_") and name != "_")


FILES = sorted([*SOURCE.glob("widgets/*.py"), *SOURCE.glob("screens/**/*.py"), SOURCE / "app.py"])


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_no_string_goes_where_markup_is_read(file: Path) -> None:
    assert sinks(ast.parse(file.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("code", "is_found"),
    [
        ("Static(subject)", True),
        ("Static(f'{subject}')", True),
        ("Static(subject, markup=False)", False),
        ("Label(plain(subject))", False),
        ("self.notify(text)", True),
        ("self.notify(text, markup=False)", False),
        ("Option(_('Mark'))", True),
        ("pane.border_title = subject", True),
        ("Content.from_markup(subject)", True),
    ],
)
def test_the_lint_finds(code: str, is_found: bool) -> None:
    assert bool(sinks(ast.parse(code))) is is_found
