"""What is done with every field around deployments: updates, approvals, environments, lists.

What the gateway does not know is null, empty or zero; ``neighbours`` and ``merge_requests`` say it.
"""

from __future__ import annotations

from collections.abc import Mapping

from adapters.gitlab import wire, wire_environments, wire_listing, wire_protection
from adapters.gitlab.ledgers_neighbours import NEIGHBOURS, USER
from adapters.gitlab.merge_requests import FILTERS
from adapters.gitlab.translate import LEDGER
from gateway.dialect.accounts import IN_HEADERS, IN_PATHS, Account, As, Asks, Line, each, under
from gateway.dialect.ledger import Addressed, Derived, Ignored, Kept, Shown, To

_PAGE: Mapping[str, Line] = {
    "page": Asks("which page, from 1"),
    "per_page": Asks("how many a page holds"),
}
_ORDER: Mapping[str, Line] = {
    "order_by": Asks("what to order by"),
    "sort": Asks("up or down"),
}
_TIMES: Mapping[str, Line] = {
    **each("updated_after updated_before", Asks("those changed within these moments")),
    **each("finished_after finished_before", Asks("those finished within these moments")),
}

_DEPLOYMENTS: Mapping[str, Account] = {
    "update": Account({"status": LEDGER.request["status"]}, model=wire.UpdateDeployment),
    "list": Account({"[]": As("record", "without approvals")}),
    "deployments_query": Account(
        {
            **_PAGE,
            **_ORDER,
            **_TIMES,
            "environment": Asks("those to the environment of this name"),
            "status": Asks("those in this state"),
        },
        model=wire.ListDeployments,
    ),
    "approve": Account(
        {
            "status": To("approval.verdict", read="status"),
            "comment": To("approval.comment", read="comment"),
            "represented_as": To("approval.rule", note="the rule that is answered; not sent back"),
        },
        model=wire_protection.Approve,
    ),
    "approval": Account(
        {
            **under("user", USER),
            "status": Shown("approval.verdict"),
            "created_at": Shown("approval.created_at"),
            "comment": Shown("approval.comment"),
        }
    ),
    "message": Account({"message": Derived("what was done, in GitLab's words")}),
}

_PLACE: Mapping[str, Line] = {
    "external_url": To("project_environment.external_url", read="external_url"),
    "tier": To("project_environment.tier", read="tier", stand_in="guessed from the name"),
    "description": To("project_environment.description", read="description"),
    "auto_stop_setting": To("project_environment.auto_stop", read="auto_stop_setting"),
    "cluster_agent_id": Ignored("no agent is known here; naming one is refused"),
    "kubernetes_namespace": Ignored("belongs to an agent; refused without one"),
    "flux_resource_path": Ignored("belongs to a namespace; refused without one"),
}
_SLUG = Ignored("computed from the name; saying one is refused")
_ENVIRONMENT: Mapping[str, Line] = {
    "id": Derived("the number of the environment in its project"),
    "name": Shown("environment.name"),
    "slug": Derived("computed from the environment's name"),
    "external_url": Shown("project_environment.external_url"),
    "created_at": Shown("project_environment.created_at"),
    "updated_at": Shown("project_environment.updated_at"),
    "tier": Shown("project_environment.tier"),
    "state": Shown("project_environment.state"),
    "auto_stop_at": Derived("always null: nothing is stopped by a clock"),
    "description": Shown("project_environment.description"),
    "auto_stop_setting": Shown("project_environment.auto_stop"),
}
_ENVIRONMENTS: Mapping[str, Account] = {
    "environment_create": Account(
        {"name": To("environment.name", read="name"), **_PLACE, "slug": _SLUG},
        model=wire_environments.CreateEnvironment,
    ),
    "environment_update": Account(
        {**_PLACE, "slug": _SLUG}, model=wire_environments.ChangeEnvironment
    ),
    "environment_stop": Account(
        {"force": Ignored("no job could hinder the stop; read and checked")},
        model=wire_environments.StopEnvironment,
    ),
    "stop_stale": Account(
        {"before": Asks("environments neither changed nor deployed to since then")},
        model=wire_environments.StopStale,
    ),
    "environment": Account({**_ENVIRONMENT, "last_deployment": As("record", "without its place")}),
    "placed_environment": Account({**_ENVIRONMENT, "project": As("project", "its basic form")}),
    "environments": Account({"[]": As("placed_environment")}),
    "environments_query": Account(
        {
            **_PAGE,
            "name": Asks("the one of this name"),
            "search": Asks("those whose name begins so; at least three characters"),
            "states": Asks("those in this state"),
        },
        model=wire_environments.ListEnvironments,
    ),
}

_HOLDER: Mapping[str, Line] = {
    "user_id": To("entry.user", read="user_id"),
    "group_id": To("entry.group", read="group_id"),
    "access_level": To("entry.level", read="access_level"),
    "group_inheritance_type": Kept("groups have no members by inheritance here"),
}
_ENTRY: Mapping[str, Line] = {
    **_HOLDER,
    "id": Addressed("entry.number", "which entry is changed"),
    "_destroy": Asks("whether the entry goes"),
}
_REQUIRED: Mapping[str, Line] = {
    "required_approvals": To("rule.required", read="required_approvals", stand_in="1")
}
_SHOWN: Mapping[str, Line] = {
    "id": Derived("the entry's number"),
    "user_id": Shown("entry.user"),
    "group_id": Shown("entry.group"),
    "access_level": Shown("entry.level"),
    "access_level_description": Derived("the name of the user, the group or the level"),
    "group_inheritance_type": Derived("as it was sent"),
}
_OLD_COUNT = Ignored("deprecated: only rules say how many; more than 0 is refused")
_PROTECTIONS: Mapping[str, Account] = {
    "protect": Account(
        {
            "name": To("protection.name", read="name"),
            **under("deploy_access_levels[]", _HOLDER),
            **under("approval_rules[]", {**_HOLDER, **_REQUIRED}),
            "required_approval_count": _OLD_COUNT,
        },
        by_hand=wire_protection.NAMES | {"name"},
    ),
    "protect_update": Account(
        {
            **under("deploy_access_levels[]", _ENTRY),
            **under("approval_rules[]", {**_ENTRY, **_REQUIRED}),
            "required_approval_count": _OLD_COUNT,
        },
        by_hand=wire_protection.NAMES,
    ),
    "protected_environment": Account(
        {
            "name": Shown("protection.name"),
            **under("deploy_access_levels[]", _SHOWN),
            "required_approval_count": Derived("always 0: the rules alone say how many"),
            **under("approval_rules[]", {**_SHOWN, "required_approvals": Shown("rule.required")}),
        }
    ),
    "protected_environments": Account({"[]": As("protected_environment")}),
    "pages_query": Account(_PAGE, model=wire.Paged),
}

_LISTS: Mapping[str, Account] = {
    "merge_requests_query": Account(
        {
            **_PAGE,
            **_ORDER,
            **each("state scope", Asks("those in this state; those of the caller")),
            **each("view", Ignored("both views have the same keys here")),
            **each("created_after created_before", Asks("those created within these moments")),
            **each("updated_after updated_before", Asks("those changed within these moments")),
            **each("deployed_after deployed_before", Ignored("checked; what is shown is deployed")),
            **each(" ".join(FILTERS), Asks("those that have it, as far as records tell")),
            "not": Asks("those that have none of these"),
        },
        model=wire_listing.ListMergeRequests,
        by_hand=frozenset({*FILTERS, "not"}),
    ),
    "projects_query": Account(
        {
            **_PAGE,
            **_ORDER,
            **each("search search_namespaces", Asks("projects with this text in name or path")),
            **each(
                "archived starred visibility", Asks("all are private, none archived or starred")
            ),
            **each("id_after id_before", Asks("those whose number lies between these")),
            "min_access_level": Asks("those in which the token is worth so much: all or none"),
            **each("owned membership", Ignored("a token sees the projects it covers")),
            "simple": Asks("the basic form"),
        },
        model=wire_listing.ListProjects,
    ),
    "users_query": Account(
        {
            **_PAGE,
            "username": Asks("the user of this name"),
            "search": Asks("users with this text in username or name"),
            **each("blocked external", Asks("none is blocked or external")),
        },
        model=wire_listing.ListUsers,
    ),
}

_UNCHANGED: Mapping[str, Line] = {"If-Unmodified-Since": Asks("refused when it was changed later")}
_HEADERS: Mapping[str, Account] = {
    IN_HEADERS: Account(
        {
            "Sudo": Addressed("actor.username", "or the number; of the administrator alone"),
            "Origin": Asks("what a browser may do with the answer"),
        }
    ),
    f"{IN_HEADERS} GET": Account({"If-None-Match": Asks("304 for who has the answer already")}),
    f"{IN_HEADERS} OPTIONS": Account(
        each(
            "Access-Control-Request-Method Access-Control-Request-Headers",
            Asks("whether a browser may ask so"),
        )
    ),
    f"{IN_HEADERS} DELETE /projects/{{id}}/deployments/{{deployment_id}}": Account(_UNCHANGED),
    f"{IN_HEADERS} DELETE /projects/{{id}}/environments/{{environment_id}}": Account(_UNCHANGED),
}

ACCOUNTS: Mapping[str, Account] = {
    IN_PATHS: Account(
        {
            "id": Addressed(
                "project.path", "or its number; of a group likewise; of a user the number"
            ),
            "deployment_id": Addressed("number"),
            "environment_id": Addressed("project_environment.number"),
            "name": Addressed("protection.name", "the environment's name, or a tier"),
        }
    ),
    **_HEADERS,
    **_DEPLOYMENTS,
    **_ENVIRONMENTS,
    **_PROTECTIONS,
    **_LISTS,
    **NEIGHBOURS,
}
