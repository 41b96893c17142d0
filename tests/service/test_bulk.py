"""Many deployments in one go: the same as one after another, and all or nothing."""

from __future__ import annotations

import random
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.bulk import TurnedAway
from gateway.core.bulk import RecordMany
from gateway.core.commands import (
    ChangeState,
    EnvironmentName,
    EnvironmentParts,
    ProjectPath,
    RecordDeployment,
    RecordId,
)
from gateway.core.context import Caller, Context, Permission
from gateway.core.errors import Forbidden, IllegalMove, Invalid, NotFound, Refusal, Refused
from gateway.core.members import ROOT
from gateway.core.model import Artifact, Runtime, Source, State
from gateway.core.storage import RecordStorage
from tests.world import MakeWorld, World

PATHS = (None, None, ProjectPath("shop"), ProjectPath("other/deep"))
NAMES = ("ghcr.io/team/shop:1", "registry.example:5000/tools/x", None)
STATES = (*([State.SUCCESS] * 5), State.RUNNING, State.FAILED)
ENVIRONMENTS = (EnvironmentParts("prod", "east", "c1"), EnvironmentName("prod/east/c1"))
START = datetime(2026, 3, 1, tzinfo=UTC)
HEX = str.maketrans("uvwxyz", "abcdef")


def said(slot: str, letter: str, **facts: Any) -> RecordDeployment:
    """A deployment of an artifact in a slot of one cluster."""
    known: dict[str, Any] = {
        "environment": ENVIRONMENTS[0],
        "artifact": Artifact(digests={"sha256": letter * 64}),
        "source": Source(),
        "deployment_name": slot,
        "runtime": Runtime(risks=(), tags={}),
    }
    return RecordDeployment(**{**known, **facts})


async def inside(
    world: World, org: str, projects: Iterable[str] | None = None, dialect: str = "github"
) -> Context:
    """Somebody with ``write`` inside an org, limited to projects or not."""
    async with world.gateway.store.writing() as tx:
        found = await tx.org(org)
        assert found is not None
        limits = None
        if projects is not None:
            now = found.created_at
            limits = frozenset([(await tx.make_project(found, p, now)).id for p in projects])
    return Context(Caller(ROOT, Permission.WRITE, found, limits), found, dialect, raw=b"{}")


def randomly(dice: random.Random, slots: list[str]) -> list[RecordDeployment]:
    """One statement about each of some slots; each says a moment of its own, early or late."""
    items = []
    for slot in dice.sample(slots, dice.randint(1, len(slots))):
        state = dice.choice(STATES)
        items.append(
            said(
                slot,
                "",
                environment=dice.choice(ENVIRONMENTS),
                artifact=Artifact(name=dice.choice(NAMES), digests=randomly_named(dice)),
                project=dice.choice(PATHS),
                state=state,
                is_decommission=state is State.SUCCESS and dice.random() < 0.35,
                runtime=Runtime(risks=(), tags=dice.choice([{}, {"team": "x"}])),
                occurred_at=START + timedelta(seconds=dice.uniform(-1e6, 1e6)),
            )
        )
    return items


def randomly_named(dice: random.Random) -> dict[str, str]:
    """One digest or two, which may be of two artifacts known so far."""
    found = {"sha256": dice.choice("abcd") * 64, "sha512": dice.choice("abcd") * 128}
    kept = dice.choice([["sha256"], ["sha256"], ["sha512"], ["sha256", "sha512"]])
    return {algorithm: found[algorithm] for algorithm in kept}


async def moved(world: World, org: str, place: int) -> None:
    """One of an org's records has failed, if it has not."""
    records = await world.held(org)
    ctx = await inside(world, org)
    choice = RecordId(records[place % len(records)].id)
    with suppress(IllegalMove):
        await world.gateway.services.deployments.change_state(
            ctx, ChangeState(choice, State.FAILED, occurred_at=START)
        )


async def everything(world: World, org: str) -> list[object]:
    """All that an org's records say, without ids."""
    records = await world.held(org)
    by_id = {record.id: record.project_number for record in records}
    deployments = world.gateway.services.deployments
    ctx = await inside(world, org)
    found: list[object] = []
    for record in sorted(records, key=lambda r: (r.project.path, r.project_number)):
        events = await deployments.events(ctx, record.id)
        found.append(
            {
                "place": (record.project.path.partition("/")[2], record.project_number),
                "rule": record.project_rule,
                "slot": (record.slot.name, record.environment.name, record.is_current),
                "artifact": (record.artifact.name, record.artifact.digests, record.artifact.id),
                "presence": (record.presence, by_id.get(record.superseded_by or record.id)),
                "tags": record.runtime.tags,
                "times": (record.created_at, record.updated_at, record.last_seen_at),
                "ends": (record.finished_at, record.ended_at),
                "environment": record.project_environment.state,
                "events": [(event.kind, event.presence) for event in events],
            }
        )
    return found


def without_ids(facts: list[object]) -> list[object]:
    """Artifact ids are made from the org's, so they differ from org to org."""
    numbers: dict[object, int] = {}
    for fact in facts:
        assert isinstance(fact, dict)
        name, digests, artifact_id = fact["artifact"]
        fact["artifact"] = (name, digests, numbers.setdefault(artifact_id, len(numbers)))
    return facts


@pytest.mark.parametrize("seed", range(4))
async def test_many_at_once_leave_what_one_after_another_leaves(
    any_world: World, seed: int
) -> None:
    dice = random.Random(seed)
    slots = [f"default/{name}" for name in "uvwxyz"]
    one, other = await inside(any_world, "acme"), await inside(any_world, "umbrella")
    services = any_world.gateway.services
    for place in range(10):
        items = randomly(dice, slots)
        single = [await services.deployments.record(one, item) for item in items]
        many = await services.bulk.record(other, RecordMany(tuple(items)))
        shown = [outcome.current or outcome.record for outcome in single]
        assert [r.artifact.digests for r in many.shown] == [r.artifact.digests for r in shown]
        assert [r.presence for r in many.shown] == [r.presence for r in shown]
        for org in ("acme", "umbrella"):
            await moved(any_world, org, place)
        by_one = without_ids(await everything(any_world, "acme"))
        by_many = without_ids(await everything(any_world, "umbrella"))
        for ours, theirs in zip(by_many, by_one, strict=True):
            assert ours == theirs


async def test_a_set_stops_a_place_when_it_takes_the_last_that_is_live_there(
    any_world: World,
) -> None:
    ctx, bulk = await inside(any_world, "acme"), any_world.gateway.services.bulk
    for live, gone, state in (
        ("uv", "", "available"),
        ("", "u", "available"),
        ("", "v", "stopped"),
        ("uvw", "", "available"),
        ("", "uv", "available"),
        ("u", "w", "available"),
        ("vw", "u", "available"),
        ("", "wv", "stopped"),
    ):
        items = [said(slot, slot.translate(HEX), project=ProjectPath("shop")) for slot in live]
        items += [said(slot, slot.translate(HEX), is_decommission=True) for slot in gone]
        await bulk.record(ctx, RecordMany(tuple(items)))
        latest = (await any_world.held())[-1]
        assert latest.project_environment.state == state, (live, gone)


async def test_digests_of_two_artifacts_of_a_set_bring_the_project_of_the_later(
    any_world: World,
) -> None:
    ctx, items = await inside(any_world, "acme"), []
    for place, letter in enumerate("abcdef"):
        digests = {"sha256": letter * 64}, {"sha512": letter * 128}
        first, last = digests if place % 2 else reversed(digests)
        for project, said_of_it in (
            (ProjectPath("first"), first),
            (ProjectPath("last"), last),
            (None, {**first, **last}),
        ):
            artifact = Artifact(digests=said_of_it)
            items.append(said(f"{len(items)}", "", artifact=artifact, project=project))
    recorded = await any_world.gateway.services.bulk.record(ctx, RecordMany(tuple(items)))
    assert {record.project.path for record in recorded.shown[2::3]} == {"acme/last"}


async def test_one_refused_item_leaves_nothing(any_world: World) -> None:
    ctx = await inside(any_world, "acme", ["acme/shop"])
    bulk = any_world.gateway.services.bulk
    items = (said("a", "a"), said("b", "b", project=ProjectPath("elsewhere")), said("c", "c"))
    with pytest.raises(Refused) as caught:
        await bulk.record(ctx, RecordMany(items))
    ((refusal),) = caught.value.refusals
    assert (refusal.index, type(refusal.error)) == (1, NotFound)
    assert await any_world.held() == ()
    assert await bulk.refusals(ctx, RecordMany(items)) == caught.value.refusals
    recorded = await bulk.record(ctx, RecordMany(items, is_partial=True))
    assert [record.slot.name for record in recorded.shown] == ["a", "c"]
    assert [refusal.index for refusal in recorded.refusals] == [1]
    assert len(await any_world.held()) == 2


async def test_what_an_attempt_refuses_joins_what_those_before_it_have_refused(
    any_world: World,
) -> None:
    ctx = await inside(any_world, "acme", ["acme/shop"])
    bulk, store = any_world.gateway.services.bulk, any_world.gateway.store
    elsewhere = [said(slot, slot, project=ProjectPath("elsewhere")) for slot in "bc"]
    many = RecordMany((said("a", "a"), *elsewhere), is_partial=True)
    first, second = (Refusal(index, NotFound("project", "elsewhere")) for index in (1, 2))
    with pytest.raises(TurnedAway) as caught:
        async with store.batching() as batch:
            await bulk.record_in(batch, ctx, many, (second,))
    assert [refusal.index for refusal in caught.value.refusals] == [2, 1]
    async with store.batching() as batch:
        recorded = await bulk.record_in(batch, ctx, many, (second, first))
    assert recorded.refusals == (first, second)
    assert [record.slot.name for record in recorded.shown] == ["a"]


async def test_a_slot_of_a_hidden_project_is_refused(any_world: World) -> None:
    bulk = any_world.gateway.services.bulk
    everyone = await inside(any_world, "acme")
    await bulk.record(everyone, RecordMany((said("a", "a", project=ProjectPath("secret")),)))
    ctx = await inside(any_world, "acme", ["acme/shop", "acme/mine"])
    items = (said("a", "b", project=ProjectPath("shop")), said("n", "c"))
    recorded = await bulk.record(ctx, RecordMany(items, is_partial=True))
    assert recorded.shown == ()
    assert [type(refusal.error) for refusal in recorded.refusals] == [Forbidden, Forbidden]
    shop = next(
        p for p in await any_world.gateway.services.deployments.projects(ctx) if "shop" in p.path
    )
    assert [refusal.project_number for refusal in recorded.refusals] == [shop.number, None]
    (record,) = await any_world.held()
    assert record.project.path == "acme/secret"
    async with any_world.gateway.store.reading() as reading:
        environment = await reading.environment_named(ctx.org.id, "prod/east/c1")
    assert environment is not None
    refused_at = datetime.now(UTC)
    await bulk.record(everyone, RecordMany((said("n", "d"),)))
    latest = (await any_world.held())[-1]
    assert latest.slot.created_at >= refused_at, "an empty slot stayed behind"


async def test_a_slot_named_twice_is_refused(any_world: World) -> None:
    ctx = await inside(any_world, "acme")
    many = RecordMany((said("a", "a"), said("a", "b")))
    with pytest.raises(Invalid) as caught:
        await any_world.gateway.services.bulk.record(ctx, many)
    assert (caught.value.field, caught.value.reason) == ("deployment_name", "duplicate")
    assert await any_world.held() == ()


async def test_strict_provenance_takes_what_the_org_has_seen(make_world: MakeWorld) -> None:
    world = await make_world(github_provenance="strict")
    ctx, other = await inside(world, "acme"), await inside(world, "acme", dialect="gitlab")
    services = world.gateway.services
    for project in (None, ProjectPath("shop")):
        with pytest.raises(NotFound):
            await services.deployments.record(ctx, said("a", "a", project=project))
    await services.deployments.record(other, said("a", "a", project=ProjectPath("shop")))
    await services.deployments.record(ctx, said("b", "a"))
    await services.deployments.record(ctx, said("b", "b", project=ProjectPath("shop")))
    items = (said("c", "b"), said("d", "c"))
    recorded = await services.bulk.record(ctx, RecordMany(items, is_partial=True))
    assert [refusal.index for refusal in recorded.refusals] == [1]


async def test_where_an_artifact_ran_counts_before_where_another_is_kept(any_world: World) -> None:
    ctx, services = await inside(any_world, "acme"), any_world.gateway.services
    await services.deployments.record(ctx, said("a", "a", project=ProjectPath("ran")))
    kept = Artifact(name="web", digests={"sha512": "b" * 128})
    for place in ("one", "two", "three"):
        command = RecordStorage(kept, f"https://{place}.example", project=ProjectPath("kept"))
        assert (await services.storage.record(ctx, command)).project.path == "acme/kept"
    both = Artifact(digests={"sha256": "a" * 64, **kept.digests})
    await services.bulk.record(ctx, RecordMany((said("n", "a", artifact=both),)))
    assert [record.project.path for record in await any_world.held()] == ["acme/ran"] * 2


async def test_an_empty_set_is_no_work(any_world: World) -> None:
    ctx = await inside(any_world, "acme")
    recorded = await any_world.gateway.services.bulk.record(ctx, RecordMany(()))
    assert recorded.shown == recorded.refusals == ()
