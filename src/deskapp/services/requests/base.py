"""What every command and query shares: cleaned text, a client-made submission id, the name of the right it needs."""

from dataclasses import dataclass, field, fields
from typing import Any, ClassVar
from uuid import UUID

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_
from deskapp.domain.ids import uuid7
from deskapp.domain.text import clean


def line(limit: int, *, required: bool = False) -> Any:
    """Declare a field of one line of text: cleaned on entry, refused with a message when longer than `limit`."""
    return _text(limit, required=required, multiline=False)


def body(limit: int, *, required: bool = False) -> Any:
    """Declare a field of several lines of text: cleaned on entry, refused with a message when longer than `limit`."""
    return _text(limit, required=required, multiline=True)


def _text(limit: int, *, required: bool, multiline: bool) -> Any:
    rule = {"limit": limit, "required": required, "multiline": multiline}
    return field(metadata=rule) if required else field(default="", metadata=rule)


class Request:
    """Cleans the text fields of whatever is asked, so that no path into the desk goes around it."""

    __slots__ = ()

    def __post_init__(self) -> None:
        for entry in fields(self):  # type: ignore[arg-type]
            rule = entry.metadata
            if "limit" not in rule:
                continue
            value = clean(getattr(self, entry.name), multiline=rule["multiline"])
            if rule["required"] and not value:
                raise Invalid(N_("This must not be empty."), field=entry.name)
            if len(value) > rule["limit"]:
                raise Invalid(
                    N_("{length} characters are too many; {limit} fit."),
                    hint=N_("Shorten it, or put the rest into a note. Nothing was cut."),
                    field=entry.name,
                    length=len(value),
                    limit=rule["limit"],
                )
            object.__setattr__(self, entry.name, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(Request):
    """A change that somebody wants. `action` names the right it needs and is what the audit event says was done.

    `submission_id` is made once, by the client: sending the same command twice changes nothing the second time.
    """

    action: ClassVar[str]
    submission_id: UUID = field(default_factory=uuid7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query(Request):
    """A question to the desk; `action` names the right it needs."""

    action: ClassVar[str]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a command did: the object it made or changed, its name for people, the ledger's number of the change."""

    kind: str
    id: UUID
    label: str
    seq: int
    ticket_id: UUID | None = None
    # The command had been carried out before; nothing was done a second time.
    repeated: bool = False


__all__ = ["Command", "Query", "Receipt", "Request", "body", "line"]
