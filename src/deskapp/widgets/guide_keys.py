"""The keys of a flow's questions for any screen that shows them beside something else."""

from textual.screen import Screen

from deskapp.domain.flow import Mark
from deskapp.widgets.guide import Guide


class GuideKeys(Screen[None]):
    """What the keys of a call do to `guide`; where it does not have the keys, they are those of the fields."""

    guide: Guide

    @property
    def guiding(self) -> bool:
        """Whether the questions have the keys now."""
        return self.guide.session is not None and self.guide.has_focus_within

    def action_answer_unknown(self) -> None:
        if self.guiding:
            self.guide.mark(Mark.UNKNOWN)

    def action_answer_refused(self) -> None:
        if self.guiding:
            self.guide.mark(Mark.REFUSED)

    def action_call_back(self) -> None:
        if self.guiding:
            self.guide.back()
        else:
            self.focus_previous()

    def action_call_why(self) -> None:
        if self.guiding:
            self.guide.why()

    def action_call_note(self) -> None:
        if self.guiding:
            self.guide.note()

    def action_call_red(self) -> None:
        if self.guiding:
            self.guide.red()

    def action_field_jump(self) -> None:
        if self.guiding:
            self.guide.choose_place()


__all__ = ["GuideKeys"]
