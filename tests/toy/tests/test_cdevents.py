"""All that the adapter has to write to be held to the whole suite."""

from __future__ import annotations

import pytest
import toy_cdevents

from gateway.conformance.suite import ConformanceSuite
from gateway.dialect import Dialect


class TestCDEvents(ConformanceSuite):
    @pytest.fixture
    def dialect(self) -> Dialect:
        return toy_cdevents.dialect
