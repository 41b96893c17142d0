"""The command line as an operator uses it: a process, its output and its exit code."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.main import get_command

from gateway.cli.program import app
from tests.databases import MakeDatabase
from tests.serving import command as called
from tests.serving import environment, run, serving


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A database that is not there yet."""
    return f"sqlite:///{tmp_path}/cli.db"


def test_an_org_and_a_token_are_made_and_open_the_gateway(url: str) -> None:
    made = run("org", "create", "initech", "--alias", "initech-eu", DATABASE_URL=url)
    assert (made.returncode, made.stderr) == (0, "")
    words = ("token", "create", "--org", "initech-eu", "--permission", "write", "--expires", "90d")
    token = json.loads(run(*words, "-o", "json", DATABASE_URL=url).stdout)
    assert token["token"].startswith("dgw_")
    with serving(url) as server:
        for form in (token["token"], token["jwt"]):
            headers = {"authorization": f"Bearer {form}"}
            answer = httpx.get(f"{server.url}/gateway/v1/orgs/initech", headers=headers)
            assert answer.json()["aliases"] == ["initech-eu"]
        run("token", "revoke", token["id"], "--org", "initech", DATABASE_URL=url)
        answer = httpx.get(f"{server.url}/gateway/v1/orgs/initech", headers=headers)
        assert answer.status_code == 401, "revoked from the next request on"


def test_lists_are_tables_and_json(url: str) -> None:
    run("org", "create", "initech", DATABASE_URL=url)
    run("user", "create", "kim", "--org", "initech", "--name", "Kim", DATABASE_URL=url)
    run("group", "create", "ops", "--org", "initech", "--member", "kim", DATABASE_URL=url)
    table = run("user", "list", "--org", "initech", DATABASE_URL=url).stdout
    assert table.splitlines()[0].split() == ["number", "username", "name", "external_id"]
    users = json.loads(
        run("user", "list", "--org", "initech", "-o", "json", DATABASE_URL=url).stdout
    )
    assert [user["username"] for user in users] == ["root", "kim"]
    groups = json.loads(
        run("group", "list", "--org", "initech", "-o", "json", DATABASE_URL=url).stdout
    )
    assert groups[0]["members"] == ["kim"]


def test_a_token_shows_what_it_is_limited_to(url: str) -> None:
    run("org", "create", "initech", DATABASE_URL=url)
    words = ("token", "create", "--org", "initech", "--project", "web", "--project", "initech/api")
    made = json.loads(run(*words, "-o", "json", DATABASE_URL=url).stdout)
    run("token", "create", "--org", "initech", DATABASE_URL=url)
    listed = run("token", "list", "--org", "initech", "-o", "json", DATABASE_URL=url).stdout
    limited, whole = json.loads(listed)
    assert limited["projects"] == made["projects"] == ["initech/api", "initech/web"]
    assert whole["projects"] is None
    table = run("token", "list", "--org", "initech", DATABASE_URL=url).stdout
    assert "initech/api, initech/web" in table


def test_the_installed_dialects_are_listed(url: str) -> None:
    rows = json.loads(run("adapters", "list", "--json", GITLAB_PROFILE="observed").stdout)
    profiles = {row["name"]: row["profile"] for row in rows}
    assert profiles["gitlab"] == "observed"
    assert profiles["github"] == "documented"
    gitlab = next(row["paths"] for row in rows if row["name"] == "gitlab")
    assert set(gitlab) == {"/api/v4", "//api/v4"}


def test_migrate_says_whether_the_schema_is_at_head(url: str) -> None:
    assert run("migrate", "--check", DATABASE_URL=url).returncode == 1
    assert not Path(url.removeprefix("sqlite:///")).exists(), "to ask makes nothing"
    assert run("migrate", DATABASE_URL=url).returncode == 0
    assert run("migrate", "--check", DATABASE_URL=url).returncode == 0
    assert "CREATE TABLE records" in run("migrate", "--sql", DATABASE_URL=url).stdout


REFUSED = {
    ("org", "alias", "nobody", "x"): 1,
    ("token", "create", "--org", "nobody"): 1,
    ("token", "create"): 2,
    ("token", "create", "--org", "x", "--expires", "soon"): 2,
    ("token", "create", "--org", "x", "--permission", "all"): 2,
    ("nonsense",): 2,
}


@pytest.mark.parametrize(("words", "code"), REFUSED.items(), ids=lambda value: str(value)[:40])
def test_a_refusal_has_its_exit_code(words: tuple[str, ...], code: int, url: str) -> None:
    ran = run(*words, DATABASE_URL=url)
    assert (ran.returncode, ran.stdout) == (code, "")
    assert ran.stderr.startswith("deployment-gateway: ")
    assert ran.stderr.count("\n") == 1, ran.stderr


def test_text_that_is_none_is_refused_in_words(url: str) -> None:
    ran = run("org", "alias", os.fsdecode(b"\xff"), "x", DATABASE_URL=url)
    said = "deployment-gateway: a text of the command line cannot be stored\n"
    assert (ran.returncode, ran.stderr) == (1, said)


def test_an_external_id_of_nothing_is_none(url: str) -> None:
    run("org", "create", "initech", DATABASE_URL=url)
    for name in ("kim", "lee"):
        words = ("user", "create", name, "--org", "initech", "--external-id", "", "-o", "json")
        assert json.loads(run(*words, DATABASE_URL=url).stdout)["external_id"] is None


def test_output_that_finds_no_room_is_one_line_and_exit_code_3(url: str) -> None:
    with Path("/dev/full").open("w") as full:
        words = called("config", "show")
        ran = subprocess.run(
            words, env=environment(), stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (ran.returncode, ran.stderr) == (3, "deployment-gateway: No space left on device\n")


def commands(group: Any, *words: str) -> Iterator[Any]:
    """Every command below a group, by the words that lead to it."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, *words, name)
        else:
            yield pytest.param(command, (*words, name), id=" ".join((*words, name)))


@pytest.mark.parametrize(("command", "words"), [*commands(get_command(app))])
def test_the_help_of_every_command_has_an_example_that_it_takes(
    command: Any, words: tuple[str, ...]
) -> None:
    program, *said = shlex.split(command.help.partition("Example: ")[2].partition(">")[0])
    assert (program, *said[: len(words)]) == ("deployment-gateway", *words)
    command.make_context(words[-1], said[len(words) :])


def test_a_database_that_does_not_answer_is_exit_code_3() -> None:
    ran = run("org", "list", DATABASE_URL="postgresql://gateway@127.0.0.1:1/gateway")
    assert ran.returncode == 3
    (line,) = ran.stderr.splitlines()
    assert line.startswith("deployment-gateway: the database does not answer: ")
    assert "127.0.0.1" in line


@pytest.mark.parametrize(
    "words",
    [("serve", "--port", "0"), ("org", "create", "initech"), ("export",)],
    ids=lambda words: words[0],
)
async def test_a_server_that_was_never_migrated_is_told_of_before_anything_is_done(
    postgres_url_factory: MakeDatabase, words: tuple[str, ...]
) -> None:
    url = await postgres_url_factory(is_empty=True)
    ran = await asyncio.to_thread(run, *words, DATABASE_URL=url)
    assert (ran.returncode, ran.stdout) == (3, "")
    assert ran.stderr.splitlines()[-1] == (
        "deployment-gateway: run `deployment-gateway migrate` first"
    )


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DATABASE", "x", "unknown setting: DEPLOYMENT_GATEWAY_DATABASE"),
        ("PORT", "many", "DEPLOYMENT_GATEWAY_PORT"),
        ("HOST", "", "DEPLOYMENT_GATEWAY_HOST"),
        ("PUBLIC_URL", "", "DEPLOYMENT_GATEWAY_PUBLIC_URL"),
        ("PUBLIC_URL", "deployments.example.org", "DEPLOYMENT_GATEWAY_PUBLIC_URL"),
        ("PUBLIC_URL", "https://deployments.example.org/?a=b", "DEPLOYMENT_GATEWAY_PUBLIC_URL"),
        ("ADMIN_TOKEN", "short", "DEPLOYMENT_GATEWAY_ADMIN_TOKEN"),
        ("ADMIN_TOKEN", "a-secret-of-a-file-with-a-line-end\n", "DEPLOYMENT_GATEWAY_ADMIN_TOKEN"),
        ("ADMIN_TOKEN", "ein-schlüssel-mit-umlauten", "DEPLOYMENT_GATEWAY_ADMIN_TOKEN"),
        ("DATABASE_URL", "mysql://x", "DEPLOYMENT_GATEWAY_DATABASE_URL"),
        ("DATABASE_URL", "sqlite:///:memory:", "DEPLOYMENT_GATEWAY_DATABASE_URL"),
        ("DATABASE_URL", "sqlite:///", "DEPLOYMENT_GATEWAY_DATABASE_URL"),
        ("DATABASE_URL", "postgresql://h:port/db", "DEPLOYMENT_GATEWAY_DATABASE_URL"),
        ("DATABASE_URL", "postgresql://u:p@h/db\n", "DEPLOYMENT_GATEWAY_DATABASE_URL"),
    ],
)
def test_a_setting_that_does_not_fit_stops_the_start_with_its_name(
    name: str, value: str, said: str
) -> None:
    ran = run("serve", **{name: value})
    assert ran.returncode == 2
    assert said in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert value not in ran.stderr or name != "ADMIN_TOKEN"


def test_secrets_are_masked(url: str) -> None:
    shown = run("config", "show", ADMIN_TOKEN="a-secret-of-twenty-letters", DATABASE_URL=url)
    assert shown.returncode == 0
    assert "a-secret-of-twenty-letters" not in shown.stdout
    assert "admin_token: ********" in shown.stdout
    for place in ("gateway:hidden-word@db/gateway", "db/gateway?user=g&password=hidden-word"):
        shown = run("config", "show", DATABASE_URL=f"postgresql://{place}")
        assert "db/gateway" in shown.stdout
        assert "hidden-word" not in shown.stdout
