"""Surveys become draft flows: what has a counterpart is taken over, the rest is told by row."""

from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from deskapp.domain.errors import Invalid
from deskapp.domain.flow import compile_flow, from_data, lint
from deskapp.services.flow_files import check_flow, load_flow
from deskapp.services.flow_write import write_flow
from deskapp.services.strict_yaml import parse_yaml
from deskapp.services.xlsform import Imported, import_xlsform
from deskapp.services.xlsform_logic import LogicError, Names, Question, translate
from deskapp.services.xlsform_sheets import column, read_xlsform

SURVEY = [
    [
        "type",
        "name",
        "label::English (en)",
        "label::中文 (zh)",
        "relevant",
        "constraint",
        "constraint_message",
        "required",
    ],
    ["start", "start", "", "", "", "", "", ""],
    ["select_one yn", "Smoke?", "Any smoke?", "冒烟吗?", "", "", "", "yes"],
    ["begin group", "g", "", "", "${Smoke?} = 'no'", "", "", ""],
    ["select_multiple parts or_other", "parts", "Which parts?", "哪些部件?", "", "", "", "yes"],
    [
        "integer",
        "age",
        "Age",
        "年限",
        "selected(${parts}, 'motor') or count-selected(${parts}) > 2",
        ". >= 0 and . < 31",
        "",
        "",
    ],
    ["date", "bought", "Bought on", "购买日", "", ". <= today()", "Not in the future", ""],
    ["end group", "", "", "", "", "", "", ""],
    ["decimal", "volt", "Volts", "电压", "${age} * 2 > 10", "", "", ""],
    ["geopoint", "where", "Where", "位置", "", "", "", ""],
    ["begin repeat", "r", "", "", "", "", "", ""],
    ["text", "inner", "Inner", "内", "", "", "", ""],
    ["end repeat", "", "", "", "", "", "", ""],
    ["note", "n", "Thanks", "谢谢", "", "", "", ""],
]
CHOICES = [
    ["list_name", "name", "label::English (en)", "label::中文 (zh)"],
    ["yn", "yes", "Yes", "是"], ["yn", "no", "No", "否"],
    ["parts", "motor", "Motor", "电机"], ["parts", "1", "Belt", "皮带"], ["parts", "unknown", "Other", "其他"],
]  # fmt: skip


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    file = tmp_path / "noise survey.xlsx"
    book = xlsxwriter.Workbook(file)
    for name, rows in (("survey", SURVEY), ("choices", CHOICES), ("settings", [["form_title"], ["Noise"]])):
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    book.close()
    return file


@pytest.fixture
def imported(workbook: Path) -> Imported:
    return import_xlsform(read_xlsform(workbook), "noise-survey")


def test_questions_logic_and_limits_are_taken_over(imported: Imported) -> None:
    found: dict[str, dict[str, Any]] = {item["id"]: item for item in imported.data["questions"]}
    assert {id_: item["type"] for id_, item in found.items()} == {
        "smoke_": "yes_no", "parts": "select_multiple", "parts_other": "text", "age": "integer", "bought": "date",
        "volt": "decimal",
    }  # fmt: skip
    assert [choice["id"] for choice in found["parts"]["choices"]] == ["motor", "c_1", "unknown_", "other"]
    assert (found["parts_other"]["when"], found["parts_other"]["required"]) == ("parts has other", True)
    assert found["age"]["when"] == "(smoke_ == no) and (parts has motor or count(parts) > 2)"
    assert (found["age"]["min"], found["age"]["max"]) == (0, 30)
    assert found["bought"]["constraint"] == "days_since(bought) >= 0"
    assert (found["parts"]["required"], found["age"]["required"]) == (True, False)


def test_what_cannot_be_taken_over_is_told_by_row(imported: Imported) -> None:
    assert [(item.path, item.code) for item in imported.findings] == [
        (("survey", 9), "import-formula"), (("survey", 10), "import-row"), (("survey", 11), "import-row"),
        (("survey", 12), "import-row"), (("survey", 14), "import-row"),
    ]  # fmt: skip


def test_the_draft_reads_back_and_runs(imported: Imported, tmp_path: Path) -> None:
    text = write_flow(imported.data)
    assert parse_yaml(text).data == imported.data
    file = tmp_path / "noise-survey.yaml"
    file.write_text(text, "utf-8")
    assert {item.finding.code for item in check_flow(file).findings} <= {"decides-nothing", "no-unit", "untranslated"}
    compiled = load_flow(file)
    assert lint(compiled.flow).exploration is not None


@pytest.mark.parametrize(
    ("source", "condition"),
    [
        ("${n} >= 18 and ${y} != 'no'", "n >= 18 and y != no"),
        ("not(selected(${m}, 'a'))", "not (m has a)"),
        ("18 < ${n}", "n > 18"),
        ("${s} = '' or ${s} != ''", "not answered(s) or answered(s)"),
        ("(${y} = 'yes')", "(y == yes)"),
        ("${t} = \"it's\"", 't == "it\'s"'),
        ("${n} = '5'", "n == 5"), ("${d} >= date('2026-01-31')", "d >= 2026-01-31"),
        ("${y} = ‘no’", "y == no"),
        (". > 3", None), ("${n} + 1 > 3", None), ("regex(${t}, 'a')", None), ("${none} = 1", None), ("", None),
        ("${n} >", None), ("${m} != 'a'", None), ("${n} = 1 ${n}", None),
        ("if(${n}, 1, 2)", None), ("(" * 3000, None), ("count-selected(", None), ("${n} = today()", None),
    ],
)  # fmt: skip
def test_formulas_become_conditions_or_say_what_they_use(source: str, condition: str | None) -> None:
    names = Names({id_: Question(id_, type_) for id_, type_ in TYPES.items()})
    if condition is None:
        with pytest.raises(LogicError):
            translate(source, names, None)
    else:
        assert translate(source, names, None) == condition


def one(**row: str) -> Imported:
    """A survey of one row, with a list of two choices."""
    listed = [{"list_name": "l", "name": name, "label": name} for name in ("a", "b")]
    return import_xlsform({"survey": [{"name": "q", "label": "Q", **row}], "choices": listed}, "f")


@pytest.mark.parametrize("type_", ["select_one l", "select one l", "select one from l", "select1 l", "SELECT ONE l"])
def test_older_spellings_of_a_choice_are_understood(type_: str) -> None:
    assert [item["type"] for item in one(type=type_).data["questions"]] == ["select_one"]
    several = one(type=type_.lower().replace("one", "multiple").replace("select1", "select all that apply"))
    assert several.data["questions"][0]["type"] == "select_multiple"


def test_a_calculation_is_refused_plainly_and_a_filter_of_choices_is_told() -> None:
    assert [item.message for item in one(type="calculate", calculation="1+1").findings] == [
        "Calculations cannot be taken over: let an outcome decide instead.", "No question could be taken over.",
    ]  # fmt: skip
    filtered = one(type="select_one l", choice_filter="a=${b}")
    assert "choice_filter" in filtered.findings[0].message and filtered.data["questions"]
    assert one(type="select_one l", disabled="yes").data["questions"] == []


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"label::en": "Age", "label::zh": "年龄"}, {"zh": "年龄", "en": "Age"}),
        ({"label::Français (fr)": "Âge", "label": ""}, {"zh": "Âge", "en": "Âge"}),
        ({"label::Français (fr)": "Âge", "label": "", "label::English": "Age"}, {"zh": "Age", "en": "Age"}),
    ],
)
def test_labels_are_taken_in_the_language_they_are_in(row: dict[str, str], expected: dict[str, str]) -> None:
    assert one(type="integer", **row).data["questions"][0]["label"] == expected


def test_the_authors_own_message_is_kept_and_a_choice_of_several_is_limited() -> None:
    (item,) = one(type="integer", constraint=". >= 18", constraint_message="Only adults").data["questions"]
    assert (item["constraint"], item["constraint_message"]["en"]) == ("q >= 18", "Only adults") and "min" not in item
    (item,) = one(type="select_multiple l", constraint="count-selected(.) <= 1").data["questions"]
    assert item["constraint"] == "count(q) <= 1"
    for words in ("or_other", "or-other", "or specify other"):
        (one_of, which) = one(type=f"select_one l {words}", relevant="").data["questions"]
        assert [choice["id"] for choice in one_of["choices"]] == ["a", "b", "other"] and which["when"] == "q == other"


TYPES = {"n": "integer", "m": "select_multiple", "s": "select_one", "y": "yes_no", "t": "text", "d": "date"}


def test_a_file_that_is_no_survey_says_so(tmp_path: Path) -> None:
    file = tmp_path / "x.xlsx"
    file.write_bytes(b"no workbook")
    with pytest.raises(Invalid, match="cannot be read"):
        read_xlsform(file)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("Type", "type"), (" Label :: English (en)", "label::English (en)"), ("label:zh", "label::zh"),
        ("List Name", "list_name"), ("relevance", "relevant"), ("bind::relevant", "relevant"), ("value", "name"),
        ("constraint message::中文 (zh)", "constraint_message::中文 (zh)"),
        ("bind::jr:constraintMsg", "constraint_message"),
        ("bind:constraint", "constraint"), ("bind:jr:constraintmsg", "constraint_message"),
        ("media::image", "media::image"), ("media:image", "media::image"),
        ("readonly", "read_only"), ("calculate", "calculation"),
    ],
)  # fmt: skip
def test_a_columns_name_is_understood_as_older_forms_write_it(head: str, name: str) -> None:
    assert column(head) == name


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"required": "${a} = 'yes'"}, ["required"]), ({"required": "FALSE"}, []), ({"default": "5"}, ["default"]),
        ({"read_only": "yes"}, ["read_only"]), ({"read_only": "no"}, []), ({"media::image": "x.png"}, ["media::image"]),
        ({"label": "Hello ${name}"}, ["label"]), ({"trigger": "${a}"}, ["trigger"]),
    ],
)  # fmt: skip
def test_a_column_without_a_counterpart_is_told(row: dict[str, str], told: list[str]) -> None:
    found = one(type="integer", **row).findings
    assert [item.values["column"] for item in found if item.code == "import-column"] == told


def survey(*rows: dict[str, str], **lists: dict[str, str]) -> Imported:
    """A survey whose lists of choices are given as labels by name."""
    choices = [
        {"list_name": key, "name": n, "label": text} for key, items in lists.items() for n, text in items.items()
    ]
    return import_xlsform({"survey": [{"label": row.get("name", ""), **row} for row in rows], "choices": choices}, "f")


def test_choices_stay_different_and_conditions_mean_the_right_one() -> None:
    names = {"-1": "none", "1": "one", "是": "yes", "否": "no", "a-b": "c", "a_b": "d"}
    imported = survey(
        {"type": "select_one l", "name": "q"}, {"type": "text", "name": "t", "relevant": "${q} = '否'"}, l=names
    )
    first, second = imported.data["questions"]
    ids = {choice["en"]: choice["id"] for choice in first["choices"]}
    assert len(set(ids.values())) == len(names)
    assert second["when"] == f"q == {ids['no']}"


def test_other_words_for_yes_and_no_are_kept() -> None:
    plain, other = ({"yes": "Yes", "no": "No"}, {"yes": "It burns", "no": "It is out"})
    imported = survey({"type": "select_one a", "name": "p"}, {"type": "select_one b", "name": "o"}, a=plain, b=other)
    assert [item["type"] for item in imported.data["questions"]] == ["yes_no", "select_one"]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([("end repeat", ""), ("text", "a")], []),
        ([("begin lgroup", "r"), ("text", "inner"), ("end lgroup", ""), ("text", "a")], [2, 3]),
        ([("begin loop over l", "r"), ("text", "inner"), ("end loop", ""), ("text", "a")], [2, 3]),
        ([("begin_group", "g"), ("text", "a")], [2]),
        ([("text", "a"), ("text", "a")], [3]),
        ([("note", "n"), ("text", "a")], [2]),
    ],
)
def test_brackets_that_do_not_close_and_names_used_twice_are_told(rows: list[tuple[str, str]], told: list[int]) -> None:
    imported = survey(*({"type": kind, "name": name} for kind, name in rows))
    assert [item.path[1] for item in imported.findings] == told
    assert imported.data["questions"][-1]["id"].startswith("a")


NESTED = survey(
    {"type": "select_one yn", "name": "consent", "required": "yes"},
    {"type": "begin group", "name": "g", "relevant": "${consent} = 'yes'"},
    {"type": "select_multiple pets", "name": "pets"},
    {"type": "begin group", "name": "h", "relevant": "selected(${pets}, 'dog') and count-selected(${pets}) >= 2"},
    {"type": "integer", "name": "dogs", "constraint": ". > 0 and . <= 9"},
    {"type": "text", "name": "why", "relevant": "${dogs} > 5"},
    {"type": "end group"},
    {"type": "text", "name": "none", "relevant": "not(selected(${pets}, 'dog'))"},
    {"type": "end group"},
    {"type": "text", "name": "bye", "relevant": "${why} = ''"},
    yn={"yes": "Yes", "no": "No"}, pets={"dog": "Dog", "cat": "Cat", "bird": "Bird"},
)  # fmt: skip


@pytest.mark.parametrize(
    ("answers", "asked"),
    [
        ({"consent": "no"}, "consent bye"),
        ({"consent": "yes", "pets": "cat"}, "consent pets none bye"),
        ({"consent": "yes", "pets": "dog"}, "consent pets bye"),
        ({"consent": "yes", "pets": "dog cat", "dogs": 2}, "consent pets dogs bye"),
        ({"consent": "yes", "pets": "dog cat", "dogs": 6, "why": "x"}, "consent pets dogs why"),
        ({"consent": "yes", "pets": "skipped"}, "consent pets none bye"),
        # A question behind one that is hidden is hidden, whatever was answered before.
        ({"consent": "yes", "pets": "cat bird", "dogs": 6, "why": "x"}, "consent pets none bye"),
        ({"consent": "no", "pets": "dog cat", "dogs": 6, "why": "x"}, "consent bye"),
    ],
)
def test_an_imported_survey_asks_what_the_survey_asks(answers: dict[str, Any], asked: str) -> None:
    assert NESTED.findings == ()
    compiled = compile_flow(from_data(NESTED.data))
    assert " ".join(compiled.evaluate(compiled.read(answers)).asked) == asked
    assert (NESTED.data["questions"][2]["min"], NESTED.data["questions"][2]["max"]) == (1, 9)
