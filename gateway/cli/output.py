"""What commands print: tables for people, JSON for programs, one line on stderr for a failure."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated, NoReturn

import typer
from typer.exceptions import TyperException

from gateway.core.errors import BadText, Conflict, GatewayError, Invalid, NotFound, Unavailable
from gateway.registry import BadDialect
from gateway.settings import BadSettings
from gateway.store import reason

NEGATIVE, USAGE, UNAVAILABLE = 1, 2, 3


class Format(StrEnum):
    """How a command prints what it found."""

    TEXT = "text"
    JSON = "json"


Output = Annotated[Format, typer.Option("--output", "-o", help="text or json")]


def show(rows: Sequence[Mapping[str, object]], output: Format) -> None:
    """Print rows of the same keys."""
    if output is Format.JSON:
        typer.echo(json.dumps(rows, indent=2))
        return
    if not rows:
        return
    table = [list(rows[0]), *([_cell(value) for value in row.values()] for row in rows)]
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    for line in table:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        typer.echo("  ".join(cells).rstrip())


def show_one(facts: Mapping[str, object], output: Format) -> None:
    """Print one thing, a fact a line."""
    if output is Format.JSON:
        typer.echo(json.dumps(facts, indent=2))
        return
    for name, value in facts.items():
        typer.echo(f"{name}: {_cell(value)}")


@contextmanager
def failing() -> Iterator[None]:
    """Turn a refusal into one line on stderr and its exit code."""
    try:
        yield
    except BadSettings as error:
        refuse(str(error), USAGE)
    except BadDialect as error:
        refuse(str(error), USAGE)
    except TyperException as error:
        said = " ".join(error.format_message().split())
        if not said:  # nothing was asked for, and the help has been shown
            raise SystemExit(USAGE) from None
        refuse(f"{said} (--help says more)", USAGE)
    except Unavailable as error:
        refuse(f"the database does not answer: {reason(error)}", UNAVAILABLE)
    except GatewayError as error:
        refuse(_worded(error), NEGATIVE)


def refuse(text: str, code: int) -> NoReturn:
    """One line on stderr, and out."""
    sys.stderr.write(f"deployment-gateway: {text}\n")
    raise SystemExit(code)


def _worded(error: GatewayError) -> str:
    match error:
        case Conflict(what, name):
            return f"the {what} {name} exists already"
        case NotFound(what, name):
            return f"there is no {what} {name or ''}".rstrip()
        case Invalid(field, reason, value, detail):
            return f"{field}: {detail or reason} ({value})"
        case BadText():
            return "a text of the command line cannot be stored"
        case _:
            return f"something went wrong here ({type(error).__name__})"


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value) or "-"
    return str(value)
