"""`deskapp wallboard`: how the desk stands as plain lines or JSON."""

from datetime import tzinfo
from typing import Any

from deskapp.cli.kit import Call
from deskapp.cli.outbreak import line_shape
from deskapp.cli.output import countdown, emit, instant, say
from deskapp.cli.session import desk_of, desk_zone
from deskapp.domain.i18n import _
from deskapp.domain.incident import STATE_LABELS
from deskapp.domain.terms import LABELS, AgentState
from deskapp.domain.views_wall import COLOURS, Wallboard
from deskapp.domain.wall_words import age_of, figures, forecast_line, level_line, metric_name
from deskapp.services.requests.wallboard import GetWallboard


def wallboard(call: Call) -> None:
    zone = desk_zone()
    with desk_of(call) as (desk, actor):
        board: Wallboard = desk.read(actor, GetWallboard(zone=zone))
    if call.json:
        emit(_shape(board))
    else:
        _print(board, zone)


def _print(board: Wallboard, zone: tzinfo) -> None:
    say("  ".join(f"{name} {count:,}" for name, count in figures(board)))
    for level in board.levels:
        say(level_line(level))
    say(forecast_line(board.forecast, zone))
    for fault in board.mass_faults:
        told = _("mass fault {number}  level {level}  {customers} customers  {state}  {product}, {fault}")
        say(told.format(
            number=fault.label, level=fault.level or "-", customers=fault.customers,
            state=_(STATE_LABELS[fault.state]), product=fault.product, fault=fault.fault,
        ))  # fmt: skip
    for row in board.promises:
        name = metric_name(row.due_metric)
        say("  ".join(filter(None, (countdown(row.due_at, board.now), name, row.label, row.customer, row.subject))))
    for hour in board.hours:
        if hour.today or hour.usual:
            usual = "-" if hour.usual is None else f"{hour.usual:g}"
            sign = "  !" if hour.unusual else ""
            say(_("{hour}:00  {today} new, usual {usual}").format(
                hour=f"{hour.hour:02d}", today=hour.today, usual=usual
            ) + sign)  # fmt: skip
    for bucket in board.ageing:
        say(_("age {age}: {count}").format(age=age_of(bucket), count=f"{bucket.count:,}"))
    for one in board.agents:
        if one.state is not AgentState.OFF or one.open:
            say(_("{name}: {state}, {open} open, {late} late").format(
                name=one.name, state=_(LABELS[one.state]), open=one.open, late=one.late
            ))  # fmt: skip


def _shape(board: Wallboard) -> dict[str, Any]:
    miss, counts = board.forecast, board.counts
    return {
        "now": instant(board.now),
        "open": counts.open,
        "late": counts.late,
        "red": counts.red,
        "unclaimed": counts.unclaimed,
        "paused": counts.paused,
        "longest_overdue_since": instant(board.oldest_due),
        "service_levels": [
            {
                "promise": one.metric, "kept": one.kept, "missed": one.missed,
                "share": None if one.share is None else round(one.share, 4), "target": one.target,
            }
            for one in board.levels
        ],
        "grades": [
            {"grade": row.grade.value, "open": row.open, "unclaimed": row.unclaimed}
            | dict(zip(COLOURS, row.colours, strict=True))
            for row in board.grades
        ],
        "next_promises": [
            {
                "ticket": row.label, "promise": row.due_metric, "due_at": instant(row.due_at), "customer": row.customer,
                "subject": row.subject, "grade": row.grade.value, "assignee": row.assignee,
            }
            for row in board.promises
        ],
        "hours": [
            {"hour": h.hour, "today": h.today, "usual": h.usual, "low": h.low, "high": h.high, "unusual": h.unusual}
            for h in board.hours
        ],
        "heat": [[round(value, 2) for value in row] for row in board.heat],
        "agents": [
            {"name": a.name, "state": a.state.value, "since": instant(a.since), "open": a.open, "late": a.late}
            for a in board.agents
        ],
        "mass_faults": [line_shape(line) for line in board.mass_faults],
        "ageing": [
            {
                "from_hours": bucket.start.total_seconds() / 3600,
                "to_hours": bucket.end.total_seconds() / 3600 if bucket.end else None,
                "open": bucket.count,
            }
            for bucket in board.ageing
        ],
        "forecast": None if miss is None else {
            "by": instant(miss.by), "due": miss.due, "expected": round(miss.expected, 2), "low": miss.low,
            "high": miss.high, "agents": miss.agents, "extra_agents": miss.extra,
            "expected_with_more": round(miss.with_more, 2), "guesses": miss.guesses,
            "riskiest": [{"ticket": f"T-{number}", "chance": round(chance, 3)} for number, chance in miss.riskiest],
        },
    }  # fmt: skip


__all__ = ["wallboard"]
