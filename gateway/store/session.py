"""One transaction's connection: statements go to the driver itself, prepared."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Dialect, Executable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.core.trace import Phase, Trace
from gateway.store.connection import Pool
from gateway.store.drivers import (
    FAILURES,
    READ_ONLY,
    Driver,
    Parameters,
    as_sqlalchemy,
    driver_of,
)
from gateway.store.outages import cause_of
from gateway.store.prepared import Statements, Values


class Session:
    """Asks and tells the database, inside a transaction that somebody else ends.

    What its statements take is noted in the request's trace.
    """

    def __init__(
        self,
        connection: AsyncConnection,
        statements: Statements,
        driver: Driver,
        trace: Trace | None = None,
    ) -> None:
        self._trace = trace or Trace()
        self._connection = connection
        self._statements = statements
        self._driver = driver

    @property
    def dialect(self) -> Dialect:
        """Of the database."""
        return self._connection.dialect

    async def all(self, statement: Executable, values: Values | None = None) -> Sequence[Any]:
        """The rows it answers with."""
        prepared, filled = self._statements.find(statement, values or {})
        parameters = prepared.fill(filled) if prepared is not None else ()
        before = self._trace.turn_to(Phase.STORE)
        try:
            if prepared is None:
                return (await self._connection.execute(statement, values)).all()
            found = await self._driver.ask(prepared.text, parameters)
        except FAILURES as error:
            raise as_sqlalchemy(error) from error
        finally:
            self._trace.turn_to(before)
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
            await self._execute(statement, values)
        else:
            await self._tell(prepared.text, [prepared.fill(row) for row in rows])

    async def run_together(self, statement: Executable, rows: Sequence[Values]) -> None:
        """Insert or update many rows, as one statement where the database has one for it.

        Their values have the same names. What an UPDATE names is named once, and is locked already:
        it is taken in any order.
        """
        many = self._statements.find_of_many(statement, rows[0]) if len(rows) > 1 else None
        if many is None:
            await self.run(statement, rows)
        else:
            await self._tell(many.text, many.fill(rows))

    async def _execute(self, statement: Executable, values: Values | Sequence[Values]) -> None:
        before = self._trace.turn_to(Phase.STORE)
        try:
            await self._connection.execute(statement, values)
        except FAILURES as error:
            raise as_sqlalchemy(error) from error
        finally:
            self._trace.turn_to(before)

    async def _tell(self, text: str, rows: Sequence[Parameters]) -> None:
        before = self._trace.turn_to(Phase.STORE)
        try:
            await self._driver.tell(text, rows)
        except FAILURES as error:
            raise as_sqlalchemy(error) from error
        finally:
            self._trace.turn_to(before)

    def version(self) -> object:
        """What is equal only as long as no other connection has committed anything."""
        try:
            return self._driver.version()
        except FAILURES:
            return object()  # equal to nothing: whoever asks now is told why


@asynccontextmanager
async def opened(pool: Pool, statements: Statements, trace: Trace) -> AsyncIterator[Session]:
    """A session whose transaction is committed when the block ends, rolled back when it raises."""
    async with pool.engine.connect() as connection:
        driver = await driver_beneath(connection)
        try:
            await driver.begin(pool.begin)
            yield Session(connection, statements, driver, trace)
            is_durable = await driver.make_durable()
        except BaseException as error:
            await _roll_back(connection, driver)
            if isinstance(cause_of(error), READ_ONLY):
                await connection.invalidate()  # the next one may find a server that writes
            if isinstance(error, FAILURES):
                raise as_sqlalchemy(error) from error
            raise
        if not is_durable:
            raise DBAPIError("COMMIT", None, RuntimeError("rolled back"))


async def driver_beneath(connection: AsyncConnection) -> Driver:
    """What one of SQLAlchemy's connections speaks through."""
    return driver_of((await connection.get_raw_connection()).driver_connection)


async def _roll_back(connection: AsyncConnection, driver: Driver) -> None:
    """Leave the connection as it was, or leave it to nobody."""
    if connection.invalidated:  # closed already, amid a statement that was canceled
        return
    try:
        await driver.take_back()
    except (*FAILURES, OSError):
        await connection.invalidate()
