"""JSON numbers as exact decimals, and back."""

from __future__ import annotations

from decimal import Decimal


def decimal_of(said: float) -> Decimal:
    """A JSON number as the decimal it was written as: 0.1 is one tenth."""
    return Decimal(said) if isinstance(said, int) else Decimal(repr(said))


def number_of(held: Decimal | None) -> int | float | None:
    """A decimal as a JSON number, whole where it is."""
    if held is None:
        return None
    return int(held) if held == held.to_integral_value() else float(held)
