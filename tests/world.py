"""The workbench by the name that the tests use."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from gateway.conformance.opened import BASE_URL
from gateway.workbench import ADMIN_TOKEN, World, Worlds, opened_world

__all__ = ["ADMIN_TOKEN", "BASE_URL", "MakeWorld", "World", "Worlds", "opened_world"]

MakeWorld = Callable[..., Awaitable[World]]
"""Makes a world; keywords are settings."""
