"""The example request of iftrue's documentation, sent by curl as it stands.

https://docs.iftrue.co/getting-started/basics/repository-settings/deployment-tracking-with-http-request
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from adapters.iftrue import dialect
from tests.schemas import misfits
from tests.serving import Server, serving

PATH = "/v1/organization/deployment"
EXAMPLE = """
POST /v1/organization/deployment HTTP/1.1
Host: API_URL
Authorization: Bearer <JWT_TOKEN>
Content-Type: application/json

{
	"title": "New Deployment",
	"changelog": "#241 PR Merged",
	"url": "<https://github.com/example>",
	"branch": "master",
	"commit_id": "fa9bce58bac99d1186f00d90881dd7b1e7a3acfd",
	"deployment_duration": 1220,
	"is_fix": true,
	"is_hotfix": false,
	"is_forced": true,
	"commits_count": 5,
	"member_id": "aef23f76-9e33-679d-a92c-ff7321f61bb8",
	"pull_request_number": 241,
	"repository_url": "<https://github.com/example/repo>",
	"deployment_node_id": "sw52f5ff5ddf66=",
	"status": "succes"
}
""".lstrip()
EXAMPLE_ANSWER_KEYS = (
    *("id", "triggered_by", "title", "changelog", "is_hotfix", "is_forced", "is_fix"),
    *("commits_count", "organization_id", "repository_id", "pusher_id", "url", "branch"),
    *("commit_id", "deployment_duration", "node_id", "status"),
)


@pytest.fixture(scope="module", params=["documented", "observed"])
def profile(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def server(profile: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A gateway whose iftrue dialect has this profile."""
    folder = tmp_path_factory.mktemp(profile)
    with serving(f"sqlite:///{folder}/gateway.db", IFTRUE_PROFILE=profile) as running:
        yield running


@pytest.fixture(scope="module")
def jwt(server: Server) -> str:
    """A credential in the form that iftrue's documentation asks for."""
    body = {"user": "curl", "permission": "write"}
    secret: str = server.admin("POST", "/orgs/umbrella/tokens", body).json()["jwt"]
    return secret


def send(server: Server, jwt: str, request: str) -> tuple[int, str, Any]:
    """Status, media type and JSON of the answer to a request written out as HTTP."""
    head, _, body = request.partition("\n\n")
    start, *headers = head.replace("<JWT_TOKEN>", jwt).splitlines()
    method, path, _ = start.split()
    words = ["curl", "--silent", "--request", method, f"{server.url}{path}"]
    for header in headers:
        words += ["--header", header]
    if body:
        words += ["--data-binary", body]
    words += ["--write-out", r"\n%{http_code} %{content_type}"]
    ran = subprocess.run(words, capture_output=True, text=True, check=True)
    answer, _, last = ran.stdout.rpartition("\n")
    status, _, media_type = last.partition(" ")
    return int(status), media_type, json.loads(answer)


def get(path: str) -> str:
    return f"GET {path} HTTP/1.1\nAuthorization: Bearer <JWT_TOKEN>\n\n"


def test_the_documentations_request_is_answered_in_its_shape(
    server: Server, jwt: str, profile: str
) -> None:
    status, media_type, made = send(server, jwt, EXAMPLE)
    assert (status, media_type) == (201, "application/json; charset=utf-8")
    assert misfits(dialect, "record", made) == []
    assert tuple(made) == (*EXAMPLE_ANSWER_KEYS, "created_at", "updated_at")
    assert made["url"] == "https://github.com/example"
    assert made["deployment_duration"] == 1220 * (60 if profile == "documented" else 1)
    assert (made["status"], made["triggered_by"]) == ("succes", "webhook")


def test_the_request_sent_again_is_the_same_deployment(server: Server, jwt: str) -> None:
    _, _, first = send(server, jwt, EXAMPLE)
    _, _, again = send(server, jwt, EXAMPLE.replace('"succes"', '"fail"'))
    assert again["id"] == first["id"]
    assert again["status"] == "fail"


def test_what_was_posted_is_listed_and_shown(server: Server, jwt: str) -> None:
    _, _, made = send(server, jwt, EXAMPLE)
    status, _, page = send(server, jwt, get(f"{PATH}?repository_url=example/repo"))
    assert (status, page["data"]) == (200, [made])
    status, _, shown = send(server, jwt, get(f"{PATH}/{made['id']}"))
    assert (status, shown) == (200, made)


def test_the_request_without_its_token_is_refused(server: Server, jwt: str) -> None:
    bare = EXAMPLE.replace("Authorization: Bearer <JWT_TOKEN>\n", "")
    status, _, body = send(server, jwt, bare)
    assert (status, body) == (401, {"message": "Unauthorized", "statusCode": 401})
