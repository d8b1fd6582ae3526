"""A call that is not sent yet, as the texts a draft keeps, and which of several to go on with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from deskapp.domain.i18n import _
from deskapp.widgets.dialogs import Choice, Choose

# The name of the form in the book of drafts.
FORM = "intake"


@dataclass(frozen=True, slots=True)
class CallDraft:
    """What of a call is kept: the form's texts with the caller's line, who and which machine, the guided part.

    `is_red`: an emergency that the desk was told of.
    """

    form: Mapping[str, str]
    customer_id: UUID | None = None
    machine_id: UUID | None = None
    guided: Mapping[str, str] | None = None
    is_red: bool = False

    @classmethod
    def of(cls, kept: Mapping[str, str]) -> "CallDraft":
        """Read what `texts` told."""
        guided = kept if kept.get("flow") else None
        return cls(kept, _id(kept, "customer_id"), _id(kept, "machine_id"), guided, bool(kept.get("is_red")))

    def texts(self) -> dict[str, str]:
        """Everything as texts by name."""
        ids = {"customer_id": str(self.customer_id or ""), "machine_id": str(self.machine_id or "")}
        return {**self.form, **ids, **(self.guided or {}), "is_red": "1" if self.is_red else ""}

    @property
    def flow(self) -> UUID | None:
        """The version of the flow that was asked."""
        return _id(self.guided or {}, "flow")


def which(drafts: Sequence[tuple[str, Mapping[str, str]]]) -> Choose[str]:
    """Ask which call to go on with; empty for a new one."""
    choices: list[Choice[str]] = [Choice("", _("A new call"))]
    for entity, draft in drafts:
        told = "  ".join(filter(None, (draft.get("who") or draft.get("name"), draft.get("subject"))))
        choices.insert(0, Choice(entity, told or _("without words"), _("not sent yet")))
    return Choose(_("You were in the middle of a call. Go on with it?"), choices)


def _id(kept: Mapping[str, str], name: str) -> UUID | None:
    return UUID(kept[name]) if kept.get(name) else None
