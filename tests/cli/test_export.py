"""``export`` and ``audit export``: all there is as lines, from both databases, page after page."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest

from gateway.cli import auditing, exporting
from gateway.cli.administrator import inside
from gateway.core.audit import Act, AuditSearch
from gateway.core.commands import RecordId, RemoveRecord
from gateway.core.model import Record
from gateway.core.search import Bounds
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
    assert len(await exported(any_world, capsysbinary, since=datetime(2020, 1, 31))) == 4  # noqa: DTZ001 (the same)


async def test_a_line_names_no_successor_that_was_removed(
    any_world: World, capsysbinary: Printed
) -> None:
    for n in range(3):
        said = {"org": "acme", "project": "shop", "environment": "e", "source": {"commit": f"{n}"}}
        assert (await any_world.admin("POST", "/records", said)).status_code == 201
    first, second, third = await any_world.records("acme")
    ctx, removed = await inside(any_world.gateway, "acme"), UUID(second["id"])
    await any_world.services.deployments.remove(ctx, RemoveRecord(RecordId(removed)))
    assert first["superseded_by"] == second["id"]
    assert await exported(any_world, capsysbinary) == [third, {**first, "superseded_by": None}]


async def test_a_bound_that_names_its_zone_is_in_it(world: World, capsysbinary: Printed) -> None:
    await recorded(world, "acme", 1)
    (record,), whole = await world.records(), await acts(world)
    made = datetime.fromisoformat(str(record["created_at"]))
    for hours, is_found in ((-5, True), (5, False)):
        elsewhere = made.replace(tzinfo=timezone(timedelta(hours=-hours))) + timedelta(seconds=1)
        assert bool(await exported(world, capsysbinary, since=elsewhere)) is is_found
        assert bool(await audited(world, capsysbinary, since=elsewhere)) is is_found
        assert await audited(world, capsysbinary, until=elsewhere) == ([] if is_found else whole)


async def test_pages_follow_each_other(
    world: World, capsysbinary: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "_PAGE", 2)
    monkeypatch.setattr(auditing, "MAX_LIMIT", 2)
    await recorded(world, "acme", 5)
    assert await exported(world, capsysbinary) == (await world.records())[::-1]
    assert await audited(world, capsysbinary) == await acts(world)


async def audited(world: World, printed: Printed, **said: object) -> list[dict[str, Any]]:
    """What ``audit export`` prints of ``acme``."""
    options = {"since": None, "until": None, "actor": None, "action": None, **said}
    await asyncio.to_thread(auditing.export, org="acme", database_url=world.database_url, **options)
    return [json.loads(line) for line in printed.readouterr().out.splitlines()]


async def acts(world: World, query: str = "") -> list[dict[str, Any]]:
    """What the gateway's own API tells of ``acme``."""
    found: list[dict[str, Any]] = (
        await world.admin("GET", f"/audit?org=acme&limit=500{query}")
    ).json()["acts"]
    return found


async def test_every_act_is_a_line_and_filters_choose_as_in_the_gateways_own_api(
    any_world: World, capsysbinary: Printed
) -> None:
    await any_world.token("read", user="grace")
    await recorded(any_world, "umbrella", 1)
    await recorded(any_world, "acme", 2)
    whole = await acts(any_world)
    assert {act["action"] for act in whole} >= {"org.created", "token.created", "record.recorded"}
    assert await audited(any_world, capsysbinary) == whole
    made = await audited(any_world, capsysbinary, action="token.created", actor="root")
    assert made == await acts(any_world, "&action=token.created&actor=root") != []
    middle = datetime.fromisoformat(whole[1]["at"])
    for bound in ("since", "until"):
        said = {bound: middle.replace(tzinfo=None)}  # as the command line has it
        query = f"&{bound}={whole[1]['at']}"
        assert await audited(any_world, capsysbinary, **said) == await acts(any_world, query)


async def test_no_more_than_a_page_and_the_next_are_held(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "_PAGE", 2)
    await recorded(world, "acme", 9)
    ctx, audit = await inside(world.gateway, "acme"), world.services.audit
    search = AuditSearch(limit=2)
    lines = audit.lines(ctx, search, await audit.page(ctx, search))
    assert await most_held(Act, lines) <= 4
    before = held(Record)
    records = exporting.records(world.gateway, ctx, Bounds())
    assert await most_held(Record, records) - before <= 4


async def most_held(kind: type, lines: AsyncIterator[object]) -> int:
    """How many of a kind there are at most while lines of them are told, one after the other."""
    found = [held(kind) async for _ in lines]
    assert len(found) >= 9
    return max(found)


def held(kind: type) -> int:
    return sum(type(thing) is kind for thing in gc.get_objects())


async def test_the_commands_take_an_org_that_there_is(world: World) -> None:
    for command in (("export",), ("audit", "export")):
        refused = run(*command, "--org", "nobody", DATABASE_URL=world.database_url)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert refused.stderr == "deployment-gateway: there is no org nobody\n"
