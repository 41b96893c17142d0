"""What the suite needs of pytest: gateways to ask, and the option ``--conformance-report``.

pytest loads this module in every run on a machine where the gateway is installed, so it imports
next to nothing before a test asks for its fixture.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from gateway.workbench import Bench

_OPTION = "--conformance-report"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    group = parser.getgroup("deployment-gateway", "conformance of adapters")
    group.addoption(_OPTION, metavar="FILE", help="write what came of each case to a JSON file")


def pytest_configure(config: pytest.Config) -> None:
    """Gather verdicts where the tests' reports come together."""
    path = config.getoption(_OPTION)
    if path and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Gathering(Path(path)))


@pytest.fixture(scope="session")
def gateway_bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Where the suite opens its gateways."""
    from gateway.registry import BadDialect  # noqa: PLC0415 (the whole application)
    from gateway.workbench import Bench  # noqa: PLC0415

    with ExitStack() as stack:
        try:
            bench = stack.enter_context(Bench.opened(tmp_path_factory.mktemp("gateways")))
        except BadDialect as error:
            pytest.fail(str(error), pytrace=False)
        yield bench


class _Gathering:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._noted: list[Any] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            self._noted += [note for name, note in report.user_properties if name == "conformance"]

    def pytest_sessionfinish(self) -> None:
        from gateway.conformance.proving import reports  # noqa: PLC0415 (the adapters' contract)
        from gateway.conformance.report import text_of  # noqa: PLC0415

        self._path.write_text(text_of(reports(self._noted)))
