"""A busy socket is read a few hundred times a second, a quiet one at once."""

from __future__ import annotations

import asyncio
import os
import socket
from itertools import pairwise

import pytest

from parley.sfu.gathering import BEGIN, END, EVERY, LOOK, Gathering
from parley.sfu.native.library import loaded
from parley.sfu.sockets import ReceiveBuffer, UdpSocket

native_only = pytest.mark.skipif(loaded() is None, reason="the native plane isn't compiled")


def looked(*rates: float) -> list[bool]:
    """Whether packets are gathered after LOOK seconds at each of these rates."""
    gathering, now, received = Gathering(), 100.0, 0.0
    gathering.look(now, 0)
    found = []
    for rate in rates:
        now, received = now + LOOK, received + rate * LOOK
        assert now >= gathering.next_look
        before = gathering.is_on
        assert gathering.look(now, round(received)) is (gathering.is_on is not before)
        found.append(gathering.is_on)
    return found


def test_few_packets_are_read_at_once() -> None:
    assert looked(0, 100, BEGIN - 8) == [False, False, False]


def test_many_packets_are_gathered_until_they_are_few_again() -> None:
    between = (BEGIN + END) / 2
    assert looked(between, BEGIN + 8, between, END + 8, END - 8, between) == [False, True, True, True, False, False]


def test_the_first_look_is_at_what_came_before_it_and_decides_nothing() -> None:
    gathering = Gathering()
    assert not gathering.look(100_000.0, 50_000)


class Reader:
    """A socket of the endpoint's, and when it was read."""

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.at: list[float] = []
        self.came = asyncio.Event()
        self._buffer = ReceiveBuffer()
        self.socket = UdpSocket(
            "127.0.0.1", 0, self._buffer, self._receive, lambda: None, 1 << 20, lambda *_: None, lambda _: None
        )

    def _receive(self, length: int, address: object, sock: UdpSocket, now: float) -> None:
        self.came.set()
        self.got.append(bytes(self._buffer.bytes[:length]))
        if not self.at or self.at[-1] != now:
            self.at.append(now)


async def sent(reader: Reader, count: int, pause: float = 0.0) -> None:
    """So many datagrams are sent to it and have arrived."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect(("127.0.0.1", reader.socket.port))
        before = len(reader.got)
        for number in range(count):
            sender.send(number.to_bytes(2, "big"))
            if pause:
                await asyncio.sleep(pause)
        async with asyncio.timeout(10):
            while len(reader.got) < before + count:
                reader.came.clear()
                await reader.came.wait()


@native_only
def test_a_busy_socket_loses_and_reorders_nothing_and_is_left_alone_in_between() -> None:
    async def scene() -> None:
        reader = Reader()
        try:
            while not reader.socket.gathering:
                await sent(reader, 200)
            reader.got.clear()
            reader.at.clear()
            await sent(reader, 300)
            assert reader.got == [number.to_bytes(2, "big") for number in range(300)]
            await sent(reader, 40, pause=EVERY / 8)
            gaps = [after - before for before, after in pairwise(reader.at)]
            assert sum(gap > EVERY / 2 for gap in gaps) >= len(gaps) / 2
        finally:
            reader.socket.close()

    asyncio.run(scene())


@native_only
def test_a_socket_that_has_become_quiet_is_read_at_once_again() -> None:
    async def scene() -> None:
        reader = Reader()
        try:
            while not reader.socket.gathering:
                await sent(reader, 200)
            for _ in range(40):
                if reader.socket.gathering:
                    await asyncio.sleep(LOOK / 4)
            assert not reader.socket.gathering
            await sent(reader, 3)
        finally:
            reader.socket.close()

    asyncio.run(scene())


@native_only
def test_a_closed_socket_leaves_no_file_open() -> None:
    async def scene() -> None:
        before = os.listdir("/proc/self/fd")
        for busy in (False, True):
            reader = Reader()
            while busy and not reader.socket.gathering:
                await sent(reader, 200)
            reader.socket.close()
            reader.socket.close()
        assert os.listdir("/proc/self/fd") == before

    asyncio.run(scene())
