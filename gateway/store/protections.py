"""Protected environments: whose they are, who may deploy and who has to approve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, delete, func, insert, or_, select

from gateway.core.members import Group
from gateway.core.model import User
from gateway.core.places import Place
from gateway.core.protection import Grant, Holder, Level, Owner, Protection, Rule
from gateway.store.people import PeopleQueries
from gateway.store.queries import page_number
from gateway.store.rows import USER, user_of
from gateway.store.tables import protection_entries, protections, users

_GRANT, _RULE = "grant", "rule"

_PROTECTIONS = select(protections).where(protections.c.org_id == bindparam("org"))
_OF_OWNER = _PROTECTIONS.where(
    protections.c.owner == bindparam("owner"), protections.c.owner_id == bindparam("owner_id")
)
_BY_NAME = _OF_OWNER.where(protections.c.name == bindparam("said"))
_OF_PLACE = _PROTECTIONS.where(
    or_(
        and_(
            protections.c.owner_id == bindparam("project"), protections.c.name == bindparam("said")
        ),
        and_(protections.c.owner == Owner.GROUP, protections.c.name == bindparam("tier")),
    )
).order_by(protections.c.owner.desc(), protections.c.created_at, protections.c.id)
_COUNT = select(func.count()).select_from(_OF_OWNER.subquery())
_ENTRIES = (
    select(protection_entries, *USER)
    .outerjoin(
        users,
        and_(
            users.c.org_id == protection_entries.c.org_id,
            users.c.id == protection_entries.c.user_id,
        ),
    )
    .where(
        protection_entries.c.org_id == bindparam("org"),
        protection_entries.c.protection_id.in_(bindparam("ids", expanding=True)),
    )
    .order_by(protection_entries.c.number)
)
_MAKE = insert(protections)
_ADD = insert(protection_entries)
_CLEAR = delete(protection_entries).where(
    protection_entries.c.org_id == bindparam("org"),
    protection_entries.c.protection_id == bindparam("one"),
)
_REMOVE = delete(protections).where(
    protections.c.org_id == bindparam("org"), protections.c.id == bindparam("one")
)


class ProtectionQueries(PeopleQueries):
    """Finding protections."""

    async def protections_of(self, org_id: UUID, place: Place) -> tuple[Protection, ...]:
        """The project's own of this name, then those of groups for its tier, by age."""
        values = {
            "project": place.project.id,
            "said": place.environment.name,
            "tier": place.here.tier,
        }
        return await self._protections(_OF_PLACE, org_id, values)

    async def protection(
        self, org_id: UUID, owner: Owner, owner_id: UUID, name: str
    ) -> Protection | None:
        """An owner's by its name."""
        values = {"owner": owner, "owner_id": owner_id, "said": name}
        found = await self._protections(_BY_NAME, org_id, values)
        return found[0] if found else None

    async def protections(
        self, org_id: UUID, owner: Owner, owner_id: UUID, *, offset: int, limit: int
    ) -> tuple[tuple[Protection, ...], int]:
        """One page by name, and how many there are."""
        values = {"owner": owner, "owner_id": owner_id}
        page = _OF_OWNER.order_by(protections.c.name).offset(page_number(offset))
        found = await self._protections(page.limit(page_number(limit)), org_id, values)
        return found, await self._count(_COUNT, {"org": org_id, **values})

    async def _protections(
        self, statement: Any, org_id: UUID, values: dict[str, Any]
    ) -> tuple[Protection, ...]:
        rows = await self._all(statement, {"org": org_id, **values})
        if not rows:
            return ()
        entries = await self._all(_ENTRIES, {"org": org_id, "ids": [row.id for row in rows]})
        groups: dict[UUID, Group] = {}
        if any(entry.group_id is not None for entry in entries):
            groups = {group.id: group for group in await self.groups(org_id)}
        return tuple(
            Protection(
                id=row.id,
                owner=Owner(row.owner),
                owner_id=row.owner_id,
                name=row.name,
                grants=tuple(_grant(entry, groups) for entry in _of(entries, row.id, _GRANT)),
                rules=tuple(_rule(entry, groups) for entry in _of(entries, row.id, _RULE)),
                created_at=row.created_at,
            )
            for row in rows
        )


class ProtectionWrites(ProtectionQueries):
    """Making and changing protections."""

    async def make_protection(self, org_id: UUID, protection: Protection) -> None:
        """Raises ``Conflict`` for a name that the owner protects already."""
        await self._run(
            _MAKE,
            {
                "org_id": org_id,
                "id": protection.id,
                "owner": protection.owner,
                "owner_id": protection.owner_id,
                "name": protection.name,
                "created_at": protection.created_at,
            },
        )
        await self._add_entries(org_id, protection)

    async def replace_entries(self, org_id: UUID, protection: Protection) -> None:
        """Its grants and rules are these from now on."""
        await self._run(_CLEAR, {"org": org_id, "one": protection.id})
        await self._add_entries(org_id, protection)

    async def remove_protection(self, org_id: UUID, protection: Protection) -> None:
        """With its grants and rules; what was said under the rules stays."""
        one = {"org": org_id, "one": protection.id}
        await self._run(_CLEAR, one)
        await self._run(_REMOVE, one)

    async def next_entry_number(self, org_id: UUID) -> int:
        """A number for a grant or a rule."""
        return await self._number(org_id, "protection")

    async def _add_entries(self, org_id: UUID, protection: Protection) -> None:
        rows = [
            *(_row(org_id, protection, grant, _GRANT, 0) for grant in protection.grants),
            *(_row(org_id, protection, rule, _RULE, rule.required) for rule in protection.rules),
        ]
        if rows:
            await self._run(_ADD, rows)


def _of(entries: Sequence[Any], protection_id: UUID, kind: str) -> list[Any]:
    return [e for e in entries if e.protection_id == protection_id and e.kind == kind]


def _holder(entry: Any, groups: dict[UUID, Group]) -> Holder:
    user: User | None = user_of(entry) if entry.user_id is not None else None
    return Holder(
        user=user,
        group=groups[entry.group_id] if entry.group_id is not None else None,
        level=Level(entry.level) if entry.level is not None else None,
    )


def _grant(entry: Any, groups: dict[UUID, Group]) -> Grant:
    return Grant(entry.id, entry.number, _holder(entry, groups), entry.inheritance)


def _rule(entry: Any, groups: dict[UUID, Group]) -> Rule:
    return Rule(entry.id, entry.number, _holder(entry, groups), entry.required, entry.inheritance)


def _row(
    org_id: UUID, protection: Protection, entry: Grant | Rule, kind: str, required: int
) -> dict[str, Any]:
    holder = entry.holder
    return {
        "org_id": org_id,
        "id": entry.id,
        "number": entry.number,
        "protection_id": protection.id,
        "kind": kind,
        "user_id": holder.user.id if holder.user is not None else None,
        "group_id": holder.group.id if holder.group is not None else None,
        "level": None if holder.level is None else int(holder.level),
        "required": required,
        "inheritance": entry.inheritance,
    }
