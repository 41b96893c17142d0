"""What GitHub's bulk endpoints cost: make bench-github.

1,000 deployments in one cluster set against the same rows written with one multi-row statement per
table, in one transaction; 5,000 in one job; and the memory of the process from set to set. On
SQLite, and on PostgreSQL where the test extra's server or DEPLOYMENT_GATEWAY_TEST_DATABASE_URL is
to be had. Medians of one run; loopback and local files alone.
"""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.app import application, build, working
from gateway.settings import load
from gateway.store import migrate
from gateway.store.engine import open_writer
from gateway.store.tables import metadata

TOKEN = "an-administrator-of-the-benchmark"
ROUNDS = 7
SET, JOB = 1000, 5000
RECORD = "/orgs/acme/artifacts/metadata/deployment-record/cluster"
TABLES = (
    "projects",
    "project_environments",
    "slots",
    "artifacts",
    "artifact_digests",
    "records",
    "events",
)
"""What a set writes rows of, parents first."""


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
        while (await client.get(f"{path}/{number}")).json()["status"] != "completed":
            await asyncio.sleep(0.02)

    return await timed(work)


async def written(url: str) -> dict[str, list[dict[str, Any]]]:
    """The rows that the last set has left, as they were inserted."""
    engine = open_writer(url)
    async with engine.connect() as connection:
        rows = {name: await _rows(connection, name) for name in TABLES}
    await engine.dispose()
    for row in rows["slots"]:
        row |= {"current_record_id": None}
    return rows


async def _rows(connection: AsyncConnection, name: str) -> list[dict[str, Any]]:
    table = metadata.tables[name]
    newest = select(table).order_by(*table.primary_key.columns)
    if "created_at" in table.c:
        newest = select(table).order_by(table.c.created_at.desc())
    found = (await connection.execute(newest.limit(SET))).mappings()
    return [dict(row) for row in found]


async def baseline(url: str, rows: dict[str, list[dict[str, Any]]], source: str) -> list[float]:
    """Seconds of inserting as many rows of ``records``, ``events``… with a statement per table."""
    engine = open_writer(url)
    names = ("slots", "artifacts", "artifact_digests", "records", "events")

    async def write() -> None:
        async with engine.begin() as connection:
            for name in names:
                await connection.execute(insert(metadata.tables[name]), rows[name])

    async def clear() -> None:
        async with engine.begin() as connection:
            for name in reversed(names):
                await connection.execute(metadata.tables[name].delete())

    await copy_all(source, url)
    await clear()
    seconds = []
    for _ in range(ROUNDS):
        seconds.append(await timed(write))
        await clear()
    await engine.dispose()
    return seconds


async def copy_all(source: str, target: str) -> None:
    """Whatever the rows refer to."""
    reader, writer = open_writer(source), open_writer(target)
    async with reader.connect() as connection, writer.begin() as other:
        for table in metadata.sorted_tables:
            if table.name in {"counters", "jobs", "secrets"}:
                continue
            rows = [dict(row) for row in (await connection.execute(select(table))).mappings()]
            for start in range(0, len(rows), SET):
                await other.execute(insert(table), rows[start : start + SET])
    await reader.dispose()
    await writer.dispose()


async def measure(name: str, url: str, empty_url: str) -> None:
    """One database's figures, printed."""
    async with opened(url) as client:
        seconds, memory = await sets(client)
        rows = await written(url)
        repeated = await again(client)
        whole = await job(client)
    plain = await baseline(empty_url, rows, url)
    one, other = statistics.median(seconds), statistics.median(plain)
    print(f"{name}: a set of {SET} new deployments {one * 1000:.0f} ms, the same rows in one")
    print(f"  statement per table {other * 1000:.0f} ms: {one / other:.2f} times (at most 3)")
    print(f"  the same set again {repeated * 1000:.0f} ms; a job of {JOB} {whole:.2f} s")
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
    sys.path.insert(0, os.getcwd())
    from tests.databases import _ask, _database, _own_server

    with _own_server() as server:
        urls = []
        for name in ("bench_one", "bench_two"):
            await _ask(server, f"CREATE DATABASE {name}")
            urls.append(_database(server, name))
            await migrate(urls[-1])
        yield urls[0], urls[1]


if __name__ == "__main__":
    asyncio.run(main())
