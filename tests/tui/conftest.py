"""The small desk of the services, in SQLite: the services are proven on both databases, the screens need one."""

import pytest

from tests.services.conftest import floor

__all__ = ["floor"]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """A fresh SQLite desk."""
    return sqlite_url


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys wait for their screen however slow the machine is: what a test shows may not hang on its pace."""
    monkeypatch.setattr("deskapp.key_gate.LONGEST", 60.0)
    monkeypatch.setattr("deskapp.key_gate.SETTLING", 60.0)
