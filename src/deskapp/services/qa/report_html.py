"""The QA report as one HTML file: inline drawings, no scripts, nothing fetched, made to be printed."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from deskapp.domain.i18n import _, language
from deskapp.domain.qa_report import CaseKind, HeatCell, QaReport
from deskapp.domain.qa_words import known_word
from deskapp.domain.scoring import shown
from deskapp.domain.statistics import Interval
from deskapp.domain.text import guard
from deskapp.services.qa.report_svg import Bar, Whisker, control_chart, interval_bar, pareto, whiskers
from deskapp.services.qa.report_tables import (
    leniency_text,
    number_interval,
    percent_interval,
    report_tables,
    signals_text,
    summary_notes,
    tier_text,
)
from deskapp.services.tables import Percent, Table, is_number, text_of

# Nothing may be loaded or run, even if a text should slip through unescaped.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

_STYLE = """
:root{color-scheme:light}*{box-sizing:border-box}
body{font:15px/1.5 "Segoe UI","Helvetica Neue",Arial,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",
"WenQuanYi Zen Hei",sans-serif;color:#1b1f24;background:#fff;max-width:980px;margin:0 auto;padding:28px 30px}
h1{font-size:26px;margin:0 0 2px}h2{font-size:18px;margin:34px 0 8px;padding-bottom:4px;border-bottom:2px solid #0f6cbd}
h3{font-size:15px;margin:18px 0 4px}p{margin:6px 0}.soft{color:#5b6470}svg{display:block;width:100%;height:auto}
svg text{font-family:inherit}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(210px,1fr));gap:12px;margin-top:16px}
.tile{border:1px solid #d8dde3;border-radius:8px;padding:10px 14px;break-inside:avoid}
.tile b{display:block;font-size:27px;line-height:1.25}.tile span{color:#5b6470;font-size:13px}
table{border-collapse:collapse;width:100%;margin:8px 0;font-size:13px}
th,td{text-align:left;padding:4px 8px;border-bottom:1px solid #e4e8ec;vertical-align:top}
.facts td{overflow-wrap:anywhere}.facts td:first-child{white-space:nowrap}td:first-child:not(.n){white-space:nowrap}
td:not(.n){min-width:4.4em}
th{color:#5b6470;font-weight:600;border-bottom:1.5px solid #9aa3ad}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
tr{break-inside:avoid}tr.few td{color:#8a939d}
.heat td.n,.heat th.n{text-align:center}.heat td.n{font-weight:600}.heat small{font-weight:400}
.case{border-left:4px solid #2e7d4f;padding:6px 12px;margin:10px 0;background:#f5f8f6;break-inside:avoid}
.case.bad{border-color:#b3261e;background:#faf6f5}code{font:12px/1.5 ui-monospace,"DejaVu Sans Mono",Consolas,monospace}
pre{font:12px/1.5 ui-monospace,"DejaVu Sans Mono",Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere;
background:#f4f6f8;padding:10px 12px;border-radius:6px;margin:8px 0}
.draw{columns:2;column-gap:24px;font:11px/1.45 ui-monospace,"DejaVu Sans Mono",Consolas,monospace}
.draw div{break-inside:avoid;overflow-wrap:anywhere}.verdict{font-weight:600}
@media print{body{max-width:none;padding:0;font-size:10.5pt}h2{break-after:avoid}figure,svg{break-inside:avoid}
.audit{break-before:page}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
@page{size:A4;margin:14mm}
"""


def write_html(report: QaReport, path: Path) -> None:
    """Write the report, in the language in force, as one file."""
    path.write_text(render_html(report), encoding="utf-8")


def render_html(report: QaReport) -> str:
    """Return the report as one HTML document in the language in force; every text of the data is escaped."""
    tables = {table.key: table for table in report_tables(report)}
    parts = [
        _head(report),
        _tiles(report),
        "".join(f"<p class=soft>{_e(note)}</p>" for note in summary_notes(report)),
        section(tables["critical_accuracy"]),
        _problems(report, tables["problems"]),
        _chart(report, tables["p_chart"]),
        _heat(report),
        _agents(report, tables["agents"]),
        _raters(report, tables["raters"]),
        section(tables["rater_items"], level=3),
        section(tables["agreement"]),
        _cases(report),
        section(tables["corrective_actions"]),
        section(tables["verification_power"], level=3),
        _audit(report, tables),
    ]
    return document(report.title, parts, head=False)


def document(title: str, parts: Sequence[str], *, head: bool = True) -> str:
    """A whole HTML document of parts that are HTML already; with `head` its title stands above them."""
    code = "zh-CN" if language() == "zh" else "en"
    top = f"<header><h1>{_e(title)}</h1></header>\n" if head else ""
    return (
        f'<!DOCTYPE html>\n<html lang="{code}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_e(title)}</title><style>{_STYLE}</style></head>\n<body>\n{top}"
        + "\n".join(part for part in parts if part)
        + "\n</body></html>\n"
    )


def _e(text: object) -> str:
    # A no-break space keeps a figure and its unit on one line.
    return escape(guard(str(text).replace("\n", " ").replace(" %", "\u00a0%")))


def _head(report: QaReport) -> str:
    card = _("{card}, version {number}").format(card=report.card, number=report.card_version)
    made = _("made {when}").format(when=report.made_at.strftime("%Y-%m-%d %H:%M UTC"))
    facts = " &middot; ".join(map(_e, (report.campaign, report.period, card, made)))
    return f"<header><h1>{_e(report.title)}</h1><p class=soft>{facts}</p></header>"


def _tiles(report: QaReport) -> str:
    rate = report.pass_rate
    span = _("census, no sampling error") if rate.census else percent_interval(rate.interval)
    bar = interval_bar(rate.share, rate.interval, None, _("Pass rate {share}, interval {span}").format(
        share=Percent(rate.share), span=span))  # fmt: skip
    score = _("95 % interval {span}").format(span=number_interval(report.score.interval))
    sample = _("of {population} records in the frame").format(population=report.population)
    tiles = [
        (_("Overall score"), f"{report.score.value:.2f}", _e(score)),
        (_("Pass rate"), str(Percent(rate.share)), _e(_("95 % interval {span}").format(span=span)) + bar),
        (_("Records scored"), str(report.scored), _e(sample)),
    ]
    for item, found in report.aggregates:
        share = _("n/a") if found.share is None else str(Percent(float(found.share)))
        words = _("target reached") if found.reached else _("target missed")
        target = _("{met} of {n}, target {target}: {words}").format(
            met=found.met, n=found.n, target=Percent(float(found.target), 0), words=words
        )
        tiles.append((str(item), share, _e(target)))
    body = "".join(
        f"<div class=tile>{_e(name)}<b>{_e(value)}</b><span>{note}</span></div>" for name, value, note in tiles
    )
    return f"<div class=tiles>{body}</div>"


def section(table: Table, *, level: int = 2, drawing: str = "", shown_rows: bool = True) -> str:
    """A table under its title, with a drawing above it; nothing for an empty table."""
    if not table.rows:
        return ""
    notes = "".join(f"<p class=soft>{_e(note)}</p>" for note in table.notes)
    rows = _rows(table) if shown_rows else ""
    return f"<section><h{level}>{_e(table.title)}</h{level}>{drawing}{rows}{notes}</section>"


def _rows(table: Table, classes: tuple[str, ...] = (), *, style: str = "") -> str:
    right = [all(is_number(row[i]) or row[i] is None for row in table.rows) for i in range(len(table.heads))]
    head = "".join(f"<th{' class=n' if right[i] else ''}>{_e(name)}</th>" for i, name in enumerate(table.heads))
    body = []
    for r, row in enumerate(table.rows):
        kind = f" class={classes[r]}" if classes and classes[r] else ""
        cells = "".join(f"<td{' class=n' if right[i] else ''}>{_e(text_of(cell))}</td>" for i, cell in enumerate(row))
        body.append(f"<tr{kind}>{cells}</tr>")
    of = f" class={style}" if style else ""
    return f"<table{of}><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"


def _problems(report: QaReport, table: Table) -> str:
    bars = [
        Bar(str(p.item), p.records, p.cumulative, f"{p.records}  ({Percent(p.share)})", i < 3)
        for i, p in enumerate(report.problems)
    ]
    return section(table, drawing=pareto(bars, table.title))


def _chart(report: QaReport, table: Table) -> str:
    if report.chart is None:
        return ""
    centre = _("mean {share}").format(share=Percent(report.chart.centre))
    drawing = control_chart(report.chart, table.title, signals_text, centre)
    return section(table, drawing=drawing, shown_rows=False) + _signals(table)


def _signals(table: Table) -> str:
    found = tuple(row for row in table.rows if row[-1])
    if not found:
        none = _("No signal: the differences are what chance gives.")
        return f"<p class=soft>{_e(none)}</p>"
    return _rows(Table(table.key, "", table.heads, found))


def _heat(report: QaReport) -> str:
    if not report.heat.rows:
        return ""
    head = "".join(f"<th class=n>{_e(column)}</th>" for column in report.heat.columns)
    body = "".join(
        f"<tr><td>{_e(item)}</td>{''.join(_heat_cell(cell) for cell in cells)}</tr>" for item, cells in report.heat.rows
    )
    title, item_head = _("Items by shift (mean points of 10)"), _("Item")
    return (
        f"<section><h2>{_e(title)}</h2><table class=heat><thead><tr><th>{_e(item_head)}</th>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></section>"
    )


def _heat_cell(cell: HeatCell) -> str:
    if cell.points is None:
        return "<td class=n>&ndash;</td>"
    # From red (6 and less) by white (8) to blue (10): readable in grey too, and the figure says it.
    distance = max(-1.0, min(1.0, (cell.points - 8) / 2))
    base = (15, 108, 189) if distance > 0 else (179, 38, 30)
    mix = [round(255 - (255 - channel) * abs(distance) * 0.55) for channel in base]
    few = f" <small>({cell.n})</small>"
    return f'<td class=n style="background:rgb({mix[0]},{mix[1]},{mix[2]})">{cell.points:.1f}{few}</td>'


def _agents(report: QaReport, table: Table) -> str:
    rows = [
        Whisker(a.agent, a.share * 100, _percent(a.interval),
                _("n = {n}, few records").format(n=a.n) if a.few else f"n = {a.n}, {tier_text(a.tier)}", soft=a.few)
        for a in report.agents
    ]  # fmt: skip
    low = min((min(70.0, w.interval.low) for w in rows), default=0.0)
    drawing = whiskers(rows, table.title, low=max(0.0, low - low % 10), high=100, zero=report.pass_rate.share * 100,
                       unit=" %")  # fmt: skip
    if not table.rows:
        return ""
    classes = tuple("few" if a.few else "" for a in report.agents)
    notes = "".join(f"<p class=soft>{_e(note)}</p>" for note in table.notes)
    return f"<section><h2>{_e(table.title)}</h2>{drawing}{_rows(table, classes)}{notes}</section>"


def _percent(share: Interval) -> Interval:
    return Interval(share.low * 100, share.high * 100)


def _raters(report: QaReport, table: Table) -> str:
    rows = [
        Whisker(r.rater, r.bias.bias, r.bias.interval,
                f"{r.bias.bias:+.2f}, {leniency_text(r.bias.clear, r.bias.bias)}", strong=r.bias.clear)
        for r in report.raters
        if r.bias and r.bias.interval.half_width < 1000
    ]  # fmt: skip
    reach = 1.1 * max([5.0, *(abs(end) for w in rows for end in (w.interval.low, w.interval.high))])
    drawing = whiskers(rows, table.title, low=-reach, high=reach, zero=0, unit="") if rows else ""
    return section(table, drawing=drawing)


def _cases(report: QaReport) -> str:
    if not report.cases:
        return ""
    body = []
    for case in report.cases:
        kind = "" if case.kind is CaseKind.GOOD else " bad"
        name = _("to be followed") if case.kind is CaseKind.GOOD else _("to be avoided")
        lesson = f"<p><b>{_e(case.lesson)}</b></p>" if case.lesson else ""
        body.append(
            f'<div class="case{kind}"><b>{_e(case.label)}</b> &middot; {_e(name)} &middot; {shown(case.score)}'
            f"<p>{_e(case.story)}</p>{lesson}</div>"
        )
    title = _("Cases (anonymised)")
    return f"<section><h2>{_e(title)}</h2>{''.join(body)}</section>"


def _audit(report: QaReport, tables: dict[str, Table]) -> str:
    audit = report.audit
    facts = Table("audit", "", tables["audit"].heads, tables["audit"].rows[:-2])
    check = ""
    if audit.example:
        words = _("Check one record with plain openssl; it must print the ticket below:")
        check = f"<p>{_e(words)}</p><pre>{_e(audit.openssl)}\n{_e(audit.example.ticket)}</pre>"
    lots = "".join(
        f"<div>{_e(d.record)} {_e(d.ticket[:16])}&hellip; {_e(known_word(d.stratum))}</div>" for d in audit.drawn
    )
    rest = "".join(section(tables[key], level=3) for key in ("strata", "exclusions", "replacements"))
    listing = f"<h3>{_e(tables['draw'].title)}</h3><div class=draw>{lots}</div>" if lots else ""
    title = tables["audit"].title
    return f"<section class=audit><h2>{_e(title)}</h2>{_rows(facts, style='facts')}{check}{rest}{listing}</section>"
