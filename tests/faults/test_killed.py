"""The gateway and PostgreSQL killed under load: no acknowledged write is lost, none is doubled."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest

from tests.faults.cluster import Cluster
from tests.faults.load import check, is_worded, writing
from tests.serving import Server, serving

READY_SECONDS = 1.5
"""Readiness answers within a second; the rest is the machine's."""

UNAVAILABLE = {
    "/gateway/v1/records?org=acme": {
        **{"type": "about:blank", "title": "Service Unavailable", "status": 503},
        **{"detail": "the database does not answer; try again", "instance": "/gateway/v1/records"},
    },
    "/v1/deployments": {"code": 14, "details": []},
    "/orgs/acme/artifacts/metadata/deployment-records": {"message": "Service Unavailable"},
    "/api/v4/projects": {"message": "503 Service Unavailable"},
    "/v1/organization/deployment": {"message": "Service Unavailable", "statusCode": 503},
}
"""A path of each dialect, and what its words for it hold."""


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
            for path, words in UNAVAILABLE.items():
                answer = await client.get(path, headers={"authorization": f"Bearer {token}"})
                assert answer.status_code == 503, answer.text
                assert words.items() <= answer.json().items(), answer.text
                assert "retry-after" in answer.headers, path
                assert is_worded(answer.text.replace("the database does not answer", ""))
            postgres.start()
            await load.until(40)
            assert (await client.get("/readyz")).status_code == 200
    await check(postgres.url, load)
