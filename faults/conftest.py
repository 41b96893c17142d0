"""The suite's own fixtures, for tests that take minutes."""

from __future__ import annotations

from tests.conftest import *  # noqa: F403 (fixtures)
from tests.faults.cluster import postgres  # noqa: F401 (a fixture)
