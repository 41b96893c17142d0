"""How a law says that it does not hold."""

from __future__ import annotations


class Broken(AssertionError):
    """A law that a dialect breaks, at which field, and how."""

    def __init__(self, law: str, dialect: str, field: str, detail: str) -> None:
        super().__init__(f"{dialect} breaks {law!r} at {field or 'its whole'}: {detail}")
        self.law = law
        self.dialect = dialect
        self.field = field
        self.detail = detail


class Unasked(Exception):
    """The law says nothing of what it was given: a body that is refused has written nothing."""
