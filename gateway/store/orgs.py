"""Orgs and the names they answer to."""

from __future__ import annotations

import secrets as randomness
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import uuid_utils.compat as uuid_utils
from sqlalchemy import bindparam, exists, func, insert, or_, select, update

from gateway.core import placing
from gateway.core.errors import Conflict
from gateway.core.members import ROOT
from gateway.core.model import Org
from gateway.store.numbers import BASES, begin_numbers, has_sequences
from gateway.store.people import user_values
from gateway.store.projects import ProjectWrites
from gateway.store.queries import Queries, fold, insert_missing, storable
from gateway.store.rows import ORG, org_of
from gateway.store.tables import events, org_names, orgs, projects, records, users

_BY_NAME = (
    select(*ORG)
    .join(org_names, org_names.c.org_id == orgs.c.id)
    .where(org_names.c.name_key == bindparam("key"))
)
_BY_ID = select(*ORG).where(orgs.c.id == bindparam("org_id"))
_LOCKED = _BY_ID.with_for_update(key_share=True)
_ALL = select(*ORG).order_by(orgs.c.name_key)

# A scalar subquery per org, so that each is one probe of an index that begins with the org.
_OF_PROJECT = select(*ORG).where(
    select(projects.c.id)
    .where(projects.c.org_id == orgs.c.id, projects.c.number == bindparam("number"))
    .scalar_subquery()
    .is_not(None)
)
# A removed record still has its events.
_OF_RECORD = select(*ORG).where(
    or_(
        exists().where(records.c.org_id == orgs.c.id, records.c.id == bindparam("record_id")),
        exists().where(events.c.org_id == orgs.c.id, events.c.record_id == bindparam("record_id")),
    )
)

_CLAIM = insert_missing(org_names).returning(org_names.c.org_id)
_MAKE = insert(orgs)
_MAKE_ROOT = insert(users)
_LOCK_RANGES = select(func.pg_advisory_xact_lock(0x6E756D62657273))  # "numbers"
_COUNTS_IN = select(orgs.c.id).where(orgs.c.number_base == bindparam("base")).limit(1)
_RENAME = update(orgs).where(orgs.c.id == bindparam("org")).values(aliases=bindparam("known_as"))


class OrgQueries(Queries):
    """Finding orgs."""

    async def org(self, name: str) -> Org | None:
        """The org of this name or alias, in any case."""
        row = await self._first(_BY_NAME, {"key": fold(name)})
        return None if row is None else org_of(row)

    async def orgs(self) -> tuple[Org, ...]:
        """All orgs, by name."""
        return tuple(map(org_of, await self._all(_ALL)))

    async def org_of_project(self, number: int) -> Org | None:
        """The org that holds the project of this number."""
        row = await self._first(_OF_PROJECT, {"number": storable(number)})
        return None if row is None else org_of(row)

    async def org_of_record(self, record_id: UUID) -> Org | None:
        """The org that holds this record."""
        row = await self._first(_OF_RECORD, {"record_id": record_id})
        return None if row is None else org_of(row)


class OrgWrites(OrgQueries, ProjectWrites):
    """Making orgs and giving them names."""

    async def make_org(self, name: str, aliases: Sequence[str], now: datetime) -> Org:
        """With its ``root`` user and its ``unassigned`` project. Raises ``Conflict``."""
        known_as = {fold(alias): alias for alias in aliases if fold(alias) != fold(name)}
        org_id, base = uuid_utils.uuid7(), await self._free_number_base()
        org = Org(
            id=org_id,
            number=await begin_numbers(self._connection, org_id, base),
            name=name,
            aliases=tuple(known_as.values()),
            created_at=now,
        )
        await self._run(
            _MAKE,
            {
                "id": org.id,
                "number": org.number,
                "number_base": base,
                "name": name,
                "name_key": fold(name),
                "aliases": list(org.aliases),
                "created_at": now,
            },
        )
        for claimed in sorted(
            (name, *org.aliases), key=fold
        ):  # one order, so nobody waits in a ring
            await self._claim(org.id, claimed)
        await self._run(_MAKE_ROOT, user_values(org.id, ROOT))
        await self.make_project(org, f"{name}/{placing.UNASSIGNED}", now)
        return org

    async def add_alias(self, org: Org, alias: str) -> Org:
        """Raises ``Conflict`` when another org has the name."""
        locked = await self._first(_LOCKED, {"org_id": org.id})
        known = org if locked is None else org_of(locked)
        if known.answers_to(alias):
            return known
        await self._claim(org.id, alias)
        named = replace(known, aliases=(*known.aliases, alias))
        await self._run(_RENAME, {"org": org.id, "known_as": list(named.aliases)})
        return named

    async def _free_number_base(self) -> int:
        """The range in which a new org is to count: the first for the first org, else any."""
        if has_sequences(self._connection):
            await self._first(_LOCK_RANGES)  # until the end: two orgs at once are not both first
        base = 0
        while await self._first(_COUNTS_IN, {"base": base}) is not None:
            base = 1 + randomness.randbelow(BASES - 1)
        return base

    async def _claim(self, org_id: UUID, name: str) -> None:
        key = fold(name)
        if not await self._made(_CLAIM, {"name_key": key, "org_id": org_id}):
            raise Conflict("org", name)
