"""What the figures of a flow suggest to mend, in words: a hint for its author, never a verdict."""

from collections.abc import Iterator
from math import log

from deskapp.domain.i18n import _
from deskapp.domain.views_flow import FlowFigures, QuestionFigures

ENOUGH = 20  # cases; below that a share says little
UNKNOWN_SHARE, REFUSED_SHARE, CHANGED_SHARE = 0.25, 0.15, 0.15
SLOW_SECONDS = 15.0
OVERRIDDEN_SHARE, BROKEN_OFF_SHARE, MISSING_SHARE, FIRST_VISIT_SHARE = 0.15, 0.10, 0.15, 0.75


def question_advice(figures: QuestionFigures, cases: int) -> tuple[str, ...]:
    """What to look at in a question, the gravest first; nothing while there are too few cases to say."""
    return tuple(_question(figures, cases)) if cases >= ENOUGH else ()


def _question(figures: QuestionFigures, cases: int) -> Iterator[str]:
    given = figures.answered + figures.unknown + figures.refused
    if not given:
        yield _("never asked in {cases} calls: is its condition too narrow?").format(cases=cases)
        return
    if given < ENOUGH:
        return
    if figures.unknown / given >= UNKNOWN_SHARE:
        told = _("{share:.0%} do not know: ask for something they can see or hear, add a hint")
        yield told.format(share=figures.unknown / given)
    if figures.refused / given >= REFUSED_SHARE:
        yield _("{share:.0%} would not say: tell them why it is asked").format(share=figures.refused / given)
    if figures.changed / given >= CHANGED_SHARE:
        yield _("{share:.0%} changed later: the words mislead, or it comes too early").format(
            share=figures.changed / given
        )
    if figures.seconds is not None and figures.seconds > SLOW_SECONDS:
        yield _("{seconds:.0f} s to answer: shorten it or split it").format(seconds=figures.seconds)
    if not figures.info and not figures.safety and figures.block is None and tells_nothing(figures, given):
        yield _("tells nothing of the outcome: drop it, or mark it info")


def tells_nothing(figures: QuestionFigures, given: int) -> bool:
    """Whether the gain is no more than chance gives: the bias (|A|-1)(|R|-1) / (2 n ln 2) of so many answers."""
    if figures.gain_outcome is None:
        return False
    choices = max(2, figures.values)
    chance = (choices - 1) / (2 * given * log(2))
    return max(figures.gain_outcome, figures.gain_cause or 0.0) <= chance


def flow_advice(figures: FlowFigures) -> tuple[str, ...]:
    """What to look at in a flow as a whole."""
    if figures.cases < ENOUGH:
        return (_("{cases} calls: too few to judge by").format(cases=figures.cases),)
    return tuple(_flow(figures))


def _flow(figures: FlowFigures) -> Iterator[str]:
    if figures.overridden >= OVERRIDDEN_SHARE:
        yield _("{share:.0%} of grades are changed by hand: look at the rules of its outcomes").format(
            share=figures.overridden
        )
    if figures.broken_off >= BROKEN_OFF_SHARE:
        yield _("{share:.0%} of calls break off: what decides should be asked earlier").format(share=figures.broken_off)
    if figures.first_visit is not None and figures.first_visit < FIRST_VISIT_SHARE:
        yield _("{share:.0%} solved with the first visit: look at causes, parts and tools").format(
            share=figures.first_visit
        )
    if figures.missing_part is not None and figures.missing_part >= MISSING_SHARE:
        yield _("{share:.0%} of visits lacked a part or tool: add it to the outcome").format(share=figures.missing_part)
    otherwise = figures.outcomes[0] if figures.outcomes else ("", 0)
    if otherwise[0] == figures.otherwise and otherwise[1] / figures.cases >= 0.5:
        yield _("{share:.0%} end with the outcome for everything else: a rule is missing").format(
            share=otherwise[1] / figures.cases
        )


__all__ = ["ENOUGH", "flow_advice", "question_advice", "tells_nothing"]
