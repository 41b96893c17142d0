"""GitLab's own client for Go, and gitbeaker for Node, against a gateway on a real socket."""

from __future__ import annotations

import shutil
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.clients.toolchains import needs, run
from tests.serving import Server

CLIENTS = Path(__file__).parent
SHA = "a91957a858320c0e17f3a0eca7cfacbff50ea29a"


@pytest.fixture
def given(server: Server) -> dict[str, str]:
    """What a program is told: where, as whom, and a project with one blocked deployment."""
    project = f"acme/{uuid4().hex}"

    def record(**said: object) -> httpx.Response:
        body = {"org": "acme", "project": project, "source": {"commit": SHA, "ref": "x"}, **said}
        answer = server.admin("POST", "/records", body)
        assert answer.status_code == 201, answer.text
        return answer

    record(environment="staging", delivery={"pull_request_number": 42, "title": "A change"})
    blocked = record(environment="guarded", state="blocked")
    return {
        "GATEWAY_URL": server.url,
        "MAINTAINER": server.token("admin", user="maintainer"),
        "DEVELOPER": server.token("write", user="developer"),
        "PROJECT": project,
        "BLOCKED": str(blocked.json()["number"]),
    }


def test_gitlabs_client_for_go(given: dict[str, str]) -> None:
    needs("go")
    said = run(["go", "run", "."], CLIENTS / "go" / "gitlab", seconds=600, **given)
    assert said.splitlines()[-1] == "dates"
    assert {"merge requests", "approve", "protect tier", "delete environment"} <= set(
        said.splitlines()
    )


def test_gitbeaker_for_node(given: dict[str, str], tmp_path: Path) -> None:
    needs("node", "npm")
    folder = tmp_path / "gitlab"
    source = CLIENTS / "node" / "gitlab"
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("node_modules"))
    run(["npm", "ci", "--no-audit", "--no-fund"], folder)
    said = run(["node", "main.mjs"], folder, **given)
    assert said.splitlines()[-1] == "groups"
