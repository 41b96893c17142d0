"""``make manifests``: the chart rendered by Helm's own engine, the compose file read by Compose's.

Building the two takes a minute or two, so this is no part of ``make test``. It needs Go.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from tests.deploy.manifests import problems

HERE = Path(__file__).parent
DEPLOY = HERE.parents[1] / "deploy"
CHART = DEPLOY / "helm" / "deployment-gateway"
SECRETS = ("ADMIN_TOKEN=" + "a" * 24, "DATABASE_PASSWORD=" + "b" * 24)

CASES: dict[str, dict[str, Any]] = {
    "as it is": {},
    "everything": {
        "networkPolicy": {"enabled": True},
        "secretKey": True,
        "workers": 2,
        "image": {"repository": "registry.example.org/gateway", "tag": "1"},
        "imagePullSecrets": [{"name": "pull"}],
        "settings": {"PUBLIC_URL": "https://deployments.example.org", "MAX_BODY_BYTES": 8388608},
        "nodeSelector": {"kubernetes.io/os": "linux"},
        "tolerations": [{"operator": "Exists"}],
        "affinity": {"nodeAffinity": {}},
    },
}
KINDS = {
    "as it is": {"Deployment", "Service", "PodDisruptionBudget", "Job"},
    "everything": {"Deployment", "Service", "PodDisruptionBudget", "Job", "NetworkPolicy"},
}
REFUSED: list[dict[str, Any]] = [
    {"existingSecret": ""},
    {"replicas": 0},
    {"settings": {"ADMIN_TOKEN": "said-in-the-open"}},
    {"settings": {"PORT": 9090}},
    {"replica": 3},
]


def said_by(engine: str, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """What one of the programs beside this file says."""
    return subprocess.run(
        ["go", "run", ".", *words],
        cwd=HERE / engine,
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )


def rendered(values: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    """What Helm makes of the chart with these values."""
    return said_by("chart", str(CHART), given=json.dumps(values))


def composed(*secrets: str) -> subprocess.CompletedProcess[str]:
    """What Compose makes of its file with these secrets."""
    return said_by("compose", str(DEPLOY / "compose.yaml"), *secrets)


def faults_of_compose() -> list[str]:
    """What is wrong with the compose file."""
    ran = composed(*SECRETS)
    if ran.returncode != 0:
        return [ran.stderr]
    services = yaml.safe_load(ran.stdout)["services"].keys()
    found = [] if services == {"database", "migrate", "gateway"} else [f"services: {services}"]
    return found + [f"starts with {one} alone" for one in SECRETS if composed(one).returncode == 0]


def faults_of_the_chart() -> list[str]:
    """What is wrong with the chart."""
    found = []
    for name, values in CASES.items():
        ran = rendered(values)
        if ran.returncode != 0:
            return [ran.stderr]
        objects = [one for one in yaml.safe_load_all(ran.stdout) if one]
        found += [f"{name}: {problem}" for problem in problems(objects)]
        if {one["kind"] for one in objects} != KINDS[name]:
            found.append(f"{name}: {[one['kind'] for one in objects]}")
    found += [f"takes {values}" for values in REFUSED if rendered(values).returncode == 0]
    return found


if __name__ == "__main__":
    said = faults_of_compose() + faults_of_the_chart()
    sys.stdout.write(
        "\n".join(said) or "the engines read both, and what comes out holds together\n"
    )
    sys.exit(bool(said))
