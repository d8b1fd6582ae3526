"""The small desk of the services, in SQLite: the services are proven on both databases, the screens need one."""

import pytest

from tests.services.conftest import floor

__all__ = ["floor"]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """A fresh SQLite desk."""
    return sqlite_url
