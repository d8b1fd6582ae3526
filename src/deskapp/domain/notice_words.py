"""A notice in words, the same in a toast, in the list and on paper."""

from deskapp.domain.deadline import METRIC as ACTION
from deskapp.domain.i18n import N_, _
from deskapp.domain.sla import METRIC_TITLES, Metric
from deskapp.domain.views_time import NoticeLine

_WORDS = {
    "used": N_("{ticket}: {share} of the time for {promise} is used"),
    "breach": N_("{ticket}: {promise} is overdue"),
    "step": N_("{ticket}: {promise}, {step} from its due time"),
    "return": N_("{ticket}: the pause was to end now"),
    "red": N_("{ticket}: red, an emergency"),
    "escalated": N_("{ticket}: {promise} has failed twice and is escalated"),
    "shift": N_("{ticket}: handed over to you at the end of a shift"),
}


def sentence(line: NoticeLine) -> str:
    """A notice in one line."""
    if line.metric == ACTION:
        promise = _("the corrective action")
    else:
        promise = _(METRIC_TITLES[Metric(line.metric)]) if line.metric else ""
    kind, _colon, figure = line.kind.partition(":")
    share = f"{float(figure) * 100:.0f} %" if kind == "used" else ""
    text = _(_WORDS.get(kind, _WORDS["breach"]))
    return text.format(ticket=line.ticket, promise=promise, share=share, step=figure)


def told(line: NoticeLine) -> str:
    """A notice beside the name of its ticket."""
    return sentence(line).removeprefix(line.ticket).lstrip(":： ")


__all__ = ["sentence", "told"]
