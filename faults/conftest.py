"""The suite's own fixtures, for tests that take minutes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import *  # noqa: F403 (fixtures)
from tests.faults.cluster import Cluster, emptied, postgres  # noqa: F401 (a fixture)


@pytest.fixture(params=["sqlite", "postgresql"])
async def url(request: pytest.FixtureRequest, postgres: Cluster, tmp_path: Path) -> str:  # noqa: F811 (asks for the fixture)
    """An empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/gateway.db"
    await emptied(postgres)
    return postgres.url
