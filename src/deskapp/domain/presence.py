"""Who is at a ticket now: a soft warning to others, never a lock; kept for as long as it is renewed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from deskapp.domain.i18n import N_, _

RENEW = timedelta(seconds=20)
"""How often a seat says again that somebody is there."""
LEASE = timedelta(seconds=50)
"""How long that holds: a seat that was killed is forgotten after it."""
IDLE_AFTER = timedelta(minutes=3)
"""Without a key."""


class Present(StrEnum):
    """What somebody does at a ticket; `gone` takes it back."""

    EDITING = "editing"
    VIEWING = "viewing"
    IDLE = "idle"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class PresenceLine:
    """Somebody else at a ticket."""

    ticket_id: UUID
    agent_id: UUID
    name: str
    state: Present


_SENTENCES = {
    Present.EDITING: N_("{who} is writing here now"),
    Present.VIEWING: N_("{who} looks at it now"),
    Present.IDLE: N_("{who} has it open"),
}
_RANK = {Present.EDITING: 0, Present.VIEWING: 1, Present.IDLE: 2}


def foremost(lines: Iterable[PresenceLine]) -> dict[UUID, PresenceLine]:
    """Of each ticket the one whom others should know of: who writes, before who looks."""
    found: dict[UUID, PresenceLine] = {}
    for line in sorted(lines, key=lambda line: (_RANK.get(line.state, 9), line.name)):
        found.setdefault(line.ticket_id, line)
    return found


def sentence(lines: Iterable[PresenceLine]) -> str:
    """Everybody at a ticket in one line, who writes first; empty when nobody is."""
    told = sorted(lines, key=lambda line: (_RANK.get(line.state, 9), line.name))
    return "   ".join(_(_SENTENCES[line.state]).format(who=line.name) for line in told if line.state in _SENTENCES)


__all__ = ["IDLE_AFTER", "LEASE", "RENEW", "PresenceLine", "Present", "foremost", "sentence"]
