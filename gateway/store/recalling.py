"""A cache of answers from a PostgreSQL server, valid until somebody commits there.

The server tells its snapshot: which transactions have ended. While that is the same, so is every
answer. To ask for it is a round trip, but a much cheaper one than most questions, and one for all
who ask at the same time.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

from sqlalchemy import Text, case, cast, func, literal, null

from gateway.store.keeping import Answers
from gateway.store.sharing import Shared

Key = TypeVar("Key", bound=Hashable)
Found = TypeVar("Found")

Seen = Mapping[Key, tuple[Found, object]]
"""What is known of keys, and as of when; that is ``None`` where it cannot be told."""

AS_OF = case(
    (func.pg_is_in_recovery(), null()),  # a standby does not tell all that it sees
    else_=cast(func.pg_current_snapshot(), Text)
    + literal(" ", Text)
    + cast(func.pg_postmaster_start_time(), Text),
).label("as_of")
"""What a statement sees: the same for no two states of a server, nor of two servers."""

_PATIENCE = 16
"""After a commit another one is likely: for so many questions the cache is left aside."""


class Recalled(Generic[Key, Found]):
    """Answers by key; ``now`` is what a statement would see, ``is_small`` what may be kept."""

    def __init__(
        self,
        now: Callable[[], Awaitable[object]],
        ask: Callable[[Sequence[Key]], Awaitable[Seen[Key, Found]]],
        is_small: Callable[[Found], bool],
    ) -> None:
        self._now = now
        self._ask = ask
        self._shared = Shared(self._asked)
        self._answers = Answers[Key, Found](is_small)
        self._patience = 0

    async def find(self, key: Key) -> Found | None:
        """What is known of it now. Raises what ``now`` and ``ask`` raise."""
        if key in self._answers:
            if self._patience:
                self._patience -= 1
            else:
                kept = self._answers.get(key, await self._now())
                if kept is not None:
                    return kept
                self._patience = _PATIENCE
        return await self._shared.find(key)

    async def _asked(self, keys: Sequence[Key]) -> Mapping[Key, Found]:
        seen = await self._ask(keys)
        for key, (found, as_of) in seen.items():
            if as_of is not None:
                self._answers.keep(key, found, as_of)
        return {key: found for key, (found, _) in seen.items()}
