"""The objects around a deployment that clients ask for: project, group, user, version. Pure.

Sources: https://docs.gitlab.com/ee/api/projects.html, …/groups.html, …/users.html and
…/version.html, checked 2026-11-20. What the gateway does not know is null, empty or zero.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from adapters.gitlab.translate import user
from gateway.core.context import Caller
from gateway.core.model import Org, Project, User
from gateway.core.protection import LEVELS
from gateway.dialect.frame import Frame, Wire
from gateway.dialect.moments import milliseconds
from gateway.listings import Namespace

VERSION = "18.9.0"
"""The GitLab version whose wire this adapter speaks."""


_PORT = re.compile(r":\d*\Z")


def from_version() -> Wire:
    """``GET /version`` and ``GET /metadata``."""
    agents = {"enabled": False, "externalUrl": None, "externalK8sProxyUrl": None, "version": None}
    return {"version": VERSION, "revision": "abcdef12345", "kas": agents, "enterprise": True}


def basic_project(project: Project, org: Org, frame: Frame) -> Wire:
    """A project as an environment shows it."""
    folder, _, last = project.path.rpartition("/")
    names = project.path.split("/")
    page = f"{frame.base_url}/{quote(project.path)}"
    host = _PORT.sub("", frame.base_url.partition("://")[2].partition("/")[0])
    return {
        "id": project.number,
        "description": None,
        "name": last,
        "name_with_namespace": " / ".join(names),
        "path": last,
        "path_with_namespace": project.path,
        "created_at": milliseconds(project.created_at),
        "default_branch": None,
        "tag_list": [],
        "topics": [],
        "ssh_url_to_repo": f"git@{host}:{project.path}.git",
        "http_url_to_repo": f"{page}.git",
        "web_url": page,
        "readme_url": None,
        "forks_count": 0,
        "avatar_url": None,
        "star_count": 0,
        "last_activity_at": milliseconds(project.created_at),
        "visibility": "private",
        "namespace": {
            "id": org.number,  # a folder below the org has no number of its own here
            "name": names[-2],
            "path": names[-2],
            "kind": "group",
            "full_path": folder,
            "parent_id": None,
            "avatar_url": None,
            "web_url": f"{frame.base_url}/groups/{quote(folder)}",
        },
    }


def from_project(project: Project, org: Org, caller: Caller, frame: Frame) -> Wire:
    """``GET /projects/:id``."""
    here = f"{frame.base_url}/api/v4/projects/{project.number}"
    links = ("issues", "merge_requests", "labels", "events", "members", "cluster_agents")
    level = int(LEVELS[caller.permission])
    return {
        **basic_project(project, org, frame),
        "_links": {
            "self": here,
            **{name: f"{here}/{name}" for name in links},
            "repo_branches": f"{here}/repository/branches",
        },
        "empty_repo": True,
        "archived": False,
        "environments_access_level": "enabled",
        "builds_access_level": "enabled",
        "repository_access_level": "enabled",
        "permissions": {
            "project_access": {"access_level": level, "notification_level": 3},
            "group_access": None,
        },
        "allow_pipeline_trigger_approve_deployment": False,
    }


def from_group(space: Namespace, frame: Frame) -> Wire:
    """``GET /groups/:id``: an org is a group of its own, and so is every group of users in it."""
    return {
        "id": space.number,
        "web_url": f"{frame.base_url}/groups/{space.path}",
        "name": space.name,
        "path": space.path.rpartition("/")[2],
        "description": "",
        "visibility": "private",
        "share_with_group_lock": False,
        "require_two_factor_authentication": False,
        "two_factor_grace_period": 48,
        "project_creation_level": "developer",
        "auto_devops_enabled": None,
        "subgroup_creation_level": "maintainer",
        "emails_disabled": False,
        "emails_enabled": True,
        "mentions_disabled": None,
        "lfs_enabled": True,
        "math_rendering_limits_enabled": True,
        "lock_math_rendering_limits_enabled": False,
        "default_branch": None,
        "avatar_url": None,
        "request_access_enabled": True,
        "full_name": " / ".join(space.path.split("/")),
        "full_path": space.path,
        "created_at": milliseconds(space.created_at),
        "parent_id": space.org.number if space.group is not None else None,
        "organization_id": 1,
        "shared_with_groups": [],
    }


def from_user(caller: Caller, frame: Frame) -> Wire:
    """``GET /user``: who the token belongs to."""
    who = caller.user
    return {
        **user(who, frame),
        **_profile(who),
        "last_sign_in_at": None,
        "confirmed_at": milliseconds(who.created_at),
        "last_activity_on": None,
        **_ACCOUNT,
        **(_ADMINISTRATOR if caller.is_instance_admin else {}),
    }


def from_other(who: User, frame: Frame) -> Wire:
    """``GET /users/:id``: what everybody sees of a user."""
    return {**user(who, frame), **_profile(who)}


def _profile(who: User) -> Wire:
    said_nowhere = ("bio", "location", "linkedin", "twitter", "discord", "website_url", "github")
    return {
        "created_at": milliseconds(who.created_at),
        **dict.fromkeys(said_nowhere, ""),
        "job_title": "",
        "pronouns": None,
        "organization": "",
        "bot": False,
        "work_information": None,
        "followers": 0,
        "following": 0,
        "is_followed": False,
        "local_time": None,
    }


_ACCOUNT: Wire = {
    "email": None,
    "theme_id": None,
    "color_scheme_id": 1,
    "projects_limit": 0,
    "current_sign_in_at": None,
    "identities": [],
    "can_create_group": False,
    "can_create_project": False,
    "two_factor_enabled": False,
    "external": False,
    "private_profile": False,
    "commit_email": None,
    "preferred_language": "en",
    "shared_runners_minutes_limit": None,
    "extra_shared_runners_minutes_limit": None,
    "scim_identities": [],
}
"""What a user alone sees of themselves."""

_ADMINISTRATOR: Wire = {
    "is_admin": True,
    "note": None,
    "namespace_id": None,
    "created_by": None,
    "using_license_seat": False,
}
"""What only an administrator sees of themselves."""
