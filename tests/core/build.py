"""Records and commands for tests of the core; only what a test names differs between them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from gateway.core.commands import EnvironmentName, ProjectPath, RecordDeployment
from gateway.core.model import (
    Artifact,
    Delivery,
    Environment,
    Org,
    Presence,
    Project,
    ProjectEnvironment,
    ProjectRule,
    Record,
    Runtime,
    Slot,
    Source,
    State,
    User,
)

THEN = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
NOW = THEN + timedelta(hours=1)

ORG = Org(id=UUID(int=10), number=1, name="acme", aliases=("acme-inc",), created_at=THEN)
USER = User(
    id=UUID(int=20), number=2, username="ada", name="Ada", external_id=None, created_at=THEN
)
SLOT = Slot(id=UUID(int=30), number=7, name="shop", created_at=THEN, current=None)

A = Artifact(digests={"sha256": "a" * 64})
B = Artifact(digests={"sha256": "b" * 64})


def a_record(number: int = 1, artifact: Artifact = A, **said: Any) -> Record:
    """A live success of ``artifact``, with ``said`` over it."""
    record = Record(
        id=UUID(int=1000 + number),
        number=number,
        project_number=number,
        org=ORG,
        project=Project(id=UUID(int=40), number=3, path="acme/shop", created_at=THEN),
        project_rule=ProjectRule.NAMED,
        slot=SLOT,
        environment=Environment(
            id=UUID(int=50),
            logical="production",
            physical=None,
            cluster=None,
            name="production",
            tier="production",
            kind=None,
            created_at=THEN,
            updated_at=THEN,
        ),
        project_environment=ProjectEnvironment(
            number=4,
            slug="production",
            state="available",
            tier="production",
            external_url=None,
            description=None,
            created_at=THEN,
            updated_at=THEN,
        ),
        artifact=artifact,
        source=Source(),
        state=State.SUCCESS,
        presence=Presence.LIVE,
        superseded_by=None,
        created_at=THEN,
        updated_at=THEN,
        started_at=None,
        finished_at=THEN,
        last_seen_at=THEN,
        ended_at=None,
        actor=USER,
        delivery=Delivery(),
        runtime=Runtime(risks=(), tags={}),
        origin="canonical",
        kept={},
    )
    return replace(record, **said)


def a_command(artifact: Artifact = A, **said: Any) -> RecordDeployment:
    """A success of ``artifact`` in ``acme/shop``'s production, with ``said`` over it."""
    facts: dict[str, Any] = {
        "environment": EnvironmentName("production"),
        "artifact": artifact,
        "source": Source(),
        "project": ProjectPath("acme/shop"),
    }
    return RecordDeployment(**{**facts, **said})
