"""A draft, the command behind it and the place it is for, made a record."""

from __future__ import annotations

from dataclasses import replace

from gateway.core.commands import RecordDeployment
from gateway.core.model import (
    Artifact,
    Environment,
    Org,
    Project,
    ProjectEnvironment,
    ProjectRule,
    Record,
    Runtime,
    Slot,
    User,
)
from gateway.core.status import Draft


def record_of(
    draft: Draft,
    command: RecordDeployment,
    *,
    number: int,
    project_number: int,
    org: Org,
    project: Project,
    project_rule: ProjectRule,
    slot: Slot,
    environment: Environment,
    project_environment: ProjectEnvironment,
    artifact: Artifact,
    actor: User,
    dialect: str,
) -> Record:
    """The new record: the plan's decisions, the command's facts, seen once and not changed yet."""
    return Record(
        id=draft.id,
        number=number,
        project_number=project_number,
        org=org,
        project=project,
        project_rule=project_rule,
        slot=slot,
        environment=environment,
        project_environment=project_environment,
        artifact=artifact,
        source=command.source,
        state=draft.state,
        presence=draft.presence,
        superseded_by=None,
        created_at=draft.moment,
        updated_at=draft.moment,
        started_at=draft.started_at,
        finished_at=draft.finished_at,
        last_seen_at=draft.moment,
        ended_at=draft.ended_at,
        actor=actor,
        delivery=command.delivery,
        runtime=_held(command.runtime),
        origin=dialect,
        kept=command.kept,
    )


def _held(said: Runtime) -> Runtime:
    """A record holds a tuple and a mapping where a command left them unsaid."""
    if said.risks is not None and said.tags is not None:
        return said
    return replace(said, risks=said.risks or (), tags=said.tags or {})
