"""Every command is declared once and can be found, read in both languages, pressed with an input method on, rebound."""

from importlib.util import find_spec
from pathlib import Path

import pytest
from textual.binding import Binding

from deskapp.app import SCREENS, DeskApp, screen_of
from deskapp.commands import SCOPES, actions_of, all_actions, key_problems, reference
from deskapp.domain.i18n import _, use_language
from deskapp.screens.base import DeskScreen
from deskapp.widgets.queue_list import QueueList

ROOT = Path(__file__).resolve().parents[2]
BUILT = [name for name, place in SCREENS.items() if find_spec(place.partition(":")[0])]
ACTIONS = [action for scope in SCOPES.values() for action in scope.actions]
_UNTOUCHED = set("0123456789 ")  # what an input method leaves alone


def scope_of_screens() -> dict[str, type[DeskScreen[object]]]:
    return {screen_of(name).SCOPE: screen_of(name) for name in BUILT}


def test_no_key_of_a_screen_means_two_things() -> None:
    assert list(key_problems({})) == []


@pytest.mark.parametrize(
    ("keymap", "said"),
    [
        ({"ticket.clam": "t"}, "no command"),
        ({"ticket.claim": "a,f5"}, "means both"),
        ({"ticket.claim": "ctrl+alt+c"}, "does not reach"),
        ({"ticket.claim": " "}, "no key"),
    ],
)
def test_a_bad_keys_table_is_told(keymap: dict[str, str], said: str) -> None:
    assert any(said in problem for problem in key_problems(keymap))


def test_letters_have_a_twin_that_an_input_method_lets_through() -> None:
    # `g` is the first half of `g g`, which is Home.
    assert [
        action.id
        for action in ACTIONS
        if action.id != "list.go"
        and any(len(key) == 1 and key not in _UNTOUCHED for key in action.keys)
        and not any(len(key) > 1 or key in _UNTOUCHED for key in action.keys)
    ] == []


def test_every_action_speaks_chinese() -> None:
    use_language("zh")
    untold = [a.id for a in ACTIONS if _(a.label) == a.label or _(a.help) == a.help]
    use_language("en")
    assert untold == []


@pytest.mark.parametrize("scope", SCOPES)
def test_a_footer_holds_at_most_seven_keys(scope: str) -> None:
    assert sum(action.footer for action in (*actions_of(scope), *SCOPES["app"].actions)) <= 7


@pytest.mark.parametrize("name", BUILT)
def test_a_screen_carries_out_what_it_declares(name: str) -> None:
    screen = screen_of(name)
    lists = {action.id for action in SCOPES["list"].actions}
    missing = [
        a.id for a in actions_of(screen.SCOPE) if a.id not in lists and not hasattr(screen, f"action_{a.method}")
    ]
    assert missing == []


def test_the_app_carries_out_what_it_declares() -> None:
    assert [a.id for a in SCOPES["app"].actions if not hasattr(DeskApp, f"action_{a.method}")] == []


def test_an_id_always_means_the_same() -> None:
    seen: dict[str, tuple[str, str]] = {}
    for scope in SCOPES.values():
        for action in scope.actions:
            # One id may take another key on another screen, never another meaning.
            assert seen.setdefault(action.id, (action.label, action.help)) == (action.label, action.help)
    assert set(seen) == set(all_actions())


def test_the_lists_keys_are_those_of_the_list() -> None:
    bound = {b.id: tuple(b.key.split(",")) for b in QueueList.BINDINGS if isinstance(b, Binding)}
    assert bound == {action.id: action.keys for action in SCOPES["list"].actions}


def test_every_built_screen_has_its_own_scope() -> None:
    assert set(scope_of_screens()) <= set(SCOPES)
    assert len(scope_of_screens()) == len(BUILT)


def test_the_reference_is_fresh() -> None:
    written = (ROOT / "docs" / "keys.md").read_text(encoding="utf-8")
    assert written == "\n".join(reference()) + "\n", "run: python -m deskapp.commands docs/keys.md"
