"""Questions asked at the same time, answered by one statement.

Who asks while a statement is under way is answered by the next one, never by one that began
before: an answer is as new as if it had been asked for alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Found = TypeVar("Found")

_MOST = 128


class Shared(Generic[Key, Found]):
    """Answers by key; ``ask`` finds what is known of many keys at once."""

    def __init__(self, ask: Callable[[Sequence[Key]], Awaitable[Mapping[Key, Found]]]) -> None:
        self._ask = ask
        self._waiting: dict[Key, list[asyncio.Future[Found | None]]] = {}
        self._task: asyncio.Task[None] | None = None

    async def find(self, key: Key) -> Found | None:
        """What is known of it now. Raises what ``ask`` raises."""
        answer: asyncio.Future[Found | None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, []).append(answer)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._answer())
        return await answer

    async def _answer(self) -> None:
        while self._waiting:
            keys = list(self._waiting)[:_MOST]
            asked = {key: self._waiting.pop(key) for key in keys}
            try:
                found = await self._ask(keys)
            except Exception as error:
                for answers in asked.values():
                    for answer in _awaited(answers):
                        answer.set_exception(error)
            else:
                for key, answers in asked.items():
                    for answer in _awaited(answers):
                        answer.set_result(found.get(key))


def _awaited(answers: Iterable[asyncio.Future[Found]]) -> Iterator[asyncio.Future[Found]]:
    """Of these the ones that somebody still waits for."""
    return (answer for answer in answers if not answer.done())
