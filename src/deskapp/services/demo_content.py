"""Believable content for a demo desk, in Chinese or English: people, customers, three months of cases. No database.

Deterministic: the same language, seed and `now` give the same desk. Each case is told to its end first and then cut
at `now`, so that what is open, paused, solved or waiting for its call-back stands as a real desk would at that moment.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_
from deskapp.domain.terms import (
    AppointmentState,
    Channel,
    ContactKind,
    EntryKind,
    Grade,
    HandOverState,
    PauseReason,
    PreferenceKind,
    Priority,
    Role,
    Shift,
    Status,
)
from deskapp.services.demo_words import DemoWords, demo_words

DAYS = 92
CUSTOMERS = 400


@dataclass(frozen=True, slots=True)
class DemoTeam:
    key: str
    name: str
    department: str


@dataclass(frozen=True, slots=True)
class DemoAgent:
    login: str
    name: str
    role: Role
    team: str
    shift: Shift


@dataclass(frozen=True, slots=True)
class DemoContact:
    kind: ContactKind
    raw: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class DemoMachine:
    """A product in a customer's hands; `product` is the flow's key, `product_name` its name in the desk's language."""

    product: str
    product_name: str
    model: str
    serial: str
    bought_on: date
    warranty_until: date
    place: str


@dataclass(frozen=True, slots=True)
class DemoPreference:
    kind: PreferenceKind
    text: str
    source: str
    recorded_by: str
    recorded_at: datetime
    valid_until: date | None
    pinned: bool


@dataclass(frozen=True, slots=True)
class DemoCustomer:
    number: int
    name: str
    language: str
    since: date
    tags: str
    contacts: tuple[DemoContact, ...]
    machines: tuple[DemoMachine, ...]
    preferences: tuple[DemoPreference, ...]


@dataclass(frozen=True, slots=True)
class DemoEntry:
    """One line of a timeline; `author` is a login, empty for the customer's own words and the desk itself."""

    at: datetime
    kind: EntryKind
    author: str
    text: str
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DemoHandOver:
    from_team: str
    to_team: str
    offered_by: str
    offered_at: datetime
    asked: str
    due_at: datetime
    state: HandOverState
    answered_by: str = ""
    answered_at: datetime | None = None
    answer: str = ""


@dataclass(frozen=True, slots=True)
class DemoVisit:
    starts_at: datetime
    ends_at: datetime
    state: AppointmentState
    technician: str
    booked_by: str
    booked_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DemoCallBack:
    due_at: datetime
    attempts: int
    done_at: datetime | None = None
    done_by: str = ""
    solved: bool | None = None
    satisfaction: int | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class DemoPause:
    since: datetime
    reason: PauseReason
    note: str
    planned_until: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class DemoCase:
    """One case with its history in order; instants are aware UTC, people are logins, the customer is a number."""

    number: int
    customer: int
    serial: str
    channel: Channel
    grade: Grade
    priority: Priority
    status: Status
    subject: str
    description: str
    product: str
    product_name: str
    fault: str
    fault_name: str
    flow: str
    outcome: str
    team: str
    owner: str
    assignee: str
    opened_at: datetime
    first_response_at: datetime
    solved_at: datetime | None
    closed_at: datetime | None
    resolution: str
    entries: tuple[DemoEntry, ...]
    hand_overs: tuple[DemoHandOver, ...]
    visits: tuple[DemoVisit, ...]
    pauses: tuple[DemoPause, ...]
    call_back: DemoCallBack | None


@dataclass(frozen=True, slots=True)
class DemoDesk:
    """A whole demo desk as it stands at `now`; cases in the order in which they were opened."""

    language: str
    zone: str
    company: str
    now: datetime
    teams: tuple[DemoTeam, ...]
    agents: tuple[DemoAgent, ...]
    customers: tuple[DemoCustomer, ...]
    cases: tuple[DemoCase, ...]


def demo_desk(language: str, now: datetime, *, seed: int = 1) -> DemoDesk:
    """Make a demo desk as of `now` (aware). Raises NotFound for a language without words, Invalid for a naive `now`."""
    if now.tzinfo is None:
        raise Invalid(N_("The time of a demo desk needs a time zone."), field="now")
    from deskapp.services.demo_cases import tell_cases

    words = demo_words(language)
    moment = now.astimezone(UTC).replace(microsecond=0)
    customers = _customers(words, moment, Random(f"{language}.{seed}.customers"))
    return DemoDesk(
        language=language,
        zone=words.zone,
        company=words.company,
        now=moment,
        teams=tuple(DemoTeam(t.key, t.name, t.department) for t in words.teams),
        agents=tuple(DemoAgent(a.login, a.name, a.role, a.team, a.shift) for a in words.agents),
        customers=customers,
        cases=tell_cases(words, customers, moment, Random(f"{language}.{seed}.cases")),
    )


def _customers(words: DemoWords, now: datetime, rng: Random) -> tuple[DemoCustomer, ...]:
    today = now.astimezone(ZoneInfo(words.zone)).date()
    names = _names(words, rng)
    phones = iter(rng.sample(range(1000 if "{n:03}" in words.phones[0] else 10_000), CUSTOMERS))
    serials: dict[str, int] = defaultdict(lambda: rng.randrange(10_000, 60_000))
    logins = [a.login for a in words.agents if a.role is Role.AGENT]
    found = []
    for i in range(CUSTOMERS):
        since = today - timedelta(days=int(rng.triangular(20, 2200, 300)))
        guest = i % 33 == 16
        name = words.guest_names[(i // 33) % len(words.guest_names)] if guest else names[i]
        # The batch of the demo's mass fault: one in sixteen bought an e-bike of the same model three months ago.
        products = rng.sample(list(words.products), rng.choice((1, 1, 1, 2, 2, 3)))
        machines = [_machine(words, product, since, today, serials, rng) for product in products if product != "ebike"]
        if i % 16 == 5:
            machines.append(_batch_bike(words, i, today, rng))
        elif "ebike" in products or not machines:
            machines.append(_machine(words, "ebike", since, today, serials, rng))
        found.append(
            DemoCustomer(
                number=10_001 + i,
                name=name,
                language=words.guest_language if guest else words.language,
                since=min(since, *(m.bought_on for m in machines)),
                tags=rng.choice(words.tags) if rng.random() < 0.18 else "",
                contacts=_contacts(words, next(phones), i, rng),
                machines=tuple(machines),
                preferences=_preferences(words, now, logins, rng),
            )
        )
    return tuple(found)


def _names(words: DemoWords, rng: Random) -> list[str]:
    """As many names as customers; a few are borne by two people, as in life."""
    gap = "" if words.language == "zh" else " "
    pairs = [(given, surname) for given in words.given_names for surname in words.surnames]
    chosen = rng.sample(pairs, CUSTOMERS - 6 - len(words.full_names))
    names = [(f"{s}{gap}{g}" if not gap else f"{g}{gap}{s}") for g, s in chosen]
    names += [*words.full_names, *rng.sample(names, 6)]
    rng.shuffle(names)
    return names


def _machine(
    words: DemoWords, product: str, since: date, today: date, serials: dict[str, int], rng: Random
) -> DemoMachine:
    model = rng.choice(words.models[product])
    bought = since + timedelta(days=int(rng.random() * max(1, (today - since).days - 10)))
    serials[model] += rng.randrange(1, 40)
    return DemoMachine(
        product=product,
        product_name=words.products[product],
        model=model,
        serial=f"{model.split('-')[1].replace(' ', '')}{bought:%y%m}{serials[model]:05}",
        bought_on=bought,
        warranty_until=bought + timedelta(days=365 * (3 if product in ("air_conditioner", "refrigerator") else 2)),
        place=words.places[product],
    )


def _batch_bike(words: DemoWords, i: int, today: date, rng: Random) -> DemoMachine:
    bought = today - timedelta(days=rng.randrange(80, 110))
    return DemoMachine(
        "ebike",
        words.products["ebike"],
        words.models["ebike"][0],
        f"E60{bought:%y%m}B2{i:03}",
        bought,
        bought + timedelta(days=730),
        words.places["ebike"],
    )


def _contacts(words: DemoWords, tail: int, i: int, rng: Random) -> tuple[DemoContact, ...]:
    street = rng.choice(words.streets)
    door = words.door.format(
        building=rng.randrange(1, 30), unit=rng.randrange(1, 5), room=rng.randrange(1, 19) * 100 + rng.randrange(1, 5)
    )
    home = f"{street} {door}" if words.language == "zh" else f"{door}, {street}"
    found = [
        DemoContact(ContactKind.PHONE, words.phones[0].format(n=tail)),
        DemoContact(ContactKind.ADDRESS, home),
    ]
    if i % 9 == 4:
        found.insert(1, DemoContact(ContactKind.PHONE, words.phones[1 + i % (len(words.phones) - 1)].format(n=tail)))
    if i % 7 == 3:
        found.append(DemoContact(ContactKind.EMAIL, f"customer{10_001 + i}@example.com"))
    if i % 12 == 8:
        second = f"{rng.choice(words.streets)} {door}" if words.language == "zh" else f"{door}, {words.streets[i % 9]}"
        found.append(DemoContact(ContactKind.ADDRESS, second, words.second_address))
    return tuple(found)


def _preferences(words: DemoWords, now: datetime, logins: list[str], rng: Random) -> tuple[DemoPreference, ...]:
    """None for most; some have run out, which the desk should show as past."""
    found = []
    for chosen in rng.sample(words.preferences, rng.choices((0, 1, 2), (55, 33, 12))[0]):
        recorded = now - timedelta(days=rng.randrange(3, 420), minutes=rng.randrange(600))
        until = (recorded + timedelta(days=chosen.days)).date() if chosen.days else None
        pinned = chosen.kind in (PreferenceKind.HOUSEHOLD, PreferenceKind.ACCESS) and rng.random() < 0.4
        found.append(
            DemoPreference(chosen.kind, chosen.text, chosen.source, rng.choice(logins), recorded, until, pinned)
        )
    return tuple(sorted(found, key=lambda p: p.recorded_at))


def local(zone: ZoneInfo, day: date, minutes: int) -> datetime:
    """The instant of so many minutes after midnight of a local day, in UTC."""
    return datetime.combine(day, time(minutes // 60 % 24, minutes % 60), zone).astimezone(UTC)
