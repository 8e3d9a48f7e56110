"""The subscribe side of a participant: one transport that the server offers, the consumers on it, and what the browser
says of how they arrive.

Only one offer is outstanding at a time; what changes meanwhile is folded into the next.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from parley.sfu.allocator import Demand, allocate
from parley.sfu.consumer import Consumer
from parley.sfu.downlink import DownlinkEstimator
from parley.sfu.endpoint import MediaEndpoint
from parley.sfu.interfaces import ConsumerInfo, PeerListener
from parley.sfu.producer import Producer
from parley.sfu.receive_stats import round_trip
from parley.sfu.rtcp import (
    FullIntraRequest,
    Nack,
    PictureLoss,
    ReceiverReport,
    Remb,
    ReportBlock,
    RtcpError,
    RtcpPacket,
    SenderReport,
    compound,
    parse_compound,
)
from parley.sfu.sdp import LocalParameters, SdpError
from parley.sfu.stats import Discarded
from parley.sfu.subscribe_sdp import SubscribeSession
from parley.sfu.transport import State, Transport, TransportError

REPORT_INTERVAL = 1.0
REPORTS_IN_ONE_PACKET = 40
PRIORITY_SCREEN, PRIORITY_SPEAKER, PRIORITY_OTHER = 0, 1, 2


class Subscriber:
    """See the module.

    wall: seconds since 1970 UTC, for sender reports. rtt: in seconds. reported, reported_lost: packets that receiver
    reports covered so far, and what of them was lost. next_report: when `tick` has something to do again.
    """

    def __init__(
        self, endpoint: MediaEndpoint, discarded: Discarded, listener: PeerListener, wall: Callable[[], float]
    ) -> None:
        self.consumers: dict[str, Consumer] = {}
        self.discarded = discarded
        self.estimator = DownlinkEstimator()
        self.rtt = 0.0
        self.reported = 0
        self.reported_lost = 0.0
        self._endpoint = endpoint
        self._listener = listener
        self._wall = wall
        self._offer_id = 0
        self.next_report = 0.0
        self._reported_at: float | None = None
        self._start_over(fresh=False)

    def _start_over(self, *, fresh: bool) -> None:
        self._session = SubscribeSession()
        self._by_ssrc: dict[int, Consumer] = {}
        self._used_ssrcs: set[int] = set()
        self._offered: dict[str, Consumer] | None = None  # by mid, while an offer is outstanding
        self._changed = False
        self._fresh = fresh
        self.transport = self._new_transport()
        for consumer in self.consumers.values():
            consumer.producer.leave_other_layers(consumer, None)
            consumer.move_to(self.transport.outbound, *self._new_ssrcs(consumer))
            self._changed = True

    def _new_transport(self) -> Transport:
        transport = self._endpoint.create_transport("subscribe")
        transport.on_rtcp = self._on_rtcp
        transport.on_state = self._on_state
        return transport

    def _new_ssrcs(self, consumer: Consumer) -> tuple[int, int]:
        """Two that this transport has never used (RFC 7714 section 8.1: no nonce twice)."""
        found: list[int] = []
        while len(found) < 2:
            ssrc = secrets.randbits(32)
            if ssrc and ssrc not in self._used_ssrcs:
                self._used_ssrcs.add(ssrc)
                self._by_ssrc[ssrc] = consumer
                found.append(ssrc)
        return found[0], found[1]

    # --- consumers --------------------------------------------------------------------------------------------------

    def add(self, producer: Producer) -> None:
        """Subscribe to a producer; it is part of the next offer."""
        consumer = Consumer(secrets.token_urlsafe(9), producer, self.transport.outbound, 0, 0, self._tell)
        consumer.stream.ssrc, consumer.rtx_ssrc = self._new_ssrcs(consumer)
        self.consumers[consumer.consumer_id] = consumer
        producer.add_consumer(consumer)
        self._changed = True

    def remove(self, producer: Producer) -> None:
        """The producer has ended."""
        for consumer in [consumer for consumer in self.consumers.values() if consumer.producer is producer]:
            del self.consumers[consumer.consumer_id]
            producer.remove_consumer(consumer)
            for ssrc in (consumer.ssrc, consumer.rtx_ssrc):
                self._by_ssrc.pop(ssrc, None)
                self.transport.outbound.forget_ssrc(ssrc)
            self._changed = True

    def update(self, consumer_id: str, paused: bool | None, max_layer: str | None, now: float) -> None:
        """What the subscriber wants of a consumer. Raises KeyError for one that isn't there."""
        consumer = self.consumers[consumer_id]
        if paused is not None:
            consumer.paused = paused
        if max_layer is not None:
            consumer.bound(max_layer)
        consumer.producer.place(consumer, now)
        self._tell(consumer)

    def _tell(self, consumer: Consumer) -> None:
        """Say what is forwarded when that changed; of sound and of what never started there is nothing to say."""
        if consumer.producer.kind != "video" or not consumer.accepted:
            return
        state = consumer.state()
        if state != consumer.said:
            consumer.said = state
            self._listener.consumer_updated(consumer.consumer_id, *state)

    # --- negotiation ------------------------------------------------------------------------------------------------

    def offer_changes(self) -> None:
        """Offer what changed since the last offer, unless that is still to be answered."""
        if not self._changed or self._offered is not None or (self._session.empty and not self.consumers):
            return
        self._changed = False
        local = LocalParameters(
            self.transport.ice.local.ufrag,
            self.transport.ice.local.password,
            self._endpoint.fingerprint,
            tuple(candidate.to_sdp() for candidate in self._endpoint.candidates),
        )
        offer = self._session.offer([consumer.intent() for consumer in self.consumers.values()], local)
        self._offered = {mid: self.consumers[consumer_id] for consumer_id, mid in offer.mids.items()}
        infos = [
            ConsumerInfo(
                consumer.consumer_id,
                consumer.producer.producer_id,
                consumer.producer.participant_id,
                consumer.producer.source,
                mid,
            )
            for mid, consumer in self._offered.items()
        ]
        fresh, self._fresh = self._fresh, False
        self._offer_id += 1
        self._listener.subscribe_offer(self._offer_id, offer.sdp, infos, fresh)

    def answer(self, offer_id: int, sdp: str, now: float) -> None:
        """The browser answered an offer; one that is not the outstanding one is ignored. Raises SdpError."""
        if self._offered is None or offer_id != self._offer_id:
            return
        negotiation = self._session.answer(sdp)
        remote = negotiation.remote
        try:
            self.transport.set_remote(remote.ufrag, remote.password, remote.fingerprints)
        except TransportError as error:
            raise SdpError(f"The answer doesn't fit the transport: {error}. Ask for a fresh one.") from None
        offered, self._offered = self._offered, None
        for mid, consumer in offered.items():
            consumer.accepted = negotiation.accepted.get(mid, frozenset())
            consumer.connected = self.transport.state == "connected"
            if consumer.consumer_id in self.consumers:
                consumer.producer.place(consumer, now)
                self._tell(consumer)

    def restart(self, *, fresh: bool) -> None:
        """Offer new ICE credentials, or a whole new transport."""
        if fresh or self.transport.state in ("failed", "closed"):
            self.transport.close()
            self._start_over(fresh=True)
        elif self.transport.state != "new":
            self.transport.restart_ice()
        self._offered = None
        self._changed = True

    def _on_state(self, state: State) -> None:
        self._listener.transport_state("subscribe", state)
        if state == "disconnected" or state == "connecting":
            return
        now = self.transport.last_seen
        for consumer in self.consumers.values():
            consumer.connected = state == "connected"
            consumer.producer.place(consumer, now)
            if state == "connected" and consumer.layer is not None:
                consumer.producer.request_keyframe(consumer.layer, now)  # what was lost meanwhile is gone
            self._tell(consumer)

    # --- feedback ---------------------------------------------------------------------------------------------------

    def _on_rtcp(self, data: bytes, now: float) -> None:
        try:
            packets = parse_compound(data)
        except RtcpError:
            self.discarded.bad_rtcp += 1
            return
        for packet in packets:
            self._feedback(packet, now)

    def _feedback(self, packet: RtcpPacket, now: float) -> None:
        match packet:
            case Nack():
                consumer = self._mine(packet.media_ssrc)
                if consumer is not None:
                    consumer.retransmit(packet.lost, now, self.rtt)
            case PictureLoss():
                self._keyframe(packet.media_ssrc, now)
            case FullIntraRequest():
                for ssrc, _ in packet.requests:
                    self._keyframe(ssrc, now)
            case ReceiverReport() | SenderReport():
                self._reports(packet.reports, now)
            case Remb():
                self.estimator.remb(packet.bitrate, now)

    def _mine(self, ssrc: int) -> Consumer | None:
        consumer = self._by_ssrc.get(ssrc)
        if consumer is None:
            self.discarded.foreign_rtcp += 1
        return consumer

    def _keyframe(self, ssrc: int, now: float) -> None:
        consumer = self._mine(ssrc)
        if consumer is not None:
            consumer.keyframe_wanted(now)

    def _reports(self, blocks: list[ReportBlock], now: float) -> None:
        """Loss over all streams, each weighed by its packets: one lost of three in a quiet stream means nothing."""
        covered = 0
        lost = 0.0
        for block in blocks:
            consumer = self._mine(block.ssrc)
            if consumer is None or block.ssrc != consumer.ssrc:
                continue
            packets = consumer.received(block)
            covered += packets
            lost += packets * consumer.fraction_lost
            rtt = round_trip(block, self._wall())
            if rtt is not None:
                self.rtt = rtt if not self.rtt else self.rtt + (rtt - self.rtt) / 8
                self.transport.rtt = self.rtt
        self.reported += covered
        self.reported_lost += lost
        if covered:
            self.estimator.receiver_report(lost / covered, now)

    def tick(self, now: float, active_speaker: str | None) -> None:
        """Several times a second; once a second it reports, and shares the bandwidth anew."""
        if now < self.next_report:
            return
        self.next_report = now + REPORT_INTERVAL
        elapsed = now - self._reported_at if self._reported_at is not None else REPORT_INTERVAL
        self._reported_at = now
        sent = 0
        for consumer in self.consumers.values():
            consumer.measure(elapsed)
            sent += consumer.bitrate
        if self.transport.state == "connected":
            self._share(self.estimator.update(sent, now), active_speaker, now)
            self._send_reports()
        for consumer in self.consumers.values():
            self._tell(consumer)

    def _share(self, estimate: int, active_speaker: str | None, now: float) -> None:
        self.transport.estimate_out = estimate
        demands = [
            Demand(
                key=consumer.consumer_id,
                priority=_priority(consumer.producer, active_speaker),
                bitrates=consumer.producer.bitrates(now),
                current=consumer.allowed,
                wanted=consumer.selector.max_layer,
            )
            for consumer in self.consumers.values()
            if consumer.producer.kind == "video" and consumer.accepted and not consumer.paused
        ]
        for consumer_id, allowed in allocate(estimate, demands).items():
            consumer = self.consumers[consumer_id]
            if consumer.allowed != allowed:
                consumer.allowed = allowed
                consumer.producer.place(consumer, now)

    def _send_reports(self) -> None:
        wall = self._wall()
        reports = [consumer.sender_report(wall) for consumer in self.consumers.values()]
        ready = [report for report in reports if report is not None]
        for first in range(0, len(ready), REPORTS_IN_ONE_PACKET):
            self.transport.send_rtcp(compound(ready[first : first + REPORTS_IN_ONE_PACKET]))

    def close(self) -> None:
        """The participant is gone."""
        for consumer in self.consumers.values():
            consumer.producer.remove_consumer(consumer)
        self.consumers.clear()
        self.transport.close()


def _priority(producer: Producer, active_speaker: str | None) -> int:
    if producer.source == "screen":
        return PRIORITY_SCREEN
    return PRIORITY_SPEAKER if producer.participant_id == active_speaker else PRIORITY_OTHER
