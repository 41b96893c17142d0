"""GitLab's refusals: for each reason its status, its sentence and its family of body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from adapters.gitlab import families
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
            return families.error(400, ", ".join(_fragment(problem) for problem in problems))
        case NotFound("org" | "project"):
            return families.message(404, "404 Project Not Found")
        case NotFound("group"):
            return families.message(404, "404 Group Not Found")
        case NotFound("user", None):
            return families.message(404, "404 User Not Found")
        case NotFound("user", name):
            return families.message(404, f"404 User with ID or username '{name}' Not Found")
        case NotFound():
            return families.message(404, "404 Not found")
        case Forbidden("sudo"):
            return families.message(403, "403 Forbidden - Must be admin to use sudo")
        case Forbidden(needs):
            return _scope() if needs == "write" else families.message(403, "403 Forbidden")
        case Unauthenticated(doubt):
            return _unauthenticated(doubt)
        case IllegalMove(_, after):
            event = EVENTS.get(after, after.value)
            return families.attributes(status=[f'cannot transition via "{event}"'])
        case Undeletable(reason):
            text = _UNDELETABLE.get(reason, "Cannot destroy deployment")
            return families.message(400, f"{frame.options.refusal_prefix}{text}")
        case Conflict("protection", name):
            return families.message(409, _protected_already(name, frame))
        case Conflict("environment", name) if name:
            taken = ["Name has already been taken", "Slug has already been taken"]
            return families.sentences(400, taken)
        case Conflict():
            return families.message(409, "409 Conflict")
        case NoRoute() | WrongMethod():
            return families.error(404, "404 Not Found")
        case BadBody(BodyFault.DEPTH):
            return families.error(400, "Parameters nested too deeply")
        case BadBody(BodyFault.ENCODING) | BadText():
            return families.plain(400, "Bad Request")
        case BadBody():
            return families.error(400, "Invalid JSON format")
        case BadMediaType(content_type):
            return families.error(
                415, f"The provided content-type '{content_type}' is not supported."
            )
        case TooLarge():
            return families.message(413, "413 Request Entity Too Large")
        case Refused():
            return render_error(error.first, frame)
        case Limited(seconds):
            return families.plain(429, "Retry later\n", {"Retry-After": str(seconds)})
        case Unavailable(seconds):
            return families.message(503, "503 Service Unavailable", {"Retry-After": str(seconds)})
        case _:
            return families.message(500, "500 Internal Server Error")


def _invalid(error: Invalid) -> WireError:
    match error:
        case Invalid(reason="finder", value=rule):
            return families.message(
                400, f"400 Bad request - {_FINDER.get(str(rule), 'is invalid')}"
            )
        case Invalid("environment", "unstoppable"):
            return families.message(400, f"400 Bad request - {_FINDER['unstoppable']}")
        case Invalid("unmodified_since"):
            return families.message(412, "412 Precondition Failed")
        case Invalid("environment", "unmakeable", name):
            return families.attributes(name=environment_problems(str(name)) or ["is invalid"])
        case Invalid(field, "too_long", limit) if field in _ATTRIBUTES:
            problem = f"is too long (maximum is {limit} characters)"
            return families.attributes(**{_ATTRIBUTES[field]: [problem]})
        case Invalid("format", "unacceptable", name):
            return families.error(406, f"The requested format '{name}' is not supported.")
        case Invalid("body", reason) if reason in _JSON_LIMITS:
            return families.error(400, _JSON_LIMITS[reason])
        case Invalid("path", "traversal"):
            return families.plain(400, _TRAVERSAL)
        case Invalid("model" | "protection" | "approval" | "required_approval_count"):
            return _of_places(error)
        case _:
            return families.error(400, _fragment(error))


def _of_places(error: Invalid) -> WireError:
    """What environments, protections and approvals are refused for."""
    match error:
        case Invalid("model", "attributes", dict() as problems):
            return families.attributes(**problems)
        case Invalid("model", "sentences", tuple() as sentences):
            return families.sentences(400, sentences)
        case Invalid("model", "unprocessable", tuple() as sentences):
            return families.sentences(422, sentences)
        case Invalid("protection", "no_grants"):
            text = "Deploy access levels is too short (minimum is 1 character)"
            return families.sentences(422, [text])
        case Invalid("required_approval_count", "deprecated"):
            return families.message(422, _DEPRECATED_COUNT)
        case Invalid("approval", "comment"):
            text = f"Comment is too long (maximum is {MAX_COMMENT} characters)"
            return families.sentences(400, [text])
        case Invalid("approval", reason) if reason in _APPROVAL:
            return families.message(400, _APPROVAL[reason])
        case _:
            return families.error(400, _fragment(error))


def _protected_already(name: str, frame: Frame) -> str:
    if is_of_group(frame.path):
        return f"Protected environment '{name}' already exists"
    return f"Environment '{name}' is already protected"


def _fragment(problem: Invalid) -> str:
    return f"{problem.field} {_FRAGMENTS.get(problem.reason, 'is invalid')}"


def _unauthenticated(doubt: Doubt) -> WireError:
    if doubt is Doubt.TWICE:
        text = "Both Authorization header and payload includes access token."
        return families.oauth(400, "invalid_request", text)
    if doubt not in _TOKENS:
        return families.message(401, "401 Unauthorized")
    text = _TOKENS[doubt]
    challenge = f'realm="Protected by OAuth 2.0", error="invalid_token", error_description="{text}"'
    answer = families.oauth(401, "invalid_token", text)
    headers = {**answer.headers, "WWW-Authenticate": f"Bearer {challenge}"}
    return replace(answer, headers=headers)


def _scope() -> WireError:
    """The scopes named are the same for reading and for writing."""
    text = "The request requires higher privileges than provided by the access token."
    return families.oauth(403, "insufficient_scope", text, scope="api read_api")
