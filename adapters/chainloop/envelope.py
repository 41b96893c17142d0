"""What surrounds Chainloop's messages: credential, org, codec and search."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from adapters.chainloop import paging, protojson, urlvalues
from adapters.chainloop.options import Options
from adapters.chainloop.translate import KIND_IN, PRESENCE_IN, refuse
from adapters.chainloop.wire import ListDeploymentRecords, Message
from gateway.core.context import Context
from gateway.core.errors import BadMediaType, Doubt, Invalid, Unauthenticated
from gateway.core.search import Search, SortKey, View
from gateway.dialect.http import Call

ORGANIZATION = "Chainloop-Organization"
EXACT_COUNT = 2**31 - 1
"""Totals are int32 on the wire and always known."""

Said = TypeVar("Said", bound=Message)
Reader = Callable[[type[Message], bytes], Mapping[str, Any]]


def credential(header: str | None) -> str | None:
    """The token after ``Bearer`` and exactly one space. Raises ``Unauthenticated``."""
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    if token.startswith(" "):
        raise Unauthenticated(Doubt.MALFORMED)
    return token


async def entered(call: Call) -> Context:
    """The caller inside the token's org; only the instance administrator names one."""
    caller = await call.admit(credential(call.header("authorization")))
    named = call.header(ORGANIZATION) if caller.is_instance_admin else None
    return await call.enter(caller, named or None)


async def from_body(call: Call, message: type[Said]) -> Said:
    """Body and query as one message; the query is bound last, so it wins.

    Raises ``BadMediaType``, ``BadBody``, ``BadText``, ``Invalid`` and ``TooLarge``.
    """
    reader = _reader(call.content_type)
    raw = await call.body()
    said = reader(message, raw) if raw else {}
    return message.model_validate({**said, **_bound(message, call)})


def from_query(call: Call, message: type[Said]) -> Said:
    """The query as a message. Raises ``BadText`` and ``Invalid``."""
    return message.model_validate(_bound(message, call))


def search(request: ListDeploymentRecords, options: Options) -> tuple[Search, paging.Asked]:
    """What a list request asks for. Raises ``Invalid`` and ``Several``."""
    problems = list(paging.problems(request.pagination, options))
    if request.project_version_name and not request.project_name:
        detail = "project_name must be set when project_version_name is set"
        problems.append(Invalid(field="", reason="required", detail=detail))
    refuse(problems)
    page = paging.asked(request.pagination, options)
    presence = PRESENCE_IN.get(request.status)
    found = Search(
        view=View.HISTORY if request.full_history else View.CURRENT,
        project_path=request.project_name or None,
        project_version=request.project_version_name or None,
        environment_name=request.environment_name or None,
        deployment_name=request.deployment_name or None,
        presences=None if presence is None else frozenset({presence}),
        artifact_kind=KIND_IN[request.artifact_kind],
        sort=SortKey.CREATED_AT,
        is_descending=True,
        offset=page.window.offset,
        limit=page.window.size,
        count_limit=EXACT_COUNT,
    )
    return found, page


def _bound(message: type[Message], call: Call) -> Mapping[str, Any]:
    raw: bytes = call.request.scope["query_string"]
    if not raw:
        return {}
    return urlvalues.read(message, urlvalues.query_pairs(raw))


def _reader(content_type: str) -> Reader:
    """What reads a body of this type: its exact subtype decides. Raises ``BadMediaType``."""
    _, slash, rest = content_type.partition("/")
    reader = _READERS.get(rest.partition(";")[0]) if slash else None
    if reader is None:
        raise BadMediaType(content_type)
    return reader


def _from_form(message: type[Message], raw: bytes) -> Mapping[str, Any]:
    try:
        return urlvalues.read(message, urlvalues.form_pairs(raw))
    except Invalid as error:
        raise replace(error, detail=f"body unmarshal {error.detail}") from None


def _from_nothing(_message: type[Message], _raw: bytes) -> Mapping[str, Any]:
    """go-kratos accepts a YAML body and fills nothing from it."""
    return {}


_READERS: Mapping[str, Reader] = {
    "json": protojson.read,
    "x-www-form-urlencoded": _from_form,
    "yaml": _from_nothing,
}
