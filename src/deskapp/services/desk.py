"""The desk as a whole: every command and every query of every seat goes through here."""

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any, TypeVar

from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from deskapp.clock import AnchoredClock, Clock
from deskapp.domain.errors import Conflict, Denied, DeskError
from deskapp.domain.i18n import N_
from deskapp.domain.permissions import Actor, authorize
from deskapp.models.audit import AuditEvent
from deskapp.models.base import table
from deskapp.models.people import Agent
from deskapp.models.ticket import Ticket
from deskapp.services.requests.base import Command, Query, Receipt
from deskapp.store.changefeed import Bell, ChangeFeed
from deskapp.store.engine import database_clock_offset, is_busy, translate
from deskapp.store.queue import Totals
from deskapp.store.uow import Work, reading, work

_HANDLERS: dict[type, Callable[..., Any]] = {}
_AFTER: dict[type, Callable[[Engine], None]] = {}
_RETRIES = 3
_JUMP = timedelta(seconds=2)
F = TypeVar("F", bound=Callable[..., Any])


def handles(request: type[Command] | type[Query]) -> Callable[[F], F]:
    """Declare the function that carries out a command or answers a query."""

    def register(function: F) -> F:
        _HANDLERS[request] = function
        return function

    return register


def afterwards(request: type[Command]) -> Callable[[Callable[[Engine], None]], Callable[[Engine], None]]:
    """Declare what has to be done to the database once a command is committed, outside its transaction."""

    def register(function: Callable[[Engine], None]) -> Callable[[Engine], None]:
        _AFTER[request] = function
        return function

    return register


def handler_of(request: type) -> Callable[..., Any]:
    """Find the function for a request: it lives in the service module named like the request's own module."""
    if request not in _HANDLERS:
        import_module(request.__module__.replace(".services.requests.", ".services."))
    return _HANDLERS[request]


class Desk:
    """A desk that is open: carries out commands, answers queries, for whoever acts.

    Thread-safe: between two calls only counts are kept. Raises the errors of `deskapp.domain.errors` and no others.
    """

    def __init__(self, engine: Engine, clock: Clock, *, read_only: bool = False) -> None:
        self.engine, self.clock, self.read_only = engine, clock, read_only
        self.totals = Totals()

    def execute(self, actor: Actor, command: Command) -> Receipt:
        """Carry out a command in one transaction with its audit event; the same submission a second time does nothing.

        Raises Denied, Conflict, Invalid, NotFound; Unreachable when the database does not take it.
        """
        if self.read_only:
            raise Denied(N_("This desk is a replay: it shows a log as it was and takes no changes."))
        handler = handler_of(type(command))
        for attempt in range(_RETRIES):
            try:
                with work(self.engine, self.clock.now(), actor, command.submission_id) as unit:
                    outcome: Receipt = handler(unit, command)
                    seq = unit.commit()
                if after := _AFTER.get(type(command)):
                    after(self.engine)
                return Receipt(outcome.kind, outcome.id, outcome.label, seq, outcome.ticket_id)
            except DeskError:
                # What is refused now may be refused because it was done before: the same submit, sent again.
                if done := self._done_before(command):
                    return done
                raise
            except DBAPIError as error:
                if is_busy(error) and attempt < _RETRIES - 1:
                    continue  # A deadlock or a serialisation failure took nothing with it: the command may run again.
                told = translate(error)
                if isinstance(told, Conflict) and (done := self._done_before(command)):
                    return done
                raise told from error
        raise AssertionError("the last attempt returns or raises")

    def _done_before(self, command: Command) -> Receipt | None:
        with reading(self.engine) as session:
            return _done_before(session, command)

    def read(self, actor: Actor, query: Query) -> Any:
        """Answer a query. Raises Denied, NotFound, Invalid; Unreachable when the database does not answer."""
        handler = handler_of(type(query))
        authorize(actor, query.action)
        try:
            with reading(self.engine) as session:
                return handler(Read(session, actor, self.clock, self.totals), query)
        except DBAPIError as error:
            raise translate(error) from error

    def sign_on(self, login: str) -> Actor:
        """Return who a login is. Raises Denied for somebody this desk does not know."""
        a = table(Agent).c
        with reading(self.engine) as session:
            row = session.execute(
                select(a.id, a.login, a.name, a.role, a.team_id)
                .where((a.login == login) | (a.os_user == login), a.active)
                .order_by(a.login != login)
            ).first()
        if row is None:
            raise Denied(
                N_("{login} is nobody at this desk."),
                hint=N_("Choose somebody with --agent, or ask the administrator."),
                login=login,
            )
        return Actor(*row)

    def listen(self, heard: Callable[[], None]) -> Bell:
        """Call back, from a thread of its own, whenever somebody may have changed something, until it is stopped."""
        return Bell(ChangeFeed(self.engine), heard)

    def settle_clock(self) -> timedelta:
        """Take over a jump of the host's clock and return it; on PostgreSQL the server's clock is measured again.

        A jump is more than two seconds: less is the usual correction of a clock.
        """
        if not isinstance(self.clock, AnchoredClock):
            return timedelta(0)
        jump = self.clock.re_anchor()
        if abs(jump) <= _JUMP:
            return timedelta(0)
        self.clock.offset = database_clock_offset(self.engine)
        return jump

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


class Read:
    """What a query works with: a session, who asks, the time, what was counted before."""

    __slots__ = ("actor", "clock", "session", "totals")

    def __init__(self, session: Session, actor: Actor, clock: Clock, totals: Totals) -> None:
        self.session, self.actor, self.clock, self.totals = session, actor, clock, totals


def _done_before(session: Session, command: Command) -> Receipt | None:
    e, t = table(AuditEvent).c, table(Ticket).c
    row = session.execute(
        select(e.object_kind, e.object_id, e.seq, e.ticket_id).where(e.submission_id == command.submission_id)
    ).first()
    if row is None:
        return None
    number = session.execute(select(t.number).where(t.id == row.ticket_id)).scalar()
    return Receipt(row.object_kind, row.object_id, f"T-{number}" if number else "", row.seq, row.ticket_id, True)


__all__ = ["Desk", "Read", "Work", "afterwards", "handler_of", "handles"]
