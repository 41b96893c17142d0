"""Chainloop's messages in its own spelling, and what their fields are to a proto3 reader.

https://docs.chainloop.dev/api-reference/environmentsservice/record-a-deployment,
https://docs.chainloop.dev/api-reference/environmentsservice/list-deployment-records and
https://api.app.chainloop.dev/openapi.yaml, checked 2026-11-20. As in proto3, an unset field has
its zero value: ``""``, 0, false, ``*_UNSPECIFIED``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from typing import Annotated, Any, TypeGuard, get_args

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo


class ArtifactKind(IntEnum):
    """The numbers follow the order in which the reference lists the names."""

    ARTIFACT_KIND_UNSPECIFIED = 0
    CONTAINER_IMAGE = 1
    HELM_CHART = 2


class DeploymentStatus(IntEnum):
    """The numbers follow the order in which the reference lists the names."""

    DEPLOYMENT_STATUS_UNSPECIFIED = 0
    DEPLOYED = 1
    DECOMMISSIONED = 2
    SUPERSEDED = 3


class EnvironmentType(IntEnum):
    """The numbers follow the order in which the reference lists the names."""

    ENVIRONMENT_TYPE_UNSPECIFIED = 0
    ENVIRONMENT_TYPE_KUBERNETES = 1
    ENVIRONMENT_TYPE_ECS = 2
    ENVIRONMENT_TYPE_SERVER = 3
    ENVIRONMENT_TYPE_LAMBDA = 4
    ENVIRONMENT_TYPE_CUSTOM = 5


# proto3 enums are open: a number that has no name is kept, so these fields hold any int32.
Kind = Annotated[int, ArtifactKind]
Type = Annotated[int, EnvironmentType]
Status = Annotated[int, DeploymentStatus]


class Message(BaseModel):
    """A proto3 message whose fields a reader has checked already."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class RecordDeployment(Message):
    """What ``POST /v1/deployments`` takes, in the published order."""

    environment_name: str = ""
    artifact_digest: str = ""
    kind: Kind = ArtifactKind.ARTIFACT_KIND_UNSPECIFIED
    artifact_name: str = ""
    artifact_version: str = ""
    status: Status = DeploymentStatus.DEPLOYMENT_STATUS_UNSPECIFIED
    deployment_name: str = ""


class OffsetPagination(Message):
    """Which page: ``page`` counts from zero or one, as the profile says."""

    page: int = 0
    page_size: int = 0


class ListDeploymentRecords(Message):
    """What ``GET /v1/deployments`` takes. A sent ``pagination.*`` key makes the message exist."""

    pagination: OffsetPagination | None = None
    environment_name: str = ""
    project_name: str = ""
    project_version_name: str = ""
    status: Status = DeploymentStatus.DEPLOYMENT_STATUS_UNSPECIFIED
    artifact_kind: Kind = ArtifactKind.ARTIFACT_KIND_UNSPECIFIED
    deployment_name: str = ""
    full_history: bool = False


class CreateEnvironment(Message):
    """What ``POST /v1/environments`` takes."""

    name: str = ""
    type: Type = EnvironmentType.ENVIRONMENT_TYPE_UNSPECIFIED
    description: str = ""
    logical_environment_id: str = ""


class ListEnvironments(Message):
    """What ``GET /v1/environments`` takes."""

    pagination: OffsetPagination | None = None
    query: str = ""
    logical_environment_id: str = ""


class GetEnvironment(Message):
    """What ``GET /v1/environments/{id}`` takes; the path's ``id`` is bound last."""

    id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message; ``words`` is its enum, ``message`` the message it holds."""

    name: str
    json_name: str
    kind: Any
    words: type[IntEnum] | None
    message: type[Message] | None


@cache
def fields(message: type[Message]) -> Mapping[str, Field]:
    """The fields of a message by either spelling: ``page_size`` and ``pageSize``."""
    found = [_field(name, info) for name, info in message.model_fields.items()]
    return {spelling: field for field in found for spelling in (field.name, field.json_name)}


def _field(name: str, info: FieldInfo) -> Field:
    words = next((m for m in info.metadata if isinstance(m, type) and issubclass(m, IntEnum)), None)
    message = OffsetPagination if OffsetPagination in get_args(info.annotation) else None
    return Field(name, to_camel(name), info.annotation, words, message)


def is_int32(value: object) -> TypeGuard[int | float]:
    """Whether a JSON number is a whole one that an int32, or an enum, holds; 1.0 is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return -(2**31) <= value < 2**31 and value == int(value)
