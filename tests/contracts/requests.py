"""Every command and query of the desk, found by itself, and a sample of each; all it is about belongs to one agent."""

import pkgutil
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import Enum
from fractions import Fraction
from importlib import import_module
from importlib.util import find_spec
from typing import Any, get_origin, get_type_hints
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from deskapp.domain.qa_loop import Stage
from deskapp.domain.qa_words import TaskKind, TaskState
from deskapp.domain.terms import ContactKind, PreferenceKind
from deskapp.models.base import table
from deskapp.models.qa import QaAction, QaCampaign, QaCard, QaSample, QaTask
from deskapp.models.ticket import HandOver
from deskapp.services import requests
from deskapp.services.qa.card_files import scorecard_yaml, shipped_plans, shipped_scorecards
from deskapp.services.qa.frames import plan_data
from deskapp.services.requests import customers, tickets
from deskapp.services.requests.base import Command, Query
from deskapp.services.requests.qa.rounds import PlanChoice
from deskapp.services.requests.queue import SaveView
from deskapp.services.requests.visits import BookVisit
from deskapp.store.qa import standing
from deskapp.store.uow import work
from tests.services.conftest import NOON, Floor


def all_requests() -> list[type[Command] | type[Query]]:
    """Every command and query class in `deskapp.services.requests` that a service module stands behind, by name."""
    for module in pkgutil.walk_packages(requests.__path__, requests.__name__ + "."):
        if find_spec(module.name.replace(".requests.", ".")) or module.name.endswith(".base"):
            import_module(module.name)
    found = {kind.__name__: kind for base in (Command, Query) for kind in _below(base)}
    return [found[name] for name in sorted(found)]


def _below(base: type) -> list[type]:
    # A dataclass with slots leaves its first, slotless self behind: only what its module knows by name counts.
    kinds = [kind for kind in base.__subclasses__() if kind.__module__.startswith(requests.__name__)]
    real = [kind for kind in kinds if getattr(import_module(kind.__module__), kind.__name__, None) is kind]
    return real + [deeper for kind in kinds for deeper in _below(kind)]


def objects_of_sato(floor: Floor) -> dict[str, UUID]:
    """An object for every name of an id that a request has; all belong to Sato, or wait for Sato's team."""
    do, repairs = floor.do, floor.teams["repairs"].id
    customer = do("sato", customers.CreateCustomer(name="王芳", phone="138 0013 8000")).id
    contact = do("sato", customers.AddContact(customer_id=customer, kind=ContactKind.PHONE, raw="0571 8888 1234")).id
    machine = do("sato", customers.SaveMachine(customer_id=customer, product="Washer")).id
    wish = customers.AddPreference(customer_id=customer, kind=PreferenceKind.OTHER, text="shoes off")
    ticket = do("sato", tickets.OpenTicket(subject="drum bangs", customer_id=customer)).id
    offered = do("gao", tickets.OpenTicket(subject="gas smell")).id
    do("gao", tickets.OfferHandOver(ticket_id=offered, to_team_id=repairs, asked="look at it"))
    visit = BookVisit(ticket_id=ticket, starts_at=_at(days=1), ends_at=_at(days=1, hours=2))
    do("sato", visit)
    return {
        "customer_id": customer,
        "contact_id": contact,
        "machine_id": machine,
        "preference_id": do("sato", wish).id,
        "ticket_id": ticket,
        "target_id": do("sato", tickets.OpenTicket(subject="the same", customer_id=customer)).id,
        "hand_over_id": _hand_over(floor),
        "agent_id": floor.people["sato"].id,
        "giver_id": floor.people["sato"].id,
        "to_team_id": floor.teams["gas"].id,
        "team_id": repairs,
        "visit_id": visit.submission_id,
        # A call that nobody has taken, a flow that nobody has published.
        "call_id": uuid4(),
        "version_id": uuid4(),
        # A mass fault that nobody has proposed.
        "id": uuid4(),
        **_scored(floor),
        "view_id": do("sato", SaveView(name="mine")).id,
    }


def _scored(floor: Floor) -> dict[str, UUID]:
    """A record of Sato's that was scored by Sato: what nobody may do in earnest, and every right can be asked of."""
    sato, card = floor.people["sato"], shipped_scorecards()["service"]
    ticket = floor.do("sato", tickets.OpenTicket(subject="scored")).id
    kept = QaCard(card=card.id, edition=1, content=scorecard_yaml(card))
    campaign = QaCampaign(number=1, title="March", stage=Stage.REPORTED, card_id=kept.id,
                          plan=plan_data(shipped_plans()["monthly"]),
                          first_day="2026-03-01", last_day="2026-03-31", zone="UTC", planned_by=sato.id,
                          planned_at=NOON)  # fmt: skip
    with floor.desk.engine.connect() as connection, Session(connection) as session:
        stands = standing(session, [3], NOON, "UTC")["T-3"].snapshot
    drawn = QaSample(campaign_id=campaign.id, ticket_id=ticket, record="T-3", stratum="early", lot="0", place=1,
                     agent_id=sato.id, team_id=sato.team_id, snapshot=stands)  # fmt: skip
    task = QaTask(campaign_id=campaign.id, sample_id=drawn.id, rater_id=sato.id, kind=TaskKind.PRIMARY,
                  state=TaskState.VOID, lot="0")  # fmt: skip
    action = QaAction(number=1, card_id=kept.id, finding="late", department="repairs", responsible=sato.name,
                      responsible_id=sato.id, action="call", head_in_copy="Lin", issued_at=NOON, issued_by=sato.id,
                      deadline=NOON)  # fmt: skip
    with work(floor.desk.engine, floor.clock.now(), floor.people["adam"], uuid4()) as unit:
        unit.authorize("people.edit")
        unit.add(kept, campaign, drawn, task, action)
        unit.record("people.edit", "qa_campaign", campaign)
        unit.commit()
    rest = ("dispute_id", "case_id", "session_id", "evaluation_id", "rater_id")
    return {"card_id": kept.id, "campaign_id": campaign.id, "sample_id": drawn.id, "task_id": task.id,
            "action_id": action.id, **{name: uuid4() for name in rest}}  # fmt: skip


def _at(**later: float) -> datetime:
    return NOON + timedelta(**later)


def _hand_over(floor: Floor) -> UUID:
    with floor.desk.engine.connect() as connection:
        found: UUID = connection.execute(select(table(HandOver).c.id)).scalar_one()
    return found


def required(kind: Any) -> dict[str, Any]:
    """The fields that have to be given, with their types."""
    hints = get_type_hints(kind)
    return {f.name: hints[f.name] for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING}


def is_known(kind: type[Command] | type[Query], objects: dict[str, UUID]) -> bool:
    """Whether `objects_of_sato` has a real object for each id that the request needs."""
    return all(name in objects for name, hint in required(kind).items() if hint is UUID)


def sample(kind: Any, objects: dict[str, UUID]) -> Any:
    """A request with no more than it needs."""
    return kind(**{name: _value(kind, name, hint, objects) for name, hint in required(kind).items()})


def _value(kind: type, name: str, hint: Any, objects: dict[str, UUID]) -> Any:
    if hint is UUID:
        return objects.get(name) or uuid4()
    if get_origin(hint) is tuple:
        return ()
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint))
    if get_origin(hint) is Mapping:
        return {}
    if is_dataclass(hint):
        return sample(hint, objects)
    plain = {
        Fraction: Fraction(1, 2), date: date(2026, 3, 2),
        str: "x", bool: True, int: 1, float: 1.0, tzinfo: UTC, datetime: datetime(2030, 1, 1, tzinfo=UTC),
        timedelta: timedelta(hours=1), PlanChoice: PlanChoice(),
    }  # fmt: skip
    assert hint in plain, f"{kind.__name__}.{name}: say in tests/contracts/requests.py what a {hint} may be"
    return plain[hint]
