"""Finding, or making, the place a record belongs to: environment, slot, project, in that order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from gateway.core import placing
from gateway.core.commands import (
    EnvironmentName,
    EnvironmentParts,
    OnNew,
    ProjectChoice,
    ProjectNumber,
    ProjectPath,
    RecordDeployment,
)
from gateway.core.context import Context
from gateway.core.errors import Forbidden, Invalid, NotFound
from gateway.core.model import (
    Environment,
    Project,
    ProjectEnvironment,
    ProjectRule,
    Record,
    Slot,
)
from gateway.ports import Reading, Transaction


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a record goes; the slot is locked."""

    environment: Environment
    slot: Slot
    project: Project
    rule: ProjectRule
    project_environment: ProjectEnvironment


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


async def place(
    tx: Transaction,
    ctx: Context,
    command: RecordDeployment,
    now: datetime,
    *,
    auto_create: bool,
) -> Placement:
    """Where the command's record belongs, its slot locked.

    Raises ``NotFound`` for a named project or environment that may not be made or seen,
    ``Invalid`` for an environment name that the dialect would not let its clients make, and
    ``Forbidden`` where the token reaches neither the slot nor a project.
    """
    named = await _named(tx, ctx, command, auto_create=auto_create)
    environment = await _environment(tx, ctx, command, now, auto_create=auto_create)
    slot = await tx.lock_slot(ctx.org.id, environment.id, _slot_name(command, named), now)
    current = await _current(tx, ctx, slot)
    if named is None:
        project, rule = await _Guess(tx, ctx, command, now, auto_create).project(current)
    else:
        project, rule = await _made(tx, ctx, named, now), ProjectRule.NAMED
    in_project = await tx.project_environment(ctx.org.id, project, environment, now)
    return Placement(environment, slot, project, rule, in_project)


Named = Project | str
"""A project that exists, or the path of one that is made once the slot is locked."""


async def _named(
    tx: Transaction, ctx: Context, command: RecordDeployment, *, auto_create: bool
) -> Named | None:
    choice = command.project
    if choice is None:
        return None
    try:
        return await visible_project(tx, ctx, choice)
    except NotFound:
        if isinstance(choice, ProjectNumber) or not _may_make_project(ctx, auto_create=auto_create):
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
    return named if isinstance(named, Project) else await tx.make_project(ctx.org, named, now)


def _may_make_project(ctx: Context, *, auto_create: bool) -> bool:
    """A token limited to projects makes none: a new one would be outside it."""
    return auto_create and ctx.caller.projects is None


async def _environment(
    tx: Transaction,
    ctx: Context,
    command: RecordDeployment,
    now: datetime,
    *,
    auto_create: bool,
) -> Environment:
    choice = command.environment
    if isinstance(choice, EnvironmentParts):
        return await _environment_with_parts(tx, ctx, choice, now)
    if not isinstance(choice, EnvironmentName):
        choice = EnvironmentName(placing.PRODUCTION)
    found = await tx.environment_named(ctx.org.id, choice.name)
    if found is not None:
        return found
    if choice.on_new is OnNew.REFUSE:
        raise Invalid(field="environment", reason="unmakeable", value=choice.name)
    if choice.on_new is OnNew.IF_AUTO_CREATE and not auto_create:
        raise NotFound("environment", choice.name)
    return await tx.make_environment(
        ctx.org.id,
        logical=choice.name,
        physical=None,
        cluster=None,
        name=choice.name,
        tier=placing.guess_tier(choice.name),
        now=now,
    )


async def _environment_with_parts(
    tx: Transaction, ctx: Context, choice: EnvironmentParts, now: datetime
) -> Environment:
    parts = (choice.logical, choice.physical or None, choice.cluster or None)
    found = await tx.environment_with_parts(ctx.org.id, *parts)
    if found is not None:
        return found
    name = placing.joined_name(*parts)
    return await tx.make_environment(
        ctx.org.id,
        logical=parts[0],
        physical=parts[1],
        cluster=parts[2],
        name=name,
        tier=placing.guess_tier(name),
        now=now,
    )


async def _current(tx: Transaction, ctx: Context, slot: Slot) -> Record | None:
    """The slot's current record. Raises ``Forbidden`` when the token may not see its project."""
    if slot.current is None:
        return None
    current = await tx.current_record(replace(ctx.scope, projects=None), slot.id)
    if current is not None and not ctx.scope.sees(current.project.id):
        raise Forbidden(needs="project")
    return current


@dataclass(frozen=True, slots=True)
class _Guess:
    """The rules that choose a project when the request names none."""

    tx: Transaction
    ctx: Context
    command: RecordDeployment
    now: datetime
    auto_create: bool

    async def project(self, current: Record | None) -> tuple[Project, ProjectRule]:
        """The first rule that finds a project the caller may see."""
        only = self.ctx.caller.projects
        if only is not None and len(only) == 1:
            return (await self.tx.projects(self.ctx.scope))[0], ProjectRule.TOKEN
        digests = self.command.artifact.digests
        known = await self.tx.project_of_digests(self.ctx.scope, digests) if digests else None
        if known is not None:
            return known, ProjectRule.DIGEST
        if current is not None:
            return current.project, ProjectRule.SLOT
        name = self.command.artifact.name
        if name:
            path = placing.project_path(self.ctx.org, placing.artifact_repository(name))
            found = await self._at(path, *(placing.prefixes(path) if path else ()))
            if found is not None:
                return found, ProjectRule.ARTIFACT_NAME
        path = placing.project_path(self.ctx.org, self.command.deployment_name or "")
        found = await self._at(path, *((path,) if path else ()))
        if found is not None:
            return found, ProjectRule.DEPLOYMENT_NAME
        return await self._unassigned()

    async def _at(self, path: str | None, *known_as: str) -> Project | None:
        """The first known project of ``known_as``, else one made at ``path``."""
        if path is None:
            return None
        known = await self.tx.longest_project(self.ctx.scope, known_as)
        if known is not None or not _may_make_project(self.ctx, auto_create=self.auto_create):
            return known
        return await self.tx.make_project(self.ctx.org, path, self.now)

    async def _unassigned(self) -> tuple[Project, ProjectRule]:
        path = ProjectPath(placing.UNASSIGNED)
        try:
            return await visible_project(self.tx, self.ctx, path), ProjectRule.UNASSIGNED
        except NotFound:
            raise Forbidden(needs="project") from None
