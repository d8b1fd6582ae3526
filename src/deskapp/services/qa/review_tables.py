"""The pack for a review meeting as tables and as one HTML file: trends, what to rewrite, cases, next card."""

from pathlib import Path

from deskapp.domain.i18n import N_, _
from deskapp.domain.qa_report import CaseKind
from deskapp.domain.statistics import Interval
from deskapp.services.qa.report_html import document, section
from deskapp.services.qa.report_svg import Whisker, whiskers
from deskapp.services.qa.review import ReviewPack
from deskapp.services.tables import Percent, Table

_BREAK = N_("BREAK: another card")
_RELY = 0.667


def review_tables(pack: ReviewPack) -> tuple[Table, ...]:
    """All tables of the pack in the language in force."""
    return (_trends(pack), _rewrite(pack), _cases(pack), _changes(pack))


def render_review_html(pack: ReviewPack) -> str:
    """The pack as one HTML document that loads and runs nothing."""
    trends, rewrite, cases, changes = review_tables(pack)
    title = _("Quality review, {quarter}").format(quarter=pack.quarter)
    rows = [
        Whisker(
            f"{t.campaign}  {t.last_day}", t.pass_rate * 100, Interval(t.low * 100, t.high * 100),
            _(_BREAK) if t.broken else f"{Percent(t.pass_rate)}, n = {t.records}", strong=t.broken,
        )
        for t in pack.trends
    ]  # fmt: skip
    low = min((row.interval.low for row in rows), default=0.0)
    drawing = whiskers(rows, trends.title, low=max(0.0, low - low % 10), high=100, zero=None, unit=" %") if rows else ""
    return document(title, [section(trends, drawing=drawing), *(section(t) for t in (rewrite, cases, changes))])


def write_review_html(pack: ReviewPack, path: Path) -> None:
    """Write the pack, in the language in force, as one file."""
    path.write_text(render_review_html(pack), encoding="utf-8")


def _trends(pack: ReviewPack) -> Table:
    rows = tuple(
        (t.campaign, t.title, t.last_day, t.edition, t.records, round(t.score, 2), Percent(t.pass_rate),
         f"{t.low * 100:.1f} – {t.high * 100:.1f} %", _(_BREAK) if t.broken else "")
        for t in pack.trends
    )  # fmt: skip
    heads = (
        _("campaign"), _("title"), _("until"), _("card"), "n", _("score"), _("pass rate"), _("95 % interval"), "",
    )  # fmt: skip
    broken = any(t.broken for t in pack.trends)
    notes = (_("Rounds before and after a break were scored on cards that weigh differently: do not compare them."),)
    return Table("trends", _("Rounds of the quarter"), heads, rows, notes if broken else ())


def _rewrite(pack: ReviewPack) -> Table:
    rows = tuple(
        (str(line.item), "–" if line.alpha is None else f"{line.alpha:.2f}", line.upheld) for line in pack.rewrite
    )
    note = _("Krippendorff's alpha under {limit}, or disputes that were upheld: the wording is to be looked at.")
    heads = (_("Item"), _("lowest alpha"), _("disputes upheld"))
    return Table("rewrite", _("Items to rewrite"), heads, rows, (note.format(limit=_RELY),))


def _cases(pack: ReviewPack) -> Table:
    rows = tuple(
        (case.label, _("to be followed") if case.kind is CaseKind.GOOD else _("to be avoided"), case.story, case.lesson)
        for case in pack.cases
    )
    return Table("cases", _("Cases approved for sharing"), (_("Case"), _("kind"), _("Story"), _("Lesson")), rows)


def _changes(pack: ReviewPack) -> Table:
    rows = tuple((c.item or "–", c.what, str(c.before), str(c.after)) for c in pack.changes)
    title = _("Proposed card: {card}").format(card=pack.proposed) if pack.proposed else _("No card is proposed")
    return Table("proposed_card", title, (_("Item"), _("what changes"), _("before"), _("after")), rows)


__all__ = ["render_review_html", "review_tables", "write_review_html"]
