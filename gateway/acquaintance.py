"""Whom a caller may know: all of the org, or those who have to do with a limited token's projects.

Users are known who hold a token that opens one of the projects, and groups that such a user is in.
"""

from __future__ import annotations

from uuid import UUID

from gateway.core.context import Caller
from gateway.core.members import ROOT, Group
from gateway.core.model import Org, User
from gateway.ports import Reading


async def known_users(reading: Reading, org: Org, caller: Caller) -> tuple[User, ...]:
    """The org's users whom the caller may know, in no order."""
    if caller.projects is None:
        return await reading.users(org.id)
    return tuple((await _met(reading, org, caller, caller.projects)).values())


async def known_user(reading: Reading, org: Org, caller: Caller, found: User | None) -> User | None:
    """The user, if the caller may know them."""
    if found is None or caller.projects is None:
        return found
    return found if found.id in await _met(reading, org, caller, caller.projects) else None


async def known_groups(reading: Reading, org: Org, caller: Caller) -> tuple[Group, ...]:
    """The org's groups that the caller may know, by number."""
    groups = await reading.groups(org.id)
    if caller.projects is None or not groups:
        return groups
    met = await _met(reading, org, caller, caller.projects)
    return tuple(g for g in groups if any(member.id in met for member in g.members))


async def _met(
    reading: Reading, org: Org, caller: Caller, projects: frozenset[UUID]
) -> dict[UUID, User]:
    tokens = [token for token in await reading.tokens(org.id) if token.revoked_at is None]
    holders = [
        token.user for token in tokens if token.projects is None or token.projects & projects
    ]
    return {user.id: user for user in (ROOT, caller.user, *holders)}
