"""Many writes in one transaction: what a single write asks, answered from what was foreseen.

What was not foreseen is asked one by one, after all that was said so far is written: foresight
makes a batch fast and never makes it wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select

from gateway.core.model import Artifact, Environment, Project, Record, Slot, Source
from gateway.core.places import Place
from gateway.core.protection import Protection
from gateway.core.search import Scope
from gateway.core.status import is_same_artifact
from gateway.store.bulk_foresight import Foresight
from gateway.store.queries import fold
from gateway.store.tables import protections

_ANY_PROTECTION = select(protections.c.id).where(protections.c.org_id == bindparam("org")).limit(1)


class Foreseen(Foresight):
    """Answering a batch's questions."""

    async def flush(self) -> None:
        """Write what was said so far."""

    async def environment_with_parts(
        self, org_id: UUID, logical: str, physical: str | None, cluster: str | None
    ) -> Environment | None:
        """By its three parts."""
        parts = (logical, physical, cluster)
        if parts not in self._environments:
            found = await super().environment_with_parts(org_id, *parts)
            if found is None:
                return None
            self._environments[parts] = found
        return self._environments[parts]

    async def environment_named(self, org_id: UUID, name: str) -> Environment | None:
        """By its one name, in the case of letters in which it was made."""
        if name not in self._named_environments:
            found = await super().environment_named(org_id, name)
            if found is None:
                return None
            self._named_environments[name] = found
        return self._named_environments[name]

    async def lock_slot(
        self, org_id: UUID, environment_id: UUID, name: str, since: datetime
    ) -> Slot:
        """Found or made, a new one as old as ``since``, and locked until the transaction ends."""
        known = self._named_slots.get((environment_id, name))
        if known is not None:
            return self._locked[known.id]
        await self.flush()
        return await super().lock_slot(org_id, environment_id, name, since)

    async def project(self, scope: Scope, path: str) -> Project | None:
        """By full path, in any case."""
        key = fold(path)
        if key not in self._projects:
            await self.flush()
            return await super().project(scope, path)
        return _seen(scope, self._projects[key])

    async def longest_project(self, scope: Scope, paths: Sequence[str]) -> Project | None:
        """Of the projects that exist, the one whose path comes first in ``paths``."""
        if not self._projects.keys() >= {fold(path) for path in paths}:
            await self.flush()
            return await super().longest_project(scope, paths)
        known = (_seen(scope, self._projects[fold(path)]) for path in paths)
        return next((project for project in known if project is not None), None)

    async def project_of_digests(self, scope: Scope, digests: Mapping[str, str]) -> Project | None:
        """The project of the newest record of an artifact with one of these digests."""
        if not self._holders.keys() >= set(digests.items()):
            await self.flush()
            return await super().project_of_digests(scope, digests)
        holders = {holder for digest in digests.items() for holder in self._holders[digest]}
        known = [self._owners[holder] for holder in holders & self._owners.keys()]
        return max(known, key=lambda owner: owner.rank).project if known else None

    async def current_record(self, scope: Scope, slot_id: UUID) -> Record | None:
        """The record shown for a slot."""
        slot, shown = self._locked.get(slot_id), self._shown.get(slot_id)
        is_known = slot is not None and slot.current == (shown.id if shown is not None else None)
        if not is_known:
            await self.flush()
            return await super().current_record(scope, slot_id)
        return shown if shown is not None and scope.sees(shown.project.id) else None

    async def newest_of_artifact(
        self, scope: Scope, slot_id: UUID, artifact: Artifact, source: Source
    ) -> Record | None:
        """The newest record of the same artifact in the slot whose presence is not ``none``."""
        slot, shown = self._locked.get(slot_id), self._shown.get(slot_id)
        if slot is not None and slot_id not in self._is_changed:
            if slot.current is None:
                return None
            if shown is not None and is_same_artifact(
                shown.artifact, shown.source, artifact, source
            ):
                return shown  # nothing that is shown has a newer one behind it to act upon
        await self.flush()
        return await super().newest_of_artifact(scope, slot_id, artifact, source)

    async def protections_of(self, org_id: UUID, place: Place) -> tuple[Protection, ...]:
        """The project's own of this name, then those of groups for its tier, by age."""
        if self._has_protections is None:
            found = await self._first(_ANY_PROTECTION, {"org": org_id})
            self._has_protections = found is not None
        if not self._has_protections:
            return ()
        key = (place.project.id, place.environment.id)
        if key not in self._protections_there:
            self._protections_there[key] = await super().protections_of(org_id, place)
        return self._protections_there[key]


def _seen(scope: Scope, project: Project | None) -> Project | None:
    return project if project is not None and scope.sees(project.id) else None
