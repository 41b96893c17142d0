"""What many writes make on their way: projects, places, artifacts and numbers, at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import uuid_utils.compat as uuid_utils
from sqlalchemy import bindparam, insert, select, update

from gateway.core.facts import artifact_said_over
from gateway.core.model import Artifact, Environment, Org, Project, ProjectEnvironment
from gateway.core.search import Scope
from gateway.store.artifacts import ADD_DIGEST, LEARN, MAKE, artifact_values, first_id, learning
from gateway.store.bulk_foresight import Owner
from gateway.store.bulk_states import BulkStates, Place
from gateway.store.environments import new_place, place_values
from gateway.store.numbers import give_back, has_sequences, next_numbers
from gateway.store.projects import project_values
from gateway.store.queries import chunks, fold
from gateway.store.session import Session
from gateway.store.tables import project_environments, projects

# What somebody else has made meanwhile is a conflict, and the batch begins again.
_MAKE_PROJECTS = insert(projects)
_MAKE_PLACES = insert(project_environments)
_LOCK_COUNTERS = (
    select(projects.c.id, projects.c.last_record_number)
    .where(
        projects.c.org_id == bindparam("org"),
        projects.c.id.in_(bindparam("ids", expanding=True)),
    )
    .order_by(projects.c.id)
    .with_for_update(key_share=True)
)
COUNT = (
    update(projects)
    .where(projects.c.org_id == bindparam("org"), projects.c.id == bindparam("project"))
    .values(last_record_number=bindparam("last"))
)
_MOST_AT_ONCE = 64
_NEWER_THAN_ALL = 2**62


class BulkMaking(BulkStates):
    """What is new is known from when it is said, and written when it is settled."""

    def __init__(self, connection: Session) -> None:
        super().__init__(connection)
        self._told = _NEWER_THAN_ALL
        self._spare: dict[str, list[int]] = {}
        self._taken: dict[str, int] = {}
        self._new_projects: list[tuple[UUID, Project]] = []
        self._new_places: dict[Place, dict[str, Any]] = {}
        self._new_artifacts: dict[UUID, dict[str, Any]] = {}
        self._new_digests: dict[tuple[UUID, str, str], dict[str, Any]] = {}
        self._learnt: dict[UUID, dict[str, Any]] = {}
        self._reserved: dict[UUID, list[int]] = {}
        self._minted: list[int] = []
        self._is_made: set[UUID] = set()

    async def make_project(self, org: Org, path: str, now: datetime) -> Project:
        """Found in any case of letters, or made when the batch is settled."""
        found = await self.project(Scope(org.id), path)
        if found is not None:
            return found
        project = Project(uuid_utils.uuid7(), await self._number(org.id, "project"), path, now)
        self._new_projects.append((org.id, project))
        self._is_made.add(project.id)
        self._projects[fold(path)] = project
        return project

    async def project_environment(
        self, org_id: UUID, project: Project, environment: Environment, now: datetime
    ) -> ProjectEnvironment:
        """Found, or made when the batch is settled."""
        place = (project.id, environment.id)
        known = self._places.get(place)
        if known is None and place not in self._places and project.id not in self._is_made:
            await self.flush()
            known = await super().project_environment(org_id, project, environment, now)
        if known is None:
            known = new_place(environment, await self._number(org_id, "environment"), now)
            self._new_places[place] = place_values(org_id, project, environment, known)
        self._places[place] = known
        return known

    async def artifact(self, org_id: UUID, said: Artifact, now: datetime) -> Artifact:
        """``said`` with an id and what is known of it; made when the batch is settled."""
        if not said.digests:
            return said
        digests = said.digests.items()
        known = {holders[0] for digest in digests if (holders := self._holders.get(digest))}
        if not self._holders.keys() >= digests or len(known) > 1:
            await self.flush()
            merged = await super().artifact(org_id, said, now)
            self._note_oldest(merged, said)
            return merged
        if known:
            artifact = self._artifacts[known.pop()]
            merged = artifact_said_over(artifact, said)
        else:
            merged = replace(said, id=first_id(org_id, said.digests))
            artifact = Artifact(merged.id, said.kind, said.name, said.version)
            assert merged.id is not None  # noqa: S101 (it was just given one)
            self._new_artifacts[merged.id] = artifact_values(org_id, merged, now)
        self._note_artifact(org_id, artifact, merged)
        self._note_oldest(merged, said)
        return merged

    def foretell(self, artifact: Artifact, project: Project) -> None:
        """A record of this artifact is going to be made in this project."""
        self._told += 1
        if artifact.id is not None:
            self._owners[artifact.id] = Owner((True, self._told), project)

    async def settle(self) -> None:
        """Write the projects, places and artifacts that are new.

        Raises ``Conflict`` when somebody else has made one of them meanwhile.
        """
        await self._settle_projects()
        await self._settle_places()
        artifacts = [self._new_artifacts[key] for key in sorted(self._new_artifacts)]
        digests = [self._new_digests[key] for key in sorted(self._new_digests)]
        learnt = [self._learnt[key] for key in sorted(self._learnt)]
        for statement, rows in ((MAKE, artifacts), (ADD_DIGEST, digests)):
            if rows:
                await self._run_together(statement, rows)
        if learnt:
            await self._run(LEARN, learnt)
        for kind in (self._new_artifacts, self._new_digests, self._learnt):
            kind.clear()

    async def reserve(self, org_id: UUID, counts: Mapping[UUID, int]) -> None:
        """Lock these projects' counters and take so many numbers of each."""
        rows = []
        for some in chunks(sorted(counts)):
            for row in await self._all(_LOCK_COUNTERS, {"org": org_id, "ids": some}):
                last = row.last_record_number + counts[row.id]
                self._reserved[row.id] = list(range(last, row.last_record_number, -1))
                rows.append({"org": org_id, "project": row.id, "last": last})
        if rows:
            await self._run_together(COUNT, rows)
        taken = await next_numbers(self._connection, org_id, "record", sum(counts.values()))
        self._minted = list(reversed(taken))

    async def next_numbers(self, org_id: UUID, project_id: UUID) -> tuple[int, int]:
        """(number, project_number) of the next record, from those reserved."""
        if self._minted and self._reserved.get(project_id):
            return self._minted.pop(), self._reserved[project_id].pop()
        await self.flush()
        return await super().next_numbers(org_id, project_id)

    async def _settle_projects(self) -> None:
        rows = [project_values(org_id, project) for org_id, project in self._new_projects]
        rows.sort(key=lambda row: str(row["path_key"]))
        self._new_projects.clear()
        if rows:
            await self._run_together(_MAKE_PROJECTS, rows)

    async def _settle_places(self) -> None:
        rows = [self._new_places[place] for place in sorted(self._new_places)]
        self._new_places.clear()
        if rows:
            await self._run_together(_MAKE_PLACES, rows)

    async def _number(self, org_id: UUID, kind: str) -> int:
        """The next number; more are taken with each that is asked for."""
        if kind in {"slot", "record"}:
            return await super()._number(org_id, kind)
        spare = self._spare.setdefault(kind, [])
        if not spare:
            self._taken[kind] = min(2 * self._taken.get(kind, 1), _MOST_AT_ONCE)
            taken = await next_numbers(self._connection, org_id, kind, self._taken[kind])
            spare += reversed(taken)
        return spare.pop()

    async def _give_back(self, org_id: UUID) -> None:
        """The numbers not used; a sequence takes none back."""
        if not has_sequences(self._connection):
            for kind, spare in self._spare.items():
                await give_back(self._connection, org_id, kind, len(spare))
        self._spare.clear()

    def _note_oldest(self, artifact: Artifact, said: Artifact) -> None:
        """The artifact has all the digests that were said, and nothing older has any of them."""
        assert artifact.id is not None  # noqa: S101 (what is known has one)
        self._artifacts[artifact.id] = artifact
        for digest in said.digests.items():
            others = [held for held in self._holders.get(digest, ()) if held != artifact.id]
            self._holders[digest] = [artifact.id, *others]

    def _note_artifact(self, org_id: UUID, known: Artifact, merged: Artifact) -> None:
        assert known.id is not None  # noqa: S101 (what is known has one)
        for algorithm, digits in merged.digests.items():
            if known.digests.get(algorithm) != digits:
                self._new_digests[known.id, algorithm, digits] = {
                    "org_id": org_id,
                    "artifact_id": known.id,
                    "algorithm": algorithm,
                    "hex": digits,
                }
        if (merged.kind, merged.name, merged.version) != (known.kind, known.name, known.version):
            self._learnt[known.id] = learning(org_id, merged)
