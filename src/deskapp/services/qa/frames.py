"""Plans, frames and draws as campaigns keep them, and the samples with what their records were."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace as changed
from datetime import date
from fractions import Fraction
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import select
from sqlmodel import Session

from deskapp.domain import sampling
from deskapp.domain.errors import Conflict, Invalid, NotFound
from deskapp.domain.i18n import N_
from deskapp.domain.ids import uuid7
from deskapp.domain.qa_plan import QaPlan, period_dates
from deskapp.domain.qa_words import SampleState
from deskapp.domain.sampling import Exclusion, Frame, FrameRecord, Replacement, SampleSize
from deskapp.models.base import table
from deskapp.models.people import Agent, Team
from deskapp.models.qa import (
    QaCampaign,
    QaFrame,
    QaReplacement,
    QaSample,
    QaTask,
)
from deskapp.services.desk import Work
from deskapp.services.qa.card_files import shipped_plans
from deskapp.services.requests.base import Receipt
from deskapp.services.requests.qa.rounds import PlanChoice
from deskapp.store.qa import Candidate, Wanted, standing

_q, _s, _k = table(QaCampaign).c, table(QaSample).c, table(QaTask).c
NO_AGENT, ERASED, BEFORE_DONE = "no agent", "customer erased", "before the action was completed"


def chosen_plan(choice: PlanChoice) -> QaPlan:
    """A shipped plan with what is different this time. Raises NotFound, Invalid."""
    plan = shipped_plans().get(choice.plan)
    if plan is None:
        raise NotFound(
            N_("There is no plan {name}; there are {known}."), name=choice.plan, known=", ".join(shipped_plans())
        )
    filters = {**plan.filter, **dict(choice.filters)}
    if choice.period:
        filters["period"] = (choice.period,)
    size = plan.size
    if choice.half_width is not None and choice.share is not None:
        raise Invalid(N_("The size is a share or a half-width, not both."), field="share")
    if choice.half_width is not None:
        size = SampleSize(size.share, size.minimum, choice.half_width)
    elif choice.share is not None:
        size = SampleSize(choice.share, size.minimum if choice.share < 1 else 0)
    if choice.minimum is not None:
        size = changed(size, minimum=choice.minimum)
    other: dict[str, Any] = {
        "everyone": choice.everyone, "per_stratum": choice.per_stratum, "allocation": choice.allocation or None,
        "show_agent": choice.show_agent, "show_total": choice.show_total, "strata": choice.strata or None,
    }  # fmt: skip
    return changed(
        plan, filter=filters, size=size, **{name: value for name, value in other.items() if value is not None}
    )


def plan_data(plan: QaPlan) -> dict[str, object]:
    """A plan as the campaign keeps it."""
    return {
        "id": plan.id, "title": {"en": plan.title.en, "zh": plan.title.zh}, "scorecard": plan.scorecard,
        "filter": {name: list(values) for name, values in plan.filter.items()}, "strata": plan.strata,
        "share": str(plan.size.share), "minimum": plan.size.minimum, "half_width": plan.size.half_width,
        "per_stratum": plan.per_stratum, "allocation": plan.allocation, "everyone": plan.everyone,
        "double_share": str(plan.double_share), "double_minimum": plan.double_minimum,
        "rescore_share": str(plan.rescore_share), "minutes": plan.minutes_per_record,
        "dispute_days": plan.dispute_days, "show_agent": plan.show_agent, "show_total": plan.show_total,
    }  # fmt: skip


def plan_from(data: Mapping[str, Any]) -> QaPlan:
    """The plan that a campaign keeps."""
    from deskapp.domain.scorecard import Words

    return QaPlan(
        data["id"], Words(**data["title"]), data["scorecard"],
        {name: tuple(values) for name, values in data["filter"].items()}, data["strata"],
        SampleSize(Fraction(data["share"]), data["minimum"], data["half_width"]), data["per_stratum"],
        data["allocation"], data["everyone"], Fraction(data["double_share"]), data["double_minimum"],
        Fraction(data["rescore_share"]), data["minutes"], data["dispute_days"], data.get("show_agent", False),
        data.get("show_total", False),
    )  # fmt: skip


def planned(strata: Mapping[str, int], plan: QaPlan, already: Mapping[str, int] | None = None) -> sampling.Plan:
    """The plan table for a population."""
    return sampling.plan(
        strata, plan.size, minimum=plan.per_stratum, method=plan.allocation, already=already,
        minutes_per_record=plan.minutes_per_record, double_share=plan.double_share, double_minimum=plan.double_minimum,
    )  # fmt: skip


def make_frame(found: Iterable[Candidate], wanted: Wanted, strata: str, late: frozenset[UUID] = frozenset()) -> Frame:
    """The frame of a population: what can't be drawn is left out with its reason."""
    records, out = [], []
    for c in found:
        reason = ERASED if c.erased else NO_AGENT if c.agent_id is None else BEFORE_DONE if c.ticket_id in late else ""
        if reason:
            out.append(Exclusion(c.record, reason))
        else:
            stratum = "all" if strata == "none" else getattr(c, strata) or "-"
            records.append(FrameRecord(c.record, stratum, c.agent, c.team))
    return Frame(wanted.text, tuple(sorted(records)), tuple(sorted(out)))


def frame_of(session: Session, row: QaCampaign) -> Frame:
    """The frame of a campaign from its stored lines."""
    stored = session.get(QaFrame, row.id)
    if stored is None:
        raise Conflict(N_("The frame is not frozen yet."))
    records, out, wanted = [], [], ""
    # Its lines stand in their order, and so do the records made of them.
    for text in stored.text.splitlines():
        kind, *cells = text.split("\t")
        if kind == "record":
            records.append(FrameRecord(*cells))
        elif kind == "excluded":
            out.append(Exclusion(*cells))
        else:
            wanted = cells[0]
    return Frame(wanted, tuple(records), tuple(out))


def redraw(session: Session, row: QaCampaign) -> tuple[Frame, sampling.Draw]:
    """The draw again, from stored frame, seed and plan."""
    frame = frame_of(session, row)
    strata, plan = frame.strata, plan_from(row.plan)
    # As it was allocated then: the plan's arithmetic may change with a version, what was drawn may not.
    allocation = row.plan.get("drawn") or planned(strata, plan).allocation
    return frame, sampling.draw(frame, row.seed, cast("dict[str, int]", allocation))


def replacements(session: Session, campaign_id: UUID) -> list[Replacement]:
    """The replacements of a campaign in their order."""
    r = table(QaReplacement).c
    rows = session.execute(
        select(r.record, r.by_record, r.reason).where(r.campaign_id == campaign_id).order_by(r.at, r.id)
    )
    return [Replacement(row.record, row.by_record or None, row.reason) for row in rows]


def period_of(plan: QaPlan, zone: str, today: date) -> Wanted:
    first, last = period_dates(plan.filter["period"][0], today)
    for number in plan.filter.get("number", ()):
        if not number.removeprefix("T-").isdigit():
            raise Invalid(N_("{number} is no ticket number."), number=number, field="number")
    return Wanted(first, last, zone_of(zone).key, plan.filter)


def zone_of(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        raise Invalid(
            N_("There is no time zone {name}."), name=name, field="zone", hint=N_("Write one such as Asia/Shanghai.")
        ) from None


def period_from(row: QaCampaign) -> Wanted:
    """Which records a campaign was planned for."""
    first, last = date.fromisoformat(row.first_day), date.fromisoformat(row.last_day)
    return Wanted(first, last, row.zone, plan_from(row.plan).filter)


def keep(work: Work, row: QaCampaign, frame: Frame, drawn: sampling.Draw, known: set[str]) -> None:
    """Keep the drawn records that are not `known` yet."""
    lots = {
        lot.record: (stratum.name, place, lot.ticket)
        for stratum in drawn.strata
        for place, lot in enumerate(stratum.sample, 1)
        if lot.record not in known
    }
    add_samples(work, row, frame, lots)


def add_samples(work: Work, row: QaCampaign, frame: Frame, lots: Mapping[str, tuple[str, int, str]]) -> None:
    """Keep records by stratum, place and lot, each with what it is now."""
    numbers = (int(record.removeprefix("T-")) for record in lots)
    found = standing(work.session, numbers, work.now, row.zone)
    frozen = {record.id: record for record in frame.records}
    a, t = table(Agent).c, table(Team).c
    people = dict(work.session.execute(select(a.login, a.id)).all())
    teams = dict(work.session.execute(select(t.key, t.id)).all())
    samples = []
    for record, (stratum, place, lot) in lots.items():
        now = found[record]
        samples.append({
            "id": uuid7(), "version": 1, "campaign_id": row.id, "ticket_id": now.ticket_id, "record": record,
            "stratum": stratum, "lot": lot, "place": place, "state": SampleState.DRAWN,
            "agent_id": people.get(frozen[record].agent), "team_id": teams.get(frozen[record].team),
            "shift": now.shift, "day": now.day, "snapshot": now.snapshot,
        })  # fmt: skip
    work.add_many(QaSample, samples)


def stored(session: Session, campaign_id: UUID) -> list[str]:
    """The names of all records that a campaign ever kept."""
    return list(session.execute(select(_s.record).where(_s.campaign_id == campaign_id).order_by(_s.record)).scalars())


def exclusions(found: Iterable[Exclusion]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(x.reason for x in found).items()))


def told(row: QaCampaign) -> Receipt:
    return Receipt("qa_campaign", row.id, f"Q-{row.number}", 0)
