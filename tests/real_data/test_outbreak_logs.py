"""The detector and the forecast on public logs; the figures are held loosely, their direction firmly."""

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

pytestmark = pytest.mark.real_data
FOLDER = Path(os.environ.get("DESKAPP_REAL_DATA", ""))
NEEDED = (
    "toyota_complaints.csv.gz",
    "gm_complaints_id_below_10400000.csv.gz",
    "boston311_opened_2015-01_02.csv.gz",
    "itsm_opened_to_2016-03-15.csv.gz",
)


@pytest.fixture(scope="module")
def folder():
    if not os.environ.get("DESKAPP_REAL_DATA"):
        pytest.skip("DESKAPP_REAL_DATA is not set: the public logs are not part of the project")
    missing = [name for name in NEEDED if not (FOLDER / name).is_file()]
    if missing:
        pytest.skip(f"DESKAPP_REAL_DATA holds no {', '.join(missing)}")
    return FOLDER


def test_the_fuel_fault_of_the_rav4_is_found_long_before_a_recall_and_noise_is_not(folder):
    from bench.nhtsa_logs import toyota_reports, weekly
    from bench.outbreak_eval import RULES, product_years, shuffled
    from deskapp.domain.outbreak import FaultLog, episodes

    reports = [r for r in toyota_reports(folder) if r.product.startswith("RAV4")]
    first, last = weekly(reports)
    weeks = range(first + 6, last + 1, 7)
    found = episodes(FaultLog(reports, RULES), weeks)
    fuel = next(e for e in found if (e.product, e.fault) == ("RAV4 2019", "FUEL"))
    assert fuel.first < date(2019, 11, 1), "a year before 20V682000"
    assert fuel.lowest_p < 1e-5
    null = episodes(FaultLog(shuffled(reports, 1), RULES), weeks)
    assert len(null) / product_years(reports) < 0.25


def test_the_ignition_fault_of_the_ion_is_proposed_years_before_its_recall(folder):
    from bench.nhtsa_logs import gm_reports
    from bench.outbreak_eval import RULES
    from deskapp.domain.outbreak import scan

    reports = gm_reports(folder)
    at = datetime(2009, 12, 31, tzinfo=UTC)
    days = [at - timedelta(days=28 * i) for i in range(40)]
    early = [s for day in days for s in scan(reports, day, RULES) if s.fault == "IGNITION/STALL"]
    assert any(s.product == "ION" for s in early), "four years before 14V047"


@pytest.mark.parametrize(("log", "error"), [("boston", 0.12), ("itsm", 0.08)])
def test_the_forecast_is_calibrated_and_beats_the_usual_share(folder, log, error, capsys):
    from bench import forecast_eval as bench
    from bench.nhtsa_logs import rows

    if log == "boston":
        cases = bench.boston(rows(folder / NEEDED[2]))
        moments = [datetime(2015, 2, 5, 17, tzinfo=UTC) + timedelta(days=7 * d) for d in range(3)]
    else:
        cases = bench.itsm(rows(folder / NEEDED[3]))
        moments = [datetime(2016, 3, 9, 12, tzinfo=UTC) + timedelta(days=2 * d) for d in range(3)]
    scores = bench.backtest(log, cases, moments)
    assert scores["forecast"].error < error
    assert scores["forecast"].skill(scores["usual share"]) > 0.15
    assert "Brier" in capsys.readouterr().out
