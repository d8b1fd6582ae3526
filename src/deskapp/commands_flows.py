"""The keys of the screens about flows: writing them, their figures, practising them."""

from dataclasses import replace

from deskapp.command_kit import BACK, REFRESH, Action, Scope, footer
from deskapp.domain.i18n import N_

# What the questions of a flow answer to, wherever they are shown.
_GUIDE = ("field.jump", "call.note", "call.why", "call.red", "answer.unknown", "answer.refused", "call.back")
_AUTHOR = (
    Action(
        "flow.publish", ("f10",), N_("Publish"), N_("See what changes, then publish it for new calls."), True,
        everywhere=True,
    ),
    Action("flow.pane", ("f3",), N_("Other pane"), N_("Between the source and the play."), True, everywhere=True),
    Action(
        "finding.next", ("f7",), N_("Next finding"), N_("Go to the line of the next finding."), True, everywhere=True
    ),
    Action("flow.test", ("ctrl+g",), N_("Tests"), N_("Run the tests of the flow."), True, everywhere=True),
    Action("flow.save", ("ctrl+s",), N_("Keep"), N_("Keep the draft and judge it now."), True, everywhere=True),
    Action(
        "flow.sign", ("ctrl+o",), N_("Sign"), N_("Give your word for this content, as its reviewer."), everywhere=True
    ),
    Action("flow.again", ("ctrl+n",), N_("From the start"), N_("Play the flow from the start."), everywhere=True),
    Action(
        "flow.reread", ("ctrl+r",), N_("Read again"), N_("Take what stands on the disk, or the published source."),
        everywhere=True,
    ),
)  # fmt: skip
_LIST = (
    Action("flow.edit", ("enter", "f2"), N_("Write"), N_("Open the source of the flow and play it."), True),
    Action("figures.show", ("t", "f5"), N_("Figures"), N_("How the flow and its questions fared on calls."), True),
    Action("flow.new", ("n", "f6"), N_("New flow"), N_("Begin a flow under a name of its own."), True),
    Action("flow.retire", ("x", "ctrl+x"), N_("Retire"), N_("Offer the flow for new calls no more, or again.")),
    Action("flow.samples", ("m", "f8"), N_("Samples"), N_("Publish the shipped flows that are not here yet.")),
    REFRESH,
    footer(BACK),
)
_FIGURES = (
    Action("figures.days", ("d", "f6"), N_("Days"), N_("Look 30, 90 or 365 days back."), True),
    Action("figures.next", ("tab", "f7"), N_("Next flow"), N_("The figures of the next flow."), True),
    REFRESH,
    footer(BACK),
)
_PRACTICE = (
    Action("practice.begin", ("enter", "f2"), N_("Rehearse"), N_("Take a call of a scripted caller."), True),
    Action("practice.people", ("t", "f5"), N_("Results"), N_("Who practised this month, and how it went."), True),
    REFRESH,
    footer(BACK),
)
_REHEARSAL = (
    Action("caller.ask", ("f3", "space"), N_("Ask"), N_("Read the question out: the caller answers."), True),
    Action("practice.finish", ("f10",), N_("Hang up"), N_("End the rehearsal and see how it went."), True),
    footer(BACK),
)


def flow_scopes(intake: Scope) -> dict[str, Scope]:
    """The scopes by name; questions are answered with the keys that a real call has."""
    guide = tuple(replace(action, footer=False) for action in intake.actions if action.id in _GUIDE)
    shown = tuple(replace(action, footer=action.id == "call.red") for action in guide)
    return {
        "flows": Scope(N_("Flows"), _LIST, ("list",)),
        "author": Scope(N_("Write a flow"), (*_AUTHOR, *guide, BACK)),
        "figures": Scope(N_("Figures of flows"), _FIGURES, ("list",)),
        "practice": Scope(N_("Practice"), _PRACTICE, ("list",)),
        "rehearsal": Scope(N_("Rehearsal"), (*_REHEARSAL, *shown)),
    }


__all__ = ["flow_scopes"]
