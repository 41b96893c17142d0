"""A full disk and a database that does not go on: bounded waits, nothing half written."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import httpx
import psutil
import pytest

from gateway.store import engine
from tests.databases import MakeDatabase
from tests.serving import serving
from tests.world import World, opened_world

DEPLOYMENTS = "/api/v4/projects/acme%2Fshop/deployments"
UNAVAILABLE = {"message": "503 Service Unavailable"}


def said(number: int, **more: object) -> dict[str, Any]:
    """A GitLab deployment of its own commit."""
    known = {"environment": "production", "sha": f"{number:040x}", "ref": "main"}
    return {**known, "tag": False, "status": "success", **more}


def test_a_full_disk_is_a_503_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    with serving(f"sqlite:///{tmp_path}/gateway.db", orgs=("acme",)) as server:
        with httpx.Client(base_url=server.url, headers={"PRIVATE-TOKEN": server.token()}) as client:
            assert client.post(DEPLOYMENTS, json=said(0)).status_code == 201
            process = psutil.Process(server.process.pid)
            full = max(path.stat().st_size for path in tmp_path.iterdir())
            process.rlimit(psutil.RLIMIT_FSIZE, (full, -1))
            wide = "x" * 60_000
            refused = [client.post(DEPLOYMENTS, json=said(n, note=wide)) for n in range(1, 6)]
            assert (refused[-1].status_code, refused[-1].json()) == (503, UNAVAILABLE)
            written = 1 + sum(answer.status_code == 201 for answer in refused)
            assert len(client.get(DEPLOYMENTS).json()) == written, "reading goes on"
            process.rlimit(psutil.RLIMIT_FSIZE, (-1, -1))
            assert client.post(DEPLOYMENTS, json=said(9)).status_code == 201
            shown = client.get(DEPLOYMENTS, params={"order_by": "iid"}).json()
            assert [record["iid"] for record in shown] == list(range(1, written + 2))
        assert server.admin("GET", "/now?org=acme").json()["records"][0]["source"] == {
            **{"commit": f"{9:040x}", "ref": "main", "is_tag": False}
        }


@pytest.fixture
async def hurried(
    monkeypatch: pytest.MonkeyPatch, postgres_url_factory: MakeDatabase
) -> AsyncIterator[World]:
    """A gateway on PostgreSQL whose patience is half a second instead of half a minute."""
    monkeypatch.setattr(engine, "_QUEUE_SECONDS", 0.5)
    monkeypatch.setattr(engine, "_ANSWER_SECONDS", 0.5)
    async with opened_world(await postgres_url_factory()) as world:
        yield world


async def test_waits_for_a_slow_database_are_bounded_and_do_not_pile_up(hurried: World) -> None:
    token = await hurried.token()
    headers = {"PRIVATE-TOKEN": token}
    first = await hurried.client.post(DEPLOYMENTS, json=said(0), headers=headers)
    assert first.status_code == 201, first.text
    holder = await asyncpg.connect(hurried.database_url)
    async with holder.transaction():
        await holder.execute("LOCK TABLE records IN EXCLUSIVE MODE")
        began = time.monotonic()
        posts = (
            hurried.client.post(DEPLOYMENTS, json=said(n), headers=headers) for n in range(1, 41)
        )
        answers = await asyncio.gather(*posts)
        waited = time.monotonic() - began
        assert {answer.status_code for answer in answers} == {503}
        assert all(answer.json() == UNAVAILABLE for answer in answers)
        # Four times the connections wait; a queue without an end would take four rounds.
        assert waited < 10
        shown = await hurried.client.get(DEPLOYMENTS, headers=headers)
        assert shown.status_code == 200, "reading goes on"
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        while await holder.fetchval(waiting):  # noqa: ASYNC110 (they are given up one by one)
            await asyncio.sleep(0.05)
    await holder.close()
    again = await hurried.client.post(DEPLOYMENTS, json=said(50), headers=headers)
    assert (again.status_code, again.json()["iid"]) == (201, 2)
