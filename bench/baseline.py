"""The rows that the gateway wrote, written again by the database's driver alone."""

from __future__ import annotations

import re
import sqlite3
import statistics
import time
from collections.abc import Iterator
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # it ships no types
from sqlalchemy import Dialect, Select, Table, and_, bindparam, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from gateway.store.engine import open_writer
from gateway.store.prepared import Prepared
from gateway.store.tables import metadata

_CHUNK = 1000
_MOST_BOUND = 32_000  # values of one statement, on either database
_FOLLOWED = (
    ("slots", "id", "slot_id"),
    ("artifacts", "id", "artifact_id"),
    ("artifact_digests", "artifact_id", "artifact_id"),
    ("events", "record_id", "id"),
)
"""What a set writes beside records: table, its column, and what of a record it equals."""
_WRITTEN = ("slots", "artifacts", "artifact_digests", "records", "events")


async def written(url: str, count: int) -> dict[str, list[dict[str, Any]]]:
    """By table the rows of the newest ``count`` records, and of what was written with them."""
    engine = open_writer(url)
    async with engine.connect() as connection:
        records = metadata.tables["records"]
        newest = select(records).order_by(records.c.number.desc()).limit(count)
        rows = {"records": await _rows(connection, newest)}
        for name, key, own in _FOLLOWED:
            table = metadata.tables[name]
            ids = [row[own] for row in rows["records"]]
            rows[name] = await _rows(connection, select(table).where(table.c[key].in_(ids)))
    await engine.dispose()
    return rows


async def _rows(connection: AsyncConnection, statement: Select[Any]) -> list[dict[str, Any]]:
    return [dict(row) for row in (await connection.execute(statement)).mappings()]


async def baseline(
    url: str, rows: dict[str, list[dict[str, Any]]], source: str, *, rounds: int
) -> float:
    """Seconds of inserting the same rows of ``records``, ``events``… in one transaction.

    They go into a copy of what the gateway had, the other sets included, without these rows. The
    driver itself executes a multi-row statement per table, whose text and values were made before:
    as many rows at once as may be bound.
    """
    await copy_all(source, url)
    engine = open_writer(url)
    tables = [metadata.tables[name] for name in _WRITTEN]
    async with engine.begin() as connection:
        # Events are only ever added to, but here.
        on = "" if "sqlite" in url else " ON events"
        await connection.exec_driver_sql(f"DROP TRIGGER events_refuse_delete{on}")
    await take_away(engine, rows)
    said = [
        (text, values)
        for table in tables
        for text, values in multi_row(table, rows[table.name], engine.dialect)
    ]
    spent = []
    for _ in range(rounds):
        spent.append(await (written_on_sqlite if "sqlite" in url else written_on_server)(url, said))
        await take_away(engine, rows)
    await engine.dispose()
    return statistics.median(spent)


async def take_away(engine: AsyncEngine, rows: dict[str, list[dict[str, Any]]]) -> None:
    """Remove these rows, as if the set had never been said."""
    async with engine.begin() as connection:
        for name in reversed(_WRITTEN):
            table = metadata.tables[name]
            key = [column for column in table.primary_key if column.name != "org_id"]
            one = and_(*(column == bindparam(f"the_{column.name}") for column in key))
            gone = [
                {f"the_{column.name}": row[column.name] for column in key} for row in rows[name]
            ]
            await connection.execute(delete(table).where(one), gone)


def multi_row(
    table: Table, rows: list[dict[str, Any]], dialect: Dialect
) -> Iterator[tuple[str, list[Any]]]:
    """``INSERT … VALUES (…), (…)`` in the database's words, with its values, in few parts."""
    one = Prepared(insert(table), dialect, rows[0])
    head, _, values = one.text.partition(" VALUES ")
    step = _MOST_BOUND // len(table.c)
    for start in range(0, len(rows), step):
        some = [one.fill(row) for row in rows[start : start + step]]
        width = len(some[0])
        lines = (_numbered(values, width * n) for n in range(len(some)))
        yield f"{head} VALUES {', '.join(lines)}", [value for row in some for value in row]


def _numbered(values: str, before: int) -> str:
    """PostgreSQL's parameters are counted through; SQLite's are not."""
    return re.sub(r"\$(\d+)", lambda found: f"${int(found[1]) + before}", values)


async def written_on_sqlite(url: str, said: list[tuple[str, list[Any]]]) -> float:
    """Seconds, durably, with sqlite3."""
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    own = ("cache_size=-8192", "wal_autocheckpoint=4000")  # as the gateway's writer
    for setting in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", *own):
        connection.execute(f"PRAGMA {setting}")
    began = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    for statement, values in said:
        connection.execute(statement, values)
    connection.execute("COMMIT")
    spent = time.perf_counter() - began
    connection.close()
    return spent


async def written_on_server(url: str, said: list[tuple[str, list[Any]]]) -> float:
    """Seconds, durably, with asyncpg; the statements are prepared before."""
    connection = await asyncpg.connect(url)
    prepared = [(await connection.prepare(statement), values) for statement, values in said]
    began = time.perf_counter()
    async with connection.transaction():
        for statement, values in prepared:
            await statement.fetch(*values)
    spent = time.perf_counter() - began
    await connection.close()
    return spent


async def copy_all(source: str, target: str) -> None:
    """Whatever the rows refer to."""
    reader, writer = open_writer(source), open_writer(target)
    async with reader.connect() as connection, writer.begin() as other:
        for table in metadata.sorted_tables:
            if table.name in {"counters", "jobs", "secrets"}:
                continue
            rows = await _rows(connection, select(table))
            for start in range(0, len(rows), _CHUNK):
                await other.execute(insert(table), rows[start : start + _CHUNK])
    await reader.dispose()
    await writer.dispose()
