"""What Chainloop's default list costs over a long history, against a short one of as many slots.

    python -m bench.chainloop [--many 1000000] [--slots 10000] [--postgresql | --url postgresql://…]

Two orgs of one database, each with as many slots, one with a record in each and one with very many;
both are asked in turn, over HTTP in this process, totals included. Prints the medians in
milliseconds and their ratio, for the default list and for some filters and pages of it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from collections.abc import Mapping
from contextlib import nullcontext

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bench.gitlab import CHUNK, MICROSECONDS, START, _ask, _own_server, database
from gateway.app import application, build
from gateway.settings import load
from gateway.store.engine import open_writer
from gateway.store.tables import records, slots

ADMIN = "an-administrator-of-the-benchmark"
ORGS = ("short", "long")
LIMIT = 1.5
QUERIES = {
    "default": "",
    "the last page": "pagination.page={last}&pagination.page_size=100",
    "status=DEPLOYED": "status=DEPLOYED",
    "artifact_kind": "artifact_kind=CONTAINER_IMAGE",
    "environment_name": "environment_name=production",
    "deployment_name": "deployment_name=s1",
    "project_name": "project_name=shop",
}
MOMENTS = ("created_at", "updated_at", "finished_at", "last_seen_at")


def _numbered(is_sqlite: bool) -> tuple[str, str]:
    """What numbers lines from :begin to :end as ``n``: before a SELECT, and in its FROM."""
    if is_sqlite:
        up = "WITH RECURSIVE n(n) AS (SELECT :begin UNION ALL SELECT n + 1 FROM n WHERE n < :end) "
        return up, "n"
    return "", "generate_series(CAST(:begin AS bigint), :end) n"


async def multiply(
    connection: AsyncConnection,
    table: str,
    said: Mapping[str, str],
    span: tuple[int, int],
    org: str,
) -> None:
    """Insert copies of the org's first row, the n-th of each with what is said."""
    columns = (records if table == "records" else slots).c
    names = [column.name for column in columns]
    values = ", ".join(said.get(name, f"one.{name}") for name in names)
    series, numbers = _numbered(connection.dialect.name == "sqlite")
    # Only names of our own tables and numbers of our own are put together here.
    one = (
        f"(SELECT {table}.* FROM {table} JOIN orgs ON orgs.id = {table}.org_id"  # noqa: S608
        f" WHERE orgs.name = :org ORDER BY {table}.number LIMIT 1) one"
    )
    statement = (
        f"{series}INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {one}, {numbers}"  # noqa: S608
    )
    first, last = span
    for begin in range(first, last + 1, CHUNK):
        end = min(begin + CHUNK - 1, last)
        await connection.execute(text(statement), {"begin": begin, "end": end, "org": org})
        await connection.commit()


async def fill(
    connection: AsyncConnection, org: str, number: int, said: argparse.Namespace
) -> None:
    """``said.slots`` slots, and records in turn over them; the last in each slot is live."""
    is_sqlite = connection.dialect.name == "sqlite"
    count = said.slots if org == "short" else said.many
    base = (number + 1) * 100_000_000
    await multiply(
        connection,
        "slots",
        {
            "id": "lower(hex(randomblob(16)))" if is_sqlite else "gen_random_uuid()",
            "number": f"{base} + n",
            "name": "'s' || n",
        },
        (1, said.slots - 1),
        org,
    )
    slot = f"{base} + n % {said.slots}"
    moment = (
        f"({START} + n) * {MICROSECONDS}"
        if is_sqlite
        else f"to_timestamp({START}) + n * interval '1 second'"
    )
    live = f"n >= {count - said.slots + 1}"
    await multiply(
        connection,
        "records",
        {
            "id": "lower(hex(randomblob(16)))" if is_sqlite else "gen_random_uuid()",
            "number": f"{base} + n",
            "project_number": "n + 1",
            "slot_id": f"(SELECT id FROM slots WHERE org_id = one.org_id AND number = {slot})",  # noqa: S608
            "presence": f"CASE WHEN {live} THEN 'live' ELSE 'superseded' END",
            "superseded_by": f"CASE WHEN {live} THEN NULL ELSE one.id END",
            "ended_at": f"CASE WHEN {live} THEN NULL ELSE {moment} END",
            **dict.fromkeys(MOMENTS, moment),
        },
        (1, count),
        org,
    )


SHOW = (
    "UPDATE slots SET current_record_id = live.id, current_number = live.number,"
    " current_created_at = live.created_at FROM records live"
    " WHERE live.org_id = slots.org_id AND live.slot_id = slots.id AND live.presence = 'live'"
)


async def prepare(client: httpx.AsyncClient, url: str, said: argparse.Namespace) -> None:
    """Two orgs with a record each, then with all of them."""
    for org in ORGS:
        made = await client.post("/gateway/v1/orgs", json={"name": org})
        assert made.status_code == 201, made.text
        body = {"environment_name": "production", "deployment_name": "s0", "kind": 1}
        body |= {"artifact_digest": f"sha256:{'a' * 64}", "artifact_name": "shop"}
        header = {"Chainloop-Organization": org}
        answer = await client.post("/v1/deployments", json=body, headers=header)
        assert answer.status_code == 200, answer.text
    engine = open_writer(url, is_patient=True)
    indexes = [index for index in records.indexes if index.name != "one_record_per_number"]
    async with engine.begin() as connection:
        for index in indexes:
            await connection.run_sync(index.drop)
        # The pattern's slot is the first of the numbered ones, its record none of the live ones.
        for number, org in enumerate(ORGS):
            where = "org_id = (SELECT id FROM orgs WHERE name = :org)"
            values = {"org": org, "number": (number + 1) * 100_000_000}
            await connection.execute(
                text(f"UPDATE slots SET number = :number WHERE {where}"),  # noqa: S608 (ours)
                values,
            )
            await connection.execute(
                text(f"UPDATE records SET presence = 'superseded' WHERE {where}"),  # noqa: S608
                {"org": org},
            )
    for number, org in enumerate(ORGS):
        began = time.perf_counter()
        async with engine.connect() as connection:
            await fill(connection, org, number, said)
        print(f"{org}: filled in {time.perf_counter() - began:.0f} s", flush=True)
    began = time.perf_counter()
    async with engine.begin() as connection:
        for index in indexes:
            await connection.run_sync(index.create)
        await connection.execute(text(SHOW))
        if url.startswith("sqlite"):
            await connection.execute(text("ANALYZE"))
    await engine.dispose()
    if not url.startswith("sqlite"):
        await _ask(url, "VACUUM ANALYZE")
    print(f"indexes and slots in {time.perf_counter() - began:.0f} s", flush=True)


async def measure(client: httpx.AsyncClient, query: str, said: argparse.Namespace) -> list[float]:
    """The median milliseconds in each org, asked in turn."""
    path = f"/v1/deployments?{query.format(last=said.slots // 100 - 1)}"
    spent: tuple[list[float], list[float]] = ([], [])
    for _ in range(said.rounds):
        for org, times in zip(ORGS, spent, strict=True):
            began = time.perf_counter()
            answer = await client.get(path, headers={"Chainloop-Organization": org})
            times.append((time.perf_counter() - began) * 1000)
            assert answer.status_code == 200, answer.text
            assert answer.json()["deployment_records"], "an empty page measures nothing"
    return [statistics.median(times) for times in spent]


async def bench(said: argparse.Namespace, server: str | None) -> None:
    """One run."""
    async with database(server) as url:
        gateway = build(load({}, database_url=url, admin_token=ADMIN))
        transport = httpx.ASGITransport(app=application(gateway))
        async with httpx.AsyncClient(transport=transport, base_url="http://bench.test") as client:
            client.headers["authorization"] = f"Bearer {ADMIN}"
            await prepare(client, url, said)
            total = await client.get("/v1/deployments", headers={"Chainloop-Organization": "long"})
            assert total.json()["pagination"]["total_count"] == said.slots, total.text
            medians = {name: await measure(client, query, said) for name, query in QUERIES.items()}
        await gateway.store.close()
    for name, (short, long) in medians.items():
        print(f"{long / short:6.2f}  {short:8.2f} ms  {long:8.2f} ms  {name}")
    short, long = medians["default"]
    kind = "postgresql" if server else "sqlite"
    found = {"database": kind, "slots": said.slots, "many": said.many, "limit": LIMIT}
    print(json.dumps({**found, "default_ratio": round(long / short, 2)}))


async def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--many", type=int, default=1_000_000)
    parser.add_argument("--slots", type=int, default=10_000)
    parser.add_argument("--url", default=None, help="a PostgreSQL server; SQLite without one")
    parser.add_argument("--postgresql", action="store_true", help="on a server of its own")
    parser.add_argument("--rounds", type=int, default=21)
    said = parser.parse_args()
    with _own_server() if said.postgresql else nullcontext(said.url) as server:
        await bench(said, server)


if __name__ == "__main__":
    asyncio.run(main())
