"""The suite over the built-in adapter, as a stranger's would run it."""

from __future__ import annotations

import pytest

import adapters.iftrue
from gateway.conformance.suite import ConformanceSuite
from gateway.dialect import Dialect


class TestIftrue(ConformanceSuite):
    @pytest.fixture
    def dialect(self) -> Dialect:
        return adapters.iftrue.dialect
