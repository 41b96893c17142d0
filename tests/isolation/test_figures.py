"""``/metrics`` is open to everybody: each of its labels has a closed list of values."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib.metadata import version

from gateway.core.bulk import JobStatus
from gateway.core.errors import GatewayError
from gateway.core.fidelity import FACTS
from gateway.registry import installed
from tests.figures import Figures
from tests.isolation.tenants import Tenant, asked, bodies, endpoints, filled, placeholders, settled
from tests.world import World

OPERATIONS = {"/metrics", "/healthz", "/readyz", "/docs", "/openapi/{name}.json"}
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"}
STRANGE_METHODS = ("BREW", "TRACE", "PROPFIND", "acme")


def kinds(error: type[GatewayError] = GatewayError) -> Iterator[str]:
    """What a refusal may be counted as."""
    yield error.__name__
    for narrower in error.__subclasses__():
        yield from kinds(narrower)


def allowed() -> dict[str, set[str]]:
    """All that a label may say, whatever is asked; a new label has to be added."""
    dialects = installed()
    templates = {
        base + endpoint.path
        for dialect in dialects.values()
        for base in dialect.bases
        for endpoint in dialect.routes()
    }
    stand_ins = {place for dialect in dialects.values() for place in dialect.ledger.stand_ins}
    return {
        "dialect": {*dialects, "operations", "none"},
        "method": METHODS,
        "route": templates | OPERATIONS | {"unmatched"},
        "status": {*map(str, range(100, 600)), *JobStatus, "none"},
        "reason": {*kinds()},
        "field": {*FACTS, *(fact.rpartition(".")[2] for fact in FACTS), *stand_ins},
        "pool": {"readers", "writers"},
        "version": {version("deployment-gateway")},
        "python": {platform.python_version()},
        "database": {"sqlite", "postgresql"},
    }


async def asked_everything(world: World, token: str, tenant: Tenant) -> None:
    """Every route once about a tenant, and what no route knows."""
    for dialect, endpoint in endpoints():
        names = [tenant.names[kind] for kind in placeholders(dialect, endpoint)]
        path = filled(dialect, endpoint, names)
        await asked(world, token, endpoint.method, path, bodies(dialect, endpoint))
    strange = [f"{base}/{token}/acme" for d in installed().values() for base in d.bases]
    for path in (*strange, f"/{token}", "/docs", f"/openapi/{token}.json", "/healthz", "/%FF"):
        for method in ("GET", *STRANGE_METHODS):
            await asked(world, token, method, path)


async def test_every_label_has_a_closed_list_of_values(any_world: World) -> None:
    world = any_world  # a gateway of its own: one that was lent has figures of other tests
    for org, marks in (("acme", "ours"), ("umbrella", "theirs")):
        tenant = await settled(world, org, "shop", user="ada", marks=marks)
        token = await world.token("admin", org=org, user=f"{marks}-admin")
        await asked_everything(world, token, tenant)
        await asked_everything(world, "dgw_nobodys", tenant)
    figures = Figures(await world.client.get("/metrics"))
    said = figures.words()
    assert said.pop("le")
    known = allowed()
    assert said.keys() == known.keys()
    others = {label: values - known[label] for label, values in said.items()}
    assert not any(others.values()), others
    for dialect in installed():
        assert figures.of("requests_total", dialect=dialect, route="unmatched") > 0
