"""``check``: whether a server speaks the dialect that it claims, or an adapter is a sound one."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
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
    target: Annotated[
        str,
        typer.Argument(
            metavar="URL|ADAPTER", help="scheme, host and port of a server, or an installed adapter"
        ),
    ],
    dialect: Annotated[
        str | None, typer.Option(help="the dialect that the server claims", show_default=False)
    ] = None,
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
    profile: Annotated[
        str | None,
        typer.Option(help="documented or observed; else documented of a server, all of an adapter"),
    ] = None,
    report: Annotated[Path | None, typer.Option(help="write the report to this JSON file")] = None,
    output: Output = Format.TEXT,
) -> None:
    """Hold a server to a dialect over HTTP, or an adapter to the whole suite in this process.

    What it records on a server is called conformance-… and is taken away again where the dialect
    can; it changes nothing else. An adapter is asked by its name alone, as in check gitlab. Exit
    code 1 when a case failed, 3 when nothing answers.

    Example: deployment-gateway check http://127.0.0.1:8080 --dialect gitlab --org acme
    --token-file token.txt --report gitlab.json
    """
    found: Sequence[Report]
    with failing():
        if dialect is None:
            found = _prove(_adapter(target, profile), profile)
            text = json.dumps([one.as_json() for one in found], indent=2)
        else:
            chosen = profile or DOCUMENTED
            spoken = _known(dialect, chosen)
            secret = _secret(token, token_file)
            found = [_examine(_clean(target), spoken, chosen, secret, (org, project))]
            text = json.dumps(found[0].as_json(), indent=2)
    if report is not None:
        _write(report, text)
    lines = "\n\n".join(one.as_text() for one in found)
    typer.echo(text if output is Format.JSON else lines)
    if any(one.failed for one in found):
        raise typer.Exit(NEGATIVE)


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(f"{text}\n")
    except OSError as error:
        refuse(f"{file}: {error.strerror}", USAGE)


def _adapter(name: str, profile: str | None) -> Dialect:
    if "://" in name:
        refuse("say --dialect: which dialect the server claims", USAGE)
    return _known(name, profile or DOCUMENTED)


def _prove(dialect: Dialect, profile: str | None) -> Sequence[Report]:
    """An adapter in each of its profiles, or in one of them."""
    from gateway.conformance.proving import Proving  # noqa: PLC0415 (no other command needs it)
    from gateway.workbench import Bench  # noqa: PLC0415

    logging.disable()  # what goes wrong on the way is told by the cases
    try:
        with TemporaryDirectory() as folder, Bench.opened(Path(folder)) as bench:
            found = Proving(dialect, bench, []).everything()
    finally:
        logging.disable(logging.NOTSET)
    return [one for one in found if profile in {None, one.profile}]


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
