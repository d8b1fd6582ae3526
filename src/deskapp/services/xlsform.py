"""Import a survey in XLSForm (.xlsx): the subset of it that is a guided flow, and a list of what is not."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deskapp.domain.errors import Invalid
from deskapp.domain.flow.findings import Finding, error, warning
from deskapp.domain.i18n import N_
from deskapp.services.xlsform_logic import LogicError, Names, Question, limits_of, translate

_SIMPLE = {
    "integer": "integer", "int": "integer", "decimal": "decimal", "date": "date", "text": "text", "string": "text",
    "phonenumber": "phone", "phone number": "phone", "barcode": "serial",
}  # fmt: skip
_METADATA = frozenset(
    {"start", "end", "today", "deviceid", "subscriberid", "simserial", "username", "email", "audit", "start-geopoint"}
)
_YES = frozenset({"yes", "true", "true()", "1", "1.0"})
_HAN = re.compile(r"[\u3400-\u9fff]")
_ZH = re.compile(r"\(zh|^\s*zh\b|chinese|中文|汉语|简体", re.IGNORECASE)
_EN = re.compile(r"\(en|^\s*en\b|english|英", re.IGNORECASE)
# What people wrote for select_one and select_multiple before there was one way.
_ALIASES = (
    (re.compile(r"^(?:select one from|select one|select1)\b", re.IGNORECASE), "select_one"),
    (re.compile(r"^(?:select all that apply from|select all that apply|select multiple from|select multiple)\b",
                re.IGNORECASE), "select_multiple"),
)  # fmt: skip
_OTHER = {"id": "other", "zh": "其他", "en": "Other"}
_WHICH_OTHER = {"zh": "其他：请说明", "en": "Other: please specify"}
# Columns that change what is asked or which choices there are, and have no counterpart.
_LOST_COLUMNS = ("choice_filter", "calculation", "repeat_count")

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Imported:
    """The flow file's data (not yet judged by `flow check`) and what could not be taken over, by sheet row."""

    data: dict[str, Any]
    findings: tuple[Finding, ...]


def read_xlsform(path: Path) -> dict[str, list[dict[str, str]]]:
    """The sheets of a workbook as rows of texts by column name. Raises Invalid for a file that is no workbook."""
    from python_calamine import CalamineError, CalamineWorkbook  # read only where a workbook is imported

    try:
        workbook = CalamineWorkbook.from_path(str(path))
        sheets = {
            name: workbook.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in workbook.sheet_names
        }
    except (CalamineError, OSError, ValueError) as trouble:
        raise Invalid(
            N_("{file} cannot be read as a workbook: {reason}"), file=path.name, reason=str(trouble)
        ) from None
    found: dict[str, list[dict[str, str]]] = {}
    for name, rows in sheets.items():
        head = [str(cell).strip() for cell in rows[0]] if rows else []
        found[name.strip().lower()] = [
            {key: _cell(cell) for key, cell in zip(head, row, strict=False) if key} for row in rows[1:]
        ]
    if "survey" not in found:
        raise Invalid(N_("{file} has no sheet named survey: it is no XLSForm."), file=path.name)
    return found


def import_xlsform(sheets: Mapping[str, list[dict[str, str]]], flow: str) -> Imported:
    """Turn the sheets of an XLSForm into a draft flow named `flow`.

    Taken over: the question types that a call has, choices, labels and hints in both languages, groups (their
    relevance is added to their questions), relevant, constraint and required. The outcomes are the desk's own and
    have to be written: the draft has one for everything.
    """
    return _Importer(sheets, flow).run()


def _cell(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


@dataclass(slots=True)
class _Importer:
    sheets: Mapping[str, list[dict[str, str]]]
    flow: str
    names: Names = field(default_factory=Names)
    questions: list[dict[str, Any]] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    repeats: int = 0

    def run(self) -> Imported:
        choices = self.choices()
        for number, row in enumerate(self.sheets["survey"], 2):
            if row.get("type", "").strip():
                self.row(number, row, choices)
        settings: Row = (self.sheets.get("settings") or [{}])[0]
        title = settings.get("form_title") or self.flow
        return Imported(
            {
                "format": "deskapp/flow@1", "flow": self.flow, "version": "0.1.0", "status": "draft", "product": "any",
                "symptom": "imported", "department": "service", "title": {"zh": title, "en": title},
                "source": f"XLSForm {settings.get('form_id') or self.flow} {settings.get('version', '')}".strip(),
                "questions": self.questions,
                "outcomes": [
                    {
                        "id": "to_be_judged", "otherwise": True, "title": {"zh": "由专人判断", "en": "To be judged"},
                        "grade": "yellow", "priority": "P3", "sla": "yellow_48h", "dispatch": "callback",
                        "department": "service",
                    }
                ],
            },
            tuple(self.findings),
        )  # fmt: skip

    def choices(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        for row in self.sheets.get("choices", []):
            name = row.get("name") or row.get("value") or ""
            items = found.setdefault(row.get("list_name") or row.get("list name") or "", [])
            if name:
                items.append({"id": self.names.choice(name), **_both(row, "label", name)})
        return found

    def row(self, number: int, row: Row, choices: Mapping[str, list[dict[str, Any]]]) -> None:
        if row.get("disabled", "").lower() in _YES:
            return
        kind, listed = _kind(row["type"])
        plain = " ".join([kind, *listed]).lower().replace("_", " ")
        if plain in ("begin group", "end group"):
            self.group(number, row, begins=plain.startswith("begin"))
        elif plain in ("begin repeat", "end repeat"):
            self.repeats += 1 if plain.startswith("begin") else -1
            if plain.startswith("begin"):
                self.lost(number, row, N_("Repeated groups cannot be taken over."))
        elif plain in _METADATA:
            return
        elif self.repeats:
            self.lost(number, row, N_("It stands in a repeated group."))
        elif plain == "calculate":
            self.lost(number, row, N_("Calculations cannot be taken over: let an outcome decide instead."))
        elif kind in ("select_one", "select_multiple") and listed:
            self.select(number, row, kind, listed, choices.get(listed[0]))
        elif plain in _SIMPLE:
            self.question(number, row, _SIMPLE[plain], [])
        else:
            self.lost(number, row, N_("The type {type} cannot be taken over."), type=row["type"])

    def select(self, number: int, row: Row, kind: str, listed: list[str], choices: list[dict[str, Any]] | None) -> None:
        """A question with choices; `or_other` gives it one more and a line for which."""
        rest = [word for word in listed[1:] if word.replace("-", "_") != "or_other"]
        if rest:
            self.lost(number, row, N_("Of its list only the choices are taken over, not “{rest}”."), rest=rest[0])
        other = len(rest) < len(listed) - 1 and choices is not None
        if other and choices is not None:
            choices = [*choices, _OTHER] if all(item["id"] != "other" for item in choices) else choices
        self.question(number, row, kind, choices)
        if other:
            known = self.names.questions[row.get("name", "")]
            verb = "has" if known.type == "select_multiple" else "=="
            self.questions.append(
                {
                    "id": self.names.question(f"{known.id}_other"), "type": "text", "label": dict(_WHICH_OTHER),
                    "when": f"{known.id} {verb} other", "required": self.questions[-1]["required"],
                }
            )  # fmt: skip

    def group(self, number: int, row: Row, *, begins: bool) -> None:
        if begins:
            self.groups.append(self.logic(number, row, "relevant", None) or "")
        elif self.groups:
            self.groups.pop()

    def question(self, number: int, row: Row, kind: str, listed: list[dict[str, Any]] | None) -> None:
        if listed is None:
            self.lost(number, row, N_("Its list of choices is not on the choices sheet."))
            return
        if kind == "select_one" and sorted(item["id"] for item in listed) == ["no", "yes"]:
            kind, listed = "yes_no", []
        known = Question(self.names.question(row.get("name", "")), kind)
        item: dict[str, Any] = {"id": known.id, "type": kind, "label": _both(row, "label", known.id)}
        if any(row.get(key) for key in row if key == "hint" or key.startswith("hint::")):
            item["hint"] = _both(row, "hint", "")
        if listed:
            item["choices"] = listed
        relevant = [part for part in (*self.groups, self.logic(number, row, "relevant", None) or "") if part]
        if relevant:
            item["when"] = relevant[0] if len(relevant) == 1 else " and ".join(f"({part})" for part in relevant)
        self.names.questions[row.get("name", "")] = known
        for column in _LOST_COLUMNS:
            if row.get(column):
                self.findings.append(
                    warning(
                        "import-formula", N_("The {column} “{source}” cannot be taken over ({reason})."),
                        path=("survey", number), item=row.get("name", ""), column=column, source=row[column],
                        reason=column,
                    )
                )  # fmt: skip
        if limit := self.logic(number, row, "constraint", known):
            # A range says by itself what is wrong; the author's own words are kept where there are some.
            said = any(key.partition("::")[0].strip() == "constraint_message" and text for key, text in row.items())
            low, high = (None, None) if said else limits_of(limit, known) or (None, None)
            if low is not None or high is not None:
                item.update({name: value for name, value in (("min", low), ("max", high)) if value is not None})
            else:
                item["constraint"] = limit
                item["constraint_message"] = _both(
                    row, "constraint_message", "回答不符合要求 / The answer does not fit"
                )
        item["required"] = row.get("required", "").lower() in _YES
        self.questions.append(item)

    def logic(self, number: int, row: Row, column: str, own: Question | None) -> str | None:
        """A formula of a row as a condition; one that cannot be said is left out and reported."""
        source = row.get(column, "").strip()
        if not source:
            return None
        try:
            return translate(source, self.names, own)
        except LogicError as trouble:
            self.findings.append(
                warning(
                    "import-formula", N_("The {column} “{source}” cannot be taken over ({reason})."),
                    path=("survey", number),
                    item=row.get("name", ""), column=column, source=source,
                    reason=str(trouble),
                )
            )  # fmt: skip
            return None

    def lost(self, number: int, row: Row, template: str, **values: object) -> None:
        name = row.get("name", "")
        if row["type"].strip().lower() != "note":
            self.findings.append(error("import-row", template, path=("survey", number), item=name, **values))


def _kind(text: str) -> tuple[str, list[str]]:
    """The type of a row and the words behind it, older spellings included."""
    for pattern, kind in _ALIASES:
        text = pattern.sub(kind, text.strip(), count=1)
    kind, *listed = text.split() or [""]
    return kind, listed


def _both(row: Row, column: str, fallback: str) -> dict[str, str]:
    """A text in both languages; where one is missing the other stands in, for `flow check` to report."""
    found: dict[str, str] = {}
    # A text whose language is said comes before one without, and any other language is better than none.
    for _rank, language, text in sorted(_texts(row, column), key=lambda item: item[0]):
        found.setdefault(language, text)
    any_text = next(iter(found.values()), fallback) or fallback
    return {"zh": found.get("zh", any_text), "en": found.get("en", any_text)}


def _texts(row: Row, column: str) -> Iterator[tuple[int, str, str]]:
    for key, text in row.items():
        head, _, language = key.partition("::")
        if head.strip() != column or not text:
            continue
        if _ZH.search(language):
            yield 0, "zh", text
        elif _EN.search(language):
            yield 0, "en", text
        elif not language:
            yield 1, ("zh" if _HAN.search(text) else "en"), text
        else:
            yield 2, "other", text
