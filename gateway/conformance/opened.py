"""What the suite needs of a gateway in its own process, whoever opens it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import httpx

from gateway.core.model import Record
from gateway.dialect import Dialect, Services

BASE_URL = "http://gateway.test"
"""Where clients ask a gateway in this process; no host on any network has this name."""


class Opened(Protocol):
    """A gateway with the orgs ``acme`` and ``umbrella`` and nothing else in it."""

    client: httpx.AsyncClient

    @property
    def services(self) -> Services:
        """What its endpoints call."""

    async def token(
        self, permission: str = "write", projects: Sequence[str] | None = None, org: str = "acme"
    ) -> str:
        """A credential of an org, or of some of its projects alone."""

    async def held(self) -> Sequence[Record]:
        """Every record of the org ``acme`` as the core holds it, the oldest first."""


Answer = TypeVar("Answer")


class Bench(Protocol):
    """Where gateways are opened, one event loop for all of them."""

    def run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """Do this to its end."""

    def lent(
        self, dialect: Dialect, profile: str, *, is_working: bool = True, **settings: object
    ) -> AbstractAsyncContextManager[Opened]:
        """A fresh gateway that speaks the dialect in this profile beside the installed ones.

        Its jobs are worked off meanwhile, unless told otherwise.
        """


Lend = Callable[..., AbstractAsyncContextManager[Opened]]
"""Opens a fresh gateway; keywords are settings."""


@dataclass(frozen=True)
class Inside:
    """A dialect in a profile, and gateways that speak it."""

    dialect: Dialect
    profile: str
    lend: Lend

    @property
    def options(self) -> Any:
        """The dialect's options in this profile."""
        return self.dialect.options[self.profile]
