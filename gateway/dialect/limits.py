"""How many requests a token may make: ``RATE_LIMIT`` a minute, and not too many at once.

The counts are this process's own and are gone with it: with several worker processes each lets as
many through. The instance administrator, and a request without a credential, are not counted.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from limits import RateLimitItem, RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from gateway.core.context import Caller
from gateway.core.errors import Limited

_AT_ONCE = 4
"""A second may take this part of a minute's requests."""

_LEAST_AT_ONCE = 20
"""So many may always come in one second: a client of GitHub's starts with as many."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a token may still do in the minute that ends at ``reset`` (Unix seconds).

    ``observed`` requests were counted, of ``limit``.
    """

    limit: int
    remaining: int
    reset: int
    observed: int


class RateLimiter:
    """Counts requests per token. ``per_minute`` is at least 1."""

    def __init__(self, per_minute: int) -> None:
        self._minute: RateLimitItem = RateLimitItemPerMinute(per_minute)
        self._second: RateLimitItem = RateLimitItemPerSecond(
            max(_LEAST_AT_ONCE, math.ceil(per_minute / _AT_ONCE))
        )
        self._windows = FixedWindowRateLimiter(MemoryStorage())

    def count(self, caller: Caller) -> Allowance | None:
        """Count one request; what is left after it. ``None`` for a caller who is not counted.

        Raises ``Limited`` when the minute's or the second's requests are used up.
        """
        key = _key(caller)
        if key is None:
            return None
        self._end_impossible(key)
        if not self._windows.test(self._minute, key):
            allowance = self._allowance(key)
            raise Limited(max(1, math.ceil(allowance.reset - time.time())))
        if not self._windows.hit(self._second, key):
            raise Limited(retry_after_seconds=1, is_burst=True)
        self._windows.hit(self._minute, key)
        return self._allowance(key)

    def forget(self, caller: Caller, counted: Allowance) -> None:
        """Count a request of the minute no longer; nothing where that minute is over."""
        key = _key(caller)
        if key is not None and self._allowance(key).reset == counted.reset:
            minute = self._minute
            self._windows.storage.incr(minute.key_for(key), minute.get_expiry(), amount=-1)

    def look(self, caller: Caller) -> Allowance | None:
        """What is left, without counting."""
        key = _key(caller)
        return None if key is None else self._allowance(key)

    def _end_impossible(self, key: str) -> None:
        """A window that ends later than one begun now was begun before the clock was put back."""
        for window in (self._minute, self._second):
            left = self._windows.get_window_stats(window, key).reset_time - time.time()
            if left > window.get_expiry():
                self._windows.clear(window, key)

    def _allowance(self, key: str) -> Allowance:
        limit = self._minute.amount
        stats = self._windows.get_window_stats(self._minute, key)
        reset = max(math.ceil(stats.reset_time), math.ceil(time.time()))
        remaining = max(0, stats.remaining)
        return Allowance(limit, remaining, reset, limit - remaining)


def _key(caller: Caller) -> str | None:
    return None if caller.token_id is None else str(caller.token_id)
