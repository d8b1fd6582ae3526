"""The rater's pad says before it is sent what a submit would refuse."""

from fractions import Fraction

from deskapp.domain.score_pad import fresh
from deskapp.services.qa.card_files import shipped_scorecards

KINDS = {"call": "conversation", "message": "conversation", "note": "note"}


def test_two_lines_of_one_kind_are_one_kind_of_evidence() -> None:
    (manners,) = (item for item in shipped_scorecards()["service"].record_items if item.id == "manners")
    pad = fresh((manners,), {}, KINDS).prove("call").prove("message")
    assert pad.proof(manners) == 1 and pad.missing == (manners,) and pad.unproven == ()
    pad = pad.points(Fraction(9))
    assert pad.missing == () and pad.unproven == (manners,)
    assert pad.prove("note").unproven == ()
    assert fresh((manners,), {}, KINDS).prove("call").after(list(KINDS), 0) == 2, "the note, not the message"
    assert pad.prove("note").after(list(KINDS), 2) == 0
    assert pad.not_applicable("nobody spoke").unproven == ()


def test_the_score_so_far_is_of_what_was_answered() -> None:
    manners, problem = (i for i in shipped_scorecards()["service"].record_items if i.id in ("manners", "problem"))
    pad = fresh((manners, problem), {}, KINDS)
    assert pad.so_far is None
    pad = pad.points(Fraction(9))
    assert pad.so_far == 90
    assert pad.not_applicable("nothing was said").so_far == 90
    assert pad.points(Fraction(6)).so_far == 10 * (9 * manners.weight + 6 * problem.weight) / (
        manners.weight + problem.weight
    )
