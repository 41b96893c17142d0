"""One transaction's connection: statements go to the driver itself, prepared."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # it ships no types
from sqlalchemy import Dialect, Executable
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.trace import Phase, Trace
from gateway.store.connection import Pool
from gateway.store.prepared import Statements, Values


class Session:
    """Asks and tells the database, inside a transaction that somebody else ends.

    What its statements take is noted in the request's trace.
    """

    def __init__(
        self,
        connection: AsyncConnection,
        statements: Statements,
        driver: Any,
        trace: Trace | None = None,
    ) -> None:
        self._trace = trace or Trace()
        self._connection = connection
        self._statements = statements
        self._driver = driver
        self._is_sqlite = connection.dialect.name == "sqlite"

    @property
    def dialect(self) -> Dialect:
        """Of the database."""
        return self._connection.dialect

    async def all(self, statement: Executable, values: Values | None = None) -> Sequence[Any]:
        """The rows it answers with."""
        prepared, filled = self._statements.find(statement, values or {})
        if prepared is None:
            with self._asking():
                return (await self._connection.execute(statement, values)).all()
        parameters = prepared.fill(filled)
        with self._asking():
            if self._is_sqlite:
                found = await self._driver.execute_fetchall(prepared.text, parameters)
            else:
                found = await self._driver.fetch(prepared.text, *parameters)
        return prepared.rows(found)

    async def first(self, statement: Executable, values: Values | None = None) -> Any | None:
        """The first of its rows."""
        rows = await self.all(statement, values)
        return rows[0] if rows else None

    async def run(self, statement: Executable, values: Values | Sequence[Values]) -> None:
        """Execute without asking what came of it; several values go in one round trip."""
        rows = (values,) if isinstance(values, Mapping) else values
        prepared, _ = self._statements.find(statement, rows[0])
        if prepared is None:
            with self._asking():
                await self._connection.execute(statement, values)
            return
        filled = [prepared.fill(row) for row in rows]
        with self._asking():
            if len(filled) > 1:
                await self._driver.executemany(prepared.text, filled)
            elif self._is_sqlite:
                await self._driver.execute_fetchall(prepared.text, filled[0])
            else:
                await self._driver.fetch(prepared.text, *filled[0])

    @contextmanager
    def _asking(self) -> Iterator[None]:
        before = self._trace.turn_to(Phase.STORE)
        try:
            with _translated():
                yield
        finally:
            self._trace.turn_to(before)


@asynccontextmanager
async def opened(pool: Pool, statements: Statements, trace: Trace) -> AsyncIterator[Session]:
    """A session whose transaction is committed when the block ends, rolled back when it raises."""
    if pool.begin is None:
        async with pool.engine.begin() as connection:
            raw = await connection.get_raw_connection()
            yield Session(connection, statements, raw.driver_connection, trace)
        return
    async with pool.engine.connect() as connection:
        raw = await connection.get_raw_connection()
        driver: Any = raw.driver_connection
        with _translated():
            await driver.execute(pool.begin)
        try:
            yield Session(connection, statements, driver, trace)
        except BaseException:
            await _roll_back(connection, driver)
            raise
        with _translated():
            done = await driver.execute("COMMIT")
        if done != "COMMIT":  # PostgreSQL's way of saying that something had failed before
            raise DBAPIError("COMMIT", None, RuntimeError("rolled back"))


async def _roll_back(connection: AsyncConnection, driver: Any) -> None:
    """Leave the connection as it was, or leave it to nobody."""
    try:
        await driver.execute("ROLLBACK")
    except (
        asyncpg.PostgresError,
        asyncpg.InterfaceError,
        asyncpg.InternalClientError,
        OSError,
    ):
        await connection.invalidate()


@contextmanager
def _translated() -> Iterator[None]:
    """The driver's errors as SQLAlchemy's own, which everybody else speaks of."""
    try:
        yield
    except asyncpg.IntegrityConstraintViolationError as error:
        raise IntegrityError("", None, error) from error
    except (asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        # The driver has lost the connection, or its way: it is of no more use.
        is_lost = not isinstance(error, asyncpg.DataError | ValueError)
        raise DBAPIError("", None, error, connection_invalidated=is_lost) from error
    except sqlite3.IntegrityError as error:
        raise IntegrityError("", None, error) from error
    except (asyncpg.PostgresError, sqlite3.Error) as error:
        raise DBAPIError("", None, error) from error
