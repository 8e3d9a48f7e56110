"""What the plane costs for each packet: `make bench-plane`, or `python benchmarks/plane.py --help`.

One template goes to nine subscribers, as in a full room: copy, header, encryption, send; to sockets that nobody reads,
so that only the sender is measured. Every way to send is measured in turn, several times over, and the best round of
each is printed with its ratio to the first: a busy machine changes all of them alike.
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
import time
from collections.abc import Callable

import pylibsrtp

from parley.sfu.native_plane import native_batch
from parley.sfu.outbound import Fan, Outbound, Stream, new_stream
from parley.sfu.plane import Batch, GatheringBatch, PortableBatch
from parley.sfu.srtp import SrtpContext

SUBSCRIBERS = 9
BURST = 3
"""Packets that arrive in one wake-up: a video frame."""


class _Discarding(Batch):
    """Encrypts and sends nothing: what is left is the plane itself."""

    def _add(self, tx: Outbound, slot: int, start: int, size: int) -> None:
        self.sent += 1


class _Room:
    """Subscribers that one batch sends to."""

    def __init__(self, batch: Batch, receivers: list[socket.socket]) -> None:
        self.batch = batch
        streams: list[Stream] = []
        for receiver in receivers:
            tx = Outbound()
            profile = pylibsrtp.Policy.SRTP_PROFILE_AEAD_AES_128_GCM
            tx.set_key(SrtpContext(profile, os.urandom(28), "outbound"))
            tx.set_address(batch, socket.AF_INET, receiver.getsockname())
            kind = new_stream if batch.cell is not None else Stream
            streams.append(kind(tx, 1, 90_000))
        self.fan = Fan(streams)
        self._seq = 0

    def send(self, packets: int, size: int) -> float:
        """Forward so many templates of so many bytes to everyone; nanoseconds for each packet sent."""
        template = b"\x90" + bytes(size - 1)
        forward, flush, seq = self.batch.forward, self.batch.flush, self._seq
        began = time.process_time_ns()
        for number in range(packets):
            seq = (seq + 1) & 0xFFFF
            forward(template, 96, seq, 3000, self.fan)
            if number % BURST == BURST - 1:
                flush()
        flush()
        self._seq = seq
        return (time.process_time_ns() - began) / (packets * SUBSCRIBERS)


def _ways(sock: socket.socket) -> dict[str, Callable[[], Batch]]:
    ways: dict[str, Callable[[], Batch]] = {
        "sendto, one call each": lambda: PortableBatch(sock),
        "sendmmsg, many in a call": lambda: GatheringBatch(sock),
        "encrypt only": _Discarding,
    }
    if native_batch(sock) is not None:
        ways["in C"] = lambda: native_batch(sock) or PortableBatch(sock)
    return ways


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="plane.py", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--packets", type=int, default=3000, help="templates in each round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sizes", type=int, nargs="+", default=[120, 1200], help="bytes of a packet")
    options = parser.parse_args()
    if options.packets < 1 or options.rounds < 1 or not all(20 <= size <= 1300 for size in options.sizes):
        sys.stderr.write("plane.py: packets and rounds must be positive, sizes from 20 to 1300\n")
        raise SystemExit(2)
    receivers = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(SUBSCRIBERS)]
    for receiver in receivers:
        receiver.bind(("127.0.0.1", 0))
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.setblocking(False)
    print(f"{SUBSCRIBERS} subscribers, ns of processor time for each packet sent, best of {options.rounds} rounds")
    for size in options.sizes:
        best: dict[str, float] = {}
        for _ in range(options.rounds):
            for name, make in _ways(sender).items():
                cost = _Room(make(), receivers).send(options.packets, size)
                best[name] = min(best.get(name, cost), cost)
        first = next(iter(best.values()))
        for name, cost in best.items():
            print(f"{size:5d} bytes  {name:<26}{cost:8.0f}   {cost / first:5.2f}")


if __name__ == "__main__":
    main()
