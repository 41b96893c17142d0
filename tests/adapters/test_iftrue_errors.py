"""Every refusal has iftrue's words and shape."""

from __future__ import annotations

import pytest

from adapters.iftrue import dialect
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

FRAME = Frame(options=dialect.options["documented"])
STRANGE = Invalid(field="x", reason="nobody worded this")
BAD, NONE = "Bad Request", "Not Found"
TABLE: list[tuple[GatewayError, int, object, str | None]] = [
    (Invalid(field="title", reason="empty"), 400, ["title should not be empty"], BAD),
    (Several((STRANGE, Invalid(field="source.ref", reason="too_long", value=3))), 400,
     ["x is not allowed", "branch must be shorter than or equal to 3 characters"], BAD),
    (Invalid(field="x", reason="?", detail="a finished sentence"), 400,
     ["a finished sentence"], BAD),
    (BadBody(BodyFault.SYNTAX, "Unexpected token } in JSON at position 1"), 400,
     "Unexpected token } in JSON at position 1", BAD),
    (BadBody(BodyFault.SYNTAX), 400, "Unexpected token in JSON", BAD),
    (BadBody(BodyFault.CONSTANT, "NaN"), 400, "NaN is not a number in JSON", BAD),
    (BadBody(BodyFault.ENCODING), 400, "request body is not UTF-8", BAD),
    (BadBody(BodyFault.DEPTH), 400, "request body nests too deeply", BAD),
    (BadBody(BodyFault.DUPLICATE, "x"), 400, "x is said twice in JSON", BAD),
    (BadText("body"), 400, "body holds text that cannot be stored", BAD),
    (BadMediaType("a/b"), 400, "a/b is not read here", BAD),
    (Forbidden(needs="write"), 403, "Forbidden", "Forbidden"),
    (Forbidden(needs="project"), 403, "Forbidden", "Forbidden"),
    (NotFound("project", "acme/x"), 404, "Repository not found", NONE),
    (NotFound("record"), 404, "Deployment not found", NONE),
    (NotFound("user"), 404, "Member not found", NONE),
    (NotFound("org", "x"), 404, "Organization not found", NONE),
    (NotFound("view"), 404, "View not found", NONE),
    (NoRoute("GET", "/v1/organization/x"), 404, "Cannot GET /v1/organization/x", NONE),
    (WrongMethod("PUT", "/v1/organization/deployment"), 404,
     "Cannot PUT /v1/organization/deployment", NONE),
    (Conflict("project", "x"), 409, "project x already exists", "Conflict"),
    (IllegalMove(State.SUCCESS, State.RUNNING), 400,
     "a deployment cannot go from success to running", BAD),
    (Undeletable("running"), 400, "the deployment cannot be removed: running", BAD),
    (TooLarge(9), 413, "request entity too large", None),
    (Unavailable(3), 503, "Service Unavailable", None),
    (Crashed(), 500, "Internal server error", None),
    (GatewayError(), 500, "Internal server error", None),
    *((Unauthenticated(doubt), 401, "Unauthorized", None) for doubt in Doubt),
]  # fmt: skip


@pytest.mark.parametrize(("error", "status", "message", "word"), TABLE, ids=repr)
def test_a_refusal_has_its_status_its_words_and_its_shape(
    error: GatewayError, status: int, message: object, word: str | None
) -> None:
    answer = dialect.render_error(error, FRAME)
    cause = {} if word is None else {"error": word}
    assert answer.body == {"message": message, "statusCode": status, **cause}
    assert answer.status == status
    assert misfits(dialect, "error", answer.body) == []


def test_every_fault_of_a_body_is_worded() -> None:
    for fault in BodyFault:
        assert dialect.render_error(BadBody(fault), FRAME).status == 400


def test_a_database_that_is_away_says_when_to_try_again() -> None:
    assert dialect.render_error(Unavailable(3), FRAME).headers == {"retry-after": "3"}
