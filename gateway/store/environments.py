"""Environments of an org, and what each project says of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import uuid_utils.compat as uuid_utils
from sqlalchemy import Row, and_, bindparam, exists, literal_column, select, update

from gateway.core import placing
from gateway.core.errors import Conflict
from gateway.core.model import Environment, Project, ProjectEnvironment
from gateway.core.places import AVAILABLE, STOPPED
from gateway.store.queries import Queries, fold, insert_missing
from gateway.store.rows import (
    ENVIRONMENT,
    PROJECT_ENVIRONMENT,
    environment_of,
    project_environment_of,
)
from gateway.store.tables import environments, project_environments, records

_ENVIRONMENTS = select(*ENVIRONMENT).where(environments.c.org_id == bindparam("org"))
_BY_NAME = _ENVIRONMENTS.where(environments.c.name == bindparam("said"))
_BY_PARTS = _ENVIRONMENTS.where(
    environments.c.logical == bindparam("first"),
    environments.c.physical == bindparam("second"),
    environments.c.cluster == bindparam("third"),
)
_MAKE = insert_missing(environments)

_OF_PROJECT = (
    select(*ENVIRONMENT, *PROJECT_ENVIRONMENT)
    .join(
        project_environments,
        and_(
            project_environments.c.org_id == environments.c.org_id,
            project_environments.c.environment_id == environments.c.id,
        ),
    )
    .where(
        project_environments.c.org_id == bindparam("org"),
        project_environments.c.project_id == bindparam("project"),
    )
    .order_by(project_environments.c.number)
)
_OF_TIER = _OF_PROJECT.where(project_environments.c.tier == bindparam("tier")).limit(
    bindparam("most")
)
IN_PROJECT = and_(
    project_environments.c.org_id == bindparam("org"),
    project_environments.c.project_id == bindparam("project"),
    project_environments.c.environment_id == bindparam("environment"),
)
# Held, so that nobody removes it before the record that is to refer to it is there.
_ONE_IN_PROJECT = (
    select(*PROJECT_ENVIRONMENT).where(IN_PROJECT).with_for_update(read=True, key_share=True)
)
_MAKE_IN_PROJECT = insert_missing(project_environments)
# Held before anybody looks what is live there: who leaves a place and who enters it at the same
# time would not see each other, and a place with something live would be stopped.
_LOCK_STATE = select(project_environments.c.state).where(IN_PROJECT).with_for_update(key_share=True)
SET_STATE = (
    update(project_environments)
    .where(IN_PROJECT)
    .values(state=bindparam("new_state"), updated_at=bindparam("moment"))
)
STOP_IF_EMPTY = (
    update(project_environments)
    .where(
        IN_PROJECT,
        project_environments.c.state != literal_column("'stopped'"),
        ~exists().where(
            records.c.org_id == project_environments.c.org_id,
            records.c.project_id == project_environments.c.project_id,
            records.c.environment_id == project_environments.c.environment_id,
            records.c.presence == literal_column("'live'"),
        ),
    )
    .values(state=STOPPED, updated_at=bindparam("moment"))
)


class EnvironmentQueries(Queries):
    """Finding environments."""

    async def environment_named(self, org_id: UUID, name: str) -> Environment | None:
        """By its one name, in the case of letters in which it was made."""
        row = await self._first(_BY_NAME, {"org": org_id, "said": name})
        return None if row is None else environment_of(row)


class EnvironmentWrites(EnvironmentQueries):
    """Making environments, and what a project says of them."""

    async def environments_of_tier(
        self, org_id: UUID, project_id: UUID, tier: str, *, limit: int
    ) -> tuple[Environment, ...]:
        """A project's of this tier, by number."""
        values = {"org": org_id, "project": project_id, "tier": tier, "most": limit}
        return tuple(map(environment_of, await self._all(_OF_TIER, values)))

    async def environment_with_parts(
        self, org_id: UUID, logical: str, physical: str | None, cluster: str | None
    ) -> Environment | None:
        """By its three parts."""
        parts = {"first": logical, "second": physical, "third": cluster}
        row = await self._first(_BY_PARTS, {"org": org_id, **parts})
        return None if row is None else environment_of(row)

    async def make_environment(
        self,
        org_id: UUID,
        *,
        logical: str,
        physical: str | None,
        cluster: str | None,
        name: str,
        tier: str,
        now: datetime,
        by_name: bool = False,
    ) -> Environment:
        """The one made, or the one that somebody else has made with these parts meanwhile.

        When ``name`` belongs to other parts, the made one gets ``placing.suffixed_name``; asked for
        ``by_name``, the one that has the name is the answer.
        """
        wanted = Environment(
            id=uuid_utils.uuid7(),
            logical=logical,
            physical=physical or None,
            cluster=cluster or None,
            name=name,
            tier=tier,
            kind=None,
            created_at=now,
            updated_at=now,
        )
        suffixed = placing.suffixed_name(name, logical, wanted.physical, wanted.cluster)
        for own_name in (name, suffixed):
            values = environment_values(org_id, replace(wanted, name=own_name))
            await self._run(_MAKE, values)
            made = await self.environment_with_parts(
                org_id, logical, wanted.physical, wanted.cluster
            )
            if made is None and by_name:
                made = await self.environment_named(org_id, name)
            if made is not None:
                return made
        raise Conflict("environment", suffixed)

    async def project_environment(
        self, org_id: UUID, project: Project, environment: Environment, now: datetime
    ) -> ProjectEnvironment:
        """Found, or made as ``available`` with the slug and tier of its name."""
        place = {"org": org_id, "project": project.id, "environment": environment.id}
        row = await self._first(_ONE_IN_PROJECT, place)
        if row is None:
            number = await self._number(org_id, "environment")
            made = new_place(environment, number, now)
            await self._run(_MAKE_IN_PROJECT, place_values(org_id, project, environment, made))
            row = await self._first(_ONE_IN_PROJECT, place)
        return project_environment_of(_there(row))

    async def set_environment_state(
        self, org_id: UUID, project_id: UUID, environment_id: UUID, state: str, now: datetime
    ) -> None:
        """``available`` or ``stopped``; ``updated_at`` moves only when that changes it."""
        place = {"org": org_id, "project": project_id, "environment": environment_id}
        if await self._locked_state(place) != state:
            await self._run(SET_STATE, {**place, "new_state": state, "moment": now})

    async def stop_if_empty(
        self, org_id: UUID, project_id: UUID, environment_id: UUID, now: datetime
    ) -> None:
        """Stopped, unless something of the project is live there."""
        place = {"org": org_id, "project": project_id, "environment": environment_id}
        if await self._locked_state(place) != STOPPED:
            await self._run(STOP_IF_EMPTY, {**place, "moment": now})

    async def _locked_state(self, place: Mapping[str, UUID]) -> str | None:
        """The state of a place, which nobody else changes until the end."""
        row = await self._first(_LOCK_STATE, place)
        return None if row is None else str(row.state)


def _there(row: Row[Any] | None) -> Row[Any]:
    assert row is not None  # noqa: S101 (it was just inserted, or met)
    return row


def environment_values(org_id: UUID, environment: Environment) -> dict[str, Any]:
    """The row of an environment."""
    return {
        "org_id": org_id,
        "id": environment.id,
        "logical": environment.logical,
        "physical": environment.physical,
        "cluster": environment.cluster,
        "name": environment.name,
        "tier": environment.tier,
        "kind": environment.kind,
        "created_at": environment.created_at,
        "updated_at": environment.updated_at,
        "description": environment.description,
        "search_key": fold(f"{environment.name}\n{environment.description or ''}"),
    }


def new_place(environment: Environment, number: int, now: datetime) -> ProjectEnvironment:
    """What a project says of an environment at first."""
    return ProjectEnvironment(
        number=number,
        slug=placing.slug(environment.name),
        state=AVAILABLE,
        tier=environment.tier,
        external_url=None,
        description=None,
        created_at=now,
        updated_at=now,
    )


def place_values(
    org_id: UUID, project: Project, environment: Environment, place: ProjectEnvironment
) -> dict[str, Any]:
    """The row of what a project says of an environment."""
    return {
        "org_id": org_id,
        "project_id": project.id,
        "environment_id": environment.id,
        "number": place.number,
        "slug": place.slug,
        "state": place.state,
        "tier": place.tier,
        "external_url": place.external_url,
        "description": place.description,
        "auto_stop": place.auto_stop,
        "created_at": place.created_at,
        "updated_at": place.updated_at,
    }
