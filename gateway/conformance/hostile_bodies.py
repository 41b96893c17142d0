"""Bodies that no client should send; every one of them deserves an answer in words."""

from __future__ import annotations

RAW: dict[str, bytes] = {
    "empty": b"",
    "not JSON": b"{",
    "trailing comma": b'{"a":1,}',
    "not UTF-8": b"\xff\xfe",
    "NaN": b'{"environment": NaN}',
    "infinite by size": b'{"environment": 1e999}',
    "nested ten thousand deep": b"[" * 10_000 + b"]" * 10_000,
    "an object ten thousand deep": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "null": b"null",
    "a number": b"1",
    "an array": b"[]",
    "a string": b'"x"',
    "an empty object": b"{}",
    "a huge integer": b'{"environment": ' + b"9" * 6000 + b"}",
    "a NUL": b'{"environment": "\\u0000"}',
    "a lone surrogate": b'{"environment": "\\ud800"}',
    "too many keys": b"{" + b",".join(b'"k%d":1' % n for n in range(5000)) + b"}",
}
"""Name → raw body, to be sent with whatever media type the dialect reads."""
