"""Where a record belongs: which project, which environment, which slot."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gateway.core.commands import (
    ChangeState,
    EnvironmentName,
    EnvironmentParts,
    OnNew,
    ProductionEnvironment,
    ProjectNumber,
    ProjectPath,
    RecordDeployment,
    RecordId,
    RemoveRecord,
)
from gateway.core.context import Caller, Context, Permission
from gateway.core.errors import Forbidden, Invalid, NotFound
from gateway.core.members import ROOT
from gateway.core.model import Artifact, Record, Source, State
from gateway.core.places import PlaceSearch
from gateway.service import Deployments, Outcome
from tests.world import MakeWorld, World

A, B = Artifact(digests={"sha256": "a" * 64}), Artifact(digests={"sha256": "b" * 64})


async def inside(world: World, *projects: str, org: str = "acme") -> Context:
    """A writer in an org, limited to ``projects`` where any are named."""
    administrator = Caller(user=ROOT, permission=Permission.ADMIN)
    found = await world.gateway.access.org(administrator, org)
    whole = Context(caller=administrator, org=found, dialect="canonical")
    if not projects:
        return whole
    directory = world.gateway.services.directory
    ids = {(await directory.make_project(whole, path))[0].id for path in projects}
    return replace(whole, caller=replace(administrator, org=found, projects=frozenset(ids)))


async def put(world: World, ctx: Context, artifact: Artifact = A, **said: Any) -> Outcome:
    """Record a success in production, under no project unless ``said``."""
    facts: dict[str, Any] = {"environment": EnvironmentName("production"), "source": Source()}
    if "project" not in said:
        facts["deployment_name"] = "web"
    command = RecordDeployment(artifact=artifact, **{**facts, **said})
    return await deployments(world).record(ctx, command)


def deployments(world: World) -> Deployments:
    """The use cases of a world."""
    return world.gateway.services.deployments


def placed(record: Record) -> tuple[str, str]:
    """A record's project and the rule that chose it."""
    return record.project.path, record.project_rule.value


async def test_a_named_project_wins_over_a_recorded_one(any_world: World) -> None:
    ctx = await inside(any_world)
    await put(any_world, ctx, project=ProjectPath("shop"))
    named = await put(any_world, ctx, project=ProjectPath("bank"), deployment_name="web")
    assert placed(named.record) == ("acme/bank", "named")


async def test_a_digest_seen_before_brings_its_project(any_world: World) -> None:
    ctx = await inside(any_world)
    await put(any_world, ctx, project=ProjectPath("shop"))
    found = await put(any_world, ctx)
    assert placed(found.record) == ("acme/shop", "digest")


async def test_the_slots_current_record_brings_its_project(any_world: World) -> None:
    ctx = await inside(any_world)
    await put(any_world, ctx, project=ProjectPath("shop"), deployment_name="web")
    found = await put(any_world, ctx, B)
    assert placed(found.record) == ("acme/shop", "slot")


NAMES = {
    "ghcr.io/acme/shop:1": "acme/shop",
    "shop": "acme/shop",
    "ghcr.io/acme/shop/worker": "acme/shop",
    "ghcr.io/acme/other": "acme/other",
}


@pytest.mark.parametrize(("name", "path"), NAMES.items())
async def test_an_artifact_name_brings_the_longest_known_project(
    world: World, name: str, path: str
) -> None:
    ctx = await inside(world)
    await world.gateway.services.directory.make_project(ctx, "shop")
    found = await put(world, ctx, replace(A, name=name))
    assert placed(found.record) == (path, "artifact_name")


async def test_a_deployment_name_is_the_last_guess_before_unassigned(world: World) -> None:
    ctx = await inside(world)
    assert placed((await put(world, ctx, deployment_name="web")).record) == (
        "acme/web",
        "deployment_name",
    )
    assert placed((await put(world, ctx, B, deployment_name="")).record) == (
        "acme/unassigned",
        "unassigned",
    )


async def test_project_names_compare_in_any_case_and_keep_their_first_spelling(
    any_world: World,
) -> None:
    ctx = await inside(any_world)
    first = await put(any_world, ctx, project=ProjectPath("Acme/Shop"))
    again = await put(any_world, ctx, B, project=ProjectPath("acme-inc/SHOP"))
    assert first.record.project == again.record.project
    assert again.record.project.path == "acme/Shop"
    assert again.record.slot.id == first.record.slot.id


async def test_a_state_change_reaches_no_slot_of_a_hidden_project(any_world: World) -> None:
    whole, limited = await inside(any_world), await inside(any_world, "shop")
    shop, slot = ProjectPath("shop"), {"deployment_name": "web"}
    waiting = await put(any_world, limited, project=shop, state=State.RUNNING, **slot)
    await put(any_world, whole, B, project=ProjectPath("secret"), **slot)
    moved = ChangeState(RecordId(waiting.record.id), State.SUCCESS)
    with pytest.raises(Forbidden):
        await deployments(any_world).change_state(limited, moved)
    with pytest.raises(Forbidden):
        await deployments(any_world).remove(limited, RemoveRecord(RecordId(waiting.record.id)))
    presences = [record.presence.value for record in await any_world.held()]
    assert presences == ["none", "live"]


async def test_a_number_never_makes_a_project(world: World) -> None:
    ctx = await inside(world)
    with pytest.raises(NotFound):
        await put(world, ctx, project=ProjectNumber(999))
    assert await world.held() == ()


async def test_rules_choose_only_a_project_the_token_sees(any_world: World) -> None:
    whole = await inside(any_world)
    limited = await inside(any_world, "shop", "bank")
    await put(any_world, whole, project=ProjectPath("secret"), deployment_name="other")
    with pytest.raises(Forbidden):
        await put(any_world, limited)
    with pytest.raises(Forbidden):
        await put(any_world, limited, B, deployment_name="other")
    with pytest.raises(NotFound):
        await put(any_world, limited, B, project=ProjectPath("secret"))
    one = await inside(any_world, "shop")
    assert placed((await put(any_world, one, B)).record) == ("acme/shop", "token")
    assert len(await any_world.held()) == 2


@pytest.mark.parametrize("is_live", [True, False])
@pytest.mark.parametrize("facts", [{}, {"is_decommission": True}])
async def test_what_is_said_again_is_in_its_own_project_alone(
    any_world: World, facts: dict[str, Any], is_live: bool
) -> None:
    ctx = await inside(any_world)
    shop, staging = ProjectPath("shop"), EnvironmentName("staging")
    first = await put(any_world, ctx, project=shop, deployment_name="web")
    if not is_live:
        await put(any_world, ctx, B, project=shop, deployment_name="web")
    await put(any_world, ctx, project=ProjectPath("bank"), environment=staging)
    again = await put(any_world, ctx, **facts)
    is_again = is_live or bool(facts)
    assert (again.record.id == first.record.id) is is_again
    listed = any_world.gateway.services.environments.listed
    _, found = await listed(ctx, ProjectPath("bank"), PlaceSearch())
    names = [place.environment.name for place in found.places]
    assert names == (["staging"] if is_again else ["staging", "production"])


async def test_digests_of_two_artifacts_bring_the_project_of_the_newest(any_world: World) -> None:
    ctx, limited = await inside(any_world), await inside(any_world, "shop", "bank")
    other = Artifact(digests={"sha512": "b" * 128})
    await put(any_world, ctx, project=ProjectPath("shop"))
    await put(any_world, ctx, other, project=ProjectPath("bank"))
    both = Artifact(digests={**A.digests, **other.digests})
    for caller in (limited, ctx):
        found = await put(any_world, caller, both, deployment_name="another")
        assert placed(found.record) == ("acme/bank", "digest")


async def test_the_gateways_environments_have_three_parts_and_one_name(any_world: World) -> None:
    ctx = await inside(any_world)
    parts = EnvironmentParts("prod", "eu", "c1")
    made = (await put(any_world, ctx, environment=parts)).record.environment
    assert (made.name, made.tier) == ("prod/eu/c1", "production")
    by_name = (await put(any_world, ctx, environment=EnvironmentName("prod/eu/c1"))).record
    assert by_name.environment.id == made.id
    clash = EnvironmentParts("prod/eu/c1")
    other = (await put(any_world, ctx, environment=clash)).record.environment
    assert other.id != made.id
    assert other.name.startswith("prod/eu/c1-")
    plain = (await put(any_world, ctx, environment=EnvironmentName("qa"))).record.environment
    again = (await put(any_world, ctx, environment=EnvironmentParts("qa", "", ""))).record
    assert again.environment.id == plain.id, "absent and empty parts are one identity"


async def test_a_name_that_may_not_be_made_can_be_written_once_it_exists(world: World) -> None:
    ctx = await inside(world)
    choice = EnvironmentName("prod:eu", on_new=OnNew.REFUSE)
    with pytest.raises(Invalid) as refused:
        await put(world, ctx, environment=choice)
    assert (refused.value.field, refused.value.reason) == ("environment", "unmakeable")
    await put(world, ctx, environment=EnvironmentName("prod:eu"))
    await put(world, ctx, B, environment=choice)
    assert len(await world.held()) == 2


async def test_without_auto_create_only_what_exists_is_written_to(make_world: MakeWorld) -> None:
    world = await make_world(auto_create=False)
    ctx = await inside(world)
    with pytest.raises(NotFound):
        await put(world, ctx, project=ProjectPath("shop"))
    await world.gateway.services.directory.make_project(ctx, "shop")
    with pytest.raises(NotFound):
        choice = EnvironmentName("qa", on_new=OnNew.IF_AUTO_CREATE)
        await put(world, ctx, project=ProjectPath("shop"), environment=choice)
    made = await put(world, ctx, project=ProjectPath("shop"), environment=EnvironmentName("qa"))
    assert placed(made.record) == ("acme/shop", "named")


async def test_a_dialect_without_environments_deploys_to_production(world: World) -> None:
    ctx = await inside(world)
    environment = ProductionEnvironment()
    made = await put(world, ctx, project=ProjectPath("shop"), environment=environment)
    assert made.record.environment.name == "production"
    assert made.record.slot.name == "shop"


async def test_orgs_share_nothing(any_world: World) -> None:
    for org in ("acme", "umbrella"):
        ctx = await inside(any_world, org=org)
        made = await put(any_world, ctx, project=ProjectPath("shop"))
        assert (made.is_new, made.record.project.path) == (True, f"{org}/shop")
        assert made.record.project_number == 1
