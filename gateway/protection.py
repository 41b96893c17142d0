"""The use cases on protected environments of projects and groups."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import uuid_utils.compat as uuid_utils

from gateway.acquaintance import known_groups
from gateway.auditing import note
from gateway.choosing import visible_project
from gateway.core.audit import Action
from gateway.core.commands import ProjectChoice
from gateway.core.context import Context, Permission
from gateway.core.errors import Conflict, Invalid, NotFound
from gateway.core.members import Group
from gateway.core.model import Project, User
from gateway.core.protection import LEVELS, Grant, Holder, Level, Owner, Protection, Rule
from gateway.ports import Clock, Reading, Store, Transaction


@dataclass(frozen=True, slots=True)
class Guarded:
    """Whose protections are meant: a project's, or a group's (the org itself is one)."""

    owner: Owner
    id: UUID
    project: Project | None = None


@dataclass(frozen=True, slots=True)
class EntrySaid:
    """A grant or a rule as a request says it; a ``number`` names one that is there.

    Of user, group and level one counts; one that is not said keeps what is there.
    """

    number: int | None = None
    user: int | None = None
    group: int | None = None
    level: int | None = None
    required: int | None = None
    inheritance: int | None = None
    is_removed: bool = False

    @property
    def holders(self) -> int:
        """How many of user, group and level it says."""
        return sum(said is not None for said in (self.user, self.group, self.level))


@dataclass(frozen=True, slots=True)
class ProtectionSaid:
    """The grants and rules of a request, in its order; ``None`` where it says none."""

    grants: Sequence[EntrySaid] | None = None
    rules: Sequence[EntrySaid] | None = None


class Protections:
    """Who may deploy where, and who has to approve. All of it needs ``admin``."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def of_project(self, ctx: Context, choice: ProjectChoice) -> Guarded:
        """A project as an owner. Raises ``NotFound``, ``Forbidden``."""
        async with self._store.reading(ctx.trace) as reading:
            project = await visible_project(reading, ctx, choice)
        ctx.require(Permission.ADMIN)
        return Guarded(Owner.PROJECT, project.id, project)

    def of_group(self, ctx: Context, group_id: UUID) -> Guarded:
        """A group as an owner, or the org by its id. Raises ``Forbidden``."""
        ctx.require_whole_org_admin()
        return Guarded(Owner.GROUP, group_id)

    async def listed(
        self, ctx: Context, guarded: Guarded, *, offset: int, limit: int
    ) -> tuple[tuple[Protection, ...], int]:
        """One page by name, and how many there are."""
        async with self._store.reading(ctx.trace) as reading:
            return await reading.protections(
                ctx.org.id, guarded.owner, guarded.id, offset=offset, limit=limit
            )

    async def get(self, ctx: Context, guarded: Guarded, name: str) -> Protection:
        """Raises ``NotFound``."""
        async with self._store.reading(ctx.trace) as reading:
            return await _find(reading, ctx, guarded, name)

    async def knows(self, ctx: Context, guarded: Guarded, name: str) -> bool:
        """Whether the owner protects this name."""
        async with self._store.reading(ctx.trace) as reading:
            found = await reading.protection(ctx.org.id, guarded.owner, guarded.id, name)
            return found is not None

    async def make(
        self, ctx: Context, guarded: Guarded, name: str, said: ProtectionSaid
    ) -> Protection:
        """Raises ``Conflict``, ``Invalid`` (``grants``) when nobody is let in."""
        async with self._store.writing(ctx.trace) as tx:
            if await tx.protection(ctx.org.id, guarded.owner, guarded.id, name) is not None:
                raise Conflict("protection", name)
            now = self._clock.now()
            bare = Protection(uuid_utils.uuid7(), guarded.owner, guarded.id, name, (), (), now)
            protection = await _said_anew(tx, ctx, guarded, bare, said, now)
            await tx.make_protection(ctx.org.id, protection)
            await _noted(tx, ctx, Action.PROTECTION_CREATED, protection, now)
            return protection

    async def change(
        self, ctx: Context, guarded: Guarded, name: str, said: ProtectionSaid
    ) -> Protection:
        """Raises ``NotFound``, also for an entry; ``Invalid`` when nobody is let in any more."""
        async with self._store.writing(ctx.trace) as tx:
            known = await _find(tx, ctx, guarded, name)
            protection = await _said_anew(tx, ctx, guarded, known, said, self._clock.now())
            await tx.replace_entries(ctx.org.id, protection)
            await _noted(tx, ctx, Action.PROTECTION_CHANGED, protection, self._clock.now())
            return protection

    async def remove(self, ctx: Context, guarded: Guarded, name: str) -> None:
        """Raises ``NotFound``."""
        async with self._store.writing(ctx.trace) as tx:
            known = await _find(tx, ctx, guarded, name)
            await tx.remove_protection(ctx.org.id, known)
            await _noted(tx, ctx, Action.PROTECTION_REMOVED, known, self._clock.now())


async def _noted(
    tx: Transaction, ctx: Context, action: Action, known: Protection, now: datetime
) -> None:
    subject = f"{known.owner} {known.owner_id} {known.name}"
    await note(tx, ctx, action, subject, now=now)


async def _find(reading: Reading, ctx: Context, guarded: Guarded, name: str) -> Protection:
    found = await reading.protection(ctx.org.id, guarded.owner, guarded.id, name)
    if found is None:
        raise NotFound("protection", name)
    return found


async def _said_anew(
    tx: Transaction,
    ctx: Context,
    guarded: Guarded,
    known: Protection,
    said: ProtectionSaid,
    now: datetime,
) -> Protection:
    entries = [*(said.grants or ()), *(said.rules or ())]
    people = await _People.named(tx, ctx, guarded, entries, now)
    grants = [Rule(g.id, g.number, g.holder, inheritance=g.inheritance) for g in known.grants]
    grants = await _merged(tx, ctx.org.id, grants, said.grants or (), people)
    rules = await _merged(tx, ctx.org.id, list(known.rules), said.rules or (), people)
    if not grants:
        raise Invalid(field="protection", reason="no_grants")
    return replace(
        known,
        grants=tuple(Grant(r.id, r.number, r.holder, r.inheritance) for r in grants),
        rules=tuple(rules),
    )


async def _merged(
    tx: Transaction, org_id: UUID, known: list[Rule], said: Sequence[EntrySaid], people: _People
) -> list[Rule]:
    merged = {rule.number: rule for rule in known}
    for entry in said:
        if entry.number is not None and entry.number not in merged:
            raise NotFound("protection entry", str(entry.number))
        if entry.is_removed and entry.number is not None:
            del merged[entry.number]
            continue
        holder = people.holder(entry)
        if entry.number is None:
            if holder is not None:
                number = await tx.next_entry_number(org_id)
                merged[number] = _rule(uuid_utils.uuid7(), number, holder, entry)
            continue
        before = merged[entry.number]
        merged[entry.number] = Rule(
            before.id,
            before.number,
            holder or before.holder,
            before.required if entry.required is None else entry.required,
            before.inheritance if entry.inheritance is None else entry.inheritance,
        )
    return list(merged.values())


def _rule(entry_id: UUID, number: int, holder: Holder, entry: EntrySaid) -> Rule:
    return Rule(entry_id, number, holder, entry.required or 1, entry.inheritance or 0)


@dataclass(frozen=True, slots=True)
class _People:
    """By number: the users that may be named, who are developers at least, and the known groups."""

    users: dict[int, User]
    groups: dict[int, Group]

    @classmethod
    async def named(
        cls,
        reading: Reading,
        ctx: Context,
        guarded: Guarded,
        entries: Collection[EntrySaid],
        now: datetime,
    ) -> _People:
        """Whoever the entries name."""
        numbers = {entry.user for entry in entries if entry.user is not None}
        users = [user for user in await reading.users(ctx.org.id) if user.number in numbers]
        project_id = guarded.project.id if guarded.project is not None else None
        held = await reading.permissions(ctx.org.id, [u.id for u in users], project_id, now)
        groups: tuple[Group, ...] = ()
        if any(entry.group for entry in entries):
            groups = await known_groups(reading, ctx.org, ctx.caller)
        return cls(
            users={
                user.number: user
                for user in users
                if user.id in held and LEVELS[held[user.id]] >= Level.DEVELOPER
            },
            groups={group.number: group for group in groups},
        )

    def holder(self, entry: EntrySaid) -> Holder | None:
        """Whom an entry names; ``None`` for somebody who may not be named, or nobody."""
        if entry.user is not None:
            user = self.users.get(entry.user)
            return Holder(user=user) if user is not None else None
        if entry.group is not None:
            group = self.groups.get(entry.group)
            return Holder(group=group) if group is not None else None
        return Holder(level=Level(entry.level)) if entry.level is not None else None
