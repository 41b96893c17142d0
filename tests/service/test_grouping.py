"""Callers who record at the same time: each gets what it would have got alone."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from gateway.core.commands import EnvironmentName, OnNew, ProjectPath, RecordDeployment
from gateway.core.errors import Forbidden, GatewayError, Invalid
from gateway.core.model import Artifact, Presence, Source
from gateway.lanes import Lanes
from gateway.service import Outcome
from tests.service.test_placement import deployments, inside
from tests.world import World


def said(number: int, project: str = "shop", **facts: object) -> RecordDeployment:
    """A commit put into production."""
    known = {
        "environment": EnvironmentName("production"),
        "artifact": Artifact(),
        "source": Source(commit=f"{number:040x}"),
        "project": ProjectPath(project),
    }
    return RecordDeployment(**{**known, **facts})  # type: ignore[arg-type]  # facts are by name


async def test_one_that_is_refused_harms_no_other(any_world: World) -> None:
    ctx = await inside(any_world)
    await deployments(any_world).record(ctx, said(0))
    unmakeable = EnvironmentName("prod:eu", on_new=OnNew.REFUSE)
    commands = [said(n, f"p{n}") for n in range(1, 8)]
    commands.insert(3, said(99, "p99", environment=unmakeable))
    commands.insert(5, said(98, "p98", deployment_name="\ud800"))
    found = await asyncio.gather(
        *(deployments(any_world).record(ctx, command) for command in commands),
        return_exceptions=True,
    )
    refused = {index for index, each in enumerate(found) if isinstance(each, GatewayError)}
    assert refused == {3, 5}
    assert isinstance(found[3], Invalid)
    records = await any_world.held()
    paths = Counter(record.project.path for record in records)
    assert paths == Counter(
        {f"acme/{name}": 1 for name in ("shop", *(f"p{n}" for n in range(1, 8)))}
    )


async def test_one_that_is_refused_late_leaves_nothing_and_harms_no_other(
    any_world: World,
) -> None:
    whole = await inside(any_world)
    await deployments(any_world).record(whole, said(0, "other", deployment_name="taken"))
    limited = await inside(any_world, "shop")
    commands = [
        said(1, deployment_name="one"),
        said(2, deployment_name="taken"),  # of a project that the token does not see
        said(3, deployment_name="two", environment=EnvironmentName("staging")),
    ]
    found = await asyncio.gather(
        *(deployments(any_world).record(limited, command) for command in commands),
        return_exceptions=True,
    )
    assert [type(each) for each in found] == [Outcome, Forbidden, Outcome]
    assert sorted(r.project_number for r in await any_world.held() if r.slot.name != "taken") == [
        1,
        2,
    ]


@pytest.mark.parametrize("count", [2, 20])
async def test_those_about_one_slot_follow_each_other(any_world: World, count: int) -> None:
    ctx = await inside(any_world)
    outcomes = await asyncio.gather(
        *(deployments(any_world).record(ctx, said(n)) for n in range(count))
    )
    assert sorted(o.record.project_number for o in outcomes) == list(range(1, count + 1))
    presences = Counter(record.presence for record in await any_world.held())
    assert presences == {Presence.LIVE: 1, Presence.SUPERSEDED: count - 1}


async def test_each_is_answered_with_its_own_record(any_world: World) -> None:
    ctx = await inside(any_world)
    outcomes = await asyncio.gather(
        *(deployments(any_world).record(ctx, said(n, f"p{n}")) for n in range(12))
    )
    assert [o.record.source.commit for o in outcomes] == [f"{n:040x}" for n in range(12)]
    assert [o.record.project.path for o in outcomes] == [f"acme/p{n}" for n in range(12)]
    assert all(o.is_new and o.current == o.record for o in outcomes)


def test_lanes_that_nobody_uses_are_forgotten_when_there_are_many() -> None:
    lanes = Lanes()
    used = lanes.find("used")
    used.under_way = 1
    for scope in range(10_000):
        assert lanes.find(scope) is lanes.find(scope)
    assert len(lanes) < 1_000
    assert lanes.find("used") is used


async def test_nobody_waits_long_for_company_after_a_transaction_that_stalled() -> None:
    lane = Lanes().find("org")
    lane.expected, lane.seconds = 64, 3600.0
    async with asyncio.timeout(60):
        await lane.gather()
