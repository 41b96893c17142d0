"""An org on a fresh database."""

from __future__ import annotations

import pytest

from gateway.store import SqlStore
from tests.store.house import House, opened_house


@pytest.fixture
async def house(store: SqlStore) -> House:
    """The org ``acme`` (alias ``acme-inc``), once on each database."""
    return await opened_house(store, "acme", "acme-inc")
