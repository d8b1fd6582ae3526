"""A case to learn from, as everybody would read it; the QA lead mends its story and shares it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from deskapp.domain.anonymise import without_numbers
from deskapp.domain.i18n import N_, _
from deskapp.domain.qa_views import SharedCase
from deskapp.domain.views import Directory
from deskapp.screens.qa.page import Page, Piece
from deskapp.screens.qa.told import case_told, line
from deskapp.services.requests.base import Command, Receipt
from deskapp.services.requests.people import GetDirectory
from deskapp.services.requests.qa.cases import ApproveCase
from deskapp.widgets.dialogs import AskLine
from deskapp.widgets.lines import Bit

_DIGITS = re.compile(r"\d{3,}")


@dataclass(frozen=True, slots=True)
class Check:
    """What is looked at before a case is shared, and whether it is well."""

    key: str
    title: str
    good: bool


class CaseScreen(Page, scope="qa_case"):
    """What was looked at left, the case as all would read it right."""

    def __init__(self, about: SharedCase) -> None:
        super().__init__()
        self.about = about
        self._story = about.story
        self._names: tuple[str, ...] = ()

    def ready(self) -> None:
        self._checks()
        self.fetch("people", GetDirectory(), self._people)

    def _people(self, found: Directory) -> None:
        self._names = tuple(person.name for person in found.people)
        self._checks()

    def _checks(self) -> None:
        text = without_numbers(self._story)
        self.put((
            Check("names", N_("no name of the desk's people is in it"), not any(name in text for name in self._names)),
            Check("numbers", N_("no number is left that could name somebody"), not _DIGITS.search(text)),
            Check("length", N_("short enough to be read"), len(text) <= 600),
            Check("lesson", N_("it says what to learn"), bool(self.about.lesson)),
        ))  # fmt: skip

    def head(self) -> str:
        state = _("shared with all") if self.about.approved else _("to approve")
        return f"#{self.about.number}   {state}"

    def bits(self, row: Check) -> Sequence[Bit]:
        return (
            Bit("x" if row.good else "!", 1, "$text-success" if row.good else "$text-warning bold"),
            Bit(_(row.title)),
        )

    def detail(self, row: Check, width: int) -> Sequence[Piece]:
        shown = SharedCase(self.about.id, self.about.version, self.about.number, self.about.good, self.about.score,
                           without_numbers(self._story), self.about.lesson, True)  # fmt: skip
        parts: list[Piece] = [line(_("as all would read it"), width, "$quiet")] if not self.about.approved else []
        return [*parts, *case_told(shown, width, self.shell.local, self.shell.clock.now())]

    # Keys

    def _waits(self) -> bool:
        if not self.may_do("qa.case.approve"):
            self.shell.tell(_("The QA lead approves cases."))
        elif self.about.approved:
            self.shell.tell(_("It is shared already."))
        else:
            return True
        return False

    def action_case_edit(self) -> None:
        if not self._waits():
            return

        def take(text: str | None) -> None:
            if text:
                self._story = text
                self._checks()

        title = _("The story, as all will read it")
        self.app.push_screen(AskLine(title, value=" ".join(self._story.split()), limit=4000), take)

    def action_case_approve(self) -> None:
        if self._waits():
            self.shell.dispatch(ApproveCase(case_id=self.about.id, version=self.about.version, story=self._story))

    def done(self, command: Command, receipt: Receipt) -> None:
        self.shell.tell(_("Shared with everybody."))
        self.app.pop_screen()


__all__ = ["CaseScreen"]
