"""Pages of projects and of people."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.core.model import Project, User


@dataclass(frozen=True, slots=True)
class ProjectSearch:
    """``text`` is part of the path's last segment, or of the whole path with ``in_folders``.

    Only projects whose number is above ``above`` and below ``below`` are found.
    """

    text: str | None = None
    in_folders: bool = False
    above: int | None = None
    below: int | None = None
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


def mentions(user: User, text: str) -> bool:
    """Whether the username or the name has the text in it, in any case of letters."""
    wanted = text.casefold()
    return wanted in user.username.casefold() or wanted in user.name.casefold()
