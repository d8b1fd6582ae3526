"""What QA's screens share: a line above, a list, and beside it what is told of the line under the cursor."""

from collections.abc import Callable, Sequence
from functools import partialmethod
from typing import Any, ClassVar, Protocol, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList

from deskapp.domain.errors import DeskError
from deskapp.domain.permissions import may
from deskapp.screens.base import DeskScreen
from deskapp.services.requests.base import Command, Query
from deskapp.widgets.dialogs import AskLine
from deskapp.widgets.lines import Bit, Lines
from deskapp.widgets.text import Live

Piece = str | tuple[str, str]


class _TakesDigits(Protocol):
    def digit(self, key: str) -> None: ...


Scored = TypeVar("Scored", bound=_TakesDigits)


class Page(DeskScreen[None]):
    """A list and its telling. Subclasses say the head, the columns of a row, and what is told of the row."""

    CSS_PATH = "../../styles/qa_pages.tcss"
    ABOUT: ClassVar[tuple[str, ...]] = ("qa_",)

    def body(self) -> ComposeResult:
        yield Live(self.head, id="head")
        with Horizontal(id="both"):
            yield Lines(self.bits, key=self.identity, id="list")
            with VerticalScroll(id="detail", can_focus=False):
                yield Live(self._detail, id="told")

    # What subclasses say

    def head(self) -> str | Content:
        """The line above."""
        return ""

    def bits(self, row: Any) -> Sequence[Bit]:
        """The columns of a row."""
        raise NotImplementedError

    def identity(self, row: Any) -> Any:
        """What makes a row the same row when it is read again."""
        return getattr(row, "id", row)

    def detail(self, row: Any, width: int) -> Sequence[Piece]:
        """What is told of a row, in pieces that are assembled; the texts in it are guarded by their maker."""
        raise NotImplementedError

    def empty(self) -> str:
        """What is told where there is no row."""
        return ""

    # What they use

    def fetch(self, slot: str, query: Query, then: Callable[[Any], object], *, keys_wait: bool = False) -> None:
        """As on every screen; and while the page has no line yet, the next key is about what is read."""
        super().fetch(slot, query, then, keys_wait=keys_wait or not self.lines.rows)

    @property
    def lines(self) -> Lines:
        return self.query_one("#list", Lines)

    @property
    def row(self) -> Any:
        return self.lines.row

    def put(self, rows: Sequence[Any], *, at: int | None = None) -> None:
        """Show rows, and what is told of the one under the cursor."""
        self.lines.put(rows, at=at)
        self.lines.focus()
        self.tell_again()

    def tell_again(self) -> None:
        """Say head and telling again."""
        for name in ("#head", "#told"):
            self.query_one(name).refresh(layout=True)

    def may_do(self, right: str) -> bool:
        """Whether the reader's role has a right; where the query is made it is asked again."""
        return self.shell.actor is not None and may(self.shell.actor, right)

    def ask_line(
        self, title: str, then: Callable[[str], Command | None], *, value: str = "", limit: int = 1000,
        optional: bool = False,
    ) -> None:  # fmt: skip
        """Ask for a line and carry out the command that is made of it."""

        def take(text: str | None) -> None:
            if text is None:
                return
            try:
                command = then(text)
            except DeskError as error:
                self.shell.tell(str(error), severity="warning", hint=error.hint)
                return
            if command is not None:
                self.shell.dispatch(command)

        self.app.push_screen(AskLine(title, value=value, limit=limit, optional=optional), take)

    def _detail(self) -> str | Content:
        row = self.lines.row
        if row is None:
            return self.nothing(self.empty())
        width = max(30, self.query_one("#detail").scrollable_content_region.width)
        return Content.assemble(*self.detail(row, width))

    def said(self) -> None:
        self.lines.put(self.lines.rows)
        self.tell_again()

    @on(OptionList.OptionHighlighted)
    def _moved(self) -> None:
        self.query_one("#detail", VerticalScroll).scroll_home(animate=False)
        self.query_one("#told").refresh(layout=True)

    def action_detail_on(self) -> None:
        self.query_one("#detail", VerticalScroll).scroll_page_down(animate=False)

    def action_detail_back(self) -> None:
        self.query_one("#detail", VerticalScroll).scroll_page_up(animate=False)

    def action_pane_toggle(self) -> None:
        self.toggle_class("-pane")


def takes_digits(kind: type[Scored]) -> type[Scored]:
    """Let each digit of a screen that gives points do what its `digit` says."""
    for key in "0123456789":
        setattr(kind, f"action_score_{key}", partialmethod(kind.digit, key))
    return kind


__all__ = ["Page", "Piece", "takes_digits"]
