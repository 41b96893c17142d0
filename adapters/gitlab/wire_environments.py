"""Requests about environments in GitLab's spelling, and its models' own checks.

Source: https://docs.gitlab.com/ee/api/environments.html, checked 2026-11-20.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator, ValidationInfo
from pydantic_core import PydanticCustomError

from adapters.gitlab.parameters import Said
from adapters.gitlab.translate import environment_problems
from adapters.gitlab.wire import Filter, Paged, Parameters, Text, flag_of, moment_of, one_of
from gateway.core.errors import Invalid
from gateway.core.places import UNSAID, WITH_ACTION, NewPlace, PlaceChange, PlaceSearch

STATES = ("available", "stopping", "stopped")
TIERS = ("production", "staging", "testing", "development", "other")
_AUTO_STOPS = ("always", WITH_ACTION)
_MIN_SEARCH = 3
_MAX_URL, _MAX_DESCRIPTION = 255, 10_000

_UNSAFE = frozenset({"data", "javascript", "vbscript"})
_URI = re.compile(r"(?:([^:/?#]+):)?(?://([^/?#]*))?([^?#]*)(\?[^#]*)?(#.*)?", re.DOTALL)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9.+-]*")
_NO_HOST = re.compile(r"""[<>{}/\\?#@"\s]""")
_AUTHORITY = re.compile(r"(?:[^\[\]]*@)?(.*?)(?::([^:@\[\]]*))?", re.DOTALL)


def _absent(value: object) -> None:
    if value is not None:
        raise PydanticCustomError("absent", "is given")


def _choice(words: tuple[str, ...]) -> BeforeValidator:
    check = one_of(words)
    return BeforeValidator(lambda value: None if value is None else check(value))


def _required_moment(value: object, info: ValidationInfo) -> datetime:
    moment = moment_of(value, info)
    if moment is None:
        raise PydanticCustomError("invalid", "is invalid")
    return moment


class ListEnvironments(Paged):
    """``GET /projects/:id/environments``."""

    name: Filter = None
    search: Filter = None
    states: Annotated[str | None, BeforeValidator(one_of(STATES))] = None


class ChangeEnvironment(Parameters):
    """``PUT /projects/:id/environments/:environment_id``; it has no name to change."""

    external_url: Text = None
    slug: Annotated[None, BeforeValidator(_absent)] = None
    tier: Annotated[str | None, _choice(TIERS)] = None
    cluster_agent_id: Text = None
    kubernetes_namespace: Text = None
    flux_resource_path: Text = None
    description: Text = None
    auto_stop_setting: Annotated[str | None, _choice(_AUTO_STOPS)] = None


class _Named(Parameters):
    name: Text


class CreateEnvironment(ChangeEnvironment, _Named):
    """``POST /projects/:id/environments``."""


class StopEnvironment(Parameters):
    """``POST /projects/:id/environments/:environment_id/stop``."""

    force: Annotated[bool, BeforeValidator(flag_of)] = False


class StopStale(Parameters):
    """``POST /projects/:id/environments/stop_stale``."""

    before: Annotated[datetime, BeforeValidator(_required_moment)]


def check_listed(said: Said) -> None:
    """Raise ``Invalid`` for both filters by name at once."""
    if "name" in said and "search" in said:
        raise Invalid(field="name, search", reason="together")


def search_of(asked: ListEnvironments, *, offset: int) -> PlaceSearch:
    """The search for one page and one row more. Raises ``Invalid`` for a search too short."""
    if asked.search is not None and len(asked.search) < _MIN_SEARCH:
        raise Invalid(field="search", reason="finder", value="short_search")
    return PlaceSearch(
        name=asked.name,
        beginning=asked.search,
        state=asked.states,
        offset=offset,
        limit=asked.per_page + 1,
    )


def new_place(asked: CreateEnvironment) -> NewPlace:
    """The environment that is wanted. Raises ``Invalid`` with the model's sentences."""
    name = asked.name or ""
    _check_agent(asked)
    found: dict[str, list[str]] = {"name": ["can't be blank"] if not name.strip() else []}
    found["name"] += environment_problems(name)
    _raise_problems({**found, **_problems(asked)}, as_sentences=True)
    return NewPlace(
        name=name,
        tier=asked.tier,
        external_url=asked.external_url or None,
        description=asked.description,
        auto_stop=WITH_ACTION if asked.auto_stop_setting == WITH_ACTION else None,
    )


def change_of(asked: ChangeEnvironment) -> PlaceChange:
    """What is to change. Raises ``Invalid`` with the model's problems by attribute."""
    _check_agent(asked)
    _raise_problems(_problems(asked), as_sentences=False)
    said, auto_stop = asked.model_fields_set, asked.auto_stop_setting
    return PlaceChange(
        tier=asked.tier if asked.tier is not None else UNSAID,
        external_url=(asked.external_url or None) if "external_url" in said else UNSAID,
        description=asked.description if "description" in said else UNSAID,
        auto_stop=UNSAID
        if auto_stop is None
        else WITH_ACTION
        if auto_stop == WITH_ACTION
        else None,
    )


def url_problems(url: str) -> list[str]:
    """What GitLab finds wrong with an external URL."""
    problems = []
    if len(url) > _MAX_URL:
        problems.append(f"is too long (maximum is {_MAX_URL} characters)")
    if not url.strip():
        return problems
    scheme, authority = _parts(url)
    if scheme.lower() in _UNSAFE:
        return [*problems, f"{scheme.lower()} scheme is not allowed"]
    if not _parses(scheme, authority):
        problems.append("URI is invalid")
    return problems


def _parts(url: str) -> tuple[str, str | None]:
    match = _URI.fullmatch(url.strip())
    return (match[1] or "", match[2]) if match is not None else ("", None)


def _parses(scheme: str, authority: str | None) -> bool:
    if scheme and not _SCHEME.fullmatch(scheme):
        return False
    match = _AUTHORITY.fullmatch(authority or "")
    if match is None:
        return False
    host, port = match[1], match[2]
    return not _NO_HOST.search(host) and (not port or (port.isascii() and port.isdigit()))


def _check_agent(asked: ChangeEnvironment) -> None:
    """No agent is known here, so that none can be named."""
    if asked.cluster_agent_id:
        raise Invalid(field="cluster_agent_id", reason="finder", value="no_agent")


def _problems(asked: ChangeEnvironment) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"external_url": url_problems(asked.external_url or "")}
    if asked.description is not None and len(asked.description) > _MAX_DESCRIPTION:
        found["description"] = [f"is too long (maximum is {_MAX_DESCRIPTION} characters)"]
    if asked.kubernetes_namespace:
        found["kubernetes_namespace"] = ["cannot be set without a cluster agent"]
    if asked.flux_resource_path and not asked.kubernetes_namespace:
        found["flux_resource_path"] = ["cannot be set without a kubernetes namespace"]
    return found


def _raise_problems(found: Mapping[str, list[str]], *, as_sentences: bool) -> None:
    problems = {name: list(texts) for name, texts in found.items() if texts}
    if problems and as_sentences:
        sentences = tuple(
            f"{name.capitalize().replace('_', ' ')} {text}"
            for name, texts in problems.items()
            for text in texts
        )
        raise Invalid(field="model", reason="sentences", value=sentences)
    if problems:
        raise Invalid(field="model", reason="attributes", value=problems)
