"""What a caller asks to change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from gateway.core.errors import Invalid
from gateway.core.limits import check_numbers, check_texts
from gateway.core.model import Artifact, Delivery, Runtime, Source, State
from gateway.core.moments import utc
from gateway.core.placing import joined_name


class OnNew(StrEnum):
    """What to do when a named environment does not exist yet."""

    MAKE = "make"
    MAKE_FIRST = "make_first"  # and it stays where the deployment to it is refused
    IF_AUTO_CREATE = "if_auto_create"
    REFUSE = "refuse"  # a name this dialect can read but would not let its clients make


@dataclass(frozen=True, slots=True)
class EnvironmentName:
    """An environment by its one name."""

    name: str
    on_new: OnNew = OnNew.MAKE


@dataclass(frozen=True, slots=True)
class EnvironmentParts:
    """An environment by its three parts."""

    logical: str
    physical: str | None = None
    cluster: str | None = None


@dataclass(frozen=True, slots=True)
class ProductionEnvironment:
    """The project's production environment, for a dialect that names none."""


EnvironmentChoice = EnvironmentName | EnvironmentParts | ProductionEnvironment


@dataclass(frozen=True, slots=True)
class ProjectPath:
    """A project by its path below the org; the org's own name or an alias may lead it."""

    path: str


@dataclass(frozen=True, slots=True)
class ProjectNumber:
    """A project by its number; never makes one."""

    number: int


ProjectChoice = ProjectPath | ProjectNumber


@dataclass(frozen=True, slots=True)
class ActorSaid:
    """Who deployed, as the request names them; a user is made for a new one."""

    external_id: str | None = None
    username: str | None = None
    name: str | None = None


_NO_DELIVERY, _NO_RUNTIME = Delivery(), Runtime()
"""Of neither is anything said. Values are frozen, so all commands may share them."""


@dataclass(frozen=True, slots=True)
class RecordDeployment:
    """An artifact was put, or tried, in a slot, or taken out of it.

    ``project`` is ``None`` where the request names none. ``deployment_name`` is ``None`` where the
    dialect has no such word: the slot is then the project's path without the org.
    ``is_decommission`` takes the artifact out. ``is_attempt`` makes every statement a record of its
    own, save for the one that ``delivery.node_id`` says again. ``occurred_at`` is ``None`` for now.
    """

    environment: EnvironmentChoice
    artifact: Artifact
    source: Source
    state: State = State.SUCCESS
    is_decommission: bool = False
    is_attempt: bool = False
    project: ProjectChoice | None = None
    deployment_name: str | None = None
    occurred_at: datetime | None = None
    actor: ActorSaid | None = None
    delivery: Delivery = _NO_DELIVERY
    runtime: Runtime = _NO_RUNTIME
    kept: Mapping[str, Mapping[str, object]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raise ``Invalid`` for a command that names nothing that could run, or too much.

        ``occurred_at`` is brought to UTC.
        """
        if self.occurred_at is not None:
            object.__setattr__(self, "occurred_at", utc(self.occurred_at, field="occurred_at"))
        if not self.artifact.digests and self.source.commit is None:
            raise Invalid(field="artifact.digests", reason="required")
        if self.project is None and self.deployment_name is None:
            raise Invalid(field="deployment_name", reason="required")
        if self.is_decommission and self.state is not State.SUCCESS:
            raise Invalid(field="presence", reason="state", value=self.state)
        check_texts(
            {
                "artifact.name": self.artifact.name,
                "artifact.version": self.artifact.version,
                "source.commit": self.source.commit,
                "source.ref": self.source.ref,
                "slot.name": self.deployment_name,
                "delivery.node_id": self.delivery.node_id,
                "actor.external_id": self.actor.external_id if self.actor else None,
                "actor.username": self.actor.username if self.actor else None,
                "actor.name": self.actor.name if self.actor else None,
                **_environment_texts(self.environment),
            }
        )
        check_numbers(
            {
                "delivery.commits_count": self.delivery.commits_count,
                "delivery.pull_request_number": self.delivery.pull_request_number,
                "delivery.duration_seconds": self.delivery.duration_seconds,
                "runtime.attestation_id": self.runtime.attestation_id,
            }
        )


def _environment_texts(choice: EnvironmentChoice) -> Mapping[str, str | None]:
    match choice:
        case EnvironmentName(name):
            return {"environment.name": name}
        case EnvironmentParts(logical, physical, cluster):
            return {
                "environment.logical": logical,
                "environment.physical": physical,
                "environment.cluster": cluster,
                "environment.name": joined_name(logical, physical, cluster),
            }
        case ProductionEnvironment():
            return {}


@dataclass(frozen=True, slots=True)
class RecordId:
    """A record by its id."""

    id: UUID


@dataclass(frozen=True, slots=True)
class RecordNumber:
    """A record by its number, in the project the request names."""

    number: int


RecordChoice = RecordId | RecordNumber


@dataclass(frozen=True, slots=True)
class ChangeState:
    """A record's delivery moved on."""

    record: RecordChoice
    state: State
    project: ProjectChoice | None = None
    occurred_at: datetime | None = None

    def __post_init__(self) -> None:
        """Bring ``occurred_at`` to UTC. Raises ``Invalid``."""
        if self.occurred_at is not None:
            object.__setattr__(self, "occurred_at", utc(self.occurred_at, field="occurred_at"))


@dataclass(frozen=True, slots=True)
class RemoveRecord:
    """A record is taken away; its events stay.

    ``unmodified_since`` refuses when the record changed after that moment.
    """

    record: RecordChoice
    project: ProjectChoice | None = None
    unmodified_since: datetime | None = None
