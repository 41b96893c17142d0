"""The suite over the built-in adapter, as a stranger's would run it."""

from __future__ import annotations

import pytest

import adapters.canonical
from gateway.conformance.suite import ConformanceSuite
from gateway.dialect import Dialect


class TestCanonical(ConformanceSuite):
    @pytest.fixture
    def dialect(self) -> Dialect:
        return adapters.canonical.dialect
