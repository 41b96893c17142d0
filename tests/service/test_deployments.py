"""The use cases on a database: what a write changes beside its own record."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.core.commands import ChangeState, ProjectPath, RecordId, RecordNumber, RemoveRecord
from gateway.core.context import Permission
from gateway.core.errors import Forbidden, IllegalMove, NotFound, Undeletable
from gateway.core.events import EventKind
from gateway.core.model import Artifact, ArtifactKind, Delivery, Presence, Record, Source, State
from gateway.core.places import PlaceSearch
from gateway.core.search import Search, View
from tests.service.test_placement import A, B, deployments, inside, put
from tests.world import World

SHOP = ProjectPath("shop")


async def state_of(world: World) -> str:
    """The state that acme/shop's production shows."""
    listed = world.gateway.services.environments.listed
    _, found = await listed(await inside(world), SHOP, PlaceSearch())
    return found.places[0].here.state


async def kinds(world: World, record: Record) -> list[EventKind]:
    """The kinds of a record's events, oldest first."""
    return [e.kind for e in await deployments(world).events(await inside(world), record.id)]


async def test_decommissioning_the_last_live_record_stops_the_environment(
    any_world: World,
) -> None:
    ctx = await inside(any_world)
    await put(any_world, ctx, project=SHOP)
    await put(any_world, ctx, B, project=SHOP, deployment_name="worker")
    assert await state_of(any_world) == "available"
    await put(any_world, ctx, B, project=SHOP, deployment_name="worker", is_decommission=True)
    assert await state_of(any_world) == "available"
    await put(any_world, ctx, project=SHOP, is_decommission=True)
    assert await state_of(any_world) == "stopped"
    await put(any_world, ctx, B, project=SHOP)
    assert await state_of(any_world) == "available"


async def test_a_deployment_that_turns_out_to_have_failed_stops_nothing(
    any_world: World,
) -> None:
    ctx = await inside(any_world)
    live = (await put(any_world, ctx, project=SHOP)).record
    await deployments(any_world).change_state(ctx, ChangeState(RecordId(live.id), State.FAILED))
    assert [record.presence for record in await any_world.held()] == [Presence.NONE]
    assert await state_of(any_world) == "available"


async def test_every_change_leaves_an_event(any_world: World) -> None:
    ctx = await inside(any_world)
    first = (await put(any_world, ctx, project=SHOP)).record
    await put(any_world, ctx, project=SHOP)
    second = (await put(any_world, ctx, B, project=SHOP)).record
    moved = ChangeState(RecordNumber(second.number), State.FAILED, project=SHOP)
    await deployments(any_world).change_state(ctx, moved)
    assert await kinds(any_world, first) == [
        EventKind.RECORDED,
        EventKind.RESTATED,
        EventKind.SUPERSEDED,
        EventKind.REVIVED,
    ]
    assert await kinds(any_world, second) == [EventKind.RECORDED, EventKind.STATE_CHANGED]


async def test_an_illegal_move_changes_nothing(any_world: World) -> None:
    ctx = await inside(any_world)
    made = (await put(any_world, ctx, project=SHOP)).record
    for state in (State.SUCCESS, State.RUNNING):
        with pytest.raises(IllegalMove):
            await deployments(any_world).change_state(ctx, ChangeState(RecordId(made.id), state))
    assert await any_world.held() == (await deployments(any_world).get(ctx, RecordId(made.id)),)
    assert await kinds(any_world, made) == [EventKind.RECORDED]


async def test_what_runs_and_what_was_deployed_last_cannot_be_removed(any_world: World) -> None:
    ctx = await inside(any_world)
    first = (await put(any_world, ctx, project=SHOP)).record
    last = (await put(any_world, ctx, B, project=SHOP)).record
    running = (await put(any_world, ctx, project=SHOP, state=State.RUNNING)).record
    for record in (last, running):
        with pytest.raises(Undeletable):
            await deployments(any_world).remove(ctx, RemoveRecord(RecordId(record.id)))
    await deployments(any_world).remove(ctx, RemoveRecord(RecordId(first.id)))
    assert [record.id for record in await any_world.held()] == [last.id, running.id]
    assert (await kinds(any_world, first))[-1] is EventKind.REMOVED


async def test_removing_takes_an_administrator(any_world: World) -> None:
    ctx = await inside(any_world)
    made = (await put(any_world, ctx, project=SHOP, state=State.FAILED)).record
    writer = replace(ctx, caller=replace(ctx.caller, permission=Permission.WRITE))
    with pytest.raises(Forbidden):
        await deployments(any_world).remove(writer, RemoveRecord(RecordId(made.id)))
    with pytest.raises(NotFound):
        await deployments(any_world).remove(writer, RemoveRecord(RecordId(ctx.org.id)))


async def test_a_slot_shows_its_live_record_else_the_newest_that_ended(any_world: World) -> None:
    ctx = await inside(any_world)

    async def shown(view: View) -> list[str]:
        found = await deployments(any_world).search(ctx, Search(view=view))
        return [record.artifact.digests["sha256"][0] for record in found.records]

    await put(any_world, ctx, B, project=SHOP, state=State.FAILED)
    assert await shown(View.CURRENT) == []
    await put(any_world, ctx, A, project=SHOP)
    await put(any_world, ctx, B, project=SHOP)
    assert (await shown(View.CURRENT), await shown(View.LIVE)) == (["b"], ["b"])
    await put(any_world, ctx, B, project=SHOP, is_decommission=True)
    assert (await shown(View.CURRENT), await shown(View.LIVE)) == (["b"], [])


async def test_an_artifact_is_known_again_by_any_of_its_digests(any_world: World) -> None:
    ctx = await inside(any_world)
    both = Artifact(digests={"sha256": "a" * 64, "sha512": "c" * 128}, name="shop", version="1")
    first = (await put(any_world, ctx, both, project=SHOP)).record
    alone = Artifact(digests={"sha512": "c" * 128})
    elsewhere = await put(any_world, ctx, alone, project=SHOP, deployment_name="other")
    known = replace(both, id=first.artifact.id, digests=alone.digests)
    assert elsewhere.record.artifact == known, "a digest that nobody said is not made up"
    found = await deployments(any_world).search(ctx, Search(digest=("sha256", "a" * 64)))
    assert len(found.records) == 2


async def test_what_is_told_late_is_known_of_an_artifact_as_well(any_world: World) -> None:
    ctx = await inside(any_world)
    first = (await put(any_world, ctx, project=SHOP)).record
    both = Artifact(digests={**A.digests, "sha512": "c" * 128})
    earlier = first.created_at - timedelta(days=1)
    again = await put(any_world, ctx, both, project=SHOP, occurred_at=earlier)
    assert (again.is_new, again.record.artifact.digests) == (False, both.digests)
    found = await deployments(any_world).search(ctx, Search(digest=("sha512", "c" * 128)))
    assert [record.id for record in found.records] == [first.id]
    alone = Artifact(digests={"sha512": "c" * 128})
    gone = await put(any_world, ctx, alone, project=SHOP, is_decommission=True)
    assert gone.record.id == first.id


async def test_an_environment_changes_when_that_is_told(any_world: World) -> None:
    ctx = await inside(any_world)
    long_ago: dict[str, Any] = {"project": SHOP, "occurred_at": datetime(2001, 1, 1, tzinfo=UTC)}
    for facts in ({"is_decommission": True}, {}):
        await put(any_world, ctx, **facts, **long_ago)
        listed = any_world.gateway.services.environments.listed
        _, found = await listed(ctx, SHOP, PlaceSearch())
        here = found.places[0].here
        assert here.updated_at >= here.created_at


async def test_a_token_limited_to_projects_neither_learns_of_an_artifact_nor_teaches(
    any_world: World,
) -> None:
    whole, limited = await inside(any_world), await inside(any_world, "shop")
    secret = replace(A, name="secret-chart", version="9", kind=ArtifactKind.HELM_CHART)
    hidden = {"project": ProjectPath("secret"), "deployment_name": "secret"}
    await put(any_world, whole, secret, **hidden)
    learnt = (await put(any_world, limited, A, project=SHOP)).record.artifact
    assert learnt == replace(A, id=learnt.id)
    await put(any_world, limited, replace(A, name="other", version="0"), project=SHOP)
    again = await put(any_world, whole, A, project=SHOP, deployment_name="third")
    assert again.record.artifact == replace(secret, id=learnt.id)


async def test_a_hidden_record_is_not_decommissioned(any_world: World) -> None:
    whole, limited = await inside(any_world), await inside(any_world, "shop")
    secret = (await put(any_world, whole, A, project=ProjectPath("secret"))).record
    slot = {"deployment_name": secret.slot.name}
    await put(any_world, whole, B, project=SHOP, **slot)
    gone = await put(any_world, limited, A, project=SHOP, is_decommission=True, **slot)
    assert gone.is_new, "what is hidden was never seen"
    presences = [record.presence.value for record in await any_world.held()]
    assert presences == ["superseded", "live", "decommissioned"]


async def test_a_restated_record_keeps_its_ids_and_its_first_times(any_world: World) -> None:
    ctx = await inside(any_world)
    first = (await put(any_world, ctx, project=SHOP)).record
    again = await put(any_world, ctx, replace(A, version="2"), project=SHOP)
    assert not again.is_new
    kept = replace(again.record, artifact=first.artifact)
    assert kept == replace(
        first, updated_at=again.record.updated_at, last_seen_at=again.record.last_seen_at
    )
    assert again.record.artifact.version == "2"
    assert again.record.presence is Presence.LIVE


async def test_a_commit_that_learns_its_digest_has_an_artifact(any_world: World) -> None:
    ctx = await inside(any_world)
    said = {"project": SHOP, "is_attempt": True, "delivery": Delivery(node_id="n-1")}
    first = await put(any_world, ctx, Artifact(), source=Source(commit="c"), **said)
    assert first.record.artifact.id is None
    again = await put(any_world, ctx, A, source=Source(commit="c"), **said)
    assert again.record.id == first.record.id
    assert again.record.artifact.id is not None
    assert again.record == (await any_world.held())[0]


async def test_removing_a_live_record_does_not_start_its_environment(any_world: World) -> None:
    ctx = await inside(any_world)
    live = (await put(any_world, ctx, project=SHOP, deployment_name="web")).record
    await put(any_world, ctx, project=SHOP)
    await put(any_world, ctx, project=SHOP, is_decommission=True)
    await deployments(any_world).remove(ctx, RemoveRecord(RecordId(live.id)))
    assert [record.presence for record in await any_world.held()] == [Presence.DECOMMISSIONED]
    assert (await kinds(any_world, live))[-1] is EventKind.REMOVED
