"""Places in a decoded answer."""

from __future__ import annotations

import json
from typing import Any

from gateway.conformance.laws_rendering import dig

__all__ = ["dig", "plain"]


def plain(value: Any) -> Any:
    """A value as it comes back from JSON."""
    return json.loads(json.dumps(value))
