"""What each kind of event does to the clocks of a ticket."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from deskapp.domain.calendar import WorkCalendar
from deskapp.domain.sla.book import NEVER, Book, Marks, Rules
from deskapp.domain.sla.clock import (
    Clock,
    Outcome,
    State,
    cancel,
    due_if_resumed,
    finish,
    recalendar,
    revise,
    start_clock,
)
from deskapp.domain.sla.events import ClockEvent, EventKind, Pause, Promise
from deskapp.domain.sla.policy import Metric, Rule, Target

# Why a clock was cancelled, where the rules and not a person decided.
BY_POLICY, NO_POLICY, RESOLVED, REOPENED = "policy", "no_policy", "resolved", "reopened"


def step(book: Book, event: ClockEvent, rules: Rules) -> Book:
    """Return the book after one event; nothing counts any more once a book is closed."""
    desk = _Desk(book, event, rules)
    if not book.closed:
        _HANDLERS[event.kind](desk, event)
    return desk.book()


class _Desk:
    """One event at work on one book."""

    def __init__(self, book: Book, event: ClockEvent, rules: Rules) -> None:
        first = book.last == (NEVER, -1)
        self.at = event.at
        self.before = book
        self.facts = event.facts or book.facts if first or event.kind is EventKind.CHANGED else book.facts
        self.policy_id = event.policy if event.policy and (first or _changes_rule(event)) else book.policy
        moves = first or _changes_rule(event) or event.kind is EventKind.CALENDAR_CHANGED
        self.calendar_id = event.calendar if event.calendar and moves else book.calendar
        self.rules = rules
        self.policy = rules.policy(self.policy_id)
        self.calendar = rules.calendar(self.calendar_id)
        self._rule: tuple[Rule | None] | None = None
        self.clocks = list(book.clocks)
        self.marks = book.marks
        self.pauses = book.pauses
        self.closed = ""
        self.last = (event.at, event.seq)

    @property
    def rule(self) -> Rule | None:
        """What is promised to such a ticket; not every event needs to know."""
        if self._rule is None:
            self._rule = (self.policy.match(self.facts),)
        return self._rule[0]

    def book(self) -> Book:
        """The book after the event."""
        return Book(
            self.facts, self.policy_id, self.calendar_id, tuple(self.clocks), self.marks, self.pauses,
            max(self.last, self.before.last), self.closed or self.before.closed,
        )  # fmt: skip

    def mark(self, **instants: datetime | None) -> None:
        """Note when something happened."""
        self.marks = replace(self.marks, **instants)

    def find(self, metric: Metric, name: str = "") -> int | None:
        """Index of the last round of a metric."""
        for i in range(len(self.clocks) - 1, -1, -1):
            if self.clocks[i].metric is metric and self.clocks[i].name == name:
                return i
        return None

    def open(self) -> list[int]:
        """Indexes of the clocks that still count."""
        return [i for i, clock in enumerate(self.clocks) if clock.is_open]

    def has_open(self, metric: Metric) -> bool:
        """Whether a clock of that metric still counts."""
        return any(clock.metric is metric and clock.is_open for clock in self.clocks)

    def calendar_of(self, clock: Clock) -> WorkCalendar:
        """The calendar version a clock is counted on."""
        return self.rules.calendar(clock.calendar)

    def start(self, metric: Metric, since: datetime | None = None, target: Target | None = None) -> None:
        """Start the next round of a promise, if it is made and not running already."""
        target = target or (self.rule.target(metric) if self.rule else None)
        if target is None:
            return
        i = self.find(target.metric, target.name)
        if i is not None and self.clocks[i].is_open:
            return
        since = since or self.at
        clock = start_clock(
            target,
            self.calendar,
            self.policy_id,
            since,
            round_=1 if i is None else self.clocks[i].round + 1,
            pauses=self.pauses_for(target, since),
        )
        if since < self.at:  # a promise made afterwards counts from where it should have, and may be past at once
            clock = replace(clock, revised_at=self.at, overdue_by_change=clock.overdue(self.at))
        self.clocks.append(clock)

    def finish(self, *metrics: Metric, name: str = "") -> None:
        """The promise is kept, in time or not."""
        for i in self.open():
            clock = self.clocks[i]
            if clock.metric in metrics and clock.name == name:
                self.clocks[i] = finish(clock, self.calendar_of(clock), self.at)

    def cancel(self, *metrics: Metric, reason: str, miss: bool) -> None:
        """The promise is no longer needed; with `miss`, one that is overdue has been missed and ends late."""
        for i in self.open():
            clock = self.clocks[i]
            if not metrics or clock.metric in metrics:
                calendar = self.calendar_of(clock)
                ended = finish(clock, calendar, self.at)
                late = miss and ended.state is State.LATE
                self.clocks[i] = replace(ended, reason=reason) if late else cancel(clock, calendar, self.at, reason)

    def pauses_for(self, target: Target, since: datetime) -> tuple[Pause, ...]:
        """The pauses of the ticket that a target allows, clipped to the time from `since` on."""
        return tuple(
            replace(p, since=max(p.since, since))
            for p in self.pauses
            if p.reason in target.pause and (p.until is None or p.until > since)
        )

    def pause(self, i: int, pause: Pause) -> None:
        """Stop one clock."""
        clock, calendar = self.clocks[i], self.calendar_of(self.clocks[i])
        paused = replace(clock, pauses=(*clock.pauses, replace(pause, since=max(self.at, clock.started_at))))
        self.clocks[i] = revise(paused, calendar, self.at, calendar, clock)

    def resume(self, i: int) -> None:
        """Let one clock go on."""
        clock, calendar = self.clocks[i], self.calendar_of(self.clocks[i])
        pauses = (*clock.pauses[:-1], replace(clock.pauses[-1], until=self.at))
        self.clocks[i] = revise(replace(clock, pauses=pauses), calendar, self.at, calendar, clock)

    def end_pause(self) -> None:
        """Note that the ticket is no longer paused."""
        if self.pauses and self.pauses[-1].until is None:
            self.pauses = (*self.pauses[:-1], replace(self.pauses[-1], until=self.at))

    def ongoing(self) -> Pause | None:
        """The pause the ticket is in."""
        return self.pauses[-1] if self.pauses and self.pauses[-1].until is None else None


def _changes_rule(event: ClockEvent) -> bool:
    return event.kind in (EventKind.CHANGED, EventKind.POLICY_CHANGED)


def _arrived(desk: _Desk, event: ClockEvent) -> None:
    desk.mark(arrived=event.at, taken=None)
    desk.start(Metric.ANSWER)


def _taken(desk: _Desk, event: ClockEvent) -> None:
    desk.mark(taken=event.at)
    desk.finish(Metric.ANSWER)


def _abandoned(desk: _Desk, event: ClockEvent) -> None:
    desk.mark(arrived=None)
    desk.cancel(Metric.ANSWER, reason=event.reason or event.kind.value, miss=True)


def _opened(desk: _Desk, event: ClockEvent) -> None:
    desk.mark(opened=event.at)
    for metric in (Metric.FIRST_RESPONSE, Metric.BOOK, Metric.ON_SITE, Metric.RESOLVE):
        desk.start(metric)


def _contact(desk: _Desk, event: ClockEvent) -> None:
    if desk.marks.contacted is None or desk.marks.unanswered_from is not None:
        desk.mark(contacted=desk.marks.contacted or event.at, unanswered_from=None)
    desk.finish(Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE)


def _customer_contact(desk: _Desk, event: ClockEvent) -> None:
    # Until the first response it is that promise which runs; the next-response target may not undercut it.
    if desk.has_open(Metric.FIRST_RESPONSE) or desk.marks.resolved or desk.marks.unanswered_from:
        return
    desk.mark(unanswered_from=event.at)
    desk.start(Metric.NEXT_RESPONSE)


def _booked(desk: _Desk, event: ClockEvent) -> None:
    desk.mark(booked=event.at)
    desk.finish(Metric.BOOK)


def _on_site(desk: _Desk, event: ClockEvent) -> None:
    desk.mark(on_site=event.at)
    desk.finish(Metric.ON_SITE)


def _handed_over(desk: _Desk, event: ClockEvent) -> None:
    if desk.marks.resolved is None and desk.marks.progress_from is None:
        desk.mark(progress_from=event.at)
        desk.start(Metric.PROGRESS)


def _handed_back(desk: _Desk, event: ClockEvent) -> None:
    desk.mark(progress_from=None)
    desk.cancel(Metric.PROGRESS, reason=event.reason or event.kind.value, miss=True)


def _update(desk: _Desk, event: ClockEvent) -> None:
    _contact(desk, event)
    _broadcast(desk, event)


def _broadcast(desk: _Desk, event: ClockEvent) -> None:
    desk.finish(Metric.PROGRESS)
    if desk.marks.progress_from is not None:
        desk.mark(progress_from=event.at)
        desk.start(Metric.PROGRESS)


def _paused(desk: _Desk, event: ClockEvent) -> None:
    if desk.marks.resolved is not None:
        return
    desk.end_pause()
    pause = Pause(event.at, None, event.reason, event.back_at)
    desk.pauses = (*desk.pauses, pause)
    for i in desk.open():
        if desk.clocks[i].state is State.PAUSED:
            desk.resume(i)
        if event.reason in desk.clocks[i].target.pause:
            desk.pause(i, pause)


def _resumed(desk: _Desk, event: ClockEvent) -> None:
    desk.end_pause()
    for i in desk.open():
        if desk.clocks[i].state is State.PAUSED:
            desk.resume(i)


def _resolved(desk: _Desk, event: ClockEvent) -> None:
    if desk.marks.resolved is not None:
        return
    desk.end_pause()
    desk.mark(resolved=event.at, progress_from=None, unanswered_from=None, followed_up=None)
    desk.finish(Metric.RESOLVE)
    desk.cancel(reason=RESOLVED, miss=True)
    desk.start(Metric.FOLLOW_UP)


def _reopened(desk: _Desk, event: ClockEvent) -> None:
    resolved = desk.marks.resolved
    if resolved is None:
        return
    desk.mark(resolved=None)
    desk.cancel(Metric.FOLLOW_UP, reason=REOPENED, miss=False)
    i = desk.find(Metric.RESOLVE)
    goes_on = event.same_fault and event.at - resolved <= desk.policy.reopen_within
    if goes_on and i is not None and (clock := desk.clocks[i]).done_at == resolved and clock.due_at is not None:
        outcome = Outcome(clock.state, resolved, clock.due_at, clock.over_by)
        calendar = desk.calendar_of(clock)
        again = replace(
            clock,
            state=State.RUNNING,
            pauses=(*clock.pauses, Pause(resolved, event.at, REOPENED)),
            former=(*clock.former, outcome),
            done_at=None,
            over_by=timedelta(0),
            reason="",
        )
        desk.clocks[i] = revise(again, calendar, event.at, calendar, clock)
    elif goes_on:
        desk.start(Metric.RESOLVE)
    else:
        desk.mark(opened=event.at, booked=None, on_site=None)
        for metric in (Metric.BOOK, Metric.ON_SITE, Metric.RESOLVE):
            desk.start(metric)


def _followed_up(desk: _Desk, event: ClockEvent) -> None:
    desk.mark(followed_up=event.at)
    desk.finish(Metric.FOLLOW_UP)


def _closed(desk: _Desk, event: ClockEvent) -> None:
    """Nobody calls back any more: the promise of it is not needed, unless it has been missed already."""
    desk.mark(followed_up=event.at)
    desk.cancel(Metric.FOLLOW_UP, reason=event.reason or event.kind.value, miss=True)


def _cancelled(desk: _Desk, event: ClockEvent) -> None:
    desk.closed = event.reason or event.kind.value
    desk.end_pause()
    desk.cancel(reason=desk.closed, miss=False)


def _merged_in(desk: _Desk, event: ClockEvent) -> None:
    for promise in event.promises:
        _keep_earlier(desk, promise)


def _keep_earlier(desk: _Desk, promise: Promise) -> None:
    """Of two promises the one that is due first stays, with its own start and pauses."""
    ended = tuple(replace(p, until=p.until or desk.at) for p in promise.pauses)
    i = desk.find(promise.metric, promise.name)
    other = start_clock(
        promise.target, desk.calendar, desk.policy_id, promise.started_at,
        round_=1 if i is None else desk.clocks[i].round, pauses=ended,
    )  # fmt: skip
    if i is None:
        if not _done(desk.marks, promise.metric):
            desk.clocks.append(replace(other, revised_at=desk.at))
            i = len(desk.clocks) - 1
            if (pause := desk.ongoing()) is not None and pause.reason in promise.target.pause:
                desk.pause(i, pause)
        return
    own = desk.clocks[i]
    if not own.is_open or due_if_resumed(own, desk.calendar_of(own), desk.at) <= other.held_due:
        return
    lasting = own.pauses[-1:] if own.state is State.PAUSED else ()
    taken_over = replace(
        own,
        target=promise.target,
        started_at=promise.started_at,
        pauses=(*ended, *(replace(p, since=desk.at) for p in lasting)),
    )
    desk.clocks[i] = revise(taken_over, desk.calendar, desk.at, desk.calendar_of(own), own)


def _done(marks: Marks, metric: Metric) -> bool:
    done = {
        Metric.ANSWER: marks.taken,
        Metric.FIRST_RESPONSE: marks.contacted,
        Metric.BOOK: marks.booked,
        Metric.ON_SITE: marks.on_site,
    }
    return marks.resolved is not None or done.get(metric) is not None


def _policy_changed(desk: _Desk, event: ClockEvent) -> None:
    """Used time and pauses carry over; only the targets are swapped."""
    for i in desk.open():
        clock = desk.clocks[i]
        if clock.metric is Metric.PLAN:
            continue
        target = desk.rule.target(clock.metric, clock.name) if desk.rule else None
        if target is None:
            reason = BY_POLICY if desk.rule else NO_POLICY
            desk.clocks[i] = cancel(clock, desk.calendar_of(clock), desk.at, reason)
        else:
            _swap(desk, i, target, clock)
    for target in desk.rule.targets if desk.rule else ():
        _add_promise(desk, target)


def _swap(desk: _Desk, i: int, target: Target, clock: Clock) -> None:
    pauses, ongoing = clock.pauses, desk.ongoing()
    if clock.state is State.PAUSED and pauses[-1].reason not in target.pause:
        pauses = (*pauses[:-1], replace(pauses[-1], until=desk.at))
    elif clock.state is State.RUNNING and ongoing is not None and ongoing.reason in target.pause:
        pauses = (*pauses, replace(ongoing, since=desk.at))
    swapped = replace(clock, target=target, policy=desk.policy_id, pauses=pauses)
    calendar = desk.calendar if target.amount != clock.target.amount else desk.calendar_of(clock)
    desk.clocks[i] = revise(swapped, calendar, desk.at, desk.calendar_of(clock), clock)


def _add_promise(desk: _Desk, target: Target) -> None:
    """A promise the new rule adds: one it had cancelled goes on, another counts from its own beginning."""
    i = desk.find(target.metric, target.name)
    if i is not None and desk.clocks[i].is_open:
        return
    since = _start_mark(desk.marks, target.metric)
    if since is None:
        return
    if i is None:
        desk.start(target.metric, since, target)
        return
    clock = desk.clocks[i]
    if clock.reason in (BY_POLICY, NO_POLICY) and clock.done_at is not None and clock.done_at >= since:
        revived = replace(
            clock,
            state=State.RUNNING,
            target=target,
            policy=desk.policy_id,
            pauses=(*clock.pauses, *desk.pauses_for(target, clock.done_at)),
            done_at=None,
            reason="",
        )
        desk.clocks[i] = revise(revived, desk.calendar, desk.at, desk.calendar_of(clock), clock)
    elif clock.started_at < since and target.metric is not Metric.FIRST_RESPONSE:
        desk.start(target.metric, since, target)


def _start_mark(marks: Marks, metric: Metric) -> datetime | None:
    if marks.resolved is not None:
        return marks.resolved if metric is Metric.FOLLOW_UP and marks.followed_up is None else None
    if _done(marks, metric):
        return None
    later: dict[Metric, datetime | None] = {
        Metric.ANSWER: marks.arrived,
        Metric.NEXT_RESPONSE: marks.unanswered_from,
        Metric.PROGRESS: marks.progress_from,
        Metric.FOLLOW_UP: None,
        Metric.PLAN: None,
    }
    return later.get(metric, marks.opened)


def _calendar_changed(desk: _Desk, event: ClockEvent) -> None:
    for i in desk.open():
        clock = desk.clocks[i]
        desk.clocks[i] = recalendar(clock, desk.calendar_of(clock), desk.calendar, desk.at)


def _plan_started(desk: _Desk, event: ClockEvent) -> None:
    for target in event.targets:
        desk.start(target.metric, target=target)


def _plan_done(desk: _Desk, event: ClockEvent) -> None:
    desk.finish(Metric.PLAN, name=event.name)


_HANDLERS: dict[EventKind, Callable[[_Desk, ClockEvent], None]] = {
    EventKind.ARRIVED: _arrived,
    EventKind.TAKEN: _taken,
    EventKind.ABANDONED: _abandoned,
    EventKind.OPENED: _opened,
    EventKind.CONTACT: _contact,
    EventKind.CUSTOMER_CONTACT: _customer_contact,
    EventKind.BOOKED: _booked,
    EventKind.ON_SITE: _on_site,
    EventKind.HANDED_OVER: _handed_over,
    EventKind.HANDED_BACK: _handed_back,
    EventKind.UPDATE: _update,
    EventKind.BROADCAST: _broadcast,
    EventKind.PAUSED: _paused,
    EventKind.RESUMED: _resumed,
    EventKind.RESOLVED: _resolved,
    EventKind.REOPENED: _reopened,
    EventKind.FOLLOWED_UP: _followed_up,
    EventKind.CLOSED: _closed,
    EventKind.CANCELLED: _cancelled,
    EventKind.MERGED_AWAY: _cancelled,
    EventKind.MERGED_IN: _merged_in,
    EventKind.CHANGED: _policy_changed,
    EventKind.POLICY_CHANGED: _policy_changed,
    EventKind.CALENDAR_CHANGED: _calendar_changed,
    EventKind.PLAN_STARTED: _plan_started,
    EventKind.PLAN_DONE: _plan_done,
}
