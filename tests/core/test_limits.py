"""Counting requests while the machine's clock is put forward and back."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from uuid import UUID

import pytest

from gateway.core.context import Caller, Permission
from gateway.core.errors import Limited
from gateway.core.model import User
from gateway.dialect.limits import RateLimiter

_HOUR = 3600.0


class Machine:
    """A clock that is put forward and back."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def time(self) -> float:
        """Seconds since 1970."""
        return 1_800_000_000.0 + self.ahead


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine()
    monkeypatch.setattr(time, "time", made.time)
    return made


def test_a_clock_that_is_put_back_keeps_nobody_out_for_longer_than_a_minute(
    machine: Machine,
) -> None:
    limiter, caller = RateLimiter(30), _caller()
    machine.ahead = _HOUR
    for _ in range(20):
        limiter.count(caller)
    with pytest.raises(Limited):
        limiter.count(caller)
    machine.ahead = 0.0
    counted = limiter.count(caller)
    assert counted is not None
    assert (counted.observed, counted.reset) == (1, 1_800_000_060)


def test_a_window_of_the_present_is_not_ended(machine: Machine) -> None:
    limiter, caller = RateLimiter(30), _caller()
    for ahead in (0.0, 10.0, 59.0):
        machine.ahead = ahead
        counted = limiter.count(caller)
    assert counted is not None
    assert (counted.observed, counted.reset) == (3, 1_800_000_060)


def _caller() -> Caller:
    user = User(UUID(int=1), 1, "ada", "Ada", None, datetime(2026, 3, 1, tzinfo=UTC))
    return Caller(user, Permission.WRITE, token_id=UUID(int=2))
