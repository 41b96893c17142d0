"""An environment as one project has it: what is asked to see of it, and what is asked to change."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from gateway.core.model import Environment, Project, ProjectEnvironment

WITH_ACTION = "with_action"
"""``ProjectEnvironment.auto_stop`` of an environment that only a job of its own may stop."""

AVAILABLE, STOPPED = "available", "stopped"


class Unsaid(Enum):
    """A fact that a change leaves as it is; ``None`` would clear it."""

    UNSAID = "unsaid"


UNSAID: Final = Unsaid.UNSAID


@dataclass(frozen=True, slots=True)
class Place:
    """An environment, and what a project says of it."""

    project: Project
    environment: Environment
    here: ProjectEnvironment


@dataclass(frozen=True, slots=True)
class PlaceSearch:
    """Filters combine with AND; ``None`` is no filter.

    ``beginning`` begins the name or what follows its first folder, in any case of letters.
    ``count_limit`` is the highest total worth knowing.
    """

    name: str | None = None
    beginning: str | None = None
    state: str | None = None
    offset: int = 0
    limit: int = 20
    count_limit: int = 10_000


@dataclass(frozen=True, slots=True)
class FoundPlaces:
    """One page, by number. ``total`` is ``None`` where there are more than were counted."""

    places: tuple[Place, ...]
    total: int | None


@dataclass(frozen=True, slots=True)
class NewPlace:
    """An environment that a project wants; without a ``tier`` its name suggests one."""

    name: str
    tier: str | None = None
    external_url: str | None = None
    description: str | None = None
    auto_stop: str | None = None


@dataclass(frozen=True, slots=True)
class PlaceChange:
    """What a project says anew of its environment."""

    tier: str | Unsaid = UNSAID
    external_url: str | Unsaid | None = UNSAID
    description: str | Unsaid | None = UNSAID
    auto_stop: str | Unsaid | None = UNSAID

    def of(self, here: ProjectEnvironment) -> dict[str, str | None]:
        """The facts that this changes."""
        said = {
            "tier": self.tier,
            "external_url": self.external_url,
            "description": self.description,
            "auto_stop": self.auto_stop,
        }
        return {
            name: value
            for name, value in said.items()
            if not isinstance(value, Unsaid) and value != getattr(here, name)
        }
