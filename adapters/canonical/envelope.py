"""Around the records of ``/gateway/v1``: credential, query, page, problem details (RFC 9457)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import TypeVar
from uuid import UUID

from gateway.core import digests
from gateway.core.commands import ProjectPath
from gateway.core.errors import (
    BadBody,
    BadMediaType,
    BadText,
    Conflict,
    Doubt,
    Forbidden,
    GatewayError,
    IllegalMove,
    Invalid,
    Limited,
    NoRoute,
    NotFound,
    Refused,
    Several,
    TooLarge,
    Unauthenticated,
    Unavailable,
    Undeletable,
    WrongMethod,
)
from gateway.core.model import Presence, Record, State
from gateway.core.search import Bounds, Search, SortKey, View
from gateway.dialect.frame import Frame, WireError

Word = TypeVar("Word", State, Presence)

PROBLEM = "application/problem+json"
DEFAULT_LIMIT = 50
MAX_LIMIT = 500

_FILTERS = frozenset(
    {"org", "project", "environment", "deployment_name", "state", "presence", "digest", "commit"}
    | {"origin", "since", "until", "limit", "cursor"}
)


_SENTENCES: Mapping[str, str] = {
    "artifact.digests": "must hold a digest where source names no commit",
    "deployment_name": "must be said where no project is",
    "contradiction": "contradicts what another field says",
    "format": "does not have the form that it must have",
    "length": "must have 1 to 255 characters",
    "range": "is a number beyond what can be kept",
    "repeated": "is said more than once",
    "reused": "was said with another body",
    "state": "goes with no other state than success",
    "unknown": "is no name that is known here",
}
"""What comes without a sentence: what is required by its field, the rest by its reason."""


def credential(header: str | None) -> str | None:
    """The token in ``Authorization: Bearer …``; other schemes hold none."""
    scheme, _, token = (header or "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def record_id(text: str) -> UUID:
    """The id in a path. Raises ``NotFound``: what is no id names no record."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("record", text) from None


def single(query: Sequence[tuple[str, str]], known: frozenset[str]) -> dict[str, str]:
    """The query as a map. Raises ``Invalid`` for an unknown or repeated name."""
    found: dict[str, str] = {}
    for name, value in query:
        if name not in known:
            raise Invalid(field=name[:100], reason="unknown")
        if name in found:
            raise Invalid(field=name, reason="repeated")
        found[name] = value
    return found


def search(query: Sequence[tuple[str, str]], view: View) -> tuple[str | None, Search]:
    """The org a query names and the search it asks for. Raises ``Invalid``."""
    said = single(query, _FILTERS)
    project = said.get("project")
    found = Search(
        view=view,
        project=ProjectPath(project) if project is not None else None,
        environment_name=said.get("environment"),
        deployment_name=said.get("deployment_name"),
        states=_words(said, "state", State),
        presences=_words(said, "presence", Presence),
        digest=_digest(said.get("digest")),
        commit=said.get("commit"),
        origin=said.get("origin"),
        created=Bounds(after=moment(said, "since"), before=moment(said, "until")),
        sort=SortKey.NUMBER,
        is_descending=True,
        limit=limit(said.get("limit")),
        below_number=_from_cursor(said.get("cursor")),
    )
    return said.get("org"), found


def next_cursor(records: Sequence[Record], limit: int | None) -> str | None:
    """Where the next page begins, when this one is full."""
    if limit is None or len(records) < limit:
        return None
    return base64.urlsafe_b64encode(str(records[-1].number).encode()).decode().rstrip("=")


def _from_cursor(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        number = int(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_"))
    except (binascii.Error, ValueError):
        raise Invalid(field="cursor", reason="format") from None
    if not 0 < number < 2**63:
        raise Invalid(field="cursor", reason="format")
    return number


def limit(text: str | None) -> int:
    """How many a page holds. Raises ``Invalid``."""
    if text is None:
        return DEFAULT_LIMIT
    if not re.fullmatch(r"[1-9][0-9]{0,2}", text, re.ASCII) or int(text) > MAX_LIMIT:
        raise Invalid(field="limit", reason="range", detail=f"must be 1 to {MAX_LIMIT}")
    return int(text)


def moment(said: dict[str, str], name: str) -> datetime | None:
    """A moment of the query. Raises ``Invalid``."""
    text = said.get(name)
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(field=name, reason="format", detail="must be an RFC 3339 time") from None
    if found.tzinfo is None:
        raise Invalid(field=name, reason="format", detail="must have a zone")
    return found


def _words(said: dict[str, str], name: str, words: type[Word]) -> frozenset[Word] | None:
    text = said.get(name)
    if text is None:
        return None
    try:
        return frozenset({words(text)})
    except ValueError:
        allowed = ", ".join(words)
        raise Invalid(field=name, reason="word", detail=f"must be one of {allowed}") from None


def _digest(text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    algorithm, _, value = text.partition(":")
    is_commit = algorithm == digests.GIT_COMMIT and digests.is_git_commit(value)
    if not is_commit and not digests.is_digest(algorithm, value):
        raise Invalid(field="digest", reason="format", detail="must be algorithm:hex")
    return algorithm, value


def render_error(error: GatewayError, frame: Frame) -> WireError:
    """A refusal as problem details; a validation problem is listed by field."""
    status, detail = _worded(error)
    problem: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": frame.path,
    }
    problems = error.problems if isinstance(error, Several) else ()
    if isinstance(error, Invalid):
        problems = (error,)
    if problems:
        problem["errors"] = [
            {"field": p.field or "request", "reason": p.reason, "detail": _sentence(p)}
            for p in problems
        ]
    headers = {}
    if isinstance(error, Unauthenticated):
        headers["www-authenticate"] = "Bearer"
    if isinstance(error, WrongMethod):
        headers["allow"] = ", ".join(error.allowed)
    if isinstance(error, Unavailable | Limited):
        headers["retry-after"] = str(error.retry_after_seconds)
    return WireError(status, problem, headers, PROBLEM)


def _sentence(problem: Invalid) -> str:
    if problem.reason == "too_long":
        return f"must have at most {problem.value} characters"
    key = problem.field if problem.reason == "required" else problem.reason
    return problem.detail or _SENTENCES.get(key) or problem.reason.replace("_", " ")


def _worded(error: GatewayError) -> tuple[int, str]:  # noqa: PLR0912 (one arm per error)
    match error:
        case Several(problems):
            return 422, "; ".join(f"{p.field}: {_sentence(p)}" for p in problems[:10])
        case Invalid():
            return _worded(Several((error,)))
        case NotFound(what):
            return 404, f"there is no such {what}"
        case Forbidden(needs):
            return 403, f"this credential does not allow it; it takes {needs.replace('_', ' ')}"
        case Unauthenticated(Doubt.MISSING):
            return 401, "the credential is missing"
        case Unauthenticated():
            return 401, "the credential is unknown"
        case IllegalMove(before, after):
            return 409, f"a record cannot go from {before} to {after}"
        case Undeletable(reason):
            return 409, f"the record cannot be removed: {reason.replace('_', ' ')}"
        case Conflict(what, name):
            return 409, f"the {what} {name} exists already"
        case NoRoute():
            return 404, "there is nothing at this path"
        case WrongMethod(method):
            return 405, f"this path does not answer {method}"
        case BadBody(fault, detail):
            return 400, f"the body is not JSON that can be read: {fault.value} {detail}".strip()
        case BadText(where):
            return 400, f"the {where} holds text that cannot be stored"
        case BadMediaType(content_type):
            return 415, f"bodies are application/json, not {content_type[:100]}"
        case TooLarge(limit):
            return 413, f"the body is larger than {limit} bytes"
        case Refused():
            return _worded(error.first)
        case Limited(seconds):
            return 429, f"the credential's requests are used up for {seconds} s"
        case Unavailable():
            return 503, "the database does not answer; try again"
        case _:
            return 500, "something went wrong here"
