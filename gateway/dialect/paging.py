"""Page arithmetic; how pages are dressed is each dialect's own."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """Page ``number`` (from 1) of ``size`` items."""

    number: int
    size: int

    @property
    def offset(self) -> int:
        """How many items come before this page."""
        return (self.number - 1) * self.size


def page_count(total: int, size: int) -> int:
    """How many pages ``total`` items fill; none fill none."""
    return -(-total // size)
