"""One person's place at the desk: opens it, signs on, reads and writes in threads, hears of changes. No screen here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from deskapp.clock import Clock
from deskapp.domain.errors import DeskError, Unreachable
from deskapp.domain.terms import Role
from deskapp.incidents import Incident, IncidentLog
from deskapp.lanes import Lane
from deskapp.services import requests

if TYPE_CHECKING:
    from deskapp.domain.permissions import Actor
    from deskapp.domain.views import Changes, Directory, PersonLine
    from deskapp.services.requests.base import Command, Query, Receipt

STALE_AFTER = timedelta(seconds=4)  # without an answer about changes
_ASK_EVERY = 5  # ticks between two questions to a desk that rings by itself
_CLOCK_EVERY = 10  # ticks between two comparisons of the clock with the host's
_LONGEST_WAIT = 10  # ticks between two tries of a desk that does not answer


class Bell(Protocol):
    """Rings when somebody changed the desk."""

    def stop(self) -> None: ...


class OpenDesk(Protocol):
    """The desk, as far as a seat knows it."""

    clock: Clock

    def execute(self, actor: Actor, command: Command) -> Receipt: ...
    def read(self, actor: Actor, query: Query) -> Any: ...
    def sign_on(self, login: str) -> Actor: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Trouble:
    """The desk does not answer: since when (aware UTC) and why; without an error it is only late."""

    since: datetime
    error: DeskError | None


class Seat:
    """Raises the errors of `deskapp.domain.errors` and no others: what nobody expected is an Incident, written down."""

    def __init__(self, open_desk: Callable[[], OpenDesk], clock: Clock, incidents: IncidentLog) -> None:
        self.clock, self.incidents = clock, incidents
        self.desk: OpenDesk | None = None
        self.actor: Actor | None = None
        self.people: Directory | None = None
        self._open_desk = open_desk
        self._readers, self._writer = Lane("desk-read", 2), Lane("desk-write")
        self._signed = asyncio.Event()
        self._failure: Trouble | None = None
        self._listening_since: datetime | None = None
        self._seq = self._tries = self._wait = 0
        self._hears = True
        self._bell: Bell | None = None
        self._idle = self._ticks = 0

    @property
    def me(self) -> PersonLine | None:
        """The line of who is signed on."""
        people = self.people.people if self.people and self.actor else ()
        return next((person for person in people if self.actor and person.id == self.actor.id), None)

    @property
    def trouble(self) -> Trouble | None:
        """What is wrong with the desk, None when it answers in time."""
        if self._failure:
            return self._failure
        late = self._listening_since
        return Trouble(late, None) if late and self.clock.now() - late > STALE_AFTER else None

    async def open(self) -> None:
        """Open the desk, unless it is."""
        if self.desk is None:
            self.desk = await self._call(self._readers, self._open_desk)
            self.clock = self.desk.clock

    async def everybody(self) -> Directory:
        """The people to choose from while nobody is signed on."""
        from deskapp.domain.permissions import Actor

        nobody = Actor(UUID(int=0), "", "", Role.AUDITOR, None)
        directory: Directory = await self._call(
            self._readers, self._desk().read, nobody, requests.people.GetDirectory()
        )
        return directory

    async def sign_on(self, login: str) -> None:
        """Become the person of that login. Raises Denied for somebody whom the desk does not know."""
        from deskapp.domain.permissions import may

        desk = self._desk()
        actor = await self._call(self._readers, desk.sign_on, login)
        # The ledger's number before anything is read: what changes from here on is heard.
        self._hears = may(actor, requests.queue.GetChanges.action)
        if self._hears:
            self._seq = (await self._call(self._readers, desk.read, actor, requests.queue.GetChanges(since=-1))).seq
        self.actor = actor
        self._signed.set()

    async def ask(self, query: Query) -> Any:
        """Answer a query; waits until somebody is signed on."""
        await self._signed.wait()
        return await self._call(self._readers, self._desk().read, self.actor, query)

    async def carry_out(self, command: Command) -> Receipt:
        """Carry out a command; commands go one after the other in the order of the calls."""
        await self._signed.wait()
        receipt: Receipt = await self._call(self._writer, self._desk().execute, self.actor, command)
        return receipt

    async def rest(self) -> None:
        """Wait until what is being read now has been answered."""
        await self._readers.rest()

    def hear(self, heard: Callable[[], None]) -> None:
        """Have the desk ring when something changed: then it is asked only when it rang, and now and then."""
        listen = getattr(self.desk, "listen", None)
        if listen is not None and self._hears and self._bell is None:
            self._bell = listen(heard)

    def wants_the_clock(self) -> bool:
        """Called once a tick: whether it is time to compare the clock with the host's."""
        self._ticks += 1
        return self.rings and self._ticks % _CLOCK_EVERY == 0

    async def settle_clock(self) -> timedelta:
        """Take over a jump of the host's clock, as after a suspend; it is written down and returned."""
        settle = getattr(self._desk(), "settle_clock", None)
        jump: timedelta = await self._call(self._readers, settle) if settle else timedelta(0)
        if jump:
            self.incidents.note(f"the host's clock jumped by {jump.total_seconds():.0f} s", self.clock.now())
        return jump

    @property
    def rings(self) -> bool:
        """Whether the desk says by itself when something changed."""
        return self._bell is not None

    def leave(self) -> None:
        """Nothing is asked any more: the threads end with what they have in hand."""
        self.deaf()
        self._readers.close()
        self._writer.close()

    def deaf(self) -> None:
        """Hear no more: one leaves."""
        if self._bell is not None:
            self._bell.stop()

    def wants_to_listen(self) -> bool:
        """Called once a tick: whether it is time to ask for changes, or to try a silent desk again."""
        self._wait = max(0, self._wait - 1)
        self._idle = 0 if self._bell is None or self._failure else (self._idle + 1) % _ASK_EVERY
        if self._idle:
            return False
        broken = self._failure is not None and isinstance(self._failure.error, Incident) and self.desk is None
        return self._hears and not self._wait and self._listening_since is None and not broken

    async def listen(self) -> Changes:
        """Ask what changed: everything, where the desk was silent for a while."""
        from deskapp.domain.views import Changes

        if self._listening_since is not None:
            return Changes(self._seq, frozenset())
        self._listening_since, was_silent = self.clock.now(), self._failure is not None
        try:
            changes: Changes = await self._call(
                self._readers, self._desk().read, self.actor, requests.queue.GetChanges(since=self._seq)
            )
        finally:
            self._listening_since = None
        self._seq = changes.seq
        return replace(changes, tickets=None) if was_silent else changes

    async def refresh_people(self) -> Directory:
        """Read people and teams again."""
        self.people = await self.ask(requests.people.GetDirectory())
        return self.people

    def _desk(self) -> OpenDesk:
        if self.desk is None:
            raise RuntimeError("the desk is not open yet")
        return self.desk

    async def _call(self, lane: Lane, function: Callable[..., Any], *args: object) -> Any:
        try:
            answer = await lane.run(function, *args)
        except Unreachable as error:
            self._silent(error)
            raise
        except DeskError as error:
            if self.desk is None:
                self._silent(error)
            raise
        except Exception as error:
            incident = self.incidents.record(error, self.clock.now())
            if self.desk is None:
                self._silent(incident)
            raise incident from error
        if lane is self._readers:
            self._failure, self._tries = None, 0
        return answer

    def _silent(self, error: DeskError) -> None:
        self._tries += 1
        self._wait = min(2**self._tries, _LONGEST_WAIT)
        since = self._failure.since if self._failure else self.clock.now()
        self._failure = Trouble(since, error)


__all__ = ["OpenDesk", "Seat", "Trouble"]
