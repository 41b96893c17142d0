"""What GitLab writes on the outside of every answer."""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import formatdate
from hashlib import sha256

from starlette.responses import Response

from gateway.dialect.frame import Frame
from gateway.dialect.http import Call

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = [first + second for first in _CROCKFORD for second in _CROCKFORD]
_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
_EXPOSED = (
    "Link, X-Total, X-Total-Pages, X-Per-Page, X-Page, X-Next-Page, X-Prev-Page, "
    "X-Gitlab-Blob-Id, X-Gitlab-Commit-Id, X-Gitlab-Content-Sha256, X-Gitlab-Encoding, "
    "X-Gitlab-File-Name, X-Gitlab-File-Path, X-Gitlab-Last-Commit-Id, X-Gitlab-Ref, "
    "X-Gitlab-Size, X-Request-Id, ETag"
)
_PREFLIGHT_SECONDS = "7200"


_STANDING: Mapping[str, str] = {
    "Cache-Control": "max-age=0, private, must-revalidate",
    "NEL": '{"max_age": 0}',
    "Vary": "Origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
}


def standing_headers(frame: Frame, request_id: str) -> Mapping[str, str]:
    """What every answer carries."""
    shown = ulid(request_id)
    return {
        **_STANDING,
        "X-Gitlab-Meta": f'{{"correlation_id":"{shown}","version":"1"}}',
        "X-Request-Id": shown,
        **_limits(frame),
    }


def ulid(request_id: str) -> str:
    """The request's id in the log, 32 hexadecimal digits, as the 26 characters of a ULID."""
    number = int(request_id or "0", 16)
    return "".join([_PAIRS[number >> shift & 1023] for shift in range(120, -1, -10)])


def _limits(frame: Frame) -> Mapping[str, str]:
    """The throttle that a request was counted by. Its minute begins with the first request of it.

    Source: https://docs.gitlab.com/ee/administration/settings/user_and_ip_rate_limits.html,
    checked 2026-11-20.
    """
    allowance = frame.allowance
    if allowance is None:
        return {}
    return {
        "RateLimit-Name": "throttle_authenticated_api",
        "RateLimit-Limit": str(allowance.limit),
        "RateLimit-Observed": str(allowance.observed),
        "RateLimit-Remaining": str(allowance.remaining),
        "RateLimit-Reset": str(allowance.reset),
    }


def is_preflight(call: Call) -> bool:
    """Whether this is the CORS preflight of a browser."""
    return (
        call.request.method == "OPTIONS"
        and "origin" in call.frame.headers
        and "access-control-request-method" in call.frame.headers
    )


def dress(call: Call, response: Response) -> Response:
    """Add what depends on the answer itself: its tag, its time, and what a browser may do."""
    if is_preflight(call):
        response = Response(status_code=200, headers=_preflight(call))
    elif response.status_code in {200, 201} and response.body:
        response = _tagged(call, response)
    if response.status_code == 429 and call.frame.allowance is not None:
        reset = formatdate(call.frame.allowance.reset, usegmt=True)
        response.headers["RateLimit-ResetTime"] = reset
    if "origin" in call.frame.headers:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Allow-Methods"] = _METHODS
        response.headers["Access-Control-Expose-Headers"] = _EXPOSED
        response.headers["Access-Control-Max-Age"] = _PREFLIGHT_SECONDS
    response.headers.append("X-Runtime", f"{time.perf_counter() - call.began:.6f}")
    return response


def _preflight(call: Call) -> Mapping[str, str]:
    headers = dict(standing_headers(call.frame, call.request_id))
    asked = call.frame.headers.get("access-control-request-headers")
    if asked:
        headers["Access-Control-Allow-Headers"] = asked
    return headers


def _tagged(call: Call, response: Response) -> Response:
    tag = f'W/"{sha256(bytes(response.body)).hexdigest()[:32]}"'
    response.headers.append("ETag", tag)
    asked = call.frame.headers.get("if-none-match")
    if asked is None or call.request.method not in {"GET", "HEAD"}:
        return response
    if tag not in [known.strip() for known in asked.split(",")]:
        return response
    kept = {
        name: value
        for name, value in response.headers.items()
        if name not in {"content-length", "content-type"}
    }
    return Response(status_code=304, headers=kept)
