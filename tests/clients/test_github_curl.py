"""The curl lines of GitHub's documentation, with host, organization and token replaced.

From https://docs.github.com/rest/orgs/artifact-metadata, checked 2026-11-20.
"""

from __future__ import annotations

import json
import shlex
import subprocess
from typing import Any

import pytest

from tests.serving import Server

DIGEST = "sha256:1bb1e949e55dcefc6353e7b36c8897d2a107d8e8dca49d4e3c0ea8493fc0bc72"

CREATE = r"""
curl -L \
  -X POST \
  -H "Accept: application/vnd.github+json" \
  -H "Authorization: Bearer <YOUR-TOKEN>" \
  -H "X-GitHub-Api-Version: 2026-03-10" \
  https://api.github.com/orgs/ORG/artifacts/metadata/deployment-record \
  -d '{"name":"awesome-image","digest":"sha256:1bb1e949e55dcefc6353e7b36c8897d2a107d8e8dca49d4e3c0ea8493fc0bc72","status":"deployed","logical_environment":"prod","physical_environment":"pacific-east","cluster":"moda-1","deployment_name":"deployment-pod","tags":{"data-access":"sensitive"}}'
"""  # noqa: E501 (as printed)

LIST = r"""
curl -L \
  -H "Accept: application/vnd.github+json" \
  -H "Authorization: Bearer <YOUR-TOKEN>" \
  -H "X-GitHub-Api-Version: 2026-03-10" \
  https://api.github.com/orgs/ORG/artifacts/SUBJECT_DIGEST/metadata/deployment-records
"""


def run(printed: str, server: Server, *, base: str = "", version: str = "2026-03-10") -> Any:
    """Run a printed line with a shell's own splitting; the answer's body."""
    line = printed.replace("https://api.github.com", f"{server.url}{base}")
    line = line.replace("/ORG/", "/acme/").replace("SUBJECT_DIGEST", DIGEST)
    line = line.replace("<YOUR-TOKEN>", server.token()).replace("2026-03-10", version)
    words = shlex.split(line.replace("\\\n", " "))
    done = subprocess.run(
        [*words, "--silent", "--show-error", "--fail-with-body"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return json.loads(done.stdout)


@pytest.mark.parametrize("version", ["2022-11-28", "2026-03-10"])
@pytest.mark.parametrize("base", ["", "/api/v3"])
def test_the_documentations_own_lines_run(server: Server, base: str, version: str) -> None:
    made = run(CREATE, server, base=base, version=version)
    (record,) = made["deployment_records"]
    assert made["total_count"] == 1
    assert record == {
        "id": record["id"],
        "digest": DIGEST,
        "logical_environment": "prod",
        "physical_environment": "pacific-east",
        "cluster": "moda-1",
        "deployment_name": "deployment-pod",
        "tags": {"data-access": "sensitive"},
        "runtime_risks": [],
        "created": record["created_at"],
        "created_at": record["created_at"],
        "updated_at": record["updated_at"],
        "attestation_id": None,
    }
    assert run(LIST, server, base=base, version=version) == made


def test_a_base_url_that_ends_in_a_slash_works(server: Server) -> None:
    made = run(CREATE, server, base="/")
    assert run(LIST, server, base="/api/v3/") == made
