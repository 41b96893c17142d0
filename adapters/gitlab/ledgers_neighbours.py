"""What the objects around a deployment show: users, projects, groups, merge requests, the version.

They have no request that writes them here. What nobody has said is null, empty, false or zero.
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.dialect.accounts import Account, As, Line, each, under
from gateway.dialect.ledger import Derived, Shown

_NULL = Derived("always null: nothing is known of it here")
_EMPTY = Derived("always empty: nothing is known of it here")
_FALSE = Derived("always false: there is no such thing here")
_TRUE = Derived("always true")
_ZERO = Derived("always zero: nothing is counted here")
_PAGE = Derived("the gateway's address and a path")
_DEFAULT = Derived("GitLab's default")

USER: Mapping[str, Line] = {
    "id": Derived("the user's number"),
    "username": Shown("user.username"),
    "name": Shown("user.name"),
    "state": Derived("always active"),
    "locked": _FALSE,
    **each("public_email avatar_url", _NULL),
    "web_url": _PAGE,
}
_PROFILE: Mapping[str, Line] = {
    **USER,
    "created_at": Shown("user.created_at"),
    **each("bio location linkedin twitter discord website_url github", _EMPTY),
    **each("job_title organization", _EMPTY),
    **each("pronouns work_information local_time", _NULL),
    **each("bot is_followed", _FALSE),
    **each("followers following", _ZERO),
}
_SELF: Mapping[str, Line] = {
    **_PROFILE,
    "confirmed_at": Shown("user.created_at"),
    **each("identities scim_identities", _EMPTY),
    **each("last_sign_in_at last_activity_on", _NULL),
    **each("email theme_id current_sign_in_at commit_email note namespace_id created_by", _NULL),
    **each("shared_runners_minutes_limit extra_shared_runners_minutes_limit", _NULL),
    **each("can_create_group can_create_project two_factor_enabled", _FALSE),
    **each("external private_profile using_license_seat", _FALSE),
    "projects_limit": _ZERO,
    **each("color_scheme_id preferred_language", _DEFAULT),
    "is_admin": Derived("true for the administrator's token, else not there"),
}
_NAMESPACE: Mapping[str, Line] = {
    "id": Derived("the org's number, for a folder below it too"),
    **each("name path", Derived("the last folder of the project's path")),
    "kind": Derived("always group"),
    "full_path": Shown("project.path", note="without its last part"),
    **each("parent_id avatar_url", _NULL),
    "web_url": _PAGE,
}
_PROJECT: Mapping[str, Line] = {
    "id": Derived("the project's number"),
    **each("name path", Shown("project.path", note="its last part")),
    **each("name_with_namespace path_with_namespace", Shown("project.path")),
    **each("created_at last_activity_at", Shown("project.created_at")),
    **each("description default_branch readme_url avatar_url", _NULL),
    **each("tag_list topics", _EMPTY),
    **each("ssh_url_to_repo http_url_to_repo web_url", _PAGE),
    **each("forks_count star_count", _ZERO),
    "visibility": Derived("always private"),
    **under("namespace", _NAMESPACE),
    "_links": _PAGE,
    "empty_repo": _TRUE,
    "archived": _FALSE,
    **each(
        "environments_access_level builds_access_level repository_access_level",
        Derived("always enabled"),
    ),
    "permissions.project_access": Derived("the level that the token's permission is worth"),
    "permissions.group_access": _NULL,
    "allow_pipeline_trigger_approve_deployment": _FALSE,
}
_GROUP: Mapping[str, Line] = {
    "id": Derived("the number of the org or of its group of users"),
    **each("name path full_name full_path", Shown("group.name")),
    "web_url": _PAGE,
    **each("description shared_with_groups", _EMPTY),
    "visibility": Derived("always private"),
    **each("share_with_group_lock require_two_factor_authentication emails_disabled", _FALSE),
    "lock_math_rendering_limits_enabled": _FALSE,
    **each("emails_enabled lfs_enabled math_rendering_limits_enabled", _TRUE),
    "request_access_enabled": _TRUE,
    **each("two_factor_grace_period project_creation_level subgroup_creation_level", _DEFAULT),
    **each("auto_devops_enabled mentions_disabled default_branch avatar_url", _NULL),
    "created_at": Shown("group.created_at"),
    "parent_id": Derived("the org's number, for a group of users"),
    "organization_id": Derived("always 1"),
}
_MERGE_REQUEST: Mapping[str, Line] = {
    "id": Derived("made of project and number, and stays"),
    "iid": Shown("delivery.pull_request_number"),
    **each("project_id source_project_id target_project_id", Derived("the project's number")),
    "title": Shown("delivery.title", stand_in="the number"),
    "description": Shown("delivery.changelog"),
    "state": Derived("always merged"),
    **each("created_at updated_at merged_at prepared_at", Shown("created_at")),
    **each("merged_by merge_user closed_by closed_at assignee milestone merge_after", _NULL),
    **each("merge_commit_sha squash_commit_sha discussion_locked", _NULL),
    **each("should_remove_source_branch force_remove_source_branch", _NULL),
    "approvals_before_merge": _NULL,
    **each("target_branch assignees reviewers labels", _EMPTY),
    "source_branch": Shown("source.ref"),
    "sha": Shown("source.commit"),
    "author": As("users", "one of them"),
    **each("user_notes_count upvotes downvotes time_stats task_completion_status", _ZERO),
    **each("draft imported work_in_progress merge_when_pipeline_succeeds squash", _FALSE),
    **each("allow_collaboration allow_maintainer_to_push squash_on_merge has_conflicts", _FALSE),
    "blocking_discussions_resolved": _TRUE,
    "imported_from": Derived("always none"),
    **each("merge_status detailed_merge_status", Derived("as GitLab says of merged ones")),
    **each("reference references", Derived("the number behind an exclamation mark")),
    "web_url": _PAGE,
}

NEIGHBOURS: Mapping[str, Account] = {
    "user": Account(_SELF),
    "profile": Account(_PROFILE),
    "users": Account(under("[]", USER)),
    "project": Account(_PROJECT),
    "projects": Account({"[]": As("project")}),
    "group": Account(_GROUP),
    "merge_requests": Account(under("[]", _MERGE_REQUEST)),
    "version": Account(
        {
            "version": Derived("the GitLab version whose wire is spoken"),
            "revision": Derived("always the same"),
            "kas": Derived("no agent server is here"),
            "enterprise": _TRUE,
        }
    ),
}
