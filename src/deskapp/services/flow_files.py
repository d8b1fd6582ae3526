"""Flow files: read them, put their blocks in place, check them, and say where each trouble stands."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from deskapp.domain.errors import Invalid
from deskapp.domain.flow.cases import CaseResult, run_case
from deskapp.domain.flow.engine import CompiledFlow, compile_flow
from deskapp.domain.flow.explore import Exploration
from deskapp.domain.flow.findings import Finding, FlowInvalid, Severity, error, nearest, of_error
from deskapp.domain.flow.lint import lint
from deskapp.domain.flow.model import Flow, from_data
from deskapp.domain.i18n import N_
from deskapp.services.flow_schema import BlocksDoc, FlowDoc
from deskapp.services.strict_yaml import DataPath, Document, YamlInvalid, parse_yaml, read_yaml

PACK = Path(__file__).resolve().parent.parent / "pack" / "flows"
BLOCKS_FILE = "_common.yaml"


@dataclass(frozen=True, slots=True)
class Located:
    """A finding with its place in a file; line and column count from 1."""

    file: Path
    line: int
    column: int
    finding: Finding

    def __str__(self) -> str:
        item = f" [{self.finding.item}]" if self.finding.item else ""
        severity, code = self.finding.severity.value, self.finding.code
        return f"{self.file}:{self.line}:{self.column}: {severity} {code}: {self.finding.message}{item}"

    def data(self) -> dict[str, Any]:
        """The finding as plain data for `--json`."""
        return {
            "file": str(self.file), "line": self.line, "column": self.column, "severity": self.finding.severity.value,
            "code": self.finding.code, "item": self.finding.item, "message": self.finding.message,
            "suggestion": self.finding.suggestion,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Blocks:
    """The blocks of a folder of flows, and the SLA policies its outcomes may name."""

    file: Path | None = None
    document: Document | None = None
    questions: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    slas: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FlowFile:
    """A flow file as it was read: `flow` is None when it has no readable shape, `compiled` when it cannot run."""

    path: Path
    flow: Flow | None
    compiled: CompiledFlow | None
    findings: tuple[Located, ...]
    exploration: Exploration | None = None

    @property
    def ok(self) -> bool:
        """Whether it has no error."""
        return all(item.finding.severity is not Severity.ERROR for item in self.findings)


def flow_paths(places: Iterable[Path]) -> list[Path]:
    """The flow files among files and folders (a name beginning with _ is no flow). Raises Invalid for a missing one."""
    found: list[Path] = []
    for place in places:
        if place.is_dir():
            found += sorted(path for path in place.glob("*.yaml") if not path.name.startswith("_"))
        elif place.is_file():
            found.append(place)
        elif (PACK / f"{place}.yaml").is_file():  # a shipped flow by its name
            found.append(PACK / f"{place}.yaml")
        else:
            known = [path.stem for path in flow_paths([PACK])]
            raise Invalid(
                N_("There is no flow file {path}."), path=str(place), known=", ".join(sorted(known)),
                hint=N_("Did you mean “{word}”?") if nearest(str(place), known) else N_("Shipped flows: {known}"),
                word=nearest(str(place), known),
            )  # fmt: skip
    return found


def load_flow(path: Path) -> CompiledFlow:
    """Read and compile one file for running it. Raises FlowInvalid with the findings."""
    file = read_flow(path)
    if file.compiled is None:
        raise FlowInvalid(path.stem, [item.finding for item in file.findings])
    return file.compiled


@cache
def shipped_flows() -> tuple[CompiledFlow, ...]:
    """The flows that come with deskapp, in the order of their files; read once, for nobody changes them."""
    return tuple(load_flow(path) for path in flow_paths([PACK]))


def check_flow(path: Path, text: str | None = None) -> FlowFile:
    """Read one file and judge it: shape, names, safety, and every path walked.

    With `text`, that text is judged as if it stood in the file: what is being written need not be saved first.
    """
    file, locate, _unfit = _read(path, text)
    if file.flow is None:
        return file
    report = lint(file.flow, slas=locate.blocks.slas)
    found = (*file.findings, *(locate(finding) for finding in report.findings))
    return FlowFile(path, file.flow, file.compiled, found, report.exploration)


def read_flow(path: Path) -> FlowFile:
    """Read one file as far as it goes; findings are what keeps it from running."""
    file, locate, unfit = _read(path)
    return replace(file, findings=(*file.findings, *(locate(finding) for finding in unfit)))


def run_tests(compiled: CompiledFlow) -> tuple[CaseResult, ...]:
    """Run the tests that live in a flow."""
    return tuple(run_case(compiled, case) for case in compiled.flow.tests)


@dataclass(slots=True)
class _Locator:
    """Turns a finding's path in the flow (blocks in place) into the line and column of the right file."""

    path: Path
    document: Document
    blocks: Blocks
    origins: tuple[tuple[Path, DataPath], ...] = ()

    def __call__(self, finding: Finding) -> Located:
        file, document, path = self.path, self.document, finding.path
        if path[:1] == ("questions",) and len(path) > 1 and isinstance(path[1], int) and path[1] < len(self.origins):
            file, prefix = self.origins[path[1]]
            path = (*prefix, *path[2:])
            if self.blocks.document is not None and file == self.blocks.file:
                document = self.blocks.document
        line, column = document.place(path, finding.offset)
        return Located(file, line, column, finding)


def _read(path: Path, text: str | None = None) -> tuple[FlowFile, _Locator, tuple[Finding, ...]]:
    """A file as far as it can be read, where its parts stand, and what keeps a readable flow from running."""
    try:
        document = _document(path) if text is None else parse_yaml(text)
    except YamlInvalid as trouble:
        finding = of_error(trouble, "yaml")
        nothing = _Locator(path, Document(None, {}, {}), Blocks())
        return FlowFile(path, None, None, (Located(path, trouble.line, trouble.column, finding),)), nothing, ()
    blocks, findings = _blocks(path.parent)
    locate = _Locator(path, document, blocks)
    doc, wrong = _validate(FlowDoc, document)
    findings += [locate(finding) for finding in wrong]
    if doc is None:
        return FlowFile(path, None, None, tuple(findings)), locate, ()
    data, locate.origins, missing = _assemble(doc, path, blocks)
    findings += [locate(finding) for finding in missing]
    flow = from_data(data)
    try:
        compiled = compile_flow(flow)
    except FlowInvalid as trouble:
        return FlowFile(path, flow, None, tuple(findings)), locate, trouble.findings
    return FlowFile(path, flow, None if findings else compiled, tuple(findings)), locate, ()


def _document(path: Path) -> Document:
    """A file's data. Raises YamlInvalid, also for one that is there and cannot be read."""
    try:
        return read_yaml(path)
    except OSError as trouble:
        reason = (trouble.strerror or str(trouble)).lower()
        raise YamlInvalid(N_("{path} cannot be read: {reason}."), path=path, reason=reason) from trouble


def _assemble(
    doc: FlowDoc, path: Path, blocks: Blocks
) -> tuple[dict[str, Any], tuple[tuple[Path, DataPath], ...], list[Finding]]:
    """The flow's data with its blocks in place, where each question came from, and blocks that are not there."""
    data = doc.model_dump(exclude_unset=True)
    include = data.pop("include", {})
    questions: list[dict[str, Any]] = []
    origins: list[tuple[Path, DataPath]] = []
    missing: list[Finding] = []

    def block(side: str) -> None:
        for place, name in enumerate(include.get(side, ())):
            if name not in blocks.questions:
                missing.append(
                    error(
                        "unknown-block", N_("There is no block {block}."), path=("include", side, place),
                        suggestion=nearest(name, blocks.questions), block=name,
                    )
                )  # fmt: skip
                continue
            for at, item in enumerate(blocks.questions[name]):
                questions.append({**item, "block": name})
                origins.append((blocks.file or path, ("blocks", name, at)))

    block("before")
    for place, item in enumerate(data["questions"]):
        questions.append(item)
        origins.append((path, ("questions", place)))
    block("after")
    data["questions"] = questions
    return data, tuple(origins), missing


def _blocks(folder: Path) -> tuple[Blocks, list[Located]]:
    """The blocks beside a flow file, or the shipped ones where its folder has none."""
    file = folder / BLOCKS_FILE
    if not file.is_file():
        file = PACK / BLOCKS_FILE
    state = file.stat()
    blocks, found = _read_blocks(file, state.st_mtime_ns, state.st_size)
    return blocks, list(found)


@lru_cache(maxsize=8)
def _read_blocks(file: Path, _changed: int, _size: int) -> tuple[Blocks, tuple[Located, ...]]:
    """A file of blocks; every flow of its folder needs it, so it is read once in each of its states."""
    try:
        document = _document(file)
    except YamlInvalid as trouble:
        finding = of_error(trouble, "yaml")
        return Blocks(), (Located(file, trouble.line, trouble.column, finding),)
    doc, wrong = _validate(BlocksDoc, document)
    found = tuple(Located(file, *document.place(finding.path, finding.offset), finding) for finding in wrong)
    if doc is None:
        return Blocks(), found
    data = doc.model_dump(exclude_unset=True)
    return Blocks(file, document, data["blocks"], frozenset(doc.sla_policies)), found


Doc = TypeVar("Doc", bound=BaseModel)


def _validate(model: type[Doc], document: Document) -> tuple[Doc | None, list[Finding]]:
    if document.data is None:
        return None, [error("shape", N_("The file is empty."))]
    # A key left without a value would read as one left out: an empty `when` would ask always.
    empty = list(_empty(document.data, ()))
    found = [
        error(
            "shape", N_("{key} has no value: write one, or leave the key out."), path=path,
            item=_item(document.data, path), key=path[-1],
        )
        for path in empty
    ]  # fmt: skip
    try:
        doc = model.model_validate(document.data)
    except ValidationError as trouble:
        wrong = trouble.errors(include_url=False)
        return None, found + [_shape_finding(model, item, document) for item in wrong if item["loc"] not in empty]
    return (None if found else doc), found


def _empty(data: Any, path: DataPath) -> Iterator[DataPath]:
    """Where there is no value."""
    if data is None:
        yield path
    elif isinstance(data, dict | list):
        for key, item in data.items() if isinstance(data, dict) else enumerate(data):
            yield from _empty(item, (*path, key))


_SHAPE = {
    "missing": N_("{key} is missing."),
    "extra_forbidden": N_("There is no key {key} here."),
    "literal_error": N_("{given} is not allowed here; there are: {expected}"),
    "string_pattern_mismatch": N_("{given} is not a valid name: small letters, digits and _ (versions: 1.2.3)."),
    "string_type": N_("A text is needed here; put {given} in quotes."),
    "string_too_short": N_("The text is empty."),
    "bool_type": N_("true or false is needed here, not {given}."),
    "bool_parsing": N_("true or false is needed here, not {given}."),
    "list_type": N_("A list is needed here."),
    "dict_type": N_("A group of keys is needed here."),
    "model_type": N_("A group of keys is needed here."),
    "day": N_("“{given}” is not a day."),
    "decimal_type": N_("A number is needed here, not {given}."),
    "decimal_parsing": N_("A number is needed here, not {given}."),
    "finite_number": N_("A number is needed here, not {given}."),
    "decimal_max_digits": N_("The number {given} is too long."),
    "decimal_max_places": N_("The number {given} is too long."),
    "decimal_whole_digits": N_("The number {given} is too long."),
    "string_too_long": N_("The text is longer than {limit} characters."),
    "too_long": N_("There are more than {limit} here."),
    "too_short": N_("At least {limit} is needed here."),
}


def _shape_finding(model: type[BaseModel], item: Mapping[str, Any], document: Document) -> Finding:
    path: DataPath = tuple(item["loc"])
    kind = str(item["type"])
    key = str(path[-1]) if path else ""
    given, context = item.get("input"), item.get("ctx", {})
    values = {
        "key": key, "given": str(given)[:60], "expected": context.get("expected", ""), "problem": item["msg"],
        "limit": context.get("max_length", context.get("min_length", "")),
    }  # fmt: skip
    suggestion = ""
    if kind == "extra_forbidden":
        # `label：{…}` with a full-width colon reads as one long key.
        suggestion = nearest(key.partition("：")[0], _keys_at(model, path[:-1]))
    elif kind == "literal_error":
        suggestion = nearest(
            str(given), [word.strip("'") for word in values["expected"].replace(" or ", ", ").split(", ")]
        )
    template = _SHAPE.get(kind, N_("This does not fit: {problem}"))
    return error("shape", template, path=path, item=_item(document.data, path), suggestion=suggestion, **values)


def _keys_at(model: type[BaseModel], path: DataPath) -> list[str]:
    """The keys the schema knows at a place."""
    schema: Any = model.model_json_schema()
    definitions = schema.get("$defs", {})
    for part in path:
        schema = schema.get("items", schema) if isinstance(part, int) else schema.get("properties", {}).get(part, {})
        for option in (schema, *schema.get("anyOf", ())):
            if "$ref" in option:
                schema = definitions[option["$ref"].rsplit("/", 1)[1]]
    return list(schema.get("properties", {}))


def _item(data: Any, path: DataPath) -> str:
    """The id of the innermost question or outcome around a path."""
    found = ""
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            break
        if isinstance(data, dict) and isinstance(data.get("id"), str):
            found = data["id"]
    return found
