"""What can go wrong in the rules of the desk, each with the next step."""

from enum import StrEnum

from deskapp.domain.i18n import _


class DeskError(Exception):
    """Something the person can understand and act on: what happened, why, and what to do next.

    `message` and `hint` are English templates, translated when shown; `values` fill their named fields. A closed word
    among them, or a tuple of such, is said in the language in force too.
    `field` names the input it belongs to, so that a form can show it there.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "", field: str = "", **values: object) -> None:
        super().__init__(message)
        self.template, self.hint_template, self.field, self.values = message, hint, field, values

    def __str__(self) -> str:
        return _(self.template).format(**self._said())

    @property
    def hint(self) -> str:
        """The next step, in the language in force."""
        return _(self.hint_template).format(**self._said())

    def _said(self) -> dict[str, object]:
        return {name: _word(value) for name, value in self.values.items()}


def _word(value: object) -> object:
    if isinstance(value, StrEnum):
        return _(value.value.replace("_", " "))
    return ", ".join(str(_word(part)) for part in value) if isinstance(value, tuple) else value


class Invalid(DeskError):
    """An input breaks a rule."""

    exit_code = 2


class NotFound(DeskError):
    """The thing named is not there."""


class Conflict(DeskError):
    """Somebody else changed it first; nothing of theirs was overwritten."""

    exit_code = 3


class Denied(DeskError):
    """The actor may not do this."""

    exit_code = 5


class Unreachable(DeskError):
    """The database does not answer, is full, read-only or damaged."""

    exit_code = 4
