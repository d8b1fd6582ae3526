"""The cases of the demo desk: when they come, who takes them, how each goes on, and where it stands at the moment."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from deskapp.domain.terms import (
    AppointmentState,
    Channel,
    EntryKind,
    Grade,
    HandOverState,
    PauseReason,
    Role,
    Shift,
    Status,
)
from deskapp.services.demo_content import (
    DAYS,
    DemoCallBack,
    DemoCase,
    DemoCustomer,
    DemoEntry,
    DemoHandOver,
    DemoMachine,
    DemoPause,
    DemoVisit,
    local,
)
from deskapp.services.demo_words import DemoWords, Story

# The flow of a case says product and fault; a complaint is about whatever the customer has.
FLOWS = {
    "ac-not-cooling": ("air_conditioner", "not_cooling"), "billing-complaint": ("", "billing_complaint"),
    "bottle-warmer-fault": ("bottle_warmer", "heating_fault"), "delivery-installation": ("", "delivery_complaint"),
    "ebike-range-loss": ("ebike", "range_loss"), "fridge-not-cold": ("refrigerator", "not_cooling"),
    "gas-stove-smell": ("gas_stove", "gas_smell"), "range-hood": ("range_hood", "poor_suction"),
    "robot-vacuum-fault": ("robot_vacuum", "not_working"), "tv-fault": ("tv", "picture_or_power"),
    "washer-noise": ("washing_machine", "abnormal_noise"), "water-heater-no-hot": ("water_heater", "no_hot_water"),
}  # fmt: skip
# Cases that come in from 8 to 21 o'clock: a morning peak, a dip at noon, a second peak after work.
HOURS = dict(zip(range(8, 22), (6, 11, 13, 10, 6, 6, 8, 9, 8, 8, 9, 8, 5, 3), strict=True))
ON_SHIFT = {Shift.EARLY: range(8, 16), Shift.MIDDLE: range(11, 19), Shift.LATE: range(14, 22)}
CHANNELS = {Channel.PHONE: 70, Channel.APP: 12, Channel.CHAT: 12, Channel.EMAIL: 4, Channel.COUNTER: 2}
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# What still has to be open at `now`, so that the desk shows every colour: hours since opening, grade, and a pause.
LIVE = (
    (0.3, Grade.RED, None), (1.6, Grade.RED, None), (2.7, Grade.RED, None), (1.2, Grade.YELLOW, None),
    (7.0, Grade.YELLOW, None), (23.6, Grade.YELLOW, None), (49.5, Grade.YELLOW, None), (74.0, Grade.YELLOW, "parts"),
    (52.0, Grade.YELLOW, "customer"), (0.1, Grade.GREEN, None), (0.9, Grade.GREEN, None), (19.0, Grade.GREEN, None),
    (23.8, Grade.GREEN, None), (27.0, Grade.GREEN, None), (30.0, Grade.YELLOW, "third_party"),
)  # fmt: skip


def tell_cases(words: DemoWords, customers: Sequence[DemoCustomer], now: datetime, rng: Random) -> tuple[DemoCase, ...]:
    """Tell every case of the last three months and cut it at `now`; numbered in the order of opening."""
    teller = _Teller(words, customers, now, rng)
    told = [teller.case(*start) for start in teller.ordinary()]
    told += [teller.case(*start) for start in teller.batch()]
    told += [teller.live(hours, grade, reason) for hours, grade, reason in LIVE]
    told.sort(key=lambda case: (case.opened_at, case.customer, case.subject))
    return tuple(replace(case, number=1001 + i) for i, case in enumerate(told))


@dataclass(slots=True)
class _Thread:
    """A case while it is being told: everything that happens, also after `now`."""

    entries: list[DemoEntry] = field(default_factory=list)
    hand_overs: list[DemoHandOver] = field(default_factory=list)
    visits: list[DemoVisit] = field(default_factory=list)
    pauses: list[DemoPause] = field(default_factory=list)
    team: str = "hotline"
    assignee: str = ""
    assigned: list[tuple[datetime, str, str]] = field(default_factory=list)
    solved_at: datetime | None = None

    def add(self, at: datetime, kind: EntryKind, author: str, text: str, **details: Any) -> None:
        self.entries.append(DemoEntry(at, kind, author, text, details))


class _Teller:
    """Tells cases one after the other from one stream of random numbers."""

    def __init__(self, words: DemoWords, customers: Sequence[DemoCustomer], now: datetime, rng: Random) -> None:
        self.words, self.now, self.rng = words, now, rng
        self.zone = ZoneInfo(words.zone)
        self.today = now.astimezone(self.zone).date()
        self.customers = customers
        self.owners: dict[str, list[tuple[DemoCustomer, DemoMachine]]] = defaultdict(list)
        for customer in customers:
            for machine in customer.machines:
                self.owners[machine.product].append((customer, machine))
                self.owners[""].append((customer, machine))
        self.bikes = [(c, m) for c, m in self.owners["ebike"] if "B2" in m.serial]

    def ordinary(self) -> list[tuple[Story, DemoCustomer, DemoMachine, datetime]]:
        """The everyday cases: fewer at weekends, by the hours of a service desk, by the weights of the stories."""
        rng, starts = self.rng, []
        weights = [story.weight for story in self.words.stories]
        for back in range(DAYS, -1, -1):
            day = self.today - back * DAY
            for _case in range(round(rng.gauss(9 if day.weekday() >= 5 else 13, 2.5))):
                story = rng.choices(self.words.stories, weights)[0]
                owner, machine = self._owner(story)
                hour = rng.choices(list(HOURS), list(HOURS.values()))[0]
                at = local(self.zone, day, hour * 60 + rng.randrange(60))
                if at < self.now and at.date() > owner.since:
                    starts.append((story, owner, machine, at))
        return starts

    def batch(self) -> list[tuple[Story, DemoCustomer, DemoMachine, datetime]]:
        """The mass fault: more each day over the last eight days; one customer calls three times."""
        starts = []
        people = self.rng.sample(self.bikes, min(22, len(self.bikes)))
        for i, (owner, machine) in enumerate(people):
            day = self.today - int(8 * (1 - (i / len(people)) ** 0.6)) * DAY
            at = local(self.zone, day, 9 * 60 + self.rng.randrange(600))
            starts.append(
                (self.words.batch, owner, machine, min(at, self.now - (20 + 13 * (len(people) - i)) * MINUTE))
            )
        owner, machine = people[0]
        starts += [(self.words.batch, owner, machine, self.now - hours * HOUR) for hours in (50, 4)]
        return starts

    def live(self, hours: float, grade: Grade, reason: str | None) -> DemoCase:
        """A case that is open now: it was opened so long ago and is solved only tomorrow."""
        stories = [s for s in self.words.stories if s.grade is grade and (s.way == "visit" or grade is Grade.GREEN)]
        story = self.rng.choice(stories)
        owner, machine = self._owner(story)
        opened = (self.now - timedelta(hours=hours)).replace(second=self.rng.randrange(60))
        return self.case(story, owner, machine, opened, stall=True, reason=PauseReason(reason) if reason else None)

    def case(
        self,
        story: Story,
        owner: DemoCustomer,
        machine: DemoMachine,
        opened: datetime,
        stall: bool = False,
        reason: PauseReason | None = None,
    ) -> DemoCase:
        """Tell one case from the first word to the call-back and cut it at `now`."""
        rng = self.rng
        agent = self._on_shift("hotline", opened)
        thread = _Thread(assignee=agent)
        channel = rng.choices(list(CHANNELS), list(CHANNELS.values()))[0]
        spoken = channel in (Channel.PHONE, Channel.COUNTER)
        first = opened if spoken else opened + rng.randrange(1, 12) * MINUTE
        said = rng.choice(story.said)
        thread.add(opened, EntryKind.CALL_IN if spoken else EntryKind.MESSAGE_IN, agent if spoken else "", said)
        if not spoken:
            thread.add(first, EntryKind.MESSAGE_OUT, agent, rng.choice(story.noted))
        noted = first + rng.randrange(2, 6) * MINUTE
        thread.add(noted, EntryKind.OUTCOME, agent, story.subject, flow=story.flow, outcome=story.outcome)
        thread.add(noted + MINUTE, EntryKind.NOTE, agent, rng.choice(story.noted))
        self._work(thread, story, agent, noted + 2 * MINUTE, stall, reason)
        return self._cut(thread, story, owner, machine, channel, opened, first, said)

    def _work(
        self, thread: _Thread, story: Story, agent: str, at: datetime, stall: bool, reason: PauseReason | None
    ) -> None:
        rng = self.rng
        if story.grade is Grade.RED:
            lead = next(a.login for a in self.words.agents if a.role is Role.LEAD and a.team == "hotline")
            thread.add(at, EntryKind.ASSIGNMENT, agent, "", to=lead)
            thread.assigned.append((at, "hotline", lead))
        if story.way == "remote":
            end = at + rng.randrange(3, 15) * MINUTE
        elif story.way == "callback":
            end = self._workday(at + rng.randrange(3, 42) * HOUR)
        else:
            end = self._field(thread, story, agent, at, reason)
        if stall:
            end = max(end, self.now + rng.randrange(3, 20) * HOUR)
        if end - at > 20 * HOUR:
            self._chased(thread, agent, at, end)
        author = thread.visits[-1].technician if thread.visits else agent
        kind = EntryKind.VISIT if story.way == "visit" else EntryKind.CALL_OUT
        if not stall or end > self.now:
            thread.add(end, kind, author, rng.choice(story.done))
        thread.add(end + MINUTE, EntryKind.STATUS, author, "", status=Status.SOLVED.value)
        thread.solved_at = end + MINUTE

    def _field(self, thread: _Thread, story: Story, agent: str, at: datetime, reason: PauseReason | None) -> datetime:
        """Hand-over to the field desk, appointment, perhaps a move or a pause, the visit or the workshop's end."""
        rng, words = self.rng, self.words
        urgent = story.grade is Grade.RED
        due = at + (2 * HOUR if urgent else DAY)
        asked = rng.choice(words.asked["urgent" if urgent else story.way])
        offered = at
        if not urgent and rng.random() < 0.08:
            back = at + rng.randrange(8, 50) * MINUTE
            person, answer = self._on_shift("field", back), rng.choice(words.sent_back)
            self._offer(thread, agent, offered, asked, due, HandOverState.SENT_BACK, person, back, answer)
            offered = back + rng.randrange(10, 60) * MINUTE
        taken = offered + rng.randrange(2, 10 if urgent else 70) * MINUTE
        person = self._on_shift("field", taken)
        answer = rng.choice(words.accepted_urgent if urgent else words.accepted)
        self._offer(thread, agent, offered, asked, due, HandOverState.ACCEPTED, person, taken, answer)
        thread.assigned.append((taken, "field", person))
        start = taken + rng.randrange(30, 80) * MINUTE if urgent else self._slot(taken, rng.choice((0, 1, 1, 1, 2)))
        if not urgent and rng.random() < 0.12:
            moved_at, old = start - 3 * HOUR, start
            start, why = self._slot(start, 1), rng.choice(words.moved)
            self._book(thread, old, AppointmentState.MOVED, person, taken + 9 * MINUTE, why)
            self._book(thread, start, AppointmentState.DONE, person, max(moved_at, taken + 10 * MINUTE))
        else:
            self._book(thread, start, AppointmentState.DONE, person, taken + 9 * MINUTE)
        pause = reason or (PauseReason.PARTS if not urgent and rng.random() < 0.07 else None)
        if pause:
            start = self._pause(thread, person, taken + 15 * MINUTE, start, pause)
        if story.way == "visit":
            thread.add(start + rng.randrange(-5, 25) * MINUTE, EntryKind.NOTE, person, rng.choice(words.arrived))
            return start + rng.randrange(30, 110) * MINUTE
        return self._workday(start + rng.randrange(20, 80) * HOUR)

    def _offer(
        self,
        thread: _Thread,
        by: str,
        at: datetime,
        asked: str,
        due: datetime,
        state: HandOverState,
        person: str,
        answered: datetime,
        answer: str,
    ) -> None:
        thread.hand_overs.append(DemoHandOver("hotline", "field", by, at, asked, due, state, person, answered, answer))
        thread.add(at, EntryKind.HAND_OVER, by, asked, to="field", due=due.isoformat())
        thread.add(answered, EntryKind.HAND_OVER, person, answer, state=state.value)

    def _book(
        self, thread: _Thread, start: datetime, state: AppointmentState, person: str, at: datetime, reason: str = ""
    ) -> None:
        end = start + 2 * HOUR
        thread.visits.append(DemoVisit(start, end, state, person, person, at, reason))
        thread.add(at, EntryKind.APPOINTMENT, person, reason, start=start.isoformat(), end=end.isoformat())

    def _pause(self, thread: _Thread, person: str, at: datetime, start: datetime, reason: PauseReason) -> datetime:
        """Put the case on hold until the part (or the customer) is there; the visit moves behind it."""
        note = self.rng.choice(self.words.paused[reason])
        until = self._slot(at, self.rng.choice((3, 4, 5)))
        thread.pauses.append(DemoPause(at, reason, note, until, until))
        thread.add(at, EntryKind.STATUS, person, note, status=Status.PAUSED.value, reason=reason.value)
        thread.add(until, EntryKind.STATUS, person, "", status=Status.OPEN.value)
        last = thread.visits.pop()
        later = max(start, until + HOUR)
        thread.visits.append(replace(last, starts_at=later, ends_at=later + 2 * HOUR))
        return later

    def _chased(self, thread: _Thread, agent: str, at: datetime, end: datetime) -> None:
        """Customers who wait ask; most are told how far it is."""
        rng, words = self.rng, self.words
        asked = at
        while rng.random() < 0.32:
            asked = self._workday(asked + rng.randrange(9, 30) * HOUR)
            if asked >= end - HOUR:
                return
            person = self._on_shift("hotline", asked)
            thread.add(asked, EntryKind.CALL_IN, person, rng.choice(words.chasing))
            told = asked + rng.randrange(15, 150) * MINUTE
            if rng.random() < 0.75 and told < end:
                thread.add(told, EntryKind.CALL_OUT, agent, rng.choice(words.told_progress))

    def _cut(
        self,
        thread: _Thread,
        story: Story,
        owner: DemoCustomer,
        machine: DemoMachine,
        channel: Channel,
        opened: datetime,
        first: datetime,
        said: str,
    ) -> DemoCase:
        """The case as it stands at `now`."""
        now, words = self.now, self.words
        call_back, closed = self._call_back(thread, story, opened)
        solved = thread.solved_at if thread.solved_at and thread.solved_at <= now else None
        pauses = tuple(
            replace(p, ended_at=p.ended_at if p.ended_at and p.ended_at <= now else None)
            for p in thread.pauses
            if p.since <= now
        )
        if solved:
            status = Status.CLOSED if closed else Status.SOLVED
        else:
            status = Status.PAUSED if pauses and pauses[-1].ended_at is None else Status.OPEN
        team, assignee = "hotline", thread.assignee
        for at, where, person in thread.assigned:
            if at <= now:
                team, assignee = where, person
        product, fault = FLOWS[story.flow]
        entries = sorted((e for e in thread.entries if e.at <= now), key=lambda e: e.at)
        return DemoCase(
            number=0,
            customer=owner.number,
            serial=machine.serial,
            channel=channel,
            grade=story.grade,
            priority=story.priority,
            status=status,
            subject=story.subject,
            description=said,
            product=product or machine.product,
            product_name=machine.product_name,
            fault=fault,
            fault_name=words.faults[fault],
            flow=story.flow,
            outcome=story.outcome,
            team=team,
            owner=thread.assignee,
            assignee=assignee,
            opened_at=opened,
            first_response_at=min(first, now),
            solved_at=solved,
            closed_at=closed,
            resolution=next((e.text for e in reversed(entries) if e.text in story.done), "") if solved else "",
            entries=tuple(entries),
            hand_overs=tuple(_known(h, now) for h in thread.hand_overs if h.offered_at <= now),
            visits=tuple(_stands(v, now, solved) for v in thread.visits if v.booked_at <= now),
            pauses=pauses,
            call_back=call_back,
        )

    def _call_back(
        self, thread: _Thread, story: Story, opened: datetime
    ) -> tuple[DemoCallBack | None, datetime | None]:
        """The call a day after the solution; who waited long or had to chase is less pleased."""
        rng, now, words = self.rng, self.now, self.words
        if thread.solved_at is None or thread.solved_at > now:
            return None, None
        due = thread.solved_at + DAY
        chased = sum(e.kind is EntryKind.CALL_IN for e in thread.entries) - 1
        waited = (thread.solved_at - opened) / DAY
        worse = min(0.8, 0.12 * waited + 0.15 * max(0, chased))
        points = rng.choices((5, 4, 3, 2, 1), (52 * (1 - worse), 28, 11 + 20 * worse, 4 + 18 * worse, 3 + 14 * worse))[
            0
        ]
        attempts, at = rng.choices((1, 2, 3), (78, 17, 5))[0], self._workday(due - rng.randrange(60, 300) * MINUTE)
        agent = self._on_shift("hotline", at)
        for _attempt in range(attempts - 1):
            if at <= now:
                thread.add(at, EntryKind.CALL_BACK, agent, rng.choice(words.unreached), reached=False)
            at = self._workday(at + rng.randrange(2, 7) * HOUR)
        comment = rng.choice(words.praise[points]) if rng.random() < 0.7 else ""
        if at > now:
            tried = sum(e.kind is EntryKind.CALL_BACK for e in thread.entries)
            return DemoCallBack(due, tried), None
        solved = points >= 2 or rng.random() < 0.6
        thread.add(at, EntryKind.CALL_BACK, agent, comment, satisfaction=points, solved=solved)
        return DemoCallBack(due, attempts, at, agent, solved, points, comment), at

    def _owner(self, story: Story) -> tuple[DemoCustomer, DemoMachine]:
        product = FLOWS[story.flow][0]
        choices = [pair for pair in self.owners[product] if "B2" not in pair[1].serial] or self.owners[product]
        # The power makes some customers call more often than others, as everywhere.
        return choices[int(len(choices) * self.rng.random() ** 1.25)]

    def _on_shift(self, team: str, at: datetime) -> str:
        hour = at.astimezone(self.zone).hour
        people = [a for a in self.words.agents if a.team == team and a.role is Role.AGENT]
        return self.rng.choice([a for a in people if hour in ON_SHIFT[a.shift]] or people).login

    def _workday(self, at: datetime) -> datetime:
        """The same moment, or the next morning when the desk is closed then."""
        here = at.astimezone(self.zone)
        if 8 <= here.hour < 21:
            return at
        day = here.date() + (DAY if here.hour >= 21 else timedelta(0))
        return local(self.zone, day, 9 * 60 + self.rng.randrange(110))

    def _slot(self, at: datetime, days: int) -> datetime:
        """The start of a two-hour slot so many days later, never before two hours from then."""
        day = at.astimezone(self.zone).date() + days * DAY
        start = local(self.zone, day, self.rng.choice((9, 10, 11, 13, 14, 15, 16, 18, 19)) * 60)
        return start if start > at + 2 * HOUR else local(self.zone, day + DAY, 10 * 60)


def _known(offer: DemoHandOver, now: datetime) -> DemoHandOver:
    if offer.answered_at is not None and offer.answered_at <= now:
        return offer
    return replace(offer, state=HandOverState.OFFERED, answered_by="", answered_at=None, answer="")


def _stands(visit: DemoVisit, now: datetime, solved: datetime | None) -> DemoVisit:
    if visit.state is AppointmentState.MOVED:
        return visit
    if solved is not None:
        return replace(visit, state=AppointmentState.DONE)
    return replace(visit, state=AppointmentState.ARRIVED if visit.starts_at <= now else AppointmentState.BOOKED)
