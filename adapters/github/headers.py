"""The headers of GitHub's API: what a request must carry and what every answer carries.

Not taken over: ``Server`` and ``Strict-Transport-Security``, which speak for whoever runs the host.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Mapping

from gateway.core.errors import Invalid
from gateway.dialect.frame import Frame
from gateway.dialect.limits import Allowance

VERSIONS = ("2026-03-10", "2022-11-28")
"""The API versions served, the newest first; they do not differ in what is served here."""

DEFAULT_VERSION = "2022-11-28"
"""https://docs.github.com/rest/about-the-rest-api/api-versions, checked 2026-11-20."""

STANDING: Mapping[str, str] = {
    "Vary": "Accept-Encoding, Accept, X-Requested-With",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "ETag, Link, Location, Retry-After, X-GitHub-OTP, X-RateLimit-Limit, "
        "X-RateLimit-Remaining, X-RateLimit-Used, X-RateLimit-Resource, X-RateLimit-Reset, "
        "X-OAuth-Scopes, X-Accepted-OAuth-Scopes, X-Poll-Interval, X-GitHub-Media-Type, "
        "X-GitHub-SSO, X-GitHub-Request-Id, Deprecation, Sunset, Warning"
    ),
    "X-Frame-Options": "deny",
    "X-Content-Type-Options": "nosniff",
    "X-XSS-Protection": "0",
    "Referrer-Policy": "origin-when-cross-origin, strict-origin-when-cross-origin",
    "Content-Security-Policy": "default-src 'none'",
}

_FRESH: Mapping[str, str] = {
    "Cache-Control": "private, max-age=60, s-maxage=60",
    "Vary": (
        "Accept, Authorization, Cookie, X-GitHub-OTP,Accept-Encoding, Accept, X-Requested-With"
    ),
}

PREFLIGHT: Mapping[str, str] = {
    "Access-Control-Allow-Headers": (
        "Authorization, Content-Type, If-Match, If-Modified-Since, If-None-Match, "
        "If-Unmodified-Since, Accept-Encoding, X-GitHub-OTP, X-Requested-With, User-Agent, "
        "GraphQL-Features, X-GitHub-Api-Version"
    ),
    "Access-Control-Allow-Methods": "GET, POST, PATCH, PUT, DELETE",
    "Access-Control-Max-Age": "86400",
}
"""The answer to the CORS preflight of a browser."""

UNLIMITED = 5000
"""The limit told where there is none: GitHub's own, of which nothing is ever used."""

_HOUR = 3600
_SERVED = re.compile(r"\*/\*|application/(?:\*|json|vnd\.github[\w.+-]*)", re.IGNORECASE)
_PREVIEW = re.compile(r"application/vnd\.github\.([a-z0-9-]+-preview)", re.IGNORECASE)
_MAX_QUOTED = 200
_NO_HEX = re.compile("[^0-9A-F]")


def check_request(headers: Mapping[str, str]) -> None:
    """Raise ``Invalid`` for what GitHub refuses before it looks at the credential.

    In this order: no ``User-Agent``, an unknown API version, an ``Accept`` it cannot serve.
    """
    if not headers.get("user-agent"):
        raise Invalid(field="User-Agent", reason="required")
    version = headers.get("x-github-api-version")
    if version is not None and version not in VERSIONS:
        raise Invalid(
            field="X-GitHub-Api-Version", reason="unsupported", value=version[:_MAX_QUOTED]
        )
    accept = headers.get("accept")
    if accept and not _is_servable(accept):
        raise Invalid(field="Accept", reason="unsupported", value=accept[:_MAX_QUOTED])


def standing(frame: Frame, request_id: str) -> Mapping[str, str]:
    """The headers of every answer, refusals included."""
    return {
        **STANDING,
        "X-GitHub-Media-Type": _media_type(frame.headers.get("accept", "")),
        "X-GitHub-Api-Version-Selected": selected_version(frame),
        "X-GitHub-Request-Id": github_request_id(request_id, int(time.time())),
        **_rate(allowance(frame.allowance)),
    }


def allowance(counted: Allowance | None) -> Allowance:
    """What a caller may still ask; one who is not counted may always ask all."""
    if counted is not None:
        return counted
    return Allowance(UNLIMITED, UNLIMITED, int(time.time()) + _HOUR, 0)


def etag(body: bytes) -> str:
    """A strong validator of an answer's bytes."""
    return f'"{hashlib.sha256(body).hexdigest()}"'


def is_known(if_none_match: str | None, tag: str) -> bool:
    """Whether the client holds the answer already. Weak and strong compare alike here."""
    known = (part.strip().removeprefix("W/") for part in (if_none_match or "").split(","))
    return any(part in {"*", tag} for part in known)


def of_success(method: str) -> Mapping[str, str]:
    """What a 200 carries beside the standing ones."""
    return {**_FRESH, **accepted_permission(method)}


def accepted_permission(method: str) -> Mapping[str, str]:
    """Which permission the endpoint takes, as GitHub tells a fine-grained token."""
    level = "read" if method in {"GET", "HEAD"} else "write"
    return {"X-Accepted-GitHub-Permissions": f"artifact_metadata={level}"}


def github_request_id(request_id: str, unix_seconds: int) -> str:
    """The gateway's own id in GitHub's form: upper-case hex in five groups, the last the time."""
    digits = _NO_HEX.sub("", request_id.upper()).ljust(32, "0")
    return f"{digits[:8]}:{digits[8:16]}:{digits[16:24]}:{digits[24:32]}:{unix_seconds:X}"


def _rate(left: Allowance) -> Mapping[str, str]:
    return {
        "X-RateLimit-Limit": str(left.limit),
        "X-RateLimit-Remaining": str(left.remaining),
        "X-RateLimit-Reset": str(left.reset),
        "X-RateLimit-Used": str(left.observed),
        "X-RateLimit-Resource": "core",
    }


def _is_servable(accept: str) -> bool:
    ranges = (part.partition(";")[0].strip() for part in accept.split(","))
    return any(_SERVED.fullmatch(media_range) for media_range in ranges)


def _media_type(accept: str) -> str:
    preview = _PREVIEW.search(accept[:_MAX_QUOTED])
    parameter = f" param={preview[1].lower()};" if preview else ""
    return f"github.v3;{parameter} format=json"


def selected_version(frame: Frame) -> str:
    """The version a request is answered in."""
    said = frame.headers.get("x-github-api-version")
    return said if said in VERSIONS else DEFAULT_VERSION
