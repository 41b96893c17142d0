"""Refusals in iftrue's words.

Statuses, texts and shapes are those of NestJS with its validation pipe and passport-jwt, an
inferred stack.
"""

from __future__ import annotations

from collections.abc import Mapping

from adapters.iftrue.wire import Status
from gateway.core.errors import (
    BadBody,
    BadMediaType,
    BadText,
    BodyFault,
    Conflict,
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

_TEXTS: Mapping[str, str] = {
    "empty": "{field} should not be empty",
    "string": "{field} must be a string",
    "number": "{field} must be a number conforming to the specified constraints",
    "range": "{field} must be a number conforming to the specified constraints",
    "boolean": "{field} must be a boolean value",
    "word": f"{{field}} must be one of the following values: {', '.join(Status)}",
    "url": "{field} must be a URL address",
    "too_long": "{field} must be shorter than or equal to {value} characters",
    "integer": "{field} must be an integer number",
    "min": "{field} must not be less than {value}",
    "max": "{field} must not be greater than {value}",
    "date": "{field} must be a valid ISO 8601 date string",
}
_FIELDS: Mapping[str, str] = {
    "source.commit": "commit_id",
    "source.ref": "branch",
    "actor.external_id": "member_id",
    "delivery.node_id": "deployment_node_id",
    "delivery.commits_count": "commits_count",
    "delivery.pull_request_number": "pull_request_number",
    "delivery.duration_seconds": "deployment_duration",
}
_THINGS: Mapping[str, str] = {
    "record": "Deployment",
    "project": "Repository",
    "user": "Member",
    "org": "Organization",
    "environment": "Environment",
}


def render_error(error: GatewayError, frame: Frame) -> WireError:  # noqa: PLR0912 (one arm per error)
    """The answer to any refusal."""
    match error:
        case Invalid():
            return _bad_request([_sentence(error)])
        case Several(problems):
            return _bad_request([_sentence(problem) for problem in problems])
        case BadBody(fault, detail):
            return _bad_request(_unread(fault, detail))
        case BadText(where):
            return _bad_request(f"{where} holds text that cannot be stored")
        case BadMediaType(content_type):
            return _bad_request(f"{content_type} is not read here")
        case TooLarge():
            # The one body of the stack whose keys come in this order.
            return WireError(413, {"statusCode": 413, "message": "request entity too large"})
        case Unauthenticated():
            return WireError(401, {"message": "Unauthorized", "statusCode": 401})
        case Forbidden():
            return _refusal(403, "Forbidden", "Forbidden")
        case NotFound(what):
            return _not_found(f"{_THINGS.get(what, what.capitalize())} not found")
        case NoRoute(method, path) | WrongMethod(method, path):
            return _not_found(f"Cannot {method} {path}")
        case Conflict(what, name):
            return _refusal(409, "Conflict", f"{what} {name} already exists")
        case IllegalMove(before, after):
            return _bad_request(f"a deployment cannot go from {before} to {after}")
        case Undeletable(reason):
            return _bad_request(f"the deployment cannot be removed: {reason}")
        case Refused():
            return render_error(error.first, frame)
        case Limited(seconds):
            body = {"statusCode": 429, "message": "ThrottlerException: Too Many Requests"}
            return WireError(429, body, {"retry-after": str(seconds)})
        case Unavailable(seconds):
            body = {"message": "Service Unavailable", "statusCode": 503}
            return WireError(503, body, {"retry-after": str(seconds)})
        case _:
            return WireError(500, {"statusCode": 500, "message": "Internal server error"})


def _refusal(status: int, error: str, message: str | list[str]) -> WireError:
    return WireError(status, {"message": message, "error": error, "statusCode": status})


def _bad_request(message: str | list[str]) -> WireError:
    return _refusal(400, "Bad Request", message)


def _not_found(message: str) -> WireError:
    return _refusal(404, "Not Found", message)


def _sentence(problem: Invalid) -> str:
    field = _FIELDS.get(problem.field, problem.field)
    text = _TEXTS.get(problem.reason)
    if text is None:
        return problem.detail or f"{field} is not allowed"
    return text.format(field=field, value=problem.value)


def _unread(fault: BodyFault, detail: str) -> str:
    match fault:
        case BodyFault.SYNTAX | BodyFault.SHAPE:
            return detail or "Unexpected token in JSON"
        case BodyFault.CONSTANT:
            return f"{detail} is not a number in JSON"
        case BodyFault.ENCODING:
            return "request body is not UTF-8"
        case BodyFault.DEPTH:
            return "request body nests too deeply"
        case BodyFault.DUPLICATE:
            return f"{detail} is said twice in JSON"
