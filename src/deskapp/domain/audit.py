"""What the audit ledger tells: its events as lines, an anchor to keep elsewhere, what a check of the chain found."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_

_LINE = re.compile(r"\bdeskapp-anchor\s+(\d+)\s+([0-9a-f]{64}|-)(?![0-9a-f])")


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where the chain stood: the last event's number and hash. Kept elsewhere, it shows what was changed behind it.

    `head` is empty for a ledger without events.
    """

    seq: int
    head: str

    @property
    def line(self) -> str:
        """The anchor as one line to print, mail or log."""
        return f"deskapp-anchor {self.seq} {self.head or '-'}"


def parse_anchor(text: str) -> Anchor:
    """Read an anchor from a printed line, wherever it stands in a text, or from JSON with `seq` and `head`.

    The last line counts where there are several. Raises Invalid.
    """
    found = _LINE.findall(text)
    if found:
        seq, head = found[-1]
        return Anchor(int(seq), "" if head == "-" else head)
    try:
        told: Any = json.loads(text)
        seq, head = told["seq"], told["head"]
    except (ValueError, TypeError, KeyError, RecursionError):
        seq = head = None
    if not isinstance(seq, int) or isinstance(seq, bool) or seq < 0 or not isinstance(head, str):
        raise _no_anchor()
    if head and not re.fullmatch("[0-9a-f]{64}", head):
        raise _no_anchor()
    return Anchor(seq, head)


def _no_anchor() -> Invalid:
    return Invalid(
        N_("There is no anchor in that."),
        hint=N_("Give what `deskapp audit anchor` printed, or a backup."),
        field="anchor",
    )


class Flaw(StrEnum):
    """What a check of the chain can find."""

    GAP = "gap"
    LINK = "link"
    CHANGED = "changed"
    PAYLOAD = "payload"
    STRAY = "stray"
    LEDGER = "ledger"
    CUT = "cut"
    REWRITTEN = "rewritten"


FLAWS: dict[Flaw, str] = {
    Flaw.GAP: N_("a number is missing before this event: events were deleted"),
    Flaw.LINK: N_("it does not follow the event before it: events were exchanged, inserted or deleted"),
    Flaw.CHANGED: N_("it is not what was written: the event was changed"),
    Flaw.PAYLOAD: N_("what it says changed is not what was written"),
    Flaw.STRAY: N_("there are details of an event that is not there"),
    Flaw.LEDGER: N_("the ledger's own mark is not that of the last event"),
    Flaw.CUT: N_("the anchor knows events that are gone: the end was cut off"),
    Flaw.REWRITTEN: N_("the anchor knows another event here: the history was written anew"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong at an event."""

    seq: int
    flaw: Flaw


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found. `bare` counts events without details: erased, or nothing but the event was to be told.

    `findings` are the first ones, `found` is how many there are. `anchored` says how far an anchor vouches.
    """

    head: Anchor
    events: int
    bare: int
    findings: tuple[Finding, ...]
    found: int
    anchored: int | None

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return self.found == 0


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One event: who did what to which object (aware UTC). `changes` is None for readers who may not read tickets."""

    seq: int
    at: datetime
    actor: str
    role: str
    action: str
    object_kind: str
    object_id: UUID
    object_version: int
    ticket_number: int | None
    hash: str
    changes: tuple[dict[str, Any], ...] | None
