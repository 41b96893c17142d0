"""A cache of answers from an SQLite file, valid until somebody commits to it.

A connection that writes nothing can tell at next to no cost whether others have committed, in this
process or in another. So an answer is as new as if it had been asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

from gateway.store.session import Session
from gateway.store.standing import Standing

Key = TypeVar("Key", bound=Hashable)
Found = TypeVar("Found")

_MOST = 512


class Answers(Generic[Key, Found]):
    """By key, and all as of one state of the database; ``is_small`` says what may be kept."""

    def __init__(self, is_small: Callable[[Found], bool]) -> None:
        self._is_small = is_small
        self._by_key: dict[Key, Found] = {}
        self._as_of: object = None

    def __contains__(self, key: Key) -> bool:
        return key in self._by_key

    def get(self, key: Key, as_of: object) -> Found | None:
        """What is kept of it, if nothing has changed since."""
        return self._by_key.get(key) if as_of == self._as_of else None

    def keep(self, key: Key, found: Found | None, as_of: object) -> None:
        """Keep an answer, and none of an earlier state of the database.

        What does not exist is not kept: keys that somebody makes up would push out the real ones.
        """
        if as_of != self._as_of:
            self._as_of, self._by_key = as_of, {}
        if found is None or not self._is_small(found):
            return
        if len(self._by_key) >= _MOST:
            del self._by_key[next(iter(self._by_key))]
        self._by_key[key] = found


class Watch:
    """Tells whether anybody has committed to the file that a connection reads.

    It looks once in a turn of the event loop. Whoever else runs in that turn was ready to run
    before the look, and so can know of no later commit.
    """

    def __init__(self, standing: Standing) -> None:
        self.standing = standing
        self._seen: tuple[Session, object] | None = None

    def version(self) -> tuple[Session, object] | None:
        """The same for as long as nobody commits; ``None`` while somebody asks."""
        idle = self.standing.idle()
        if idle is None:
            return None
        if self._seen is None or self._seen[0] is not idle:
            return self.look(idle)
        return self._seen

    def look(self, session: Session) -> tuple[Session, object]:
        """The same, asked of the database even if it was asked in this turn."""
        if self._seen is None:
            asyncio.get_running_loop().call_soon(self._forget)
        self._seen = session, session.version()
        return self._seen

    def _forget(self) -> None:
        self._seen = None


class Kept(Generic[Key, Found]):
    """Answers by key; ``ask`` finds what is known of keys, ``is_small`` says what may be kept."""

    def __init__(
        self,
        watch: Watch,
        ask: Callable[[Session, Sequence[Key]], Awaitable[Mapping[Key, Found]]],
        is_small: Callable[[Found], bool],
    ) -> None:
        self._watch = watch
        self._ask = ask
        self._answers = Answers[Key, Found](is_small)

    async def find(self, key: Key) -> Found | None:
        """What is known of it now. Raises what ``ask`` raises."""
        if key in self._answers and (version := self._watch.version()) is not None:
            kept = self._answers.get(key, version)
            if kept is not None:
                return kept
        async with self._watch.standing.session() as session:
            # Looked at before it is asked: what is committed between the two is another version.
            as_of = self._watch.look(session)
            found = self._answers.get(key, as_of)
            if found is None:
                found = (await self._ask(session, [key])).get(key)
                self._answers.keep(key, found, as_of)
        return found
