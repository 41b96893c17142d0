"""The gateway and PostgreSQL killed under load: no acknowledged write is lost, none is doubled."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest

from tests.faults.cluster import Cluster
from tests.faults.load import check, writing
from tests.faults.writes import check_words
from tests.serving import Server, serving

READY_SECONDS = 1.5
"""Readiness answers within a second; the rest is the machine's."""

READ = {
    "canonical": "/gateway/v1/records?org=acme",
    "chainloop": "/v1/deployments",
    "github": "/orgs/acme/artifacts/metadata/deployment-records",
    "gitlab": "/api/v4/projects",
    "iftrue": "/v1/organization/deployment",
}
"""A path of each dialect that is read."""


@pytest.fixture
def server(postgres: Cluster) -> Iterator[Server]:
    with serving(postgres.url, orgs=("acme",)) as running:
        yield running


async def test_postgresql_is_killed_under_load(postgres: Cluster, server: Server) -> None:
    token = server.token()
    async with writing(lambda: server.url, token, slots=5) as load:
        await load.until(40)
        postgres.kill()
        await load.until_refused()
        async with httpx.AsyncClient(base_url=server.url, timeout=10) as client:
            began = time.monotonic()
            ready = await client.get("/readyz")
            assert (ready.status_code, time.monotonic() - began < READY_SECONDS) == (503, True)
            assert (await client.get("/healthz")).status_code == 200
            for dialect, path in READ.items():
                answer = await client.get(path, headers={"authorization": f"Bearer {token}"})
                check_words(dialect, answer)
            postgres.start()
            await load.until(40)
            assert (await client.get("/readyz")).status_code == 200
    await check(postgres.url, load)
