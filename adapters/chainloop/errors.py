"""Refusals in Chainloop's words: the same statuses and messages in both profiles, two bodies."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass

from adapters.chainloop import uuids
from adapters.chainloop.translate import BUSINESS
from adapters.chainloop.urlvalues import CODEC
from gateway.core.errors import (
    BadBody,
    BadMediaType,
    BadText,
    BodyFault,
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
from gateway.core.members import ROOT
from gateway.dialect.frame import Frame, WireError

PLAIN = "text/plain; charset=utf-8"

GRPC_NUMBERS: Mapping[int, int] = {
    400: 3,
    401: 16,
    403: 7,
    404: 5,
    405: 12,
    409: 6,
    413: 8,
    429: 8,
    500: 13,
    503: 14,
}
"""The documented body's ``code`` by HTTP status."""

PATHS = re.compile(r"/v1/(deployments|environments(/[^/]+)?)")
"""What a path with needless slashes is redirected to."""

AUTH_MESSAGES: Mapping[Doubt, str] = {
    Doubt.MISSING: "JWT token is missing",
    Doubt.MALFORMED: "Token is invalid",
    Doubt.EXPIRED: "JWT token has expired",
    Doubt.FORGED: "Fail to parse JWT token ",  # the trailing space is the service's own
    Doubt.WRONG_ALGORITHM: "Wrong signing method",
    # The service answers 500 for a revoked or unknown token; a client that holds one is better
    # told that it is the token.
    Doubt.UNKNOWN: "Token is invalid",
    Doubt.REVOKED: "Token is invalid",
    Doubt.TWICE: "Token is invalid",
}

_FIELDS: Mapping[str, str] = {
    "environment.name": "environment_name",
    "slot.name": "deployment_name",
    "artifact.name": "artifact_name",
    "artifact.version": "artifact_version",
    "artifact.digests": "artifact_digest",
    "source.commit": "artifact_digest",
}
_READING: Mapping[BodyFault, str] = {
    BodyFault.ENCODING: "invalid UTF-8",
    BodyFault.CONSTANT: "invalid value {detail}",
    BodyFault.DEPTH: "exceeded max recursion depth",
}
_RULES: Mapping[str, str] = {
    "required": "value is required",
    "unknown": "value must be one of the defined enum values",
    "too_long": "value length must be at most {value} characters",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """A refusal before it is dressed; ``reason`` is go-kratos's, empty for a bare gRPC status."""

    status: int
    reason: str
    message: str


def render_error(error: GatewayError, frame: Frame) -> WireError:
    """The answer to any refusal, in the profile's dress."""
    options = frame.options
    if isinstance(error, NoRoute):
        moved = _moved(frame)
        if moved is not None:
            return WireError(301, headers={"location": moved})
        if options.has_plain_routing_errors:
            return WireError(404, "404 page not found\n", media_type=PLAIN)
    if isinstance(error, WrongMethod) and options.has_plain_routing_errors:
        return WireError(405, "Method Not Allowed\n", media_type=PLAIN)
    fault = _fault(error)
    headers = {}
    if isinstance(error, Unavailable | Limited):
        headers["retry-after"] = str(error.retry_after_seconds)
    return WireError(fault.status, _body(fault, options.has_kratos_errors), headers)


def _body(fault: Fault, is_kratos: bool) -> dict[str, object]:
    if is_kratos:
        return {
            "code": fault.status,
            "reason": fault.reason,
            "message": fault.message,
            "metadata": {},
        }
    return {"code": GRPC_NUMBERS[fault.status], "message": fault.message, "details": []}


def _moved(frame: Frame) -> str | None:
    """Where a path with doubled or trailing slashes is found, its query kept.

    Below the path of the public address, where that has one: the client asked there.
    """
    clean = posixpath.normpath(re.sub(r"/+", "/", frame.path))
    if clean == frame.path or PATHS.fullmatch(clean) is None:
        return None
    _, slash, folder = frame.base_url.partition("://")[2].partition("/")
    there = f"{slash}{folder}{clean}"
    return f"{there}?{frame.query}" if frame.query else there


def _fault(error: GatewayError) -> Fault:  # noqa: PLR0912 (one arm per error)
    match error:
        case Invalid():
            return _refused((error,))
        case Several(problems):
            return _refused(problems)
        case BadBody() | BadText() | BadMediaType():
            return Fault(400, "CODEC", _undecoded(error))
        case TooLarge(limit):
            return Fault(413, "", f"message larger than max ({limit} bytes)")
        case Unauthenticated(doubt):
            return Fault(401, "UNAUTHORIZED", AUTH_MESSAGES[doubt])
        case NotFound("org", name):
            return _outside(name)
        case NotFound(what):
            return Fault(404, "not found", f"{what} not found")
        case Forbidden():
            return Fault(403, "forbidden", "operation not allowed")
        case Conflict(what, name):
            return Fault(409, "", f"duplicated: {what} {name} already exists")
        case IllegalMove(before, after):
            return Fault(400, "", f"a deployment cannot go from {before} to {after}")
        case Undeletable(reason):
            return Fault(400, "", f"the deployment cannot be removed: {reason}")
        case NoRoute():
            return Fault(404, "", "Not Found")
        case WrongMethod():
            return Fault(405, "", "Method Not Allowed")
        case Refused():
            return _fault(error.first)
        case Limited():
            return Fault(429, "RATELIMIT", "service unavailable due to rate limit exceeded")
        case Unavailable():
            return Fault(503, "", "the database does not answer, try again")
        case _:
            return Fault(500, "internal error", "server error")


def _refused(problems: tuple[Invalid, ...]) -> Fault:
    """Field rules come as protovalidate words them, other refusals as the service does."""
    first = problems[0]
    if first.reason == CODEC:
        return Fault(400, "CODEC", first.detail or "")
    if first.reason == uuids.REASON:
        return Fault(400, "invalid", first.detail or "")
    is_business = any(problem.reason == BUSINESS for problem in problems)
    reason = "invalid" if is_business else ""
    if len(problems) == 1:
        return Fault(400, reason, f"validation error: {_sentence(first)}")
    lines = "".join(f"\n - {_sentence(problem)}" for problem in problems)
    return Fault(400, reason, f"validation errors:{lines}")


def _sentence(problem: Invalid) -> str:
    field = _FIELDS.get(problem.field, problem.field)
    if problem.reason == BUSINESS or not field:
        return problem.detail or field
    rule = _RULES.get(problem.reason, "value is not allowed").format(value=problem.value)
    return f"{field}: {problem.detail or rule}"


def _undecoded(error: BadBody | BadText | BadMediaType) -> str:
    match error:
        case BadMediaType(content_type):
            return f"unregister Content-Type: {content_type}"
        case BadText("body"):
            return "body unmarshal proto: syntax error (line 1:1): invalid UTF-8"
        case BadText(where):
            return f"parsing {where}: invalid UTF-8"
        case BadBody(fault, detail, line, column):
            kind = "" if fault in {BodyFault.SHAPE, BodyFault.DUPLICATE} else "syntax error "
            said = _READING.get(fault, "{detail}").format(detail=detail)
            return f"body unmarshal proto: {kind}(line {line}:{column}): {said}"


def _outside(name: str | None) -> Fault:
    """Only the instance administrator gets here; the service words it for its users."""
    if name is None:
        message = f"user with id {ROOT.id} has no current organization"
        return Fault(403, "USER_WITH_NO_MEMBERSHIP_ERROR_NOT_IN_ORG", message)
    message = f"user is not a member of organization {name}"
    return Fault(403, "USER_NOT_MEMBER_OF_ORG_ERROR_NOT_IN_ORG", message)
