"""Lists of merge requests, projects and users as GitLab's clients ask for them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from adapters.gitlab.paging import TOTAL_LIMIT
from adapters.gitlab.wire import Filter, Flag, Moment, Paged, one_of, whole_of
from gateway.core.listing import ProjectSearch

_MERGE_ORDERS = (
    *("created_at", "label_priority", "milestone_due", "popularity", "priority"),
    *("title", "updated_at", "merged_at"),
)
_SCOPES = (
    *("created-by-me", "assigned-to-me", "created_by_me", "assigned_to_me"),
    *("reviews_for_me", "all"),
)
_PROJECT_ORDERS = (
    *("id", "name", "path", "created_at", "updated_at", "last_activity_at"),
    *("similarity", "star_count"),
)
_DIRECTIONS = BeforeValidator(one_of(("asc", "desc")))
_ACCESS_LEVELS = (0, 5, 10, 15, 20, 25, 30, 40, 50)


def _access_level(value: object) -> int | None:
    level = whole_of(value)
    if level is not None and level not in _ACCESS_LEVELS:
        raise PydanticCustomError("value", "does not have a valid value")
    return level


class ListMergeRequests(Paged):
    """``GET …/deployments/:deployment_id/merge_requests``: what is checked of its filters."""

    state: Annotated[
        str, BeforeValidator(one_of(("opened", "closed", "locked", "merged", "all")))
    ] = "all"
    order_by: Annotated[str, BeforeValidator(one_of(_MERGE_ORDERS))] = "created_at"
    sort: Annotated[str, _DIRECTIONS] = "desc"
    scope: Annotated[str, BeforeValidator(one_of(_SCOPES))] = "all"
    view: Annotated[str | None, BeforeValidator(one_of(("simple",)))] = None
    wip: Annotated[str | None, BeforeValidator(one_of(("yes", "no")))] = None
    created_after: Moment = None
    created_before: Moment = None
    updated_after: Moment = None
    updated_before: Moment = None
    deployed_after: Moment = None
    deployed_before: Moment = None

    def admits(self, moment: datetime) -> bool:
        """Whether a merge request of this moment lies within the bounds."""
        begins = (self.created_after, self.updated_after)
        ends = (self.created_before, self.updated_before)
        return all(moment >= begin for begin in begins if begin is not None) and all(
            moment <= end for end in ends if end is not None
        )


class ListProjects(Paged):
    """``GET /projects``."""

    order_by: Annotated[str, BeforeValidator(one_of(_PROJECT_ORDERS))] = "created_at"
    sort: Annotated[str, _DIRECTIONS] = "desc"
    archived: Flag = False
    visibility: Annotated[
        str | None, BeforeValidator(one_of(("private", "internal", "public")))
    ] = None
    search: Filter = None
    search_namespaces: Flag = False
    owned: Flag = False
    starred: Flag = False
    membership: Flag = False
    simple: Flag = False
    id_after: Annotated[int | None, BeforeValidator(whole_of)] = None
    id_before: Annotated[int | None, BeforeValidator(whole_of)] = None
    min_access_level: Annotated[int | None, BeforeValidator(_access_level)] = None

    def finds_nothing(self, level: int) -> bool:
        """Whether a filter leaves nothing: all projects are private, none archived or starred.

        ``level`` is the caller's own in all projects that they see.
        """
        is_above = self.min_access_level is not None and self.min_access_level > level
        is_other = self.visibility in {"internal", "public"}
        return self.archived or self.starred or is_other or is_above

    def search_of(self, *, offset: int, limit: int) -> ProjectSearch:
        """The search for these rows; what is counted reaches beyond them."""
        return ProjectSearch(
            text=self.search,
            in_folders=self.search_namespaces,
            above=self.id_after,
            below=self.id_before,
            sort=self.order_by if self.order_by in {"name", "path"} else "number",
            is_descending=self.sort == "desc",
            offset=offset,
            limit=limit,
            count_limit=max(TOTAL_LIMIT, offset + limit),
        )


class ListUsers(Paged):
    """``GET /users``."""

    username: Filter = None
    search: Filter = None
    blocked: Flag = False
    external: Flag = False

    @property
    def text(self) -> str | None:
        """What is looked for in usernames and names; an ``@`` in front is no part of a name."""
        return self.search and self.search.removeprefix("@")

    @property
    def finds_nothing(self) -> bool:
        """Whether a filter leaves nothing: nobody is blocked or external."""
        return self.blocked or self.external
