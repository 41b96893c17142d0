"""Very many rows, made inside the database as copies of one row."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager

from sqlalchemy import Index, Table, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from gateway.store.engine import open_writer
from tests.databases import execute

START = 1_700_000_000
"""The Unix second of the copy before the first; each is a second later."""

MOMENTS = ("created_at", "updated_at", "finished_at", "last_seen_at")
"""The columns of a record that say when."""

_CHUNK = 50_000
_MICROSECONDS = 1_000_000


async def multiply(
    connection: AsyncConnection,
    table: Table,
    one: str,
    said: Mapping[str, str],
    span: tuple[int, int],
    **values: object,
) -> None:
    """Insert copies of a row, numbered ``n`` from the first to the last of ``span``.

    ``one`` is the SELECT that finds the row, bound with ``values``; ``said`` what a copy has in the
    place of the row's own: column → SQL.
    """
    is_sqlite = connection.dialect.name == "sqlite"
    names = [column.name for column in table.c]
    columns = ", ".join(said.get(name, f"one.{name}") for name in names)
    series, numbers = _numbered(is_sqlite)
    # Only names of our own tables and numbers of our own are put together here.
    select = f"SELECT {columns} FROM ({one}) one, {numbers}"  # noqa: S608 (ours)
    statement = text(f"{series}INSERT INTO {table.name} ({', '.join(names)}) {select}")
    first, last = span
    for begin in range(first, last + 1, _CHUNK):
        end = min(begin + _CHUNK - 1, last)
        await connection.execute(statement, {"begin": begin, "end": end, **values})
        await connection.commit()


def new_id(is_sqlite: bool) -> str:
    """SQL for an id that nothing else has."""
    return "lower(hex(randomblob(16)))" if is_sqlite else "gen_random_uuid()"


def moment(is_sqlite: bool) -> str:
    """SQL for the moment of the n-th copy, as the store keeps it."""
    if is_sqlite:
        return f"({START} + n) * {_MICROSECONDS}"
    return f"to_timestamp({START}) + n * interval '1 second'"


@asynccontextmanager
async def unindexed(url: str, indexes: Collection[Index]) -> AsyncIterator[AsyncEngine]:
    """The engine of a database without these indexes, which are there again after the block."""
    engine = open_writer(url, is_patient=True)
    async with engine.begin() as connection:
        for index in indexes:
            await connection.run_sync(index.drop)
    yield engine
    began = time.perf_counter()
    async with engine.begin() as connection:
        for index in indexes:
            await connection.run_sync(index.create)
    await engine.dispose()
    print(f"{len(indexes)} indexes in {time.perf_counter() - began:.0f} s", flush=True)


async def analyse(url: str) -> None:
    """Let the database see what its tables hold now."""
    await execute(url, "VACUUM ANALYZE")


def _numbered(is_sqlite: bool) -> tuple[str, str]:
    """What numbers lines from :begin to :end as ``n``: before the INSERT, and in a FROM."""
    if is_sqlite:
        up = "WITH RECURSIVE n(n) AS (SELECT :begin UNION ALL SELECT n + 1 FROM n WHERE n < :end) "
        return up, "n"
    return "", "generate_series(CAST(:begin AS bigint), :end) n"
