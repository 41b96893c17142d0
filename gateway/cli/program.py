"""All commands, put together."""

from __future__ import annotations

import typer

from gateway.cli import auditing, check, exporting, members, operate, serving
from gateway.cli.output import UNAVAILABLE, failing, refuse

app = typer.Typer(
    name="deployment-gateway",
    help="One record of every deployment, in the dialects of Chainloop, GitHub, GitLab and iftrue.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
serving.add_to(app)
operate.add_to(app)
exporting.add_to(app)
auditing.add_to(app)
members.add_to(app)
check.add_to(app)


def run() -> None:
    """Do what the command line says, and end with its exit code."""
    with failing():
        try:
            raise SystemExit(app(standalone_mode=False))
        except OSError as error:  # what is printed finds no room
            refuse(error.strerror or str(error), UNAVAILABLE)
