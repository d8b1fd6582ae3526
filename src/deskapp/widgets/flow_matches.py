"""What is wrong: the flows that fit what is typed as the problem, those of the caller's machine first."""

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from deskapp.domain.flow.products import is_of
from deskapp.domain.fuzzy import score
from deskapp.domain.i18n import _, language
from deskapp.domain.text import guard
from deskapp.domain.views_flow import FlowLine

_MOST = 6
# How much better another machine's flow has to fit, in points of `fuzzy.score`, to stand before the machine's own.
_OWN = 30


class FlowMatches(OptionList):
    """A short list under the problem's line: by title, other words, pinyin and initials; the last line is no flow."""

    DEFAULT_CSS = """
    FlowMatches { border: none; height: auto; max-height: 8; padding: 0; background: $background; display: none;
        text-wrap: nowrap; text-overflow: ellipsis; margin: 0 0 0 26; }
    FlowMatches.-some { display: block; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, markup=False)
        self.can_focus = False
        self._flows: Sequence[FlowLine] = ()
        self._shown: Sequence[FlowLine] = ()
        self._product = ""

    def prefer(self, product: str) -> None:
        """The call is about such a machine: its flows come first."""
        self._product = product

    def know(self, flows: Sequence[FlowLine]) -> None:
        """Take the flows of the desk."""
        self._flows = flows

    @property
    def chosen(self) -> FlowLine | None:
        """The flow under the cursor; None on the last line."""
        place = self.highlighted
        return self._shown[place] if place is not None and place < len(self._shown) else None

    def flow(self, place: int) -> FlowLine | None:
        """The flow on a line."""
        return self._shown[place] if place < len(self._shown) else None

    def offer(self, text: str, *, visible: bool) -> None:
        """Show what fits a text, nothing when `visible` is false; where nothing typed fits one, none is chosen."""
        typed = text.strip()
        self._shown = self._ranked(typed)[:_MOST] if visible else ()
        fits = bool(typed) and any(score(typed, flow.words) for flow in self._shown)
        plain = Option(Content(_("no questions: the plain form")).stylize("$quiet"))
        some = visible and bool(self._flows)
        self.set_options([*(Option(_line(flow)) for flow in self._shown), plain] if some else [])
        self.highlighted = 0 if fits else None
        self.set_class(some, "-some")

    def _ranked(self, typed: str) -> list[FlowLine]:
        """The machine's own flows first, also where nothing typed fits them: no list has all that callers say."""
        found = [(score(typed, flow.words), is_of(flow.product, self._product), flow) for flow in self._flows]
        meant = [(points + _OWN * own, flow) for points, own, flow in found if points or (own and self._product)]
        return [flow for _points, flow in sorted(meant, key=lambda pair: -pair[0])]


def _line(flow: FlowLine) -> Content:
    marks = ("" if flow.signed_by else "  " + _("sample")) + ("  " + _("used lately") if flow.last_used else "")
    return Content.assemble(guard(flow.title.get(language())), (marks, "$quiet"))
