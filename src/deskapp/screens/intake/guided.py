"""The guided part of a call: a flow's questions on screen, from the first one to what the desk stores."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, tzinfo
from uuid import UUID

from textual.message import Message

from deskapp.domain.errors import DeskError
from deskapp.domain.flow import CompiledFlow, Value, compile_flow, from_data
from deskapp.domain.flow.facts import CALL_AT, prefilled, slot_of
from deskapp.domain.flow.session import GuidedSession
from deskapp.domain.i18n import _, language
from deskapp.domain.terms import Grade
from deskapp.domain.views_flow import FlowLine, FlowSheet
from deskapp.services.requests.intake import GuidedCall, Said, TakeCall, Window
from deskapp.widgets.dialogs import AskLine, Choice, Choose
from deskapp.widgets.guide import Guide

_GUIDED = "guided."
# A published version never changes: once read it is kept, also for when the database is away.
_known: dict[UUID, tuple[FlowSheet, CompiledFlow]] = {}


def known_flow(version_id: UUID) -> FlowSheet | None:
    """A version of a flow that was asked before."""
    return _known[version_id][0] if version_id in _known else None


class CallGuide(Guide):
    """The questions of the flow that was chosen for this call. `Ready` when it may be sent."""

    flow: FlowLine | None = None
    _despite = _stopped_at = ""

    class Ready(Message):
        """The call may be stored; `broken_off` with questions open, by the agent's word."""

        def __init__(self, *, broken_off: bool = False) -> None:
            super().__init__()
            self.broken_off = broken_off

    def open(self, sheet: FlowSheet, by: str, known: Mapping[str, str]) -> None:
        """Ask the questions of a flow with what is known: from the start, or moved from another flow."""
        now, compiled = self._now(), _compiled(sheet)
        if self.session is None:
            session = GuidedSession(compiled, by=by, started_at=now, today=self._local(now).date())
        elif self.session.compiled.hash == compiled.hash:
            session = self.session
        else:
            session = self.session.moved(compiled, now)
        session.prefill(prefilled(compiled, known), now)
        self._put(sheet, session)

    def resume(self, sheet: FlowSheet, by: str, kept: Mapping[str, str]) -> None:
        """Go on at the question where the call was left; `kept` is what `kept()` told."""
        data = {name.removeprefix(_GUIDED): value for name, value in kept.items() if name.startswith(_GUIDED)}
        self._put(sheet, GuidedSession.resumed(_compiled(sheet), data, by=by))

    def offer_move(self, sheet: FlowSheet) -> None:
        """A newer version was published while the call lay: say what a move keeps, parks and asks; stay or move."""
        session, flow = self.session, self.flow
        if session is None or flow is None:
            return
        compiled = _compiled(sheet)
        move = session.move_to(compiled)

        def named(ids: Iterable[str], of: CompiledFlow) -> str:
            return ", ".join(of.question(id_).label.get(language()) for id_ in ids)

        told = _("Move to {version}: {kept} answers kept, {parked} parked, {new} new questions").format(
            version=sheet.line.version, kept=len(move.kept), parked=len(move.parked), new=len(move.new)
        )
        choices = [
            Choice(True, told), Choice(False, _("Stay on {version}").format(version=flow.version)),
            *([Choice(True, _("parked"), named(move.parked, session.compiled))] if move.parked else []),
            *([Choice(True, _("asked anew"), named(move.new, compiled))] if move.new else []),
        ]  # fmt: skip

        def answer(moves: bool | None) -> None:
            if moves:
                self._put(sheet, session.moved(compiled, self._now()))
                self.post_message(self.Changed())

        title = _("{flow}: a newer version is published than the one this call is on.")
        self.app.push_screen(Choose(title.format(flow=sheet.line.title.get(language())), choices), answer)

    def _put(self, sheet: FlowSheet, session: GuidedSession) -> None:
        self.flow = sheet.line
        self.begin(session, sample=not sheet.line.signed_by, jump=sheet.jump)

    def kept(self) -> dict[str, str]:
        """Everything, as the texts a draft keeps; nothing where no flow was begun."""
        if self.session is None or self.flow is None:
            return {}
        kept = {"flow": str(self.flow.version_id), "guiding": "1" if self.display else ""}
        return kept | self.half_typed() | {_GUIDED + name: value for name, value in self.session.data().items()}

    # Finishing

    def finish(self) -> None:
        """Say `Ready`; what is missing is shown first, and may be left out when the call broke off."""
        session = self.session
        assert session is not None
        if not session.evaluation.blockers:
            self.post_message(self.Ready())
            return
        first = session.compiled.trouble(session.evaluation.blockers[0])
        if self._stopped_at == first.field:
            self._broken_off()
            return
        self._stopped_at = first.field
        self.complain(first.field, f"{first} " + _("F10 again: the call broke off."))

    def _broken_off(self) -> None:
        choices = [Choice(False, _("Go on asking")), Choice(True, _("The call broke off: store it as it is"))]

        def answer(broken: bool | None) -> None:
            if broken:
                self.post_message(self.Ready(broken_off=True))

        self.app.push_screen(Choose(_("Questions are open."), choices), answer)

    def add_to(self, call: TakeCall, zone: tzinfo, *, broken_off: bool) -> TakeCall:
        """The call with everything that was asked and answered, its notes and the visit. Raises Invalid."""
        session = self.session
        assert session is not None and self.flow is not None
        slot = slot_of(self._answers(), zone)
        own_red = session.red and not (session.outcome and session.outcome.grade is Grade.RED)
        guided = GuidedCall.of(
            session, self.flow.version_id, language(), broken_off=broken_off, grade=Grade.RED if own_red else None,
            grade_reason=_("red by the agent's word") if own_red else "",
        )  # fmt: skip
        return replace(
            call, guided=guided, notes=tuple(Said(at=n.at, text=n.text) for n in session.notes),
            visit=Window(starts_at=slot[0], ends_at=slot[1], despite=self._despite) if slot else None,
        )  # fmt: skip

    def _answers(self) -> Mapping[str, Value]:
        session = self.session
        return session.compiled.effective(session.draft.answers, today=session.today) if session else {}

    def call_at(self, zone: tzinfo) -> tuple[datetime, datetime] | None:
        """When the caller wants to be called."""
        return slot_of(self._answers(), zone, CALL_AT)

    def take_error(self, error: DeskError) -> bool:
        """Show an error at its question; False where it is of no question."""
        if self.session is None or error.field not in self.session.compiled.slots:
            return False
        self.complain(error.field, f"{error} {error.hint}".strip())
        return True

    def against_wish(self, error: DeskError) -> None:
        """The visit goes against a wish: the customer agrees, with the words, or another window is taken."""

        def agreed(text: str | None) -> None:
            if text:
                self._despite = text
                self.finish()
            else:
                self.go("slot")

        self.app.push_screen(AskLine(str(error), _("The customer agrees, because (Esc: another time):")), agreed)


def _compiled(sheet: FlowSheet) -> CompiledFlow:
    version = sheet.line.version_id
    if version not in _known:
        _known[version] = (sheet, compile_flow(from_data(sheet.data)))
    return _known[version][1]
