"""Refusals of ``/gateway/v1`` as problem details (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

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
from gateway.dialect.frame import Frame, WireError

PROBLEM = "application/problem+json"

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

_TAKES: Mapping[str, str] = {
    "instance_admin": "the instance administrator's",
    "project": "a project named that it opens",
    "whole_org": "one that is not limited to projects",
}


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
            return 403, f"this credential does not allow it; it takes {_TAKES.get(needs, needs)}"
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
