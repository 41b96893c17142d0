"""What GitHub's bulk endpoints cost: make bench-github.

1,000 deployments in one cluster set against the same rows written by the driver itself with one
prepared multi-row statement per table, in one transaction; 5,000 in one job; and the memory of the
process from set to set. On SQLite, and on PostgreSQL with the test extra's server. Medians of one
run; loopback and local files alone.
"""

from __future__ import annotations

import asyncio
import logging
import resource
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx

from bench.baseline import baseline, written
from bench.databases import opened
from bench.servers import durable_server
from gateway.app import collect_seldom, working
from gateway.store import migrate
from tests.databases import database_on, execute

ROUNDS = 7
SET, JOB = 1000, 5000
RECORD = "/orgs/acme/artifacts/metadata/deployment-record/cluster"


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
async def asked(url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a gateway with the org, whose jobs are worked off."""
    async with opened(url) as (gateway, client):
        collect_seldom()  # as a served process does
        async with working(gateway.worker):
            (await client.post("/gateway/v1/orgs", json={"name": "acme"})).raise_for_status()
            yield client


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


async def measure(name: str, url: str, empty_url: str) -> None:
    """One database's figures, printed."""
    async with asked(url) as client:
        seconds, memory = await sets(client)
        rows = await written(url, SET)
        again_ = await again(client)
        whole = await job(client)
    bare = await baseline(empty_url, rows, url, rounds=ROUNDS)
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
            await execute(server, f"CREATE DATABASE {name}")
            urls.append(database_on(server, name))
            await migrate(urls[-1])
        yield urls[0], urls[1]


if __name__ == "__main__":
    asyncio.run(main())
