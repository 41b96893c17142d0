"""GitHub's Go clients, in a small Go module, against a gateway on a real socket.

``google/go-github`` as it is released; and the life of ``github/deployment-tracker``, told by a
client written from its documented behaviour (see ``go/github/tracker``), and by the controller's
own package where ``DEPLOYMENT_GATEWAY_TEST_TRACKER`` names a checkout of its repository.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import httpx
import pytest

from gateway.app import application, build
from gateway.conformance.agreement import disagreements
from gateway.settings import load
from tests.clients.toolchains import named, needs, run
from tests.serving import ADMIN_TOKEN, Server, serving
from tests.world import BASE_URL, World

MODULE = Path(__file__).parent / "go" / "github"
PODS, ROLLED, REMOVED = 300, 40, range(20, 50)


def go_test(server: Server, tests: str, *flags: str, **environment: str) -> None:
    """Run the Go tests of this name against a server."""
    words = ["go", "test", "-count=1", *flags, "-run", tests, "."]
    run(words, MODULE, seconds=600, GATEWAY=server.url, TOKEN=server.token(), **environment)


@pytest.mark.parametrize("name", ["Records", "Storage", "Refusals"])
def test_go_github(server: Server, name: str) -> None:
    needs("go")
    go_test(server, f"^Test{name}OfGoGitHub$")


def test_go_github_knows_the_limit(tmp_path: Path) -> None:
    needs("go")
    with serving(f"sqlite:///{tmp_path}/gateway.db", RATE_LIMIT="12") as server:
        go_test(server, "^TestLimitsOfGoGitHub$")


def controllers_session(server: Server, folder: Path, **environment: str) -> None:
    """The session with the controller's own package: its module and ours share a workspace."""
    checkout = named("DEPLOYMENT_GATEWAY_TEST_TRACKER", "checkout of github/deployment-tracker")
    run(["go", "work", "init", str(MODULE), str(checkout)], folder, GOWORK="")
    workspace = str(folder / "go.work")
    tests = "^TestSessionOfTheController$"
    go_test(server, tests, "-tags=deployment_tracker", GOWORK=workspace, **environment)


SESSIONS = {
    "stand-in": ("100", lambda server, _folder: go_test(server, "^TestSession$")),
    "controller": ("60", controllers_session),
    "hurried-controller": ("100", partial(controllers_session, HURRIED="yes")),
}
"""Requests a minute, and who tells the session. At the controller's own pace it meets the limit of
a minute and waits for its end; hurried, and as the stand-in, it meets that of a second."""


@pytest.fixture(params=SESSIONS)
async def after_the_session(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """What the tracker's session has left, in a gateway of this process."""
    needs("go")
    limit, session = SESSIONS[request.param]
    url = f"sqlite:///{tmp_path}/gateway.db"
    with serving(url, RATE_LIMIT=limit) as server:
        session(server, tmp_path)
    gateway = build(load({}, database_url=url, admin_token=ADMIN_TOKEN))
    transport = httpx.ASGITransport(app=application(gateway))
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
        yield World(gateway, client)
    await gateway.store.close()


async def test_a_trackers_session_ends_in_the_right_state_in_all_dialects(
    after_the_session: World,
) -> None:
    world = after_the_session
    held = await world.held()
    current = {record.slot.name: record for record in held if record.is_current}
    assert (len(held), len(current)) == (PODS + ROLLED, PODS)
    for n in range(PODS):
        record = current[f"default/app-{n:03}/web"]
        is_rolled = n < ROLLED
        assert record.artifact.digests == {"sha256": f"{1000 + n if is_rolled else n:064x}"}
        assert record.presence == ("decommissioned" if n in REMOVED else "live")
        assert (record.environment.name, record.project.path) == (
            "production/us-east-1/cluster-1",
            f"acme/app-{n % 20:02}",
        )
        assert bool(record.runtime.tags) == is_rolled
    superseded = [record for record in held if not record.is_current]
    assert {record.presence for record in superseded} == {"superseded"}
    reader = await world.token("read", user="reader")
    found = []
    for record in [*superseded[::8], *[current[name] for name in sorted(current)][::6]]:
        for dialect, options in world.gateway.services.dialects.values():
            found += await disagreements(world, dialect, options, record, reader)
    assert found == []
