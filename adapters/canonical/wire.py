"""The bodies of ``/gateway/v1``. Types are strict and unknown names are refused."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    model_validator,
)

from gateway.core.limits import MAX_KEY
from gateway.dialect.numbers import decimal_of

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)

Text = Annotated[str, Field(min_length=1)]


def _number(value: object) -> object:
    """A JSON number as the decimal it was written as; booleans are not numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("must be a number")
    return decimal_of(value)


Number = Annotated[Decimal, BeforeValidator(_number)]


def _rfc3339(value: object) -> object:
    """A date, a time and a zone; a bare number is no time."""
    if not isinstance(value, str) or not _RFC3339.fullmatch(value):
        raise ValueError("must be an RFC 3339 time")
    return value


Moment = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_rfc3339)]
Path = Annotated[str, Field(min_length=1, max_length=MAX_KEY)]
Name = Annotated[str, Field(pattern=r"^[^\x00-\x20/\x7f]+$")]


class Strict(BaseModel):
    """A JSON object of known names and exact types."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class EnvironmentBody(Strict):
    """An environment by its parts."""

    logical: Text
    physical: str | None = None
    cluster: str | None = None


_BY_NAME, _BY_PARTS = "by name", "by parts"

WAYS = frozenset({_BY_NAME, _BY_PARTS})
"""How an environment is said. Problems are told with it; no member of a body is called so."""


def _way(said: object) -> str:
    return _BY_PARTS if isinstance(said, dict) else _BY_NAME


Environment = Annotated[
    Annotated[Text, Tag(_BY_NAME)] | Annotated[EnvironmentBody, Tag(_BY_PARTS)],
    Discriminator(_way),
]


class ArtifactBody(Strict):
    """What runs. ``digests`` maps an algorithm to lower-case hex; ``gitCommit`` names a commit."""

    kind: Literal["CONTAINER_IMAGE", "HELM_CHART"] | None = None
    name: Text | None = None
    version: Text | None = None
    digests: dict[str, str] | None = None


class SourceBody(Strict):
    """Where it came from."""

    commit: Text | None = None
    ref: Text | None = None
    is_tag: bool | None = None


class ActorBody(Strict):
    """Who deployed, by ``username`` or by ``external_id``."""

    username: Name | None = None
    external_id: Text | None = None
    name: Text | None = None

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.username is None and self.external_id is None:
            raise ValueError("must have a username or an external_id")
        return self


class DeliveryBody(Strict):
    """Facts about the delivery; the duration is in seconds."""

    title: Text | None = None
    changelog: Text | None = None
    url: Text | None = None
    duration_seconds: Number | None = None
    is_fix: bool | None = None
    is_hotfix: bool | None = None
    is_forced: bool | None = None
    commits_count: int | None = None
    pull_request_number: int | None = None
    node_id: Text | None = None


class RuntimeBody(Strict):
    """Facts about the running workload; an empty list or map says that there are none."""

    risks: list[Text] | None = None
    tags: dict[str, str] | None = None
    attestation_id: int | None = None


State = Literal["created", "blocked", "running", "success", "failed", "canceled", "skipped"]


class RecordBody(Strict):
    """``POST /records``: a command in the words of the core."""

    org: Text | None = None
    project: Path | None = None
    environment: Environment
    deployment_name: str | None = None
    artifact: ArtifactBody = ArtifactBody()
    source: SourceBody = SourceBody()
    state: State = "success"
    presence: Literal["decommissioned"] | None = None
    occurred_at: Moment | None = None
    actor: ActorBody | None = None
    delivery: DeliveryBody = DeliveryBody()
    runtime: RuntimeBody = RuntimeBody()


class OrgBody(Strict):
    """``POST /orgs``."""

    name: Text
    aliases: list[Text] = []


class UserBody(Strict):
    """``POST /orgs/{org}/users``."""

    username: Text
    name: Text | None = None
    external_id: Text | None = None


class TokenBody(Strict):
    """``POST /orgs/{org}/tokens``."""

    user: Text
    permission: Literal["read", "write", "admin"]
    name: str = ""
    projects: list[Text] | None = None
    expires_at: Moment | None = None


class GroupBody(Strict):
    """``POST /orgs/{org}/groups``."""

    name: Text
    members: list[Text] = []


class ProjectBody(Strict):
    """``POST /orgs/{org}/projects``."""

    path: Text
