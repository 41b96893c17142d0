"""What all queries share: a connection and a few ways to ask it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Executable, Row, Select, Table, func, literal, select
from sqlalchemy.dialects import postgresql

from gateway.core.search import Scope
from gateway.store.numbers import next_number
from gateway.store.prepared import Values
from gateway.store.session import Session

_CHUNK = 1000
"""How many values one statement lists; both databases bind at most 32,767."""
_BIGGEST = 2**63 - 1
_LONGEST = 2**61

Item = TypeVar("Item")


class Queries:
    """One transaction's connection."""

    def __init__(self, connection: Session) -> None:
        self._connection = connection

    async def _first(self, statement: Executable, values: Values | None = None) -> Row[Any] | None:
        return await self._connection.first(statement, values)

    async def _all(self, statement: Executable, values: Values | None = None) -> Sequence[Row[Any]]:
        return await self._connection.all(statement, values)

    async def _run(self, statement: Executable, values: Values | Sequence[Values]) -> None:
        """Execute without asking what came of it; several values go in one round trip."""
        await self._connection.run(statement, values)

    async def _run_together(self, statement: Executable, rows: Sequence[Values]) -> None:
        """Insert or update many rows at once: each named once, and locked, or new."""
        await self._connection.run_together(statement, rows)

    async def _made(self, statement: Executable, values: Values) -> bool:
        """Whether an ``insert_missing`` that returns something has inserted."""
        return await self._connection.first(statement, values) is not None

    async def _count(self, statement: Executable, values: Values | None = None) -> int:
        """The one number that a statement answers with."""
        row = await self._first(statement, values)
        return 0 if row is None else int(row[0])

    async def _count_up_to(
        self, matching: Select[Any], limit: int, values: Values | None = None
    ) -> int | None:
        """How many rows match; ``None`` where there are more than ``limit``."""
        most = page_number(limit)
        # No column is asked for, so that an index alone can answer.
        found = matching.with_only_columns(literal(1).label("one")).limit(most + 1).subquery()
        total = await self._count(select(func.count()).select_from(found), values)
        return total if total <= most else None

    async def _number(self, org_id: UUID, kind: str) -> int:
        return await next_number(self._connection, org_id, kind)


def insert_missing(table: Table) -> postgresql.Insert:
    """INSERT that leaves what any unique key of the table already holds.

    PostgreSQL's construct, which without a target is spelled the same way for SQLite.
    """
    return postgresql.insert(table).on_conflict_do_nothing()


def visible(statement: Select[Any], scope: Scope, project_id: Any) -> Select[Any]:
    """The statement limited to the projects that the caller may see."""
    if scope.projects is None:
        return statement
    return statement.where(project_id.in_(scope.projects))


def storable(number: int) -> int:
    """The number, or one that nothing has where it is beyond what a column holds."""
    return number if -_BIGGEST <= number <= _BIGGEST else -1


def page_number(number: int) -> int:
    """An offset or a limit that both databases can count with; no table is as long."""
    return max(0, min(number, _LONGEST))


def fold(name: str) -> str:
    """The form in which names compare that are said in any case."""
    return name.casefold()


def chunks(values: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """The values in parts that one statement can list."""
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]
