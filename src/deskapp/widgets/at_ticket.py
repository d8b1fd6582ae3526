"""Who is at a ticket: one's own presence is told when it changes and renewed now and then, never with each key."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from deskapp.domain.permissions import Actor, may
from deskapp.domain.presence import IDLE_AFTER, RENEW, PresenceLine, Present, sentence
from deskapp.services.requests.base import Command, Query
from deskapp.services.requests.presence import GetPresence, TellPresence

_EVERY = 3  # ticks between two looks at who else is there
_NEVER = datetime.min.replace(tzinfo=UTC)


class AtTicket:
    """One person at one ticket. `tell` carries a command out without a word about it, `ask` asks the desk;
    `meet` is called when others came, went, or began to write."""

    def __init__(
        self,
        ticket_id: UUID,
        tell: Callable[[Command], object],
        ask: Callable[[str, Query, Callable[[Any], object]], object],
        meet: Callable[[], object],
    ) -> None:
        self._ticket_id, self._tell, self._ask, self._meet = ticket_id, tell, ask, meet
        self._told: Present | None = None
        self._told_at = self._touched_at = _NEVER
        self._ticks = 0
        self.others: tuple[PresenceLine, ...] = ()

    @property
    def sentence(self) -> str:
        """Everybody else there, in words; empty when nobody is."""
        return sentence(self.others)

    def touched(self, now: datetime) -> None:
        """A key was pressed at `now` (aware UTC); costs nothing."""
        self._touched_at = now

    def tick(self, now: datetime, actor: Actor | None, *, writing: bool) -> None:
        """Called when it is opened and once a second: say what is another than before, look who else is there."""
        if actor is None:
            return
        if self._ticks % _EVERY == 0:
            self._ask("presence", GetPresence(ticket_id=self._ticket_id), self._met)
            if may(actor, TellPresence.action):
                self._stand(now, writing)
        self._ticks += 1

    def _stand(self, now: datetime, writing: bool) -> None:
        if self._told is None:
            self._touched_at = now
        state = Present.EDITING if writing else Present.VIEWING
        if now - self._touched_at >= IDLE_AFTER:
            state = Present.IDLE
        if state is not self._told or now - self._told_at >= RENEW:
            self._told, self._told_at = state, now
            self._tell(TellPresence(ticket_id=self._ticket_id, state=state))

    def _met(self, others: tuple[PresenceLine, ...]) -> None:
        if others != self.others:
            self.others = others
            self._meet()

    def leave(self) -> None:
        """Take it back."""
        if self._told is not None:
            self._told = None
            self._tell(TellPresence(ticket_id=self._ticket_id, state=Present.GONE))


__all__ = ["AtTicket"]
