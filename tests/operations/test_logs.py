"""What a real process writes to stderr, in both formats."""

from __future__ import annotations

import base64
import json
import logging
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from gateway.core.trace import OPERATIONS, Trace
from gateway.dialect import Dialect
from gateway.dialect.credentials import CredentialPlace, Kind
from gateway.logs import FORMATTERS, log_request
from gateway.registry import installed
from tests.serving import Server, serving

PLACES = [(dialect, place) for dialect in installed().values() for place in dialect.credentials]
PATIENCE_SECONDS = 20
SAID = "said-in-a-body"
ASKED = "asked-in-a-query"
LINE = re.compile(
    r"[\d-]+ [\d:,]+ INFO gateway\.request (?P<method>\S+) (?P<route>\S+) (?P<status>\d+) "
    r"(?P<duration_ms>[\d.]+)ms dialect=(?P<dialect>\S+) org=(?P<org>\S+) "
    r"request_id=(?P<request_id>[0-9a-f]{32})"
)


@dataclass
class Logged:
    """A gateway, its secrets, and the database file that it has open."""

    server: Server
    secrets: tuple[str, ...]
    file: Path
    is_json: bool

    def lines(self) -> list[dict[str, str]]:
        """What is logged of requests, by the names of the facts."""
        lines = [line for line in self.server.log().splitlines() if "gateway.request" in line]
        if self.is_json:
            return [{k: str(v) for k, v in json.loads(line).items()} for line in lines]
        return [match.groupdict() for line in lines if (match := LINE.fullmatch(line))]

    def lines_from(self, start: int) -> list[dict[str, str]]:
        """Those of the last request, whose line comes after its answer."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(self.lines()) <= start and time.monotonic() < deadline:
            time.sleep(0.02)
        return self.lines()[start:]


@pytest.fixture(scope="module", params=["text", "json"])
def logged(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Logged]:
    file = tmp_path_factory.mktemp("logged") / "gateway.db"
    with serving(f"sqlite:///{file}", LOG_FORMAT=request.param, LOG_LEVEL="DEBUG") as server:
        made = server.admin("POST", "/orgs/acme/tokens", {"user": "ada", "permission": "write"})
        secrets = (made.json()["token"], made.json()["jwt"], server.admin_token)
        yield Logged(server, secrets, file, request.param == "json")


def carried(place: CredentialPlace, secret: str) -> dict[str, dict[str, str]]:
    match place.kind:
        case Kind.BEARER:
            return {"headers": {place.key: f"Bearer {secret}"}}
        case Kind.BASIC:
            pair = base64.b64encode(f"ada:{secret}".encode()).decode()
            return {"headers": {place.key: f"Basic {pair}"}}
        case Kind.HEADER:
            return {"headers": {place.key: secret}}
        case Kind.QUERY:
            return {"params": {place.key: secret}}


def write(logged: Logged, dialect: Dialect, carrying: dict[str, dict[str, str]]) -> None:
    path = dialect.capabilities.creates("acme", "acme/shop")
    params = {**carrying.get("params", {}), "x": ASKED}
    answer = httpx.post(
        logged.server.url + path,
        json={"note": SAID, "ref": SAID},
        params=params,
        headers=carrying.get("headers"),
    )
    assert answer.status_code < 500, answer.text


def test_no_secret_query_or_body_is_logged_wherever_a_dialect_takes_it(logged: Logged) -> None:
    for dialect, place in PLACES:
        for secret in logged.secrets:
            write(logged, dialect, carried(place, secret))
    before = len(logged.lines())
    httpx.get(f"{logged.server.url}/nowhere/{logged.secrets[0]}?token={logged.secrets[0]}")
    logged.lines_from(before)
    log = logged.server.log()
    encoded = [base64.b64encode(f"ada:{s}".encode()).decode() for s in logged.secrets]
    for secret in (*logged.secrets, *encoded, SAID, ASKED):
        assert secret not in log
    lines = logged.lines()
    assert {line["dialect"] for line in lines} >= {*installed(), "none"}
    assert "dgw_" not in log


def test_a_request_is_one_line_with_its_facts(logged: Logged) -> None:
    before = len(logged.lines())
    path = "/api/v4/projects/acme%2Fshop/deployments"
    answer = httpx.get(logged.server.url + path, headers={"PRIVATE-TOKEN": logged.secrets[0]})
    (line,) = logged.lines_from(before)
    assert line["route"] == "/api/v4/projects/{id}/deployments"
    assert (line["method"], line["status"]) == ("GET", str(answer.status_code))
    assert (line["dialect"], line["org"]) == ("gitlab", "acme")
    assert float(line["duration_ms"]) > 0


def test_all_that_is_logged_has_one_format(logged: Logged) -> None:
    lines = logged.server.log().splitlines()
    if logged.is_json:
        facts = [json.loads(line) for line in lines]
        assert all({"time", "level", "logger", "message"} <= fact.keys() for fact in facts)
        loggers = {fact["logger"] for fact in facts}
    else:
        parts = [line.split(maxsplit=4) for line in lines if line[:4].isdigit()]
        loggers = {part[3] for part in parts}
    assert {"gateway.serve", "gateway.request", "uvicorn.error"} <= loggers
    port = logged.server.url.rpartition(":")[2]
    assert f"listening on http://127.0.0.1:{port}" in logged.server.log()


def test_a_crash_is_logged_with_its_request_and_without_its_words(logged: Logged) -> None:
    before = len(logged.lines())
    with closing(sqlite3.connect(logged.file)) as connection:
        connection.execute("ALTER TABLE records RENAME TO records_away")
        answer = logged.server.admin("GET", "/records?org=acme&commit=a-secret-commit")
        connection.execute("ALTER TABLE records_away RENAME TO records")
    assert answer.status_code == 500
    request_id = logged.lines_from(before)[-1]["request_id"]
    log = logged.server.log()
    crash = log[log.index("crashed") :]
    assert request_id in crash.splitlines()[0] or logged.is_json
    assert "OperationalError" in crash
    assert "a-secret-commit" not in log
    assert "no such table" not in log


@pytest.mark.parametrize("log_format", FORMATTERS)
@pytest.mark.parametrize("org", [None, "acme", 'a "b" \xe9'])
def test_a_requests_line_is_that_of_any_record_with_its_facts(
    log_format: str, org: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "gateway.request")
    trace = Trace(request_id="01", dialect="gitlab", route="/x/{id}", org=org)
    log_request(trace, method="GET", status=200, seconds=0.00123)
    formatter = FORMATTERS[log_format]()
    for moment in (0.0, 0.5, 1.25, 1_700_000_000.999):
        (record,) = caplog.records
        record.created, record.msecs = moment, moment % 1 * 1000
        assert formatter.format(record) == formatter.format(logging.makeLogRecord(vars(record)))


def test_what_succeeds_of_probes_is_for_debugging_alone(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "gateway.request")
    for status in (200, 503):
        log_request(Trace(dialect=OPERATIONS), method="GET", status=status, seconds=1)
    assert [vars(record)["status"] for record in caplog.records] == [503]
