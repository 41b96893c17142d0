"""Where each dialect's clients put their credential, as a table."""

from __future__ import annotations

from gateway.dialect.credentials import CredentialPlace, Kind
from tests.docs.markdown import code, table
from tests.docs.promise import dialects


def credential_table() -> str:
    """Every place of every dialect, with what is to be known of it."""
    rows = ((dialect.title, ", ".join(map(_place, dialect.credentials))) for dialect in dialects())
    return table(("dialect", "where"), rows)


def _place(place: CredentialPlace) -> str:
    words = {
        Kind.BEARER: "Authorization: Bearer",
        Kind.BASIC: "Authorization: Basic",
        Kind.HEADER: place.key,
        Kind.QUERY: f"?{place.key}=",
    }
    note = place.note[:1].lower() + place.note[1:]
    return f"{code(words[place.kind])} ({note})" if note else code(words[place.kind])
