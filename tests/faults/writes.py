"""Writes of every dialect, those that were acknowledged and those that were refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx

from gateway.conformance.strategies import golden_bodies
from gateway.dialect import Dialect
from gateway.dialect.http import REQUEST_HEADER
from gateway.registry import installed
from tests.serving import Server

UNAVAILABLE: dict[str, dict[str, Any]] = {
    "canonical": {
        **{"type": "about:blank", "title": "Service Unavailable", "status": 503},
        **{"detail": "the database does not answer; try again", "instance": "/gateway/v1/records"},
    },
    "chainloop": {"code": 14, "details": []},
    "github": {"message": "Service Unavailable"},
    "gitlab": {"message": "503 Service Unavailable"},
    "iftrue": {"message": "Service Unavailable", "statusCode": 503},
}
"""What each dialect's words hold for what the database cannot do now."""

_MOST = 400
"""So many writes fit in what a full disk has left in pages that are its own already."""


def check_words(dialect: str, answer: httpx.Response) -> None:
    """A refusal in the dialect's own words, of which none is a database's or a driver's."""
    assert answer.status_code == 503, answer.text
    assert UNAVAILABLE[dialect].items() <= answer.json().items(), answer.text
    assert "retry-after" in answer.headers, dialect
    said = answer.text.replace("the database does not answer", "")
    assert not re.search(r"sql|asyncpg|postgres|connect|disk|Traceback", said, re.IGNORECASE)


class Writes:
    """One client per dialect, all of them in one org."""

    def __init__(self, server: Server) -> None:
        headers = {"authorization": f"Bearer {server.token('admin')}"}
        self._server = server
        self._client = httpx.Client(base_url=server.url, headers=headers, timeout=60)
        self._before = set(self._told())
        self._acknowledged: set[str] = set()

    def __enter__(self) -> Writes:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def until_refused(self) -> None:
        """Each dialect writes until it is refused, which is in its own words."""
        for name, dialect in installed().items():
            answer = next((a for a in self._attempts(dialect) if not a.is_success), None)
            assert answer is not None, f"{name} is never refused"
            check_words(name, answer)

    def once(self) -> None:
        """Each dialect writes once, and is not refused."""
        for dialect in installed().values():
            answer = next(self._attempts(dialect))
            assert answer.is_success, answer.text

    def check(self) -> None:
        """What was acknowledged is there, and nothing of what was refused.

        Each write has lines in the audit for what it did: the records' own, and those of what was
        made in passing.
        """
        assert set(self._told()) - self._before == self._acknowledged
        numbers: dict[str, list[int]] = {}
        for record in self._server.admin("GET", "/records?org=acme&limit=500").json()["records"]:
            numbers.setdefault(record["project"]["path"], []).append(record["project_number"])
        for found in numbers.values():
            assert sorted(found) == [*range(1, len(found) + 1)]

    def _attempts(self, dialect: Dialect) -> Iterator[httpx.Response]:
        path, body = dialect.capabilities.creates("acme", "acme/shop"), golden_bodies(dialect)[0]
        for _ in range(_MOST):
            answer = self._client.post(path, json=body)
            if answer.is_success:
                self._acknowledged.add(answer.headers[REQUEST_HEADER])
            yield answer

    def _told(self) -> Iterator[str]:
        """The requests that the audit has lines of."""
        cursor = ""
        while True:
            page = self._server.admin("GET", f"/audit?org=acme&limit=500{cursor}").json()
            yield from (act["request_id"] for act in page["acts"])
            if page["next_cursor"] is None:
                return
            cursor = f"&cursor={page['next_cursor']}"
