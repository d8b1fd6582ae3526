"""Rehearsing a flow: a scripted caller who answers out of order and vaguely, and the score of a rehearsal."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from random import Random
from typing import Any

from deskapp.domain.errors import DeskError, Invalid
from deskapp.domain.flow import CompiledFlow, Kind, Mark, Question, Text, Value, check_value, plain_value, show_value
from deskapp.domain.flow.draft import How
from deskapp.domain.flow.explore import ANY_DAY, explore
from deskapp.domain.flow.facts import CALL_AT, QUESTIONS, SLOT
from deskapp.domain.i18n import N_
from deskapp.domain.terms import Grade
from deskapp.domain.visits import SlotLine

TARGET_SECONDS = 60.0
TARGET_KEYS = 14
PASS_MARK = 80
VAGUE_SHARE = 0.3
_OUTCOME, _QUESTIONS, _TIME, _KEYS = 50, 30, 10, 10
_RIGHT_GRADE_ONLY = 20
_FREE = frozenset({Kind.TEXT, Kind.PHONE, Kind.SERIAL, Kind.ADDRESS})

_VAGUE = (
    Text("这个嘛……说不太清楚。", "Well … I couldn't really say."),
    Text("就是不太对劲，您懂的。", "It's just not right, you know."),
    Text("您问的是哪个?", "Which one do you mean?"),
)
_NO_IDEA = Text("这个我真不知道。", "I really don't know that.")
_AGAIN = ("我刚才说过了，", "As I said: ")
# Who calls is a known customer: what the file knows is not asked, and of the visit they know what anybody would.
PERSONA: Mapping[str, str] = {
    "phone": "13800138000", "name": "王芳 Wang Fang", "address": "幸福路 12 号 12 Happiness Road", "model": "X-100",
    "serial": "SN100200300", "bought_on": "2024-05-01",
}  # fmt: skip
_VISIT = {"household": ["none"], "access": "没有门禁 no gate", "remember": "yes"}
_RATHER_NOT = Text("这个我不想说。", "I'd rather not say.")


@dataclass(frozen=True, slots=True)
class Reply:
    """What the caller says to one question; a vague caller has to be asked again."""

    question: str
    value: Value
    clear: Text
    vague: Text | None = None

    def say(self, times_asked: int) -> Text:
        """The words when asked for the first, second … time (counted from 1)."""
        return self.vague if self.vague and times_asked <= 1 else self.clear


@dataclass(frozen=True, slots=True)
class Script:
    """A caller for one rehearsal. The same flow, answers and seed give the same caller.

    `opening` is what the caller says unasked, out of the order of the flow; `needed` are the questions without which
    the outcome is not settled.
    """

    flow: str
    hash: str
    seed: int
    opening: tuple[Reply, ...]
    replies: Mapping[str, Reply]
    needed: tuple[str, ...]
    outcome: str
    grade: Grade
    known: Mapping[str, str] = field(default_factory=lambda: PERSONA)

    def answer(self, question: str, times_asked: int) -> Text:
        """What the caller says when asked; of things that are not in the script the caller knows nothing."""
        reply = self.replies.get(question)
        if reply is None:
            return _NO_IDEA
        if question in {told.question for told in self.opening}:
            return Text(_AGAIN[0] + reply.clear.zh, _AGAIN[1] + reply.clear.en)
        return reply.say(times_asked)


@dataclass(frozen=True, slots=True)
class Caller:
    """A case that can be rehearsed: `answers` are plain data, from a test of the flow or a way to an outcome."""

    name: str
    outcome: str
    title: Text
    grade: Grade
    answers: Mapping[str, Any]
    today: date | None = None


def callers(compiled: CompiledFlow) -> tuple[Caller, ...]:
    """Everybody who can call about a flow: its tests that settle an outcome, then a way to each outcome left."""
    found: list[Caller] = []
    for case in compiled.flow.tests:
        day = date.fromisoformat(case.today) if case.today else None
        if caller := _caller(compiled, case.name, case.answers, day):
            found.append(caller)
    covered = {caller.outcome for caller in found}
    for id_, answers in explore(compiled).witnesses.items():
        own = {name: plain_value(value) for name, value in answers.items() if _is_told(compiled, name)}
        if id_ not in covered and (caller := _caller(compiled, id_, own, ANY_DAY if compiled.uses_today else None)):
            found.append(caller)
    return tuple(found)


def _is_told(compiled: CompiledFlow, question: str) -> bool:
    """Samples of free text say nothing; blocks are answered by the caller's person."""
    found = compiled.question(question)
    return found.block is None and found.type not in _FREE


def _caller(compiled: CompiledFlow, name: str, raw: Mapping[str, Any], today: date | None) -> Caller | None:
    try:
        script = make_script(compiled, compiled.read(raw), seed=0, today=today)
    except DeskError:
        return None
    outcome = compiled.flow.outcome(script.outcome)
    return Caller(name, script.outcome, outcome.title, script.grade, dict(raw), today) if outcome else None


def make_script(
    compiled: CompiledFlow, answers: Mapping[str, Value], *, seed: int, today: date | None = None
) -> Script:
    """A caller made of a witness's or a test's checked answers. Raises Invalid when they do not settle an outcome."""
    evaluation = compiled.evaluate(answers, today=today)
    outcome = compiled.flow.outcome(evaluation.outcome or "")
    if outcome is None or not evaluation.settled:
        raise Invalid(
            N_("These answers settle no outcome of {flow}; a rehearsal needs one."),
            hint=N_("Take the answers of a test or a witness."), flow=compiled.flow.id,
        )  # fmt: skip
    chance = Random(seed)
    told = compiled.effective({**_of_a_person(compiled, today), **answers}, today=today)
    replies = {id_: _reply(compiled.question(id_), value, chance) for id_, value in told.items()}
    tellable = [id_ for id_, value in told.items() if _worth_telling(compiled.question(id_), value)]
    chosen = chance.sample(tellable, k=min(len(tellable), chance.randint(1, 2))) if tellable else []
    return Script(
        flow=compiled.flow.id, hash=compiled.hash, seed=seed,
        opening=tuple(_unasked(compiled, replies[id_]) for id_ in chosen),
        replies=replies, needed=_needed(compiled, told, chosen, today), outcome=outcome.id, grade=outcome.grade,
    )  # fmt: skip


def windows_of(day: date, zone: tzinfo = UTC) -> tuple[SlotLine, ...]:
    """The windows for a visit that a rehearsal offers, in the zone; callers want the second."""
    days = [day + timedelta(days=ahead) for ahead in (1, 2)]
    return tuple(
        SlotLine(datetime.combine(each, time(starts), zone), datetime.combine(each, time(ends), zone), None, "")
        for each in days for starts, ends in ((9, 12), (13, 17))
    )  # fmt: skip


def _of_a_person(compiled: CompiledFlow, today: date | None) -> dict[str, Value]:
    """What anybody answers to the questions of blocks."""
    raw: dict[str, Any] = {question: PERSONA[fact] for fact, question in QUESTIONS.items()}
    raw |= {**_VISIT, **dict.fromkeys((SLOT, CALL_AT), windows_of(today or ANY_DAY)[1].answer)}
    found: dict[str, Value] = {}
    for question in compiled.flow.questions:
        if question.block is not None and question.id in raw:
            try:
                found[question.id] = check_value(question, raw[question.id])
            except Invalid:
                continue
    return found


def _reply(question: Question, value: Value, chance: Random) -> Reply:
    if value is Mark.UNKNOWN:
        clear = _NO_IDEA
    elif isinstance(value, Mark):
        clear = _RATHER_NOT
    else:
        clear = Text(show_value(question, value, "zh"), show_value(question, value, "en"))
    # Nobody is vague about a danger: an agent must not learn to ask a safety question twice.
    vague = chance.random() < VAGUE_SHARE and not question.safety and not isinstance(value, Mark)
    return Reply(question.id, value, clear, chance.choice(_VAGUE) if vague else None)


def _worth_telling(question: Question, value: Value) -> bool:
    """Callers volunteer what is wrong, not what is not."""
    return question.block is None and not isinstance(value, Mark) and value not in ("no", "none")


def _unasked(compiled: CompiledFlow, reply: Reply) -> Reply:
    label = compiled.question(reply.question).label
    return Reply(
        reply.question, reply.value,
        Text(f"先跟您说一下，{label.zh} {reply.clear.zh}。", f"To begin with: {label.en} {reply.clear.en}."),
    )  # fmt: skip


def _needed(
    compiled: CompiledFlow, told: Mapping[str, Value], opening: Iterable[str], today: date | None
) -> tuple[str, ...]:
    """The questions whose answers a perfect agent has when the outcome is settled, in the order of the flow.

    What the caller says unasked is known from the start; of that, what nothing depended on is not needed.
    """
    order = [question.id for question in compiled.flow.questions if question.id in told]
    given = {id_: told[id_] for id_ in opening}
    for id_ in order:
        if compiled.evaluate(given, today=today).settled:
            break
        given[id_] = told[id_]
    for id_ in opening:
        rest = {other: value for other, value in given.items() if other != id_}
        if compiled.evaluate(rest, today=today).settled:
            given = rest
    return tuple(
        id_ for id_ in order
        if id_ in given and not compiled.question(id_).info and compiled.question(id_).block is None
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """One answer entered in a rehearsal: seconds since its beginning, key presses used, and how it came."""

    question: str
    value: Value
    seconds: float
    keys: int
    how: How = How.ASKED


@dataclass(frozen=True, slots=True)
class Score:
    """The result of a rehearsal. `points` are of 100; a missed red fails whatever else was right.

    `missed` were needed and never answered, `wrong` differ from what the caller said, `asked_again` were asked
    although the caller had said them. Seconds and key presses (without those of free text) are as measured.
    """

    points: int
    passed: bool
    outcome: str | None
    expected: str
    missed: tuple[str, ...]
    wrong: tuple[str, ...]
    asked_again: tuple[str, ...]
    seconds: float
    keys: int


def score(
    compiled: CompiledFlow, script: Script, steps: Iterable[Step], *, seconds: float, today: date | None = None
) -> Score:
    """Score a rehearsal that took `seconds` in all.

    50 points for the outcome (20 when only its grade is right), 30 for the needed questions answered as the caller
    said, 10 each for time and key presses: full up to the target (60 s, 14 keys), none at twice the target.
    """
    steps = tuple(steps)
    answers = {step.question: step.value for step in steps}
    evaluation = compiled.evaluate(answers, today=today, closing=True)
    outcome = compiled.flow.outcome(evaluation.outcome or "")
    missed = tuple(id_ for id_ in script.needed if id_ not in answers)
    wrong = tuple(
        id_ for id_, value in answers.items()
        if id_ in script.replies and _meant(value) != _meant(script.replies[id_].value)
    )  # fmt: skip
    volunteered = {reply.question for reply in script.opening}
    again = tuple(
        dict.fromkeys(step.question for step in steps if step.how is How.ASKED and step.question in volunteered)
    )
    keys = sum(step.keys for step in steps if compiled.question(step.question).type not in _FREE)
    right = outcome is not None and outcome.id == script.outcome
    grade_right = outcome is not None and outcome.grade is script.grade
    faults = len({*missed, *(id_ for id_ in wrong if id_ in script.needed)})
    points = round(
        (_OUTCOME if right else _RIGHT_GRADE_ONLY if grade_right else 0)
        + _QUESTIONS * (1 - faults / max(len(script.needed), 1))
        + _TIME * _within(seconds, TARGET_SECONDS)
        + _KEYS * _within(keys, TARGET_KEYS)
    )
    missed_red = script.grade is Grade.RED and not grade_right
    return Score(
        points=points, passed=points >= PASS_MARK and right and not missed_red, outcome=outcome.id if outcome else None,
        expected=script.outcome, missed=missed, wrong=wrong, asked_again=again, seconds=seconds, keys=keys,
    )  # fmt: skip


def _meant(value: Value) -> Value:
    """Free text says the same in small or capital letters, with or without spaces and signs."""
    return "".join(sign for sign in value.casefold() if sign.isalnum()) if isinstance(value, str) else value


def _within(used: float, target: float) -> float:
    """1 up to the target, falling to 0 at twice the target."""
    return min(1.0, max(0.0, 2 - used / target))
