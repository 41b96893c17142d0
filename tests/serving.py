"""The gateway as a process of its own on a real socket."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx

from gateway.workbench import ADMIN_TOKEN

START_SECONDS = 60


class Server:
    """A running gateway, if nothing else is said with the orgs ``acme`` and ``umbrella``."""

    def __init__(self, url: str, process: subprocess.Popen[bytes], log: IO[bytes]) -> None:
        self.url = url
        self.admin_token = ADMIN_TOKEN
        self.process = process
        self._log = log

    def log(self) -> str:
        """What the process has printed so far."""
        # Read in place: the process writes at the position of this very file.
        descriptor = self._log.fileno()
        return os.pread(descriptor, os.fstat(descriptor).st_size, 0).decode()

    def admin(self, method: str, path: str, body: object = None) -> httpx.Response:
        """Ask ``/gateway/v1`` as the instance administrator."""
        headers = {"authorization": f"Bearer {self.admin_token}"}
        return httpx.request(method, f"{self.url}/gateway/v1{path}", json=body, headers=headers)

    def token(
        self,
        permission: str = "write",
        projects: Sequence[str] | None = None,
        org: str = "acme",
        user: str = "ada",
    ) -> str:
        """A new credential's secret."""
        body = {"user": user, "permission": permission, "projects": projects}
        answer = self.admin("POST", f"/orgs/{org}/tokens", body)
        assert answer.status_code == 201, answer.text
        secret: str = answer.json()["token"]
        return secret


def command(*words: str) -> list[str]:
    """The installed command, with its arguments."""
    return [str(Path(sys.executable).parent / "deployment-gateway"), *words]


def environment(**said: str) -> dict[str, str]:
    """This process's environment without any setting of the gateway, with ``said`` added."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("DEPLOYMENT_GATEWAY_")}
    return clean | {f"DEPLOYMENT_GATEWAY_{name}": value for name, value in said.items()}


def run(*words: str, **said: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command to its end; ``said`` are settings."""
    return subprocess.run(
        command(*words), env=environment(**said), capture_output=True, text=True, check=False
    )


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(
    database_url: str, *words: str, orgs: Sequence[str] = ("acme", "umbrella"), **said: str
) -> Iterator[Server]:
    """A gateway that answers; it is ended by its own process id."""
    port = free_port()
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command("serve", "--port", str(port), "--database-url", database_url, *words),
            env=environment(**{"ADMIN_TOKEN": ADMIN_TOKEN, "DRAIN_SECONDS": "0", **said}),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        server = Server(f"http://127.0.0.1:{port}", process, log)
        try:
            _await_ready(server)
            for name in orgs:
                server.admin("POST", "/orgs", {"name": name})
            yield server
        finally:
            process.terminate()
            process.wait(timeout=START_SECONDS)


def _await_ready(server: Server) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise AssertionError(f"the gateway stopped: {server.log()}")
        try:
            if httpx.get(f"{server.url}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("the gateway did not become ready")
