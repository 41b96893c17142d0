"""What is written to a connection leaves in one piece, in order, and all of it."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from gateway.gathering import Gathering


class Sent:
    """A transport that keeps the pieces it is given."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.is_closed = False

    def write(self, data: bytes) -> None:
        assert not self.is_closed
        self.pieces.append(data)

    def close(self) -> None:
        self.is_closed = True

    def is_closing(self) -> bool:
        return self.is_closed

    def get_extra_info(self, name: str) -> str:
        return name


@pytest.fixture
def sent() -> Sent:
    return Sent()


@pytest.fixture
async def gathering(sent: Sent) -> Any:
    return Gathering(cast(asyncio.Transport, sent), asyncio.get_running_loop())


async def test_what_one_turn_writes_is_one_piece(sent: Sent, gathering: Gathering) -> None:
    for turn in (b"one", b"two"):
        gathering.write(turn)
        gathering.write(b" body")
        await asyncio.sleep(0)
    assert sent.pieces == [b"one body", b"two body"]


async def test_a_lot_is_passed_on_at_once_and_in_order(sent: Sent, gathering: Gathering) -> None:
    large = b"x" * 20_000
    for piece in (b"head", large, b"end"):
        gathering.write(piece)
    assert sent.pieces == [b"head" + large]
    await asyncio.sleep(0)
    assert sent.pieces == [b"head" + large, b"end"]


async def test_what_was_written_is_sent_before_the_end(sent: Sent, gathering: Gathering) -> None:
    gathering.write(b"last")
    gathering.close()
    await asyncio.sleep(0)
    assert (sent.pieces, sent.is_closed) == ([b"last"], True)


async def test_what_is_passed_on_before_its_turn_is_sent_once(
    sent: Sent, gathering: Gathering
) -> None:
    gathering.write(b"last")
    gathering.flush()
    sent.close()
    await asyncio.sleep(0)
    assert sent.pieces == [b"last"]


async def test_nothing_is_sent_to_who_has_gone(sent: Sent, gathering: Gathering) -> None:
    gathering.write(b"late")
    sent.close()
    await asyncio.sleep(0)
    assert sent.pieces == []


async def test_all_else_is_the_connections_own(gathering: Gathering) -> None:
    assert gathering.get_extra_info("peername") == "peername"
    assert gathering.is_closing() is False
