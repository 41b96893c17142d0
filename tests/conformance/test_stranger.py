"""A stranger's adapter: installed, found, held to the suite, with no line changed here."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.serving import run, serving

ROOT = Path(__file__).parents[2]
TOY = ROOT / "tests" / "toy"
GUIDE = (ROOT / "adapters" / "README.md").read_text()


def told(program: str, *, of: str = "") -> list[str]:
    """The words of the guide's line that begins so, without the program's name."""
    lines = [line.split() for line in re.findall(r"^\$ (.+)$", GUIDE, re.MULTILINE)]
    (found,) = [words for words in lines if words[0] == program and (not of or of in words)]
    return found[1:]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the toy is installed as the guide says; nothing is fetched for it."""
    folder = tmp_path_factory.mktemp("site")
    offline = ["--no-deps", "--no-build-isolation", "--quiet", "--target", str(folder)]
    words = [sys.executable, "-m", "pip", *told("pip", of="install"), *offline]
    made = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture
def installed(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes begun from here have it beside the gateway."""
    known = [os.environ["PYTHONPATH"]] if "PYTHONPATH" in os.environ else []
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(site), *known]))


@pytest.mark.usefixtures("installed")
def test_it_is_found_by_entry_point_and_speaks(tmp_path: Path) -> None:
    ran = run(*told("deployment-gateway", of="adapters"), "--json")
    (row,) = [row for row in json.loads(ran.stdout) if row["name"] == "cdevents"]
    assert row["paths"] == ["/cdevents"]
    with serving(f"sqlite:///{tmp_path}/gateway.db") as server:
        (tmp_path / "token.txt").write_text(server.token())
        said = {"http://127.0.0.1:8080": server.url, "token.txt": f"{tmp_path}/token.txt"}
        words = told("deployment-gateway", of="http://127.0.0.1:8080")
        checked = run(*[said.get(word, word) for word in words])
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.usefixtures("installed")
def test_its_three_lines_pass_and_report(tmp_path: Path) -> None:
    folder, option = told("pytest")
    plugins = ["-p", "no:cacheprovider", "-p", "gateway.pytest_plugin", "--rootdir", str(TOY)]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *plugins, str(ROOT / folder), option],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
    (found,) = json.loads((tmp_path / option.partition("=")[2]).read_text())
    assert (found["dialect"], found["profile"]) == ("cdevents", "documented")
    assert {case["result"] for case in found["cases"]} == {"passed"}
    ids = {case["id"] for case in found["cases"]}
    assert "matrix.column" in ids, "what every other dialect wrote it shows"
    assert "example.create__specification" in ids, "what it wrote every other dialect shows"
    assert {"write.read", "list.pages", "error.crash", "law.parse_is_safe"} <= ids


@pytest.mark.usefixtures("installed")
def test_it_is_held_to_the_same_by_name(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    words = [str(file) if w == file.name else w for w in told("deployment-gateway", of="--report")]
    ran = run(*words)
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stdout
    assert ran.stdout.startswith("cdevents 0.5.1, documented profile\n")
    (report,) = json.loads(file.read_text())
    cases = {case["id"]: case["result"] for case in report["cases"]}
    assert {*cases.values()} == {"passed"}
    wanted = {"write.read", "matrix.column", "example.create__restated", "law.render_is_total"}
    assert wanted <= cases.keys()


@pytest.mark.usefixtures("installed")
def test_its_profile_is_a_setting_and_one_that_it_does_not_have_stops_the_start() -> None:
    rows = json.loads(run("adapters", "list", "--json", CDEVENTS_PROFILE="observed").stdout)
    assert {row["name"]: row["profile"] for row in rows}["cdevents"] == "observed"
    shown = json.loads(run("config", "show", "-o", "json", CDEVENTS_PROFILE="documented").stdout)
    assert (shown["cdevents_profile"], "profiles" in shown) == ("documented", False)
    refused = {
        "observed": "the cdevents adapter has no observed profile",
        "seen": "Input should be 'documented' or 'observed'",
    }
    for profile, told in refused.items():
        ran = run("serve", "--port", "0", CDEVENTS_PROFILE=profile)
        variable = "DEPLOYMENT_GATEWAY_CDEVENTS_PROFILE"
        assert (ran.returncode, ran.stderr) == (2, f"deployment-gateway: {variable}: {told}\n")


def test_the_profile_of_an_adapter_that_is_not_installed_is_no_setting() -> None:
    ran = run("config", "show", NOBODYS_PROFILE="documented")
    told = "deployment-gateway: unknown setting: DEPLOYMENT_GATEWAY_NOBODYS_PROFILE\n"
    assert (ran.returncode, ran.stderr) == (2, told)


@pytest.mark.usefixtures("installed")
def test_an_adapter_for_another_version_of_the_api_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = tmp_path / "later"
    later.mkdir()
    (later / "later_cdevents.py").write_text(
        "from dataclasses import replace\n"
        "import toy_cdevents\n"
        "dialect = replace(toy_cdevents.dialect, name='later', paths=('/later',), api_version=2)\n"
    )
    named = later / "later_cdevents-1.dist-info"
    named.mkdir()
    (named / "METADATA").write_text("Metadata-Version: 2.1\nName: later-cdevents\nVersion: 1\n")
    entry = "[deployment_gateway.dialects]\nlater = later_cdevents:dialect\n"
    (named / "entry_points.txt").write_text(entry)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(later), os.environ["PYTHONPATH"]]))
    ran = run("serve", "--database-url", f"sqlite:///{tmp_path}/gateway.db", "--port", "0")
    assert ran.returncode == 2
    assert ran.stderr == (
        "deployment-gateway: the later adapter is for version 2 of the adapter API; "
        "this gateway has version 1\n"
    )


def test_the_guide_shows_the_toy_as_it_is() -> None:
    shown = re.findall(r"`(tests/toy/\S+)`:\n\n```\w+\n(.*?)```", GUIDE, re.DOTALL)
    assert len(shown) >= 2
    for path, text in shown:
        assert text.strip() in (ROOT / path).read_text(), path
