"""Credentials in bodies: events keep what was sent, but nobody's secret."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from gateway.access import PREFIX

CONCEALED = b"********"
"""What stands in a kept body where a credential stood."""

_WORD = re.compile(rb"[\w.-]{40,}+")
_JWT = re.compile(rb"eyJ[\w-]+\.[\w-]+\.[\w-]+")
_BEGINNINGS = (PREFIX.encode(), b"eyJ")


def concealed(raw: bytes, secrets: Iterable[str], beside: Collection[str]) -> bytes:
    """A body without these secrets, and without the gateway's own in either form.

    A secret that is not there as it is was spelled in another way, or stood ``beside`` the body. In
    the first case nothing of the body is kept.
    """
    for secret in secrets:
        if secret.encode() in raw:
            raw = raw.replace(secret.encode(), CONCEALED)
        elif secret not in beside:
            return b""
    if any(beginning in raw for beginning in _BEGINNINGS):
        return _WORD.sub(_unless_secret, raw)
    return raw


def _unless_secret(found: re.Match[bytes]) -> bytes:
    word = found[0]
    is_own = _BEGINNINGS[0] in word or _JWT.search(word) is not None
    return CONCEALED if is_own else word
