"""The kit's own reading of schemas, by the names that the tests use."""

from __future__ import annotations

from gateway.conformance.schemas import misfits, problems, validator

__all__ = ["misfits", "problems", "validator"]
