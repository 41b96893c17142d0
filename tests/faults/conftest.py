"""The server that these tests kill."""

from __future__ import annotations

from tests.faults.cluster import postgres  # noqa: F401 (a fixture)
