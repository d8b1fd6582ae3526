"""Read YAML 1.2 from people's hands: plain data with the place of everything, and no surprises.

Only `true` and `false` are booleans (`yes`, `no`, `on` are words), nothing becomes a date, a key given twice is an
error at its line, anchors, aliases and tags are refused, and size, depth and number of values are bounded.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)  # fmt: skip
from ruamel.yaml.reader import ReaderError

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_

MAX_BYTES = 512 * 1024
MAX_DEPTH = 24
MAX_VALUES = 50_000

# Digits that begin with 0 are a number to dial or the number on a plate: none of them may be lost.
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_NUMBER = re.compile(r"[-+]?(?:[0-9]{1,18}\.[0-9]{0,18}|\.[0-9]{1,18})(?:[eE][-+]?[0-9]{1,2})?")
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None, "~": None, "": None}

Place = tuple[int, int]
DataPath = tuple[str | int, ...]


class YamlInvalid(Invalid):
    """A file is not the YAML we read; `line` and `column` count from 1."""

    def __init__(self, message: str, place: Place = (1, 1), *, hint: str = "", **values: object) -> None:
        super().__init__(message, hint=hint, field="", **values)
        self.line, self.column = place


class FileInvalid(Invalid):
    """A file that can't be used: which, at which line, why."""

    def __init__(self, path: Path, line: int, message: str, values: Mapping[str, object]) -> None:
        super().__init__(message)
        self.path, self.line, self.values = path, line, dict(values)

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {super().__str__()}"


@dataclass(frozen=True, slots=True)
class Document:
    """The data of a file; `keys` and `values` say where each path of the data stands (line, column; from 1).

    `folded` are texts over several lines: inside them only where they begin is known.
    """

    data: Any
    keys: Mapping[DataPath, Place]
    values: Mapping[DataPath, Place]
    folded: frozenset[DataPath] = frozenset()

    def place(self, path: DataPath, offset: int | None = None) -> Place:
        """Where a path stands, or its nearest ancestor; with `offset`, that far inside its text."""
        if offset is not None and path in self.values:
            line, column = self.values[path]
            return line, column + (0 if path in self.folded else offset)
        while path:
            if path in self.keys:
                return self.keys[path]
            if path in self.values:
                return self.values[path]
            path = path[:-1]
        return 1, 1


def read_yaml(path: Path) -> Document:
    """Read a file. Raises YamlInvalid for what is not accepted, OSError when it cannot be read."""
    return parse_yaml(read_text(path))


def read_text(path: Path) -> str:
    """The text of a file. Raises YamlInvalid for one too large or not in UTF-8, OSError when it cannot be read."""
    if path.stat().st_size > MAX_BYTES:
        raise YamlInvalid(N_("The file is larger than {limit} KiB."), limit=MAX_BYTES // 1024)
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as trouble:
        line = raw.count(b"\n", 0, trouble.start) + 1
        raise YamlInvalid(
            N_("The file is not UTF-8 text (byte {byte})."), (line, 1), byte=trouble.start,
            hint=N_("Save it as UTF-8."),
        ) from None  # fmt: skip


def parse_yaml(text: str) -> Document:
    """Read a text. Raises YamlInvalid for what is not accepted."""
    if len(text) > MAX_BYTES:
        raise YamlInvalid(N_("The file is larger than {limit} KiB."), limit=MAX_BYTES // 1024)
    builder = _Builder()
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            builder.take(event)
    except MarkedYAMLError as trouble:
        mark = trouble.problem_mark or trouble.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        problem = trouble.problem or ""
        hint = N_("Indent with spaces, not with tabs.") if "'\\t'" in problem else ""
        raise YamlInvalid(N_("This is not YAML: {problem}"), place, hint=hint, problem=problem) from None
    except ReaderError as trouble:
        place = _place_of(text, trouble.position)
        sign = f"U+{ord(text[trouble.position]):04X}"
        raise YamlInvalid(N_("The character {sign} cannot stand in YAML."), place, sign=sign) from None
    except (YAMLError, ValueError) as trouble:
        raise YamlInvalid(N_("This is not YAML: {problem}"), problem=str(trouble).splitlines()[0]) from None
    return Document(builder.root, builder.keys, builder.values, frozenset(builder.folded))


def _place_of(text: str, at: int) -> Place:
    before = text[:at]
    return before.count("\n") + 1, at - before.rfind("\n")


@dataclass(slots=True)
class _Level:
    """A list or a mapping being filled; `key` is the mapping's key that waits for its value."""

    data: Any
    path: DataPath
    key: str | None = None
    key_place: Place = (1, 1)


@dataclass(slots=True)
class _Builder:
    root: Any = None
    keys: dict[DataPath, Place] = field(default_factory=dict)
    values: dict[DataPath, Place] = field(default_factory=dict)
    folded: set[DataPath] = field(default_factory=set)
    levels: list[_Level] = field(default_factory=list)
    documents: int = 0
    count: int = 0

    def take(self, event: Any) -> None:
        place = (event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise YamlInvalid(N_("One document a file is read; a second one begins here."), place)
        elif isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            raise YamlInvalid(
                N_("Anchors (&) and aliases (*) are not read."), place, hint=N_("Write the value out, or quote it.")
            )
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            self.levels.pop()
        elif isinstance(event, ScalarEvent | MappingStartEvent | SequenceStartEvent):
            self.value(event, place)

    def value(self, event: Any, place: Place) -> None:
        self.count += 1
        if self.count > MAX_VALUES:
            raise YamlInvalid(N_("The file has more than {limit} values."), place, limit=MAX_VALUES)
        tag = getattr(event, "tag", None)
        if tag and str(tag) != "!":
            raise YamlInvalid(N_("Tags such as {tag} are not read."), place, tag=str(tag))
        level = self.levels[-1] if self.levels else None
        if level is not None and isinstance(level.data, dict) and level.key is None:
            self.key(event, place, level)
            return
        if isinstance(event, ScalarEvent):
            path = self.put(_scalar(event), (place[0], place[1] + (event.style in ("'", '"'))))
            if event.style in ("|", ">") or event.end_mark.line != event.start_mark.line:
                self.folded.add(path)
            return
        if len(self.levels) >= MAX_DEPTH:
            raise YamlInvalid(N_("More than {limit} levels inside one another."), place, limit=MAX_DEPTH)
        data: Any = {} if isinstance(event, MappingStartEvent) else []
        self.levels.append(_Level(data, self.put(data, place)))

    def key(self, event: Any, place: Place, level: _Level) -> None:
        if not isinstance(event, ScalarEvent):
            raise YamlInvalid(N_("A key must be a word."), place)
        if event.value in level.data:
            raise YamlInvalid(N_("The key {key} is given twice."), place, key=event.value)
        level.key, level.key_place = event.value, place

    def put(self, data: Any, place: Place) -> DataPath:
        """Put a value where it belongs and return its path."""
        path: DataPath = ()
        if not self.levels:
            self.root = data
        else:
            level = self.levels[-1]
            if isinstance(level.data, list):
                path = (*level.path, len(level.data))
                level.data.append(data)
            else:
                key = str(level.key)
                path = (*level.path, key)
                level.data[key] = data
                self.keys[path] = level.key_place
                level.key = None
        self.values[path] = place
        return path


def _scalar(event: Any) -> Any:
    text: str = event.value
    if event.style:  # quoted or a block: a text, whatever it looks like
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return Decimal(text) if _NUMBER.fullmatch(text) else text
