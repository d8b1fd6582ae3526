"""Who may do what: one table, asked by every use case; what is not in it is refused."""

from dataclasses import dataclass
from enum import IntEnum
from uuid import UUID

from deskapp.domain.errors import Denied
from deskapp.domain.i18n import N_, _
from deskapp.domain.terms import LABELS, Role


class Reach(IntEnum):
    """How far a right goes: nothing, what is one's own, what is one's team's, everything."""

    NONE = 0
    OWN = 1
    TEAM = 2
    ALL = 3


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the signed-on person as the rules see them."""

    id: UUID
    login: str
    name: str
    role: Role
    team_id: UUID | None


@dataclass(frozen=True, slots=True)
class Subject:
    """What is acted on: the people and teams it belongs to. An empty subject belongs to everybody's desk."""

    people: frozenset[UUID] = frozenset()
    teams: frozenset[UUID] = frozenset()
    is_open_to_all: bool = False


ANYONE = Subject(is_open_to_all=True)

_A, _T, _O, _N = Reach.ALL, Reach.TEAM, Reach.OWN, Reach.NONE

# Columns: agent, lead, rater, QA lead, auditor, admin. A right over others' tickets is a right to help: an agent may
# note, claim and read on every desk, because a caller must not be told "that is not my desk".
_ROLES = (Role.AGENT, Role.LEAD, Role.RATER, Role.QA_LEAD, Role.AUDITOR, Role.ADMIN)
_TABLE: dict[str, tuple[Reach, Reach, Reach, Reach, Reach, Reach]] = {
    "ticket.read": (_A, _A, _A, _A, _A, _N),
    "ticket.create": (_A, _A, _N, _N, _N, _N),
    "ticket.note": (_A, _A, _N, _N, _N, _N),
    "ticket.claim": (_A, _A, _N, _N, _N, _N),
    "ticket.release": (_O, _T, _N, _N, _N, _N),
    "ticket.assign": (_N, _A, _N, _N, _N, _N),
    "ticket.move_owner": (_N, _A, _N, _N, _N, _N),
    "ticket.edit": (_O, _A, _N, _N, _N, _N),
    "ticket.regrade": (_O, _A, _N, _N, _N, _N),
    "ticket.pause": (_O, _A, _N, _N, _N, _N),
    "ticket.resume": (_O, _A, _N, _N, _N, _N),
    "ticket.solve": (_O, _A, _N, _N, _N, _N),
    "ticket.reopen": (_A, _A, _N, _N, _N, _N),
    "ticket.close": (_O, _A, _N, _N, _N, _N),
    "ticket.cancel": (_N, _A, _N, _N, _N, _N),
    "ticket.merge": (_O, _A, _N, _N, _N, _N),
    "ticket.hand_over": (_O, _A, _N, _N, _N, _N),
    "ticket.answer_hand_over": (_T, _A, _N, _N, _N, _N),
    "ticket.call_back": (_A, _A, _N, _N, _N, _N),
    "ticket.export": (_N, _T, _N, _N, _A, _N),
    "customer.read": (_A, _A, _A, _A, _A, _N),
    "customer.create": (_A, _A, _N, _N, _N, _N),
    "customer.edit": (_A, _A, _N, _N, _N, _N),
    "customer.reveal": (_A, _A, _N, _A, _A, _A),
    "customer.merge": (_A, _A, _N, _N, _N, _N),
    "customer.export": (_N, _A, _N, _N, _A, _A),
    "customer.erase": (_N, _A, _N, _N, _N, _A),
    "visit.book": (_A, _A, _N, _N, _N, _N),
    "visit.report": (_A, _A, _N, _N, _N, _N),
    "visit.plan": (_N, _A, _N, _N, _N, _A),
    "ticket.confirm_cause": (_A, _A, _N, _N, _N, _N),
    "flow.read": (_A, _A, _A, _A, _A, _A),
    "flow.publish": (_N, _A, _N, _A, _N, _A),
    "flow.sign": (_N, _A, _N, _A, _N, _N),
    "flow.figures": (_N, _A, _A, _A, _A, _N),
    "practice.take": (_A, _A, _N, _N, _N, _N),
    "practice.read": (_O, _A, _N, _A, _N, _N),
    "incident.read": (_A, _A, _A, _A, _A, _N),
    "incident.scan": (_N, _A, _N, _N, _N, _N),
    "incident.confirm": (_N, _A, _N, _N, _N, _N),
    "incident.dismiss": (_N, _A, _N, _N, _N, _N),
    "incident.level": (_N, _A, _N, _N, _N, _N),
    "incident.act": (_N, _A, _N, _N, _N, _N),
    "incident.broadcast": (_N, _A, _N, _N, _N, _N),
    "incident.close": (_N, _A, _N, _N, _N, _N),
    "wallboard.read": (_A, _A, _A, _A, _A, _N),
    "calendar.read": (_A, _A, _A, _A, _A, _A),
    "calendar.edit": (_N, _A, _N, _N, _N, _A),
    "policy.edit": (_N, _A, _N, _N, _N, _A),
    # Not for QA and auditors: a rater seen at a ticket would tell that it was drawn.
    "presence.tell": (_A, _A, _N, _N, _N, _N),
    "notice.read": (_O, _A, _N, _O, _N, _N),
    "notice.sweep": (_A, _A, _N, _A, _N, _N),
    "shift.report": (_O, _A, _N, _N, _N, _N),
    "shift.hand_over": (_O, _T, _N, _N, _N, _N),
    "view.save": (_O, _A, _O, _O, _N, _N),
    "view.share": (_N, _A, _N, _A, _N, _N),
    "people.read": (_A, _A, _A, _A, _A, _A),
    "people.edit": (_N, _N, _N, _N, _N, _A),
    "people.state": (_O, _T, _O, _O, _O, _O),
    "desk.region": (_N, _N, _N, _N, _N, _A),
    "desk.import": (_N, _A, _N, _N, _N, _A),
    "audit.read": (_N, _T, _N, _N, _A, _A),
    # QA. Own: one's own tasks as a rater, one's own work as an agent. What a row refuses leaves no query: neither the
    # values nor a count, and before the release not even that a record was drawn.
    "qa.card.read": (_A, _A, _A, _A, _A, _N),
    "qa.card.edit": (_N, _N, _N, _A, _N, _N),
    "qa.conduct": (_N, _N, _N, _A, _N, _N),
    "qa.void": (_N, _N, _N, _A, _N, _N),
    "qa.verify_draw": (_N, _N, _N, _A, _A, _N),
    "qa.rounds": (_N, _A, _A, _A, _A, _N),
    "qa.sampled": (_N, _O, _O, _A, _A, _N),
    "qa.score": (_N, _O, _O, _O, _N, _N),
    "qa.progress": (_N, _N, _N, _A, _A, _N),
    "qa.values": (_N, _N, _N, _N, _A, _N),
    "qa.compare": (_N, _O, _O, _A, _A, _N),
    "qa.adjudicate": (_N, _N, _N, _A, _N, _N),
    "qa.results": (_O, _T, _N, _A, _A, _N),
    "qa.dispute": (_O, _T, _N, _N, _N, _N),
    "qa.disputes": (_O, _T, _N, _A, _A, _N),
    "qa.decide_dispute": (_N, _N, _N, _A, _N, _N),
    "qa.report": (_N, _A, _A, _A, _A, _N),
    "qa.export": (_N, _N, _N, _A, _A, _N),
    "qa.action.read": (_O, _A, _A, _A, _A, _N),
    "qa.action.edit": (_N, _N, _N, _A, _N, _N),
    "qa.action.do": (_O, _A, _O, _A, _N, _N),
    "qa.calibrate": (_N, _N, _N, _A, _N, _N),
    "qa.session.vote": (_A, _A, _A, _A, _N, _N),
    "qa.session.read": (_A, _A, _A, _A, _A, _N),
    "qa.case.propose": (_N, _A, _A, _A, _N, _N),
    "qa.case.approve": (_N, _N, _N, _A, _N, _N),
    "qa.case.read": (_A, _A, _A, _A, _A, _N),
}
RIGHTS: dict[str, dict[Role, Reach]] = {
    action: dict(zip(_ROLES, reaches, strict=True)) for action, reaches in _TABLE.items()
}


def reach(actor: Actor, action: str) -> Reach:
    """How far the actor's right to the action goes. Raises KeyError for an action that has no row."""
    return RIGHTS[action][actor.role]


def may(actor: Actor, action: str, subject: Subject = ANYONE) -> bool:
    """Whether the actor may do the action to the subject. Raises KeyError for an action that has no row."""
    match reach(actor, action):
        case Reach.ALL:
            return True
        case Reach.TEAM:
            return subject.is_open_to_all or actor.id in subject.people or actor.team_id in subject.teams
        case Reach.OWN:
            return subject.is_open_to_all or actor.id in subject.people
        case _:
            return False


def authorize(actor: Actor, action: str, subject: Subject = ANYONE) -> None:
    """Raise Denied, saying who could, unless the actor may do the action to the subject."""
    if may(actor, action, subject):
        return
    own = reach(actor, action) > Reach.NONE
    raise Denied(
        N_("You may do this to your own tickets only.") if own else N_("Your role may not do this."),
        hint=N_("Claim it first, or ask your lead.") if own else N_("Ask: {roles}."),
        roles=", ".join(_(LABELS[role]) for role in _ROLES if RIGHTS[action][role] > Reach.NONE),
        action=action,
    )
