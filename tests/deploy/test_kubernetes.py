"""The manifests and the chart, as far as they can be checked without a cluster."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from gateway.settings import PREFIX, VARIABLES
from tests.deploy.manifests import problems, settings_named

ROOT = Path(__file__).parents[2]
MANIFESTS = ROOT / "deploy" / "kubernetes"
CHART = ROOT / "deploy" / "helm" / "deployment-gateway"
VERSION = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)


def loaded(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text())
    return found


@pytest.fixture
def objects() -> list[dict[str, Any]]:
    """What is applied: the kustomization's resources and the Job."""
    names = loaded(MANIFESTS / "kustomization.yaml")["resources"]
    return [loaded(MANIFESTS / name) for name in (*names, "migrate.yaml")]


def test_the_manifests_hold_together(objects: list[dict[str, Any]]) -> None:
    assert problems(objects) == []
    kinds = {one["kind"] for one in objects}
    assert kinds == {"Deployment", "Service", "PodDisruptionBudget", "NetworkPolicy", "Job"}


def test_every_manifest_is_applied() -> None:
    names = {path.name for path in MANIFESTS.glob("*.yaml")} - {"kustomization.yaml"}
    assert names == {*loaded(MANIFESTS / "kustomization.yaml")["resources"], "migrate.yaml"}


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (("spec", "template", "spec", "securityContext"), {}, "may run as root"),
        (("spec", "template", "spec", "containers", 0, "args"), ["server"], "runs server"),
        (("spec", "template", "spec", "volumes"), [], "mounts a volume"),
        (("spec", "template", "spec", "enableServiceLinks"), True, "gets a Service's address"),
        (("spec", "template", "spec", "containers", 0, "ports", 0, "name"), "web", "no good"),
        (("spec", "template", "metadata", "labels"), {}, "selects"),
        (
            ("spec", "template", "spec", "containers", 0, "env"),
            [{"name": "DEPLOYMENT_GATEWAY_ADMIN_TOKENS", "value": "x"}],
            "says DEPLOYMENT_GATEWAY_ADMIN_TOKENS",
        ),
        (
            ("spec", "template", "spec", "containers", 0, "env"),
            [{"name": "DEPLOYMENT_GATEWAY_MAX_BODY_BYTES", "value": "8.388608e+06"}],
            "does not start: DEPLOYMENT_GATEWAY_MAX_BODY_BYTES",
        ),
    ],
)
def test_what_is_wrong_with_a_manifest_is_found(
    objects: list[dict[str, Any]], place: tuple[Any, ...], value: object, said: str
) -> None:
    broken = copy.deepcopy(objects)
    at: Any = next(one for one in broken if one["kind"] == "Deployment")
    for step in place[:-1]:
        at = at[step]
    at[place[-1]] = value
    assert [problem for problem in problems(broken) if said in problem]


def test_the_charts_values_fit_its_schema_and_the_schema_knows_them_all() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    values = loaded(CHART / "values.yaml")
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.validate(values, schema)
    assert values.keys() == schema["properties"].keys() - {"global"}
    others = {"DATABASE_URL", "ADMIN_TOKEN", "SECRET_KEY", "DRAIN_SECONDS", "HOST", "PORT"}
    taken = {name.removeprefix(PREFIX) for name in VARIABLES} - others
    known, of_adapters = schema["properties"]["settings"]["propertyNames"]["anyOf"]
    assert {*known["enum"]} == taken
    assert re.match(of_adapters["pattern"], "CDEVENTS_PROFILE")
    for bad in ({"existingSecret": ""}, {"replicas": 0}, {"settings": {"ADMIN_TOKEN": "x"}}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**values, **bad}, schema)


def test_the_charts_templates_name_what_there_is() -> None:
    text = "".join(path.read_text() for path in (CHART / "templates").iterdir())
    values = loaded(CHART / "values.yaml")
    for path in re.findall(r"\.Values\.([\w.]+)", text):
        at: Any = values
        for step in path.split("."):
            assert step in at, path
            at = at[step]
    used = set(re.findall(r"\.Values\.(\w+)", text))
    assert used == values.keys()
    assert settings_named(re.findall(r"DEPLOYMENT_GATEWAY_[A-Z_]+[A-Z]", text)) == []
    defined = set(re.findall(r'define "([\w.]+)"', text))
    assert set(re.findall(r'include "([\w.]+)"', text)) == defined


def test_no_pod_of_the_chart_gets_a_services_address_as_settings() -> None:
    for name in ("deployment.yaml", "migrate.yaml"):
        assert "enableServiceLinks: false" in (CHART / "templates" / name).read_text()


def test_the_chart_migrates_before_an_install_and_an_upgrade() -> None:
    text = (CHART / "templates" / "migrate.yaml").read_text()
    assert "helm.sh/hook: pre-install,pre-upgrade" in text
    assert "args: [migrate]" in text
    assert "hook-failed" not in text, "what has failed stays, to be looked at"


def test_one_version_everywhere() -> None:
    assert VERSION is not None
    chart = loaded(CHART / "Chart.yaml")
    (image,) = loaded(MANIFESTS / "kustomization.yaml")["images"]
    job = (MANIFESTS / "migrate.yaml").read_text()
    assert {chart["version"], chart["appVersion"], image["newTag"]} == {VERSION[1]}
    assert f"image: deployment-gateway:{VERSION[1]}" in job
