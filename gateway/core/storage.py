"""Where an artifact is kept, as opposed to where it runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from gateway.core.commands import ProjectChoice
from gateway.core.model import Artifact, Project, ProjectRule


class StorageStatus(StrEnum):
    """Whether the artifact is still to be had there."""

    ACTIVE = "active"
    EOL = "eol"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class RecordStorage:
    """An artifact is kept in a registry. ``artifact`` has a name and at least one digest.

    The same name, digest, registry and repository again is the same record, said anew.
    """

    artifact: Artifact
    registry_url: str
    repository: str | None = None
    path: str | None = None
    artifact_url: str | None = None
    status: StorageStatus = StorageStatus.ACTIVE
    project: ProjectChoice | None = None


@dataclass(frozen=True, slots=True)
class StorageRecord:
    """Where an artifact is kept."""

    id: UUID
    number: int
    org_id: UUID
    project: Project
    project_rule: ProjectRule
    artifact: Artifact
    registry_url: str
    repository: str | None
    path: str | None
    artifact_url: str | None
    status: StorageStatus
    created_at: datetime
    updated_at: datetime
