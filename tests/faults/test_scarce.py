"""A full disk: nothing half written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.serving import serving

DEPLOYMENTS = "/api/v4/projects/acme%2Fshop/deployments"
UNAVAILABLE = {"message": "503 Service Unavailable"}


def said(number: int, **more: object) -> dict[str, Any]:
    """A GitLab deployment of its own commit."""
    known = {"environment": "production", "sha": f"{number:040x}", "ref": "main"}
    return {**known, "tag": False, "status": "success", **more}


def test_a_full_disk_is_a_503_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    with serving(f"sqlite:///{tmp_path}/gateway.db", orgs=("acme",)) as server:
        with httpx.Client(base_url=server.url, headers={"PRIVATE-TOKEN": server.token()}) as client:
            assert client.post(DEPLOYMENTS, json=said(0)).status_code == 201
            process = psutil.Process(server.process.pid)
            full = max(path.stat().st_size for path in tmp_path.iterdir())
            process.rlimit(psutil.RLIMIT_FSIZE, (full, -1))
            wide = "x" * 60_000
            refused = [client.post(DEPLOYMENTS, json=said(n, note=wide)) for n in range(1, 6)]
            assert (refused[-1].status_code, refused[-1].json()) == (503, UNAVAILABLE)
            written = 1 + sum(answer.status_code == 201 for answer in refused)
            assert len(client.get(DEPLOYMENTS).json()) == written, "reading goes on"
            process.rlimit(psutil.RLIMIT_FSIZE, (-1, -1))
            assert client.post(DEPLOYMENTS, json=said(9)).status_code == 201
            shown = client.get(DEPLOYMENTS, params={"order_by": "iid"}).json()
            assert [record["iid"] for record in shown] == list(range(1, written + 2))
        assert server.admin("GET", "/now?org=acme").json()["records"][0]["source"] == {
            **{"commit": f"{9:040x}", "ref": "main", "is_tag": False}
        }
