"""``check`` over a real socket: against the gateway, against a broken server, against nobody."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli import check
from gateway.cli.check import TOKEN_VARIABLE
from gateway.cli.program import app
from gateway.conformance import examination
from gateway.conformance.examination import examined, owner_of
from gateway.conformance.http import HTTP_CASES
from gateway.conformance.report import Report
from gateway.registry import installed
from tests.conformance.broken_server import Claimant, Record, listening
from tests.serving import Server, free_port, run, serving

DIALECTS = installed()
PROVIDERS = sorted(DIALECTS.keys() - {"canonical"})


@pytest.fixture(scope="module")
def observed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A gateway that speaks as the providers' services were seen to."""
    profiles = {f"{name.upper()}_PROFILE": "observed" for name in PROVIDERS}
    url = f"sqlite:///{tmp_path_factory.mktemp('observed')}/gateway.db"
    with serving(url, **profiles) as running:
        yield running


def looked_at(url: str, name: str, profile: str, token: str) -> Report:
    """A server examined as the command does it, the org said where the dialect asks for it."""
    dialect = DIALECTS[name]
    owner = owner_of(dialect, "acme", None)
    return asyncio.run(examined(url, dialect, profile, token=token, owner=owner))


def failures(report: Report) -> str:
    """What failed, as text."""
    return "\n".join(f"{verdict.id}: {verdict.message}" for verdict in report.failed)


@pytest.mark.parametrize("name", DIALECTS)
def test_the_gateway_is_what_it_claims(server: Server, name: str) -> None:
    report = looked_at(server.url, name, "documented", server.token("admin"))
    assert failures(report) == ""
    assert {verdict.result for verdict in report.cases} <= {"passed", "skipped"}
    assert sum(verdict.result == "passed" for verdict in report.cases) >= 10


@pytest.mark.parametrize("name", sorted(DIALECTS.keys() - {"iftrue"}))
def test_the_administrator_writes_to_the_org_that_is_said(server: Server, name: str) -> None:
    report = looked_at(server.url, name, "documented", server.admin_token)
    assert failures(report) == ""


def test_nothing_is_written_to_another_org_than_the_one_that_is_said(server: Server) -> None:
    def theirs() -> object:
        return server.admin("GET", "/records?org=umbrella").json()

    before = theirs()
    report = looked_at(server.url, "canonical", "documented", server.token(org="umbrella"))
    assert "a create was answered 40" in failures(report)
    assert theirs() == before


@pytest.mark.parametrize("name", PROVIDERS)
def test_it_is_so_in_the_observed_profile_too(observed: Server, name: str) -> None:
    report = looked_at(observed.url, name, "observed", observed.token("admin"))
    assert failures(report) == ""


def test_the_profiles_can_be_told_apart(server: Server) -> None:
    report = looked_at(server.url, "chainloop", "observed", server.token("admin"))
    assert "environmentName is missing" in failures(report) or "environment_name" in failures(
        report
    )


def test_the_command_prints_the_report_and_writes_it(server: Server, tmp_path: Path) -> None:
    token, file, path = server.token("admin"), tmp_path / "token", tmp_path / "report.json"
    file.write_text(f"{token}\n")
    words = ("check", server.url, "--dialect", "github", "--org", "acme", "-o", "json")
    ran = run(*words, "--token-file", str(file), "--report", str(path))
    assert (ran.returncode, ran.stderr) == (0, "")
    report = json.loads(ran.stdout)
    assert report == json.loads(path.read_text())
    assert (report["dialect"], report["profile"]) == ("github", "documented")
    assert {"id", "title", "level", "result", "message"} == set(report["cases"][0])
    assert {case["level"] for case in report["cases"]} == {"core", "extended"}
    assert token not in ran.stdout


def test_a_project_that_was_there_before_is_left_as_it_was(server: Server) -> None:
    def shop() -> list[object]:
        answer = server.admin("GET", "/now?org=acme").json()
        return [r for r in answer["records"] if r["environment"]["name"] == "production"]

    said = {"org": "acme", "project": "acme/shop", "environment": "production"}
    server.admin("POST", "/records", {**said, "artifact": {"digests": {"sha256": "a" * 64}}})
    before, token = shop(), server.token("admin")
    assert before
    for name in ("gitlab", "iftrue"):
        owner = owner_of(DIALECTS[name], None, "acme/shop")
        examining = examined(server.url, DIALECTS[name], "documented", token=token, owner=owner)
        assert failures(asyncio.run(examining)) == ""
    assert shop() == before


def swapped(record: Record) -> Record:
    """The record with a status of another record."""
    return {**record, "status": "failed" if record["status"] == "success" else "success"}


def refless(record: Record) -> Record:
    """The record without a field."""
    return {name: value for name, value in record.items() if name != "ref"}


@pytest.mark.parametrize(("spoil", "field"), [(swapped, "status"), (refless, "ref")])
def test_a_broken_server_fails_and_the_field_is_named(
    spoil: Callable[[Record], Record], field: str
) -> None:
    claimant = Claimant(spoil)
    with listening(claimant.application()) as url:
        report = looked_at(url, "gitlab", "documented", "the-secret-of-a-test")
    (read,) = (verdict for verdict in report.cases if verdict.id == "write.read")
    assert read.result == "failed"
    assert f"{field} is" in read.message
    assert {"error.path", "error.json", "list.pages"} <= {verdict.id for verdict in report.failed}
    assert claimant.seen, "what was made is taken away again"


@pytest.mark.parametrize("name", DIALECTS)
def test_a_token_that_is_refused_passes_nothing_but_refusals(server: Server, name: str) -> None:
    report = looked_at(server.url, name, "documented", "dgw_of-nobody")
    passed = {verdict.id for verdict in report.cases if verdict.result == "passed"}
    assert passed <= {verdict.id for verdict in report.cases if verdict.id.startswith("error.")}
    (away,) = [verdict for verdict in report.cases if verdict.id == "made.away"]
    assert (away.result, away.message) == ("skipped", "nothing was made here")
    assert {"write.read", "list.pages", "list.head"} <= {verdict.id for verdict in report.failed}


def test_a_token_that_a_server_echoes_is_masked() -> None:
    secret = "the-secret-of-a-test"
    with listening(Claimant(lambda record: {**record, "ref": secret}).application()) as url:
        report = looked_at(url, "gitlab", "documented", secret)
    assert "ref is '********'" in failures(report)
    assert secret not in json.dumps(report.as_json())


def test_no_more_is_asked_than_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examination, "MOST_REQUESTS", 5)
    with listening(Claimant().application()) as url:
        report = looked_at(url, "gitlab", "documented", "the-secret-of-a-test")
    assert "more than 5 requests" in failures(report)
    assert len(report.cases) == len(HTTP_CASES) + 1


def test_the_command_says_what_is_broken_and_never_the_token() -> None:
    with listening(Claimant(refless).application()) as url:
        words = ("check", url, "--dialect", "gitlab", "--project", "acme/shop")
        ran = run(*words, "--token", "the-secret-of-a-test")
    assert ran.returncode == 1
    assert "ref is missing" in ran.stdout
    assert "the-secret-of-a-test" not in ran.stdout + ran.stderr


SERVER = "http://127.0.0.1:1"
REFUSED = {
    "no owner": ((SERVER, "--dialect", "gitlab", "--token", "t"), "--org or --project"),
    "no token": ((SERVER, "--dialect", "gitlab"), TOKEN_VARIABLE),
    "no file": ((SERVER, "--dialect", "gitlab", "--token-file", "/no/file"), "/no/file"),
    "no dialect": ((SERVER, "--dialect", "acme", "--token", "t"), "no dialect acme"),
    "a dialect unsaid": ((SERVER, "--token", "t"), "say --dialect"),
    "no adapter": (("acme",), "no dialect acme"),
    "no profile of an adapter": (("gitlab", "--profile", "x"), "no profile x"),
    "no profile": (
        (SERVER, "--dialect", "gitlab", "--token", "t", "--profile", "x"),
        "no profile x",
    ),
    "no URL": (("gitlab.example", "--dialect", "gitlab", "--token", "t"), "http://"),
    "no port": (("http://h:port", "--dialect", "gitlab", "--token", "t"), "is no URL"),
    "a port beyond": (("http://h:65536", "--dialect", "gitlab", "--token", "t"), "is no URL"),
    "half an address": (("http://[::1", "--dialect", "gitlab", "--token", "t"), "is no URL"),
    "no text": ((SERVER, "--dialect", "gitlab", "--token-file", sys.executable), "holds no text"),
    "a path in the URL": (
        (f"{SERVER}/api/v4", "--dialect", "gitlab", "--token", "t"),
        "ends with host and port",
    ),
    "a secret in the URL": (
        ("https://u:p@gitlab.example", "--dialect", "gitlab", "--token", "t"),
        "without a credential",
    ),
}


def test_an_adapter_is_held_to_the_whole_suite_in_one_profile_or_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ran = run("check", "iftrue", "--profile", "observed", "-o", "json")
    assert (ran.returncode, ran.stderr) == (0, "")
    (report,) = json.loads(ran.stdout)
    assert (report["dialect"], report["profile"]) == ("iftrue", "observed")
    assert {case["level"] for case in report["cases"]} == {"core", "extended"}
    broken = replace(DIALECTS["iftrue"], parse=lambda *_: {}["sailing"])
    monkeypatch.setattr(check, "installed", lambda: {**DIALECTS, "iftrue": broken})
    failed = CliRunner().invoke(app, ["check", "iftrue"])
    assert failed.exit_code == 1
    assert "iftrue v1, documented profile\n" in failed.stdout
    assert "iftrue v1, observed profile\n" in failed.stdout
    assert "raises KeyError('sailing')" in failed.stdout


def test_nobody_listens_is_one_line_and_exit_code_3() -> None:
    words = ("--dialect", "iftrue", "--token", "t")
    ran = run("check", f"http://127.0.0.1:{free_port()}", *words)
    assert (ran.returncode, ran.stdout) == (3, "")
    assert ran.stderr.count("\n") == 1


@pytest.mark.parametrize("host", ["1.2.3.999", "a..b", "x" * 300])
def test_a_host_that_cannot_be_is_one_line_and_exit_code_3(host: str) -> None:
    words = ["check", f"http://{host}", "--dialect", "iftrue", "--token", "t"]
    ran = CliRunner().invoke(app, words)
    assert (ran.exit_code, ran.stdout) == (3, "")
    assert ran.stderr.count("\n") == 1


@pytest.mark.parametrize(("words", "told"), REFUSED.values(), ids=list(REFUSED))
def test_a_usage_that_makes_no_sense_is_one_line_and_exit_code_2(
    words: tuple[str, ...], told: str
) -> None:
    ran = CliRunner().invoke(app, ["check", *words], env={TOKEN_VARIABLE: ""})
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert told in ran.stderr
    assert ran.stderr.count("\n") == 1


def test_the_token_is_read_from_standard_input_or_a_variable() -> None:
    words = ["check", f"http://127.0.0.1:{free_port()}", "--dialect", "chainloop"]
    piped = CliRunner().invoke(app, [*words, "--token-file", "-"], input="t\n")
    said = CliRunner().invoke(app, words, env={TOKEN_VARIABLE: "t"})
    assert (piped.exit_code, said.exit_code) == (3, 3), "both got as far as asking"
