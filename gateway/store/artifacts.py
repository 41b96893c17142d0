"""Artifacts: one identity for any shared digest in an org."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, or_, select, update

from gateway.core.facts import artifact_said_over
from gateway.core.model import Artifact, ArtifactKind
from gateway.store.queries import Queries, insert_missing
from gateway.store.tables import artifact_digests, artifacts

_known = artifact_digests.alias()
KNOWN = (
    select(
        artifacts.c.id,
        artifacts.c.kind,
        artifacts.c.name,
        artifacts.c.version,
        _known.c.algorithm,
        _known.c.hex,
    )
    .join(
        artifacts,
        and_(
            artifacts.c.org_id == artifact_digests.c.org_id,
            artifacts.c.id == artifact_digests.c.artifact_id,
        ),
    )
    .join(
        _known, and_(_known.c.org_id == artifacts.c.org_id, _known.c.artifact_id == artifacts.c.id)
    )
    .order_by(artifacts.c.created_at, artifacts.c.id, _known.c.algorithm, _known.c.hex)
)
MAKE = insert_missing(artifacts)
ADD_DIGEST = insert_missing(artifact_digests)
LEARN = (
    update(artifacts)
    .where(artifacts.c.org_id == bindparam("org"), artifacts.c.id == bindparam("artifact"))
    .values(
        kind=bindparam("new_kind"), name=bindparam("new_name"), version=bindparam("new_version")
    )
)


class ArtifactWrites(Queries):
    """Knowing an artifact again by its digests."""

    async def artifact(self, org_id: UUID, said: Artifact, now: datetime) -> Artifact:
        """``said`` with an id, and with the kind, name, version and digests known where unsaid.

        Identity is any shared (algorithm, hex) in the org; an artifact without digests has no id.
        """
        if not said.digests:
            return said
        holding = holds_any(org_id, said.digests)
        known = next(iter(grouped(await self._all(KNOWN.where(holding)))), None)
        if known is None:
            known = replace(said, id=first_id(org_id, said.digests), digests={})
            await self._run(MAKE, artifact_values(org_id, known, now))
        merged = artifact_said_over(known, said)
        await self._learn(org_id, known, merged)
        return merged

    async def _learn(self, org_id: UUID, known: Artifact, merged: Artifact) -> None:
        added = [
            {"org_id": org_id, "artifact_id": known.id, "algorithm": algorithm, "hex": digits}
            for algorithm, digits in sorted(merged.digests.items())
            if known.digests.get(algorithm) != digits
        ]
        if added:
            await self._run(ADD_DIGEST, added)
        facts = (merged.kind, merged.name, merged.version)
        if facts != (known.kind, known.name, known.version):
            await self._run(LEARN, learning(org_id, merged))

    async def _artifact_ids(self, org_id: UUID, digests: Mapping[str, str]) -> list[UUID]:
        rows = await self._all(artifacts_with(org_id, digests))
        return list(dict.fromkeys(row.artifact_id for row in rows))


def artifacts_with(org_id: UUID, digests: Mapping[str, str]) -> Select[Any]:
    """The ids of the artifacts that have one of these digests."""
    return select(artifact_digests.c.artifact_id).where(holds_any(org_id, digests))


def holds_any(org_id: UUID, digests: Mapping[str, str]) -> ColumnElement[bool]:
    """Whether a row of ``artifact_digests`` is one of these digests."""
    is_one = [
        and_(artifact_digests.c.algorithm == algorithm, artifact_digests.c.hex == digits)
        for algorithm, digits in sorted(digests.items())
    ]
    return and_(artifact_digests.c.org_id == org_id, or_(*is_one))


def first_id(org_id: UUID, digests: Mapping[str, str]) -> UUID:
    """The id of an artifact first seen with these digests.

    Made of a digest, so that two who meet it at the same time make the same one.
    """
    algorithm = "sha256" if "sha256" in digests else min(digests)
    return uuid5(org_id, f"{algorithm}:{digests[algorithm]}")


def grouped(rows: Sequence[Row[Any]]) -> list[Artifact]:
    """The artifacts of the rows of ``KNOWN``, which hold one digest each; the oldest first."""
    found: dict[UUID, Artifact] = {}
    for row in rows:
        known = found.get(row.id)
        digests = {**(known.digests if known else {}), row.algorithm: row.hex}
        kind = None if row.kind is None else ArtifactKind(row.kind)
        found[row.id] = Artifact(row.id, kind, row.name, row.version, digests)
    return list(found.values())


def artifact_values(org_id: UUID, artifact: Artifact, now: datetime) -> dict[str, Any]:
    """The row of a new artifact."""
    return {
        "org_id": org_id,
        "id": artifact.id,
        "kind": artifact.kind,
        "name": artifact.name,
        "version": artifact.version,
        "created_at": now,
    }


def learning(org_id: UUID, merged: Artifact) -> dict[str, Any]:
    """The values of ``LEARN``."""
    return {
        "org": org_id,
        "artifact": merged.id,
        "new_kind": merged.kind,
        "new_name": merged.name,
        "new_version": merged.version,
    }
