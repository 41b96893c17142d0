"""One way to speak to the drivers of both databases, as sessions use them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import aiosqlite
import asyncpg  # type: ignore[import-untyped]  # it ships no types
from sqlalchemy.exc import DBAPIError, IntegrityError

_SHORT_QUESTION, _SHORT_WRITE = 256, 1024
"""A statement with more values than this may take longer than everybody else can wait."""

FAILURES = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    sqlite3.Error,
)
"""What a driver raises."""

READ_ONLY = asyncpg.ReadOnlySQLTransactionError
"""What a server raises that takes no writes: a standby, or a former primary."""

OUTDATED = asyncpg.InvalidCachedStatementError
"""What is raised when a migration has changed what a prepared statement answers with."""

Parameters = Sequence[Any]


class Driver(Protocol):
    """One connection. Raises ``FAILURES``."""

    def is_open(self) -> bool:
        """Whether it can still be asked, as far as this side knows."""

    async def begin(self, text: str) -> None:
        """Begin a transaction, with these words."""

    async def make_durable(self) -> bool:
        """Whether what was written is durable now."""

    async def take_back(self) -> None:
        """Take back what was written."""

    async def ask(self, text: str, parameters: Parameters) -> Sequence[Any]:
        """The rows that a statement answers with."""

    async def tell(self, text: str, rows: Sequence[Parameters]) -> None:
        """Execute a statement with each of these, in one round trip."""

    def version(self) -> object:
        """What is equal only as long as no other connection has committed anything."""


class ServerConnection:
    """PostgreSQL, through asyncpg."""

    def __init__(self, raw: asyncpg.Connection) -> None:
        self._raw = raw

    def is_open(self) -> bool:
        return not self._raw.is_closed()

    async def begin(self, text: str) -> None:
        await self._raw.execute(text)

    async def make_durable(self) -> bool:
        # The server answers ROLLBACK where something had failed before.
        return bool(await self._raw.execute("COMMIT") == "COMMIT")

    async def take_back(self) -> None:
        await self._raw.execute("ROLLBACK")

    async def ask(self, text: str, parameters: Parameters) -> Sequence[Any]:
        found: list[Any] = await self._raw.fetch(text, *parameters)
        return found

    async def tell(self, text: str, rows: Sequence[Parameters]) -> None:
        if len(rows) > 1:
            await self._raw.executemany(text, rows)
        else:
            await self._raw.fetch(text, *rows[0])

    def version(self) -> object:
        return object()  # equal to nothing: to know would be a round trip


class Named:
    """The file at a path, known again from when it was first opened.

    One that is deleted, moved or replaced while connections have it open would go on to take writes
    that nobody finds again, and new connections would meet the write-ahead log of another.
    """

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._opened: tuple[int, int] | None = None

    def is_there(self) -> bool:
        """Whether the file at the path is the one that was opened, or any while none was."""
        found = self._file()
        return found is not None and self._opened in {None, found}

    def is_opened(self) -> None:
        """Remember the file that is there now."""
        self._opened = self._opened or self._file()

    def _file(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino


class File(sqlite3.Connection):
    """SQLite's connection, which gives its locks back when it is closed."""

    def close(self) -> None:
        """Roll back first: a statement that was not read to its end would keep the locks."""
        if self.in_transaction:
            self.rollback()
        super().close()


class FileConnection(aiosqlite.Connection):
    """SQLite, through aiosqlite.

    Short statements run in the event loop's own thread: to hand one to another thread costs more
    than it does. What may take long runs in the connection's thread: it may wait for another
    process's writer, for the disk or for many rows.
    """

    def __init__(self, raw: sqlite3.Connection, settings: Sequence[str], named: Named) -> None:
        """``raw`` may be used by any thread; it is set up by its own."""
        super().__init__(self._set_up, iter_chunk_size=64)
        self._thread.daemon = True  # a process may end without it
        self._raw = raw
        self._settings = settings
        self._named = named

    async def opened(self) -> FileConnection:
        """This, once it is set up."""
        await self
        return self

    def is_open(self) -> bool:
        return self._connection is not None and self._named.is_there()

    async def begin(self, text: str) -> None:
        if text == "BEGIN":  # locks nothing
            self._raw.execute(text)
        else:
            await self.execute_fetchall(text)

    async def make_durable(self) -> bool:
        await self.execute_fetchall("COMMIT")
        return True

    async def take_back(self) -> None:
        await self.execute_fetchall("ROLLBACK")

    async def ask(self, text: str, parameters: Parameters) -> Sequence[Any]:
        if len(parameters) > _SHORT_QUESTION:
            return list(await self.execute_fetchall(text, parameters))
        return self._raw.execute(text, parameters).fetchall()

    async def tell(self, text: str, rows: Sequence[Parameters]) -> None:
        if len(rows) * len(rows[0]) > _SHORT_WRITE:
            await self.executemany(text, rows)
        else:
            self._raw.executemany(text, rows)

    def version(self) -> object:
        if not self._named.is_there():
            return object()  # equal to nothing: whoever asks now is told that it is gone
        return self._raw.execute("PRAGMA data_version").fetchall()[0]

    def _set_up(self) -> sqlite3.Connection:
        try:
            for setting in self._settings:
                self._raw.execute(f"PRAGMA {setting}")
        except sqlite3.Error:
            self._raw.close()
            raise
        self._named.is_opened()
        return self._raw


def driver_of(raw: Any) -> Driver:
    """The driver's connection beneath one of SQLAlchemy's."""
    return raw if isinstance(raw, FileConnection) else ServerConnection(raw)


def as_sqlalchemy(error: Exception) -> DBAPIError:
    """One of ``FAILURES`` as SQLAlchemy's own error, which everybody else speaks of."""
    if isinstance(error, asyncpg.IntegrityConstraintViolationError | sqlite3.IntegrityError):
        return IntegrityError("", None, error)
    if isinstance(error, asyncpg.InterfaceError | asyncpg.InternalClientError):
        # The driver has lost the connection, or its way: it is of no more use.
        is_lost = not isinstance(error, asyncpg.DataError | ValueError)
        return DBAPIError("", None, error, connection_invalidated=is_lost)
    return DBAPIError("", None, error)
