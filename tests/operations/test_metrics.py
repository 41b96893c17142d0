"""``/metrics``: what was asked, what became of records, what dialects lose."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.conformance.exchanges import exchanges_of, send
from gateway.core.bulk import JobStatus
from gateway.dialect import Dialect
from gateway.registry import installed
from gateway.store import SqlStore
from tests.databases import copied
from tests.figures import Figures
from tests.world import World, opened_world

DIALECTS = installed()
COMMIT = "a91957a858320c0e17f3a0eca7cfacbff50ea29a"
GITHUB = "/orgs/acme/artifacts/metadata/deployment-record"
WORDS = ("failed", "canceled", "created")
PATIENCE = 400
BREATH_SECONDS = 0.05
CLUSTER = f"{GITHUB}/cluster/moda-1"


@pytest.fixture
async def alone(tmp_path: Path, sqlite_template: Path) -> AsyncIterator[World]:
    """A gateway that nobody has asked anything, but for its orgs."""
    async with opened_world(copied(sqlite_template, tmp_path / "gateway.db")) as world:
        yield world


async def scraped(world: World) -> Figures:
    return Figures(await world.client.get("/metrics"))


def deployment(name: str, **said: object) -> dict[str, object]:
    digest = f"sha256:{name.encode().hex():0>64}"
    return {"name": f"ghcr.io/acme/{name}", "digest": digest, "deployment_name": name, **said}


async def test_what_was_received_was_stored_or_refused_in_every_dialect(alone: World) -> None:
    token = await alone.token("admin")
    for dialect in DIALECTS.values():
        for exchange in exchanges_of(dialect, "documented"):
            if exchange.name.startswith(("create", "set", "job_")):
                await send(alone.client, exchange.request, token)
    figures = await scraped(alone)
    for name in DIALECTS:
        received = figures.of("records_received_total", dialect=name)
        stored = figures.of("records_stored_total", dialect=name)
        assert received == stored + figures.of("records_refused_total", dialect=name)
        assert stored > 0, name


async def test_a_record_is_counted_once_and_a_refusal_by_its_kind(alone: World) -> None:
    headers = {"private-token": await alone.token()}
    path = "/api/v4/projects/acme%2Fshop/deployments"
    good = {"status": "success", "sha": COMMIT, "ref": "main", "tag": "false", "environment": "e"}
    for body in (good, good, {**good, "status": "late"}, {"sha": "%"}):
        await alone.client.post(path, data=body, headers=headers)
    await alone.client.post(path, data=good)
    await alone.client.post(path, content=b"{", headers={"content-type": "application/json"})
    figures = await scraped(alone)
    assert figures.of("records_received_total", dialect="gitlab") == 6
    assert figures.of("records_stored_total", dialect="gitlab") == 2
    refused = figures.labels("records_refused_total", "reason")
    assert figures.of("records_refused_total", reason="Unauthenticated") == 1
    assert figures.of("records_refused_total", reason="BadBody") == 1
    assert len(refused) == 3


async def test_each_record_of_a_set_is_counted(alone: World) -> None:
    headers = {"authorization": f"Bearer {await alone.token(projects=['acme/shop'])}"}
    mine = [deployment(f"app-{n}", github_repository="shop") for n in range(3)]
    other = deployment("other", github_repository="elsewhere")
    said = {"logical_environment": "prod", "deployments": [*mine, other]}
    for partial, status in ((True, 207), (False, 404)):
        body = {**said, "partial_success": partial}
        answer = await alone.client.post(CLUSTER, json=body, headers=headers)
        assert answer.status_code == status, answer.text
    figures = await scraped(alone)
    assert figures.of("records_received_total", dialect="github") == 8
    assert figures.of("records_stored_total", dialect="github") == 3
    assert figures.of("records_refused_total", reason="NotFound") == 1
    assert figures.of("records_refused_total", reason="Refused") == 4


async def test_a_jobs_records_are_counted_when_they_are_worked_off(alone: World) -> None:
    headers = {"authorization": f"Bearer {await alone.token()}"}
    body = {"logical_environment": "prod", "deployments": [deployment("a"), deployment("b")]}
    answer = await alone.client.post(f"{CLUSTER}/jobs", json=body, headers=headers)
    assert answer.status_code == 202
    for _ in range(PATIENCE):
        figures = await scraped(alone)
        if figures.of("jobs_finished_total"):
            break
        await asyncio.sleep(BREATH_SECONDS)
    assert figures.labels("jobs_finished_total", "status") == {JobStatus.COMPLETED.value}
    assert figures.of("records_received_total", dialect="github") == 2
    assert figures.of("records_stored_total", dialect="github") == 2


async def test_what_dialects_lose_of_a_record_is_what_its_fidelity_says(alone: World) -> None:
    said = {"org": "acme", "project": "acme/shop", "environment": "e", "source": {"commit": COMMIT}}
    answers = [
        await alone.admin("POST", "/records", {**said, **more})
        for more in (
            {"delivery": {"changelog": "new"}},
            {"source": {"commit": COMMIT[:7]}, "state": "failed"},  # told by no stand-in
            *({"state": word} for word in WORDS),
        )
    ]
    figures = await scraped(alone)
    for name, dialect in DIALECTS.items():
        reports = [
            (await alone.admin("GET", f"/records/{answer.json()['id']}/fidelity")).json()[name]
            for answer in answers
            if await shown(alone, dialect, answer.json()["id"])
        ]
        for key, counter in (("losses", "losses_total"), ("stand_ins", "stand_ins_total")):
            fields = [field for report in reports for field in report[key]]
            counted = figures.labels(counter, "field", dialect=name)
            assert counted == set(fields)
            for field in counted:
                assert figures.of(counter, dialect=name, field=field) == fields.count(field)


async def shown(world: World, dialect: Dialect, record_id: str) -> bool:
    view = await world.admin("GET", f"/records/{record_id}/views/{dialect.name}")
    return view.status_code == 200


async def test_requests_connections_and_the_build_are_shown(alone: World) -> None:
    await alone.client.get("/healthz")
    figures = await scraped(alone)
    assert figures.of("requests_total", dialect="operations", route="/healthz", status="200") == 1
    assert figures.of("request_duration_seconds_count", route="/healthz") == 1
    assert figures.of("requests_in_flight") == 1  # the scrape itself
    assert figures.labels("database_connections", "pool") == {"readers", "writers"}
    assert figures.of("database_connections_in_use") <= 1  # the worker looks for jobs
    assert figures.of("jobs_pending") == 0
    assert figures.labels("build_info", "database") == {"sqlite"}


async def test_a_transaction_that_waits_for_a_connection_is_seen(store: SqlStore) -> None:
    size = store.connections()["writers"].size
    inside: list[object] = []
    tasks = [asyncio.create_task(held(store, inside)) for _ in range(size + 2)]
    for _ in range(PATIENCE):
        if len(inside) == size and store.connections()["writers"].waiting == 2:
            break
        await asyncio.sleep(BREATH_SECONDS)
    used = store.connections()["writers"]
    assert (used.in_use, used.waiting) == (size, 2)
    for task in reversed(tasks):  # whoever waits first, so that nobody's turn comes
        task.cancel()
    await asyncio.wait(tasks)
    used = store.connections()["writers"]
    assert (used.in_use, used.waiting) == (0, 0)


async def held(store: SqlStore, inside: list[object]) -> None:
    async with store.writing() as tx:
        inside.append(tx)
        await asyncio.Event().wait()
