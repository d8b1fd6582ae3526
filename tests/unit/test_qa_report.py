"""The QA report from a simulated month: the bias put in is found, and every rendering is safe and whole."""

import csv
import io
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import use_language
from deskapp.domain.qa_figures import (
    SettledRecord,
    agent_lines,
    chart_of,
    critical_lines,
    mean_score,
    pass_rate,
    problem_lines,
)
from deskapp.domain.qa_report import QaReport
from deskapp.domain.scorecard import CriticalClass, Severity
from deskapp.domain.sheet import guard_cell
from deskapp.services.qa.report_html import render_html, write_html
from deskapp.services.qa.report_tables import render_report_text, report_tables
from deskapp.services.tables import Percent, Table, render_csv, render_text, width_of, write_csv, write_xlsx
from tests.qa_month import BIAS, CARD, Month, month
from tests.qa_month import report as report_of


@pytest.fixture(scope="module")
def simulated() -> Month:
    return month()


@pytest.fixture(scope="module")
def report(simulated: Month) -> QaReport:
    return report_of(simulated)


@pytest.fixture(params=["en", "zh"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    use_language(request.param)
    yield request.param
    use_language("en")


def test_the_bias_put_in_comes_out_of_the_report(report: QaReport) -> None:
    for line in report.raters:
        assert line.bias is not None
        assert line.bias.bias == pytest.approx(BIAS[line.rater], abs=0.8)
    verdicts = {line.rater: line.bias.clear for line in report.raters if line.bias}
    assert verdicts["Chen"]
    assert verdicts["Silva"]


def test_without_bias_none_is_reported() -> None:
    calm = report_of(month(900, seed=5, bias=dict.fromkeys(BIAS, 0.0)))
    assert all(line.bias is not None and abs(line.bias.bias) < 1 for line in calm.raters)


def record(n: int, agent: str = "a", passed: bool = True, **other: object) -> SettledRecord:
    known: dict[str, object] = {"stratum": "s", "shift": "early", "subgroup": "d", "points": {}} | other
    return SettledRecord(f"T{n}", agent=agent, score=90.0 if passed else 50.0, passed=passed, **known)  # type: ignore[arg-type]


def test_agents_that_overlap_are_not_ranked_and_few_records_come_last() -> None:
    near = [record(n, "b", n % 10 > 0) for n in range(40)] + [record(100 + n, "a", n % 8 > 0) for n in range(40)]
    few = [record(300 + n, "A few", True) for n in range(19)]
    lines = agent_lines(near + few, {"a": 400, "b": 400, "A few": 400})
    assert [(line.agent, line.tier, line.few) for line in lines] == [
        ("a", None, False),
        ("b", None, False),
        ("A few", None, True),
    ]
    low = [record(500 + n, "z", n % 10 == 0) for n in range(40)]
    tiers = {line.agent: line.tier for line in agent_lines(near + few + low, {})}
    assert tiers == {"a": 1, "b": 1, "z": 2, "A few": None}


def test_figures_weigh_the_strata_and_say_census() -> None:
    rows = [record(n, stratum="big") for n in range(10)] + [record(20 + n, passed=n > 4) for n in range(10)]
    thin = pass_rate(rows, {"big": 900, "s": 100})
    assert thin.share == pytest.approx(0.95)
    assert mean_score(rows, {"big": 900, "s": 100}).value == pytest.approx(0.9 * 90 + 0.1 * 70)
    whole = pass_rate(rows, {"big": 10, "s": 10})
    assert (whole.share, whole.census, whole.interval.half_width) == (0.75, True, 0)
    assert mean_score(rows, {"big": 10, "s": 10}).interval.half_width == 0
    with pytest.raises(Invalid):
        pass_rate(rows, {"big": 10})


def test_a_problem_is_counted_once_a_record_with_its_worst_severity() -> None:
    rows = [
        record(1, findings=(("manners", Severity.MINOR), ("manners", Severity.MAJOR))),
        record(2, findings=(("manners", Severity.MINOR), ("problem", Severity.MINOR))),
        record(3, critical=frozenset({CriticalClass.BUSINESS})),
    ]
    lines = problem_lines(rows, CARD, 300)
    assert [(str(x.item), x.records, x.worst) for x in lines] == [
        ("Manners", 2, Severity.MAJOR),
        ("Accuracy of the problem description", 1, Severity.MINOR),
    ]
    assert lines[-1].cumulative == 1
    accuracy = {line.kind: line.clean for line in critical_lines(rows, 300)}
    assert accuracy == {CriticalClass.CUSTOMER: 3, CriticalClass.BUSINESS: 2, CriticalClass.COMPLIANCE: 3}


def test_one_subgroup_is_no_chart() -> None:
    assert chart_of([record(1), record(2)]) is None
    two = chart_of([record(1), record(2, subgroup="e", passed=False)])
    assert two is not None
    assert [(p.label, p.count) for p in two.points] == [("d", 0), ("e", 1)]
    # Days with a record or two each would have limits of 0 and 100 %: they are put together to weeks.
    days = chart_of([record(n, subgroup=f"2026-01-{n:02}", passed=n > 4) for n in range(1, 12)])
    assert days is not None
    assert [(p.label, p.count, p.n) for p in days.points] == [("2026-W01", 4, 4), ("2026-W02", 0, 7)]


class Document(HTMLParser):
    """Reads a page as a browser does: what is open must be closed, in order."""

    VOID = frozenset({"meta", "br", "circle", "rect", "line", "path", "polyline", "link", "img"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&\x1b[31m\u202e"


def test_the_page_loads_nothing_runs_nothing_and_escapes_everything(report: QaReport, language: str) -> None:
    case = replace(report.cases[0], story=HOSTILE, label=HOSTILE, lesson=HOSTILE)
    action = replace(report.actions[0], number=HOSTILE, finding=HOSTILE, department=HOSTILE)
    agents = tuple(replace(line, agent=HOSTILE + line.agent) for line in report.agents)
    bias = tuple(replace(line, rater=HOSTILE + line.rater) for line in report.raters)
    audit = replace(report.audit, filter=HOSTILE, seed=HOSTILE, exclusions=((HOSTILE, 1),))
    page = render_html(
        replace(report, title=HOSTILE, period=HOSTILE, notes=(HOSTILE,), cases=(case,), actions=(action,),
                agents=agents, raters=bias, audit=audit)
    )  # fmt: skip
    found = Document(page)
    assert {"script", "img", "link", "iframe", "object", "form"}.isdisjoint(found.tags)
    assert not [name for name, _value in found.attributes if name.startswith("on") or name in ("src", "href")]
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert sum("<script>alert(1)</script>" in words for words in found.words) > 10
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org/2000/svg", "")
    assert f'lang="{"zh-CN" if language == "zh" else "en"}"' in page


def test_the_page_tells_everything_in_the_readers_language(report: QaReport, language: str) -> None:
    page = "".join(Document(render_html(report)).words)
    wanted = {
        "en": ["Overall score", "Pass rate", "Critical-error accuracy", "Failing records over time", "Items by shift",
               "few records", "not ranked", "strict", "recalibrate", "n/a (no variation)", "not proven"],
        "zh": ["总体得分", "合格率", "致命差错准确率", "不合格率走势", "班次", "记录过少", "不排名", "偏严",
               "需重新校准", "不适用（无差异）", "未证实"],
    }[language]  # fmt: skip
    assert not [words for words in wanted if words not in page]
    assert report.audit.frame_hash in page
    assert report.audit.seed in page
    assert report.audit.openssl in page
    for line in report.audit.drawn:
        assert line.record in page


def test_every_message_of_the_report_has_its_chinese(report: QaReport) -> None:
    english = report_tables(report)
    use_language("zh")
    try:
        chinese = report_tables(report)
    finally:
        use_language("en")
    same = [
        (a.key, x)
        for a, b in zip(english, chinese, strict=True)
        for x, y in zip((a.title, *a.heads, *a.notes), (b.title, *b.heads, *b.notes), strict=True)
        if x == y and x not in ("N", "n", "Gwet's AC1/AC2")
    ]
    assert [pair for pair in same if not pair[1].startswith("Gwet")] == []


@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl on this machine")
def test_the_openssl_line_of_the_audit_page_prints_the_ticket(report: QaReport) -> None:
    done = subprocess.run(["sh", "-c", report.audit.openssl], capture_output=True, text=True, timeout=20, check=True)
    assert report.audit.example is not None
    assert done.stdout.split()[-1] == report.audit.example.ticket


def test_the_terminal_report_fits_its_width_and_keeps_commands_whole(report: QaReport, language: str) -> None:
    text = render_report_text(report, width=100)
    long = [line for line in text.split("\n") if width_of(line) > 100]
    assert all(report.audit.openssl in line for line in long)
    assert report.audit.openssl in text
    narrow = render_report_text(report, width=80)
    wide = [line for line in narrow.split("\n") if width_of(line) > 80]
    assert len(wide) < 30


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1+1", "@SUM(A1)", " =1", "\t=1", "＝1", "=cmd|'/c calc'!A1"])
def test_a_text_never_becomes_a_formula(text: str, tmp_path: Path) -> None:
    table = Table("t", "T", ("A", "B", "C"), ((text, -1.5, Percent(0.5)),))
    row = list(csv.reader(io.StringIO(render_csv(table))))[1]
    assert row[0].startswith("'")
    assert row[1:] == ["-1.5", "0.5"]
    write_xlsx([table], tmp_path / "t.xlsx")
    with zipfile.ZipFile(tmp_path / "t.xlsx") as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert b'quotePrefix="1"' in book.read("xl/styles.xml")
    assert "<f>" not in sheet
    assert 't="s"' in sheet


def test_plain_words_stay_as_they_are() -> None:
    assert [guard_cell(t) for t in ("T-1", "水-1", "", "a=b")] == ["T-1", "水-1", "", "a=b"]


def test_files_are_written_whole(report: QaReport, tmp_path: Path) -> None:
    write_html(report, tmp_path / "r.html")
    assert (tmp_path / "r.html").stat().st_size < 400_000
    files = write_csv(report_tables(report), tmp_path / "csv")
    assert {f.stem for f in files} >= {"summary", "problems", "p_chart", "agents", "agreement", "audit", "draw"}
    drawn = list(csv.reader(io.StringIO((tmp_path / "csv" / "draw.csv").read_text("utf-8-sig"))))
    assert len(drawn) == len(report.audit.drawn) + 1
    write_xlsx(report_tables(report), tmp_path / "r.xlsx")
    with zipfile.ZipFile(tmp_path / "r.xlsx") as book:
        sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        assert len(sheets) == len(report_tables(report))
        assert not any(b"<f>" in book.read(name) for name in sheets)


def test_wide_characters_keep_columns_straight() -> None:
    table = Table("t", "标题", ("项目", "n"), (("服务态度", 1), ("a", 22)))
    lines = render_text(table, width=30).splitlines()
    assert [width_of(line) for line in lines[2:]] == [12, 12, 12]


def test_importing_the_report_loads_no_spreadsheet_writer() -> None:
    code = "import sys, json, deskapp.services.qa.report_html; print(json.dumps('xlsxwriter' in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(done.stdout) is False
