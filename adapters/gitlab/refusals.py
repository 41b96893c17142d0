"""GitLab's refusals: its statuses, its families of bodies and its sentences.

Its parameter layer answers ``{"error": …}``, its endpoints ``{"message": …}``, its models a map of
attributes, and what comes before all of them plain text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters.gitlab.envelope import is_of_group
from adapters.gitlab.translate import EVENTS, environment_problems
from gateway.approvals import MAX_COMMENT
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
from gateway.dialect.frame import Frame, WireError

NO_CACHE = {"Cache-Control": "no-cache"}

_FRAGMENTS: Mapping[str, str] = {
    "missing": "is missing",
    "required": "is missing",
    "empty": "is empty",
    "value": "does not have a valid value",
    "unknown": "does not have a valid value",
    "not_allowed": "has a value not allowed",
    "together": "cannot be used together",
    "absent": "is automatically generated and cannot be changed",
    "none_of": "are missing, at least one parameter must be provided",
}
_TOKENS: Mapping[Doubt, str] = {
    Doubt.EXPIRED: "Token is expired. You can either do re-authorization or token refresh.",
    Doubt.REVOKED: "Token was revoked. You have to re-authorize from the user.",
}
_FINDER: Mapping[str, str] = {
    "families": "Both `updated_at` filter and `finished_at` filter can not be specified",
    "updated_order": "`updated_at` filter requires `updated_at` sort",
    "finished_order": "`finished_at` filter requires `finished_at` sort.",
    "finished_sort": (
        "`finished_at` sort requires `finished_at` filter or a filter with at least one of the "
        "finished statuses."
    ),
    "finished_status": "`finished_at` filter must be combined with `success` status filter.",
    "short_search": "Search query is less than 3 characters",
    "no_agent": "cluster agent doesn't exist or cannot be associated with this environment",
    "date": "Invalid Date",
    "unstoppable": "Attempted to stop the environment but failed to change the status",
}
_APPROVAL: Mapping[str, str] = {
    "unprotected": "This environment is not protected.",
    "own": (
        "You cannot approve your own deployment. This configuration can be adjusted in the "
        "protected environment settings."
    ),
    "no_rules": "Deployment approvals is not configured for this environment.",
    "not_waiting": "This deployment is not waiting for approvals.",
    "no_rule": (
        "You don't have permission to approve this deployment. Contact the project or group owner "
        "for help."
    ),
    "represented_as": (
        "There are no approval rules for the given `represent_as` parameter. Use a valid "
        "User/Group/Role name instead."
    ),
}
_JSON_LIMITS: Mapping[str, str] = {
    "json_too_large": "JSON body too large",
    "array_too_large": "Array parameter too large",
    "hash_too_large": "Hash parameter too large",
    "too_many": "Too many total parameters",
}
_DEPRECATED_COUNT = (
    "Parameter 'required_approval_count' is deprecated and shouldn't be used. "
    "See https://gitlab.com/groups/gitlab-org/-/epics/9662"
)
_ATTRIBUTES: Mapping[str, str] = {
    "source.commit": "sha",
    "source.ref": "ref",
    "environment.name": "name",
}
"""The wire's name of what the core bounds."""

_UNDELETABLE: Mapping[str, str] = {
    "running": "Cannot destroy running deployment",
    "last_deployment": "Deployment currently deployed to environment",
}
_TRAVERSAL = (
    "Potential path traversal attempt detected. "
    "Feedback issue: https://gitlab.com/gitlab-org/gitlab/-/issues/520714."
)


def render_error(error: GatewayError, frame: Frame) -> WireError:  # noqa: PLR0912 (one arm each)
    """Any refusal in GitLab's status and words."""
    match error:
        case Invalid():
            return _invalid(error)
        case Several(problems):
            return _error(400, ", ".join(_fragment(problem) for problem in problems))
        case NotFound("org" | "project"):
            return _message(404, "404 Project Not Found")
        case NotFound("group"):
            return _message(404, "404 Group Not Found")
        case NotFound("user", None):
            return _message(404, "404 User Not Found")
        case NotFound("user", name):
            return _message(404, f"404 User with ID or username '{name}' Not Found")
        case NotFound():
            return _message(404, "404 Not found")
        case Forbidden("sudo"):
            return _message(403, "403 Forbidden - Must be admin to use sudo")
        case Forbidden(needs):
            return _scope() if needs == "write" else _message(403, "403 Forbidden")
        case Unauthenticated(doubt):
            return _unauthenticated(doubt)
        case IllegalMove(_, after):
            event = EVENTS.get(after, after.value)
            return _attributes(status=[f'cannot transition via "{event}"'])
        case Undeletable(reason):
            text = _UNDELETABLE.get(reason, "Cannot destroy deployment")
            return _message(400, f"{frame.options.refusal_prefix}{text}")
        case Conflict("protection", name):
            return _message(409, _protected_already(name, frame))
        case Conflict("environment", name) if name:
            taken = ["Name has already been taken", "Slug has already been taken"]
            return WireError(400, {"message": taken}, NO_CACHE)
        case Conflict():
            return _message(409, "409 Conflict")
        case NoRoute() | WrongMethod():
            return _error(404, "404 Not Found")
        case BadBody(BodyFault.DEPTH):
            return _error(400, "Parameters nested too deeply")
        case BadBody(BodyFault.ENCODING) | BadText():
            return _text(400, "Bad Request")
        case BadBody():
            return _error(400, "Invalid JSON format")
        case BadMediaType(content_type):
            return _error(415, f"The provided content-type '{content_type}' is not supported.")
        case TooLarge():
            return _message(413, "413 Request Entity Too Large")
        case Refused():
            return render_error(error.first, frame)
        case Limited(seconds):
            wait = {**NO_CACHE, "Retry-After": str(seconds)}
            return WireError(429, "Retry later\n", wait, "text/plain")
        case Unavailable(seconds):
            return _message(503, "503 Service Unavailable", {"Retry-After": str(seconds)})
        case _:
            return _message(500, "500 Internal Server Error")


def _invalid(error: Invalid) -> WireError:
    match error:
        case Invalid(reason="finder", value=rule):
            return _message(400, f"400 Bad request - {_FINDER.get(str(rule), 'is invalid')}")
        case Invalid("environment", "unstoppable"):
            return _message(400, f"400 Bad request - {_FINDER['unstoppable']}")
        case Invalid("unmodified_since"):
            return _message(412, "412 Precondition Failed")
        case Invalid("environment", "unmakeable", name):
            return _attributes(name=environment_problems(str(name)) or ["is invalid"])
        case Invalid(field, "too_long", limit) if field in _ATTRIBUTES:
            problem = f"is too long (maximum is {limit} characters)"
            return _attributes(**{_ATTRIBUTES[field]: [problem]})
        case Invalid("format", "unacceptable", name):
            return _error(406, f"The requested format '{name}' is not supported.")
        case Invalid("body", reason) if reason in _JSON_LIMITS:
            return _error(400, _JSON_LIMITS[reason])
        case Invalid("path", "traversal"):
            return _text(400, _TRAVERSAL)
        case Invalid("model" | "protection" | "approval" | "required_approval_count"):
            return _of_places(error)
        case _:
            return _error(400, _fragment(error))


def _of_places(error: Invalid) -> WireError:
    """What environments, protections and approvals are refused for."""
    match error:
        case Invalid("model", "attributes", dict() as problems):
            return _attributes(**problems)
        case Invalid("model", "sentences", tuple() as sentences):
            return WireError(400, {"message": list(sentences)}, NO_CACHE)
        case Invalid("model", "unprocessable", tuple() as sentences):
            return WireError(422, {"message": list(sentences)}, NO_CACHE)
        case Invalid("protection", "no_grants"):
            text = "Deploy access levels is too short (minimum is 1 character)"
            return WireError(422, {"message": [text]}, NO_CACHE)
        case Invalid("required_approval_count", "deprecated"):
            return _message(422, _DEPRECATED_COUNT)
        case Invalid("approval", "comment"):
            text = f"Comment is too long (maximum is {MAX_COMMENT} characters)"
            return WireError(400, {"message": [text]}, NO_CACHE)
        case Invalid("approval", reason) if reason in _APPROVAL:
            return _message(400, _APPROVAL[reason])
        case _:
            return _error(400, _fragment(error))


def _protected_already(name: str, frame: Frame) -> str:
    if is_of_group(frame.path):
        return f"Protected environment '{name}' already exists"
    return f"Environment '{name}' is already protected"


def _fragment(problem: Invalid) -> str:
    return f"{problem.field} {_FRAGMENTS.get(problem.reason, 'is invalid')}"


def _unauthenticated(doubt: Doubt) -> WireError:
    if doubt is Doubt.TWICE:
        text = "Both Authorization header and payload includes access token."
        return _oauth(400, "invalid_request", text)
    if doubt not in _TOKENS:
        return _message(401, "401 Unauthorized")
    text = _TOKENS[doubt]
    challenge = f'realm="Protected by OAuth 2.0", error="invalid_token", error_description="{text}"'
    answer = _oauth(401, "invalid_token", text)
    return WireError(
        answer.status, answer.body, {**NO_CACHE, "WWW-Authenticate": f"Bearer {challenge}"}
    )


def _scope() -> WireError:
    """The scopes named are the same for reading and for writing."""
    text = "The request requires higher privileges than provided by the access token."
    return _oauth(403, "insufficient_scope", text, scope="api read_api")


def _oauth(status: int, error: str, description: str, **more: str) -> WireError:
    body = {"error": error, "error_description": description, **more}
    return WireError(status, body, NO_CACHE)


def _error(status: int, text: str) -> WireError:
    return WireError(status, {"error": text}, NO_CACHE)


def _message(status: int, text: str, headers: Mapping[str, str] | None = None) -> WireError:
    return WireError(status, {"message": text}, {**NO_CACHE, **(headers or {})})


def _attributes(**problems: Any) -> WireError:
    return WireError(400, {"message": problems}, NO_CACHE)


def _text(status: int, text: str) -> WireError:
    return WireError(status, text, NO_CACHE, "text/plain")
