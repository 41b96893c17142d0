"""``check``: whether a server, ours or not, speaks the dialect that it claims."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from gateway.cli.output import NEGATIVE, UNAVAILABLE, USAGE, Format, Output, failing, refuse
from gateway.dialect import DOCUMENTED, Dialect
from gateway.registry import installed

if TYPE_CHECKING:
    from gateway.conformance.report import Report

TOKEN_VARIABLE = "CONFORMANCE_TOKEN"  # noqa: S105 (the name of a variable)


def add_to(app: typer.Typer) -> None:
    """Put the command on the program."""
    app.command("check")(check)


def check(
    url: Annotated[str, typer.Argument(help="scheme, host and port of the server")],
    dialect: Annotated[str, typer.Option(help="the dialect that it claims")],
    token: Annotated[
        str | None,
        typer.Option(
            envvar=TOKEN_VARIABLE,
            help="a credential that may write; others can see it on a command line",
            show_default=False,
        ),
    ] = None,
    token_file: Annotated[
        str | None, typer.Option(help="a file that holds it; - is standard input")
    ] = None,
    org: Annotated[str | None, typer.Option(help="the org to write to")] = None,
    project: Annotated[
        str | None, typer.Option(help="an existing project, with its org; else a new one is named")
    ] = None,
    profile: Annotated[str, typer.Option(help="documented or observed")] = DOCUMENTED,
    report: Annotated[Path | None, typer.Option(help="write the report to this JSON file")] = None,
    output: Output = Format.TEXT,
) -> None:
    """Hold a server to a dialect over HTTP, and print what came of each case.

    What it records there is called conformance-… and is taken away again where the dialect can;
    it changes nothing else. Exit code 1 when a case failed, 3 when nothing answers.

    Example: deployment-gateway check http://127.0.0.1:8080 --dialect gitlab --org acme
    --token-file token.txt --report gitlab.json
    """
    with failing():
        spoken = _known(dialect, profile)
        secret = _secret(token, token_file)
        found = _examine(_clean(url), spoken, profile, secret, (org, project))
    if report is not None:
        _write(report, found)
    is_json = output is Format.JSON
    typer.echo(json.dumps(found.as_json(), indent=2) if is_json else found.as_text())
    if found.failed:
        raise typer.Exit(NEGATIVE)


def _write(file: Path, report: Report) -> None:
    try:
        file.write_text(json.dumps(report.as_json(), indent=2) + "\n")
    except OSError as error:
        refuse(f"{file}: {error.strerror}", USAGE)


def _known(name: str, profile: str) -> Dialect:
    found = installed().get(name)
    if found is None:
        refuse(f"there is no dialect {name}; there are {', '.join(installed())}", USAGE)
    if profile not in found.options:
        refuse(f"{name} has no profile {profile}; it has {', '.join(found.options)}", USAGE)
    return found


def _clean(url: str) -> str:
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        refuse(f"{url} is no URL", USAGE)
    if parts.scheme not in {"http", "https"} or not has_host or "@" in parts.netloc:
        refuse("the URL is http:// or https:// and a host, without a credential", USAGE)
    if parts.path.strip("/") or parts.query:
        refuse("the URL ends with host and port: the dialect says the paths itself", USAGE)
    return f"{parts.scheme}://{parts.netloc}"


def _secret(token: str | None, token_file: str | None) -> str:
    """The token from the file, else from the option or its variable."""
    said = token
    if token_file is not None:
        try:
            is_piped = token_file == "-"  # noqa: S105 (no password)
            said = sys.stdin.read() if is_piped else Path(token_file).read_text()
        except OSError as error:
            refuse(f"{token_file}: {error.strerror}", USAGE)
        except UnicodeDecodeError:
            refuse(f"{token_file} holds no text", USAGE)
    said = (said or "").strip()
    if not said:
        refuse(f"say --token-file, --token or {TOKEN_VARIABLE}", USAGE)
    if not (said.isascii() and said.isprintable()):
        refuse("the token is no text that a header can carry", USAGE)
    return said


def _examine(
    url: str, dialect: Dialect, profile: str, token: str, whose: tuple[str | None, str | None]
) -> Report:
    from gateway.conformance import examination  # noqa: PLC0415 (no other command needs the suite)

    try:
        owner = examination.owner_of(dialect, *whose)
        return asyncio.run(examination.examined(url, dialect, profile, token=token, owner=owner))
    except examination.NeedsOwner:
        refuse(f"{dialect.name} names whose records they are: say --org or --project", USAGE)
    except examination.Unreachable as error:
        refuse(f"nothing answers at {url} ({error})", UNAVAILABLE)
