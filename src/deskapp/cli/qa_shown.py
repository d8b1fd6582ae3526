"""What the commands of QA share: campaigns and actions by their numbers, and how a campaign is shown."""

from datetime import datetime
from typing import Annotated, Any

import typer

from deskapp.cli.kit import Call
from deskapp.cli.output import clock_time, emit, print_table, say
from deskapp.domain.errors import Invalid, NotFound
from deskapp.domain.i18n import N_, _
from deskapp.domain.permissions import Actor
from deskapp.domain.qa_views import ActionView, PlanPreview, RoundLine, RoundView
from deskapp.domain.qa_words import RATER_ROLES, known_word
from deskapp.domain.verification import VerificationPlan, plan_verification
from deskapp.services.desk import Desk
from deskapp.services.requests.qa.actions import ListActions
from deskapp.services.requests.qa.looking import GetRound

Campaign = Annotated[str, typer.Argument(metavar="CAMPAIGN", help=N_("A campaign's number: Q-3, or 3."))]


def filter_of(text: str) -> tuple[str, tuple[str, ...]]:
    name, _equals, values = text.partition("=")
    found = tuple(filter(None, values.split(",")))
    if not found:
        raise Invalid(N_("{text} is no filter."), text=text, hint=N_("Write channel=phone, or grade=yellow,red."))
    return name, found


def _number(text: str, prefix: str) -> int:
    bare = text.upper().removeprefix(prefix)
    if not (bare.isascii() and bare.isdigit() and len(bare) < 10):
        raise Invalid(
            N_("{text} is no number of {prefix}N."), text=text, prefix=prefix, hint=N_("Write {prefix}3, or 3.")
        )
    return int(bare)


def round_of(desk: Desk, actor: Actor, text: str) -> RoundView:
    view: RoundView = desk.read(actor, GetRound(number=_number(text, "Q-")))
    return view


def action_of(desk: Desk, actor: Actor, text: str) -> ActionView:
    number = _number(text, "CA-")
    actions: tuple[ActionView, ...] = desk.read(actor, ListActions())
    found = next((view for view in actions if view.number == number), None)
    if found is None:
        raise NotFound(N_("There is no action CA-{number}."), number=number,
                       hint=N_("They stand in QA under Actions, and in the report of their round."))  # fmt: skip
    return found


def proof_of(action: ActionView, found: PlanPreview) -> VerificationPlan:
    """What samples of a plan's population could prove of an action, the plan's own size among them."""
    total = found.plan.total
    sizes = tuple(sorted({20, 30, 59, 93, total.n}))
    return plan_verification(target=action.target, population=total.population, sizes=sizes)


def show_proof(proof: VerificationPlan) -> None:
    say(_("To prove {target:.1%} at 95 %, if 99 % of the records meet it:").format(target=float(proof.target)))
    print_table(
        ["n", _("failures allowed"), _("chance of the proof")],
        [(str(r.n), "-" if r.allowed is None else str(r.allowed), f"{r.power * 100:.0f} %") for r in proof.table],
    )


def show(call: Call, view: RoundView) -> None:
    if call.json:
        emit(line_data(view.line) | {
            "filter": view.filter, "frame_hash": view.frame_hash, "seed": view.seed,
            "strata": [{"name": s.name, "population": s.population, "n": s.n, "replaced": s.replaced}
                       for s in view.strata],
            "raters": [{"rater": p.rater, "role": p.role, "wanted": p.wanted, "submitted": p.submitted}
                       for p in view.progress],
            "undecided": view.undecided, "open_disputes": view.open_disputes,
        })  # fmt: skip
        return
    line = view.line
    say(f"{line.label}  {line.title}  {line.first_day} - {line.last_day}  {_(line.stage.value)}")
    if view.frame_hash:
        say(f"sha256 {view.frame_hash}")
    if view.seed:
        say(f"seed   {view.seed}")
    if view.strata:
        print_table(
            [_("stratum"), "N", "n", _("replaced")],
            [(known_word(s.name), str(s.population), str(s.n), str(s.replaced)) for s in view.strata],
        )
    if view.progress:
        print_table(
            [_("rater"), _("role"), _("scored")],
            [(p.rater, _(RATER_ROLES.get(p.role, p.role)), f"{p.submitted}/{p.wanted}") for p in view.progress],
        )
    if line.dispute_until:
        say(_("Disputes until {at}").format(at=clock_time(line.dispute_until)))


def scored(line: RoundLine) -> str:
    return "" if line.wanted is None else f"{line.submitted}/{line.wanted}"


def line_data(line: RoundLine) -> dict[str, Any]:
    until: datetime | None = line.dispute_until
    return {
        "campaign": line.label, "title": line.title, "kind": line.kind.value, "stage": line.stage.value,
        "first_day": line.first_day, "last_day": line.last_day, "card": line.card, "edition": line.edition,
        "frame_size": line.frame_size, "drawn": line.drawn, "wanted": line.wanted, "submitted": line.submitted,
        "dispute_until": until,
    }  # fmt: skip


def plan_row(row: Any) -> dict[str, Any]:
    return {"stratum": row.stratum, "population": row.population, "n": row.n, "half_width": row.half_width,
            "hours": row.hours}  # fmt: skip
