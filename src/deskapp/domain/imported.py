"""Read the rows of a log by its map, and say how a case stood at any moment: only from what was known by then."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_
from deskapp.domain.import_map import AT_IMPORT, MET, MISSED, TEXT_FIELDS, ImportMap
from deskapp.domain.terms import Channel, Grade, PauseReason, Priority, Status
from deskapp.domain.text import clean

_AHEAD = timedelta(days=1)
_MULTILINE = ("description", "resolution")
_LATER = ("status", "team", "assignee", "resolution")

# What a reader of the report should know of rows that came in, though something about them is odd.
CLOSED_FIRST = N_("closed before it was opened; kept as the log says")
UPDATED_FIRST = N_("updated before it was opened; counted from the opening")
STILL_OPEN = N_("said to be open, yet with a closing time; taken as closed then")
NO_CLOSING = N_("said to be closed, without a closing time; taken as closed from the start")
GAP = N_("a wall-clock time that summer time skipped; read as the moment it began")
TWICE = N_("a wall-clock time that the end of summer time has twice; read as the first")


class BadRow(Invalid):
    """A row that cannot come in, with the reason."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line it begins on, its cells by column, as they stand."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """What became known at a moment: `facts` are the values that are new, by the names of `Facts`."""

    at: datetime
    author: str
    text: str
    facts: Mapping[str, str]
    line: int


@dataclass(slots=True)
class Case:
    """One case of a log: how it was opened, and what happened to it in order of time."""

    key: str
    line: int
    opened_at: datetime
    verdict: str
    customer: tuple[str, str, str, str]
    first: Change
    changes: list[Change] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def standing(self) -> "Standing":
        """How the case stands at its end."""
        return stand(self.opened_at, ((change.at, change.facts) for change in (self.first, *self.changes)))


@dataclass(frozen=True, slots=True)
class Standing:
    """How a case stands: the facts that hold, and the instants that follow from them."""

    opened_at: datetime
    facts: Mapping[str, str]
    since: datetime
    solved_at: datetime | None = None
    closed_at: datetime | None = None
    reopened: int = 0

    @property
    def status(self) -> Status:
        return Status(self.facts.get("status", "open").partition(".")[0])

    @property
    def pause_reason(self) -> PauseReason | None:
        reason = self.facts.get("status", "").partition(".")[2]
        return PauseReason(reason) if reason else None

    @property
    def grade(self) -> Grade:
        return Grade(self.facts.get("grade") or "green")

    @property
    def priority(self) -> Priority:
        return Priority(self.facts.get("priority") or "normal")

    @property
    def channel(self) -> Channel:
        return Channel(self.facts.get("channel") or "phone")

    @property
    def due_at(self) -> datetime | None:
        due = self.facts.get("due")
        return datetime.fromisoformat(due) if due else None

    @property
    def done_at(self) -> datetime | None:
        """When the work was done: solved, or closed without having been solved."""
        return self.solved_at or self.closed_at


def stand(opened_at: datetime, changes: Iterable[tuple[datetime, Mapping[str, str]]]) -> Standing:
    """Fold what became known, in order of time, into how the case stands after the last of it."""
    standing = Standing(opened_at, {}, opened_at)
    for at, facts in changes:
        standing = follow(standing, at, facts)
    return standing


def follow(before: Standing, at: datetime, facts: Mapping[str, str]) -> Standing:
    """How the case stands once these facts are known as well."""
    after = replace(before, facts={**before.facts, **facts}, since=at)
    was, now = before.status, after.status
    at = datetime.fromisoformat(facts["ended"]) if "ended" in facts else at
    if was is now and was.is_open:
        return after
    if now.is_open:
        return replace(after, solved_at=None, closed_at=None, reopened=before.reopened + (not was.is_open))
    done = before.solved_at or before.closed_at or at
    if now is Status.SOLVED:
        return replace(after, solved_at=before.solved_at or at, closed_at=None)
    return replace(
        after, solved_at=done if now is Status.CLOSED else before.solved_at, closed_at=before.closed_at or at
    )


def late(due_at: datetime, done_at: datetime) -> bool:
    """Whether work was done too late: after the due instant; on the instant is in time."""
    return done_at > due_at


def verdict(due_at: datetime | None, done_at: datetime | None) -> str:
    """Our verdict on a case: `met`, `missed`; empty without a due time or before the work is done."""
    if due_at is None or done_at is None:
        return ""
    return MISSED if late(due_at, done_at) else MET


# Rows into cases ------------------------------------------------------------------------------------------------------


class CaseReader:
    """Reads rows by a map. `now` bounds what can have happened; every time that comes out is aware UTC."""

    def __init__(self, log_map: ImportMap, now: datetime) -> None:
        self.map, self.now = log_map, now.astimezone(UTC)
        self.latest = (log_map.latest or now + _AHEAD).astimezone(UTC)
        self.earliest = log_map.earliest.astimezone(UTC)

    def key(self, row: Row) -> str:
        """The case's own key in the log. Raises BadRow where it has none."""
        return self._text(self._tidy(row), "key", required=True)

    def case(self, rows: Sequence[Row]) -> tuple[Case | None, list[tuple[Row, BadRow]]]:
        """The case of its rows, and the rows that cannot come in; no case where not one of them can."""
        return self._event_case(rows) if self.map.is_event_log else self._single_case(rows[0])

    def _single_case(self, row: Row) -> tuple[Case | None, list[tuple[Row, BadRow]]]:
        notes: list[str] = []
        try:
            cells = self._tidy(row)
            case, facts = self._opened(row, cells, notes)
            solved, closed = self._time(cells, "solved", notes), self._time(cells, "closed", notes)
            self._end(case, facts, self._text(cells, "resolution"), solved, closed)
        except BadRow as error:
            return None, [(row, error)]
        return case, []

    def _opened(self, row: Row, cells: Mapping[str, str], notes: list[str]) -> tuple[Case, dict[str, str]]:
        opened = self._time(cells, "opened", notes, required=True)
        assert opened is not None
        facts = self._facts(cells, opened, notes)
        text = facts.get("description") or facts["subject"]
        # A one-row log says how it ended, an event log how it stood at its first update: not known at the opening.
        begun = {name: value for name, value in facts.items() if name not in _LATER} | {"status": Status.OPEN.value}
        if not self.map.is_event_log:
            begun |= {name: facts[name] for name in ("team", "assignee") if name in facts}
        first = Change(opened, facts.get("owner", ""), text, begun, row.line)
        who = tuple(self._text(cells, name) for name in _CUSTOMER)
        case = Case(
            key=self._text(cells, "key", required=True),
            line=row.line,
            opened_at=opened,
            verdict=self._word(cells, "verdict"),
            customer=(who[0], who[1], who[2], who[3]),
            first=first,
            notes=notes,
        )
        return case, facts

    def _end(
        self, case: Case, facts: dict[str, str], resolution: str, solved: datetime | None, closed: datetime | None
    ) -> None:
        """Put what a one-row log knows of the end behind the opening, as the changes they were."""
        said = facts.get("status", "")
        status = Status(said.partition(".")[0]) if said else Status.CLOSED if closed else Status.OPEN
        ended = closed or solved
        if ended and ended < case.opened_at:
            case.notes.append(CLOSED_FIRST)
        if status.is_open and ended:
            case.notes.append(STILL_OPEN)
            status = Status.CLOSED if closed else Status.SOLVED
        if not status.is_open and ended is None:
            case.notes.append(NO_CLOSING)
            ended = closed = case.opened_at
        if status.is_open:
            case.first = replace(case.first, facts={**case.first.facts, "status": said or "open"})
            return
        end = {"status": Status.SOLVED.value, **({"resolution": resolution} if resolution else {})}
        steps: list[Change] = []

        def step(at: datetime, text: str, facts: dict[str, str]) -> None:
            # Nothing happens to a case before it is opened; when the log says so, its own time is kept beside.
            known = facts if at >= case.opened_at else {**facts, "ended": at.isoformat()}
            steps.append(Change(max(at, case.opened_at), "", text, known, case.line))

        if solved and (status is Status.SOLVED or solved != closed):
            step(solved, resolution, end)
        if status is not Status.SOLVED:
            at = closed or ended
            assert at is not None
            last = {**({} if steps else end), "status": status.value}
            step(at, "" if steps else resolution, last)
        case.changes += sorted(steps, key=lambda change: change.at)

    def _event_case(self, rows: Sequence[Row]) -> tuple[Case | None, list[tuple[Row, BadRow]]]:
        rejected: list[tuple[Row, BadRow]] = []
        notes: list[str] = []
        updates: list[tuple[datetime, Row, dict[str, str]]] = []
        for row in rows:
            try:
                cells = self._tidy(row)
                updates.append((self._moment(self.map.event["at"].read(cells), "event.at", notes), row, cells))
            except BadRow as error:
                rejected.append((row, error))
        # Rows of one moment keep the order of the file.
        updates.sort(key=lambda update: update[0])
        case: Case | None = None
        known: dict[str, str] = {}
        for at, row, cells in updates:
            try:
                if case is None:
                    case, _told = self._opened(row, cells, notes)
                    known = dict(case.first.facts)
                facts = self._facts(cells, case.opened_at, notes)
                case.verdict = self._word(cells, "verdict")
                author, text = self._event(cells, "author", "assignee"), self._event(cells, "text", "description")
            except BadRow as error:
                rejected.append((row, error))
                continue
            if at < case.opened_at:
                notes.append(UPDATED_FIRST)
            new = {name: value for name, value in facts.items() if known.get(name, "") != value}
            known |= new
            case.changes.append(Change(max(at, case.opened_at), author, text, new, row.line))
        return case, rejected

    def _event(self, cells: Mapping[str, str], name: str, like: str) -> str:
        source = self.map.event.get(name)
        return self._fitting(like, source.read(cells)) if source else ""

    def _facts(self, cells: Mapping[str, str], opened: datetime, notes: list[str]) -> dict[str, str]:
        """What a row says, by name; names of people and teams as the log writes them, times as ISO 8601 in UTC."""
        names = ("subject", "description", "product", "fault", "team", "assignee", "owner")
        facts = {name: self._text(cells, name, required=name == "subject") for name in names if name in self.map.case}
        for name in ("status", "grade", "priority", "channel"):
            if word := self._word(cells, name):
                facts[name] = word
        due = self._due(cells, opened, notes)
        if due is not None or "due" in self.map.case or self.map.targets:
            facts["due"] = due.isoformat() if due else ""
        if self.map.is_event_log and "resolution" in self.map.case:
            facts["resolution"] = self._text(cells, "resolution")
        return {name: value for name, value in facts.items() if value or self.map.is_event_log}

    def _due(self, cells: Mapping[str, str], opened: datetime, notes: list[str]) -> datetime | None:
        if "due" in self.map.case and (due := self._time(cells, "due", notes, bounded=False)):
            return due
        if self.map.targets_by is None:
            return None
        span = self.map.targets.get(self.map.targets_by.read(cells))
        return opened + span if span else None

    # Cells

    def _tidy(self, row: Row) -> dict[str, str]:
        found = {}
        for name, cell in row.cells.items():
            text = cell.strip()
            text = "" if text in self.map.missing else text
            found[name] = repair(text, self.map.repairs[name]) if text and name in self.map.repairs else text
        return found

    def _text(self, cells: Mapping[str, str], name: str, *, required: bool = False) -> str:
        source = self.map.case.get(name)
        text = self._fitting(name, source.read(cells)) if source else ""
        if required and not text:
            raise BadRow(N_("{name} is missing."), name=name)
        return text

    def _fitting(self, name: str, raw: str) -> str:
        text = clean(raw, multiline=name in _MULTILINE)
        if len(text) > TEXT_FIELDS[name]:
            raise BadRow(
                N_("{name} has {length} characters; {limit} fit."), name=name, length=len(text), limit=TEXT_FIELDS[name]
            )
        return text

    def _word(self, cells: Mapping[str, str], name: str) -> str:
        source = self.map.case.get(name)
        if source is None:
            return ""
        word = source.read(cells)
        if not word or word == source.value:
            return word
        meaning = self.map.words[name].get(word)
        if meaning is None:
            raise BadRow(N_("{name} is {word}, which the map does not explain."), name=name, word=word[:60])
        return meaning

    def _time(
        self, cells: Mapping[str, str], name: str, notes: list[str], *, required: bool = False, bounded: bool = True
    ) -> datetime | None:
        source = self.map.case.get(name)
        raw = source.read(cells) if source else ""
        if source and raw == source.value == AT_IMPORT:
            return self.now
        if not raw:
            if required:
                raise BadRow(N_("{name} is missing."), name=name)
            return None
        return self._moment(raw, name, notes, bounded=bounded)

    def _moment(self, raw: str, name: str, notes: list[str], *, bounded: bool = True) -> datetime:
        moment = parse_time(raw, self.map.dates)
        if moment is None:
            raise BadRow(N_("{name} is {word}, which is no date of the map's formats."), name=name, word=raw[:60])
        if moment.tzinfo is None:
            moment, odd = wall_clock(moment, self.map.zone)
            if odd:
                notes.append(odd)
        moment = moment.astimezone(UTC)
        if moment < self.earliest or (bounded and moment > self.latest):
            raise BadRow(N_("{name} is {word}, which cannot be."), name=name, word=raw[:60])
        return moment


_CUSTOMER = ("customer", "customer_phone", "customer_address", "customer_email")


@lru_cache(maxsize=4096)
def parse_time(raw: str, formats: tuple[str, ...]) -> datetime | None:
    """Read a date by the first format that fits; None where none does. Naive unless the format has a zone."""
    for form in formats:
        try:
            return datetime.strptime(raw, form)  # noqa: DTZ007 - the zone is the map's
        except ValueError:
            continue
    return None


def wall_clock(local: datetime, zone: tzinfo) -> tuple[datetime, str]:
    """The UTC instant of a wall-clock time, and what is odd about it.

    A time that summer time skips is the moment of the change, a time that comes twice is the first of the two: so the
    order of wall-clock times is kept, and a verdict on them stays what it was.
    """
    early, second = local.replace(tzinfo=zone, fold=0), local.replace(tzinfo=zone, fold=1)
    first_offset, second_offset = early.utcoffset(), second.utcoffset()
    if first_offset == second_offset:
        return early.astimezone(UTC), ""
    assert first_offset is not None and second_offset is not None
    if first_offset > second_offset:
        return early.astimezone(UTC), TWICE
    # In the gap: between the two readings lies the change; find it by halving.
    low, high = second.astimezone(UTC), early.astimezone(UTC)
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == first_offset:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0), GAP


def repair(text: str, kind: str) -> str:
    """Mend a cell that a spreadsheet has been at: a zip code that became a number, a number that became a fraction."""
    whole = text.removesuffix(".0")
    match kind:
        case "zip":
            return whole.zfill(5) if whole.isascii() and whole.isdigit() and len(whole) <= 5 else text
        case "whole":
            return whole if whole.lstrip("-").isdigit() else text
        case "title":
            return " ".join(
                word if not word.isupper() or len(word) <= 3 else word.capitalize() for word in text.split()
            )
    return text


__all__ = ["BadRow", "Case", "CaseReader", "Change", "Row", "Standing", "follow", "late", "stand", "verdict"]
