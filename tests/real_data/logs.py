"""Where the real logs are: DESKAPP_REAL_DATA names the folder; without it these tests are left out."""

import os
from pathlib import Path

import pytest

LOGS = {
    "boston311": "boston311_opened_2015-01_02.csv.gz",
    "servicenow": "itsm_opened_to_2016-03-15.csv.gz",
    "nhtsa_gm": "gm_complaints_id_below_10400000.csv.gz",
    "nhtsa_toyota": "toyota_complaints.csv.gz",
}


def open_log(name: str) -> Path:
    """The path of a log; the test is skipped where the folder was not given, and fails where a file is missing."""
    folder = os.environ.get("DESKAPP_REAL_DATA", "")
    if not folder:
        pytest.skip("DESKAPP_REAL_DATA names no folder")
    path = Path(folder) / LOGS[name]
    assert path.is_file(), f"{path} is missing"
    return path
