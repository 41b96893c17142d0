"""A connection that is kept, for short questions outside of any transaction."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.store.connection import Pool
from gateway.store.drivers import FAILURES, Driver
from gateway.store.faults import worded
from gateway.store.prepared import Statements
from gateway.store.session import Session, driver_beneath


class Standing:
    """A connection that is taken from its pool once; one question at a time is asked over it.

    It is given back when a question fails. Taking one for each short question would cost more than
    the question.
    """

    def __init__(self, pool: Pool, statements: Statements) -> None:
        self._pool = pool
        self._statements = statements
        self._turn = asyncio.Lock()
        self._held: tuple[AsyncConnection, Driver, Session] | None = None

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        """A session that sees, with each statement, what is committed by then.

        Raises ``Unavailable``.
        """
        async with self._turn:
            try:
                with worded():
                    yield await self._taken()
            except BaseException:
                await self._give_back()
                raise

    def idle(self) -> Session | None:
        """Its session, while nobody asks: a statement under way still sees what was before it."""
        if self._held is None or self._turn.locked():
            return None
        return self._held[2]

    async def close(self) -> None:
        """Give the connection back."""
        async with self._turn:
            await self._give_back()

    async def _taken(self) -> Session:
        if self._held is not None and not self._held[1].is_open():
            await self._give_back()
        if self._held is None:
            self._pool.wanted += 1
            try:
                connection = await self._pool.engine.connect()
                driver = await driver_beneath(connection)
            except BaseException:
                self._pool.wanted -= 1
                raise
            self._held = connection, driver, Session(connection, self._statements, driver)
        return self._held[2]

    async def _give_back(self) -> None:
        """It may be in any state: nobody else is to have it."""
        if self._held is None:
            return
        connection, _, _ = self._held
        self._held = None
        self._pool.wanted -= 1
        with suppress(*FAILURES, SQLAlchemyError, OSError):
            await connection.invalidate()
        await connection.close()
