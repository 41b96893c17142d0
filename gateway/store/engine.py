"""The engines: one for readers, one for writers, on either database."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import asyncpg  # type: ignore[import-untyped]  # it ships no types
from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from gateway.store.drivers import FAILURES, File, FileConnection, Named, driver_of

_QUEUE_SECONDS = 60  # how long a writer may queue for a connection: 200 are no reason to fail one
_CONNECT_SECONDS = 5
_ANSWER_SECONDS = 30
_PROBE_SECONDS = 0.9
# Locks before the first read, so that what was read stays true; waits for another process's writer.
_LOCK_SQLITE = "BEGIN IMMEDIATE"
_SQLITE_SETTINGS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # an acknowledged write survives a power cut
    "foreign_keys=ON",
)
_SQLITE_WRITER = (
    # Of a transaction's pages, in KiB. More than are kept go to the disk before their time, and
    # come back: each record is in two dozen indexes.
    "cache_size=-8192",
    # Pages of the log that are brought into the file at once. Sixteen writes are some 300, mostly
    # the same ones again: the longer the log, the fewer are written twice. It grows to 16 MiB,
    # which whoever opens the file after a kill reads once.
    "wal_autocheckpoint=4000",
)
# Of those who read, one (of a file) or three (of a server) are kept by the questions that nearly
# every request asks.
_SQLITE_READERS = 5
_POSTGRESQL_READERS = 8
_POSTGRESQL_WRITERS = 7


@dataclass(frozen=True, slots=True)
class Engines:
    """``readers`` see one consistent view per transaction; ``writers`` commit durably.

    ``probe`` has one connection, for asking whether the database answers.
    The engines begin no transactions themselves: these words do.
    """

    readers: AsyncEngine
    writers: AsyncEngine
    probe: AsyncEngine
    begin_reading: str
    begin_writing: str

    async def dispose(self) -> None:
        """Close all connections."""
        await self.readers.dispose()
        await self.writers.dispose()
        await self.probe.dispose()


def open_engines(database_url: str) -> Engines:
    """Engines for a URL as operators write it; connects to nothing yet.

    ``sqlite:///path`` or ``postgresql://…`` (``postgres://…``), the driver is added. Raises
    ``ValueError`` for another database.
    """
    if dialect_name(database_url) == "sqlite":
        named = Named(str(_url(database_url).database))
        return Engines(
            _sqlite(database_url, named, connections=_SQLITE_READERS),
            # One writer at a time: ours queue in the pool, first come, first served.
            _sqlite(database_url, named, connections=1, own=_SQLITE_WRITER),
            _sqlite(database_url, named, connections=1),
            begin_reading="BEGIN",
            begin_writing=_LOCK_SQLITE,
        )
    own: dict[str, Any] = {"answer_seconds": _ANSWER_SECONDS, "isolation_level": "AUTOCOMMIT"}
    return Engines(
        _postgresql(database_url, connections=_POSTGRESQL_READERS, **own),
        _postgresql(database_url, connections=_POSTGRESQL_WRITERS, **own),
        _postgresql(database_url, connections=1, answer_seconds=_PROBE_SECONDS),
        begin_reading="BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        # A statement after a lock sees what the lock's former holder has committed.
        begin_writing="BEGIN ISOLATION LEVEL READ COMMITTED",
    )


def open_writer(database_url: str, *, is_patient: bool = False) -> AsyncEngine:
    """The engine for writing. One that ``is_patient`` lets a statement take what time it needs."""
    if dialect_name(database_url) == "sqlite":
        named = Named(str(_url(database_url).database))
        return _sqlite(database_url, named, begin=_LOCK_SQLITE, connections=1)
    return _postgresql(
        database_url,
        connections=_POSTGRESQL_WRITERS,
        answer_seconds=None if is_patient else _ANSWER_SECONDS,
        # A statement after a lock sees what the lock's former holder has committed.
        isolation_level="READ COMMITTED",
    )


def dialect_name(database_url: str) -> str:
    """``sqlite`` or ``postgresql``. Raises ``ValueError`` for another database."""
    scheme = database_url.partition(":")[0].partition("+")[0]
    if scheme == "sqlite":
        return scheme
    if scheme in {"postgres", "postgresql"}:
        return "postgresql"
    raise ValueError(f"not a database this gateway knows: {scheme}://")


def _sqlite(
    database_url: str,
    named: Named,
    *,
    connections: int,
    begin: str | None = None,
    own: Sequence[str] = (),
) -> AsyncEngine:
    """``begin`` is said where SQLAlchemy begins a transaction; sessions say it themselves.

    Whoever says it may make the file: nobody else does, who would find nothing in it.
    """
    url = _url(database_url).set(drivername="sqlite+aiosqlite")
    all_settings = (*_SQLITE_SETTINGS, *own)

    async def connect() -> FileConnection:
        if not (begin or named.is_there()):
            raise FileNotFoundError("the file is not there, or is not the one that was opened")
        places, said = engine.dialect.create_connect_args(url)
        # The driver begins no transactions of its own.
        how: dict[str, Any] = {**said, "isolation_level": None, "check_same_thread": False}
        raw = sqlite3.connect(places[0], timeout=_ANSWER_SECONDS, factory=File, **how)
        return await FileConnection(raw, all_settings, named).opened()

    engine = create_async_engine(
        url,
        async_creator=connect,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=_QUEUE_SECONDS,
        # Whoever begins a transaction ends it.
        pool_reset_on_return="rollback" if begin else None,
        json_serializer=_json,
        hide_parameters=True,
    )
    if begin:

        @event.listens_for(engine.sync_engine, "begin")
        def start(connection: Connection) -> None:
            connection.exec_driver_sql(begin)

    _replace_what_is_closed(engine)
    return engine


def _postgresql(
    database_url: str,
    *,
    connections: int,
    answer_seconds: float | None,
    **options: Any,
) -> AsyncEngine:
    dsn, cached_statements = _dsn(database_url)

    async def connect(*_: Any, **settings: Any) -> Any:
        try:
            connection = await asyncpg.connect(
                dsn,
                timeout=_CONNECT_SECONDS,
                command_timeout=answer_seconds,
                statement_cache_size=cached_statements,
                **settings,
            )
            await _set_up(connection)
        except FAILURES as error:
            # None that writes is there amid a failover, or one does not know what the URL sets.
            raise ConnectionError(str(error)) from error
        return connection

    def create() -> Any:
        return engine.sync_engine.dialect.loaded_dbapi.connect(
            async_creator_fn=connect,
            prepared_statement_cache_size=cached_statements,
            # Behind PgBouncer, a name of one client must not meet the same name of another.
            prepared_statement_name_func=lambda: f"dgw_{uuid4().hex}",
        )

    engine = create_async_engine(
        URL.create("postgresql+asyncpg"),
        creator=create,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=_QUEUE_SECONDS,
        json_serializer=_json,
        hide_parameters=True,
        execution_options=options,
    )
    _replace_what_is_closed(engine)
    return engine


async def _set_up(connection: asyncpg.Connection) -> None:
    try:
        # Joins are written in their best order. To try all orders of a whole record's seven takes
        # PostgreSQL longer than anything else. Poolers refuse it at the start of a connection.
        await connection.execute("SET join_collapse_limit = 1")
    except BaseException:
        connection.terminate()
        raise


def _replace_what_is_closed(engine: AsyncEngine) -> None:
    """Check each connection that is taken: a restart of the server has closed it."""

    @event.listens_for(engine.sync_engine, "checkout")
    def check(connection: Any, _: object, __: object) -> None:
        if not driver_of(connection.driver_connection).is_open():
            raise DisconnectionError


def _dsn(database_url: str) -> tuple[str, int]:
    """What asyncpg is told, which reads libpq's URLs, and how many statements stay prepared.

    ``?prepared_statement_cache_size=0`` is for a pooler that swaps connections between
    transactions and knows nothing of prepared statements.
    """
    url = _url(database_url).set(drivername="postgresql")
    said = url.query.get("prepared_statement_cache_size", "500")
    url = url.difference_update_query(["prepared_statement_cache_size"])
    return url.render_as_string(hide_password=False), int(str(said))


def _url(database_url: str) -> URL:
    try:
        return make_url(database_url)
    except (ArgumentError, ValueError) as error:
        raise ValueError("not a database URL") from error


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
