"""Storage records into the core's words, and back. Pure: knows no endpoint."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.github.translate import artifact_digests
from adapters.github.wire import CreateStorage
from gateway.core import digests
from gateway.core.commands import ProjectPath
from gateway.core.model import Artifact
from gateway.core.storage import RecordStorage, StorageRecord, StorageStatus
from gateway.dialect.frame import Wire
from gateway.dialect.moments import seconds


def to_storage(said: CreateStorage) -> RecordStorage:
    """What a valid body asks for."""
    return RecordStorage(
        artifact=Artifact(
            name=said.name, version=said.version, digests=artifact_digests(said.digest)
        ),
        registry_url=said.registry_url,
        repository=said.repository or None,
        path=said.path or None,
        artifact_url=said.artifact_url or None,
        status=StorageStatus(said.status),
        project=None if said.github_repository is None else ProjectPath(said.github_repository),
    )


def from_storage(records: Sequence[StorageRecord]) -> Wire:
    """A whole list, by ascending id, in the order of GitHub's schema."""
    return {
        "total_count": len(records),
        "storage_records": [
            {
                "id": record.number,
                "name": record.artifact.name,
                "digest": digests.spelled(record.artifact.digests, None),
                "artifact_url": record.artifact_url,
                "registry_url": record.registry_url,
                "repository": record.repository,
                "status": record.status.value,
                "created_at": seconds(record.created_at),
                "updated_at": seconds(record.updated_at),
            }
            for record in records
        ],
    }
