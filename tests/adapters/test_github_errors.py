"""Every refusal in GitHub's words: status, sentence, documentation page, in that order of keys."""

from __future__ import annotations

import pytest

from adapters.github import dialect
from adapters.github.documentation import ROOT, documentation_url
from adapters.github.envelope import credential
from adapters.github.headers import check_request, github_request_id, standing
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
from gateway.core.model import State
from gateway.dialect.frame import Frame
from tests.schemas import misfits

CREATE = "/orgs/acme/artifacts/metadata/deployment-record"
LIST = "/orgs/acme/artifacts/sha256%3Aabc/metadata/deployment-records"
PAGE = "https://docs.github.com/rest/orgs/artifact-metadata"
POST_FRAME = Frame(options=dialect.options["documented"], method="POST", path=CREATE)

REFUSALS: list[tuple[GatewayError, int, str]] = [
    (Several((Invalid("name", "type", detail="A."), Invalid("x", "y"))), 422, "Invalid request."),
    (Invalid("artifact.name", "too_long", value=9), 422, "Validation Failed"),
    (Invalid("Accept", "unsupported", value="text/html"), 415, "Unsupported 'Accept' header: 't"),
    (Invalid("X-GitHub-Api-Version", "unsupported", value="1"), 400, "Bad Request"),
    (NotFound("org"), 404, "Not Found"),
    (NotFound("project", "acme/x"), 404, "no artifacts found"),
    (NotFound("record"), 404, "Not Found"),
    (Forbidden("write"), 403, "Resource not accessible by personal access token"),
    (Forbidden("project"), 403, "Resource not accessible by personal access token"),
    *((Unauthenticated(doubt), 401, "Bad credentials") for doubt in Doubt if doubt != "missing"),
    (Unauthenticated(Doubt.MISSING), 401, "Requires authentication"),
    (IllegalMove(State.SUCCESS, State.RUNNING), 422, "Validation Failed"),
    (Undeletable("running"), 422, "Validation Failed"),
    (Conflict("environment", "prod"), 409, "The environment prod already exists."),
    (NoRoute("GET", "/orgs"), 404, "Not Found"),
    (WrongMethod("PUT", CREATE, ("POST",)), 404, "Not Found"),
    *((BadBody(fault), 400, "Problems") for fault in BodyFault if fault != "shape"),
    (BadBody(BodyFault.SHAPE), 400, "Body should be a JSON object"),
    (BadText("body"), 400, "Problems parsing JSON"),
    (BadText("path"), 404, "Not Found"),
    (BadText("authorization"), 400, "Bad Request"),
    (BadMediaType("text/plain"), 415, "Unsupported Media Type"),
    (TooLarge(1024), 413, "The request body is larger than 1024 bytes."),
    (Unavailable(3), 503, "Service Unavailable"),
    (Limited(9), 403, "API rate limit exceeded"),
    (Limited(1, is_burst=True), 429, "You have exceeded a secondary rate limit"),
    (Conflict("unfinished job", ""), 409, "A job is already pending or processing"),
    (Invalid("deployment_name", "duplicate", value="a"), 422, "Validation Failed"),
    (Refused((Refusal(0, NotFound("project")),)), 404, "no artifacts found"),
    (Crashed(), 500, "Server Error"),
    (GatewayError(), 500, "Server Error"),
]


@pytest.mark.parametrize(("error", "status", "message"), REFUSALS, ids=lambda said: repr(said)[:40])
def test_a_refusal_has_its_status_and_words(error: GatewayError, status: int, message: str) -> None:
    answer = dialect.render_error(error, POST_FRAME)
    assert isinstance(answer.body, dict)
    assert answer.status == status
    assert answer.body["message"].startswith(message)
    assert answer.body["status"] == str(status)
    assert misfits(dialect, "error", answer.body) == []
    order = ["message", "errors", "documentation_url", "status"]
    assert [key for key in order if key in answer.body] == list(answer.body)


def test_a_missing_user_agent_is_refused_in_plain_text() -> None:
    answer = dialect.render_error(Invalid("User-Agent", "required"), POST_FRAME)
    assert answer.status == 403
    assert (answer.media_type or "").startswith("text/plain")
    assert "User-Agent" in str(answer.body)


def test_a_fact_beyond_the_gateways_own_limits_is_named_as_the_wire_names_it() -> None:
    answer = dialect.render_error(Invalid("slot.name", "too_long", value=512), POST_FRAME)
    assert isinstance(answer.body, dict)
    assert answer.body["errors"] == [
        {"resource": "DeploymentRecord", "field": "deployment_name", "code": "invalid"}
    ]


def test_an_unknown_version_is_answered_with_the_known_ones_in_one_text() -> None:
    error = Invalid("X-GitHub-Api-Version", "unsupported", value="2020-01-01")
    answer = dialect.render_error(error, POST_FRAME)
    assert isinstance(answer.body, dict)
    assert answer.body["errors"] == (
        'The version you specified in the "X-GitHub-API-Version" request header, "2020-01-01", '
        "is not a supported version. The following versions are currently supported: "
        '"2026-03-10" (most recent) and "2022-11-28".'
    )


def test_a_forbidden_write_says_which_permission_it_takes() -> None:
    answer = dialect.render_error(Forbidden("write"), POST_FRAME)
    assert answer.headers == {"X-Accepted-GitHub-Permissions": "artifact_metadata=write"}


def test_an_outage_says_when_to_come_back() -> None:
    assert dialect.render_error(Unavailable(7), POST_FRAME).headers == {"Retry-After": "7"}


@pytest.mark.parametrize("base", ["", "/api/v3", "/api/v3/", "/"])
@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("POST", CREATE, f"{PAGE}#create-an-artifact-deployment-record"),
        ("GET", LIST, f"{PAGE}#list-artifact-deployment-records"),
        ("HEAD", LIST, f"{PAGE}#list-artifact-deployment-records"),
        ("GET", CREATE, ROOT),
        ("POST", f"{CREATE}/", ROOT),
        ("GET", "/zen", ROOT),
    ],
)
def test_an_answer_points_to_the_page_of_its_endpoint(
    base: str, method: str, path: str, expected: str
) -> None:
    assert documentation_url(method, base + path) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("", None),
        ("Bearer t", "t"),
        ("bearer t", "t"),
        ("token t", "t"),
        ("TOKEN   t ", "t"),
        ("Basic YWRhOnQ=", "t"),
        ("basic OnQ6dQ==", "t:u"),
    ],
)
def test_a_credential_is_found_in_each_of_its_forms(
    header: str | None, expected: str | None
) -> None:
    assert credential(header) == expected


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "t", "Digest t", "Basic", "Basic ??", "Basic YWRh", "Basic /w=="],
)
def test_an_authorization_without_a_token_is_a_bad_credential(header: str) -> None:
    with pytest.raises(Unauthenticated) as caught:
        credential(header)
    assert caught.value.doubt is Doubt.MALFORMED


@pytest.mark.parametrize(
    "accept",
    [
        "*/*",
        "application/*",
        "application/json",
        "application/json; charset=utf-8",
        "Application/VND.GitHub+JSON",
        "application/vnd.github.v3+json",
        "application/vnd.github.ant-man-preview+json",
        "text/html, application/xml;q=0.9, */*;q=0.8",
        "",
    ],
)
def test_what_github_serves_is_accepted(accept: str) -> None:
    check_request({"user-agent": "curl", "accept": accept})


@pytest.mark.parametrize("accept", ["application/xml", "text/html", "json", "application/jsonx"])
def test_what_github_does_not_serve_is_refused(accept: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_request({"user-agent": "curl", "accept": accept})
    assert caught.value.field == "Accept"


def test_headers_are_judged_in_githubs_order() -> None:
    wrong = {"x-github-api-version": "1", "accept": "text/html"}
    with pytest.raises(Invalid) as first:
        check_request(wrong)
    with pytest.raises(Invalid) as second:
        check_request({**wrong, "user-agent": "curl"})
    assert [first.value.field, second.value.field] == ["User-Agent", "X-GitHub-Api-Version"]


def test_what_a_refusal_quotes_of_a_header_is_bounded() -> None:
    for headers in ({"accept": "x" * 60_000}, {"x-github-api-version": "x" * 60_000}):
        with pytest.raises(Invalid) as caught:
            check_request({"user-agent": "curl", **headers})
        assert len(str(caught.value.value)) == 200


def test_a_preview_is_echoed_in_the_media_type() -> None:
    frame = Frame(None, headers={"accept": "application/vnd.github.flash-preview+json, */*"})
    shown = standing(frame, "0")["X-GitHub-Media-Type"]
    assert shown == "github.v3; param=flash-preview; format=json"


@pytest.mark.parametrize("said", ["0f" * 16, "", "not-hex/…"])
def test_a_request_id_is_five_groups_of_upper_case_hex_and_ends_in_the_time(said: str) -> None:
    *groups, moment = github_request_id(said, 0x6564_0000).split(":")
    assert moment == "65640000"
    assert [len(group) for group in groups] == [8, 8, 8, 8]
    assert all(set(group) <= set("0123456789ABCDEF") for group in groups)


def test_the_gateways_own_request_id_can_be_read_off() -> None:
    shown = github_request_id("0123456789abcdef0123456789abcdef", 1)
    assert "".join(shown.split(":")[:4]).lower() == "0123456789abcdef0123456789abcdef"
