"""The curl lines of Chainloop's API reference, with only the host and the placeholders replaced.

https://docs.chainloop.dev/api-reference/environmentsservice/record-a-deployment and
https://docs.chainloop.dev/api-reference/environmentsservice/list-deployment-records
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from adapters.chainloop import dialect
from tests.adapters.chainloop_client import PROFILES, plain
from tests.schemas import misfits
from tests.serving import Server, serving

RECORD = """
curl --request POST \\
  --url https://api.app.chainloop.dev/v1/deployments \\
  --header 'Authorization: Bearer <token>' \\
  --header 'Content-Type: application/json' \\
  --data '
{
  "environment_name": "<string>",
  "artifact_digest": "<string>",
  "kind": "ARTIFACT_KIND_UNSPECIFIED",
  "artifact_name": "<string>",
  "artifact_version": "<string>",
  "status": "DEPLOYMENT_STATUS_UNSPECIFIED",
  "deployment_name": "<string>"
}
'
"""
LIST = """
curl --request GET \\
  --url https://api.app.chainloop.dev/v1/deployments \\
  --header 'Authorization: Bearer <token>'
"""
DIGEST = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


@pytest.fixture(scope="module", params=PROFILES)
def profile(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def server(profile: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A gateway whose Chainloop dialect has this profile."""
    folder = tmp_path_factory.mktemp(profile)
    with serving(f"sqlite:///{folder}/gateway.db", CHAINLOOP_PROFILE=profile) as running:
        yield running


@pytest.fixture(scope="module")
def token(server: Server) -> str:
    return server.token(user="curl")


def run(server: Server, token: str, line: str, *more: str) -> tuple[int, str, str]:
    """Status, media type and body of a curl line's answer."""
    line = line.replace("https://api.app.chainloop.dev", server.url).replace("<token>", token)
    line = " ".join(
        [line.strip(), *more, r"""--silent --write-out '\n%{http_code} %{content_type}'"""]
    )
    ran = subprocess.run(["bash", "-euc", line], capture_output=True, text=True, check=True)
    body, _, last = ran.stdout.rpartition("\n")
    status, _, media_type = last.partition(" ")
    return int(status), media_type, body


def filled(line: str, **said: str) -> str:
    """The line with the placeholder of each named field replaced."""
    for name, value in said.items():
        line = line.replace(f'"{name}": "<string>"', f'"{name}": "{value}"')
    return line


FILLED = filled(
    RECORD,
    environment_name="curl-production",
    artifact_digest=DIGEST,
    artifact_name="ghcr.io/acme/curl",
    artifact_version="1.0.0",
    deployment_name="api-server",
)


def answered(server: Server, token: str, line: str, *more: str) -> Any:
    status, media_type, body = run(server, token, line, *more)
    assert (status, media_type) == (200, "application/json"), body
    return json.loads(body)


def test_the_lines_record_and_list(server: Server, token: str) -> None:
    made = answered(server, token, FILLED)
    assert misfits(dialect, "created", made) == []
    record = plain(made)["deployment_record"]
    assert record["status"] == "DEPLOYED"
    assert record["artifact"] == {
        "kind": "ARTIFACT_KIND_UNSPECIFIED",
        "name": "ghcr.io/acme/curl",
        "digest": DIGEST,
        "version": "1.0.0",
    }
    listed = answered(server, token, LIST)
    assert misfits(dialect, "list", listed) == []
    assert record in plain(listed)["deployment_records"]


def test_the_line_with_its_placeholders_is_refused_for_its_digest(
    server: Server, token: str
) -> None:
    status, media_type, body = run(server, token, RECORD)
    assert (status, media_type) == (400, "application/json")
    text = 'validation error: cannot parse hash: "<string>"'
    assert json.loads(body)["message"] == text


def test_the_documented_filters_are_read_from_a_curl_query(
    server: Server, token: str, profile: str
) -> None:
    answered(server, token, FILLED)
    first = 1 if profile == "observed" else 0
    filters = {
        "pagination.page": str(first),
        "pagination.page_size": "1",
        "environment_name": "curl-production",
        "project_name": "curl",
        "project_version_name": "1.0.0",
        "status": "DEPLOYED",
        "artifact_kind": "ARTIFACT_KIND_UNSPECIFIED",
        "deployment_name": "api-server",
        "full_history": "true",
    }
    query = [f"--data-urlencode '{name}={value}'" for name, value in filters.items()]
    listed = answered(server, token, LIST, "--get", *query)
    assert plain(listed)["pagination"] == {
        "page": first,
        "page_size": 1,
        "total_count": 1,
        "total_pages": 1,
    }


def test_a_line_without_its_content_type_sends_a_form_and_so_nothing(
    server: Server, token: str
) -> None:
    bare = FILLED.replace("  --header 'Content-Type: application/json' \\\n", "")
    status, _, body = run(server, token, bare)
    assert status == 400
    assert "environment_name: value is required" in json.loads(body)["message"]


def test_a_trailing_slash_is_followed(server: Server, token: str) -> None:
    slashed = LIST.replace("/v1/deployments", "/v1/deployments/")
    assert run(server, token, slashed)[0] == 301
    listed = answered(server, token, slashed, "--location")
    assert misfits(dialect, "list", listed) == []


def test_head_is_405_with_no_body(server: Server, token: str) -> None:
    status, _, _ = run(server, token, LIST.replace("--request GET", "--head"))
    assert status == 405
