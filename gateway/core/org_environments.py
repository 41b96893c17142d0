"""An org's environments as such, whoever made them: what is asked to see, and what is made.

Logical environments are the tiers; each org has one of every tier, which needs no row of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid5

from gateway.core.model import Environment, Org

TIERS: Final = ("development", "testing", "staging", "production")
"""The tiers that say something; ``other`` is the word for none of them."""

KINDS: Final = ("kubernetes", "ecs", "server", "lambda", "custom")
"""What an environment may be said to be; nothing said is ``None``."""


def logical_id(org_id: UUID, tier: str) -> UUID | None:
    """The id of a tier in an org, always the same; ``None`` for a tier that says nothing."""
    return uuid5(org_id, tier) if tier in TIERS else None


def tier_of(org: Org, logical: UUID) -> str | None:
    """The tier that has this id in the org."""
    return next((tier for tier in TIERS if logical_id(org.id, tier) == logical), None)


@dataclass(frozen=True, slots=True)
class NewEnvironment:
    """An environment that an org wants; without a ``logical`` one its name suggests a tier."""

    name: str
    kind: str | None = None
    description: str | None = None
    logical: UUID | None = None


@dataclass(frozen=True, slots=True)
class EnvironmentSearch:
    """Filters combine with AND; ``None`` is no filter.

    ``text`` is part of the name or of the description, in any case of letters.
    """

    text: str | None = None
    logical: UUID | None = None
    offset: int = 0
    limit: int = 100


@dataclass(frozen=True, slots=True)
class FoundEnvironments:
    """One page, the newest first, and how many there are."""

    environments: tuple[Environment, ...]
    total: int
