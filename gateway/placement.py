"""Finding, or making, the place a record belongs to: environment, slot, project, in that order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from gateway.auditing import noted
from gateway.core import placing
from gateway.core.commands import (
    EnvironmentName,
    EnvironmentParts,
    OnNew,
    ProductionEnvironment,
    ProjectChoice,
    ProjectNumber,
    ProjectPath,
    RecordDeployment,
)
from gateway.core.context import Context
from gateway.core.errors import Forbidden, Invalid, NotFound
from gateway.core.model import (
    Artifact,
    Environment,
    Project,
    ProjectEnvironment,
    ProjectRule,
    Record,
    Slot,
)
from gateway.core.search import Scope
from gateway.ports import Reading, Transaction


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a record goes; the slot is locked."""

    environment: Environment
    slot: Slot
    project: Project
    rule: ProjectRule
    project_environment: ProjectEnvironment


Named = Project | str
"""A project that exists, or the path of one that is made once the slot is locked."""


async def visible_project(reading: Reading, ctx: Context, choice: ProjectChoice) -> Project:
    """The project a request names. Raises ``NotFound``, also for one outside the token."""
    if isinstance(choice, ProjectNumber):
        project = await reading.project_by_number(ctx.scope, choice.number)
    else:
        path = placing.project_path(ctx.org, choice.path)
        project = await reading.project(ctx.scope, path) if path is not None else None
    if project is None:
        raise NotFound("project", str(getattr(choice, "path", None) or choice))
    return project


def is_chosen(ctx: Context, project: Project, choice: ProjectChoice) -> bool:
    """Whether this is the project that a request names, and the caller may see it."""
    if not ctx.scope.sees(project.id):
        return False
    if isinstance(choice, ProjectNumber):
        return project.number == choice.number
    path = placing.project_path(ctx.org, choice.path)
    return path is not None and path.casefold() == project.path.casefold()


@dataclass(frozen=True, slots=True)
class Rules:
    """What a write may make, and what it must find.

    With ``auto_create`` it makes the project or environment that it names. ``strict`` are the
    dialects whose artifacts must be known to the org, or come with a project that exists.
    """

    auto_create: bool = True
    strict: frozenset[str] = frozenset()

    def may_make_project(self, ctx: Context) -> bool:
        """A token limited to projects makes none: a new one would be outside it."""
        return self.auto_create and ctx.caller.projects is None


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
    """Where the command points; raises what ``place`` raises before it locks."""
    named = await named_project(tx, ctx, command.project, rules)
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
    """Where the command's record belongs, its slot locked. Raises as ``place``."""
    environment = address.environment
    slot = await tx.lock_slot(ctx.org.id, environment.id, address.slot_name, now)
    current = await reached(tx, ctx, slot)
    project, rule = await choose_project(
        tx,
        ctx,
        Clues(address.named, command.artifact, command.deployment_name, current),
        now,
        rules,
    )
    in_project = await tx.project_environment(ctx.org.id, project, environment, now)
    return Placement(environment, slot, project, rule, in_project)


@dataclass(frozen=True, slots=True)
class Clues:
    """What a project is chosen by, the surest first."""

    named: Named | None
    artifact: Artifact
    deployment_name: str | None = None
    current: Record | None = None


async def choose_project(
    tx: Transaction, ctx: Context, clues: Clues, now: datetime, rules: Rules
) -> tuple[Project, ProjectRule]:
    """The project, and the rule that chose it. Raises ``NotFound`` and ``Forbidden``."""
    if clues.named is None:
        return await _Guess(tx, ctx, clues, now, rules).project()
    return await _made(tx, ctx, clues.named, now), ProjectRule.NAMED


def project_paths(ctx: Context, command: RecordDeployment) -> Iterator[str]:
    """Every path at which the rules may look for the command's project."""
    if isinstance(command.project, ProjectPath):
        path = placing.project_path(ctx.org, command.project.path)
        yield from () if path is None else (path,)
        return
    path = _artifact_path(ctx, command.artifact)
    if path is not None:
        yield from placing.prefixes(path)
    path = placing.project_path(ctx.org, command.deployment_name or "")
    yield from () if path is None else (path,)


async def named_project(
    tx: Transaction, ctx: Context, choice: ProjectChoice | None, rules: Rules
) -> Named | None:
    """The project a write names. Raises ``NotFound`` for one that may not be made or seen."""
    if choice is None:
        return None
    try:
        return await visible_project(tx, ctx, choice)
    except NotFound:
        may_make = rules.may_make_project(ctx) and ctx.dialect not in rules.strict
        if isinstance(choice, ProjectNumber) or not may_make:
            raise
        path = placing.project_path(ctx.org, choice.path)
        if path is None:
            raise
        return path


def _slot_name(command: RecordDeployment, named: Named | None) -> str:
    if command.deployment_name is not None:
        return command.deployment_name
    path = named.path if isinstance(named, Project) else named or ""
    return path.partition("/")[2]


async def _made(tx: Transaction, ctx: Context, named: Named, now: datetime) -> Project:
    if isinstance(named, Project):
        return named
    return await noted(tx, ctx, await tx.make_project(ctx.org, named, now), now)


def _artifact_path(ctx: Context, artifact: Artifact) -> str | None:
    if not artifact.name:
        return None
    return placing.project_path(ctx.org, placing.artifact_repository(artifact.name))


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


@dataclass(frozen=True, slots=True)
class _Guess:
    """The rules that choose a project when the request names none."""

    tx: Transaction
    ctx: Context
    clues: Clues
    now: datetime
    rules: Rules

    async def project(self) -> tuple[Project, ProjectRule]:
        """The first rule that finds a project the caller may see.

        Raises ``NotFound`` for an artifact that a strict dialect does not know.
        """
        clues, digests = self.clues, self.clues.artifact.digests
        known = await self.tx.project_of_digests(self.ctx.scope, digests) if digests else None
        if known is None and self.ctx.dialect in self.rules.strict:
            raise NotFound("project")
        only = self.ctx.caller.projects
        if only is not None and len(only) == 1:
            return (await self.tx.projects(self.ctx.scope))[0], ProjectRule.TOKEN
        if known is not None:
            return known, ProjectRule.DIGEST
        if clues.current is not None:
            return clues.current.project, ProjectRule.SLOT
        path = _artifact_path(self.ctx, clues.artifact)
        found = await self._at(path, *(placing.prefixes(path) if path else ()))
        if found is not None:
            return found, ProjectRule.ARTIFACT_NAME
        path = placing.project_path(self.ctx.org, clues.deployment_name or "")
        found = await self._at(path, *((path,) if path else ()))
        if found is not None:
            return found, ProjectRule.DEPLOYMENT_NAME
        return await self._unassigned()

    async def _at(self, path: str | None, *known_as: str) -> Project | None:
        """The first known project of ``known_as``, else one made at ``path``."""
        if path is None:
            return None
        known = await self.tx.longest_project(self.ctx.scope, known_as)
        if known is not None or not self.rules.may_make_project(self.ctx):
            return known
        return await _made(self.tx, self.ctx, path, self.now)

    async def _unassigned(self) -> tuple[Project, ProjectRule]:
        path = ProjectPath(placing.UNASSIGNED)
        try:
            return await visible_project(self.tx, self.ctx, path), ProjectRule.UNASSIGNED
        except NotFound:
            raise Forbidden(needs="project") from None
