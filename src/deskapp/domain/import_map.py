"""The map that says how another system's log becomes tickets: read from TOML, refused with file, line and key.

`docs/import.md` describes every key. A map names columns; what a column's words mean is said under `[words.…]`.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from difflib import get_close_matches
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_
from deskapp.domain.terms import Channel, Grade, PauseReason, Priority, Status

# What a case may say, and how long it may be; longer is refused, never cut.
TEXT_FIELDS = {
    "key": 120, "subject": 200, "description": 8000, "product": 80, "fault": 120, "resolution": 4000, "team": 80,
    "assignee": 50, "owner": 50, "customer": 120, "customer_phone": 40, "customer_address": 300, "customer_email": 200,
}  # fmt: skip
TIME_FIELDS = ("opened", "due", "solved", "closed")
WORD_FIELDS = ("status", "grade", "priority", "channel", "verdict")
CASE_FIELDS = (*TEXT_FIELDS, *TIME_FIELDS, *WORD_FIELDS)
REQUIRED = ("key", "opened", "subject")
EVENT_FIELDS = ("at", "author", "text")
MET, MISSED = "met", "missed"
AT_IMPORT = "import"
"""Says in `opened` that the log tells no time: the case counts from the moment it is brought in."""

_TOP = ("source", "about", "licence", "file", "columns", "case", "event", "words", "targets")
_FILE = ("delimiter", "missing", "zone", "dates", "earliest", "latest")
REPAIRS = ("zip", "whole", "title")
_STATUSES = (*(s.value for s in Status), *(f"paused.{reason.value}" for reason in PauseReason))
MEANINGS: dict[str, tuple[str, ...]] = {
    "status": _STATUSES,
    "grade": tuple(Grade),
    "priority": tuple(Priority),
    "channel": tuple(Channel),
    "verdict": (MET, MISSED),
}
_SPAN = re.compile(r"(\d+)\s*(m|h|d)")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_PLACE = re.compile(r"\{([^{}]*)\}")


class BadMap(Invalid):
    """A map that cannot be followed; says where and what was probably meant."""


@dataclass(frozen=True, slots=True)
class Field:
    """Where a value comes from: the first of `parts` (a column, or a template of columns) that says something, or a
    fixed value."""

    parts: tuple[str, ...] = ()
    value: str = ""

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns that are needed."""
        return tuple(name for part in self.parts for name in (_PLACE.findall(part) if "{" in part else (part,)))

    def read(self, cells: Mapping[str, str]) -> str:
        """The value in a row; empty where the log says nothing."""
        for part in self.parts:
            if "{" not in part:
                text = cells[part]
            elif any(cells[name] for name in _PLACE.findall(part)):
                text = _PLACE.sub(lambda match: cells[match.group(1)], part)
            else:
                continue
            if text:
                return text
        return self.value


@dataclass(frozen=True, slots=True)
class ImportMap:
    """A map as it is followed. Times without a zone are wall-clock times of `zone`."""

    file: str
    source: str
    delimiter: str
    missing: frozenset[str]
    zone: tzinfo
    dates: tuple[str, ...]
    earliest: datetime
    latest: datetime | None
    repairs: Mapping[str, str]
    case: Mapping[str, Field]
    event: Mapping[str, Field]
    words: Mapping[str, Mapping[str, str]]
    targets_by: Field | None = None
    targets: Mapping[str, timedelta] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_event_log(self) -> bool:
        """Several rows a case, one for each update."""
        return bool(self.event)

    def columns(self) -> dict[str, str]:
        """Every column that is read, and the key that asks for it."""
        asked = {name: f"case.{key}" for key, source in self.case.items() for name in source.reads}
        asked |= {name: f"event.{key}" for key, source in self.event.items() for name in source.reads}
        if self.targets_by:
            asked |= {name: "targets.by" for name in self.targets_by.reads}
        return asked | {name: f"columns.{name}" for name in self.repairs}

    def check_header(self, header: list[str]) -> None:
        """Raise BadMap, with what was probably meant, for a column that the log does not have."""
        for name, key in self.columns().items():
            if name not in header:
                raise self.wrong(key, N_("the log has no column {word}."), name, header)

    def wrong(self, key: str, message: str, word: str = "", known: object = ()) -> BadMap:
        """The error for a key of this map."""
        return _wrong(self.file, self.lines, key, message, word, known)


def read_map(text: str, file: str) -> ImportMap:
    """Read a map. Raises BadMap naming file, line and key, with a suggestion."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadMap(
            N_("{file}: this is not TOML: {reason}"), hint=N_("See docs/import.md."), file=file, reason=str(error)
        ) from error
    return _Reader(file, data, _key_lines(text)).map()


class _Reader:
    """Checks a map key by key; the first thing wrong is told."""

    def __init__(self, file: str, data: dict[str, object], lines: Mapping[str, int]) -> None:
        self.file, self.data, self.lines = file, data, lines

    def map(self) -> ImportMap:
        self._only(self.data, _TOP, "")
        source = self._text(self.data, "source", "")
        if not re.fullmatch(r"[a-z0-9][a-z0-9_.-]{0,39}", source):
            raise self._wrong("source", N_("{word} is no name: small letters, digits, - and _."), source)
        layout = self._table(self.data, "file", "")
        self._only(layout, _FILE, "file")
        case = self._fields("case", CASE_FIELDS)
        for name in REQUIRED:
            if name not in case:
                raise self._wrong("case", N_("{word} is missing."), name)
        event = self._fields("event", EVENT_FIELDS) if "event" in self.data else {}
        if event and "at" not in event:
            raise self._wrong("event", N_("{word} is missing."), "at")
        zone = self._zone(layout)
        by, targets = self._targets()
        return ImportMap(
            file=self.file,
            source=source,
            delimiter=self._delimiter(layout),
            missing=frozenset(self._texts(layout, "missing", "file")) | {""},
            zone=zone,
            dates=self._dates(layout, case),
            earliest=self._moment(layout, "earliest", zone) or datetime(1990, 1, 1, tzinfo=UTC),
            latest=self._moment(layout, "latest", zone),
            repairs=self._repairs(),
            case=case,
            event=event,
            words=self._words(case),
            targets_by=by,
            targets=targets,
            lines=self.lines,
        )

    def _fields(self, name: str, known: tuple[str, ...]) -> dict[str, Field]:
        table = self._table(self.data, name, "")
        self._only(table, known, name)
        return {key: self._field(value, f"{name}.{key}") for key, value in table.items()}

    def _field(self, value: object, key: str) -> Field:
        match value:
            case str() if value:
                return Field((value,))
            case [*parts] if parts and all(isinstance(part, str) and part for part in parts):
                return Field(tuple(str(part) for part in parts))
            case {"value": str(fixed), **rest} if not rest:
                return Field(value=fixed)
        raise self._wrong(key, N_('name a column, a list of columns, a "{{template}}" or {{ value = "…" }}.'))

    def _words(self, case: Mapping[str, Field]) -> dict[str, dict[str, str]]:
        tables = self._table(self.data, "words", "")
        self._only(tables, WORD_FIELDS, "words")
        found: dict[str, dict[str, str]] = {}
        for name in tables:
            words = self._table(tables, name, "words")
            for word, meaning in words.items():
                if meaning not in MEANINGS[name]:
                    raise self._wrong(
                        f"words.{name}.{word}", N_("{word} means nothing here."), str(meaning), MEANINGS[name]
                    )
            found[name] = {word: str(meaning) for word, meaning in words.items()}
            if name not in case:
                raise self._wrong(f"words.{name}", N_("[case] names no column for {word}."), name)
        for name in WORD_FIELDS:
            if name in case and case[name].reads and name not in found:
                raise self._wrong(f"case.{name}", N_("say under [words.{word}] what its words mean."), name)
            fixed = case[name].value if name in case else ""
            if fixed and fixed not in MEANINGS[name]:
                raise self._wrong(f"case.{name}", N_("{word} means nothing here."), fixed, MEANINGS[name])
        return found

    def _targets(self) -> tuple[Field | None, dict[str, timedelta]]:
        if "targets" not in self.data:
            return None, {}
        table = self._table(self.data, "targets", "")
        by = self._field(table.get("by"), "targets.by")
        spans = {}
        for word, value in table.items():
            if word == "by":
                continue
            match = _SPAN.fullmatch(str(value))
            if match is None:
                raise self._wrong(
                    f"targets.{word}", N_("{word} is no length of time; write 30m, 4h or 3d."), str(value)
                )
            spans[word] = int(match.group(1)) * _UNITS[match.group(2)]
        return by, spans

    def _repairs(self) -> dict[str, str]:
        columns = self._table(self.data, "columns", "")
        found = {}
        for name in columns:
            rule = self._table(columns, name, "columns")
            self._only(rule, ("repair",), f"columns.{name}")
            found[name] = self._text(rule, "repair", f"columns.{name}")
            if found[name] not in REPAIRS:
                raise self._wrong(f"columns.{name}.repair", N_("{word} is no repair."), found[name], REPAIRS)
        return found

    def _zone(self, layout: dict[str, object]) -> tzinfo:
        name = self._text(layout, "zone", "file")
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            from zoneinfo import available_timezones

            raise self._wrong("file.zone", N_("there is no time zone {word}."), name, available_timezones()) from error

    def _dates(self, layout: dict[str, object], case: Mapping[str, Field]) -> tuple[str, ...]:
        formats = self._texts(layout, "dates", "file")
        sample = datetime(2001, 12, 30, 13, 45, 59)  # noqa: DTZ001 - only to try the format
        for form in formats:
            try:
                datetime.strptime(sample.strftime(form), form)  # noqa: DTZ007 - tried, not kept
            except ValueError as error:
                raise self._wrong("file.dates", N_("{word} is no format of dates."), form) from error
            if not {"%d", "%j"} & set(re.findall(r"%.", form)):
                raise self._wrong("file.dates", N_("{word} is no format of dates."), form)
        if not formats and any(case[name].reads for name in TIME_FIELDS if name in case):
            raise self._wrong("file", N_("{word} is missing."), "dates")
        return formats

    def _moment(self, layout: dict[str, object], key: str, zone: tzinfo) -> datetime | None:
        if key not in layout:
            return None
        try:
            moment = datetime.fromisoformat(str(layout[key]))
        except ValueError as error:
            raise self._wrong(f"file.{key}", N_("{word} is no date; write 2015-01-31."), str(layout[key])) from error
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)

    def _delimiter(self, layout: dict[str, object]) -> str:
        given = str(layout.get("delimiter", ","))
        if len(given) != 1:
            raise self._wrong("file.delimiter", N_("{word} is not one character."), given)
        return given

    # Shapes

    def _only(self, table: Mapping[str, object], known: tuple[str, ...], where: str) -> None:
        for key in table:
            if key not in known:
                path = f"{where}.{key}" if where else key
                raise self._wrong(path, N_("there is no key {word} here."), key, known)

    def _table(self, parent: Mapping[str, object], key: str, where: str) -> dict[str, object]:
        value = parent.get(key, {})
        if not isinstance(value, dict):
            raise self._wrong(f"{where}.{key}" if where else key, N_("a table is needed here: [{word}]."), key)
        return value

    def _text(self, table: Mapping[str, object], key: str, where: str) -> str:
        value = table.get(key)
        if not isinstance(value, str) or not value:
            path = f"{where}.{key}" if where else key
            raise self._wrong(path if value is not None else where or key, N_("{word} is missing."), key)
        return value

    def _texts(self, table: Mapping[str, object], key: str, where: str) -> tuple[str, ...]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self._wrong(f"{where}.{key}", N_('a list of texts is needed here: {word} = ["…"].'), key)
        return tuple(value)

    def _wrong(self, key: str, message: str, word: str = "", known: object = ()) -> BadMap:
        return _wrong(self.file, self.lines, key, message, word, known)


def _wrong(file: str, lines: Mapping[str, int], key: str, message: str, word: str, known: object) -> BadMap:
    words = [str(item) for item in known]  # type: ignore[attr-defined]
    close = get_close_matches(word, words, 1, 0.5) or get_close_matches(word.lower(), words, 1, 0.5)
    line = next((lines[part] for part in _outward(key) if part in lines), 1)
    return _Located(message, file=file, line=line, key=key, word=word, close=close[0] if close else "", known=words)


class _Located(BadMap):
    """Says the place before the message, and the nearest word, or the few there are, as the next step."""

    def __init__(self, message: str, *, close: str, known: list[str], **values: object) -> None:
        hint = N_("See docs/import.md.")
        if close:
            hint = N_("Did you mean {close}?")
        elif 0 < len(known) <= 30:
            hint = N_("There are: {known}.")
        super().__init__(message, hint=hint, field=str(values["key"]), close=close, known=", ".join(known), **values)

    def __str__(self) -> str:
        values = self.values
        return f"{values['file']}:{values['line']}: {values['key']}: {super().__str__()}"


def _outward(key: str) -> list[str]:
    parts = key.split(".")
    return [".".join(parts[:count]) for count in range(len(parts), 0, -1)]


_HEADER = re.compile(r"\s*\[([^\[\]]+)\]")
_KEY = re.compile(r"""\s*(?:"([^"]+)"|'([^']+)'|([A-Za-z0-9_-]+))\s*=""")


def _key_lines(text: str) -> dict[str, int]:
    """On which line each key stands. Good for maps as people write them; a key that is not found names its table."""
    found: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if match := _HEADER.match(line):
            table = ".".join(part.strip().strip("\"'") for part in match.group(1).split("."))
            found.setdefault(table, number)
        elif match := _KEY.match(line):
            name = next(filter(None, match.groups()))
            found.setdefault(f"{table}.{name}" if table else name, number)
    return found


__all__ = ["AT_IMPORT", "MET", "MISSED", "BadMap", "Field", "ImportMap", "read_map"]
