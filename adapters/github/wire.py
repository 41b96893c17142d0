"""Request bodies in GitHub's own spelling.

A body is judged by its JSON Schema, so that the problems come in GitHub's words and order; the
model only gives the fields their names and types.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, ValidationError

from adapters.github.sentences import Schema, problems
from gateway.core.errors import BadBody, BadText, BodyFault, Several
from gateway.dialect.resources import load_json, schemas_of

SCHEMAS: dict[str, Schema] = dict(load_json(schemas_of("github")))


class CreateDeployment(BaseModel):
    """One deployment of one artifact. Unknown fields are allowed, as GitHub allows them.

    ``None`` is a field that was not sent: GitHub's own ``null`` is a type error everywhere.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    name: str
    digest: str
    version: str | None = None
    status: str
    logical_environment: str
    physical_environment: str | None = None
    cluster: str | None = None
    deployment_name: str
    tags: dict[str, str] | None = None
    runtime_risks: list[str] | None = None
    github_repository: str | None = None
    return_records: bool = True


def read_create(body: object) -> CreateDeployment:
    """The body of a create request. Raises ``BadBody``, ``Several`` or ``BadText``."""
    if not isinstance(body, dict):
        raise BadBody(BodyFault.SHAPE)
    found = problems(SCHEMAS["create"], body)
    if found:
        raise Several(found)
    try:
        return CreateDeployment.model_validate(body)
    except ValidationError:  # a lone surrogate is the one text that fits the schema and is none
        raise BadText("body") from None
