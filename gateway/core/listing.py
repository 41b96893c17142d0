"""Pages of projects and of people."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.core.model import Project, User


@dataclass(frozen=True, slots=True)
class ProjectSearch:
    """``text`` is part of the path's last segment, or of the whole path with ``in_folders``."""

    text: str | None = None
    in_folders: bool = False
    sort: str = "number"  # number, path, name
    is_descending: bool = True
    offset: int = 0
    limit: int = 20
    count_limit: int = 10_000


@dataclass(frozen=True, slots=True)
class FoundProjects:
    """One page. ``total`` is ``None`` where there are more than were counted."""

    projects: tuple[Project, ...]
    total: int | None


@dataclass(frozen=True, slots=True)
class FoundUsers:
    """One page, and how many there are."""

    users: tuple[User, ...]
    total: int
