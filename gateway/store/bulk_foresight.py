"""Many writes in one transaction: what they need to know is asked of the database at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, Select, Table, and_, bindparam, func, select

from gateway.core.model import Artifact, Environment, Project, ProjectEnvironment
from gateway.core.protection import Protection
from gateway.core.search import Scope
from gateway.store.artifacts import KNOWN, grouped
from gateway.store.bulk_slots import BulkSlots
from gateway.store.queries import chunks, fold, visible
from gateway.store.rows import PROJECT, PROJECT_ENVIRONMENT, project_environment_of, project_of
from gateway.store.session import Session
from gateway.store.tables import (
    artifact_digests,
    project_environments,
    projects,
    records,
    storage_records,
)

Digest = tuple[str, str]
"""Algorithm and hex."""

_PROJECTS = select(*PROJECT).where(
    projects.c.org_id == bindparam("org"),
    projects.c.path_key.in_(bindparam("keys", expanding=True)),
)
_PLACES = (
    select(
        project_environments.c.project_id,
        project_environments.c.environment_id,
        *PROJECT_ENVIRONMENT,
    )
    .where(
        project_environments.c.org_id == bindparam("org"),
        project_environments.c.environment_id == bindparam("environment"),
        project_environments.c.project_id.in_(bindparam("projects", expanding=True)),
    )
    .order_by(project_environments.c.project_id)
    .with_for_update(read=True, key_share=True)
)
_IS_ONE = and_(
    artifact_digests.c.org_id == bindparam("org"),
    artifact_digests.c.algorithm == bindparam("algorithm"),
    artifact_digests.c.hex.in_(bindparam("hexes", expanding=True)),
)
_KNOWN_ONES = KNOWN.where(_IS_ONE)


def _newest_of_ones(held: Table, scope: Scope | None = None) -> Select[Any]:
    """Of artifacts with digests, the number of the newest row of ``held`` that the scope sees."""
    newest = select(func.max(held.c.number)).where(
        held.c.org_id == artifact_digests.c.org_id,
        held.c.artifact_id == artifact_digests.c.artifact_id,
    )
    if scope is not None:
        newest = visible(newest, scope, held.c.project_id)
    number = newest.correlate(artifact_digests).scalar_subquery().label("number")
    return select(artifact_digests.c.artifact_id, number).where(_IS_ONE)


def _projects_of_numbers(held: Table) -> Select[Any]:
    of_held = and_(projects.c.org_id == held.c.org_id, projects.c.id == held.c.project_id)
    numbers = held.c.number.in_(bindparam("numbers", expanding=True))
    return (
        select(held.c.number, *PROJECT)
        .join(projects, of_held)
        .where(held.c.org_id == bindparam("org"), numbers)
    )


_HELD = (storage_records, records)
_NEWEST_OF_ONES = {held.name: _newest_of_ones(held) for held in _HELD}
_PROJECTS_OF_NUMBERS = {held.name: _projects_of_numbers(held) for held in _HELD}


class Owner(NamedTuple):
    """The project of an artifact. A record tells it before any storage record does."""

    rank: tuple[bool, int]
    project: Project


class Foresight(BulkSlots):
    """Knowing beforehand what many writes will ask. A batch is about one org."""

    def __init__(self, connection: Session) -> None:
        super().__init__(connection)
        self._org_id: UUID | None = None
        self._environments: dict[tuple[str, str | None, str | None], Environment] = {}
        self._named_environments: dict[str, Environment] = {}
        self._projects: dict[str, Project | None] = {}
        self._places: dict[tuple[UUID, UUID], ProjectEnvironment | None] = {}
        self._has_protections: bool | None = None
        self._protections_there: dict[tuple[UUID, UUID], tuple[Protection, ...]] = {}
        self._artifacts: dict[UUID, Artifact] = {}
        self._holders: dict[Digest, list[UUID]] = {}
        self._owners: dict[UUID, Owner] = {}

    async def foresee_projects(self, scope: Scope, paths: Sequence[str]) -> None:
        """The projects at these paths will be asked for."""
        self._org_id = scope.org_id
        keys = sorted({fold(path) for path in paths} - self._projects.keys())
        self._projects |= dict.fromkeys(keys)
        for some in chunks(keys):
            rows = await self._all(_PROJECTS, {"org": scope.org_id, "keys": some})
            self._projects |= {fold(row.projects__path): project_of(row) for row in rows}

    async def foresee_artifacts(self, scope: Scope, digests: Sequence[Digest]) -> None:
        """The artifacts with these digests, and their projects, will be asked for."""
        for algorithm, hexes in _by_algorithm(digests, but=self._holders.keys()):
            self._holders |= {(algorithm, digits): [] for digits in hexes}
            for some in chunks(hexes):
                said = {"org": scope.org_id, "algorithm": algorithm, "hexes": some}
                rows = await self._all(_KNOWN_ONES, said)
                self._note_known(rows, {(algorithm, digits) for digits in some})
                if rows:
                    await self._find_owners(scope, said)

    async def foresee_places(self, org_id: UUID, environment_ids: Sequence[UUID]) -> None:
        """What the projects known so far say of these environments will be asked for."""
        known = [*self._projects.values(), *(owner.project for owner in self._owners.values())]
        asked = {project.id for project in known if project is not None}
        asked |= {record.project.id for record in self._shown.values()}
        for environment_id in environment_ids:
            self._places |= {(project_id, environment_id): None for project_id in asked}
            for some in chunks(sorted(asked)):
                said = {"org": org_id, "environment": environment_id, "projects": some}
                for row in await self._all(_PLACES, said):
                    place = project_environment_of(row)
                    self._places[row.project_id, row.environment_id] = place

    async def _find_owners(self, scope: Scope, said: Mapping[str, Any]) -> None:
        """The project of the newest record, else storage record, of each artifact."""
        for held in _HELD:
            asked = _NEWEST_OF_ONES[held.name]
            if scope.projects is not None:
                asked = _newest_of_ones(held, scope)
            numbers = {
                row.artifact_id: row.number
                for row in await self._all(asked, said)
                if row.number is not None
            }
            owners = await self._owners_of(held, scope, list(numbers.values()))
            for artifact_id, number in numbers.items():
                rank = (held is records, number)
                self._owners[artifact_id] = Owner(rank, owners[number])

    async def _owners_of(
        self, held: Table, scope: Scope, numbers: Sequence[int]
    ) -> dict[int, Project]:
        """The projects of these records, or storage records, by number."""
        if not numbers:
            return {}
        said = {"org": scope.org_id, "numbers": sorted(set(numbers))}
        rows = await self._all(_PROJECTS_OF_NUMBERS[held.name], said)
        return {row.number: project_of(row) for row in rows}

    def _note_known(self, rows: Sequence[Row[Any]], asked: Collection[Digest]) -> None:
        """Remember artifacts by the digests that were asked for; the oldest comes first."""
        for artifact in grouped(rows):
            assert artifact.id is not None  # noqa: S101 (what is known has one)
            self._artifacts[artifact.id] = artifact
        for row in rows:
            digest = (row.algorithm, row.hex)
            if digest in asked and row.id not in self._holders[digest]:
                self._holders[digest].append(row.id)


def _by_algorithm(digests: Sequence[Digest], *, but: Any) -> Iterator[tuple[str, list[str]]]:
    asked = sorted(set(digests) - but)
    for algorithm in sorted({algorithm for algorithm, _ in asked}):
        yield algorithm, [digits for name, digits in asked if name == algorithm]
