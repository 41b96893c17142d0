"""What the use cases around environments ask of the store: places, protections, approvals."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from gateway.core.context import Permission
from gateway.core.listing import FoundProjects, FoundUsers, ProjectSearch
from gateway.core.model import Environment, Record
from gateway.core.org_environments import EnvironmentSearch, FoundEnvironments
from gateway.core.places import FoundPlaces, Place, PlaceSearch
from gateway.core.protection import Approval, Owner, Protection
from gateway.core.search import Scope


class PlaceReading(Protocol):
    """Queries about environments of orgs and projects, and about who is who."""

    async def environment(self, scope: Scope, environment_id: UUID) -> Environment | None:
        """An org's environment that the caller may see."""

    async def environments_found(
        self, scope: Scope, search: EnvironmentSearch, tier: str | None
    ) -> FoundEnvironments:
        """One page of an org's environments; ``tier`` is what ``search.logical`` stands for."""

    async def places(self, scope: Scope, project_id: UUID, search: PlaceSearch) -> FoundPlaces:
        """One page of a project's environments, by number."""

    async def place(self, scope: Scope, project_id: UUID, number: int) -> Place | None:
        """A project's environment by the number it has there."""

    async def protections_of(self, org_id: UUID, place: Place) -> tuple[Protection, ...]:
        """The project's own of this name, then those of groups for its tier, by age."""

    async def protection(
        self, org_id: UUID, owner: Owner, owner_id: UUID, name: str
    ) -> Protection | None: ...

    async def protections(
        self, org_id: UUID, owner: Owner, owner_id: UUID, *, offset: int, limit: int
    ) -> tuple[tuple[Protection, ...], int]:
        """One page by name, and how many there are."""

    async def approvals(self, org_id: UUID, record_id: UUID) -> tuple[Approval, ...]:
        """What was said of a record, the oldest first."""

    async def permissions(
        self, org_id: UUID, users: Collection[UUID], project_id: UUID | None, now: datetime
    ) -> Mapping[UUID, Permission]:
        """The highest permission of the users' tokens that hold and cover the project.

        Without a project, of all their tokens that hold.
        """

    async def carriers(self, scope: Scope, project_id: UUID, commit: str) -> tuple[Record, ...]:
        """Per pull request number, the first record of the commit in the project to carry it."""

    async def projects_found(self, scope: Scope, search: ProjectSearch) -> FoundProjects:
        """One page of projects."""

    async def users_page(self, org_id: UUID, *, offset: int, limit: int) -> FoundUsers:
        """One page of an org's users, the newest first."""


class PlaceWriting(PlaceReading, Protocol):
    """Changes around environments of orgs and projects."""

    async def add_environment(self, org_id: UUID, environment: Environment) -> bool:
        """False when the org has one of this name."""

    async def environments_of_tier(
        self, org_id: UUID, project_id: UUID, tier: str, *, limit: int
    ) -> tuple[Environment, ...]:
        """The first of a project's environments that have this tier there, by number."""

    async def lock_place(self, org_id: UUID, place: Place) -> Place | None:
        """The place as it is now; nobody else writes a record into it until the end."""

    async def change_place(
        self, org_id: UUID, place: Place, facts: Mapping[str, str | None], now: datetime
    ) -> None: ...

    async def remove_place(self, org_id: UUID, place: Place) -> None:
        """The project no longer has the environment, nor any record there; events stay."""

    async def slots_of_place(self, org_id: UUID, place: Place) -> Sequence[str]:
        """The names of the slots that hold records of the project there, sorted."""

    async def live_records(self, org_id: UUID, place: Place) -> tuple[Record, ...]: ...

    async def records_of_place(
        self, org_id: UUID, place: Place, *, above: int, limit: int
    ) -> tuple[Record, ...]:
        """The next records by number."""

    async def stale_places(
        self, org_id: UUID, project_id: UUID, before: datetime
    ) -> tuple[Place, ...]:
        """The available ones that nothing has changed, nor been deployed to, since that moment."""

    async def make_protection(self, org_id: UUID, protection: Protection) -> None:
        """Raises ``Conflict``."""

    async def replace_entries(self, org_id: UUID, protection: Protection) -> None:
        """Its grants and rules are these from now on."""

    async def remove_protection(self, org_id: UUID, protection: Protection) -> None: ...

    async def next_entry_number(self, org_id: UUID) -> int:
        """A number for a grant or a rule."""

    async def save_approval(self, org_id: UUID, approval: Approval) -> None:
        """One per record, rule and user: a later one replaces verdict and comment."""
