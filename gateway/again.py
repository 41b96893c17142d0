"""Repeating a transaction that the database ended because of a deadlock.

Nothing of it was written, so the caller need not hear of it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import wraps
from typing import ParamSpec, TypeVar

from gateway.core.errors import Collided, GatewayError

_ATTEMPTS = 5

Said = ParamSpec("Said")
Done = TypeVar("Done")


def begins_again(
    *after: type[GatewayError],
) -> Callable[[Callable[Said, Awaitable[Done]]], Callable[Said, Awaitable[Done]]]:
    """Repeat a function that is one transaction after ``Collided``, and after these errors.

    Raises what the fifth attempt raises.
    """

    def repeating(work: Callable[Said, Awaitable[Done]]) -> Callable[Said, Awaitable[Done]]:
        @wraps(work)
        async def repeated(*args: Said.args, **kwargs: Said.kwargs) -> Done:
            for _ in range(_ATTEMPTS - 1):
                with suppress(Collided, *after):
                    return await work(*args, **kwargs)
            return await work(*args, **kwargs)

        return repeated

    return repeating
