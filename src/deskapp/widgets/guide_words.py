"""What a guided call shows, as styled text: outline, question with its neighbours, live card, red script."""

from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len
from textual.content import Content

from deskapp.domain.flow import Evaluation, Kind, Mark, Outcome, Question, State, Text, show_value
from deskapp.domain.flow.explain import why_asked
from deskapp.domain.flow.session import NUMBERS, TYPED, GuidedSession
from deskapp.domain.i18n import N_, _, language
from deskapp.domain.terms import LABELS, Grade
from deskapp.domain.text import guard
from deskapp.domain.visits import SlotLine
from deskapp.widgets.cells import fit
from deskapp.widgets.wrap import hanging

Part = str | tuple[str, str]
GRADE_STYLES = {Grade.RED: "$text-error bold", Grade.YELLOW: "$text-warning bold", Grade.GREEN: "$text-success"}
_STATES = {
    State.OPEN: "", State.UNKNOWN: N_("unknown"), State.REFUSED: N_("refused"), State.SKIPPED: N_("passed"),
    State.PENDING: N_("pending"), State.EARLY: N_("said*"), State.PARKED: N_("parked"), State.DEFERRED: N_("later"),
}  # fmt: skip
_QUIET = (State.PENDING, State.PARKED, State.DEFERRED, State.SKIPPED)
_BLOCK = 8  # answers named in the card of what is still possible


def outline(session: GuidedSession, width: int) -> Content:
    """Every question that may count, with its answer or state; the one on screen is marked."""
    answers = session.draft.answers
    right = min(12, width // 3)
    parts: list[Part] = []
    for item in session.shown():
        question = session.compiled.question(item.id)
        value = answers.get(item.id)
        said = "" if value is None else show_value(question, value, language())
        state = _(_STATES.get(item.state, "")) or (said if item.state is State.ANSWERED else "")
        if item.state is State.EARLY:
            state = f"{said}*"
        here = item.id == session.here
        mark = ">" if here else "!" if question.safety and item.state is State.OPEN else " "
        state = fit(state, min(right, cell_len(state))).rstrip()
        room = width - 2 - (cell_len(state) + 1 if state else 0)
        label = question.label.get(language())
        style = "$accent bold" if here else "$quiet" if item.state in _QUIET or item.optional else ""
        parts.append((f"{mark} {fit(label, room)}", style))
        parts.append((f" {state}\n" if state else "\n", style if here else "$quiet"))
    return Content.assemble(*parts)


def told(text: str, width: int, sign: str = "") -> str:
    """A text in lines of at most so many cells; those after the first begin below its first word."""
    return sign + hanging(text, width, cell_len(sign))


def question_head(session: GuidedSession, width: int) -> Content:
    """The question on screen with its hint and where it stands; what was said before it."""
    question = session.question
    if question is None:
        return _all_asked(session, width)
    parts: list[Part] = [*_before(session, width), "\n", (told(question.label.get(language()), width), "bold")]
    if question.hint:
        parts.append(("\n" + told(question.hint.get(language()), width), "$quiet"))
    if question.safety:
        parts.append(("\n" + told(_("Safety: ask it word for word."), width), "$text-warning"))
    if note := _standing(session, question):
        parts.append(("\n" + told(note, width), "$accent"))
    return Content.assemble(*parts)


def question_rest(session: GuidedSession, slots: Sequence[SlotLine], problem: str, why: bool, width: int) -> Content:
    """What can be answered, what is wrong with the answer given, why it is asked, what comes next."""
    question = session.question
    if question is None:
        return Content("")
    parts: list[Part] = ["\n"]
    if problem and question.type in TYPED:
        parts.append((told(problem, width) + "\n\n", "$text-error"))
    parts += _choices(session, question, width)
    if question.type is Kind.TIME_SLOT:
        parts += _slots(session, slots, width)
    parts += _otherwise(question)
    if problem and question.type not in TYPED:
        parts.append(("\n" + told(problem, width) + "\n", "$text-error"))
    if why:
        parts += ["\n", *why_parts(session, question, width)]
    parts += _next(session, width)
    return Content.assemble(*parts)


def _all_asked(session: GuidedSession, width: int) -> Content:
    outcome = session.outcome
    parts: list[Part] = [*_before(session, width), "\n", (_("Everything needed is asked."), "bold"), "\n\n"]
    if outcome:
        parts += [told(outcome.title.get(language()), width), "   ", grade_part(outcome.grade), "\n"]
        parts += [(told(text.get(language()), width, "  ") + "\n", "") for text in outcome.closing_script]
    last = _("F10 stores the case and reads the promise out. Shift+Tab goes back.")
    parts.append(("\n" + told(last, width) + "\n", "$accent"))
    return Content.assemble(*parts)


def _before(session: GuidedSession, width: int) -> Iterator[Part]:
    """The answer before this one, for orientation."""
    before = (
        session.evaluation.before(session.here) if session.here else next(iter(session.evaluation.asked[::-1]), None)
    )
    value = session.draft.answers.get(before) if before else None
    if before and value is not None:
        question = session.compiled.question(before)
        said = f"{question.label.get(language())} {show_value(question, value, language())}"
        yield (told(said, width) + "\n", "$quiet")


def _next(session: GuidedSession, width: int) -> Iterator[Part]:
    """The question that is likely to be asked behind this one: what is answered is not asked again."""
    if after := session.ahead:
        label = session.compiled.question(after).label.get(language())
        yield ("\n" + told(_("next: {question}").format(question=label), width), "$quiet")


def _standing(session: GuidedSession, question: Question) -> str:
    state = session.evaluation.state(question.id)
    if state in (State.EARLY, State.PENDING):
        return _("Not its turn yet: an answer is kept and counts when it is.")
    if state is State.PARKED:
        return _("It does not apply any more: the answer is kept aside.")
    if state is State.DEFERRED:
        return _("Left for later: an emergency comes first.")
    value = session.answer
    if value is Mark.UNKNOWN or value is Mark.REFUSED:
        return show_value(question, value, language())
    item = next(item for item in session.evaluation.questions if item.id == question.id)
    if item.optional and value is None:
        return _("For the technician: Enter passes over it.")
    return ""


def _choices(session: GuidedSession, question: Question, width: int) -> Iterator[Part]:
    several = question.type is Kind.SELECT_MULTIPLE
    for number, choice in enumerate(question.options, 1):
        chosen = choice.id in session.marked if several else session.answer == choice.id
        mark = ("[x] " if chosen else "[ ] ") if several else ("* " if chosen else "  ")
        yield (f"   {number if number < 10 else ' '}  ", "$accent bold")
        label = hanging(choice.label.get(language()), width, 6 + len(mark))
        yield (f"{mark}{label}\n", "bold" if chosen else "")
    if several:
        yield ("\n" + _("Several may be chosen; Enter takes them.") + "\n", "$quiet")


def _slots(session: GuidedSession, slots: Sequence[SlotLine], width: int) -> Iterator[Part]:
    for number, slot in enumerate(slots[:9], 1):
        chosen = session.answer == slot.answer
        day = f"{slot.starts_at:%m-%d}"
        yield (f"   {number}  ", "$accent bold")
        yield (f"{'* ' if chosen else '  '}{_weekday(slot)} {day}  {slot.starts_at:%H:%M}-{slot.ends_at:%H:%M}", "")
        if slot.free is not None:
            yield ("  " + _("{free} free").format(free=slot.free), "$quiet")
        if slot.against:
            yield ("\n" + told(slot.against, width, "        ! "), "$text-warning")
        yield "\n"
    typed = session.answer if isinstance(session.answer, str) else ""
    if typed and typed not in {slot.answer for slot in slots}:
        yield (f"      * {guard(typed)}\n", "bold")


def _weekday(slot: SlotLine) -> str:
    return (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))[slot.starts_at.weekday()]


def _otherwise(question: Question) -> Iterator[Part]:
    if question.unknown:
        if question.type not in TYPED:
            yield "\n"
        if question.type in NUMBERS:
            yield (_("F5 does not know   F6 would not say") + "\n", "$quiet")
        elif question.type in TYPED:
            yield (_("0 Enter does not know   - would not say") + "\n", "$quiet")
        else:
            yield ("   0  ", "$accent bold")
            yield _("the customer does not know") + "\n"
            yield ("   -  ", "$accent bold")
            yield _("would not say") + "\n"


def why_parts(session: GuidedSession, question: Question, width: int) -> Iterator[Part]:
    """Why the question is asked: the answers that make it so, in words."""
    why = why_asked(session.compiled, question.id, session.draft.answers, today=session.today)
    if not why.condition:
        yield (_("It is always asked.") + "\n", "$accent")
    for part in why.because:
        about = session.compiled.question(part.question)
        value = session.draft.answers.get(part.question)
        said = _("not answered yet") if value is None else show_value(about, value, language())
        because = _("because: {question} {answer}").format(question=about.label.get(language()), answer=said)
        yield (told(because, width) + "\n", "$accent")
    at_stake = [o for o in session.evaluation.possible if _names(session, o, question.id)]
    titles = [_title(session, id_) for id_ in at_stake[:4]]
    if titles:
        yield (told(_("it decides: {outcomes}").format(outcomes=", ".join(titles)), width) + "\n", "$accent")


def _names(session: GuidedSession, outcome: str, question: str) -> bool:
    found = session.compiled.flow.outcome(outcome)
    return bool(found and found.when and question in found.when.replace("(", " ").replace(")", " ").split())


def _title(session: GuidedSession, outcome: str) -> str:
    found = session.compiled.flow.outcome(outcome)
    return found.title.get(language()) if found else outcome


def grade_part(grade: Grade | None) -> Part:
    """A grade as a word in its colour; nothing certain yet is a dash."""
    return (_(LABELS[grade]), GRADE_STYLES[grade]) if grade else ("-", "$quiet")


def card(session: GuidedSession, wishes: Iterable[str], sample: bool, width: int) -> Content:
    """What is known so far: outcomes still possible or the one that is settled, what to bring, what to say."""
    evaluation = session.evaluation
    outcome = session.outcome
    parts: list[Part] = []
    if outcome and (evaluation.settled or session.here is None or evaluation.emergency):
        parts += [(_("OUTCOME") + "\n", "$accent bold"), (told(outcome.title.get(language()), width) + "\n", "bold")]
    else:
        parts += _possible(session, evaluation, width)
    parts += _kit(session, outcome, width)
    parts += _say(session, outcome, width)
    if listed := list(dict.fromkeys(wishes)):
        parts.append(("\n" + _("THE CUSTOMER ASKED") + "\n", "$accent bold"))
        parts += [f"{told(wish, width, '* ')}\n" for wish in listed[:5]]
    if sample:
        unsigned = _("Sample flow: nobody qualified has signed it yet.")
        parts.append(("\n" + told(unsigned, width) + "\n", "$text-warning"))
    return Content.assemble(*parts)


def _possible(session: GuidedSession, evaluation: Evaluation, width: int) -> Iterator[Part]:
    possible = evaluation.possible
    yield (_("STILL POSSIBLE  {count}").format(count=len(possible)) + "\n", "$accent bold")
    for id_ in possible[:_BLOCK]:
        yield f"{told(_title(session, id_), width, '- ')}\n"
    if len(possible) > _BLOCK:
        yield ("  " + _("and {count} more").format(count=len(possible) - _BLOCK) + "\n", "$quiet")


def _kit(session: GuidedSession, outcome: Outcome | None, width: int) -> Iterator[Part]:
    adds = session.evaluation.adds
    settled = outcome if session.evaluation.settled or session.here is None else None
    bring = [text for source in ([settled] if settled else []) for text in (*source.parts, *source.tools)]
    bring += [text for add in adds for text in (*add.parts, *add.tools)]
    if texts := list(dict.fromkeys(text.get(language()) for text in bring)):
        yield ("\n" + _("BRING") + "\n", "$accent bold")
        for text in texts[:8]:
            yield f"{told(text, width, '- ')}\n"
    for add in adds:
        if add.note:
            yield (told(add.note.get(language()), width, "  ") + "\n", "$quiet")


def _say(session: GuidedSession, outcome: Outcome | None, width: int) -> Iterator[Part]:
    if outcome is None:
        return
    now = () if session.script else outcome.safety_script  # it fills the page beside
    lines: tuple[Text, ...] = (*now, *outcome.self_service, *outcome.closing_script)
    if lines:
        yield ("\n" + _("SAY") + "\n", "$accent bold")
        for text in lines[:5]:
            yield f"{told(text.get(language()), width, '- ')}\n"


def script_page(session: GuidedSession, width: int) -> Content:
    """The red script, one line at a time; what is read stays, dim, above."""
    parts: list[Part] = [(" " + _("EMERGENCY: read this out") + " \n\n", "$text-error bold reverse")]
    for number, text in enumerate(session.script):
        said = text.get(language())
        if number < session.line:
            parts.append((told(said, width, "  x ") + "\n\n", "$quiet"))
        elif number == session.line:
            parts.append((told(said, width, "  > ") + "\n\n", "bold"))
        else:
            parts.append((told(said, width, "    ") + "\n\n", "$quiet"))
    left = len(session.script) - session.line
    keys = _("Enter = read out ({left} left)   Shift+Tab = back to the question").format(left=left)
    parts.append((told(keys, width), "$accent"))
    return Content.assemble(*parts)


__all__ = ["GRADE_STYLES", "card", "grade_part", "outline", "question_head", "question_rest", "script_page"]
