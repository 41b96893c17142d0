"""Memory of one gateway, and its lists, with very many records: make bench-large.

    python -m bench.large [--many 1000000] [--requests 1000000]

On SQLite: a project of 10,000 deployments and one of a million, in a gateway that is a process of
its own. Prints what a list of 20 of either costs, over sockets with 16 connections, and the
resident memory after each tenth of the requests: writes, single reads and lists in turn, more of
them reads than writes.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
from pathlib import Path

import httpx
from sqlalchemy import text

from bench.databases import database, opened
from bench.gitlab import prepare
from bench.servers import load
from bench.speed import known_number
from gateway.store.engine import open_writer
from tests.serving import Server, serving

FEW, ROUNDS, LISTS = 10_000, 5, 300
COUNT_ON = """UPDATE counters SET last = (SELECT max(number) FROM records WHERE
records.org_id = counters.org_id) WHERE name = 'record' AND EXISTS (SELECT 1 FROM records WHERE
records.org_id = counters.org_id)"""
MEBIBYTE = 1024 * 1024
MIXED = {"gitlab-create": 0.1, "github-create": 0.1, "gitlab-show": 0.6, "gitlab-list": 0.2}
"""What part of the requests is of which kind."""


def resident(server: Server) -> float:
    """MiB of the process."""
    pages = Path(f"/proc/{server.process.pid}/statm").read_text().split()[1]
    return int(pages) * 4096 / MEBIBYTE


def lists(port: int, token: str) -> float:
    """How many times the cost of a page of the few a page of the many is."""
    spent: dict[str, list[float]] = {"gitlab-few": [], "gitlab-many": []}
    for _ in range(ROUNDS):
        for kind, found in spent.items():
            found.append(load(port, kind, count=LISTS, first=1, token=token)["seconds"])
    return statistics.median(spent["gitlab-many"]) / statistics.median(spent["gitlab-few"])


def memory(server: Server, port: int, token: str, requests: int) -> None:
    """Resident memory from tenth to tenth of the requests, printed."""
    load(port, "gitlab-create", count=200, first=1, token=token)
    shown = known_number(server, token)
    step = requests // 10
    print(f"resident at first {resident(server):.0f} MiB", flush=True)
    for tenth in range(1, 11):
        for kind, part in MIXED.items():
            first = shown if kind == "gitlab-show" else 1000 + tenth * step
            load(port, kind, count=round(step * part), first=first, token=token)
        print(f"after {tenth * step} requests {resident(server):.0f} MiB (at most 150)", flush=True)


async def fill(url: str, many: int) -> None:
    """The two projects, written beside the gateway."""
    async with opened(url) as (_, client):
        await prepare(client, url, {"acme/few": FEW, "acme/many": many})
    engine = open_writer(url)
    async with engine.begin() as connection:  # numbers go on behind those that were filled in
        await connection.execute(text(COUNT_ON))
    await engine.dispose()


async def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--many", type=int, default=1_000_000)
    parser.add_argument("--requests", type=int, default=1_000_000)
    said = parser.parse_args()
    async with database(None) as url:
        await fill(url, said.many)
        with serving(url, orgs=()) as server:
            token, port = server.token(), httpx.URL(server.url).port or 0
            print(f"a list of 20: {lists(port, token):.2f} times the few's cost (at most 1.3)")
            memory(server, port, token, said.requests)


if __name__ == "__main__":
    asyncio.run(main())
