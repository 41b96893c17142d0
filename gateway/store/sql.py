"""The store: one implementation for both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.exc import SQLAlchemyError

from gateway.ports import Batch, Reading, Transaction
from gateway.store.bulk_writes import SqlBatch
from gateway.store.engine import open_engines
from gateway.store.faults import worded
from gateway.store.keys import KeyQueries, KeyWrites
from gateway.store.migrate import head, revisions
from gateway.store.transaction import SqlReading, SqlTransaction

_READY_SECONDS = 1.0


class SqlStore:
    """``gateway.ports.Store`` over SQLite or PostgreSQL."""

    def __init__(self, database_url: str) -> None:
        """Connects to nothing yet. Raises ``ValueError`` for another database."""
        self._engines = open_engines(database_url)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Reading]:
        """A consistent view; nothing is written. Raises ``Unavailable``."""
        with worded():
            async with self._engines.readers.connect() as connection:
                yield SqlReading(connection)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Transaction]:
        """Committed when the block ends, rolled back when it raises. Raises ``Unavailable``."""
        with worded():
            async with self._engines.writers.begin() as connection:
                yield SqlTransaction(connection)

    @asynccontextmanager
    async def batching(self) -> AsyncIterator[Batch]:
        """As ``writing``, for many writes. Raises ``Unavailable``."""
        with worded():
            async with self._engines.writers.begin() as connection:
                yield SqlBatch(connection)

    async def signing_key(self) -> str:
        """The instance's own key for signing credentials, made on first use and then kept."""
        with worded():
            async with self._engines.readers.connect() as connection:
                known = await KeyQueries(connection).signing_key()
            if known is not None:
                return known
            async with self._engines.writers.begin() as connection:
                return await KeyWrites(connection).make_signing_key()

    async def is_ready(self) -> bool:
        """Whether the database answers, soon, and its schema is at head."""
        try:
            async with asyncio.timeout(_READY_SECONDS):
                async with self._engines.readers.connect() as connection:
                    return await connection.run_sync(revisions) == {head()}
        except (SQLAlchemyError, OSError, TimeoutError):
            return False

    async def close(self) -> None:
        """Give the connections back."""
        await self._engines.dispose()


def open_store(database_url: str) -> SqlStore:
    """A store for a URL as operators write it: ``sqlite:///path`` or ``postgresql://…``.

    Connects to nothing yet. Raises ``ValueError`` for another database.
    """
    return SqlStore(database_url)
