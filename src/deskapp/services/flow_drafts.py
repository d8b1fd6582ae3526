"""Flow files being written: kept in the desk's folder, seen when another program changes them, judged as they stand."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from deskapp.domain.errors import Conflict, Invalid
from deskapp.domain.flow.cases import CaseResult
from deskapp.domain.flow.findings import Severity
from deskapp.domain.flow.model import content_hash, from_data
from deskapp.domain.i18n import N_
from deskapp.services.flow_files import PACK, FlowFile, check_flow, flow_paths, read_flow, run_tests
from deskapp.services.flow_words import jump_words
from deskapp.services.flow_write import write_flow
from deskapp.services.strict_yaml import YamlInvalid, read_text, read_yaml

Stamp = tuple[int, int]
_NAME = re.compile(r"[a-z][a-z0-9-]{0,59}")
_VERSION = re.compile(r"""^(version:[ \t]*['"]?)(\d+)\.(\d+)\.(\d+)""", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a flow file; `stamp` tells its state on disk, None while it is not there yet."""

    name: str
    path: Path
    text: str
    stamp: Stamp | None


@dataclass(frozen=True, slots=True)
class Judged:
    """A text and what is wrong with it; `tests` are those that live in it, run where it can run at all.

    `jump` is what a play finds questions and answers by.
    """

    text: str
    file: FlowFile
    tests: tuple[CaseResult, ...]
    jump: Mapping[tuple[str, str], tuple[str, ...]]

    @property
    def errors(self) -> int:
        """How many findings keep it from being published."""
        return sum(item.finding.severity is Severity.ERROR for item in self.file.findings)

    @property
    def failed(self) -> tuple[CaseResult, ...]:
        """The tests that do not pass."""
        return tuple(result for result in self.tests if not result.passed)


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A flow file of the folder: the hash of its content, empty while it cannot run."""

    name: str
    title: tuple[str, str]
    version: str
    hash: str


class FlowFolder:
    """The folder where a desk's flows are written. It is made when the first file is kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lines: dict[str, tuple[Stamp, DraftLine]] = {}

    def path(self, name: str) -> Path:
        """The file of a flow. Raises Invalid for a name that a flow cannot have."""
        if not _NAME.fullmatch(name):
            raise Invalid(
                N_("“{name}” cannot be the name of a flow."), field="name", name=name,
                hint=N_("Small letters, digits and -, beginning with a letter."),
            )  # fmt: skip
        return self.folder / f"{name}.yaml"

    def stamp(self, name: str) -> Stamp | None:
        """The state of a file on disk: another one after every change, None where there is none."""
        try:
            found = self.path(name).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size

    def read(self, name: str) -> Source | None:
        """A file as it stands, None where there is none. Raises Invalid for one that is no text of a flow."""
        path, stamp = self.path(name), self.stamp(name)
        if stamp is None:
            return None
        try:
            return Source(name, path, read_text(path), stamp)
        except OSError as trouble:
            raise _unkept(path, trouble) from None

    def write(self, source: Source, text: str) -> Source:
        """Keep a text, whole or not at all. Raises Conflict where the file is not the one that `source` was read from.

        What is kept need not be right: only publishing judges, so a draft may be left in the middle of a word.
        """
        if self.stamp(source.name) != source.stamp:
            raise Conflict(
                N_("{file} was changed by another program."), hint=N_("Read it again, or keep yours."),
                file=source.path.name,
            )  # fmt: skip
        part = source.path.with_name(f".{source.path.name}.part")
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with open(part, "w", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(source.path)
        except OSError as trouble:
            raise _unkept(source.path, trouble) from None
        return replace(source, text=text, stamp=self.stamp(source.name))

    def lines(self) -> tuple[DraftLine, ...]:
        """The flow files of the folder by name; a file is read again only when it has changed."""
        if not self.folder.is_dir():
            return ()
        found = []
        for path in flow_paths([self.folder]):
            if not _NAME.fullmatch(path.stem) or (stamp := self.stamp(path.stem)) is None:
                continue
            known = self._lines.get(path.stem)
            if known is None or known[0] != stamp:
                known = self._lines[path.stem] = (stamp, _line(read_flow(path)))
            found.append(known[1])
        return tuple(found)


def judge(path: Path, text: str) -> Judged:
    """Judge a text as if it stood in the file, and run its tests; about 0.2 s for a large flow: not for a UI's loop."""
    file = check_flow(path, text)
    if file.compiled is None:
        return Judged(text, file, (), {})
    return Judged(text, file, run_tests(file.compiled), jump_words(file.compiled.flow))


def source_of(data: Mapping[str, Any]) -> str:
    """A published flow as the text of a file: the shipped file itself where it is that, else written anew.

    Questions of a block are included by its name where the block is still the same, else written out.
    """
    flow = from_data(data)
    shipped = PACK / f"{flow.id}.yaml"
    if shipped.is_file():
        file = read_flow(shipped)
        if file.flow is not None and content_hash(file.flow) == content_hash(flow):
            return _versioned(shipped.read_text("utf-8"), flow.version)
    return write_flow(_with_blocks(dict(data)))


def template(name: str) -> str:
    """The text of a new flow: small, right, and saying by itself where to go on."""
    return _TEMPLATE.format(name=name)


def raised(text: str, published: str) -> str:
    """The text with its version one step behind the point above `published` (such as 1.2.0 to 1.3.0)."""
    major, minor, _patch = (int(part) for part in published.split("."))
    return _versioned(text, f"{major}.{minor + 1}.0")


def _versioned(text: str, version: str) -> str:
    return _VERSION.sub(lambda match: match[1] + version, text, count=1)


def _line(file: FlowFile) -> DraftLine:
    name, flow = file.path.stem, file.flow
    if flow is None:
        return DraftLine(name, ("", ""), "", "")
    return DraftLine(
        name, (flow.title.zh, flow.title.en), flow.version, content_hash(flow) if file.compiled is not None else ""
    )


def _with_blocks(data: dict[str, Any]) -> dict[str, Any]:
    """Plain data with its blocks by name: those that stand before all own questions or behind them, unchanged."""
    known = _known_blocks()
    groups = [(name, list(items)) for name, items in groupby(data["questions"], key=lambda item: item.get("block"))]
    include: dict[str, list[str]] = {"before": [], "after": []}

    def included(name: str | None, items: list[dict[str, Any]]) -> bool:
        plain = [{key: value for key, value in item.items() if key != "block"} for item in items]
        return name is not None and from_questions(known.get(name, [])) == from_questions(plain)

    while len(groups) > 1 and included(*groups[0]):
        include["before"].append(str(groups.pop(0)[0]))
    while len(groups) > 1 and included(*groups[-1]):
        include["after"].insert(0, str(groups.pop()[0]))
    questions = [item for _name, items in groups for item in items]
    if any(include.values()):
        data["include"] = {side: names for side, names in include.items() if names}
    return {**{key: data[key] for key in _ORDER if key in data}, **data, "questions": questions}


_ORDER = (
    "format", "flow", "version", "status", "product", "symptom", "department", "title", "synonyms", "intro", "source",
    "include", "questions", "outcomes", "adds", "tests",
)  # fmt: skip


def from_questions(items: list[dict[str, Any]]) -> tuple[object, ...]:
    """Questions as they mean, however they were written."""
    from deskapp.domain.flow.model import question_from_data

    return tuple(question_from_data(item) for item in items)


def _known_blocks() -> dict[str, list[dict[str, Any]]]:
    try:
        blocks = read_yaml(PACK / "_common.yaml").data["blocks"]
    except (YamlInvalid, OSError):
        return {}
    return dict(blocks)


def _unkept(path: Path, trouble: OSError) -> Invalid:
    return Invalid(
        N_("{file} cannot be kept: {reason}."), hint=N_("Look at the folder's permissions and free space."),
        file=str(path), reason=(trouble.strerror or str(trouble)).lower(),
    )  # fmt: skip


_TEMPLATE = """\
# yaml-language-server: $schema=flow.schema.json
format: deskapp/flow@1
flow: {name}
version: 0.1.0
status: draft
product: any
symptom: any
department: service
title: {{zh: "新流程", en: "New flow"}}
include: {{before: [case_entry], after: [visit]}}

questions:                          # in the order of asking; when: names earlier questions only
  - id: danger
    type: yes_no
    label: {{zh: "现在有没有危险?", en: "Is there any danger right now?"}}
    safety: true

outcomes:                           # the first whose rule holds is taken: gravest first, the last one otherwise
  - id: emergency
    when: danger in [yes, unknown]
    title: {{zh: "紧急情况", en: "Emergency"}}
    grade: red
    priority: P1
    sla: emergency_2h
    dispatch: emergency
    department: service
    escalate: duty_supervisor
    causes: [{{zh: "待查", en: "To be found out"}}]
    tools: [{{zh: "常用工具", en: "Usual tools"}}]
    safety_script: [{{zh: "请先离开那里。", en: "Please leave the place first."}}]
  - id: visit
    otherwise: true
    title: {{zh: "上门检查", en: "Visit"}}
    grade: green
    priority: P3
    sla: visit_24h
    dispatch: visit
    department: service
    causes: [{{zh: "待查", en: "To be found out"}}]
    tools: [{{zh: "常用工具", en: "Usual tools"}}]

tests:
  - name: danger
    answers: {{danger: yes}}
    expect: {{outcome: emergency, grade: red}}
  - name: no danger
    answers: {{danger: no}}
    expect: {{outcome: visit}}
"""


__all__ = ["DraftLine", "FlowFolder", "Judged", "Source", "Stamp", "judge", "raised", "source_of", "template"]
