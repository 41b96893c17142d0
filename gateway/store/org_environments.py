"""An org's environments as such: found by id, by text and by tier, and made."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, exists, func, select

from gateway.core.model import Environment
from gateway.core.org_environments import EnvironmentSearch, FoundEnvironments
from gateway.core.search import Scope
from gateway.store.environments import environment_values
from gateway.store.queries import Queries, fold, insert_missing, page_number
from gateway.store.rows import ENVIRONMENT, environment_of
from gateway.store.tables import environments, project_environments

_OF_ORG = select(*ENVIRONMENT).where(environments.c.org_id == bindparam("org"))
_BY_ID = _OF_ORG.where(environments.c.id == bindparam("environment"))
_ADD = insert_missing(environments).returning(environments.c.id)


class OrgEnvironmentQueries(Queries):
    """Finding environments of an org."""

    async def environment(self, scope: Scope, environment_id: UUID) -> Environment | None:
        """By id."""
        values = {"org": scope.org_id, "environment": environment_id}
        row = await self._first(_seen(_BY_ID, scope), values)
        return None if row is None else environment_of(row)

    async def environments_found(
        self, scope: Scope, search: EnvironmentSearch, tier: str | None
    ) -> FoundEnvironments:
        """One page, the newest first."""
        matching = _seen(_OF_ORG, scope)
        if search.text is not None:
            text = fold(search.text)
            matching = matching.where(environments.c.search_key.contains(text, autoescape=True))
        if tier is not None:
            matching = matching.where(environments.c.tier == tier)
        page = matching.order_by(environments.c.created_at.desc(), environments.c.id.desc())
        page = page.limit(page_number(search.limit)).offset(page_number(search.offset))
        values = {"org": scope.org_id}
        rows = await self._all(page, values)
        counted = matching.with_only_columns(environments.c.id).subquery()
        total = await self._count(select(func.count()).select_from(counted), values)
        return FoundEnvironments(tuple(map(environment_of, rows)), total)


class OrgEnvironmentWrites(OrgEnvironmentQueries):
    """Making environments of an org."""

    async def add_environment(self, org_id: UUID, environment: Environment) -> bool:
        """False when the org has one of this name."""
        return await self._made(_ADD, environment_values(org_id, environment))


def _seen(statement: Select[Any], scope: Scope) -> Select[Any]:
    """Limited to what the projects that the caller may see have."""
    if scope.projects is None:
        return statement
    return statement.where(
        exists().where(
            and_(
                project_environments.c.org_id == environments.c.org_id,
                project_environments.c.environment_id == environments.c.id,
                project_environments.c.project_id.in_(scope.projects),
            )
        )
    )
