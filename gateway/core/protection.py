"""Protected environments: who may deploy to them, and who has to approve. Pure.

A protection belongs to a project, and then covers the environment of its name, or to a group, and
then covers every environment of the tier that it names in all projects of the org.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from uuid import UUID

from gateway.core.context import Permission
from gateway.core.members import Group
from gateway.core.model import User


class Level(IntEnum):
    """How much somebody may do in a project."""

    NONE = 0
    REPORTER = 20
    DEVELOPER = 30
    MAINTAINER = 40
    ADMIN = 60


LEVELS = {
    Permission.READ: Level.REPORTER,
    Permission.WRITE: Level.DEVELOPER,
    Permission.ADMIN: Level.MAINTAINER,
}
"""What the tokens of a user make of them; ``ADMIN`` is the instance administrator alone."""

NAMES = {Level.DEVELOPER: "Developers + Maintainers", Level.MAINTAINER: "Maintainers"}


class Owner(StrEnum):
    """Whose protection it is."""

    PROJECT = "project"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Holder:
    """Exactly one of them: a user, the members of a group, or everybody of a level and above."""

    user: User | None = None
    group: Group | None = None
    level: Level | None = None

    @property
    def name(self) -> str | None:
        """What people call it; the lowest and the highest level have no name."""
        if self.user is not None:
            return self.user.name
        if self.group is not None:
            return self.group.name
        return NAMES.get(self.level) if self.level is not None else None

    def covers(self, who: Person) -> bool:
        """Whether somebody is meant. The instance administrator always is."""
        if who.level is Level.ADMIN:
            return True
        if self.user is not None:
            return self.user.id == who.user.id
        if self.group is not None:
            return any(member.id == who.user.id for member in self.group.members)
        return self.level is not None and who.level >= self.level


@dataclass(frozen=True, slots=True)
class Person:
    """A user with the level they have in a project."""

    user: User
    level: Level


@dataclass(frozen=True, slots=True)
class Grant:
    """Whoever it covers may deploy. ``inheritance`` is 0 for direct members, 1 for all."""

    id: UUID
    number: int
    holder: Holder
    inheritance: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """So many of those it covers have to approve."""

    id: UUID
    number: int
    holder: Holder
    required: int = 1
    inheritance: int = 0


@dataclass(frozen=True, slots=True)
class Protection:
    """``name`` is an environment's name where a project owns it, a tier where a group does."""

    id: UUID
    owner: Owner
    owner_id: UUID
    name: str
    grants: tuple[Grant, ...]
    rules: tuple[Rule, ...]
    created_at: datetime


class Verdict(StrEnum):
    """What somebody said of a deployment."""

    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Approval:
    """One user's verdict under one rule."""

    id: UUID
    record_id: UUID
    rule_id: UUID
    user: User
    verdict: Verdict
    comment: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Approvals:
    """The rules that hold for a record, and what was said under them and under former ones."""

    rules: tuple[Rule, ...] = ()
    given: tuple[Approval, ...] = ()

    def under(self, rule: Rule) -> tuple[Approval, ...]:
        """What was said under one rule."""
        return tuple(approval for approval in self.given if approval.rule_id == rule.id)

    @property
    def pending(self) -> int:
        """How many approvals are missing; what one rule has too many helps no other."""
        return sum(
            max(0, rule.required - sum(a.verdict is Verdict.APPROVED for a in self.under(rule)))
            for rule in self.rules
        )


def admits(protections: Iterable[Protection], who: Person) -> bool:
    """Whether somebody may deploy: every protection has to let them in."""
    if who.level is Level.ADMIN:
        return True
    return all(
        any(grant.holder.covers(who) for grant in protection.grants) for protection in protections
    )


def rule_for(rules: Collection[Rule], who: Person, represented_as: str | None) -> Rule | None:
    """The first rule somebody may speak under, or the first of that name."""
    for rule in rules:
        if not rule.holder.covers(who):
            continue
        if represented_as is None or represented_as in (rule.holder.name or ""):
            return rule
    return None
