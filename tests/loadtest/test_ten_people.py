"""Ten light participants in one room of a real server: everybody receives everybody else, to the last packet."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

from loadtest.client import LightClient, Person
from loadtest.signalling import host_of_a_new_meeting
from tests.support.server import Server, serve
from tests.support.waiting import until

PEOPLE = 10


@contextlib.asynccontextmanager
async def room(server: Server, people: int, rate: float = 1.0) -> AsyncIterator[list[LightClient]]:
    """A host and guests whom the host lets in, all in the room and receiving."""
    code, cookies = await host_of_a_new_meeting(server.url)
    async with contextlib.AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(
                LightClient(Person(server.url, code, f"Person {index}", {} if index else cookies, rate=rate))
            )
            for index in range(people)
        ]
        await until(lambda: all(client.receives(2 * (people - 1)) for client in clients), 40)
        yield clients


async def test_ten_people_hear_and_see_each_other_and_nothing_is_lost(tmp_path: Path) -> None:
    # A quarter of a browser's packets: one process plays all ten, beside the server, on whatever machine this is.
    async with serve(tmp_path) as server, room(server, PEOPLE, rate=0.25) as clients:
        await until(lambda: all(item.packets >= 40 for client in clients for item in client.receptions), 20)
        for client in clients:
            others = {other.participant_id for other in clients if other is not client}
            assert len(client.receptions) == 18
            assert {item.participant_id for item in client.receptions} == others
            by_source = [sorted(item.source for item in client.receptions if item.participant_id == o) for o in others]
            assert by_source == [["camera", "microphone"]] * 9
            assert all(item.read == item.packets for item in client.receptions), "every packet is authentic and ours"
            assert client.failed == ""
        assert sum(client.totals().unreadable for client in clients) == 0
        await until(lambda: sum(client.totals().lost for client in clients) == 0)
        await until(lambda: any(client.active_speaker for client in clients))
        await until(lambda: all(client.levels for client in clients))
        stats = await clients[0].stats()
        assert [item["state"] for item in stats["transports"]] == ["connected", "connected"]
        assert {item["srtp_profile"] for item in stats["transports"]} == {"SRTP_AEAD_AES_128_GCM"}
        assert len(stats["consumers"]) == 18


async def test_who_leaves_is_no_longer_sent_and_who_comes_back_is(tmp_path: Path) -> None:
    async with serve(tmp_path) as server, room(server, 3) as clients:
        first, second, third = clients
        await third.leave()
        await until(lambda: len(first.receptions) == 2)
        count = {item.source: item.packets for item in first.receptions}
        await until(lambda: all(item.packets > count[item.source] + 20 for item in first.receptions), 10)
        again = LightClient(Person(server.url, first.person.code, "Back again"))
        async with again:
            await until(lambda: first.receives(4) and second.receives(4) and again.receives(4), 20)


async def test_what_a_subscriber_loses_comes_again(tmp_path: Path) -> None:
    async with serve(tmp_path) as server, room(server, 2) as (one, _):
        camera = next(item for item in one.receptions if item.source == "camera")
        transport = one.downlink.transport
        receive = transport.on_rtp
        dropped = 0

        def lossy(buffer: bytearray, size: int) -> None:
            nonlocal dropped
            ssrc, seq = int.from_bytes(buffer[8:12], "big"), int.from_bytes(buffer[2:4], "big")
            if ssrc == camera.streams.ssrc and seq % 25 == 0:
                dropped += 1
            else:
                receive(buffer, size)

        transport.on_rtp = lossy
        await until(lambda: dropped >= 10, 20)
        transport.on_rtp = receive
        await until(lambda: camera.recovered >= dropped, 5)
        assert camera.lost == 0


async def test_what_the_server_loses_it_asks_the_publisher_for(tmp_path: Path) -> None:
    async with serve(tmp_path) as server, room(server, 2) as (one, other):
        camera = next(track for track in one.tracks if track.source == "camera")
        received = next(item for item in other.receptions if item.source == "camera")
        transport = one.uplink.transport
        send = transport.send_rtp
        dropped = 0

        def lossy(packet: bytes) -> None:
            nonlocal dropped
            ssrc, seq = int.from_bytes(packet[8:12], "big"), int.from_bytes(packet[2:4], "big")
            if ssrc == camera.streams.ssrc and seq % 25 == 0:
                dropped += 1
            else:
                send(packet)

        transport.send_rtp = lossy  # type: ignore[method-assign]
        await until(lambda: dropped >= 10, 20)
        transport.send_rtp = send  # type: ignore[method-assign]
        await until(lambda: camera.repeated >= dropped, 5)  # type: ignore[attr-defined]
        await until(lambda: received.lost == 0, 5)


async def test_a_muted_microphone_is_not_forwarded(tmp_path: Path) -> None:
    async with serve(tmp_path) as server, room(server, 2) as (one, other):
        heard = next(item for item in other.receptions if item.source == "microphone")
        seen = next(item for item in other.receptions if item.source == "camera")
        await one.mute("microphone", muted=True)
        pictures = seen.packets
        await until(lambda: seen.packets > pictures + 30, 10)  # by now what was on its way has come
        silent, pictures = heard.packets, seen.packets
        await until(lambda: seen.packets > pictures + 60, 10)
        assert heard.packets == silent
        await one.mute("microphone", muted=False)
        await until(lambda: heard.packets > silent + 20, 10)
        assert heard.lost == 0, "numbers go on without a gap"


async def test_latency_is_measured_from_send_to_receive(tmp_path: Path) -> None:
    async with serve(tmp_path) as server, room(server, 2) as (_, other):
        other.totals()
        began = time.monotonic_ns()
        await until(lambda: len(other.downlink.samples) > 100, 10)
        elapsed = time.monotonic_ns() - began
        latencies = other.totals().latencies
        assert 0 < min(latencies) <= max(latencies) < elapsed
