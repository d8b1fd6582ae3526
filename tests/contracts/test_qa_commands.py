"""QA's screens carry out what they declare, and no letter of theirs is one that their list walks by."""

import pytest
from textual.binding import Binding

from deskapp.commands import SCOPES, actions_of
from deskapp.screens.base import DeskScreen
from deskapp.screens.qa.home import SCREEN_OF, QaScreen
from deskapp.screens.qa.page import Page
from deskapp.widgets.lines import Lines


def below(kind: type) -> set[type]:
    return {kind, *(deeper for child in kind.__subclasses__() for deeper in below(child))}


SCREENS = sorted((k for k in below(DeskScreen) if ".screens.qa." in k.__module__ and k is not Page), key=str)


def test_all_are_here() -> None:
    assert QaScreen in SCREENS and len(SCREENS) >= 14 and len(SCREEN_OF) == 8
    assert {kind.SCOPE for kind in SCREENS} == {s for s in SCOPES if s.startswith("qa")} | {"score"}


@pytest.mark.parametrize("kind", SCREENS, ids=lambda kind: kind.__name__)
def test_a_screen_of_qa_carries_out_what_it_declares(kind: type[DeskScreen[None]]) -> None:
    lists = {action.id for action in SCOPES["list"].actions}
    missing = [a.id for a in actions_of(kind.SCOPE) if a.id not in lists and not hasattr(kind, f"action_{a.method}")]
    assert missing == []


@pytest.mark.parametrize("kind", [k for k in SCREENS if issubclass(k, Page)], ids=lambda kind: kind.__name__)
def test_the_list_keeps_its_letters(kind: type[Page]) -> None:
    walked = {b.key for b in Lines.BINDINGS if isinstance(b, Binding)}
    taken = [a.id for a in SCOPES[kind.SCOPE].actions if walked & set(a.keys)]
    assert taken == []
