"""Where the clients of a dialect put their credential, as data: documents show it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a credential stands in its place."""

    BEARER = "bearer"
    BASIC = "basic"
    HEADER = "header"
    QUERY = "query"


@dataclass(frozen=True, slots=True)
class CredentialPlace:
    """One place of a credential: ``Authorization`` in one of two schemes, or what ``key`` names."""

    name: str
    kind: Kind
    key: str = "Authorization"
    note: str = ""


BEARER = CredentialPlace("bearer", Kind.BEARER)
