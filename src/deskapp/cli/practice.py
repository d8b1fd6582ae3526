"""`deskapp practice run | results`: rehearse a flow with a scripted caller line by line; who has practised, and how."""

import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime
from random import Random
from typing import Annotated

import typer

from deskapp.cli.flow_run import Session
from deskapp.cli.kit import Call
from deskapp.cli.output import clock_time, emit, instant, print_table, say
from deskapp.cli.session import desk_of, desk_zone
from deskapp.domain.errors import Invalid, NotFound
from deskapp.domain.flow import CompiledFlow, Evaluation, Question, compile_flow, from_data, plain_value
from deskapp.domain.flow.draft import How
from deskapp.domain.flow.facts import prefilled
from deskapp.domain.flow.findings import nearest
from deskapp.domain.i18n import N_, _, language
from deskapp.domain.practice import Caller, Score, Script, Step, make_script, score
from deskapp.domain.views_flow import PracticeLine, Practiser
from deskapp.services.requests.flows import GetFlow, GetFlows
from deskapp.services.requests.practice import (
    GetCallers,
    GetPractisers,
    GetRehearsals,
    KeepRehearsal,
    RehearsalStep,
)

_LAST = 20


class Rehearsing(Session):
    """A case line by line in which a line of `a` asks the caller; keys are the lines that answered."""

    def __init__(
        self, compiled: CompiledFlow, script: Script, today: date, *, now: Callable[[], datetime],
        say: Callable[[str], None],
    ) -> None:  # fmt: skip
        super().__init__(compiled, today, now=now, say=say)
        self.script, self.started, self.asked = script, now(), dict[str, int]()
        for question, value in prefilled(compiled, script.known).items():
            self.draft = self.draft.give(
                compiled, question, value, at=self.started, by="terminal", how=How.PREFILLED, today=today
            )
        for reply in script.opening:
            self.caller(reply.clear.get(language()))

    def caller(self, words: str) -> None:
        """Say what the caller says."""
        self.say(_("Caller: {words}").format(words=words))

    def ask(self, question: Question, evaluation: Evaluation) -> None:
        super().ask(question, evaluation)
        if question.id not in self.asked:
            self.say("  " + _("a: ask the caller"))

    def take(self, line: str, evaluation: Evaluation) -> None:
        if line == "a" and self.here:
            times = self.asked[self.here] = self.asked.get(self.here, 0) + 1
            self.caller(self.script.answer(self.here, times).get(language()))
        else:
            super().take(line, evaluation)

    def steps(self) -> tuple[Step, ...]:
        """What was answered, in order: a line is one key press more than nothing."""
        told = {reply.question for reply in self.script.opening}
        return tuple(
            Step(
                event.question, event.value, (event.at - self.started).total_seconds(), 1,
                How.VOLUNTEERED if event.question in told and event.question not in self.asked else How.ASKED,
            )
            for event in self.draft.events
            if event.value is not None and event.how is not How.PREFILLED
        )  # fmt: skip


def run(
    call: Call,
    flow: Annotated[str, typer.Argument(metavar="FLOW", help=N_("The name of a published flow."))],
    case: Annotated[str, typer.Option("--case", help=N_("Which caller, by the name of a test or an outcome."))] = "",
    seed: Annotated[int | None, typer.Option("--seed", help=N_("The same number is the same caller."))] = None,
) -> None:
    with desk_of(call) as (desk, actor):
        line = next((item for item in desk.read(actor, GetFlows()) if item.flow == flow), None)
        if line is None:
            raise NotFound(N_("No flow {flow} is published."), hint=N_("deskapp flow published lists them."), flow=flow)
        number = int(desk.clock.now().timestamp()) % 100_000 if seed is None else seed
        caller = _chosen(desk.read(actor, GetCallers(version_id=line.version_id)), case, number, flow)
        compiled = compile_flow(from_data(desk.read(actor, GetFlow(version_id=line.version_id)).data))
        today = caller.today or desk.clock.now().astimezone(desk_zone()).date()
        script = make_script(compiled, compiled.read(caller.answers), seed=number, today=today)
        told: Callable[[str], None] = (lambda text: say(text, err=True)) if call.json else say
        session = Rehearsing(compiled, script, today, now=desk.clock.now, say=told)
        if not session.run(lambda: _line(told)):
            told(_("Left: nothing is kept."))
            raise typer.Exit(1)
        seconds = (desk.clock.now() - session.started).total_seconds()
        steps = session.steps()
        result = score(compiled, script, steps, seconds=seconds, today=today)
        desk.execute(
            actor,
            KeepRehearsal(
                version_id=line.version_id, case=caller.answers, seed=number, seconds=seconds, today=today.isoformat(),
                steps=tuple(
                    RehearsalStep(
                        question=step.question, value=plain_value(step.value), seconds=step.seconds, keys=step.keys,
                        how=step.how.value,
                    )
                    for step in steps
                ),
            ),
        )  # fmt: skip
    if call.json:
        emit({"flow": flow, "case": caller.name, "seed": number, **asdict(result)})
    else:
        _tell(compiled, result)


def _chosen(found: tuple[Caller, ...], name: str, seed: int, flow: str) -> Caller:
    if not found:
        raise Invalid(N_("{flow} has no tests and no outcomes to rehearse."), flow=flow)
    if not name:
        return Random(seed).choice(found)
    caller = next((item for item in found if name in (item.name, item.outcome)), None)
    if caller is None:
        names = [item.name for item in found]
        raise Invalid(
            N_("{flow} has no caller {name}."), flow=flow, name=name, word=nearest(name, names), known=", ".join(names),
            hint=N_("Did you mean “{word}”?") if nearest(name, names) else N_("There are: {known}."),
        )  # fmt: skip
    return caller


def _line(told: Callable[[str], None]) -> str:
    """A typed line; the end of the input leaves the rehearsal."""
    return sys.stdin.readline() or "q"


def _tell(compiled: CompiledFlow, result: Score) -> None:
    say("")
    say(_("{points} of 100 points").format(points=result.points) + "  "
        + (_("has passed") if result.passed else _("not passed")))  # fmt: skip
    if result.outcome != result.expected:
        say(_("outcome {given}, it was {expected}").format(given=result.outcome or "-", expected=result.expected))
    for title, ids in (
        (_("not asked"), result.missed), (_("wrong"), result.wrong), (_("asked again"), result.asked_again),
    ):  # fmt: skip
        for id_ in ids:
            say(f"{title}: {compiled.question(id_).label.get(language())}")


def results(
    call: Call,
    person: Annotated[str, typer.Option("--person", metavar="LOGIN", help=N_("One person's rehearsals."))] = "",
) -> None:
    with desk_of(call) as (desk, actor):
        people: tuple[Practiser, ...] = desk.read(actor, GetPractisers(zone=desk_zone()))
        lines: tuple[PracticeLine, ...] = ()
        if person:
            who = next((line for line in people if person in (line.login, line.name)), None)
            if who is None:
                raise NotFound(N_("{person} is nobody whose practice you may see."), person=person)
            lines = desk.read(actor, GetRehearsals(agent_id=who.agent_id, limit=_LAST))
    if call.json:
        if person:
            emit({"rehearsals": [{**asdict(line), "done_at": instant(line.done_at)} for line in lines]})
        else:
            emit({"people": [
                {**asdict(line), "last_at": instant(line.last_at), "trend": line.trend} for line in people
            ]})  # fmt: skip
        return
    if person:
        heads = (_("when"), _("flow"), _("points"), "", _("seconds"), _("keys"), _("outcome"), _("it was"))
        print_table(heads, [
            (clock_time(line.done_at), line.title.get(language()), str(line.points),
             _("has passed") if line.passed else _("not passed"), str(line.seconds), str(line.keys),
             line.outcome or "-", line.expected)
            for line in lines
        ])  # fmt: skip
        return
    people_heads = (_("person"), _("this month"), _("passes"), _("points"), _("trend"), _("last time"))
    print_table(people_heads, [
        (line.name, str(line.month) if line.month else _("not this month"), str(line.passed or ""),
         "" if line.points is None else f"{line.points:.0f}", "" if line.trend is None else f"{line.trend:+.0f}",
         clock_time(line.last_at) if line.last_at else _("never"))
        for line in people
    ])  # fmt: skip
