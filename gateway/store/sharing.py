"""Questions asked at the same time, answered by one statement.

Who asks while a statement is under way is answered by the next one, never by one that began
before: an answer is as new as if it had been asked for alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Found = TypeVar("Found")

_MOST = 128


class Shared(Generic[Key, Found]):
    """Answers by key; ``ask`` finds what is known of many keys at once."""

    def __init__(self, ask: Callable[[Sequence[Key]], Awaitable[Mapping[Key, Found]]]) -> None:
        self._ask = ask
        self._waiting: dict[Key, asyncio.Future[Found | None]] = {}
        self._task: asyncio.Task[None] | None = None

    async def find(self, key: Key) -> Found | None:
        """What is known of it now. Raises what ``ask`` raises."""
        waiting = self._waiting.get(key)
        if waiting is None:
            waiting = self._waiting[key] = asyncio.get_running_loop().create_future()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._answer())
        return await asyncio.shield(waiting)

    async def _answer(self) -> None:
        while self._waiting:
            keys = list(self._waiting)[:_MOST]
            asked = {key: self._waiting.pop(key) for key in keys}
            try:
                found = await self._ask(keys)
            except Exception as error:
                for future in asked.values():
                    future.set_exception(error)
                    future.exception()  # whoever asked may be gone
            else:
                for key, future in asked.items():
                    future.set_result(found.get(key))
