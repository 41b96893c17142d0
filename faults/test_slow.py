"""A database that does not go on: bounded waits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest

from gateway.store import engine
from tests.databases import MakeDatabase
from tests.world import World, opened_world

DEPLOYMENTS = "/api/v4/projects/acme%2Fshop/deployments"
UNAVAILABLE = {"message": "503 Service Unavailable"}


def said(number: int, **more: object) -> dict[str, Any]:
    """A GitLab deployment of its own commit."""
    known = {"environment": "production", "sha": f"{number:040x}", "ref": "main"}
    return {**known, "tag": False, "status": "success", **more}


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
