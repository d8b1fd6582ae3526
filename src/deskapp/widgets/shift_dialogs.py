"""The end of a shift by dialogs: whose duties, to whom, and once more what they are before they are handed over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any
from uuid import UUID

from deskapp.domain.i18n import _
from deskapp.domain.permissions import Actor, Subject, may
from deskapp.domain.shift_words import figures, lines, place
from deskapp.domain.terms import LABELS, Role, Shift
from deskapp.domain.text import guard
from deskapp.services.requests.shift import GetDuties, HandOverShift
from deskapp.widgets.dialogs import Choice, Choose
from deskapp.widgets.form import Form, Line

if TYPE_CHECKING:
    from textual.app import App

    from deskapp.domain.views import Directory, PersonLine
    from deskapp.domain.views_shift import ShiftDuties
    from deskapp.services.requests.base import Command, Query

_HOLDS = (Role.AGENT, Role.LEAD)
_AROUND = 19  # lines of the last dialog beside the duties


@dataclass(frozen=True, slots=True)
class _Taker:
    """Who takes over: a person, else a team or one shift of it."""

    name: str
    agent_id: UUID | None = None
    team_id: UUID | None = None
    shift: Shift | None = None


@dataclass(frozen=True, slots=True)
class EndOfShift:
    """The dialogs of one hand-over; `fetch` asks the desk, `dispatch` carries out, `tell` says that nothing is left."""

    app: App[Any]
    fetch: Callable[[str, Query, Callable[[Any], object]], object]
    dispatch: Callable[[Command], object]
    tell: Callable[[str], object]
    actor: Actor
    now: datetime
    zone: tzinfo

    def begin(self, found: Directory) -> None:
        """Ask whose duties, where one may give those of others; then go on."""
        others = [
            Choice(person.id, person.name, self._note(person), person.login)
            for person in found.people
            if person.active and person.role in _HOLDS and person.id != self.actor.id and self._may(person)
        ]
        if not others:
            self._ask(found, self.actor.id)
            return
        choices = [Choice(self.actor.id, _("My own"), self.actor.name), *others]
        title = _("End of shift: whose duties are handed over?")
        self.app.push_screen(Choose(title, choices), lambda giver: self._ask(found, giver) if giver else None)

    def _may(self, person: PersonLine) -> bool:
        teams = frozenset({person.team_id} if person.team_id else ())
        return may(self.actor, HandOverShift.action, Subject(people=frozenset({person.id}), teams=teams))

    @staticmethod
    def _note(person: PersonLine) -> str:
        return "  ".join((_(LABELS[person.state]), _(LABELS[person.shift]), person.team))

    def _ask(self, found: Directory, giver: UUID) -> None:
        self.fetch("duties", GetDuties(person_id=giver), lambda duties: self._to_whom(found, duties))

    def _to_whom(self, found: Directory, duties: ShiftDuties) -> None:
        if not duties.duties:
            self.tell(_("{who} has nothing to hand over.").format(who=duties.person))
            return
        title = _("{who} hands {count} duties over. To whom?").format(who=duties.person, count=len(duties.duties))
        choices = list(self._takers(found, duties.person_id))
        self.app.push_screen(Choose(title, choices), lambda taker: self._confirm(duties, taker) if taker else None)

    def _takers(self, found: Directory, giver: UUID) -> Iterator[Choice[_Taker]]:
        """Colleagues of the team first, then its other shifts, then everybody else and the other teams."""
        people = [p for p in found.people if p.active and p.role in _HOLDS and p.id != giver]
        team_id = next((p.team_id for p in found.people if p.id == giver), None)
        for person in (p for p in people if p.team_id == team_id):
            yield Choice(_Taker(person.name, person.id), person.name, self._note(person), person.login)
        for shift in Shift:
            there = [p.name for p in people if p.team_id == team_id and p.shift is shift]
            team = next((t.name for t in found.teams if t.id == team_id), "")
            if there and team_id is not None:
                name = place(team, shift)
                yield Choice(_Taker(name, None, team_id, shift), name, ", ".join(there))
        for person in (p for p in people if p.team_id != team_id):
            yield Choice(_Taker(person.name, person.id), person.name, self._note(person), person.login)
        for other in found.teams:
            if other.active and any(p.team_id == other.id for p in people):
                yield Choice(_Taker(other.name, None, other.id), other.name, _("the whole desk"))

    def _confirm(self, duties: ShiftDuties, taker: _Taker) -> None:
        """Show what is handed over; the note goes into every ticket. A lead may move the ownership with a reason."""
        told = [guard(line) for line in lines(duties, self.now, self.zone)]
        asked = [Line("note", _("What should they know?"), limit=1000)]
        if taker.agent_id is not None and may(self.actor, "ticket.move_owner"):
            words = (("stays", _("stays")), ("moves", _("moves, too")))
            asked.append(Line("owner", _("First-contact owner"), "stays", words=words))
            asked.append(Line("reason", _("Why the owner moves")))
        room = max(2, self.app.size.height - _AROUND - 3 * (len(asked) - 1))
        if len(told) > room:
            told = [*told[: room - 1], _("... and {count} more").format(count=len(told) - room + 1)]
        title = _("{giver} hands over to {taker}").format(giver=duties.person, taker=taker.name)

        def make(values: Mapping[str, str]) -> HandOverShift:
            return HandOverShift(
                giver_id=duties.person_id, to_agent_id=taker.agent_id, to_team_id=taker.team_id, to_shift=taker.shift,
                note=values["note"], move_owner=values.get("owner") == "moves", reason=values.get("reason", ""),
            )  # fmt: skip

        def send(values: Mapping[str, str] | None) -> None:
            if values is not None:
                self.dispatch(make(values))

        note = "\n".join([figures(duties), *told])
        self.app.push_screen(Form(title, tuple(asked), note=note, check=make), send)


__all__ = ["EndOfShift"]
