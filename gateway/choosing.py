"""Which project a record belongs to: the one that a request names, or what the rules choose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from gateway.auditing import noted
from gateway.core import placing
from gateway.core.commands import ProjectChoice, ProjectNumber, ProjectPath, RecordDeployment
from gateway.core.context import Context
from gateway.core.errors import Forbidden, NotFound
from gateway.core.model import Artifact, Project, ProjectRule, Record
from gateway.ports import Reading, Transaction

Named = Project | str
"""A project that exists, or the path of one that is made once the slot is locked."""


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


async def named_project(
    tx: Transaction, ctx: Context, choice: ProjectChoice, rules: Rules
) -> Named:
    """The project a write names. Raises ``NotFound`` for one that may not be made or seen."""
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
    return await made(tx, ctx, clues.named, now), ProjectRule.NAMED


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
        return await made(self.tx, self.ctx, path, self.now)

    async def _unassigned(self) -> tuple[Project, ProjectRule]:
        path = ProjectPath(placing.UNASSIGNED)
        try:
            return await visible_project(self.tx, self.ctx, path), ProjectRule.UNASSIGNED
        except NotFound:
            raise Forbidden(needs="project") from None


async def made(tx: Transaction, ctx: Context, named: Named, now: datetime) -> Project:
    """The project that a write names, made where it does not exist yet."""
    if isinstance(named, Project):
        return named
    return await noted(tx, ctx, await tx.make_project(ctx.org, named, now), now)


def _artifact_path(ctx: Context, artifact: Artifact) -> str | None:
    if not artifact.name:
        return None
    return placing.project_path(ctx.org, placing.artifact_repository(artifact.name))
