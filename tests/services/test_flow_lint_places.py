"""Every finding stands at its line and column in the file, with the nearest word where one was meant."""

from pathlib import Path

import pytest

from deskapp.services.flow_files import PACK, Located, check_flow

BASE = """format: deskapp/flow@1
flow: place
version: 1.0.0
status: draft
product: any
symptom: any
department: service
title: {zh: "流程", en: "Flow"}
questions:
  - id: smell
    type: yes_no
    label: {zh: "有味道吗", en: "Any smell"}
    safety: true
  - id: kind
    type: select_one
    label: {zh: "哪一种", en: "Which kind"}
    when: smell in [no, unknown]
    choices:
      - {id: front, zh: "滚筒", en: "Front"}
      - {id: top, zh: "波轮", en: "Top"}
  - id: age
    type: integer
    label: {zh: "几年", en: "How old"}
    min: 0
    max: 30
  - id: parts
    type: select_multiple
    label: {zh: "哪些", en: "Which parts"}
    choices:
      - {id: belt, zh: "皮带", en: "Belt"}
      - {id: drum, zh: "桶", en: "Drum"}
outcomes:
  - id: fire
    when: smell in [yes, unknown]
    title: {zh: "危险", en: "Danger"}
    grade: red
    priority: P1
    sla: emergency_2h
    dispatch: emergency
    department: service
    escalate: duty_supervisor
    causes: [{zh: "查", en: "Cause"}]
    tools: [{zh: "表", en: "Meter"}]
    safety_script: [{zh: "离开", en: "Leave"}]
  - id: old
    when: age > 10 and kind == front and count(parts) >= 1
    title: {zh: "旧", en: "Old"}
    grade: green
    priority: P3
    sla: visit_24h
    dispatch: remote
    department: service
  - id: rest
    otherwise: true
    title: {zh: "其他", en: "Rest"}
    grade: green
    priority: P3
    sla: visit_24h
    dispatch: remote
    department: service
tests:
  - name: danger
    answers: {smell: yes}
    expect: {outcome: fire, grade: red, not_asked: [kind]}
"""

# code, what is written, what was written, the word at whose beginning the finding stands (in the changed text), meant
FAULTS = [
    ("yaml", "status: draft", "version: 2.0.0", "version: 2", ""),
    ("yaml", "max: 30", "max: 30\n    max: 31", "max: 31", ""),
    ("yaml", "max: 30", "max: &x 30", "&x 30", ""),
    ("yaml", 'title: {zh: "流程"', 'title: {zh: "流程', None, ""),
    ("shape", "safety: true", "safety: yes", "safety: yes", ""),
    ("shape", "safety: true", "safty: true", "safty", "safety"),
    ("shape", "    min: 0", "    min： {x: 0}", "min：", "min"),
    ("shape", "type: integer", "type: intger", "type: intger", "integer"),
    ("shape", 'label: {zh: "几年", en: "How old"}', 'label: {en: "How old"}', 'label: {en: "How', ""),
    ("shape", 'label: {zh: "几年", en: "How old"}', 'label: {zh: "几年"}', 'label: {zh: "几年"}', ""),
    ("shape", "grade: red\n", "grade: rd\n", "grade: rd", "red"),
    ("shape", "grade: red\n", "grade: RED\n", "grade: RED", "red"),
    ("shape", "when: smell in [no, unknown]", "when:", "when:\n", ""),
    ("shape", "min: 0", "min: 1e99999999", "min: 1e9", ""),
    ("shape", "    answers: {smell", "    today: 2026-02-30\n    answers: {smell", "today:", ""),
    ("never-equal", "age > 10", "age in [20, 31]", "31]", ""),
    ("duplicate-id", "  - id: age", "  - id: kind", "id: kind\n    type: integer", ""),
    ("duplicate-id", "{id: top,", "{id: front,", 'id: front, zh: "波轮"', ""),
    ("reserved-id", "  - id: age", "  - id: known", "id: known", ""),
    ("unknown-question", "when: smell in [no", "when: smel in [no", "smel in", "smell"),
    ("unknown-question", "and kind == front", "and knd == front", "knd ==", "kind"),
    ("unknown-choice", "kind == front", "kind == frnt", "frnt", "front"),
    ("unknown-choice", "smell in [no, unknown]", "smell in [no, unknwn]", "unknwn", ""),
    ("forward-reference", "when: smell in [no, unknown]", "when: age > 3", "age > 3", ""),
    ("operator-type", "kind == front", "kind has front", "has front", ""),
    ("operator-type", "age > 10", "age > old", "old and", ""),
    ("operator-type", "count(parts) >= 1", "count(age) >= 1", "age) >=", ""),
    ("operator-type", "count(parts) >= 1", "parts == belt", "belt\n", ""),
    ("condition-syntax", "age > 10 and", "age > 10 AND", "AND", ""),
    ("condition-syntax", "age > 10", "age = 10", "= 10", ""),
    ("condition-syntax", "kind == front", "(kind == front", "\n    title: {zh: \"旧\"", ""),
    ("no-choices", '\n      - {id: drum, zh: "桶", en: "Drum"}', "", "id: parts", ""),
    ("needless-choices", "type: select_one", "type: text", "choices:\n      - {id: front", ""),
    ("needless-limit", "type: integer", "type: text", "min: 0", ""),
    ("empty-range", "min: 0", "min: 40", "min: 40", ""),
    ("no-constraint-message", "max: 30", "constraint: age < 30", "constraint:", ""),
    ("no-unit", "type: integer", "type: decimal", "id: age", ""),
    ("no-otherwise", "otherwise: true", "when: smell == no", "id: rest", ""),
    ("no-rule", "    when: age > 10 and kind == front and count(parts) >= 1\n", "", "id: old", ""),
    ("otherwise-not-last", "when: age > 10 and kind == front and count(parts) >= 1", "otherwise: true", "id: old", ""),
    ("red-after-milder", "  - id: rest\n", "  - id: late\n    when: smell == yes and age > 3\n    title: {zh: \"红\", "
     "en: \"Red\"}\n    grade: red\n    priority: P1\n    sla: red_now\n    dispatch: callback\n    department: x\n"
     "    escalate: x\n  - id: rest\n", "id: late", ""),
    ("emergency-no-script", '    safety_script: [{zh: "离开", en: "Leave"}]\n', "", "id: fire", ""),
    ("emergency-not-red", "grade: red\n", "grade: yellow\n", "id: fire", ""),
    ("red-no-escalation", "    escalate: duty_supervisor\n", "", "id: fire", ""),
    ("visit-no-kit", '    tools: [{zh: "表", en: "Meter"}]\n', "", "id: fire", ""),
    ("unknown-sla", "sla: emergency_2h", "sla: emergency_3h", "sla: emergency_3h", "emergency_2h"),
    ("untranslated", 'en: "Old"', 'en: "旧 old"', 'en: "旧 old"', ""),
    ("untranslated", 'zh: "旧"', 'zh: "quite old"', 'zh: "quite old"', ""),
    ("decides-nothing", "age > 10 and ", "", "id: age", ""),
    ("unreachable-question", "when: smell in [no, unknown]", "when: smell == yes and smell == no", "when: smell", ""),
    ("unreachable-outcome", "age > 10 and", "age > 30 and", "id: old", ""),
    ("unknown-safety-green", "smell in [yes, unknown]", "smell == yes", "id: old", ""),
    ("unknown-question", "answers: {smell: yes}", "answers: {smel: yes}", "smel: yes", "smell"),
    ("unknown-outcome", "outcome: fire, grade", "outcome: fires, grade", "outcome: fires", "fire"),
    ("unknown-choice", "answers: {smell: yes}", "answers: {smell: yess}", "smell: yess", "yes"),
]  # fmt: skip


def at(text: str, mark: str) -> tuple[int, int]:
    before = text[: text.index(mark)]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def findings(text: str) -> list[Located]:
    return list(check_flow(PACK / "place.yaml", text).findings)


def test_an_empty_file_says_so() -> None:
    assert [item.finding.message for item in findings("# nothing yet\n")] == ["The file is empty."]


def test_the_text_that_is_broken_below_is_right() -> None:
    assert findings(BASE) == []


@pytest.mark.parametrize(("code", "old", "new", "mark", "meant"), FAULTS, ids=[f"{f[0]}-{n}" for n, f in
                         enumerate(FAULTS)])  # fmt: skip
def test_a_finding_stands_at_its_place(code: str, old: str, new: str, mark: str | None, meant: str) -> None:
    assert BASE.count(old) >= 1
    text = BASE.replace(old, new, 1)
    found = [item for item in findings(text) if item.finding.code == code]
    assert found, [str(item) for item in findings(text)]
    if mark is not None:
        wanted = at(text, mark)
        if code == "condition-syntax" and mark.startswith("\n"):  # at the end of the condition
            wanted = (wanted[0], len(text.splitlines()[wanted[0] - 1]) + 1)
        assert wanted in [(item.line, item.column) for item in found], [str(item) for item in found]
    assert meant in [item.finding.suggestion for item in found]


def test_inside_a_text_over_several_lines_its_beginning_is_told() -> None:
    folded = BASE.replace("when: smell in [yes, unknown]", "when: >-\n      smel in\n      [yes, unknown]")
    (item,) = [item for item in findings(folded) if item.finding.code == "unknown-question"]
    assert (item.line, item.column) == at(folded, ">-\n      smel")


@pytest.mark.parametrize("name", ["WiFi", "HDMI", "USB-C", "E4", "LG"])
def test_a_name_is_the_same_in_both_languages(name: str) -> None:
    assert findings(BASE.replace('zh: "皮带", en: "Belt"', f'zh: "{name}", en: "{name}"')) == []


def test_digits_keep_their_zeros(tmp_path: Path) -> None:
    text = BASE.replace("answers: {smell: yes}", "answers: {smell: yes, age: 07}")
    file = check_flow(PACK / "place.yaml", text)
    assert file.flow is not None and file.flow.tests[0].answers["age"] == "07"
