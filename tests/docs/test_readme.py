"""The README's lines, run as they stand against what ``make run`` runs."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.cli import demo
from gateway.settings import PREFIX, VARIABLES
from tests.databases import MakeDatabase
from tests.serving import Server, run, serving

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
LINES = re.findall(r"^# (.+)\n(curl .+)$", README, re.MULTILINE)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The demo, as ``make run`` starts it."""
    folder = tmp_path_factory.mktemp("demo")
    with serving(f"sqlite:///{folder}/demo.db", "--demo") as running:
        yield running


def test_make_run_is_the_demo() -> None:
    shown = subprocess.run(
        ["make", "--dry-run", "--always-make", "run"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "deployment-gateway serve --demo --port 8080" in shown.stdout


def test_the_readme_and_the_demo_show_the_same_lines() -> None:
    assert tuple(LINES) == demo.LINES


def test_the_readmes_lines_show_a_record_crossing(shown: Server) -> None:
    exported = re.search(r"^export GATEWAY=(\S+) TOKEN=(\S+)$", shown.log(), re.MULTILINE)
    assert exported is not None, shown.log()
    env = os.environ | {"GATEWAY": exported[1], "TOKEN": exported[2]}
    answers = []
    for _, line in LINES:
        ran = subprocess.run(
            ["bash", "-euc", line], env=env, capture_output=True, text=True, check=True
        )
        answers.append(json.loads(ran.stdout))
    gitlab, github, chainloop, iftrue, canonical = answers
    assert (gitlab["status"], gitlab["sha"]) == ("success", demo.COMMIT)
    assert github["total_count"] == 1
    assert github["deployment_records"][0]["digest"] == f"gitCommit:{demo.COMMIT}"
    assert chainloop["deployment_records"][0]["status"] == "DEPLOYED"
    assert iftrue["data"][0]["commit_id"] == demo.COMMIT
    assert canonical["records"][0]["number"] == gitlab["id"]


def test_the_demo_prints_both_tokens(shown: Server) -> None:
    assert re.search(r"^admin token: \S{20,}$", shown.log(), re.MULTILINE)
    assert re.search(r"^demo token: +dgw_\S+$", shown.log(), re.MULTILINE)


@pytest.fixture
async def empty_url(postgres_url_factory: MakeDatabase) -> str:
    """A PostgreSQL database that was never migrated."""
    return await postgres_url_factory(is_empty=True)


def test_the_readmes_commands_run_a_gateway_on_postgresql(empty_url: str) -> None:
    lines = re.findall(r"^deployment-gateway (.+)$", README, re.MULTILINE)
    assert [line.split()[0] for line in lines] == ["migrate", "org", "token", "serve"]
    for line in lines[:-1]:
        ran = run(*line.split(), DATABASE_URL=empty_url)
        assert ran.returncode == 0, ran.stderr
    assert "dgw_" in ran.stdout
    words = lines[-1].removeprefix("serve --host 0.0.0.0 --port 8080").split()
    with serving(empty_url, *words) as server:
        assert server.admin("GET", "/orgs/acme").json()["name"] == "acme"


def test_every_setting_is_in_the_readme() -> None:
    assert "`<NAME>_PROFILE`" in README, "those of adapters that others wrote"
    for name in VARIABLES:
        assert f"`{name.removeprefix(PREFIX)}`" in README, name
