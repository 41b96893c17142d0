"""Making, changing and removing records."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, delete, insert, update

from gateway.core.model import Presence, Record
from gateway.store.artifacts import ArtifactWrites
from gateway.store.numbers import has_sequences, minted
from gateway.store.occupancy import OccupancyWrites
from gateway.store.tables import projects, records

_COUNT = (
    update(projects)
    .where(projects.c.org_id == bindparam("org"), projects.c.id == bindparam("project"))
    .values(last_record_number=projects.c.last_record_number + 1)
)
_COUNT_ALONE = _COUNT.returning(projects.c.last_record_number)
# The number is minted under the counter's lock: in a project, as in a slot, numbers are in the
# order of the writes.
_COUNT_AND_MINT = _COUNT.returning(projects.c.last_record_number, minted("record").label("number"))

_ONE = and_(records.c.org_id == bindparam("the_org"), records.c.id == bindparam("the_record"))
INSERT = insert(records)
SAVE = update(records).where(_ONE)
_REMOVE = delete(records).where(_ONE)

_SEEN = ("updated_at", "last_seen_at")
_REPLACED = ("presence", "superseded_by", "ended_at")
_MOVED = (*_SEEN, *_REPLACED, "state", "started_at", "finished_at")
_TOGETHER = tuple(dict.fromkeys(names) for names in (_SEEN, _REPLACED, _MOVED))


class ChangeWrites(OccupancyWrites, ArtifactWrites):
    """Writing records into a locked slot."""

    async def next_numbers(self, org_id: UUID, project_id: UUID) -> tuple[int, int]:
        """(number, project_number) of the next record; locks the project's counter."""
        counter = {"org": org_id, "project": project_id}
        if has_sequences(self._connection):
            both = await self._first(_COUNT_AND_MINT, counter)
            assert both is not None  # noqa: S101 (projects are never removed)
            return both.number, both.last_record_number
        row = await self._first(_COUNT_ALONE, counter)
        assert row is not None  # noqa: S101 (projects are never removed)
        return await self._number(org_id, "record"), row.last_record_number

    async def insert(self, record: Record) -> None:
        """Add a record."""
        await self._run(INSERT, record_values(record))
        if record.presence is not Presence.NONE:
            self._note(record)

    async def save(self, record: Record) -> None:
        """All that a plan may change of a record, whose artifact has its id."""
        values = saved_values(record, self._read.get(record.id))
        self._read[record.id] = record
        await self._run(SAVE, values)
        self._note(record)

    async def remove(self, record: Record) -> None:
        """Take a record away; its events stay."""
        await self._run(_REMOVE, {"the_org": record.org.id, "the_record": record.id})
        self._forget(record)


def record_values(record: Record) -> dict[str, Any]:
    """The row of a new record, for ``INSERT``."""
    return {**_identity(record), **_facts(record)}


def saved_values(record: Record, before: Record | None) -> dict[str, Any]:
    """What a plan has changed of a record, for ``SAVE``; all of it where nobody knows.

    Of the few sets of columns the first is taken that has all the changes: each index that holds
    one of the columns is written again, so most changes are to name no other.
    """
    facts = _facts(record)
    if before is not None:
        known = _facts(before)
        changed = {
            name
            for name, value in facts.items()
            if value is not known[name] and not _is_same(value, known[name])
        }
        names = next((some for some in _TOGETHER if changed <= some.keys()), None)
        if names is not None:
            facts = {name: facts[name] for name in names}
    return {"the_org": record.org.id, "the_record": record.id, **facts}


def _is_same(one: Any, other: Any) -> bool:
    """Whether they are stored alike: 1, 1.0 and true are equal, and so are 1.0 and 1.00."""
    if isinstance(one, dict | list | Decimal):
        return repr(one) == repr(other)
    return bool(one == other)


def _identity(record: Record) -> dict[str, Any]:
    """What never changes of a record."""
    return {
        "org_id": record.org.id,
        "id": record.id,
        "number": record.number,
        "project_id": record.project.id,
        "project_number": record.project_number,
        "project_rule": record.project_rule,
        "slot_id": record.slot.id,
        "environment_id": record.environment.id,
        "created_at": record.created_at,
        "origin": record.origin,
    }


def _facts(record: Record) -> dict[str, Any]:
    """What a plan may change of it."""
    artifact, source = record.artifact, record.source
    delivery, runtime = record.delivery, record.runtime
    return {
        "artifact_id": artifact.id,
        "artifact_kind": artifact.kind,
        "artifact_name": artifact.name,
        "artifact_version": artifact.version,
        "artifact_digests": dict(artifact.digests),
        "source_commit": source.commit,
        "source_ref": source.ref,
        "source_is_tag": source.is_tag,
        "state": record.state,
        "presence": record.presence,
        "superseded_by": record.superseded_by,
        "updated_at": record.updated_at,
        "started_at": record.started_at,
        "finished_at": record.finished_at,
        "last_seen_at": record.last_seen_at,
        "ended_at": record.ended_at,
        "actor_id": record.actor.id,
        "title": delivery.title,
        "changelog": delivery.changelog,
        "url": delivery.url,
        "duration_seconds": delivery.duration_seconds,
        "is_fix": delivery.is_fix,
        "is_hotfix": delivery.is_hotfix,
        "is_forced": delivery.is_forced,
        "commits_count": delivery.commits_count,
        "pull_request_number": delivery.pull_request_number,
        "node_id": delivery.node_id,
        "risks": list(runtime.risks or ()),
        "tags": dict(runtime.tags or {}),
        "attestation_id": runtime.attestation_id,
        "kept": {dialect: dict(facts) for dialect, facts in record.kept.items()},
    }
