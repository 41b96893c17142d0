"""The gateway beside the floor, on one machine in one run: make bench.

    python -m bench.speed [--database postgresql] [--only gitlab-create] [--count 500] [--rounds 5]

16 connections over loopback, warm; floor and gateway take turns, and the ratio is that of the
medians. Only the ratios mean something: the rest depends on the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import httpx

from bench.servers import durable_server, floor, load
from gateway.store import migrate
from tests.databases import _ask, _database
from tests.serving import Server, serving

WARM_UP = 300


@dataclass(frozen=True, slots=True)
class Row:
    """A kind of request, and the least part of the floor's speed that it is to have."""

    kind: str
    sqlite: float
    postgresql: float


ROWS = (
    Row("github-create", 0.60, 0.40),
    Row("gitlab-create", 0.60, 0.40),
    Row("chainloop-record", 0.60, 0.40),
    Row("gitlab-show", 0.50, 0.50),
)


@dataclass(frozen=True, slots=True)
class Databases:
    """One for the gateway, one for the floor."""

    name: str
    gateway: str
    floor: str

    def settle(self) -> None:
        """Do what PostgreSQL does by itself within minutes: see what the tables hold."""
        if self.name == "postgresql":
            for url in (self.gateway, self.floor):
                asyncio.run(_ask(url, "ANALYZE"))


def measure(
    row: Row, server: Server, token: str, databases: Databases, said: argparse.Namespace
) -> str:
    """One line: requests a second of both, and their ratio."""
    port = httpx.URL(server.url).port
    assert port is not None
    shown = known_number(server, token) if row.kind == "gitlab-show" else 0
    warm = load(port, row.kind, count=WARM_UP, first=shown or 1, token=token)
    speeds: tuple[list[float], list[float]] = ([], [])
    with floor(databases.floor, warm["size"]) as floor_port:
        if shown:
            load(floor_port, "gitlab-create", count=max(WARM_UP, shown), first=1)
        load(floor_port, row.kind, count=WARM_UP, first=shown or 1)
        databases.settle()
        first = WARM_UP + 1
        for _ in range(said.rounds):
            for side, at in enumerate((floor_port, port)):
                found = load(at, row.kind, count=said.count, first=shown or first, token=token)
                speeds[side].append(said.count / found["seconds"])
            first += said.count
    bare, ours = map(statistics.median, speeds)
    return f"{row.kind:18} floor {bare:6.0f}/s  gateway {ours:6.0f}/s  ratio {ours / bare:.2f}"


def known_number(server: Server, token: str) -> int:
    """The number of a deployment of the project that is asked for."""
    load(httpx.URL(server.url).port or 0, "gitlab-create", count=WARM_UP, first=10**9, token=token)
    path = "/api/v4/projects/acme%2Fproject-0/deployments?order_by=id&sort=asc"
    answer = httpx.get(server.url + path, headers={"PRIVATE-TOKEN": token})
    number: int = answer.json()[0]["id"]
    return number


def compare(databases: Databases, said: argparse.Namespace) -> None:
    """Every row on one kind of database, printed."""
    with serving(databases.gateway) as server:
        token = server.token()
        for row in ROWS:
            if said.only and row.kind not in said.only:
                continue
            least = getattr(row, databases.name)
            line = measure(row, server, token, databases, said)
            print(f"{databases.name:10} {line} (at least {least})", flush=True)


def start_up() -> None:
    """Seconds from the command to the first ready answer, on a new file and on one that is."""
    with tempfile.TemporaryDirectory() as folder:
        spent: dict[str, list[float]] = {"a new file": [], "a migrated file": []}
        for number in range(5):
            for found in spent.values():
                began = time.perf_counter()
                with serving(f"sqlite:///{folder}/{number}.db", orgs=()):
                    found.append(time.perf_counter() - began)
    for name, seconds in spent.items():
        print(f"start to ready on {name}: {statistics.median(seconds):.2f} s (at most 1.0)")


@contextmanager
def sqlite() -> Iterator[Databases]:
    """Two files."""
    with tempfile.TemporaryDirectory() as folder:
        yield Databases("sqlite", *(f"sqlite:///{folder}/{name}.db" for name in ("one", "two")))


@contextmanager
def postgresql() -> Iterator[Databases]:
    """Two databases of one server; the gateway's is migrated."""
    with durable_server() as server:
        for name in ("bench_gateway", "bench_floor"):
            asyncio.run(_ask(server, f"CREATE DATABASE {name}"))
        ours = _database(server, "bench_gateway")
        asyncio.run(migrate(ours))
        yield Databases("postgresql", ours, _database(server, "bench_floor"))


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append")
    parser.add_argument("--only", action="append", choices=[row.kind for row in ROWS])
    parser.add_argument("--count", type=int, default=500, help="requests of one round")
    parser.add_argument("--rounds", type=int, default=5)
    said = parser.parse_args()
    for kind in (sqlite, postgresql):
        if said.database and kind.__name__ not in said.database:
            continue
        with ExitStack() as stack:
            compare(stack.enter_context(kind()), said)
    if not said.only:
        start_up()


if __name__ == "__main__":
    main()
