"""How processes serve and end: several workers, draining, connections that dawdle."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.figures import Figures
from tests.serving import Server, run, serving

PATIENCE_SECONDS = 20
RECORD = json.dumps(
    {"org": "acme", "project": "acme/shop", "environment": "e", "source": {"commit": "a" * 40}}
).encode()


@contextmanager
def connected(server: Server) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port_of(server)), PATIENCE_SECONDS) as connection:
        yield connection


def port_of(server: Server) -> int:
    return int(server.url.rpartition(":")[2])


def begin_write(connection: socket.socket, server: Server) -> None:
    """All of a write but its last byte, which the gateway waits for."""
    head = (
        f"POST /gateway/v1/records HTTP/1.1\r\nHost: gateway\r\nContent-Length: {len(RECORD)}\r\n"
        f"Content-Type: application/json\r\nAuthorization: Bearer {server.admin_token}\r\n\r\n"
    )
    connection.sendall(head.encode() + RECORD[:-1])


def in_flight(server: Server) -> float:
    """Requests being answered, but for this one."""
    return Figures(httpx.get(f"{server.url}/metrics")).of("requests_in_flight") - 1


def until(is_so: object, server: Server) -> None:
    """Wait for a change that the process makes by itself."""
    assert callable(is_so)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, server.log()
        time.sleep(0.02)


def received(connection: socket.socket) -> bytes:
    """All that comes until the other side closes; nothing, where it had no more to say."""
    parts = []
    try:
        while part := connection.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def is_refusing(server: Server) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port_of(server))) != 0


def drains(server: Server) -> None:
    """SIGTERM: not ready, then no more requests; what is under way is answered."""
    with connected(server) as connection:
        begin_write(connection, server)
        until(lambda: in_flight(server) == 1, server)
        server.process.send_signal(signal.SIGTERM)
        until(lambda: httpx.get(f"{server.url}/readyz").status_code == 503, server)
        assert httpx.get(f"{server.url}/healthz").status_code == 200
        until(lambda: is_refusing(server), server)
        connection.sendall(RECORD[-1:])
        answer = received(connection)
    assert answer.startswith(b"HTTP/1.1 201 ")
    assert b"\r\nconnection: close\r\n" in answer
    assert server.process.wait(PATIENCE_SECONDS) == 0


def test_sigterm_drains(tmp_path: Path) -> None:
    with serving(f"sqlite:///{tmp_path}/gateway.db", DRAIN_SECONDS="1") as server:
        drains(server)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_second_signal_ends_it_at_once(tmp_path: Path, workers: str) -> None:
    url = f"sqlite:///{tmp_path}/gateway.db"
    with serving(url, "--workers", workers) as server, connected(server) as connection:
        begin_write(connection, server)
        until(lambda: in_flight(server) == 1, server)
        server.process.send_signal(signal.SIGTERM)
        until(lambda: is_refusing(server), server)
        assert server.process.poll() is None
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(PATIENCE_SECONDS)
        assert received(connection) == b""


def test_workers_have_one_set_of_figures_are_replaced_and_drain(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/gateway.db"
    with serving(url, "--workers", "2", DRAIN_SECONDS="1") as server:
        for _ in range(40):  # on connections of their own, so that both workers get some
            httpx.get(f"{server.url}/api/v4/version")
        route = {"route": "/api/v4/version", "status": "401"}
        for _ in range(6):
            figures = Figures(httpx.get(f"{server.url}/metrics"))
            assert figures.of("requests_total", **route) == 40
            assert figures.of("request_duration_seconds_count", route=route["route"]) == 40
        until(lambda: in_flight(server) == 0, server)
        children = children_of(server.process.pid)
        os.kill(children[0], signal.SIGKILL)
        until(lambda: is_replaced(server, children), server)
        figures = Figures(httpx.get(f"{server.url}/metrics"))
        assert figures.of("requests_total", **route) == 40
        assert in_flight(server) == 0
        drains(server)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_that_workers_get_too_is_no_second_one(tmp_path: Path, number: int) -> None:
    """As a terminal sends it, and whoever ends all processes of a service at once."""
    url = f"sqlite:///{tmp_path}/gateway.db"
    with serving(url, "--workers", "2") as server, connected(server) as connection:
        begin_write(connection, server)
        until(lambda: in_flight(server) == 1, server)
        for pid in (*children_of(server.process.pid), server.process.pid):
            os.kill(pid, number)
        until(lambda: is_refusing(server), server)
        until(lambda: "Waiting for connections to close" in server.log(), server)
        connection.sendall(RECORD[-1:])
        assert received(connection).startswith(b"HTTP/1.1 201 ")
        assert server.process.wait(PATIENCE_SECONDS) == 0


def test_a_worker_that_dies_while_it_is_asked_how_it_is_is_replaced(tmp_path: Path) -> None:
    with serving(f"sqlite:///{tmp_path}/gateway.db", "--workers", "2") as server:
        children = children_of(server.process.pid)
        os.kill(children[0], signal.SIGSTOP)
        time.sleep(1.5)  # by now it is asked, and the answer is waited for
        os.kill(children[0], signal.SIGKILL)
        until(lambda: is_replaced(server, children), server)


def test_workers_whose_supervisor_was_killed_drain(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/gateway.db"
    with serving(url, "--workers", "2") as server, connected(server) as connection:
        begin_write(connection, server)
        until(lambda: in_flight(server) == 1, server)
        server.process.kill()
        until(lambda: is_refusing(server), server)
        connection.sendall(RECORD[-1:])
        assert received(connection).startswith(b"HTTP/1.1 201 ")


def children_of(pid: int) -> list[int]:
    """The worker processes; the interpreter's own helper process is none."""
    words = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [
        int(word) for word in words if b"spawn_main" in Path(f"/proc/{word}/cmdline").read_bytes()
    ]


def is_replaced(server: Server, former: list[int]) -> bool:
    try:
        now = children_of(server.process.pid)
        return len(now) == len(former) and set(now) != set(former) and serves(server)
    except FileNotFoundError:
        return False


def serves(server: Server) -> bool:
    return httpx.get(f"{server.url}/readyz").status_code == 200


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("impatient")
    said = {"REQUEST_SECONDS": "0.3", "KEEP_ALIVE_SECONDS": "1"}
    with serving(f"sqlite:///{folder}/gateway.db", **said) as server:
        yield server


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET /healthz HTTP/1.1\r\nHost: ga",
        b"POST /v1/deployments HTTP/1.1\r\nHost: g\r\nContent-Length: 9\r\n\r\n{",
        b"GET /healthz HTTP/1.1\r\nHost: gateway\r\n\r\n",
    ],
    ids=["nothing", "half a head", "half a body", "one request and no more"],
)
def test_a_connection_that_dawdles_is_closed(impatient: Server, sent: bytes) -> None:
    with connected(impatient) as connection:
        connection.sendall(sent)
        answer = received(connection)
    assert answer.startswith(b"HTTP/1.1 200 ") is sent.endswith(b"\r\n\r\n")
    assert serves(impatient)


@pytest.mark.parametrize("path", ["/healthz", "/gateway/v1/records"])
def test_who_has_said_all_is_answered(impatient: Server, path: str) -> None:
    """As ``nc -N`` says it: nothing follows, and the other direction stays open."""
    for _ in range(20):
        with connected(impatient) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: gateway\r\n\r\n".encode())
            connection.shutdown(socket.SHUT_WR)
            answer = received(connection)
        assert answer.startswith(b"HTTP/1.1 ")
        assert b"\r\n\r\n" in answer


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(f"sqlite:///{tmp_path_factory.mktemp('patient')}/gateway.db") as server:
        yield server


HEAD = b"POST /gateway/v1/records HTTP/1.1\r\nHost: gateway\r\n"
IN_PIECES = b"Transfer-Encoding: chunked\r\n"
ENDLESS = {
    "a path": (b"GET /", b"a" * 2**16),
    "a header": (HEAD + b"A: ", b"a" * 2**16),
    "headers": (HEAD, b"A: b\r\n" * 2**13),
    "what is said of a piece of a body": (HEAD + IN_PIECES + b"\r\n2;", b"a" * 2**16),
    "headers behind a body": (HEAD + IN_PIECES + b"\r\n0\r\n", b"A: b\r\n" * 2**13),
    "a header behind a body": (HEAD + IN_PIECES + b"\r\n0\r\nA: ", b"a" * 2**16),
}


@pytest.mark.parametrize("what", ENDLESS)
def test_what_has_no_end_is_not_listened_to(patient: Server, what: str) -> None:
    begun, more = ENDLESS[what]
    with connected(patient) as connection:
        connection.sendall(begun)
        with pytest.raises(ConnectionError):
            for _ in range(512):
                connection.sendall(more)
    assert serves(patient)


def test_a_head_that_is_too_long_is_answered(patient: Server) -> None:
    with connected(patient) as connection:
        connection.sendall(HEAD + b"A: " + b"a" * 70_000)
        assert received(connection).startswith(b"HTTP/1.1 431 ")
    long = {"private-token": "a" * 60_000}
    assert httpx.get(f"{patient.url}/api/v4/version", headers=long).status_code == 401


def test_what_stands_behind_a_body_is_no_header(patient: Server) -> None:
    credential = f"Authorization: Bearer {patient.admin_token}\r\n".encode()
    head, body = HEAD + IN_PIECES + b"Connection: close\r\n", b"\r\n2\r\n{}\r\n0\r\n"
    for sent, status in ((head + credential + body, 404), (head + body + credential, 401)):
        with connected(patient) as connection:
            connection.sendall(sent + b"\r\n")
            assert received(connection).startswith(f"HTTP/1.1 {status} ".encode())


def test_requests_that_come_before_their_turn_are_answered_in_turn(patient: Server) -> None:
    paths = ["/healthz", "/api/v4/version"] * 1500
    asked = "".join(f"GET {path} HTTP/1.1\r\nHost: g\r\n\r\n" for path in paths)
    last = "GET /readyz HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n"
    with connected(patient) as connection:
        connection.sendall((asked + last).encode())
        answers = received(connection)
    found = [int(status) for status in re.findall(rb"HTTP/1\.1 (\d+) ", answers)]
    assert found == [200, 401] * 1500 + [200]


def test_who_takes_no_answer_is_listened_to_no_more(patient: Server) -> None:
    with connected(patient) as connection:
        connection.settimeout(1)
        with pytest.raises(TimeoutError):
            for _ in range(512):
                connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: g\r\n\r\n" * 1000)
    assert serves(patient)


def test_who_takes_nothing_of_an_answer_is_let_go(impatient: Server) -> None:
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", port_of(impatient)))
        connection.sendall(b"GET /openapi/gitlab.json HTTP/1.1\r\nHost: g\r\n\r\n" * 60)
        until(lambda: in_flight(impatient) == 1, impatient)  # what is kept for it is at its bound
        until(lambda: in_flight(impatient) == 0, impatient)


def test_who_takes_an_answer_slowly_gets_all_of_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/gateway.db"
    with serving(url, REQUEST_SECONDS="1") as server, socket.socket() as connection:
        for number in range(20):  # more than the system keeps for who has not taken it
            said = {"source": {"commit": f"{number:040x}"}, "delivery": {"changelog": "a" * 2**20}}
            body = json.loads(RECORD) | said
            assert server.admin("POST", "/records", body).is_success
        connection.connect(("127.0.0.1", port_of(server)))
        head = "GET /gateway/v1/records?org=acme HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n"
        connection.sendall(f"{head}Authorization: Bearer {server.admin_token}\r\n\r\n".encode())
        parts = []
        while part := connection.recv(2**16):
            parts.append(part)
            time.sleep(0.005)
    answer = b"".join(parts)
    length = re.search(rb"content-length: (\d+)", answer)
    assert length is not None
    assert len(answer.partition(b"\r\n\r\n")[2]) == int(length[1]) > 20 * 2**20


def test_probes_answer_head(impatient: Server) -> None:
    for path in ("/healthz", "/readyz"):
        answer = httpx.head(impatient.url + path)
        assert (answer.status_code, answer.content) == (200, b"")


def test_an_address_that_is_taken_is_one_line_and_exit_3(impatient: Server, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/gateway.db"
    ran = run("serve", "--port", str(port_of(impatient)), "--database-url", url)
    assert ran.returncode == 3
    assert ran.stderr.count("\n") == 1
    assert "cannot listen on 127.0.0.1" in ran.stderr
