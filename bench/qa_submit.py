"""From submitting an evaluation to the next record painted, in the real app in a real terminal.

    PYTHONPATH=src:. python -m bench.qa_submit [--rounds 40]

A month of 2,000 tickets on a new desk, 600 drawn and dealt to three raters. One of them scores: digits, `ctrl+s`; the
time runs from the write of `ctrl+s` until the terminal has drawn the next record's number. Beside it, in turns, a key
that only moves the cursor on the same screen: what this machine and terminal take for any key.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from fractions import Fraction

from bench.qa_month import CARD
from bench.qa_report import NOW, RATERS, _tickets
from bench.report import Figure
from deskapp.clock import FrozenClock
from deskapp.domain.terms import Role
from deskapp.services.desk import Desk
from deskapp.services.requests.people import SavePerson
from deskapp.services.requests.qa.cards import PublishCard, SaveCard
from deskapp.services.requests.qa.dealing import AssignRound
from deskapp.services.requests.qa.rounds import DrawRound, FreezeRound, PlanChoice, PlanRound, SeedRound
from deskapp.services.setup import init_desk
from deskapp.store.engine import open_engine
from tests.support.terminal import Terminal

TARGET = 100.0


def figures(rounds: int) -> Iterator[Figure]:
    """Both times in milliseconds: median, and the best beside it."""
    with tempfile.TemporaryDirectory(prefix="deskapp-qa-") as place:
        path = f"{place}/desk.db"
        _make(f"sqlite:///{path}")
        environ = {
            "DESKAPP_DATABASE": path, "DESKAPP_STATE": f"{place}/state", "DESKAPP_CONFIG": f"{place}/config.toml",
            "XDG_RUNTIME_DIR": place, "LOGNAME": "ines", "TZ": "UTC",
        }  # fmt: skip
        terminal = Terminal(["-m", "deskapp", "--agent", "ines"], environ)
        try:
            submits, moves = _measure(terminal, rounds)
        finally:
            terminal.close()
    middle, base = statistics.median(submits), statistics.median(moves)
    yield Figure("submit to next record painted", middle, "ms", base, at_most=TARGET, least=min(submits),
                 least_other=min(moves))  # fmt: skip
    yield Figure("  of 20, the slowest", sorted(submits)[-max(1, len(submits) // 20)], "ms")


def _measure(terminal: Terminal, rounds: int) -> tuple[list[float], list[float]]:
    terminal.sees("Ines")
    terminal.presses("3", "Q-1")
    terminal.presses("s", "record 1 of")
    submits, moves = [], []
    dice = random.Random(3)
    for number in range(1, rounds + 1):
        # Three graded items and one of yes or no; what a rule decides is there already.
        for key in (*dice.choices("6789", k=3), "0"):
            terminal.type(key)
            _calm(terminal)
        moves.append(_timed(terminal, "\x1b[B", ""))
        _calm(terminal)
        submits.append(_timed(terminal, "\x13", f"record {number + 1} of"))
        _calm(terminal)
    return submits, moves


def _timed(terminal: Terminal, key: str, wanted: str) -> float:
    before = len(terminal.raw)
    began = time.perf_counter()
    terminal.type(key)
    terminal.until(lambda: wanted in terminal.shown if wanted else len(terminal.raw) > before, wanted or "an answer")
    return (time.perf_counter() - began) * 1000


def _calm(terminal: Terminal) -> None:
    """Until nothing was written for a while."""
    while True:
        before = len(terminal.raw)
        terminal.read(0.15)
        if len(terminal.raw) == before:
            return


def _make(url: str) -> None:
    init_desk(url, login="lee", os_user="lee", name="Lee", team="Service desk", now=NOW)
    engine = open_engine(url)
    desk = Desk(engine, FrozenClock(NOW))
    try:
        _tickets(engine, 2000)
        for login, role in (("quinn", Role.QA_LEAD), *((rater, Role.RATER) for rater in RATERS)):
            desk.execute(desk.sign_on("admin"), SavePerson(login=login, name=login.title(), role=role))
        lead = desk.sign_on("quinn")
        draft = desk.execute(lead, SaveCard(text=CARD)).id
        desk.execute(lead, PublishCard(card_id=draft))
        plan = PlanRound(choice=PlanChoice(period="2026-05", share=Fraction(3, 10), strata="shift"))
        campaign = desk.execute(lead, plan).id
        for step in (FreezeRound, SeedRound, DrawRound):
            desk.execute(lead, step(campaign_id=campaign))
        raters = tuple(desk.sign_on(rater).id for rater in RATERS)
        desk.execute(lead, AssignRound(campaign_id=campaign, raters=raters))
    finally:
        engine.dispose()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.qa_submit", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=40)
    given = parser.parse_args()
    missed = False
    for figure in figures(given.rounds):
        print(figure.line())
        missed |= figure.missed
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
