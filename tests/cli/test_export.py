"""``export``: every record is a line, from both databases, page after page."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from gateway.cli import exporting
from tests.serving import run
from tests.world import World

Printed = pytest.CaptureFixture[bytes]


async def recorded(world: World, org: str, count: int) -> None:
    for n in range(count):
        said = {"org": org, "project": f"{org}/shop", "environment": "é", "state": "failed"}
        answer = await world.admin("POST", "/records", {**said, "source": {"commit": f"{n}" * 40}})
        assert answer.status_code == 201, answer.text


async def exported(world: World, printed: Printed, **said: object) -> list[dict[str, Any]]:
    """What the command prints; in a thread, since it has an event loop of its own."""
    options = {"org": None, "since": None, **said}
    await asyncio.to_thread(exporting.export, database_url=world.database_url, **options)
    return [json.loads(line) for line in printed.readouterr().out.splitlines()]


async def test_every_record_is_a_line_as_the_gateways_own_api_shows_it(
    any_world: World, capsysbinary: Printed
) -> None:
    await recorded(any_world, "acme", 3)
    await recorded(any_world, "umbrella", 1)
    every = await exported(any_world, capsysbinary)
    acme, umbrella = await any_world.records("acme"), await any_world.records("umbrella")
    assert every == [*acme[::-1], *umbrella]
    assert await exported(any_world, capsysbinary, org="acme") == acme[::-1]
    later = datetime.now() + timedelta(days=2)  # noqa: DTZ005 (as the command line has it)
    assert await exported(any_world, capsysbinary, since=later) == []
    assert len(await exported(any_world, capsysbinary, since=datetime(2020, 1, 31))) == 4  # noqa: DTZ001


async def test_pages_follow_each_other(
    world: World, capsysbinary: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "_PAGE", 2)
    await recorded(world, "acme", 5)
    assert await exported(world, capsysbinary) == (await world.records())[::-1]


async def test_the_command_takes_an_org_that_there_is(world: World) -> None:
    await recorded(world, "acme", 1)
    words = ("export", "--since", "2020-01-31", "--org")
    assert run(*words, "acme", DATABASE_URL=world.database_url).stdout.count("\n") == 1
    refused = run(*words, "nobody", DATABASE_URL=world.database_url)
    assert (refused.returncode, refused.stdout) == (1, "")
