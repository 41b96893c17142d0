"""A case: one fact about a dialect, and how it is found out."""

from __future__ import annotations

import traceback
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar

import httpx

from gateway.conformance.broken import Broken, Unasked
from gateway.conformance.report import Level, Verdict
from gateway.dialect import Dialect
from gateway.dialect.resources import BadFile

Subject = TypeVar("Subject")
_MOST_LINES = 20


class Refused(Exception):
    """A create that should have been taken."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__(f"a create was answered {answer.status_code}: {answer.text[:300]}")


class Unlisted(Exception):
    """A page that was not answered with 200 (``status`` says with what), or one too many."""

    def __init__(self, path: str, detail: str, status: int = 200) -> None:
        super().__init__(f"{path}: {detail}")
        self.path = path
        self.status = status


@dataclass(frozen=True, slots=True)
class Case(Generic[Subject]):
    """One fact.

    ``check`` yields a line for each place where it does not hold, the field's name in it. It may
    raise ``Broken`` instead, and ``Unasked`` with the reason where the fact is not to be had.
    """

    id: str
    title: str
    level: Level
    check: Callable[[Subject], AsyncIterator[str]]

    def __str__(self) -> str:
        return self.id


async def judged(case: Case[Subject], subject: Subject) -> Verdict:
    """What comes of a case."""
    said = (case.id, case.title, case.level)
    try:
        found = [line async for line in case.check(subject)]
    except Unasked as reason:
        return Verdict(*said, "skipped", str(reason))
    except Broken as broken:
        return Verdict(*said, "failed", str(broken))
    except httpx.HTTPError as error:
        return Verdict(*said, "failed", f"no answer: {type(error).__name__} {error}".rstrip())
    except (Refused, Unlisted, BadFile) as refused:
        return Verdict(*said, "failed", str(refused))
    except Exception as error:  # what a server answers may be anything
        return Verdict(*said, "failed", f"the answer cannot be read: {raised(error)}")
    return Verdict(*said, "failed" if found else "passed", told(found))


def raised(error: Exception) -> str:
    """An error, and the line that raised it."""
    *_, last = traceback.extract_tb(error.__traceback__)
    return f"{error!r} in {Path(last.filename).name}, line {last.lineno}"


def levelled(case: Case[Subject], dialect: Dialect) -> Case[Subject]:
    """The case at the level that it has for this dialect: some lists are the gateway's own."""
    if not case.id.startswith("list."):
        return case
    return replace(case, level=listed_level(case.level, dialect))


def listed_level(level: Level, dialect: Dialect) -> Level:
    """The level of a fact about lists: extended where the dialect's list is."""
    listing = dialect.client.listing
    return level if listing is None or level == "extended" else listing.level


def told(lines: Sequence[str]) -> str:
    """Lines as one text, not too many of them."""
    left = len(lines) - _MOST_LINES
    return "\n".join([*lines[:_MOST_LINES], *([f"and {left} more"] if left > 0 else [])])
