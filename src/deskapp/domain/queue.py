"""Which tickets a queue shows and in what order: a closed expression of known fields, never text of a query."""

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any
from uuid import UUID

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_
from deskapp.domain.terms import Channel, Grade, Priority, Status


class Sort(StrEnum):
    """How a queue is ordered; `due` is the desk's own order: late first, paused last."""

    DUE = "due"
    NUMBER = "number"
    GRADE = "grade"
    AGE = "age"
    CUSTOMER = "customer"
    ASSIGNEE = "assignee"


class Holder(StrEnum):
    """Whose tickets: by who works on them or who owns them."""

    ANYBODY = "anybody"
    ME = "me"
    MY_TEAM = "my_team"
    NOBODY = "nobody"
    OWNED_BY_ME = "owned_by_me"


# How a saved view keeps its order, beside the fields of its filter.
_ORDER = ("sort", "descending")


def order_to_json(sort: Sort, descending: bool) -> dict[str, Any]:
    """The order as plain values, for a saved view; nothing for the desk's own order."""
    order = {} if sort is Sort.DUE else {_ORDER[0]: sort.value}
    return order | ({_ORDER[1]: True} if descending else {})


def order_from_json(raw: dict[str, Any]) -> tuple[Sort, bool]:
    """The order of a saved view; the desk's own where it names none, or one that is not known."""
    sort = raw.get(_ORDER[0], Sort.DUE)
    return Sort(sort) if sort in set(Sort) else Sort.DUE, bool(raw.get(_ORDER[1], False))


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which tickets a queue shows. Empty fields ask for nothing; all that are given must hold."""

    holder: Holder = Holder.ANYBODY
    overdue: bool = False
    grades: tuple[Grade, ...] = ()
    priorities: tuple[Priority, ...] = ()
    statuses: tuple[Status, ...] = ()
    channels: tuple[Channel, ...] = ()
    team_id: UUID | None = None
    assignee_id: UUID | None = None
    product: str = ""
    text: str = ""

    def to_json(self) -> dict[str, Any]:
        """The filter as plain values, for a saved view."""
        return {
            f.name: [str(v) for v in value]
            if isinstance(value, tuple)
            else value
            if isinstance(value, bool)
            else str(value)
            for f in fields(self)
            if (value := getattr(self, f.name)) not in (None, "", (), False, Holder.ANYBODY)
        }

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> "QueueFilter":
        """Read a saved filter. Raises Invalid for a field or a word that is not known."""
        kinds: dict[str, Any] = {
            "grades": Grade, "priorities": Priority, "statuses": Status, "channels": Channel,
        }  # fmt: skip
        values: dict[str, Any] = {}
        try:
            for name, value in raw.items():
                if name in kinds:
                    values[name] = tuple(kinds[name](v) for v in value)
                elif name == "holder":
                    values[name] = Holder(value)
                elif name in ("team_id", "assignee_id"):
                    values[name] = UUID(value)
                elif name == "overdue":
                    values[name] = bool(value)
                elif name in ("product", "text"):
                    values[name] = str(value)
                elif name in _ORDER:
                    continue
                else:
                    raise ValueError(name)
        except (ValueError, TypeError) as error:
            raise Invalid(
                N_("This saved view asks for something this desk does not know: {what}."),
                hint=N_("Delete the view and save it again."),
                what=str(error),
            ) from error
        return cls(**values)
