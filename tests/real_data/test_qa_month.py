"""A month of QA on a real log: the report finds the bias and leniency that three simulated raters were given."""

from fractions import Fraction

import pytest

from deskapp.clock import FrozenClock
from deskapp.services.desk import Desk
from deskapp.store.engine import open_engine
from tests.real_data.conftest import NOW, Imported

pytestmark = pytest.mark.real_data


def test_the_report_recovers_what_was_put_into_the_raters(imported: Imported) -> None:
    from bench.qa_month import RATERS, run

    url, _report = imported("servicenow")
    engine = open_engine(url)
    try:
        clock = FrozenClock(NOW)
        desk = Desk(engine, clock)
        found = run(desk, clock, desk.sign_on("adam"), share=Fraction(4, 100), everyone=True)
    finally:
        engine.dispose()
    assert found.redraw_same and found.report.scored == len(found.report.audit.drawn) >= 120
    assert found.evaluations >= 3 * found.report.scored
    assert {line.name for line in found.lines if not line.recovered} == set()
    bias = {line.rater.lower(): line.bias for line in found.report.raters}
    assert set(bias) == set(RATERS)
    assert bias["ines"].interval.high < 0 < bias["yuki"].interval.low  # strict and lenient, not by chance
