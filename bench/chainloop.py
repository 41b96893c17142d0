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

import httpx
from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bench.copies import MOMENTS, analyse, moment, multiply, new_id, unindexed
from bench.databases import database, opened, server
from gateway.store.engine import open_writer
from gateway.store.tables import records, slots

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


async def fill(
    connection: AsyncConnection, org: str, number: int, said: argparse.Namespace
) -> None:
    """``said.slots`` slots, and records in turn over them; the last in each slot is live."""
    is_sqlite = connection.dialect.name == "sqlite"
    count = said.slots if org == "short" else said.many
    base = (number + 1) * 100_000_000
    own = {"id": new_id(is_sqlite), "number": f"{base} + n"}
    await multiply(
        connection, slots, _first(slots), {**own, "name": "'s' || n"}, (1, said.slots - 1), org=org
    )
    when = moment(is_sqlite)
    live = f"n >= {count - said.slots + 1}"
    # Only numbers of our own are put together here.
    slot = f"SELECT id FROM slots WHERE org_id = one.org_id AND number = {base} + n % {said.slots}"  # noqa: S608
    facts = {
        **own,
        "project_number": "n + 1",
        "slot_id": f"({slot})",
        "presence": f"CASE WHEN {live} THEN 'live' ELSE 'superseded' END",
        "superseded_by": f"CASE WHEN {live} THEN NULL ELSE one.id END",
        "ended_at": f"CASE WHEN {live} THEN NULL ELSE {when} END",
        **dict.fromkeys(MOMENTS, when),
    }
    await multiply(connection, records, _first(records), facts, (1, count), org=org)


def _first(table: Table) -> str:
    name = table.name
    return (
        f"SELECT {name}.* FROM {name} JOIN orgs ON orgs.id = {name}.org_id"  # noqa: S608 (ours)
        f" WHERE orgs.name = :org ORDER BY {name}.number LIMIT 1"
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
    indexes = [index for index in records.indexes if index.name != "one_record_per_number"]
    async with unindexed(url, indexes) as engine:
        async with engine.begin() as connection:
            await renumber(connection)
        for number, org in enumerate(ORGS):
            began = time.perf_counter()
            async with engine.connect() as connection:
                await fill(connection, org, number, said)
            print(f"{org}: filled in {time.perf_counter() - began:.0f} s", flush=True)
    await show(url)


async def renumber(connection: AsyncConnection) -> None:
    """Make each org's slot the first of the numbered ones, its record none of the live ones."""
    for number, org in enumerate(ORGS):
        values = {"org": org, "number": (number + 1) * 100_000_000}
        await connection.execute(text(_RENUMBER), values)
        await connection.execute(text(_SUPERSEDE), {"org": org})


_RENUMBER = (
    "UPDATE slots SET number = :number WHERE org_id = (SELECT id FROM orgs WHERE name = :org)"
)
_SUPERSEDE = (
    "UPDATE records SET presence = 'superseded'"
    " WHERE org_id = (SELECT id FROM orgs WHERE name = :org)"
)


async def show(url: str) -> None:
    """Let each slot show its live record, and the database see what its tables hold."""
    engine = open_writer(url, is_patient=True)
    async with engine.begin() as connection:
        await connection.execute(text(SHOW))
        if url.startswith("sqlite"):
            await connection.execute(text("ANALYZE"))
    await engine.dispose()
    if not url.startswith("sqlite"):
        await analyse(url)


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


async def bench(said: argparse.Namespace, server_url: str | None) -> None:
    """One run."""
    async with database(server_url) as url, opened(url) as (_, client):
        await prepare(client, url, said)
        total = await client.get("/v1/deployments", headers={"Chainloop-Organization": "long"})
        assert total.json()["pagination"]["total_count"] == said.slots, total.text
        medians = {name: await measure(client, query, said) for name, query in QUERIES.items()}
    for name, (short, long) in medians.items():
        print(f"{long / short:6.2f}  {short:8.2f} ms  {long:8.2f} ms  {name}")
    short, long = medians["default"]
    kind = "postgresql" if server_url else "sqlite"
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
    with server(said.url, is_own=said.postgresql) as url:
        await bench(said, url)


if __name__ == "__main__":
    asyncio.run(main())
