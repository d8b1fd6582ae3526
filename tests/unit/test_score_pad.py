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
    assert pad.not_applicable("nobody spoke").unproven == ()
