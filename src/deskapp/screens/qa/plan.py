"""Plan a round: which records, strata, how many; what it draws and costs is shown before anything is kept."""

from collections.abc import Sequence
from dataclasses import dataclass

from deskapp.domain.errors import DeskError, Invalid
from deskapp.domain.i18n import N_, _
from deskapp.domain.qa_plan import FILTERS, STRATA, share_of
from deskapp.domain.qa_views import ActionView, PlanPreview
from deskapp.screens.qa.page import Page, Piece
from deskapp.screens.qa.told import line
from deskapp.screens.qa.words import known_word
from deskapp.services.requests.base import Command, Receipt
from deskapp.services.requests.qa.looking import PreviewPlan
from deskapp.services.requests.qa.rounds import PlanChoice, PlanRound
from deskapp.widgets.cells import fit
from deskapp.widgets.dialogs import AskLine, Choice, Choose
from deskapp.widgets.lines import Bit

PLANS = {"monthly": N_("Monthly round"), "complaints": N_("Complaints, all"), "vendors": N_("Vendor round")}
STRATA_NAMES = {
    "": N_("as the plan says"), "shift": N_("shift"), "agent": N_("agent"), "team": N_("team"),
    "channel": N_("channel"), "grade": N_("grade"), "none": N_("none"),
}  # fmt: skip
RATERS = {"": N_("as the plan says"), "one": N_("one each, a part twice"), "all": N_("all raters score all")}
# What is shown of the lines that are typed while they say what they say at first.
_UNSAID = {"period": {"last_month": N_("last month")}, "share": {"": N_("as the plan says")},
           "filter": {"": N_("all records")}, "title": {"": N_("as the plan says")}}  # fmt: skip
_OPEN_FILTERS = tuple(name for name in FILTERS if name not in ("period", "status"))


@dataclass(frozen=True, slots=True)
class Field:
    """A line of the form."""

    key: str
    title: str
    hint: str = ""


FIELDS = (
    Field("plan", N_("Plan")),
    Field("period", N_("Period"), N_("last_month, last_week, last_quarter, 2026-05 or 2026-05-01..2026-05-31")),
    Field("strata", N_("Strata")),
    Field("share", N_("Share"), N_("of each stratum, such as 30 %; empty: as the plan says")),
    Field("half_width", N_("Half-width"), N_("instead of a share: how exact, such as 5 %")),
    Field("raters", N_("Raters")),
    Field("filter", N_("Only"), N_("such as channel=phone,chat grade=red; empty: all")),
    Field("title", N_("Title"), N_("empty: the plan's own")),
)


class PlanScreen(Page, scope="qa_plan"):
    """The fields left, the plan's table right, read again after every change; ctrl+s begins the round."""

    def __init__(self, action: ActionView | None = None) -> None:
        super().__init__()
        self.action = action
        self.values: dict[str, str] = {field.key: "" for field in FIELDS} | {"plan": "monthly", "period": "last_month"}
        if action is not None and action.done_at is not None:
            self.values["title"] = _("Proof of {label}").format(label=action.label)
        self.preview: PlanPreview | None = None
        self.problem = ""

    def ready(self) -> None:
        if self.action is not None and self.action.done_at is not None:
            first, last = self.shell.local(self.action.done_at), self.shell.local(self.shell.clock.now())
            self.values["period"] = f"{first:%Y-%m-%d}..{last:%Y-%m-%d}"
        self.put(FIELDS)
        self._read()

    def said(self) -> None:
        super().said()
        self._read()

    def _choice(self) -> PlanChoice:
        """What was entered as a plan. Raises Invalid with the field."""
        v = self.values
        share = share_of(v["share"], "share") if v["share"] else None
        half = float(share_of(v["half_width"], "half_width")) if v["half_width"] else None
        return PlanChoice(
            plan=v["plan"], period=v["period"], zone=getattr(self.shell.zone, "key", "UTC"), share=share,
            half_width=half, strata=v["strata"], everyone={"one": False, "all": True}.get(v["raters"]),
            filters=filters_of(v["filter"]),
        )  # fmt: skip

    def _read(self) -> None:
        try:
            choice = self._choice()
        except DeskError as error:
            self.preview, self.problem = None, f"{error} {error.hint}".strip()
            self.tell_again()
            return
        self.problem = ""
        self.fetch("plan", PreviewPlan(choice=choice), self._take)

    def _take(self, found: PlanPreview) -> None:
        self.preview = found
        self.tell_again()

    # What is shown

    def head(self) -> str:
        if self.action is not None:
            return _("A round that proves {label}: only records after it was done").format(label=self.action.label)
        return _("A new round")

    def bits(self, row: Field) -> Sequence[Bit]:
        return (Bit(_(row.title), 12), Bit(self._shown(row), 0, "bold"))

    def _shown(self, row: Field) -> str:
        value = self.values[row.key]
        named = {"plan": PLANS, "strata": STRATA_NAMES, "raters": RATERS}.get(row.key, _UNSAID.get(row.key, {}))
        return _(named[value]) if value in named else value or "-"

    def detail(self, row: Field, width: int) -> Sequence[Piece]:
        parts: list[Piece] = []
        if row.hint:
            parts.append(line(_(row.hint), width, "$quiet"))
        if self.problem:
            return [*parts, line("! " + self.problem, width, "$text-error bold")]
        if self.preview is None:
            return [*parts, line(self.nothing(""), width, "$quiet")]
        found = self.preview
        parts.append(line(f"{found.title}   {found.first_day} - {found.last_day}", width, "bold"))
        first = min(18, width - 32)
        parts.append((f"\n{fit(_('stratum'), first)}{'N':>7}{'n':>6}{'+-':>9}{fit(_('hours'), 9, 'right')}\n", "bold"))
        for stratum in found.plan.rows:
            parts.append(self._stratum(known_word(stratum.stratum) or _("all"), stratum, first))
        parts.append((self._stratum(_("all"), found.plan.total, first), "bold"))
        parts.append(
            line("\n" + _("{count} records are scored by two raters").format(count=found.plan.double_scored), width)
        )
        for reason, count in found.exclusions:
            parts.append(line(_("left out: {count}, {reason}").format(count=count, reason=_(reason)), width, "$quiet"))
        if not found.plan.total.population:
            parts.append(line(_("Nothing meets this filter."), width, "$text-error"))
        parts.append(line("\n" + _("+- is the half-width of the pass rate's 95 % interval, before anything is scored."),
                          width, "$quiet"))  # fmt: skip
        return parts

    def _stratum(self, name: str, row: object, first: int) -> str:
        n, whole = row.n, row.population  # type: ignore[attr-defined]
        return f"{fit(name, first)}{whole:>7}{n:>6}{row.half_width * 100:>7.1f} %{row.hours:>9.1f}\n"  # type: ignore[attr-defined]

    # Keys

    def on_option_list_option_selected(self) -> None:
        self.action_plan_edit()

    def action_plan_edit(self) -> None:
        row: Field | None = self.row
        if row is None:
            return
        named = {"plan": PLANS, "strata": {k: STRATA_NAMES[k] for k in ("", *STRATA)}, "raters": RATERS}.get(row.key)

        def take(value: str | None) -> None:
            if value is not None:
                self.values[row.key] = value
                if row.key in ("share", "half_width") and value:
                    self.values["half_width" if row.key == "share" else "share"] = ""
                self.put(self.lines.rows)
                self._read()

        if named:
            self.app.push_screen(Choose(_(row.title), [Choice(k, _(v)) for k, v in named.items()]), take)
        else:
            optional = row.key != "period"
            self.app.push_screen(
                AskLine(_(row.title), _(row.hint), value=self.values[row.key], optional=optional), take
            )

    def action_plan_begin(self) -> None:
        try:
            choice = self._choice()
        except DeskError as error:
            self.shell.tell(str(error), severity="warning", hint=error.hint)
            return
        action_id = self.action.id if self.action else None
        self.shell.dispatch(PlanRound(choice=choice, title=self.values["title"], action_id=action_id))

    def done(self, command: Command, receipt: Receipt) -> None:
        self.shell.tell(_("{round} is planned. In Rounds, g freezes its frame.").format(round=receipt.label))
        self.app.pop_screen()


def filters_of(text: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Filters from words such as channel=phone,chat. Raises Invalid."""
    found: dict[str, tuple[str, ...]] = {}
    for word in text.replace("，", ",").split():
        name, equals, values = word.partition("=")
        if not equals or not values or name not in _OPEN_FILTERS:
            raise Invalid(
                N_("{word} is no filter."), word=word, field="filter",
                hint=N_("Write channel=phone,chat; there are: {known}."), known=", ".join(_OPEN_FILTERS),
            )  # fmt: skip
        found[name] = tuple(filter(None, values.split(",")))
    return tuple(found.items())


__all__ = ["PlanScreen", "filters_of"]
