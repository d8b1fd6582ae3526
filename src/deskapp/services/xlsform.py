"""Import a survey in XLSForm (.xlsx): the subset of it that is a guided flow, and a list of what is not."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from deskapp.domain.flow.findings import Finding, error, warning
from deskapp.domain.i18n import N_
from deskapp.services.xlsform_logic import LogicError, Names, Question, identifier, limits_of, translate, unused

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
_NO = frozenset({"", "no", "false", "false()", "0", "0.0"})
# Labels of a list that is no more than yes and no.
_PLAIN_YES_NO = frozenset({"yes", "no", "是", "否", "有", "没有"})
_REPEATS = re.compile(r"repeat|lgroup|looped group|loop( over .+)?")
_OR_OTHER = frozenset({"or_other", "or specify other"})
_OTHER = {"id": "other", "zh": "其他", "en": "Other"}
_WHICH_OTHER = {"zh": "其他：请说明", "en": "Other: please specify"}
# Columns that change what is asked, shown or which choices there are, and have no counterpart.
_LOST_COLUMNS = (
    "choice_filter", "calculation", "repeat_count", "default", "read_only", "trigger", "image", "big-image", "audio",
    "video", "media",
)  # fmt: skip

Row = Mapping[str, str]
Choices = dict[str, dict[str, Any]]  # by the name in the survey


@dataclass(frozen=True, slots=True)
class Imported:
    """The flow file's data (not yet judged by `flow check`) and what could not be taken over, by sheet row."""

    data: dict[str, Any]
    findings: tuple[Finding, ...]


def import_xlsform(sheets: Mapping[str, list[dict[str, str]]], flow: str) -> Imported:
    """Turn the sheets of an XLSForm into a draft flow named `flow`.

    Taken over: the question types that a call has, choices, labels and hints in both languages, groups (their
    relevance is added to their questions), relevant, constraint and required. The outcomes are the desk's own and
    have to be written: the draft has one for everything.
    """
    return _Importer(sheets, flow).run()


@dataclass(slots=True)
class _Importer:
    sheets: Mapping[str, list[dict[str, str]]]
    flow: str
    names: Names = field(default_factory=Names)
    questions: list[dict[str, Any]] = field(default_factory=list)
    groups: list[tuple[int, Row, str]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    repeats: int = 0

    def run(self) -> Imported:
        choices = self.choices()
        for number, row in enumerate(self.sheets["survey"], 2):
            if row.get("type", "").strip():
                self.row(number, row, choices)
        for number, open_group, _condition in self.groups:
            self.lost(number, open_group, N_("The group is not closed."))
        if not self.questions:
            self.findings.append(error("import-row", N_("No question could be taken over."), path=("survey", 1)))
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

    def choices(self) -> dict[str, Choices]:
        """The lists of choices, each choice by its name there."""
        found: dict[str, Choices] = {}
        for number, row in enumerate(self.sheets.get("choices", []), 2):
            listed, name = found.setdefault(row.get("list_name", ""), {}), row.get("name", "")
            if name in listed:
                self.findings.append(
                    error(
                        "import-row", N_("The choice {name} is given twice."), path=("choices", number), item=name,
                        name=name,
                    )
                )  # fmt: skip
            elif name:
                id_ = unused(identifier(name, "c"), {item["id"] for item in listed.values()})
                listed[name] = {"id": id_, **_both(row, "label", name)}
        return found

    def row(self, number: int, row: Row, choices: Mapping[str, Choices]) -> None:
        if row.get("disabled", "").lower() in _YES:
            return
        kind, listed = _kind(row["type"])
        plain = " ".join([kind, *listed]).lower().replace("_", " ")
        begins, _space, what = plain.partition(" ")
        if plain in ("begin group", "end group"):
            self.group(number, row, begins=begins == "begin")
        elif begins in ("begin", "end") and _REPEATS.fullmatch(what):
            self.repeats = max(0, self.repeats + (1 if begins == "begin" else -1))
            if begins == "begin":
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
            self.question(number, row, _SIMPLE[plain], {})
        elif plain == "note":
            self.findings.append(
                warning(
                    "import-row", N_("A note is no question: put its text into a hint or the intro."),
                    path=("survey", number), item=row.get("name", ""),
                )
            )  # fmt: skip
        else:
            self.lost(number, row, N_("The type {type} cannot be taken over."), type=row["type"])

    def select(self, number: int, row: Row, kind: str, listed: list[str], choices: Choices | None) -> None:
        """A question with choices; `or_other` gives it one more and a line for which."""
        rest = " ".join(listed[1:])
        other = rest.replace("-", "_") in _OR_OTHER and choices is not None
        if rest and not other:
            self.lost(number, row, N_("Of its list only the choices are taken over, not “{rest}”."), rest=rest)
        if other and choices is not None and all(item["id"] != "other" for item in choices.values()):
            choices = {**choices, "other": dict(_OTHER)}
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
            self.groups.append((number, row, self.logic(number, row, "relevant", None) or ""))
        elif self.groups:
            self.groups.pop()

    def question(self, number: int, row: Row, kind: str, listed: Choices | None) -> None:
        if listed is None:
            self.lost(number, row, N_("Its list of choices is not on the choices sheet."))
            return
        name = row.get("name", "")
        if name in self.names.questions:
            self.lost(number, row, N_("The name {name} is used twice; conditions mean the later one."), name=name)
        if kind == "select_one" and _only_yes_and_no(listed):
            kind, listed = "yes_no", {}
        known = Question(self.names.question(name), kind, {choice: str(item["id"]) for choice, item in listed.items()})
        item: dict[str, Any] = {"id": known.id, "type": kind, "label": _both(row, "label", known.id)}
        if any(row.get(key) for key in row if key == "hint" or key.startswith("hint::")):
            item["hint"] = _both(row, "hint", "")
        if listed:
            item["choices"] = list(listed.values())
        groups = (condition for _number, _row, condition in self.groups)
        relevant = [part for part in (*groups, self.logic(number, row, "relevant", None) or "") if part]
        if relevant:
            item["when"] = relevant[0] if len(relevant) == 1 else " and ".join(f"({part})" for part in relevant)
        self.names.questions[name] = known
        self.columns(number, row)
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

    def columns(self, number: int, row: Row) -> None:
        """Tell what of a question's columns is left out."""
        lost = [(key, text) for key, text in row.items() if text and key.partition("::")[0] in _LOST_COLUMNS]
        lost = [(key, text) for key, text in lost if key != "read_only" or text.lower() not in _NO]
        if row.get("required", "").lower() not in _YES | _NO:
            lost.append(("required", row["required"]))
        for key, text in row.items():
            if key.partition("::")[0] in ("label", "hint") and "${" in text:
                lost.append((key, text))
        for key, text in lost:
            self.findings.append(
                warning(
                    "import-column", N_("The {column} “{source}” has no counterpart."), path=("survey", number),
                    item=row.get("name", ""), column=key, source=text,
                )
            )  # fmt: skip

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
        self.findings.append(error("import-row", template, path=("survey", number), item=row.get("name", ""), **values))


def _only_yes_and_no(listed: Choices) -> bool:
    """Whether a list says no more than yes and no; other words on the same ids are kept as they are."""
    labels = {text.strip().casefold() for item in listed.values() for text in (item["zh"], item["en"])}
    return sorted(item["id"] for item in listed.values()) == ["no", "yes"] and labels <= _PLAIN_YES_NO


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
