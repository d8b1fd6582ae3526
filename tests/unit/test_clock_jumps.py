"""A jump of the host's clock: nothing moves until it is taken over, then the time is right and the jump is known."""

from datetime import UTC, datetime, timedelta

import pytest

from deskapp.clock import AnchoredClock, FrozenClock
from deskapp.services.desk import Desk
from deskapp.store.engine import open_engine


@pytest.mark.parametrize(("jump", "told"), [(300.0, 300), (-300.0, -300), (28_800.0, 28_800), (1.0, 0)])
def test_a_jump_is_taken_over_and_told(sqlite_url: str, jump: float, told: int) -> None:
    wall = datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp()
    clock = AnchoredClock(wall=lambda: wall, monotonic=lambda: 5.0)
    engine = open_engine(sqlite_url)
    desk, before = Desk(engine, clock), clock.now()
    wall += jump
    assert clock.now() == before, "a jump moves nothing by itself"
    assert desk.settle_clock() == timedelta(seconds=told)
    assert clock.now() == before + timedelta(seconds=jump)
    assert desk.settle_clock() == timedelta(0)
    assert Desk(engine, FrozenClock(before)).settle_clock() == timedelta(0)
    engine.dispose()
