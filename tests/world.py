"""The workbench by the name that the tests use."""

from __future__ import annotations

from gateway.workbench import ADMIN_TOKEN, BASE_URL, MakeWorld, World, Worlds, opened_world

__all__ = ["ADMIN_TOKEN", "BASE_URL", "MakeWorld", "World", "Worlds", "opened_world"]
