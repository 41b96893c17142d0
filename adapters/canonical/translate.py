"""The core's own words as JSON, and back. The only dialect that loses nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from adapters.canonical import wire
from gateway.core import digests
from gateway.core.commands import (
    ActorSaid,
    EnvironmentName,
    EnvironmentParts,
    ProjectPath,
    RecordDeployment,
)
from gateway.core.errors import Invalid, Several
from gateway.core.model import (
    Artifact,
    ArtifactKind,
    Delivery,
    Record,
    Runtime,
    Source,
    State,
    User,
)
from gateway.dialect.frame import Frame, Owner, Wire
from gateway.dialect.moments import microseconds
from gateway.dialect.numbers import number_of

Body = TypeVar("Body", bound=BaseModel)


_SENTENCES = {"model_type": "Input should be an object"}
"""Instead of sentences that name a class of ours."""

_MOST_TOLD = 100
"""So many problems of a body are told one by one: what is told of each is longer than it."""


def rfc3339(moment: datetime | None) -> str | None:
    """UTC with microseconds: ``2026-11-20T08:00:00.000000Z``."""
    return None if moment is None else microseconds(moment)


def validated(model: type[Body], said: object) -> Body:
    """A body that fits its model. Raises ``Several`` with a path and a sentence per problem."""
    try:
        return model.model_validate(said)
    except ValidationError as error:
        if error.error_count() > _MOST_TOLD:
            detail = f"has {error.error_count()} problems, which are too many to tell"
            raise Several((Invalid(field="body", reason="too_many", detail=detail),)) from None
        problems = (
            Invalid(
                field=".".join(str(s) for s in problem["loc"] if s not in wire.WAYS)[:100]
                or "body",
                reason=problem["type"],
                detail=_SENTENCES.get(problem["type"], problem["msg"]),
            )
            for problem in error.errors(include_input=False, include_url=False)
        )
        raise Several(tuple(problems)) from None


def to_command(said: object, _owner: Owner, _frame: Frame) -> RecordDeployment:
    """A command from the body of ``POST /records``. Raises ``Several`` and ``Invalid``."""
    body = validated(wire.RecordBody, said)
    named, commit = _digests(body)
    return RecordDeployment(
        project=ProjectPath(body.project) if body.project is not None else None,
        environment=_environment(body.environment),
        deployment_name=body.deployment_name,
        artifact=Artifact(
            kind=ArtifactKind(body.artifact.kind) if body.artifact.kind else None,
            name=body.artifact.name,
            version=body.artifact.version,
            digests=named,
        ),
        source=Source(commit=commit, ref=body.source.ref, is_tag=body.source.is_tag),
        state=State(body.state),
        is_decommission=body.presence is not None,
        occurred_at=body.occurred_at,
        actor=ActorSaid(**body.actor.model_dump()) if body.actor else None,
        delivery=Delivery(**body.delivery.model_dump()),
        runtime=_runtime(body.runtime),
    )


def _environment(said: str | wire.EnvironmentBody) -> EnvironmentName | EnvironmentParts:
    if isinstance(said, str):
        return EnvironmentName(said)
    return EnvironmentParts(said.logical, said.physical or None, said.cluster or None)


def _runtime(said: wire.RuntimeBody) -> Runtime:
    return Runtime(
        risks=None if said.risks is None else tuple(said.risks),
        tags=said.tags,
        attestation_id=said.attestation_id,
    )


def _digests(body: wire.RecordBody) -> tuple[Mapping[str, str], str | None]:
    """The artifact's digests and the commit; ``gitCommit`` among the digests is the commit."""
    said = dict(body.artifact.digests or {})
    commit = said.pop(digests.GIT_COMMIT, None)
    if commit is not None and not digests.is_git_commit(commit):
        raise Invalid(field="artifact.digests.gitCommit", reason="format", value=commit)
    if commit is not None and body.source.commit not in {None, commit}:
        raise Invalid(field="source.commit", reason="contradiction", value=body.source.commit)
    for algorithm, text in said.items():
        if not digests.is_digest(algorithm, text):
            raise Invalid(field=f"artifact.digests.{algorithm}"[:100], reason="format")
    return said, commit or body.source.commit


def from_user(user: User) -> Wire:
    """Somebody, as this API shows them."""
    return {
        "id": str(user.id),
        "number": user.number,
        "username": user.username,
        "name": user.name,
        "external_id": user.external_id,
    }


def from_record(record: Record, _frame: Frame) -> Wire:
    """The whole record; an absent fact is ``null``."""
    return {
        "id": str(record.id),
        "number": record.number,
        "project_number": record.project_number,
        "org": record.org.name,
        "project": {
            "id": str(record.project.id),
            "number": record.project.number,
            "path": record.project.path,
            "rule": record.project_rule.value,
        },
        "environment": _from_environment(record),
        "slot": {
            "id": str(record.slot.id),
            "number": record.slot.number,
            "name": record.slot.name,
        },
        "artifact": _from_artifact(record.artifact),
        "source": {
            "commit": record.source.commit,
            "ref": record.source.ref,
            "is_tag": record.source.is_tag,
        },
        "state": record.state.value,
        "presence": record.presence.value,
        "superseded_by": str(record.superseded_by) if record.superseded_by else None,
        "created_at": rfc3339(record.created_at),
        "updated_at": rfc3339(record.updated_at),
        "started_at": rfc3339(record.started_at),
        "finished_at": rfc3339(record.finished_at),
        "last_seen_at": rfc3339(record.last_seen_at),
        "ended_at": rfc3339(record.ended_at),
        "actor": from_user(record.actor),
        "delivery": _from_delivery(record.delivery),
        "runtime": {
            "risks": list(record.runtime.risks or ()),
            "tags": dict(record.runtime.tags or {}),
            "attestation_id": record.runtime.attestation_id,
        },
        "origin": record.origin,
        "kept": {name: dict(facts) for name, facts in record.kept.items()},
    }


def _from_environment(record: Record) -> Wire:
    environment = record.environment
    return {
        "id": str(environment.id),
        "name": environment.name,
        "logical": environment.logical,
        "physical": environment.physical,
        "cluster": environment.cluster,
        "tier": environment.tier,
    }


def _from_artifact(artifact: Artifact) -> Wire:
    return {
        "id": str(artifact.id) if artifact.id else None,
        "kind": artifact.kind.value if artifact.kind else None,
        "name": artifact.name,
        "version": artifact.version,
        "digests": dict(artifact.digests),
    }


def _from_delivery(delivery: Delivery) -> Wire:
    return {
        "title": delivery.title,
        "changelog": delivery.changelog,
        "url": delivery.url,
        "duration_seconds": number_of(delivery.duration_seconds),
        "is_fix": delivery.is_fix,
        "is_hotfix": delivery.is_hotfix,
        "is_forced": delivery.is_forced,
        "commits_count": delivery.commits_count,
        "pull_request_number": delivery.pull_request_number,
        "node_id": delivery.node_id,
    }
