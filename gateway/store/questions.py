"""A question that nearly every request asks: one statement, for as many keys as are asked for."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from sqlalchemy import Row, Select

from gateway.store.prepared import Values
from gateway.store.recalling import AS_OF, Seen
from gateway.store.session import Session

Key = TypeVar("Key", bound=Hashable)
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Question(Generic[Key, Found]):
    """``values`` are those of each execution, ``answer`` is what a row says of which key.

    ``is_small`` says which answers may be kept.
    """

    statement: Select[Any]
    values: Callable[[Sequence[Key]], Iterable[Values]]
    answer: Callable[[Row[Any]], tuple[Key, Found]]
    is_small: Callable[[Found], bool] = lambda _: True

    def as_of(self) -> Question[Key, Found]:
        """The same, whose rows tell what the statement sees. A server's alone."""
        return replace(self, statement=self.statement.add_columns(AS_OF))

    async def ask(self, session: Session, keys: Sequence[Key]) -> Mapping[Key, Found]:
        """What is known of these keys."""
        return dict([self.answer(row) for row in await self._rows(session, keys)])

    async def ask_as_of(self, session: Session, keys: Sequence[Key]) -> Seen[Key, Found]:
        """What is known of these keys, and what the statement saw, of a question ``as_of``."""
        answers = [(*self.answer(row), row.as_of) for row in await self._rows(session, keys)]
        return {key: (found, as_of) for key, found, as_of in answers}

    async def _rows(self, session: Session, keys: Sequence[Key]) -> Sequence[Row[Any]]:
        found: list[Row[Any]] = []
        for values in self.values(keys):
            found += await session.all(self.statement, values)
        return found
