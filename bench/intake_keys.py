"""Replay every witness of the shipped flows through the real intake screen as key presses; print how many it takes.

    python -m bench.intake_keys [--flow NAME] [--new] [--sample N [--seed S]]

A witness is a known customer with a machine (`--new`: somebody whom the desk does not know). Counted is every key from
the flow's first question to the key that finishes, without the letters of free text; the Enter behind free text counts.
Free text is pasted, not typed: its letters are told apart, drawing the screen for each of them was most of the time.
Reading a red script out is told apart too: those keys are the agent's time stamps, not answers.
"""

import argparse
import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter, process_time
from typing import Any

from textual.events import Paste
from textual.pilot import Pilot

from deskapp.app import DeskApp
from deskapp.clock import FrozenClock
from deskapp.domain.flow import Kind, Question
from deskapp.domain.flow.session import NUMBERS, TYPED, GuidedSession
from deskapp.domain.permissions import Actor
from deskapp.screens.intake import IntakeScreen
from deskapp.services.desk import Desk
from deskapp.services.flow_files import PACK
from deskapp.services.requests.customers import CreateCustomer, SaveMachine
from deskapp.services.setup import init_desk
from deskapp.store.engine import open_engine
from deskapp.widgets.caller import Caller

TARGET = 14
WITNESSES: dict[str, dict[str, dict[str, Any]]] = json.loads((PACK / "_witness_cases.json").read_text("utf-8"))["flows"]
# What a caller says to the questions that every flow shares; the rest a caller does not know.
SHARED = {
    "phone": "13900001111", "caller_name": "Li Na", "address": "Happiness Road 12", "model": "WD-90",
    "serial_no": "WD901234", "purchase_date": "2023-06-01", "household": ["none"], "remember": "no",
    "order_no": "A-1001",
}  # fmt: skip
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)


@dataclass(slots=True)
class Replay:
    """One witness: key presses by kind, the outcome the desk stored."""

    flow: str
    expected: str
    keys: int = 0
    letters: int = 0
    read: int = 0
    outcome: str = ""
    seconds: float = 0.0
    cpu: float = 0.0


@dataclass(frozen=True, slots=True)
class Given:
    """What an agent does for one answer: text put into the line, then keys."""

    keys: tuple[str, ...]
    text: str = ""


def keys_for(question: Question, value: Any) -> Given:
    """How an answer is given."""
    if value == "unknown":
        return Given(("f5",) if question.type in NUMBERS else ("0", "enter") if question.type in TYPED else ("0",))
    if question.type is Kind.TIME_SLOT:
        return Given(("1",))
    if question.type in TYPED:
        return Given(("enter",), str(value))
    options = [choice.id for choice in question.options]
    if question.type is Kind.SELECT_MULTIPLE:
        chosen = [value] if isinstance(value, str) else list(value)
        digits = [str(options.index(id_) + 1) for id_ in chosen]
        alone = any(choice.exclusive for choice in question.options if choice.id in chosen)
        return Given(tuple(digits if alone else [*digits, "enter"]))
    return Given((str(options.index({True: "yes", False: "no"}.get(value, value)) + 1),))


def next_keys(session: GuidedSession, answers: dict[str, Any], replay: Replay) -> Given | None:
    """What a quick agent does now; None when nothing is left but to finish."""
    if session.script:
        replay.read += 1
        return Given(("enter",))
    question = session.question
    if question is None:
        return None
    item = next(item for item in session.evaluation.questions if item.id == question.id)
    if item.optional and session.evaluation.settled and question.block is None and question.id not in answers:
        return None if not session.evaluation.blockers else Given(("enter",))
    given = keys_for(question, answers.get(question.id, SHARED.get(question.id, "unknown")))
    replay.keys += len(given.keys)
    replay.letters += len(given.text)
    return given


@asynccontextmanager
async def desk_app(folder: Path) -> AsyncIterator[tuple[DeskApp, Pilot[int], Desk, Actor]]:
    """The app on a new desk in a folder."""
    url = f"sqlite:///{folder / 'desk.db'}"
    init_desk(url, login="chen", os_user="chen", name="Chen Yu", team="Desk 1", now=NOON)
    clock = FrozenClock(NOON)
    desk = Desk(open_engine(url), clock)
    app = DeskApp(lambda: desk, clock, login="chen", log_path=folder / "log", ticking=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await calm(app)
        yield app, pilot, desk, desk.sign_on("chen")


async def calm(app: DeskApp) -> None:
    """Wait until nothing is read or written."""
    quiet = 0
    while quiet < 2:
        await asyncio.sleep(0.001)
        going = app.busy or [w for w in app.workers if not w.is_finished]
        waiting = any(not node._message_queue.empty() for node in [app, *app.screen.walk_children(with_self=True)])
        quiet = 0 if going or waiting else quiet + 1


async def press(app: DeskApp, pilot: Pilot[int], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
    await calm(app)


async def replay(
    app: DeskApp, pilot: Pilot[int], desk: Desk, actor: Actor, flow: str, expected: str, number: int, *, new: bool
) -> Replay:
    """Take one call by keys, from an empty screen to the stored case."""
    found = Replay(flow, expected)
    phone = f"138{number:08d}"
    if not new:
        who = desk.execute(actor, CreateCustomer(name=f"Caller {number}", phone=phone, address="Happiness Road 12")).id
        machine = SaveMachine(
            customer_id=who, product="m", model="X-1", serial=f"X1{number:06d}", bought_on=date(2024, 5, 1)
        )
        desk.execute(actor, machine)
    await press(app, pilot, "n")
    screen = app.screen
    assert isinstance(screen, IntakeScreen), screen
    screen.query_one(Caller).put(phone)  # what identifies caller and problem is typed before the questions: not counted
    await calm(app)
    await press(app, pilot, "enter")
    if new:
        screen.form.go("subject")
        await calm(app)
    screen.form.field("subject").value = flow.replace("-", " ")
    await calm(app)
    begun, used = perf_counter(), process_time()
    await press(app, pilot, "enter")
    session = screen.session
    assert session is not None and session.compiled.flow.id == flow, flow
    answers = {**WITNESSES[flow][expected]}
    while (wanted := next_keys(session, answers, found)) is not None:
        if wanted.text:
            app.post_message(Paste(wanted.text))
            await pilot.pause()
        await press(app, pilot, *wanted.keys)
    found.keys += 1
    await press(app, pilot, "f10")
    found.seconds, found.cpu = perf_counter() - begun, process_time() - used
    found.outcome = session.outcome.id if session.outcome else ""
    if app.screen is screen:
        raise RuntimeError(f"{flow} {expected}: {screen.guide.problem or session.here}")
    await press(app, pilot, "escape", "escape")
    return found


def report(found: list[Replay]) -> Iterator[str]:
    """The distribution, and where it is worst."""
    keys = sorted(item.keys for item in found)
    wrong = [item for item in found if item.outcome != item.expected]
    yield f"witnesses {len(found)}   outcome as expected {len(found) - len(wrong)}"
    yield f"keys besides free text: median {median(keys):g}   90 % {keys[int(len(keys) * 0.9)]}   most {keys[-1]}"
    yield f"target: median <= {TARGET}: {'met' if median(keys) <= TARGET else 'MISSED'}"
    for value in range(keys[0], keys[-1] + 1):
        count = keys.count(value)
        yield f"  {value:>3} {'#' * count} {count or ''}".rstrip()
    yield f"letters of free text: median {median(item.letters for item in found):g}"
    yield f"script lines read out: {sum(item.read for item in found)} in {sum(item.read > 0 for item in found)} cases"
    seconds, cpu = median(item.seconds for item in found), median(item.cpu for item in found)
    yield f"machine time a case: median {seconds:.2f} s (CPU {cpu:.2f} s)"
    for item in wrong:
        yield f"  WRONG {item.flow} {item.expected}: {item.outcome}"


async def run(cases: list[tuple[str, str]], *, new: bool) -> list[Replay]:
    with tempfile.TemporaryDirectory() as folder:
        async with desk_app(Path(folder)) as (app, pilot, desk, actor):
            return [
                await replay(app, pilot, desk, actor, flow, expected, number, new=new)
                for number, (flow, expected) in enumerate(cases, 1)
            ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--flow", default="")
    parser.add_argument("--new", action="store_true", help="callers whom the desk does not know")
    parser.add_argument("--sample", type=int, default=0, help="so many witnesses drawn at random; all if left out")
    parser.add_argument("--seed", type=int, default=1, help="which sample")
    given = parser.parse_args()
    cases = [
        (flow, outcome) for flow, outcomes in WITNESSES.items() for outcome in outcomes if given.flow in ("", flow)
    ]
    if 0 < given.sample < len(cases):
        print(f"sample of {given.sample} of {len(cases)} witnesses, seed {given.seed}")
        cases = Random(given.seed).sample(cases, given.sample)
    for line in report(asyncio.run(run(cases, new=given.new))):
        print(line)


if __name__ == "__main__":
    main()
