"""The curl lines of GitLab's documentation as they are printed there.

Host, token and ids are put in; the rest, line breaks and quotes included, is the page's. From
https://docs.gitlab.com/ee/api/deployments.html and …/environments.html, checked 2026-11-20.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from tests.serving import Server

CREATE = r"""
curl --data "environment=production&sha=a91957a858320c0e17f3a0eca7cfacbff50ea29a&ref=main&tag=false&status=success" \
     --header "PRIVATE-TOKEN: <your_access_token>" "https://gitlab.example.com/api/v4/projects/1/deployments"
"""  # noqa: E501 (as printed)
LIST = r"""
curl --header "PRIVATE-TOKEN: <your_access_token>" "https://gitlab.example.com/api/v4/projects/1/deployments"
"""
GET = r"""
curl --header "PRIVATE-TOKEN: <your_access_token>" "https://gitlab.example.com/api/v4/projects/1/deployments/1"
"""
UPDATE = r"""
curl --request PUT --data "status=success" --header "PRIVATE-TOKEN: <your_access_token>" "https://gitlab.example.com/api/v4/projects/1/deployments/42"
"""
DELETE = r"""
curl --request "DELETE" --header "PRIVATE-TOKEN: <your_access_token>" "https://gitlab.example.com/api/v4/projects/1/deployments/1"
"""
ENVIRONMENTS = r"""
curl --header "PRIVATE-TOKEN: <your_access_token>" "https://gitlab.example.com/api/v4/projects/1/environments?name=review%2Ffix-foo"
"""
ENVIRONMENT = r"""
curl --header "PRIVATE-TOKEN: <your_access_token>" "https://gitlab.example.com/api/v4/projects/1/environments/1"
"""

NUMBERS = ("/deployments/42", "/deployments/1", "/environments/1")
STATUS = "-%{http_code}"


@dataclass
class Shell:
    """Runs the documentation's lines against one project."""

    server: Server
    project: str
    token: str

    def run(self, line: str, number: object = None) -> tuple[int, Any]:
        """The status and the body of a line's answer."""
        line = line.strip().replace("https://gitlab.example.com", self.server.url)
        line = line.replace("<your_access_token>", self.token)
        for printed in NUMBERS:
            line = line.replace(f'{printed}"', f'{printed.rpartition("/")[0]}/{number}"')
        line = line.replace("/projects/1/", f"/projects/{self.project}/")
        line = f"{line} --silent --show-error --write-out '{STATUS}'"
        ended = subprocess.run(
            ["/bin/sh", "-c", line], capture_output=True, text=True, check=False, timeout=30
        )
        assert (ended.returncode, ended.stderr) == (0, "")
        body, _, status = ended.stdout.rpartition("-")
        return int(status), json.loads(body) if body else None


@pytest.fixture
def shell(server: Server) -> Shell:
    """A project of its own, known by number."""
    answer = server.admin("POST", "/orgs/acme/projects", {"path": f"acme/{uuid4().hex}"})
    assert answer.status_code == 201, answer.text
    return Shell(server, str(answer.json()["number"]), server.token("admin"))


def test_the_line_that_creates(shell: Shell) -> None:
    status, made = shell.run(CREATE)
    assert (status, made["status"], made["iid"]) == (201, "success", 1)
    assert (made["ref"], made["environment"]["name"]) == ("main", "production")
    assert shell.run(CREATE) == (201, made)


def test_the_lines_that_read(shell: Shell) -> None:
    _, made = shell.run(CREATE)
    status, listed = shell.run(LIST)
    assert (status, [item["id"] for item in listed]) == (200, [made["id"]])
    assert shell.run(GET, made["id"]) == (200, made)


def test_the_line_that_updates(shell: Shell) -> None:
    _, made = shell.run(CREATE.replace("status=success", "status=running"))
    status, changed = shell.run(UPDATE, made["id"])
    assert (status, changed["id"], changed["status"]) == (200, made["id"], "success")
    text = 'cannot transition via "succeed"'
    assert shell.run(UPDATE, made["id"]) == (400, {"message": {"status": [text]}})


def test_the_line_that_deletes_and_its_three_printed_answers(shell: Shell) -> None:
    answers = {
        "failed": (202, {"message": "202 Accepted"}),
        "running": (400, {"message": "400 Cannot destroy running deployment"}),
        "success": (400, {"message": "400 Deployment currently deployed to environment"}),
    }
    for word, answer in answers.items():
        _, made = shell.run(CREATE.replace("status=success", f"status={word}"))
        assert shell.run(DELETE, made["id"]) == answer


def test_the_lines_that_read_environments(shell: Shell) -> None:
    _, made = shell.run(CREATE.replace("=production", "=review/fix-foo"))
    status, (found,) = shell.run(ENVIRONMENTS)
    assert (status, found["name"]) == (200, "review/fix-foo")
    status, shown = shell.run(ENVIRONMENT, found["id"])
    assert (status, shown["last_deployment"]["id"]) == (200, made["id"])


def test_a_project_by_its_encoded_path(shell: Shell) -> None:
    named = Shell(shell.server, "acme%2Fby-path", shell.token)
    status, made = named.run(CREATE)
    assert (status, named.run(LIST)[1][0]["id"]) == (201, made["id"])
