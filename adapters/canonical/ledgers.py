"""What is done with every field beside the record's own: administration, history and queries."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.canonical import wire
from gateway.dialect.accounts import IN_HEADERS, IN_PATHS, Account, As, Asks, Line
from gateway.dialect.ledger import Addressed, Derived, Shown, To

_USER: Mapping[str, Line] = {
    "id": Derived("the user's id"),
    "number": Derived("the user's number, GitLab's id of them"),
    "username": Shown("user.username"),
    "name": Shown("user.name"),
    "external_id": Shown("user.external_id"),
}
_PROJECT: Mapping[str, Line] = {
    "id": Derived("the project's id"),
    "number": Derived("the project's number, GitLab's id of it"),
    "path": Shown("project.path"),
}
_TOKEN: Mapping[str, Line] = {
    "id": Derived("the token's id"),
    "name": Shown("token.name"),
    "user": Shown("token.user"),
    "permission": Shown("token.permission"),
    "projects": Shown("token.projects"),
    "created_at": Shown("token.created_at"),
    "expires_at": Shown("token.expires_at"),
    "revoked_at": Shown("token.revoked_at"),
}

_MADE: Mapping[str, Account] = {
    "org_create": Account(
        {"name": To("org.name", read="name"), "aliases": To("org.aliases", read="aliases")},
        model=wire.OrgBody,
    ),
    "user_create": Account(
        {
            "username": To("user.username", read="username"),
            "name": To("user.name", read="name", stand_in="the username"),
            "external_id": To("user.external_id", read="external_id"),
        },
        model=wire.UserBody,
    ),
    "token_create": Account(
        {
            "user": To("token.user", read="user", note="a user is made for a new name"),
            "permission": To("token.permission", read="permission"),
            "name": To("token.name", read="name"),
            "projects": To("token.projects", read="projects"),
            "expires_at": To("token.expires_at", read="expires_at"),
        },
        model=wire.TokenBody,
    ),
    "group_create": Account(
        {
            "name": To("group.name", read="name"),
            "members": To("group.members", read="members"),
        },
        model=wire.GroupBody,
    ),
    "project_create": Account({"path": To("project.path", read="path")}, model=wire.ProjectBody),
}

_SHOWN: Mapping[str, Account] = {
    "org": Account(
        {
            "id": Derived("the org's id"),
            "number": Derived("the org's number"),
            "name": Shown("org.name"),
            "aliases": Shown("org.aliases"),
            "created_at": Shown("org.created_at"),
        }
    ),
    "orgs": Account({"orgs[]": As("org")}),
    "user": Account(_USER),
    "users": Account({"users[]": As("user")}),
    "token": Account(_TOKEN),
    "tokens": Account({"tokens[]": As("token", "without its secrets")}),
    "issued": Account(
        {
            **_TOKEN,
            "token": Derived("the secret, shown this once"),
            "jwt": Derived("the same secret, signed"),
        }
    ),
    "group": Account(
        {
            "id": Derived("the group's id"),
            "number": Derived("the group's number"),
            "name": Shown("group.name"),
            "members": Shown("group.members"),
        }
    ),
    "groups": Account({"groups[]": As("group")}),
    "project": Account(_PROJECT),
    "projects": Account({"projects[]": As("project")}),
}

_HISTORY: Mapping[str, Account] = {
    "list": Account(
        {"records[]": As("record"), "next_cursor": Derived("where the next page begins")}
    ),
    "events": Account(
        {
            "events[].kind": Shown("event.kind"),
            "events[].occurred_at": Shown("event.occurred_at"),
            "events[].recorded_at": Shown("event.recorded_at"),
            "events[].dialect": Shown("event.dialect"),
            "events[].actor": As("user"),
            "events[].state": Shown("event.state"),
            "events[].presence": Shown("event.presence"),
        }
    ),
    "fidelity": Account({"": Derived("by dialect, from the ledgers: losses and stand-ins")}),
    "view": Account({"": Derived("the record as another dialect writes it")}),
    "records_query": Account(
        {
            "org": Addressed("org", "the token's org where unsaid"),
            "project": Asks("records of this project; one that is not there is refused"),
            "environment": Asks("records in the environment of this name"),
            "deployment_name": Asks("records of the slots of this name"),
            "state": Asks("records in this state"),
            "presence": Asks("records of this presence"),
            "digest": Asks("records of the artifact with this digest, or of a git commit"),
            "commit": Asks("records of this commit"),
            "origin": Asks("records that this dialect created"),
            "since": Asks("records created then or later"),
            "until": Asks("records created then or earlier"),
            "limit": Asks("how many a page holds"),
            "cursor": Asks("where the page begins"),
        }
    ),
}

_AUDIT: Mapping[str, Account] = {
    "audit": Account(
        {
            "acts[].id": Derived("the act's id"),
            "acts[].at": Shown("act.at"),
            "acts[].actor": As("user"),
            "acts[].token_id": Shown("act.token_id"),
            "acts[].dialect": Shown("act.dialect"),
            "acts[].request_id": Shown("act.request_id"),
            "acts[].action": Shown("act.action"),
            "acts[].subject": Shown("act.subject"),
            "acts[].outcome": Shown("act.outcome"),
            "next_cursor": Derived("where the next page begins"),
        }
    ),
    "audit_query": Account(
        {
            "org": Addressed("org", "the token's org where unsaid"),
            "since": Asks("what was done then or later"),
            "until": Asks("what was done then or earlier"),
            "actor": Asks("what the user of this name did"),
            "action": Asks("acts of this kind"),
            "limit": Asks("how many a page holds"),
            "cursor": Asks("where the page begins"),
        }
    ),
}

ACCOUNTS: Mapping[str, Account] = {
    IN_PATHS: Account(
        {
            "org": Addressed("org.name", "or one of its aliases"),
            "id": Addressed("id", "of a record or of a token"),
            "dialect": Addressed("", "which dialect's view"),
        }
    ),
    f"{IN_HEADERS} POST /records": Account(
        {"Idempotency-Key": To("event.idempotency_key", note="a user's key is one request's")}
    ),
    f"{IN_HEADERS} GET /audit": Account(
        {"Accept": Asks("application/x-ndjson is all lines of the search, and no page")}
    ),
    **_MADE,
    **_SHOWN,
    **_HISTORY,
    **_AUDIT,
}
