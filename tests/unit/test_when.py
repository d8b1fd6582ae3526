"""Times as people type them on a call."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskapp.domain.errors import Invalid
from deskapp.domain.when import parse_when

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)  # Friday 14:30 in Shanghai


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2h", "2026-11-20 16:30"),
        ("30 min", "2026-11-20 15:00"),
        ("-2h", "2026-11-20 12:30"),
        ("3天", "2026-11-23 14:30"),
        ("16:00", "2026-11-20 16:00"),
        ("9", "2026-11-21 09:00"),
        ("9:15 pm", "2026-11-20 21:15"),
        ("tomorrow", "2026-11-21 09:00"),
        ("tomorrow 14", "2026-11-21 14:00"),
        ("明天 9:30", "2026-11-21 09:30"),
        ("后天9点", "2026-11-22 09:00"),
        ("fri 10", "2026-11-27 10:00"),
        ("Monday 8:00", "2026-11-23 08:00"),
        ("周一 10:00", "2026-11-23 10:00"),
        ("12-01 09:30", "2026-12-01 09:30"),
        ("2027-01-02", "2027-01-02 09:00"),
        ("1-5", "2027-01-05 09:00"),
        ("2026-12-01T08:00", "2026-12-01 08:00"),
        ("12月1日 8点", "2026-12-01 08:00"),
    ],
)
def test_what_is_typed_is_understood(typed: str, meant: str) -> None:
    assert f"{parse_when(typed, NOW, SHANGHAI).astimezone(SHANGHAI):%Y-%m-%d %H:%M}" == meant


@given(st.text(max_size=30))
def test_anything_else_is_refused_with_examples_and_never_crashes(typed: str) -> None:
    try:
        meant = parse_when(typed, NOW, SHANGHAI)
    except Invalid as error:
        meant, hint = None, error.hint
    assert "14:00" in hint if meant is None else meant.tzinfo is not None
