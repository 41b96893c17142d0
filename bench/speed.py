"""The gateway beside the floor, on one machine in one run: make bench.

    python -m bench.speed [--database postgresql] [--only gitlab-create] [--count 2000] [--rounds 5]

16 connections over loopback, warm; floor and gateway take turns, and the ratio is that of the
medians. Only the ratios mean something: the rest depends on the machine. Beside each write stands
what its rows alone cost, without the gateway (``bench.rows``), as they are and without the indexes
that lists and searches need.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial

import httpx

from bench.rows import drop_indexes
from bench.servers import bare, durable_server, load
from bench.traffic import DEPLOYMENTS
from gateway.store import migrate
from tests.databases import database_on, execute
from tests.serving import Server, serving

WARM_UP = 300


@dataclass(frozen=True, slots=True)
class Row:
    """A kind of request, and the least part of the floor's speed that it is to have."""

    kind: str
    dialect: str
    sqlite: float
    postgresql: float
    is_read: bool = False


ROWS = (
    Row("github-create", "github", 0.60, 0.40),
    Row("gitlab-create", "gitlab", 0.60, 0.40),
    Row("chainloop-record", "chainloop", 0.60, 0.40),
    Row("gitlab-show", "gitlab", 0.50, 0.50, is_read=True),
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
                asyncio.run(execute(url, "ANALYZE"))


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two that take turns, and the bytes of its answers."""

    port: int
    token: str = ""


def measure(
    row: Row, server: Server, token: str, databases: Databases, said: argparse.Namespace
) -> tuple[str, int]:
    """One line: requests a second of both, and their ratio; and the bytes of an answer."""
    ours = Side(httpx.URL(server.url).port or 0, token)
    first = known_number(server, token) if row.is_read else 1
    size = load(ours.port, row.kind, count=WARM_UP, first=first, token=token)["size"]
    with bare("bench.floor", databases.floor, size) as port:
        if row.is_read:
            load(port, "gitlab-create", count=first + DEPLOYMENTS, first=1)
        return in_turns(row, Side(port), ours, databases, said, first), size


def rows_alone(row: Row, size: int, databases: Databases, said: argparse.Namespace) -> str:
    """As ``measure``, of what the gateway's rows cost without it. It must have been ended."""
    with (
        bare("bench.floor", databases.floor, size) as port,
        bare("bench.rows", databases.gateway, size, "--origin", row.dialect) as rows,
    ):
        load(rows, row.kind, count=WARM_UP, first=1)
        return in_turns(row, Side(port), Side(rows), databases, said, first=1)


def in_turns(
    row: Row,
    floor: Side,
    other: Side,
    databases: Databases,
    said: argparse.Namespace,
    first: int,
) -> str:
    """Requests a second of both, and their ratio. The other one is warm."""
    speeds: tuple[list[float], list[float]] = ([], [])
    load(floor.port, row.kind, count=WARM_UP, first=first)
    databases.settle()
    for turn in range(said.rounds):
        at = first if row.is_read else WARM_UP + 1 + turn * said.count
        for side, found in zip((floor, other), speeds, strict=True):
            spent = load(side.port, row.kind, count=said.count, first=at, token=side.token)
            found.append(said.count / spent["seconds"])
    bare_speed, speed = map(statistics.median, speeds)
    ratio = f"ratio {speed / bare_speed:.2f}"
    return f"{row.kind:18} floor {bare_speed:6.0f}/s  here {speed:6.0f}/s  {ratio}"


def known_number(server: Server, token: str) -> int:
    """The first number of as many deployments of a project as are asked for."""
    path, headers = "/api/v4/projects/acme%2Fproject-0/deployments", {"PRIVATE-TOKEN": token}
    numbers = []
    with httpx.Client(base_url=server.url, headers=headers) as client:
        for number in range(DEPLOYMENTS):
            said = {"environment": "read", "sha": f"{number:040x}", "ref": "main", "tag": False}
            answer = client.post(path, json={**said, "status": "success"})
            numbers.append(answer.json()["id"])
    assert numbers == list(range(numbers[0], numbers[0] + DEPLOYMENTS)), "somebody else wrote"
    return int(numbers[0])


def compare(databases: Databases, said: argparse.Namespace) -> None:
    """Every row on one kind of database, printed."""
    sizes = {}
    rows = [row for row in ROWS if not said.only or row.kind in said.only]
    with serving(databases.gateway) as server:
        token = server.token()
        for row in rows:
            line, sizes[row.kind] = measure(row, server, token, databases, said)
            least = getattr(row, databases.name)
            print(f"{databases.name:10} {line} (at least {least})", flush=True)
    writes = [row for row in rows if not row.is_read]
    alone = partial(compare_rows, writes, sizes, databases, said)
    alone("its rows alone")
    asyncio.run(drop_indexes(databases.gateway))
    alone("these, without the indexes of lists")


def compare_rows(
    writes: Sequence[Row],
    sizes: Mapping[str, int],
    databases: Databases,
    said: argparse.Namespace,
    name: str,
) -> None:
    """What the rows of each write alone cost, printed under this name."""
    for row in writes:
        line = rows_alone(row, sizes[row.kind], databases, said)
        print(f"{databases.name:10} {line} ({name})", flush=True)


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
            asyncio.run(execute(server, f"CREATE DATABASE {name}"))
        ours = database_on(server, "bench_gateway")
        asyncio.run(migrate(ours))
        yield Databases("postgresql", ours, database_on(server, "bench_floor"))


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append")
    parser.add_argument("--only", action="append", choices=[row.kind for row in ROWS])
    parser.add_argument("--count", type=int, default=2000, help="requests of one round")
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
