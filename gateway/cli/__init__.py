"""The command ``deployment-gateway``."""

from __future__ import annotations

import gc


def main() -> None:
    """Exit codes: 0 ok, 1 negative answer, 2 usage, 3 the database does not answer."""
    # What is imported stays: Python would look for garbage among it a few hundred times.
    gc.disable()
    from gateway.cli.program import run  # noqa: PLC0415 (the import is what takes the time)

    gc.freeze()
    gc.enable()
    run()
