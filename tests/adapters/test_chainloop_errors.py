"""Every refusal has Chainloop's words, in the dress of either profile."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adapters.chainloop import dialect
from adapters.chainloop.errors import AUTH_MESSAGES, GRPC_NUMBERS
from gateway.core.errors import (
    BadBody,
    BadMediaType,
    BadText,
    BodyFault,
    Conflict,
    Crashed,
    Doubt,
    Forbidden,
    GatewayError,
    IllegalMove,
    Invalid,
    NoRoute,
    NotFound,
    Several,
    TooLarge,
    Unauthenticated,
    Unavailable,
    Undeletable,
    WrongMethod,
)
from gateway.core.model import State
from gateway.dialect.frame import Frame
from tests.schemas import misfits

FRAMES = {name: Frame(options=options) for name, options in dialect.options.items()}
NO_SUCH = Invalid(field="x", reason="nobody worded this")
TABLE: list[tuple[GatewayError, int, str, str]] = [
    (Invalid(field="status", reason="required"), 400, "",
     "validation error: status: value is required"),
    (NO_SUCH, 400, "", "validation error: x: value is not allowed"),
    (Several((NO_SUCH, Invalid(field="slot.name", reason="too_long", value=3))), 400, "",
     "validation errors:\n - x: value is not allowed"
     "\n - deployment_name: value length must be at most 3 characters"),
    (NotFound("environment", "prod"), 404, "not found", "environment not found"),
    (NotFound("org", "other"), 403, "USER_NOT_MEMBER_OF_ORG_ERROR_NOT_IN_ORG",
     "user is not a member of organization other"),
    (NotFound("org"), 403, "USER_WITH_NO_MEMBERSHIP_ERROR_NOT_IN_ORG",
     "user with id 00000000-0000-0000-0000-000000000001 has no current organization"),
    (Forbidden(needs="write"), 403, "forbidden", "operation not allowed"),
    (Forbidden(needs="project"), 403, "forbidden", "operation not allowed"),
    (Conflict("environment", "prod"), 409, "", "duplicated: environment prod already exists"),
    (IllegalMove(State.SUCCESS, State.RUNNING), 400, "",
     "a deployment cannot go from success to running"),
    (Undeletable("running"), 400, "", "the deployment cannot be removed: running"),
    (BadBody(BodyFault.SYNTAX, "unexpected EOF", 2, 7), 400, "CODEC",
     "body unmarshal proto: syntax error (line 2:7): unexpected EOF"),
    (BadText("body"), 400, "CODEC",
     "body unmarshal proto: syntax error (line 1:1): invalid UTF-8"),
    (BadText("query"), 400, "CODEC", "parsing query: invalid UTF-8"),
    (BadMediaType("text/plain"), 400, "CODEC", "unregister Content-Type: text/plain"),
    (BadMediaType(""), 400, "CODEC", "unregister Content-Type: "),
    (TooLarge(10), 413, "", "message larger than max (10 bytes)"),
    (Unavailable(3), 503, "", "the database does not answer, try again"),
    (Crashed(), 500, "internal error", "server error"),
    (GatewayError(), 500, "internal error", "server error"),
    *((Unauthenticated(doubt), 401, "UNAUTHORIZED", text)
      for doubt, text in AUTH_MESSAGES.items()),
]  # fmt: skip


@pytest.mark.parametrize(("error", "status", "reason", "message"), TABLE, ids=repr)
def test_a_refusal_is_worded_alike_and_dressed_by_profile(
    error: GatewayError, status: int, reason: str, message: str
) -> None:
    documented = dialect.render_error(error, FRAMES["documented"])
    assert documented.body == {"code": GRPC_NUMBERS[status], "message": message, "details": []}
    observed = dialect.render_error(error, FRAMES["observed"])
    assert observed.body == {
        "code": status,
        "reason": reason,
        "message": message,
        "metadata": {},
    }
    for answer in (documented, observed):
        assert answer.status == status
        assert misfits(dialect, "error", answer.body) == []


def test_every_doubt_about_a_credential_is_worded() -> None:
    assert set(AUTH_MESSAGES) == set(Doubt)
    assert AUTH_MESSAGES[Doubt.FORGED].endswith(" ")


def test_a_database_that_is_away_says_when_to_try_again() -> None:
    answer = dialect.render_error(Unavailable(3), FRAMES["documented"])
    assert answer.headers == {"retry-after": "3"}


@pytest.mark.parametrize(
    ("error", "status", "code", "message", "plain"),
    [
        (NoRoute("GET", "/v1/x"), 404, 5, "Not Found", "404 page not found\n"),
        (WrongMethod("PUT", "/v1/x", ("GET",)), 405, 12, "Method Not Allowed",
         "Method Not Allowed\n"),
    ],
)  # fmt: skip
def test_the_router_answers_in_the_error_body_or_in_plain_text(
    error: GatewayError, status: int, code: int, message: str, plain: str
) -> None:
    documented = dialect.render_error(error, FRAMES["documented"])
    assert documented.body == {"code": code, "message": message, "details": []}
    observed = dialect.render_error(error, FRAMES["observed"])
    assert (observed.body, observed.media_type) == (plain, "text/plain; charset=utf-8")
    assert documented.status == observed.status == status
    assert "allow" not in {name.lower() for a in (documented, observed) for name in a.headers}


@pytest.mark.parametrize("profile", ["documented", "observed"])
@pytest.mark.parametrize(
    ("path", "query", "location"),
    [
        ("/v1/deployments/", "", "/v1/deployments"),
        ("/v1//deployments", "", "/v1/deployments"),
        ("//v1/deployments", "", "/v1/deployments"),
        ("/v1//deployments//", "a=%20&b", "/v1/deployments?a=%20&b"),
        ("/v1/./deployments", "", "/v1/deployments"),
        ("/v1/nowhere/", "", None),
        ("/v1/", "", None),
        ("/V1/deployments/", "", None),
    ],
)
def test_a_path_with_needless_slashes_moves_to_its_canonical_form(
    profile: str, path: str, query: str, location: str | None
) -> None:
    frame = Frame(options=dialect.options[profile], path=path, query=query)
    answer: Any = dialect.render_error(NoRoute("GET", path), frame)
    assert answer.headers.get("location") == location
    assert answer.status == (404 if location is None else 301)
    below = replace(frame, base_url="https://deploy.example/gateway")
    moved: Any = dialect.render_error(NoRoute("GET", path), below)
    assert moved.headers.get("location") == (location and f"/gateway{location}")
