"""The demo org, and one line per dialect that shows a record crossing."""

from __future__ import annotations

from contextlib import suppress

from gateway.app import Gateway
from gateway.cli.administrator import ADMINISTRATOR, inside
from gateway.core.context import Permission
from gateway.core.errors import Conflict
from gateway.server import url_of
from gateway.settings import Settings

ORG = "acme"
COMMIT = "a91957a858320c0e17f3a0eca7cfacbff50ea29a"

LINES = (
    (
        "a GitLab client records a deployment",
        'curl -s "$GATEWAY/api/v4/projects/acme%2Fshop/deployments" -H "PRIVATE-TOKEN: $TOKEN" '
        f'-d "environment=production&sha={COMMIT}&ref=main&tag=false&status=success"',
    ),
    (
        "a GitHub client sees it",
        f'curl -s "$GATEWAY/orgs/acme/artifacts/gitCommit:{COMMIT}/metadata/deployment-records" '
        '-H "Authorization: Bearer $TOKEN"',
    ),
    (
        "a Chainloop client sees it",
        'curl -s "$GATEWAY/v1/deployments?environment_name=production" '
        '-H "Authorization: Bearer $TOKEN"',
    ),
    (
        "an iftrue client sees it",
        'curl -s "$GATEWAY/v1/organization/deployment?branch=main" '
        '-H "Authorization: Bearer $TOKEN"',
    ),
    (
        "and the gateway's own API, with all that is known",
        'curl -s "$GATEWAY/gateway/v1/now" -H "Authorization: Bearer $TOKEN"',
    ),
)


async def prepare(gateway: Gateway) -> str:
    """The secret of a new write token in the demo org, which is made when it is not there."""
    directory = gateway.services.directory
    with suppress(Conflict):  # a demo that was started before
        await directory.make_org(ADMINISTRATOR, ORG)
    ctx = await inside(gateway, ORG)
    issued = await directory.issue_token(
        ctx, name="demo", username="demo", permission=Permission.WRITE
    )
    return issued.secret.token


def greeting(settings: Settings, token: str) -> str:
    """What the demo prints: where it listens, its tokens, and lines to paste."""
    admin = settings.admin_token.get_secret_value() if settings.admin_token else "-"
    url = url_of(settings.host, settings.port)
    lines = [
        f"Deployment Gateway: {url}",
        f"admin token: {admin}",
        f"demo token:  {token}",
        f"documents:   {url}/docs",
        "",
        "Paste these into another terminal:",
        "",
        f"export GATEWAY={url} TOKEN={token}",
    ]
    for title, line in LINES:
        lines += ["", f"# {title}", line]
    return "\n".join(lines) + "\n"
