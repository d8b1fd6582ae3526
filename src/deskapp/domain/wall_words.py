"""The wallboard's figures in words, the same on the screen and on the command line."""

from datetime import timedelta, tzinfo

from deskapp.domain.i18n import N_, _
from deskapp.domain.staffing import AgeBucket
from deskapp.domain.views_wall import LevelToday, MissForecast, Wallboard

_METRICS = {
    "answer": N_("answer"), "first_response": N_("first response"), "book": N_("book"), "on_site": N_("on-site"),
    "next_response": N_("next response"), "progress": N_("progress"), "resolve": N_("resolve"),
    "follow_up": N_("follow-up"),
}  # fmt: skip


def metric_name(metric: str) -> str:
    """The promise's name; one that is not of the field's list as it is."""
    return _(_METRICS[metric]) if metric in _METRICS else metric


def figures(board: Wallboard) -> tuple[tuple[str, int], ...]:
    """The big figures with their names, the worst first."""
    counts = board.counts
    return (
        (_("late"), counts.late),
        (_("red"), counts.red),
        (_("unclaimed"), counts.unclaimed),
        (_("open"), counts.open),
    )


def level_line(level: LevelToday) -> str:
    """A service level against its target, in a sentence."""
    name = metric_name(level.metric)
    if level.share is None:
        return _("{name}: none today, target {target} %").format(name=name, target=round(level.target * 100))
    told = _("{name}: {share} % of {count} today, target {target} %").format(
        name=name, share=percent(level.share), count=level.kept + level.missed, target=round(level.target * 100)
    )
    return told + ("  !" if level.short else "")


def percent(share: float) -> int:
    """Whole per cent, rounded down: 99.9 % kept is not all kept."""
    return int(share * 100 + 1e-9)


def forecast_line(found: MissForecast | None, zone: tzinfo) -> str:
    """What will be missed if work goes on at the present pace, and what more agents would change."""
    if found is None:
        return _("No forecast yet: no promise has been kept lately to go by.")
    by = f"{found.by.astimezone(zone):%H:%M}"
    if not found.due:
        return _("Nothing more is due by {by}.").format(by=by)
    return _("{misses} of {due} will miss by {by}; with {extra} more agent: {more}").format(
        misses=round(found.expected), due=found.due, by=by, extra=found.extra, more=round(found.with_more)
    )


def age_of(bucket: AgeBucket) -> str:
    """An age of open tickets: `4-24 h`, `over 7 d`."""
    if bucket.end is None:
        return _("over {age}").format(age=_age(bucket.start))
    if not bucket.start:
        return _("under {age}").format(age=_age(bucket.end))
    if bucket.end <= timedelta(days=1):
        return f"{bucket.start // timedelta(hours=1)}-{_age(bucket.end, hours=True)}"
    return f"{bucket.start // timedelta(days=1)}-{_age(bucket.end)}"


def _age(length: timedelta, *, hours: bool = False) -> str:
    if hours or length < timedelta(days=1):
        return _("{count} h").format(count=length // timedelta(hours=1))
    return _("{count} d").format(count=length // timedelta(days=1))
