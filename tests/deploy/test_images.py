"""The Dockerfile and the compose file, as far as they can be checked without an engine."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import yaml
from typer.main import get_command

from gateway.cli.program import app
from tests.deploy.manifests import settings_named
from tests.serving import serving

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ")
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def instructions(name: str) -> list[str]:
    return re.findall(rf"^{name} (.+)$", DOCKERFILE, re.MULTILINE)


def environment() -> dict[str, str]:
    """What the image sets."""
    (line,) = [line for line in instructions("ENV") if "DEPLOYMENT_GATEWAY" in line]
    return dict(pair.split("=", 1) for pair in shlex.split(line))


def test_what_is_copied_is_there_and_let_through() -> None:
    allowed = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    sources = [
        source
        for line in instructions("COPY")
        if not line.startswith("--from")
        for source in line.split()[:-1]
    ]
    assert sources
    for source in sources:
        assert (ROOT / source).exists(), source
        assert f"!{source}" in allowed


def test_all_that_the_package_is_built_from_is_copied() -> None:
    copied = {part for line in instructions("COPY") for part in line.split()}
    project = (ROOT / "pyproject.toml").read_text()
    packages = re.search(r"^packages = \[(.+)\]$", project, re.MULTILINE)
    assert packages is not None
    included = re.findall(r'^"(\w+)" = "gateway/', project, re.MULTILINE)
    assert {*re.findall(r'"(\w+)"', packages[1]), *included} <= copied
    assert {"pyproject.toml", "README.md"} <= copied


def test_it_runs_as_a_number_that_is_not_root_and_writes_to_one_folder() -> None:
    assert instructions("USER") == ["65532:65532"]
    assert DOCKERFILE.index("\nUSER ") < DOCKERFILE.index("\nENTRYPOINT ")
    assert instructions("VOLUME") == ["/data"]
    assert environment()["DEPLOYMENT_GATEWAY_DATABASE_URL"] == "sqlite:////data/gateway.db"
    assert settings_named(environment()) == []


def test_its_command_and_its_health_check_run(tmp_path: Path) -> None:
    (entry,), (command,) = instructions("ENTRYPOINT"), instructions("CMD")
    words = yaml.safe_load(entry) + yaml.safe_load(command)
    assert words == ["deployment-gateway", "serve"]
    (check,) = instructions("HEALTHCHECK")
    probe = yaml.safe_load(check[check.index("[") :])
    with serving(f"sqlite:///{tmp_path}/gateway.db", orgs=()) as server:
        port = server.url.rpartition(":")[2]
        for named, status in ((port, 0), ("1", 1)):
            env = os.environ | {"DEPLOYMENT_GATEWAY_PORT": named}
            ran = subprocess.run(probe, env=env, capture_output=True, check=False)
            assert ran.returncode == status


def test_composes_services_are_given_what_they_need() -> None:
    services = COMPOSE["services"]
    for name in ("migrate", "gateway"):
        service = services[name]
        assert settings_named(service["environment"]) == []
        assert (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).is_file()
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["command"][0] in get_command(app).commands
    assert services["migrate"]["depends_on"]["database"]["condition"] == "service_healthy"
    assert services["gateway"]["depends_on"]["migrate"]["condition"] == (
        "service_completed_successfully"
    )
    assert COMPOSE["volumes"].keys() == {"database"}


def test_no_secret_of_compose_has_a_default() -> None:
    text = (DEPLOY / "compose.yaml").read_text()
    names = re.findall(r"\$\{([A-Z_]+)(:[?-])?", text)
    assert {name for name, _ in names} == {"DATABASE_PASSWORD", "ADMIN_TOKEN", "ADDRESS"}
    assert {name for name, kind in names if kind != ":?"} == {"ADDRESS"}
