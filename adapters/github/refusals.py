"""Refusals in GitHub's words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from adapters.github import headers
from adapters.github.documentation import (
    MEDIA_TYPES,
    RATE_LIMITS,
    ROOT,
    SECONDARY_LIMITS,
    documentation_url,
)
from adapters.github.translate import LEDGER
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
    Refusal,
    Refused,
    Several,
    TooLarge,
    Unauthenticated,
    Unavailable,
    Undeletable,
    WrongMethod,
)
from gateway.dialect.frame import Frame, WireError
from gateway.dialect.ledger import To

_PRIMARY = "API rate limit exceeded for this credential."
_SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few seconds before you try again."
)
_TWICE = "Each deployment_name may be named once."
_BUSY = "A job is already pending or processing for this cluster."
_NO_ARTIFACTS = "no artifacts found"
_NO_REPOSITORY = "One or more repositories do not exist"
_NO_PERMISSION = "artifact metadata write permission required on one or more repositories"
_WIRE_NAMES = {entry.path: name for name, entry in LEDGER.request.items() if isinstance(entry, To)}


def render_error(error: GatewayError, frame: Frame) -> WireError:
    """A refusal in GitHub's words. Total: an error of no known kind is a server error."""
    match error:
        case Invalid(field="User-Agent"):
            return _NO_USER_AGENT
        case Unavailable(seconds) | Limited(seconds, is_burst=True):
            extra = {"Retry-After": str(seconds)}
        case Forbidden():
            extra = dict(headers.accepted_permission(frame.method))
        case _:
            extra = {}
    worded = _worded(error, frame)
    body: dict[str, Any] = {"message": worded.message}
    if worded.errors is not None:
        body["errors"] = worded.errors
    url = worded.documentation_url or documentation_url(frame.method, frame.path)
    body |= {"documentation_url": url, "status": str(worded.status)}
    return WireError(worded.status, body, extra)


@dataclass(frozen=True, slots=True)
class _Worded:
    """``documentation_url`` is ``None`` for the endpoint's own."""

    status: int
    message: object
    errors: object = None
    documentation_url: str | None = field(default=None, kw_only=True)


_NO_USER_AGENT = WireError(
    403,
    "Request forbidden by administrative rules. "
    "Please make sure your request has a User-Agent header.\n",
    media_type="text/plain; charset=utf-8",
)


def _worded(error: GatewayError, frame: Frame) -> _Worded:  # noqa: PLR0912 (one arm per error)
    match error:
        case Refused(refusals):
            return _refused(refusals)
        case Limited(is_burst=True):
            return _Worded(429, _SECONDARY, documentation_url=SECONDARY_LIMITS)
        case Limited():
            return _Worded(403, _PRIMARY, documentation_url=RATE_LIMITS)
        case Invalid(reason="duplicate") if frame.path.endswith("/jobs"):
            return _Worded(400, _TWICE)
        case Several(found):
            return _Worded(422, "\n".join(("Invalid request.\n", *map(_sentence, found))))
        case Invalid(field="X-GitHub-Api-Version", value=version):
            return _Worded(400, "Bad Request", _no_such_version(version), documentation_url=ROOT)
        case Invalid(field="Accept", value=accept):
            message = f"Unsupported 'Accept' header: '{accept}'. Must accept 'application/json'."
            return _Worded(415, message, documentation_url=MEDIA_TYPES)
        case Invalid():
            return _Worded(422, "Validation Failed", [_semantic(error)])
        case NotFound(what="project"):
            return _Worded(404, _NO_ARTIFACTS)
        case NotFound() | NoRoute() | WrongMethod() | BadText(where="path"):
            return _Worded(404, "Not Found")
        case Unauthenticated(Doubt.MISSING):
            return _Worded(401, "Requires authentication", documentation_url=ROOT)
        case Unauthenticated():
            return _Worded(401, "Bad credentials", documentation_url=ROOT)
        case Forbidden():
            return _Worded(403, "Resource not accessible by personal access token")
        case BadBody(BodyFault.SHAPE):
            return _Worded(400, "Body should be a JSON object")
        case BadBody() | BadText(where="body"):
            return _Worded(400, "Problems parsing JSON")
        case BadText():
            return _Worded(400, "Bad Request")
        case Conflict("unfinished job"):
            return _Worded(409, _BUSY)
        case Conflict(what, name):
            return _Worded(409, f"The {what} {name} already exists.")
        case IllegalMove() | Undeletable():
            return _Worded(422, "Validation Failed", [_error("status", "invalid")])
        case BadMediaType():
            return _Worded(415, "Unsupported Media Type")
        case TooLarge(limit):
            return _Worded(413, f"The request body is larger than {limit} bytes.")
        case Unavailable():
            return _Worded(503, "Service Unavailable")
        case _:
            return _Worded(500, "Server Error")


def _refused(refusals: Sequence[Refusal]) -> _Worded:
    """The documented objects: repositories by name where they do not exist, else by number."""
    missing = [r.error for r in refusals if isinstance(r.error, NotFound)]
    if not missing:
        known = {r.project_number for r in refusals if r.project_number is not None}
        return _Worded(403, {"cause": _NO_PERMISSION, "repositories": sorted(known)})
    names = list(dict.fromkeys(error.name for error in missing if error.name is not None))
    if not names:
        return _Worded(404, _NO_ARTIFACTS)
    return _Worded(404, {"cause": _NO_REPOSITORY, "repositories": names})


def _sentence(problem: Invalid) -> str:
    return problem.detail or f"For 'properties/{_wire_name(problem)}', the value is not valid."


def _semantic(problem: Invalid) -> dict[str, str]:
    if problem.reason == "duplicate":
        return {**_error("deployment_name", "custom"), "message": _TWICE}
    code = "missing_field" if problem.reason == "required" else "invalid"
    return _error(_wire_name(problem), code)


def _error(wire_name: str, code: str) -> dict[str, str]:
    return {"resource": "DeploymentRecord", "field": wire_name, "code": code}


def _wire_name(problem: Invalid) -> str:
    return _WIRE_NAMES.get(problem.field, problem.field)


def _no_such_version(version: object) -> str:
    newest, oldest = headers.VERSIONS
    return (
        f'The version you specified in the "X-GitHub-API-Version" request header, "{version}", '
        "is not a supported version. The following versions are currently supported: "
        f'"{newest}" (most recent) and "{oldest}".'
    )
