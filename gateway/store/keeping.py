"""Answers that are given again for as long as nobody has committed anything.

A connection that writes nothing can tell at next to no cost whether the others have, in this
process or in another. An answer is as new as if it had been asked for alone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

from gateway.store.session import Session
from gateway.store.standing import Standing

Key = TypeVar("Key", bound=Hashable)
Found = TypeVar("Found")

_MOST = 512


class Kept(Generic[Key, Found]):
    """Answers by key; ``ask`` finds what is known of keys, ``is_small`` says what may be kept."""

    def __init__(
        self,
        standing: Standing,
        ask: Callable[[Session, Sequence[Key]], Awaitable[Mapping[Key, Found]]],
        is_small: Callable[[Found], bool] = lambda _: True,
    ) -> None:
        self._standing = standing
        self._ask = ask
        self._is_small = is_small
        self._answers: dict[Key, Found] = {}
        self._as_of: tuple[Session, object] | None = None

    async def find(self, key: Key) -> Found | None:
        """What is known of it now. Raises what ``ask`` raises."""
        if key in self._answers:
            idle = self._standing.idle()
            if idle is not None and self._as_of == (idle, idle.version()):
                return self._answers[key]
        async with self._standing.session() as session:
            # Looked at before it is asked: what is committed between the two is another version.
            as_of = session, session.version()
            if as_of != self._as_of:
                self._as_of, self._answers = as_of, {}
            found = self._answers.get(key)
            if found is None:
                found = (await self._ask(session, [key])).get(key)
                self._keep(key, found)
        return found

    def _keep(self, key: Key, found: Found | None) -> None:
        """What is not there is not kept: whoever makes keys up would put out the others."""
        if found is None or not self._is_small(found):
            return
        if len(self._answers) >= _MOST:
            del self._answers[next(iter(self._answers))]
        self._answers[key] = found
