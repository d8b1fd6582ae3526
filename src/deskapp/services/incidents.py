"""Mass faults on the desk's own tickets: look, propose, decide, work the plan, tell every customer, close."""

from dataclasses import asdict, replace
from datetime import datetime, timedelta, tzinfo
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import select

from deskapp.domain import incident as rules
from deskapp.domain.errors import Conflict, Invalid, NotFound
from deskapp.domain.i18n import N_
from deskapp.domain.incident import IncidentState
from deskapp.domain.outbreak import Report, Signal, scan
from deskapp.domain.permissions import Actor
from deskapp.domain.scorecard import Words
from deskapp.domain.terms import EntryKind
from deskapp.domain.views_incident import (
    MassFaultLine,
    MassFaultStep,
    MassFaultView,
    PlanActionLine,
    ScanAnswer,
)
from deskapp.models.base import table
from deskapp.models.incident import MassFault, MassFaultAction, MassFaultScan
from deskapp.services import tickets
from deskapp.services.desk import Desk, Read, Work, handles
from deskapp.services.incident_links import (
    UNDER_WAY,
    counted,
    faults_of,
    link_all,
    links,
    matching,
    note,
    pack,
    put,
    reporter,
    state_of,
)
from deskapp.services.requests.base import Receipt
from deskapp.services.requests.incidents import (
    BeginClosing,
    Broadcast,
    CloseMassFault,
    ConfirmMassFault,
    DismissMassFault,
    FindMassFaults,
    FinishAction,
    GetMassFault,
    GetMassFaults,
    GoOn,
    LowerLevel,
    RecordScan,
    SolveChildren,
)
from deskapp.services.requests.tickets import AddEntry, SolveTicket
from deskapp.store import incidents as store
from deskapp.store.bulk import take_numbers

_m, _a = table(MassFault).c, table(MassFaultAction).c
_SERIES = "mass_fault"
# What of a signal is kept with a proposal; its customers only as a number.
_KEPT = (
    "window_days", "reports", "expected", "threshold", "p_value", "baseline_days", "baseline_customers", "growth",
    "dispersion",
)  # fmt: skip


def look_and_record(desk: Desk, actor: Actor, *, as_of: datetime | None, zone: tzinfo) -> tuple[ScanAnswer, int]:
    """Look for mass faults and keep what was found; returns it with the number of new proposals.

    The look reads in one moment and takes no lock; only the few rows it leads to are written. Raises Denied.
    """
    found: ScanAnswer = desk.read(actor, FindMassFaults(as_of=as_of, zone=zone))
    before = {line.id for line in desk.read(actor, GetMassFaults())}
    desk.execute(actor, RecordScan(as_of=found.as_of, signals=found.signals))
    after = {line.id for line in desk.read(actor, GetMassFaults())}
    return found, len(after - before)


@handles(FindMassFaults)
def find_mass_faults(read: Read, query: FindMassFaults) -> ScanAnswer:
    """Run the detector over the tickets opened up to a moment. Raises Invalid for a moment without a zone."""
    now = read.clock.now()
    as_of = query.as_of or now
    if as_of.tzinfo is None:
        raise Invalid(N_("A report time needs a time zone."), field="as_of")
    detection = replace(pack().detection, zone=query.zone)
    # The usual reaches back from behind the longest window; one window more, to find the day of the first signal.
    back = timedelta(days=detection.baseline_days + detection.guard_days + 2 * max(detection.windows))
    named = cache(faults_of)  # few words for many tickets
    reports = [
        Report(product, fault, reporter(customer, ticket), opened, ticket)
        for ticket, product, text, customer, opened in store.reports(read.session, as_of - back, as_of)
        for fault in named(text)
    ]
    return ScanAnswer(as_of, len(reports), scan(reports, as_of, detection), store.last_scan(read.session))


@handles(RecordScan)
def record_scan(work: Work, command: RecordScan) -> Receipt:
    """Turn signals that are news into proposals; count again what is under way."""
    work.authorize(command.action)
    take_numbers(work.session, _SERIES, 0)  # of two scans at once, the second sees the first one's proposals
    done = MassFaultScan(at=work.now, as_of=command.as_of, by_id=work.actor.id, signals=len(command.signals))
    work.record(command.action, "mass_fault_scan", done)
    for signal in command.signals:
        earlier = _earlier(work, signal)
        under_way = next((row for row in earlier if not row.is_over), None)
        if under_way is not None and under_way.state is IncidentState.PROPOSED:
            under_way.signal = _kept(signal)
            counted(work, under_way, signal.distinct_customers)
        elif under_way is None and rules.may_propose(
            signal, [state_of(work.session, row) for row in earlier], pack().incident
        ):
            _propose(work, signal)
            done.proposed += 1
    for key in work.session.execute(select(_m.id).where(~_m.is_over, _m.state.in_(UNDER_WAY))).scalars().all():
        row = work.lock(MassFault, key)
        counted(work, row, link_all(work, row))
    work.add(done)
    return Receipt("mass_fault_scan", done.id, "", 0)


def _earlier(work: Work, signal: Signal) -> list[MassFault]:
    found = select(_m.id).where(_m.product == signal.product[:80], _m.fault == signal.fault[:120])
    return [work.lock(MassFault, key) for key in work.session.execute(found).scalars().all()]


def _propose(work: Work, signal: Signal) -> None:
    row = MassFault(
        number=take_numbers(work.session, _SERIES, 1),
        product=signal.product,
        fault=signal.fault,
        customers=signal.distinct_customers,
        first_signal_at=signal.first_signal_at,
        proposed_at=work.now,
        counted_from=signal.window_start,
        signal=_kept(signal),
    )
    work.add(row)
    note(work, row, "proposed", "", by_itself=True)
    work.record("incident.propose", "mass_fault", row)


def _kept(signal: Signal) -> dict[str, object]:
    facts = asdict(signal)
    return {
        **{name: facts[name] for name in _KEPT},
        "customers": signal.distinct_customers,
        "as_of": signal.as_of.isoformat(),
        "window_start": signal.window_start.isoformat(),
    }


# What a lead decides ------------------------------------------------------------------------------------------------


@handles(ConfirmMassFault)
def confirm(work: Work, command: ConfirmMassFault) -> Receipt:
    """Link its tickets and begin its level. Raises Conflict when it is no proposal any more."""
    row = _locked(work, command.id, command.action)
    incident = state_of(work.session, row)
    if row.state is IncidentState.PROPOSED:
        incident = rules.count(incident, link_all(work, row), work.now, pack().incident).incident
    put(work, row, rules.confirm(incident, work.now, work.actor.login, pack().incident))
    return _done(work, command.action, row)


@handles(DismissMassFault)
def dismiss(work: Work, command: DismissMassFault) -> Receipt:
    """Say that it is none. Raises Conflict when it is no proposal any more."""
    row = _locked(work, command.id, command.action)
    put(work, row, rules.dismiss(state_of(work.session, row), work.now, work.actor.login, command.reason))
    return _done(work, command.action, row)


@handles(LowerLevel)
def lower(work: Work, command: LowerLevel) -> Receipt:
    """Lower the level. Raises Invalid for a level that is not lower, Conflict when it is not active."""
    row = _locked(work, command.id, command.action)
    incident = state_of(work.session, row)
    put(work, row, rules.lower(incident, command.level, work.now, work.actor.login, command.reason))
    return _done(work, command.action, row)


@handles(FinishAction)
def finish_action(work: Work, command: FinishAction) -> Receipt:
    """Note when an action of the plan was done, or that it is called off and why."""
    work.authorize(command.action)
    action = work.lock(MassFaultAction, command.action_id)
    row = work.lock(MassFault, action.mass_fault_id)
    if action.done_at is not None:
        raise Conflict(N_("This action of the plan is done already."))
    if command.call_off and not command.note:
        raise Invalid(N_("A reason is needed."), hint=N_("Say in a few words why."), field="note")
    action.done_at, action.done_by, action.note = work.now, work.actor.id, command.note
    action.called_off = command.call_off
    title = Words(*_pair(action.words["title"]))
    said = ": ".join(part for part in (title.en, command.note) if part)
    note(work, row, "action_called_off" if command.call_off else "action_done", said)
    return _done(work, command.action, row)


@handles(Broadcast)
def broadcast(work: Work, command: Broadcast) -> Receipt:
    """Write the same words to the customer into every open ticket of it; to each ticket they are progress."""
    row = _locked(work, command.id, command.action)
    if row.state not in UNDER_WAY:
        raise Conflict(N_("Only a confirmed mass fault has customers to tell."), hint=N_("Confirm it first."))
    counted(work, row, link_all(work, row))
    receipt = _done(work, command.action, row)
    note(work, row, "broadcast", command.text)
    work.flush()
    reached = store.linked(work.session, row.id)
    for ticket_id in reached:
        tickets.add_entry(
            work, AddEntry(ticket_id=ticket_id, kind=EntryKind.MESSAGE_OUT, text=f"M-{row.number}: {command.text}")
        )
    work.tell(reached=len(reached))
    return receipt


@handles(BeginClosing)
def begin_closing(work: Work, command: BeginClosing) -> Receipt:
    """Say that it is mended."""
    row = _locked(work, command.id, command.action)
    put(work, row, rules.begin_closing(state_of(work.session, row), work.now, work.actor.login, command.reason))
    return _done(work, command.action, row)


@handles(GoOn)
def go_on(work: Work, command: GoOn) -> Receipt:
    """Say that it was not over."""
    row = _locked(work, command.id, command.action)
    put(work, row, rules.resume(state_of(work.session, row), work.now, work.actor.login, command.reason))
    return _done(work, command.action, row)


@handles(SolveChildren)
def solve_children(work: Work, command: SolveChildren) -> Receipt:
    """Solve the tickets chosen, those still open; every customer gets the call-back of a solved ticket."""
    row = _locked(work, command.id, command.action)
    if row.state is not IncidentState.CLOSING:
        raise Conflict(N_("Its tickets are closed together only while it is closing."), hint=N_("Begin closing it."))
    receipt = _done(work, command.action, row)
    mine, still_open = links(work.session, row), set(store.linked(work.session, row.id))
    if foreign := [key for key in command.ticket_ids if key not in mine]:
        raise Invalid(N_("{count} of these tickets do not belong to it."), field="ticket_ids", count=len(foreign))
    for key in command.ticket_ids:
        if key in still_open:
            tickets.solve_ticket(work, SolveTicket(ticket_id=key, resolution=command.resolution))
    return receipt


@handles(CloseMassFault)
def close(work: Work, command: CloseMassFault) -> Receipt:
    """End it. Raises Conflict while actions of the plan are open."""
    row = _locked(work, command.id, command.action)
    todo = select(_a.id).where(_a.mass_fault_id == row.id, _a.done_at.is_(None))
    open_actions = len(work.session.execute(todo).all())
    put(work, row, rules.close(state_of(work.session, row), work.now, work.actor.login, open_actions))
    return _done(work, command.action, row)


def _locked(work: Work, key: UUID, action: str) -> MassFault:
    work.authorize(action)
    row = work.session.get(MassFault, key)
    if row is None:
        raise _unknown()
    return work.lock(MassFault, key)


def _done(work: Work, action: str, row: MassFault) -> Receipt:
    work.record(action, "mass_fault", row)
    return Receipt("mass_fault", row.id, f"M-{row.number}", 0)


def _unknown() -> NotFound:
    return NotFound(N_("There is no such mass fault."), hint=N_("Look with `deskapp outbreak list`."))


# What is told -------------------------------------------------------------------------------------------------------


@handles(GetMassFaults)
def get_mass_faults(read: Read, query: GetMassFaults) -> tuple[MassFaultLine, ...]:
    """Mass faults as lines."""
    return store.lines(read.session, over=query.over)


@handles(GetMassFault)
def get_mass_fault(read: Read, query: GetMassFault) -> MassFaultView:
    """One mass fault with its reasons, plan, history and tickets. Raises NotFound."""
    row = store.find(read.session, query.id, query.number)
    if row is None:
        raise _unknown()
    candidates = None
    if row.state in (IncidentState.PROPOSED, IncidentState.DISMISSED):
        candidates = [ticket for ticket, _who in matching(read.session, row.product, row.fault, row.counted_from)]
    return MassFaultView(
        store.lines(read.session, only=row.id)[0],
        _signal(row),
        tuple(_action(found) for found in store.actions(read.session, row.id)),
        tuple(MassFaultStep(*tuple(found)) for found in store.steps(read.session, row.id)),
        store.children(read.session, row.id, candidates),
    )


def _signal(row: MassFault) -> Signal:
    facts: dict[str, Any] = dict(row.signal)
    return Signal(
        product=row.product,
        fault=row.fault,
        as_of=datetime.fromisoformat(facts["as_of"]),
        window_start=datetime.fromisoformat(facts["window_start"]),
        customers=("",) * int(facts["customers"]),
        first_signal_at=row.first_signal_at,
        **{name: facts[name] for name in _KEPT},
    )


def _action(row: Any) -> PlanActionLine:
    words: dict[str, Any] = row.words
    return PlanActionLine(
        row.id, row.level, row.key, Words(*_pair(words["title"])), Words(*_pair(words["role"])),
        tuple(Words(*_pair(step)) for step in words["steps"]), row.within, row.started_at, row.due_at, row.done_at,
        row.by_name, row.called_off, row.note,
    )  # fmt: skip


def _pair(value: Any) -> tuple[str, str]:
    return str(value[0]), str(value[1])


__all__ = ["broadcast", "confirm", "find_mass_faults", "look_and_record", "record_scan"]
