"""Every refusal has GitLab's status, form and words."""

from __future__ import annotations

from itertools import product

import pytest

from adapters.gitlab import dialect
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
FRAME = FRAMES["documented"]


def message(text: str) -> dict[str, str]:
    return {"message": text}


def error(text: str) -> dict[str, str]:
    return {"error": text}


WORDED = [
    (Invalid("page", "invalid"), 400, error("page is invalid")),
    (Invalid("per_page", "not_allowed"), 400, error("per_page has a value not allowed")),
    (Invalid("sha", "required"), 400, error("sha is missing")),
    (Invalid("x", "a word of somebody else"), 400, error("x is invalid")),
    (
        Several((Invalid("page", "invalid"), Invalid("sort", "value"))),
        400,
        error("page is invalid, sort does not have a valid value"),
    ),
    (
        Invalid("source.commit", "too_long", 512),
        400,
        {"message": {"sha": ["is too long (maximum is 512 characters)"]}},
    ),
    (Invalid("unmodified_since", "precondition"), 412, message("412 Precondition Failed")),
    (Invalid("body", "json_too_large"), 400, error("JSON body too large")),
    (Invalid("body", "array_too_large"), 400, error("Array parameter too large")),
    (Invalid("body", "hash_too_large"), 400, error("Hash parameter too large")),
    (Invalid("body", "too_many"), 400, error("Too many total parameters")),
    (NotFound("project"), 404, message("404 Project Not Found")),
    (NotFound("org", "nobody"), 404, message("404 Project Not Found")),
    (NotFound("record"), 404, message("404 Not found")),
    (NotFound("environment"), 404, message("404 Not found")),
    (Forbidden("admin"), 403, message("403 Forbidden")),
    (Forbidden("project"), 403, message("403 Forbidden")),
    (Conflict("live record", ""), 409, message("409 Conflict")),
    (
        Conflict("environment", "x"),
        400,
        {"message": ["Name has already been taken", "Slug has already been taken"]},
    ),
    (Conflict("protection", "x"), 409, message("Environment 'x' is already protected")),
    (NotFound("group"), 404, message("404 Group Not Found")),
    (NotFound("protection", "x"), 404, message("404 Not found")),
    (NoRoute("GET", "/"), 404, error("404 Not Found")),
    (WrongMethod("PATCH", "/", ("GET",)), 404, error("404 Not Found")),
    (BadBody(BodyFault.SYNTAX), 400, error("Invalid JSON format")),
    (BadBody(BodyFault.CONSTANT), 400, error("Invalid JSON format")),
    (BadBody(BodyFault.DEPTH), 400, error("Parameters nested too deeply")),
    (BadMediaType("a/b"), 415, error("The provided content-type 'a/b' is not supported.")),
    (TooLarge(5), 413, message("413 Request Entity Too Large")),
    (Unavailable(), 503, message("503 Service Unavailable")),
    (Crashed(), 500, message("500 Internal Server Error")),
    (GatewayError(), 500, message("500 Internal Server Error")),
    (Unauthenticated(Doubt.MISSING), 401, message("401 Unauthorized")),
    (Unauthenticated(Doubt.FORGED), 401, message("401 Unauthorized")),
]


@pytest.mark.parametrize(("refusal", "status", "body"), WORDED, ids=lambda v: str(v)[:40])
def test_a_refusal_has_its_own_status_and_words(
    refusal: GatewayError, status: int, body: object
) -> None:
    answer = dialect.render_error(refusal, FRAME)
    assert (answer.status, answer.body) == (status, body)
    assert misfits(dialect, "error", answer.body) == []


@pytest.mark.parametrize("refusal", [BadText("query"), BadBody(BodyFault.ENCODING)])
def test_text_that_nothing_can_hold_is_refused_as_plain_text(refusal: GatewayError) -> None:
    answer = dialect.render_error(refusal, FRAME)
    assert (answer.status, answer.body, answer.media_type) == (400, "Bad Request", "text/plain")


TOKENS = {
    Doubt.EXPIRED: "Token is expired. You can either do re-authorization or token refresh.",
    Doubt.REVOKED: "Token was revoked. You have to re-authorize from the user.",
}


@pytest.mark.parametrize(("doubt", "text"), TOKENS.items())
def test_a_token_that_held_once_is_told_why(doubt: Doubt, text: str) -> None:
    answer = dialect.render_error(Unauthenticated(doubt), FRAME)
    assert answer.status == 401
    assert answer.body == {"error": "invalid_token", "error_description": text}
    assert answer.headers["WWW-Authenticate"] == (
        f'Bearer realm="Protected by OAuth 2.0", error="invalid_token", error_description="{text}"'
    )


@pytest.mark.parametrize("doubt", sorted(set(Doubt) - set(TOKENS)))
def test_no_other_doubt_has_a_challenge(doubt: Doubt) -> None:
    answer = dialect.render_error(Unauthenticated(doubt), FRAME)
    assert "WWW-Authenticate" not in answer.headers


def test_a_scope_too_small_names_both_scopes() -> None:
    answer = dialect.render_error(Forbidden("write"), FRAME)
    assert (answer.status, answer.body) == (
        403,
        {
            "error": "insufficient_scope",
            "error_description": "The request requires higher privileges than provided by the "
            "access token.",
            "scope": "api read_api",
        },
    )
    assert "WWW-Authenticate" not in answer.headers


EVENTS = {"running": "run", "success": "succeed", "failed": "drop", "canceled": "cancel"}


@pytest.mark.parametrize(("before", "after"), list(product(State, State)))
def test_a_refused_move_names_its_event(before: State, after: State) -> None:
    answer = dialect.render_error(IllegalMove(before, after), FRAME)
    event = EVENTS.get(after, after.value)
    assert answer.body == {"message": {"status": [f'cannot transition via "{event}"']}}
    assert misfits(dialect, "error", answer.body) == []


UNDELETABLE = {
    "running": "Cannot destroy running deployment",
    "last_deployment": "Deployment currently deployed to environment",
}


@pytest.mark.parametrize(("reason", "text"), UNDELETABLE.items())
def test_what_must_stay_says_so_in_the_words_of_the_profile(reason: str, text: str) -> None:
    refusal = Undeletable(reason)
    assert dialect.render_error(refusal, FRAMES["documented"]).body == message(f"400 {text}")
    assert dialect.render_error(refusal, FRAMES["observed"]).body == message(text)


@pytest.mark.parametrize("refusal", [refusal for refusal, _, _ in WORDED], ids=str)
def test_no_refusal_is_stored_by_a_cache(refusal: GatewayError) -> None:
    assert dialect.render_error(refusal, FRAME).headers["Cache-Control"] == "no-cache"
