"""Finding, or making, the place a record belongs to: environment, slot, project, in that order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.auditing import noted
from gateway.choosing import Clues, Named, Rules, choose_project, named_project
from gateway.core import placing
from gateway.core.commands import (
    EnvironmentName,
    EnvironmentParts,
    OnNew,
    ProductionEnvironment,
    RecordDeployment,
)
from gateway.core.context import Context
from gateway.core.errors import Forbidden, Invalid, NotFound
from gateway.core.model import (
    Environment,
    Presence,
    Project,
    ProjectEnvironment,
    ProjectRule,
    Record,
    Slot,
    State,
)
from gateway.core.places import Place
from gateway.core.search import Scope
from gateway.core.status import says_again
from gateway.ports import Transaction


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a record goes; the slot is locked."""

    environment: Environment
    slot: Slot
    project: Project
    rule: ProjectRule
    project_environment: ProjectEnvironment

    @property
    def place(self) -> Place:
        """The environment as the project has it."""
        return Place(self.project, self.environment, self.project_environment)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a command points: a named project, if any, an environment, and a slot by name."""

    named: Named | None
    environment: Environment
    slot_name: str


async def place(
    tx: Transaction,
    ctx: Context,
    command: RecordDeployment,
    now: datetime,
    rules: Rules,
) -> Placement:
    """Where the command's record belongs, its slot locked.

    Raises ``NotFound`` for a named project or environment that may not be made or seen,
    ``Invalid`` for an environment name that the dialect would not let its clients make, and
    ``Forbidden`` where the token reaches neither the slot nor a project.
    """
    address = await locate(tx, ctx, command, now, rules)
    return await place_at(tx, ctx, command, address, now, rules)


async def locate(
    tx: Transaction, ctx: Context, command: RecordDeployment, now: datetime, rules: Rules
) -> Address:
    """Where the command points; raises what ``place`` raises before it locks.

    An attempt that is said again points to where it was said first.
    """
    named = None
    if command.project is not None:
        named = await named_project(tx, ctx, command.project, rules)
    node_id = command.delivery.node_id
    if command.is_attempt and node_id is not None and isinstance(named, Project):
        earlier = await tx.record_with_node_id(ctx.org.id, named.id, node_id)
        if earlier is not None:
            return Address(named, earlier.environment, earlier.slot.name)
    choice = command.environment
    if isinstance(choice, ProductionEnvironment):
        choice = await _production(tx, ctx, named)
    environment = await _environment(tx, ctx, choice, now, auto_create=rules.auto_create)
    return Address(named, environment, _slot_name(command, named))


async def place_at(
    tx: Transaction,
    ctx: Context,
    command: RecordDeployment,
    address: Address,
    now: datetime,
    rules: Rules,
) -> Placement:
    """Where the command's record belongs, its slot locked. Raises as ``place``.

    What is said of a record that is there already stays where that one is.
    """
    environment = address.environment
    since = command.occurred_at or now
    slot = await tx.lock_slot(ctx.org.id, environment.id, address.slot_name, since)
    current = await reached(tx, ctx, slot)
    known = None
    if address.named is None:
        known = await _spoken_of(tx, ctx, command, slot, current)
    if known is not None:
        project, rule = known.project, known.project_rule
    else:
        clues = Clues(address.named, command.artifact, command.deployment_name, current)
        project, rule = await choose_project(tx, ctx, clues, now, rules)
    in_project = await tx.project_environment(ctx.org.id, project, environment, now)
    return Placement(environment, slot, project, rule, in_project)


async def make_environment(
    tx: Transaction, ctx: Context, command: RecordDeployment, now: datetime, rules: Rules
) -> None:
    """Make the environment that a command names, in its project, and nothing else of it.

    Raises as ``place``.
    """
    address = await locate(tx, ctx, command, now, rules)
    clues = Clues(address.named, command.artifact, command.deployment_name)
    project, _ = await choose_project(tx, ctx, clues, now, rules)
    await tx.project_environment(ctx.org.id, project, address.environment, now)


async def _spoken_of(
    tx: Transaction, ctx: Context, command: RecordDeployment, slot: Slot, current: Record | None
) -> Record | None:
    """The record of a locked slot that a command says again, or takes out."""
    if command.is_attempt or command.state is not State.SUCCESS:
        return None
    if current is not None and current.presence is Presence.LIVE and says_again(current, command):
        return current
    if not command.is_decommission:
        return None
    return await tx.newest_of_artifact(ctx.scope, slot.id, command.artifact, command.source)


def _slot_name(command: RecordDeployment, named: Named | None) -> str:
    if command.deployment_name is not None:
        return command.deployment_name
    path = named.path if isinstance(named, Project) else named or ""
    return path.partition("/")[2]


async def _production(tx: Transaction, ctx: Context, named: Named | None) -> EnvironmentName:
    """The one environment that is of the tier production in the project; else ``production``."""
    if isinstance(named, Project):
        tier = placing.PRODUCTION
        found = await tx.environments_of_tier(ctx.org.id, named.id, tier, limit=2)
        if len(found) == 1:
            return EnvironmentName(found[0].name)
    return EnvironmentName(placing.PRODUCTION)


async def _environment(
    tx: Transaction,
    ctx: Context,
    choice: EnvironmentName | EnvironmentParts,
    now: datetime,
    *,
    auto_create: bool,
) -> Environment:
    if isinstance(choice, EnvironmentParts):
        return await _environment_with_parts(tx, ctx, choice, now)
    found = await tx.environment_named(ctx.org.id, choice.name)
    if found is not None:
        return found
    if choice.on_new is OnNew.REFUSE:
        raise Invalid(field="environment", reason="unmakeable", value=choice.name)
    if choice.on_new is OnNew.IF_AUTO_CREATE and not auto_create:
        raise NotFound("environment", choice.name)
    made = await tx.make_environment(
        ctx.org.id,
        logical=choice.name,
        physical=None,
        cluster=None,
        name=choice.name,
        tier=placing.guess_tier(choice.name),
        now=now,
        by_name=True,
    )
    return await noted(tx, ctx, made, now)


async def _environment_with_parts(
    tx: Transaction, ctx: Context, choice: EnvironmentParts, now: datetime
) -> Environment:
    parts = (choice.logical, choice.physical or None, choice.cluster or None)
    found = await tx.environment_with_parts(ctx.org.id, *parts)
    if found is not None:
        return found
    name = placing.joined_name(*parts)
    made = await tx.make_environment(
        ctx.org.id,
        logical=parts[0],
        physical=parts[1],
        cluster=parts[2],
        name=name,
        tier=placing.guess_tier(name),
        now=now,
    )
    return await noted(tx, ctx, made, now)


async def reached(tx: Transaction, ctx: Context, slot: Slot) -> Record | None:
    """What a locked slot shows. Raises ``Forbidden`` when the token may not see its project."""
    if slot.current is None:
        return None
    current = await tx.current_record(Scope(ctx.org.id), slot.id)
    if current is not None and not ctx.scope.sees(current.project.id):
        raise Forbidden(needs="project")
    return current
