"""A slot that exists in thought alone: what the core's own ``plan`` makes of commands.

No store is needed to see what a write through a dialect does to a record.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from gateway.core import placing, status
from gateway.core.commands import (
    ActorSaid,
    EnvironmentName,
    EnvironmentParts,
    ProjectPath,
    RecordDeployment,
)
from gateway.core.drafts import record_of
from gateway.core.model import (
    Environment,
    Org,
    Presence,
    Project,
    ProjectEnvironment,
    ProjectRule,
    Record,
    Slot,
    User,
)
from gateway.core.places import AVAILABLE

BEGAN = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
ORG = Org(id=UUID(int=10), number=1, name="acme", aliases=("acme-inc",), created_at=BEGAN)
CALLER = User(
    id=UUID(int=20), number=2, username="ada", name="Ada", external_id=None, created_at=BEGAN
)
_SLOT, _ENVIRONMENT, _PROJECT = UUID(int=30), UUID(int=40), UUID(int=50)


class ImaginedSlot:
    """The records of one slot, the oldest first."""

    def __init__(self, dialect: str) -> None:
        self.records: list[Record] = []
        self._dialect = dialect

    def say(self, command: RecordDeployment) -> Record:
        """Record a deployment here, a minute after the last one; the record that it was about."""
        moment = command.occurred_at or BEGAN + timedelta(minutes=len(self.records))
        plan = self._plan(command, moment)
        for change in plan.changes:
            self._put(change.record)
        if plan.draft is None:
            return self._shown(status.subject(plan.changes))
        self.records.append(self._made(plan.draft, command))
        return self._shown(self.records[-1])

    def _plan(self, command: RecordDeployment, moment: datetime) -> status.Plan:
        node = command.delivery.node_id
        earlier = [r for r in self.records if node is not None and r.delivery.node_id == node]
        situation = self._situation(command)
        if command.is_attempt and earlier:
            return status.plan_attempt(earlier[-1], situation, command, moment)
        return status.plan(situation, command, moment, UUID(int=1000 + len(self.records)))

    def _situation(self, command: RecordDeployment) -> status.Situation:
        occupied = [r for r in self.records if r.presence is not Presence.NONE]
        same = [
            r
            for r in occupied
            if status.is_same_artifact(r.artifact, r.source, command.artifact, command.source)
        ]
        former = [r for r in occupied if r.presence is Presence.SUPERSEDED]
        return status.Situation(
            live=next((r for r in occupied if r.presence is Presence.LIVE), None),
            same=same[-1] if same else None,
            fallback=former[-1] if former else None,
            actor=None if command.actor is None else _actor(command.actor),
        )

    def _put(self, record: Record) -> None:
        index = next(i for i, known in enumerate(self.records) if known.id == record.id)
        self.records[index] = record

    def _made(self, draft: status.Draft, command: RecordDeployment) -> Record:
        number = len(self.records) + 1
        project = _project(command)
        return record_of(
            draft,
            command,
            number=number,
            project_number=number,
            org=ORG,
            project=project,
            project_rule=ProjectRule.NAMED,
            slot=_slot(command, project),
            environment=_environment(command),
            project_environment=_HERE,
            artifact=replace(command.artifact, id=UUID(int=60)),
            actor=CALLER if command.actor is None else _actor(command.actor),
            dialect=self._dialect,
        )

    def _shown(self, record: Record) -> Record:
        """The record, its slot knowing which one it shows."""
        live = next((r for r in self.records if r.presence is Presence.LIVE), None)
        ever = [r for r in self.records if r.presence is not Presence.NONE]
        current = live or (ever[-1] if ever else None)
        return replace(
            record, slot=replace(record.slot, current=None if current is None else current.id)
        )


_HERE = ProjectEnvironment(
    number=4,
    slug="production",
    state=AVAILABLE,
    tier="production",
    external_url=None,
    description=None,
    created_at=BEGAN,
    updated_at=BEGAN,
)


def _project(command: RecordDeployment) -> Project:
    said = command.project.path if isinstance(command.project, ProjectPath) else "shop"
    path = placing.project_path(ORG, said) or f"{ORG.name}/{placing.UNASSIGNED}"
    return Project(id=_PROJECT, number=5, path=path, created_at=BEGAN)


def _slot(command: RecordDeployment, project: Project) -> Slot:
    name = project.name if command.deployment_name is None else command.deployment_name
    return Slot(id=_SLOT, number=3, name=name, created_at=BEGAN, current=None)


def _environment(command: RecordDeployment) -> Environment:
    match command.environment:
        case EnvironmentParts(logical, physical, cluster):
            parts = (logical, physical, cluster)
        case EnvironmentName(name):
            parts = (name, None, None)
        case _:
            parts = (placing.PRODUCTION, None, None)
    name = placing.joined_name(*parts)
    return Environment(
        id=_ENVIRONMENT,
        logical=parts[0],
        physical=parts[1],
        cluster=parts[2],
        name=name,
        tier=placing.guess_tier(name),
        kind=None,
        created_at=BEGAN,
        updated_at=BEGAN,
    )


def _actor(said: ActorSaid) -> User:
    name = said.username or said.external_id or CALLER.username
    return User(
        id=UUID(int=21),
        number=3,
        username=name,
        name=said.name or name,
        external_id=said.external_id,
        created_at=BEGAN,
    )
