"""What GitHub's bulk endpoints cost: make bench-github.

1,000 deployments in one cluster set against the same rows written by the driver itself with one
prepared multi-row statement per table, in one transaction; 5,000 in one job; and the memory of the
process from set to set. On SQLite, and on PostgreSQL with the test extra's server. Medians of one
run; loopback and local files alone.
"""

from __future__ import annotations

import asyncio
import logging
import re
import resource
import sqlite3
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import httpx
from sqlalchemy import Dialect, Select, Table, and_, bindparam, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bench.servers import durable_server
from gateway.app import application, build, collect_seldom, working
from gateway.settings import load
from gateway.store import migrate
from gateway.store.engine import open_writer
from gateway.store.prepared import Prepared
from gateway.store.tables import metadata
from tests.databases import _ask, _database

TOKEN = "an-administrator-of-the-benchmark"  # noqa: S105 (of this run alone)
ROUNDS = 7
SET, JOB = 1000, 5000
MOST_BOUND = 32_000  # values of one statement, on either database
RECORD = "/orgs/acme/artifacts/metadata/deployment-record/cluster"
FOLLOWED = (
    ("slots", "id", "slot_id"),
    ("artifacts", "id", "artifact_id"),
    ("artifact_digests", "artifact_id", "artifact_id"),
    ("events", "record_id", "id"),
)
"""What a set writes beside records: table, its column, and what of a record it equals."""
WRITTEN = ("slots", "artifacts", "artifact_digests", "records", "events")


def body(count: int, round_: int) -> dict[str, Any]:
    """So many deployments nobody has heard of, of some fifty images."""
    return {
        "logical_environment": f"prod-{round_}",
        "return_records": False,
        "deployments": [
            {
                "name": f"ghcr.io/acme/app-{n % 50}",
                "digest": f"sha256:{round_ * count + n:064x}",
                "version": "v1.2.3",
                "deployment_name": f"namespace/app-{n}/web",
                "tags": {"team": "payments"},
                "runtime_risks": ["internet-exposed"],
            }
            for n in range(count)
        ],
    }


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    """Seconds of wall clock."""
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A gateway in this process, with the org and a client."""
    gateway = build(load({}, database_url=url, admin_token=TOKEN))
    transport = httpx.ASGITransport(app=application(gateway))
    headers = {"authorization": f"Bearer {TOKEN}"}
    client = httpx.AsyncClient(
        transport=transport, base_url="http://bench.test", headers=headers, timeout=120
    )
    collect_seldom()  # as a served process does
    async with client, working(gateway.worker):
        (await client.post("/gateway/v1/orgs", json={"name": "acme"})).raise_for_status()
        yield client
    await gateway.store.close()


async def sets(client: httpx.AsyncClient) -> tuple[list[float], list[int]]:
    """Seconds of each set, and the process's largest memory after it in KiB."""
    seconds, memory = [], []
    for round_ in range(ROUNDS):
        content = body(SET, round_)

        async def post(content: dict[str, Any] = content) -> None:
            answer = await client.post(f"{RECORD}/moda-1", json=content)
            assert answer.status_code == 200, answer.text

        seconds.append(await timed(post))
        memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    return seconds, memory


async def again(client: httpx.AsyncClient) -> float:
    """Seconds of a set that says what is known: what a client does when it starts again."""

    async def post() -> None:
        answer = await client.post(f"{RECORD}/moda-1", json=body(SET, 0))
        assert answer.status_code == 200, answer.text

    return statistics.median([await timed(post) for _ in range(3)])


async def job(client: httpx.AsyncClient) -> float:
    """Seconds from submitting a job to its end."""

    async def work() -> None:
        path = f"{RECORD}/moda-2/jobs"
        answer = await client.post(path, json=body(JOB, 99))
        assert answer.status_code == 202, answer.text
        number = answer.json()["job_id"]
        while (await client.get(f"{path}/{number}")).json()["status"] != "completed":  # noqa: ASYNC110 (as a client)
            await asyncio.sleep(0.02)

    return await timed(work)


async def written(url: str) -> dict[str, list[dict[str, Any]]]:
    """The rows that the last set has left."""
    engine = open_writer(url)
    async with engine.connect() as connection:
        records = metadata.tables["records"]
        newest = select(records).order_by(records.c.number.desc()).limit(SET)
        rows = {"records": await _rows(connection, newest)}
        for name, key, own in FOLLOWED:
            table = metadata.tables[name]
            ids = [row[own] for row in rows["records"]]
            rows[name] = await _rows(connection, select(table).where(table.c[key].in_(ids)))
    await engine.dispose()
    return rows


async def _rows(connection: AsyncConnection, statement: Select[Any]) -> list[dict[str, Any]]:
    return [dict(row) for row in (await connection.execute(statement)).mappings()]


async def baseline(url: str, rows: dict[str, list[dict[str, Any]]], source: str) -> float:
    """Seconds of inserting the same rows of ``records``, ``events``… in one transaction.

    They go into a copy of what the gateway had, the other sets included, without these rows. The
    driver itself executes a multi-row statement per table, whose text and values were made before:
    as many rows at once as may be bound.
    """
    await copy_all(source, url)
    engine = open_writer(url)
    tables = [metadata.tables[name] for name in WRITTEN]
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
    for _ in range(ROUNDS):
        spent.append(await (written_on_sqlite if "sqlite" in url else written_on_server)(url, said))
        await take_away(engine, rows)
    await engine.dispose()
    return statistics.median(spent)


async def take_away(engine: AsyncEngine, rows: dict[str, list[dict[str, Any]]]) -> None:
    """Remove these rows, as if the set had never been said."""
    async with engine.begin() as connection:
        for name in reversed(WRITTEN):
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
    step = MOST_BOUND // len(table.c)
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
            for start in range(0, len(rows), SET):
                await other.execute(insert(table), rows[start : start + SET])
    await reader.dispose()
    await writer.dispose()


async def measure(name: str, url: str, empty_url: str) -> None:
    """One database's figures, printed."""
    async with opened(url) as client:
        seconds, memory = await sets(client)
        rows = await written(url)
        again_ = await again(client)
        whole = await job(client)
    bare = await baseline(empty_url, rows, url)
    one = statistics.median(seconds)
    print(f"{name}: a set of {SET} new deployments over HTTP {one * 1000:.0f} ms; the same rows")
    print(
        f"  with one prepared multi-row statement per table {bare * 1000:.0f} ms: "
        f"{one / bare:.2f} times (at most 3)"
    )
    print(f"  the same set again {again_ * 1000:.0f} ms; a job of {JOB} {whole:.2f} s")
    grown = (memory[-1] - memory[1]) / 1024
    print(f"  memory grew by {grown:.1f} MiB from the second to the last of {ROUNDS} sets")


async def main() -> None:
    """Both databases."""
    logging.disable(logging.INFO)
    with tempfile.TemporaryDirectory() as folder:
        urls = [f"sqlite:///{folder}/{name}.db" for name in ("one", "two")]
        for url in urls:
            await migrate(url)
        await measure("SQLite", *urls)
    async with postgresql() as (url, other):
        await measure("PostgreSQL", url, other)


@asynccontextmanager
async def postgresql() -> AsyncIterator[tuple[str, str]]:
    """Two migrated databases on the test extra's server."""
    with durable_server() as server:
        urls = []
        for name in ("bench_one", "bench_two"):
            await _ask(server, f"CREATE DATABASE {name}")
            urls.append(_database(server, name))
            await migrate(urls[-1])
        yield urls[0], urls[1]


if __name__ == "__main__":
    asyncio.run(main())
