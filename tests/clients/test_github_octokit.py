"""Octokit, unmodified, from npm, against a gateway on a real socket."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clients.toolchains import needs, run
from tests.serving import Server, serving

FOLDER = Path(__file__).parent / "node" / "github"


@pytest.fixture(scope="module")
def installed() -> Path:
    """The folder with Octokit in it, as its lock file says."""
    needs("node", "npm")
    run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], FOLDER)
    return FOLDER


def octokit(server: Server, folder: Path, scenario: str) -> None:
    """Run one scenario against a server."""
    words = ["node", "octokit.mjs", scenario]
    run(words, folder, GATEWAY=server.url, TOKEN=server.token())


@pytest.mark.parametrize("scenario", ["records", "jobs", "storage", "refusals", "neighbours"])
def test_octokit(server: Server, installed: Path, scenario: str) -> None:
    octokit(server, installed, scenario)


def test_octokit_below_the_enterprise_base(server: Server, installed: Path) -> None:
    words = ["node", "octokit.mjs", "records"]
    run(words, installed, GATEWAY=f"{server.url}/api/v3", TOKEN=server.token())


def test_octokit_knows_the_limit(installed: Path, tmp_path: Path) -> None:
    with serving(f"sqlite:///{tmp_path}/gateway.db", RATE_LIMIT="12") as limited:
        octokit(limited, installed, "limits")
