"""A light participant: enters a meeting, publishes a synthetic camera and microphone, receives everybody else's.

It does what a browser does on the wire - lobby, offers and answers, ICE, DTLS, SRTP, retransmissions, reports - and
nothing that a browser does with pictures, so that one process can be many people.
"""

from __future__ import annotations

import asyncio
import functools
import itertools
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiortc.rtcdtlstransport import RTCCertificate

from loadtest import packets
from loadtest.receiving import Downlink, Reception
from loadtest.sdp import publish_offer, read_remote, read_streams, subscribe_answer
from loadtest.sending import Camera, Microphone, Track, Uplink
from loadtest.signalling import Json, RefusedError, Signalling
from loadtest.transport import MediaTransport

FEEDBACK_INTERVAL = 0.02
REPORT_INTERVAL = 1.0
ENTER_SECONDS = 30.0

_TRACKS: dict[str, type[Track]] = {"microphone": Microphone, "camera": Camera}


@dataclass(frozen=True, slots=True)
class Person:
    """Who enters where. cookies: of an account; a guest has none and gives only a name.

    rate: how many times as fast as a browser the tracks are. every: see receiving.Downlink. bitrate: what it says it
    can take, bit/s.
    """

    url: str
    code: str
    name: str
    cookies: dict[str, str] = field(default_factory=dict)
    sources: tuple[str, ...] = ("microphone", "camera")
    rate: float = 1.0
    every: int = 1
    bitrate: int = 50_000_000


@dataclass(slots=True)
class Totals:
    """What one participant counted since it came. Latencies in nanoseconds, since the totals were last taken."""

    sent: int = 0
    repeated: int = 0
    received: int = 0
    expected: int = 0
    recovered: int = 0
    lost: int = 0
    unreadable: int = 0
    latencies: list[int] = field(default_factory=list)


@functools.cache
def _certificate() -> RTCCertificate:
    """One for the process, as a browser has one for a while."""
    return RTCCertificate.generateCertificate()


class LightClient:
    """See the module. `async with LightClient(person)` enters, publishes, and leaves.

    participant_id: one's own. failed: why it no longer takes part, or "".
    """

    def __init__(self, person: Person) -> None:
        self.person = person
        self.participant_id = ""
        self.failed = ""
        self.offers = 0
        self.levels: dict[str, int] = {}
        self.active_speaker: str | None = None
        self.producers: dict[str, str] = {}
        self.tracks: list[Track] = []
        self.uplink = Uplink(MediaTransport(_certificate()))
        self.downlink = Downlink(MediaTransport(_certificate()), person.every, person.bitrate)
        self._signalling = Signalling(self._on_event, self._on_closed)
        self._entered = asyncio.Event()
        self._offers: asyncio.Queue[Json] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []
        self._versions = itertools.count(1)

    async def __aenter__(self) -> Self:
        try:
            await self.enter()
            await self.publish()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    # --- entering ---------------------------------------------------------------------------------------------------

    async def enter(self) -> None:
        """Say hello, and wait in the lobby where one must. Raises RefusedError."""
        person = self.person
        hello: Json = {"code": person.code}
        if not person.cookies:
            hello |= {"name": person.name, "accept_terms": True}
        self._spawn(self._answer_offers())
        await self._signalling.connect(person.url, person.cookies, hello)
        try:
            await asyncio.wait_for(self._entered.wait(), ENTER_SECONDS)
        except TimeoutError:
            raise RefusedError(f"{person.name} was not let in within {ENTER_SECONDS:.0f} s") from None
        if self.failed:
            raise RefusedError(self.failed)
        self._spawn(self._feedback())

    def _on_event(self, event: Json) -> None:
        match event["type"]:
            case "joined":
                self.participant_id = event["participant_id"]
                self._entered.set()
                if event["knocks"]:
                    self._spawn(self._admit())
            case "knock.added":
                self._spawn(self._admit())
            case "knock.ended":
                self._on_closed(f"knock.ended: {event['message']}")
            case "subscribe.offer":
                self._offers.put_nowait(event)
            case "speaker.levels":
                self.levels = event["levels"]
            case "speaker.active":
                self.active_speaker = event["participant_id"]

    def _on_closed(self, reason: str) -> None:
        self.failed = self.failed or reason
        self._entered.set()

    async def _admit(self) -> None:
        await self._signalling.request("knock.admit", knock_ids=None)

    # --- media ------------------------------------------------------------------------------------------------------

    async def publish(self) -> None:
        """Offer the tracks, connect, and start sending. Raises RefusedError or TransportFailedError."""
        if not self.person.sources:
            return
        self.tracks = [_TRACKS[source](self.uplink) for source in self.person.sources]
        transport = self.uplink.transport
        transport.on_rtcp = self._on_publish_rtcp
        described = [(str(index), track.kind, track.streams) for index, track in enumerate(self.tracks)]
        answer = await self._signalling.request(
            "publish.offer",
            sdp=publish_offer(transport.local, described, next(self._versions)),
            tracks=[{"mid": str(index), "source": track.source} for index, track in enumerate(self.tracks)],
        )
        self.producers = {
            self.tracks[int(producer["mid"])].source: producer["producer_id"] for producer in answer["producers"]
        }
        transport.set_remote(read_remote(answer["sdp"]))
        await transport.connect()
        self.set_rate(self.person.rate)

    def set_rate(self, rate: float) -> None:
        """Send so many times as fast as a browser from now on."""
        for track in self.tracks:
            track.start(rate)

    async def _answer_offers(self) -> None:
        while True:
            event = await self._offers.get()
            while not self._offers.empty():
                event = self._offers.get_nowait()  # only the newest needs an answer
            await self._take_offer(event)

    async def _take_offer(self, event: Json) -> None:
        transport = self.downlink.transport
        if event["fresh"]:
            await transport.close()
            transport = MediaTransport(_certificate())
            self.downlink = Downlink(transport, self.person.every, self.person.bitrate)
        streams = read_streams(event["sdp"])
        self.downlink.set_receptions(
            [
                Reception(streams[item["mid"]], item["producer_id"], item["participant_id"], item["source"])
                for item in event["consumers"]
            ]
        )
        transport.set_remote(read_remote(event["sdp"]))
        await self._signalling.request(
            "subscribe.answer",
            offer_id=event["offer_id"],
            sdp=subscribe_answer(event["sdp"], transport.local),
        )
        self.offers += 1
        if not transport.connected:
            await transport.connect()

    def _on_publish_rtcp(self, data: bytes) -> None:
        for form, kind, body in packets.rtcp_parts(data):
            if kind == 205 and form == 1:
                ssrc, lost = packets.nacked(body)
                self._track(ssrc, lambda track, lost=lost: track.wanted(lost))
            elif kind == 206 and form == 1:
                self._track(int.from_bytes(body[4:8], "big"), lambda track: track.keyframe_wanted())

    def _track(self, ssrc: int, do: Any) -> None:
        for track in self.tracks:
            if track.streams.ssrc == ssrc:
                do(track)

    async def _feedback(self) -> None:
        next_report = time.monotonic()
        while True:
            await asyncio.sleep(FEEDBACK_INTERVAL)
            now = time.monotonic()
            if self.downlink.transport.connected:
                self.downlink.ask(now)
            if now < next_report:
                continue
            next_report = now + REPORT_INTERVAL
            if self.downlink.transport.connected:
                self.downlink.report(now)
            if self.uplink.transport.connected and self.tracks:
                self.uplink.transport.send_rtcp(b"".join(track.sender_report() for track in self.tracks))

    # --- requests ---------------------------------------------------------------------------------------------------

    async def request(self, kind: str, **fields: Any) -> Json:
        """Ask the room for something (docs/PROTOCOL.md); its answer. Raises RefusedError."""
        return await self._signalling.request(kind, **fields)

    async def stats(self) -> Json:
        """What the server counts of this participant."""
        return await self._signalling.request("stats.get")

    async def update_consumer(self, consumer_id: str, *, paused: bool) -> None:
        """Pause or resume one consumer."""
        await self._signalling.request("consumer.update", consumer_id=consumer_id, paused=paused)

    async def mute(self, source: str, *, muted: bool) -> None:
        """Mute or unmute one of one's own producers at the server."""
        await self._signalling.request("producer.mute", producer_id=self.producers[source], muted=muted)

    # --- looking ----------------------------------------------------------------------------------------------------

    @property
    def receptions(self) -> list[Reception]:
        """What is received, one for each consumer."""
        return list(self.downlink.receptions.values())

    def receives(self, count: int) -> bool:
        """Whether so many consumers are there and packets of each have come."""
        receptions = self.downlink.receptions.values()
        return len(receptions) >= count and all(item.packets for item in receptions)

    def totals(self) -> Totals:
        """What was counted so far; the latencies are handed over."""
        receptions = self.receptions
        totals = Totals(
            sent=sum(track.packets for track in self.tracks),
            repeated=sum(track.repeated for track in self.tracks if isinstance(track, Camera)),
            received=sum(item.packets + item.recovered for item in receptions),
            expected=sum(item.expected for item in receptions),
            recovered=sum(item.recovered for item in receptions),
            lost=sum(item.lost for item in receptions),
            unreadable=self.downlink.transport.unreadable + self.uplink.transport.unreadable,
            latencies=self.downlink.samples,
        )
        self.downlink.samples = []
        return totals

    # --- leaving ----------------------------------------------------------------------------------------------------

    def _spawn(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.append(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.remove(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._on_closed(f"{type(error).__name__}: {error}")

    async def leave(self) -> None:
        """Leave for good, so that the others see it at once."""
        await self._signalling.request("leave")

    async def close(self) -> None:
        """Stop everything; the server sees a dropped connection unless `leave` came first."""
        for track in self.tracks:
            track.stop()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.uplink.transport.close()
        await self.downlink.transport.close()
        await self._signalling.close()
