"""Chainloop's environments: messages to what is asked, and the org's environments to messages.

Chainloop groups environments in logical ones, of which a new org has development, staging and
production: here they are the org's tiers. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from uuid import UUID

from adapters.chainloop import paging, uuids
from adapters.chainloop.options import Options
from adapters.chainloop.translate import refuse, spelled, timestamp
from adapters.chainloop.wire import CreateEnvironment, EnvironmentType, GetEnvironment
from adapters.chainloop.wire import ListEnvironments as ListRequest
from gateway.core.errors import Invalid
from gateway.core.limits import MAX_TEXT
from gateway.core.model import Environment, Org
from gateway.core.org_environments import (
    KINDS,
    EnvironmentSearch,
    NewEnvironment,
    logical_id,
)
from gateway.dialect.frame import Wire

_PREFIX = "ENVIRONMENT_TYPE_"
TYPE_OUT: Mapping[str | None, str] = {
    None: EnvironmentType.ENVIRONMENT_TYPE_UNSPECIFIED.name,
    **{kind: EnvironmentType[f"{_PREFIX}{kind.upper()}"].name for kind in KINDS},
}
TYPE_IN: Mapping[int, str | None] = {EnvironmentType[name]: kind for kind, name in TYPE_OUT.items()}

_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_NAME_RULE = "must contain only lowercase letters, numbers, and hyphens."


def new_environment(request: CreateEnvironment) -> NewEnvironment:
    """What a message wants made. Raises ``Invalid`` and ``Several``."""
    refuse(tuple(_problems(request)))
    return NewEnvironment(
        name=request.name,
        kind=TYPE_IN[request.type],
        description=request.description or None,
        logical=_logical(request.logical_environment_id),
    )


def search(request: ListRequest, options: Options) -> tuple[EnvironmentSearch, paging.Asked]:
    """What a list request asks for. Raises ``Invalid`` and ``Several``."""
    refuse(tuple(paging.problems(request.pagination, options)))
    page = paging.asked(request.pagination, options)
    found = EnvironmentSearch(
        text=request.query or None,
        logical=_logical(request.logical_environment_id),
        offset=page.window.offset,
        limit=page.window.size,
    )
    return found, page


def chosen(request: GetEnvironment, identity: str) -> UUID:
    """The id that a path names; a name beside it must only be one. Raises ``Invalid``."""
    if request.name:
        refuse(tuple(_unnameable(request.name)))
    return uuids.parsed(identity, field="id")


def from_environment(environment: Environment, org: Org, options: Options) -> Wire:
    """An environment, the logical one that it belongs to inside it."""
    body = {
        "id": str(environment.id),
        "name": environment.name,
        "description": environment.description or "",
        "type": TYPE_OUT[environment.kind],
        "organization_id": str(org.id),
        "logical_environment": _from_tier(environment.tier, org),
        "created_at": timestamp(environment.created_at),
        "updated_at": timestamp(environment.updated_at),
    }
    return spelled(body, options)


def _from_tier(tier: str, org: Org) -> Wire | None:
    """A tier as a logical environment: it is as old as its org and has nothing else to say."""
    identity = logical_id(org.id, tier)
    if identity is None:
        return None
    return {
        "id": str(identity),
        "name": tier,
        "description": "",
        "organization_id": str(org.id),
        "created_at": timestamp(org.created_at),
        "updated_at": timestamp(org.created_at),
    }


def _problems(request: CreateEnvironment) -> Iterator[Invalid]:
    yield from _unnameable(request.name)
    if request.type not in TYPE_IN:
        yield Invalid(field="type", reason="unknown", value=request.type)
    if len(request.description) > MAX_TEXT:
        yield Invalid(field="description", reason="too_long", value=MAX_TEXT)


def _unnameable(name: str) -> Iterator[Invalid]:
    """What is wrong with a name: it must be a DNS label."""
    if not _NAME.fullmatch(name):
        yield Invalid(field="name", reason="format", detail=_NAME_RULE)


def _logical(text: str) -> UUID | None:
    return uuids.parsed(text, field="logical_environment_id") if text else None
