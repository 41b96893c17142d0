"""A job whose process is killed with -9 is finished by the next one, exactly once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from gateway.store.engine import open_engines
from tests.serving import Server, serving

JOBS = "/orgs/acme/artifacts/metadata/deployment-record/cluster/moda-1/jobs"
COUNT = 3000
PATIENCE_SECONDS = 60


def submit(server: Server, headers: dict[str, str]) -> int:
    items = [
        {
            "name": "ghcr.io/acme/shop:1",
            "digest": f"sha256:{n:064x}",
            "deployment_name": f"ns/app-{n}/c",
        }
        for n in range(COUNT)
    ]
    body = {"logical_environment": "prod", "deployments": items}
    answer = httpx.post(f"{server.url}{JOBS}", json=body, headers=headers, timeout=30)
    assert answer.status_code == 202, answer.text
    number: int = answer.json()["job_id"]
    return number


def ask(server: Server, number: int, headers: dict[str, str]) -> dict[str, Any]:
    answer = httpx.get(f"{server.url}{JOBS}/{number}", headers=headers, timeout=30)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


class Database:
    """A gateway's database, asked from outside of it."""

    def __init__(self, url: str) -> None:
        self._readers = open_engines(url).readers

    async def counted(self, query: str) -> int:
        async with self._readers.connect() as connection:
            return int((await connection.exec_driver_sql(query)).scalar_one())

    async def until(self, query: str) -> None:
        """Wait until a query finds something."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not await self.counted(query):
            assert time.monotonic() < deadline, query

    async def close(self) -> None:
        await self._readers.dispose()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    yield opened
    await opened.close()


async def test_a_job_interrupted_by_kill_9_is_finished_after_the_restart_exactly_once(
    database_url: str, database: Database
) -> None:
    counted = database.counted
    with serving(database_url) as first:
        headers = {"authorization": f"Bearer {first.token()}"}
        number = submit(first, headers)
        await database.until("SELECT count(*) FROM jobs WHERE status != 'pending'")
        first.process.kill()
        first.process.wait()
    assert await counted("SELECT count(*) FROM records") == 0, "the kill came too late"
    assert await counted("SELECT count(*) FROM jobs WHERE status = 'processing'") == 1
    with serving(database_url) as second:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (job := ask(second, number, headers))["status"] != "completed":
            assert time.monotonic() < deadline, job
            await asyncio.sleep(0.1)
        assert job["total_count"] == COUNT
    assert await counted("SELECT count(*) FROM records") == COUNT
    assert await counted("SELECT count(*) FROM events WHERE kind = 'recorded'") == COUNT
    assert await counted("SELECT count(*) FROM events") == COUNT
    assert await counted("SELECT max(project_number) FROM records") == COUNT
    assert await counted("SELECT attempts FROM jobs") == 2
