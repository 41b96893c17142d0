"""``glab``, GitLab's command line, against a gateway on a real socket: it is told a host, no more.

It runs where ``DEPLOYMENT_GATEWAY_TEST_GLAB`` names the program.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.clients.toolchains import named, run
from tests.serving import Server

Glab = Callable[..., str]
SHA = "a91957a858320c0e17f3a0eca7cfacbff50ea29a"
CONFIG = """\
check_update: false
telemetry: false
no_prompt: true
host: {host}
hosts:
    {host}:
        api_protocol: http
        api_host: {host}
        token: {token}
"""


@pytest.fixture
def glab(server: Server, tmp_path: Path) -> Glab:
    """What glab prints, as a maintainer of ``acme``."""
    program = named("DEPLOYMENT_GATEWAY_TEST_GLAB", "glab")
    config = tmp_path / "config.yml"
    host = server.url.removeprefix("http://")
    config.write_text(CONFIG.format(host=host, token=server.token("admin")))
    config.chmod(0o600)

    def ask(*words: str) -> str:
        return run([str(program), *words], tmp_path, GLAB_CONFIG_DIR=str(tmp_path), NO_COLOR="1")

    return ask


@pytest.fixture
def project() -> str:
    return f"shop-{uuid4().hex}"


def api(glab: Glab, path: str, *words: str) -> Any:
    return json.loads(glab("api", path, *words) or "null")


def test_glab_api_reaches_every_kind_of_endpoint(glab: Glab, project: str) -> None:
    here = f"projects/acme%2F{project}"
    said = ("-f", f"sha={SHA}", "-f", "ref=main", "-F", "tag=false", "-f", "status=running")
    made = api(glab, f"{here}/deployments", "-f", "environment=production", *said)
    other = api(glab, f"{here}/deployments", "-f", "environment=review/a", *said)
    assert (made["status"], made["user"]["username"]) == ("running", "ada")
    pages = glab("api", "--paginate", f"{here}/deployments?per_page=1&sort=desc")
    numbers = [item["id"] for page in _values(pages) for item in page]
    assert numbers == [other["id"], made["id"]]
    one = f"{here}/deployments/{made['id']}"
    assert api(glab, one, "-X", "PUT", "-f", "status=success")["status"] == "success"
    for path in (f"{here}/environments", f"{here}/protected_environments", f"{one}/merge_requests"):
        assert isinstance(api(glab, path), list)
    (first, _) = api(glab, f"{here}/environments")
    stop = f"{here}/environments/{first['id']}/stop"
    assert api(glab, stop, "-X", "POST", "-F", "force=true")["state"] == "stopped"
    headed = glab("api", "-i", "version")
    assert headed.startswith("HTTP/1.1 200 OK") and "X-Request-Id" in headed


def test_glab_lists_and_shows_what_there_is(glab: Glab, project: str, server: Server) -> None:
    answer = server.admin("POST", "/orgs/acme/projects", {"path": f"acme/{project}"})
    assert answer.status_code == 201, answer.text
    mine = json.loads(glab("repo", "list", "--mine", "-P", "100", "-F", "json"))
    assert project in {item["path"] for item in mine}
    assert f"acme/{project}" in glab("repo", "list", "-g", "acme", "-P", "100")
    shown = json.loads(glab("repo", "view", f"acme/{project}", "-F", "json"))
    assert shown["path_with_namespace"] == f"acme/{project}"
    glab("auth", "status")


def test_glab_shows_a_refusal_in_gitlabs_words(glab: Glab, server: Server) -> None:
    with pytest.raises(AssertionError, match="404 Project Not Found"):
        glab("api", "projects/acme%2Fnothing/deployments")
    with pytest.raises(AssertionError, match="sha is missing, sha is empty"):
        glab("api", "projects/acme%2Fshop/deployments", "-f", "environment=production")
    assert httpx.get(f"{server.url}/readyz").status_code == 200


def _values(text: str) -> list[Any]:
    """The JSON values that stand one after the other in a text."""
    values, decoder = [], json.JSONDecoder()
    while text.strip():
        value, end = decoder.raw_decode(text.lstrip())
        values.append(value)
        text = text.lstrip()[end:]
    return values
