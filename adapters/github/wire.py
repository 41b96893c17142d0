"""Request bodies in GitHub's own spelling.

A body is judged by its JSON Schema, so that the problems come in GitHub's words and order; the
models only give the fields their names and types.
"""

from __future__ import annotations

from collections import Counter
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from adapters.github.sentences import Schema, problems
from gateway.core.errors import BadBody, BadText, BodyFault, Invalid, Several
from gateway.dialect.resources import load_json, schemas_of

SCHEMAS: dict[str, Schema] = dict(load_json(schemas_of("github")))

Body = TypeVar("Body", bound="_Body")


class _Body(BaseModel):
    """Unknown fields are allowed, as GitHub allows them.

    ``None`` is a field that was not sent: GitHub's own ``null`` is a type error everywhere.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


class Deployment(_Body):
    """One deployment of one artifact, as a cluster's deployments are listed."""

    name: str
    digest: str
    version: str | None = None
    status: str = "deployed"
    deployment_name: str
    github_repository: str | None = None
    tags: dict[str, str] | None = None
    runtime_risks: list[str] | None = None


class CreateDeployment(Deployment):
    """One deployment with its place. The status must be said here."""

    status: str
    logical_environment: str
    physical_environment: str | None = None
    cluster: str | None = None
    return_records: bool = True


class ClusterDeployments(_Body):
    """The deployments of a cluster. A job's body has neither of the last two."""

    logical_environment: str
    physical_environment: str | None = None
    deployments: list[Deployment]
    partial_success: bool = False
    return_records: bool = True


class CreateStorage(_Body):
    """Where an artifact is kept."""

    name: str
    digest: str
    version: str | None = None
    artifact_url: str | None = None
    path: str | None = None
    registry_url: str
    repository: str | None = None
    status: str = "active"
    github_repository: str | None = None
    return_records: bool = True


def read_create(body: object) -> CreateDeployment:
    """The body of a create request. Raises ``BadBody``, ``Several`` or ``BadText``."""
    return _read(CreateDeployment, "create", body)


def read_set(body: object) -> ClusterDeployments:
    """The body of a cluster set. Raises as ``read_create``, and ``Invalid`` for a name twice."""
    return _unique(_read(ClusterDeployments, "set", body))


def read_job(body: object) -> ClusterDeployments:
    """The body of a cluster job. Raises as ``read_set``."""
    return _unique(_read(ClusterDeployments, "job", body))


def read_storage(body: object) -> CreateStorage:
    """The body of a storage record. Raises as ``read_create``."""
    return _read(CreateStorage, "storage", body)


def _read(model: type[Body], schema: str, body: object) -> Body:
    if not isinstance(body, dict):
        raise BadBody(BodyFault.SHAPE)
    found = problems(SCHEMAS[schema], body)
    if found:
        raise Several(found)
    # What the schema does not know says nothing, whatever its type: jobs know no partial_success.
    known = {name: body[name] for name in SCHEMAS[schema]["properties"] if name in body}
    try:
        return model.model_validate(known)
    except ValidationError:  # a lone surrogate is the one text that fits the schema and is none
        raise BadText("body") from None


def _unique(said: ClusterDeployments) -> ClusterDeployments:
    names = Counter(deployment.deployment_name for deployment in said.deployments)
    twice = next((name for name, times in names.items() if times > 1), None)
    if twice is not None:
        raise Invalid(field="deployment_name", reason="duplicate", value=twice)
    return said
