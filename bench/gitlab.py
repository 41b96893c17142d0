"""What a list of 20 deployments costs in a project of very many, against one of a thousand.

    python -m bench.gitlab [--many 1000000] [--postgresql | --url postgresql://… | --keep FILE]

Every order and combination of filters that GitLab's finder takes, over HTTP in this process,
totals included. Prints the median of each in milliseconds and the ratio, the worst last. Few and
many take turns; what seems too dear is asked ten times as often before that is believed. The
database is a file of its own, or one on the server named, or on one from a wheel that runs as long.

A page is compared with one of as many rows. A window of ``updated_at`` holds a tenth of the many,
of which a list in another order passes nine tenths; of the few it holds one half, so that there
are 20 in each combination that has as many among the many.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bench.copies import MOMENTS, START, analyse, moment, multiply, new_id, unindexed
from bench.databases import database, opened, server
from gateway.store.tables import records

FEW, ENVIRONMENTS = 1000, 5
PARTS = (2, 10)
LIMIT, SURELY = 1.5, 10
STATES = ("success", "failed", "canceled", "running")


def queries(span: int, part: int) -> Iterator[str]:
    """Every combination; ``span`` is how many seconds the records of the project stretch over.

    A wide window holds one ``part`` of them.
    """
    late, early = _moment(span - span // part), _moment(span // part)
    environments = ("", "&environment=env-1", "&environment=rare")
    states = ("", "&status=success", "&status=failed", "&status=skipped")
    lately = _moment(max(span - 500, 0))
    windows = (
        "",
        f"&updated_after={late}",
        f"&updated_before={early}",
        f"&updated_after={lately}",
    )
    for environment, state, sort in product(environments, states, ("asc", "desc")):
        for order, window in product(("id", "updated_at", "ref"), windows):
            yield f"order_by={order}&sort={sort}{environment}{state}{window}"
        if state in states[1:3]:
            yield f"order_by=finished_at&sort={sort}{environment}{state}"
        if state == states[1]:
            for window in (f"&finished_after={late}", f"&finished_before={early}"):
                yield f"order_by=finished_at&sort={sort}{environment}{state}{window}"


def _moment(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(START + second))


async def fill(connection: AsyncConnection, project: str, count: int) -> None:
    """Multiply the first record of a project."""
    high = (await connection.execute(text("SELECT max(number) FROM records"))).scalar_one()
    said = _said(connection.dialect.name == "sqlite")
    await multiply(connection, records, _FIRST, said, (1, count - 1), path=project, high=high)


_FIRST = (
    "SELECT records.* FROM records JOIN projects ON projects.id = records.project_id"
    " WHERE path = :path ORDER BY records.number LIMIT 1"
)


def _said(is_sqlite: bool) -> dict[str, str]:
    states = ", ".join(f"'{state}'" for state in STATES)
    # Only numbers of our own are put together here.
    where = (
        "SELECT environment_id FROM project_environments pe"  # noqa: S608
        " JOIN environments e ON e.id = pe.environment_id"
        f" WHERE pe.project_id = one.project_id AND e.name = 'env-' || (n % {ENVIRONMENTS})"
    )
    state = (
        f"json_extract(json_array({states}), '$[' || (n % 4) || ']')"
        if is_sqlite
        else f"(ARRAY[{states}])[n % 4 + 1]"
    )
    return {
        "id": new_id(is_sqlite),
        "number": ":high + n",
        "project_number": "n + 1",
        "environment_id": f"({where})",
        "presence": "'none'",
        "state": state,
        "source_ref": "'r' || (n % 50)",
        **dict.fromkeys(MOMENTS, moment(is_sqlite)),
    }


async def prepare(client: httpx.AsyncClient, url: str, sizes: dict[str, int]) -> None:
    """One org, one project per size, each with its environments."""
    made = await client.post("/gateway/v1/orgs", json={"name": "acme"})
    assert made.status_code == 201, made.text
    for project in sizes:
        for name in (*(f"env-{n}" for n in range(ENVIRONMENTS)), "rare"):
            body = {
                "org": "acme",
                "project": project,
                "environment": name,
                "source": {"commit": "a" * 40, "ref": "main"},
                "state": "canceled",
            }
            answer = await client.post("/gateway/v1/records", json=body)
            assert answer.status_code == 201, answer.text
    indexes = [index for index in records.indexes if not index.unique]
    async with unindexed(url, indexes) as engine:
        for project, size in sizes.items():
            began = time.perf_counter()
            async with engine.connect() as connection:
                await fill(connection, project, size)
            print(f"{project}: {size} records in {time.perf_counter() - began:.0f} s", flush=True)
    if not url.startswith("sqlite"):
        await analyse(url)


async def measure(
    client: httpx.AsyncClient, projects: tuple[str, str], sizes: tuple[int, int], rounds: int
) -> list[tuple[float, float, float, str]]:
    """(ratio, milliseconds of few, of many, query), the worst last."""
    found = []
    few, many = (list(queries(*of)) for of in zip(sizes, PARTS, strict=True))
    for pair in zip(few, many, strict=True):
        paths = [
            f"/api/v4/projects/{project.replace('/', '%2F')}/deployments?{query}"
            for project, query in zip(projects, pair, strict=True)
        ]
        spent = await ask(client, paths, rounds)
        if _ratio(spent) > LIMIT:
            more = await ask(client, paths, rounds * SURELY)
            spent = [[*some, *others] for some, others in zip(spent, more, strict=True)]
        low, high = map(statistics.median, spent)
        found.append((_ratio(spent), low, high, pair[1]))
    return sorted(found)


async def ask(client: httpx.AsyncClient, paths: list[str], rounds: int) -> list[list[float]]:
    """The milliseconds that each path took in each round. All pages have as many rows."""
    spent: list[list[float]] = [[] for _ in paths]
    for _ in range(rounds):
        rows = set()
        for path, times in zip(paths, spent, strict=True):
            began = time.perf_counter()
            answer = await client.get(path)
            times.append((time.perf_counter() - began) * 1000)
            assert answer.status_code == 200, answer.text
            rows.add(len(answer.json()))
        assert len(rows) == 1, (paths, rows)
    return spent


def _ratio(spent: list[list[float]]) -> float:
    low, high = map(statistics.median, spent)
    return high / low


async def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--many", type=int, default=1_000_000)
    parser.add_argument("--url", default=None, help="a PostgreSQL server; SQLite without one")
    parser.add_argument("--postgresql", action="store_true", help="on a server of its own")
    parser.add_argument("--keep", type=Path, help="an SQLite file to fill, or that was filled so")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--worst", type=int, default=25, help="how many lines to print")
    said = parser.parse_args()
    with server(said.url, is_own=said.postgresql) as url:
        await bench(said, url)


async def bench(said: argparse.Namespace, server_url: str | None) -> None:
    """One run."""
    is_filled = said.keep is not None and said.keep.exists()
    async with database(server_url, said.keep) as url, opened(url) as (_, client):
        sizes = {"acme/few": FEW, "acme/many": said.many}
        if not is_filled:
            await prepare(client, url, sizes)
        found = await measure(client, ("acme/few", "acme/many"), (FEW, said.many), said.rounds)
    for ratio, low, high, query in found[-said.worst :]:
        print(f"{ratio:6.2f}  {low:7.2f} ms  {high:7.2f} ms  {query}")
    ratios = [ratio for ratio, *_ in found]
    print(
        json.dumps(
            {
                "database": "postgresql" if server_url else "sqlite",
                "many": said.many,
                "combinations": len(ratios),
                "median_ratio": round(statistics.median(ratios), 2),
                "worst_ratio": round(max(ratios), 2),
                "above_1.5": sum(ratio > LIMIT for ratio in ratios),
            }
        )
    )


if __name__ == "__main__":
    asyncio.run(main())
