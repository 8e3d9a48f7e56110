"""The publish side of a participant: packets of one transport to the layers of its producers, feedback to the browser.

Every SSRC belongs to a layer or repairs one (RFC 4588). Which, the offer may say; else the first packets do, by the
header extensions for mid and rid (RFC 8843 section 9.2, RFC 8852).
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable

from parley.sfu.audio_level import audio_level
from parley.sfu.endpoint import MediaEndpoint
from parley.sfu.interfaces import PeerListener, PublishResult
from parley.sfu.layers import LIVE_FOR
from parley.sfu.producer import Producer
from parley.sfu.producer_layer import ProducerLayer
from parley.sfu.publish_sdp import NegotiatedTrack, TrackIntent, negotiate_publish
from parley.sfu.remote_clock import RemoteClock
from parley.sfu.rtcp import (
    Nack,
    PictureLoss,
    ReceiverReport,
    RtcpError,
    SenderReport,
    compound,
    parse_compound,
)
from parley.sfu.rtp import RtpHeader, find_extension, parse_rtp
from parley.sfu.sdp import LocalParameters
from parley.sfu.stats import Discarded
from parley.sfu.template import LEVEL_TAG, MAX_PAYLOAD_BYTES, ORIENTATION_TAG, ExtensionIds
from parley.sfu.transport import State, Transport, TransportError
from parley.sfu.transport_cc import TransportCcReceiver

FEEDBACK_INTERVAL = 0.1
REPORT_INTERVAL = 1.0
MAX_EARLY = 32
"""Packets kept whose SSRC nobody knows yet: a renegotiation may be on its way."""
MAX_RETIRED = 64
"""SSRCs remembered for their late packets; each offer may state others."""


class _Stream:
    """One SSRC: the layer that it is, or that it repairs."""

    __slots__ = ("index", "producer", "repairs")

    def __init__(self, producer: Producer, index: int, repairs: bool) -> None:
        self.producer = producer
        self.index = index
        self.repairs = repairs


class Publisher:
    """See the module.

    heard(level, now): the microphone's level in a packet. wall: seconds since 1970 UTC, for sender reports. rtt: the
    round trip in seconds, as far as known.
    """

    def __init__(
        self,
        participant_id: str,
        endpoint: MediaEndpoint,
        discarded: Discarded,
        listener: PeerListener,
        heard: Callable[[int, float], None],
        wall: Callable[[], float],
    ) -> None:
        self.participant_id = participant_id
        self.producers: dict[str, Producer] = {}
        self.transport: Transport | None = None
        self.discarded = discarded
        self.rtt = 0.1
        self._endpoint = endpoint
        self._listener = listener
        self._heard = heard
        self._wall = wall
        self._version = 0
        self._ssrc = secrets.randbits(32)
        self._clock = RemoteClock()
        self._reset_streams()
        self._next_feedback = 0.0
        self._next_report = 0.0

    def _reset_streams(self) -> None:
        self._streams: dict[int, _Stream] = {}
        self._retired: deque[int] = deque(maxlen=MAX_RETIRED)
        self._ids = ExtensionIds({})
        self._arrivals = TransportCcReceiver(self._ssrc)
        self._early: deque[tuple[bytes, float]] = deque(maxlen=MAX_EARLY)

    # --- negotiation ------------------------------------------------------------------------------------------------

    def publish(
        self, sdp: str, tracks: list[TrackIntent], now: float
    ) -> tuple[PublishResult, list[Producer], list[Producer]]:
        """Take an offer; the answer, and which producers are new and which ended. Raises SdpError."""
        negotiation = negotiate_publish(sdp, tracks)
        remote = negotiation.remote
        transport = self.transport or self._new_transport()
        try:
            transport.set_remote(remote.ufrag, remote.password, remote.fingerprints)
        except TransportError:
            transport = self._new_transport()
            transport.set_remote(remote.ufrag, remote.password, remote.fingerprints)
        extensions: dict[str, int] = {}
        for track in negotiation.tracks:
            extensions.update(track.extensions)
        self._ids = ExtensionIds(extensions)
        self._drain()
        transport.inbound.clear_tracks()
        transport.inbound.set_ids(self._ids)
        added, removed = self._update_producers(negotiation.tracks)
        self._learn_from_offer(negotiation.tracks, now)
        self._version += 1
        local = LocalParameters(
            transport.ice.local.ufrag,
            transport.ice.local.password,
            self._endpoint.fingerprint,
            tuple(candidate.to_sdp() for candidate in self._endpoint.candidates),
        )
        answer = negotiation.answer(local, self._version)
        published = [(producer.mid, producer.producer_id) for producer in self.producers.values()]
        return PublishResult(answer, published), added, removed

    def _new_transport(self) -> Transport:
        """Start over: the browser made a new RTCPeerConnection, with a certificate of its own."""
        if self.transport is not None:
            self.transport.close()
        for producer in self.producers.values():
            producer.drop_layers()
        self._reset_streams()
        self._clock = RemoteClock()
        for producer in self.producers.values():
            producer.clock = self._clock
        transport = self._endpoint.create_transport("publish")
        transport.on_rtp = self._on_rtp
        transport.on_rtcp = self._on_rtcp
        transport.on_state = self._on_state
        self.transport = transport
        return transport

    def _update_producers(self, tracks: list[NegotiatedTrack]) -> tuple[list[Producer], list[Producer]]:
        """Producers live on by their source, so that a browser that starts over stays the same to its subscribers."""
        by_source = {producer.source: producer for producer in self.producers.values()}
        added: list[Producer] = []
        kept: set[str] = set()
        for track in tracks:
            producer = by_source.get(track.source)
            if producer is not None and producer.renegotiate(track):
                kept.add(producer.producer_id)
                continue
            producer = Producer(secrets.token_urlsafe(9), self.participant_id, track, self._clock, self._ask_keyframe)
            added.append(producer)
        removed = [producer for producer_id, producer in self.producers.items() if producer_id not in kept]
        for producer in removed:
            del self.producers[producer.producer_id]
            self._retire(producer)
        for producer in added:
            self.producers[producer.producer_id] = producer
        return added, removed

    def _retire(self, producer: Producer) -> None:
        if self.transport is not None:
            self.transport.inbound.clear_tracks()
        for ssrc, stream in list(self._streams.items()):
            if stream.producer is producer:
                del self._streams[ssrc]

    def _learn_from_offer(self, tracks: list[NegotiatedTrack], now: float) -> None:
        by_mid = {producer.mid: producer for producer in self.producers.values()}
        for track in tracks:
            producer = by_mid[track.mid]
            if producer.is_simulcast or not track.ssrcs:
                continue
            ssrc = track.ssrcs[0]
            layer = producer.layers[0]
            if layer is None or layer.ssrc != ssrc:
                self._add_stream(ssrc, producer, 0, repairs=False, now=now)
            for repair, primary in track.repair_ssrcs.items():
                if primary == ssrc:
                    self._add_stream(repair, producer, 0, repairs=True, now=now)
        early = list(self._early)
        self._early.clear()
        for packet, arrived in early:
            self._on_rtp(bytearray(packet), len(packet), arrived)

    def _add_stream(self, ssrc: int, producer: Producer, index: int, *, repairs: bool, now: float) -> _Stream:
        for known, other in list(self._streams.items()):
            if other.producer is producer and (other.index, other.repairs) == (index, repairs) and known != ssrc:
                del self._streams[known]
                self._retired.append(known)
        if self.transport is not None:
            self.transport.inbound.clear_tracks()
        stream = self._streams[ssrc] = _Stream(producer, index, repairs)
        if ssrc in self._retired:
            self._retired.remove(ssrc)
        if not repairs:
            producer.add_layer(index, ssrc, now)
        return stream

    # --- packets ----------------------------------------------------------------------------------------------------

    def _on_rtp(self, buffer: bytearray, length: int, now: float) -> None:
        header = parse_rtp(buffer, length)
        if header is None or header.payload_length > MAX_PAYLOAD_BYTES:
            self.discarded.malformed += 1
            return
        self._drain()
        ids = self._ids
        if ids.transport_cc:
            found = find_extension(buffer, header, ids.transport_cc)
            if found is not None and found[1] >= 2:
                at = found[0]
                self._arrivals.add(buffer[at] << 8 | buffer[at + 1], header.ssrc, now)
        stream = self._streams.get(header.ssrc)
        if stream is None:
            stream = self._learn(buffer, length, header, now)
            if stream is None:
                return
        layer = stream.producer.layers[stream.index]
        if layer is None:
            self.discarded.bad_rtx += 1
        elif stream.repairs:
            self._repair(layer, buffer, header, now)
        else:
            layer.stats.receive(header.sequence_number, header.timestamp, length, now)
            layer.rate.add(length, now)
            self._media(layer, buffer, header, header.payload_type, header.sequence_number, 0, now)
            if layer.cell is not None:
                self._open(layer, header)

    def _open(self, layer: ProducerLayer, header: RtpHeader) -> None:
        """Let C forward the packets that follow this one, as far as nothing about them is unusual."""
        codec = layer.producer.codecs.get(header.payload_type)
        if codec is not None and self.transport is not None and layer.open(header.payload_type, codec):
            self.transport.inbound.add_track(header.ssrc, layer)

    def _drain(self) -> None:
        """Take over what C saw of the packets that it forwarded."""
        if self.transport is None:
            return
        for at, number, ssrc in self.transport.inbound.arrivals():
            self._arrivals.add(number, ssrc, at)
        levels = list(self.transport.inbound.levels())
        if levels and any(item.source == "microphone" and not item.muted for item in self.producers.values()):
            for at, value in levels:
                self._heard(audio_level(value)[0], at)

    def _repair(self, layer: ProducerLayer, buffer: bytearray, header: RtpHeader, now: float) -> None:
        """A retransmission: its payload starts with the number of the packet that it repeats (RFC 4588 section 4)."""
        if header.payload_length < 2:
            return  # padding, to probe the bandwidth
        at = header.header_length
        seq = buffer[at] << 8 | buffer[at + 1]
        payload_type = layer.producer.rtx.get(header.payload_type)
        if payload_type is None or layer.buffer.get(seq, now) is not None:
            self.discarded.bad_rtx += 1
            return
        self._media(layer, buffer, header, payload_type, seq, 2, now)

    def _media(
        self, layer: ProducerLayer, buffer: bytearray, header: RtpHeader, payload_type: int, seq: int, skip: int,
        now: float,
    ) -> None:  # fmt: skip
        producer = layer.producer
        codec = producer.codecs.get(payload_type)
        if codec is None:
            self.discarded.unknown_payload_type += 1
            return
        layer.nack.receive(seq, now)
        if layer.nack.waiting or layer.nack.needs_keyframe:
            producer.restless = True
        was_live = now - layer.last_at <= LIVE_FOR
        layer.last_at = now
        if producer.muted:
            self.discarded.muted += 1
            return
        if not was_live and producer.is_simulcast:
            producer.place_all(now)
        if codec is not producer.codec:
            producer.use_codec(codec, now)
        start = header.header_length + skip
        size = header.payload_length - skip
        if size <= 0:
            layer.leave_out(seq)
            return
        tag = value = 0
        ids = self._ids
        if producer.kind == "audio":
            found = find_extension(buffer, header, ids.audio_level) if ids.audio_level else None
            if found is not None:
                tag, value = LEVEL_TAG, buffer[found[0]]
                if producer.source == "microphone":
                    self._heard(audio_level(value)[0], now)
        elif header.marker and ids.video_orientation:  # it comes with the last packet of a frame (3GPP TS 26.114)
            found = find_extension(buffer, header, ids.video_orientation)
            if found is not None:
                tag, value = ORIENTATION_TAG, buffer[found[0]]
        layer.forward(buffer[start : start + size], codec, header.marker, seq, header.timestamp, tag, value, now)

    def _learn(self, buffer: bytearray, length: int, header: RtpHeader, now: float) -> _Stream | None:
        """Find out whose SSRC this is; the packet is kept for a while when nobody's."""
        if header.ssrc in self._retired:
            self.discarded.unknown_ssrc += 1
            return None
        found = self._identify(buffer, header)
        if found is None:
            self.discarded.unknown_ssrc += 1
            self._early.append((bytes(buffer[:length]), now))
            return None
        producer, index, repairs = found
        return self._add_stream(header.ssrc, producer, index, repairs=repairs, now=now)

    def _identify(self, buffer: bytearray, header: RtpHeader) -> tuple[Producer, int, bool] | None:
        ids = self._ids
        mid = _text(buffer, header, ids.mid)
        payload_type = header.payload_type
        fitting = [
            producer
            for producer in self.producers.values()
            if (producer.mid == mid if mid else True)
            and (payload_type in producer.codecs or payload_type in producer.rtx)
        ]
        if len(fitting) != 1:
            return None
        producer = fitting[0]
        repairs = payload_type in producer.rtx
        if not producer.is_simulcast:
            return producer, 0, repairs
        rid = _text(buffer, header, ids.repaired_rid if repairs else ids.rid)
        if rid not in producer.rids:
            return None
        return producer, producer.rids.index(rid), repairs

    # --- feedback ---------------------------------------------------------------------------------------------------

    def _on_rtcp(self, data: bytes, now: float) -> None:
        try:
            packets = parse_compound(data)
        except RtcpError:
            self.discarded.bad_rtcp += 1
            return
        for packet in packets:
            if not isinstance(packet, SenderReport):
                continue
            stream = self._streams.get(packet.ssrc)
            if stream is None:
                self.discarded.foreign_rtcp += 1
                continue
            layer = stream.producer.layers[stream.index]
            if layer is not None and not stream.repairs:
                layer.stats.sender_report(packet, now)
                self._clock.observe(packet.ntp, self._wall())

    def _ask_keyframe(self, ssrc: int) -> None:
        self._send(PictureLoss(self._ssrc, ssrc).to_bytes())

    def _send(self, data: bytes) -> None:
        if self.transport is not None:
            self.transport.send_rtcp(data)

    def _on_state(self, state: State) -> None:
        self._listener.transport_state("publish", state)

    def tick(self, now: float) -> None:
        """Several times a second: ask for what is missing, tell what arrived and how."""
        if self.transport is None:
            return
        for producer in self.producers.values():
            if producer.restless:
                self._mend(producer, now)
        if now >= self._next_feedback:
            self._next_feedback = now + FEEDBACK_INTERVAL
            self._acknowledge(self.transport)
        if now >= self._next_report:
            self._next_report = now + REPORT_INTERVAL
            self._report(now)

    def _acknowledge(self, transport: Transport) -> None:
        """Say which packets arrived when."""
        usual = transport.inbound.feedback(self._arrivals)
        self._drain()
        for packet in self._arrivals.feedback() if usual is None else [usual]:
            self._send(packet)

    def _mend(self, producer: Producer, now: float) -> None:
        """Ask for what is missing and for key frames, as long as there is anything to ask for."""
        producer.restless = False
        for layer in producer.layers:
            if layer is None:
                continue
            if layer.nack.waiting:
                lost = layer.nack.due(now, self.rtt)
                if lost:
                    self._send(Nack(self._ssrc, layer.ssrc, lost).to_bytes())
            if layer.nack.needs_keyframe:
                layer.nack.needs_keyframe = False
                producer.request_keyframe(layer, now)
            elif layer.requester.wanted and layer.requester.due(now):
                self._ask_keyframe(layer.ssrc)
            if layer.nack.waiting or layer.requester.wanted:
                producer.restless = True

    def _report(self, now: float) -> None:
        blocks = []
        for producer in self.producers.values():
            producer.tick(now)
            for layer in producer.layers:
                block = layer.stats.report(layer.ssrc, now) if layer is not None else None
                if block is not None:
                    blocks.append(block)
        if blocks:
            self._send(compound([ReceiverReport(self._ssrc, blocks[:31])]))

    def close(self) -> None:
        """The participant is gone."""
        if self.transport is not None:
            self.transport.close()
            self.transport = None


def _text(buffer: bytearray, header: RtpHeader, extension_id: int) -> str:
    """The text of an extension element, "" where the packet doesn't carry it."""
    found = find_extension(buffer, header, extension_id) if extension_id else None
    if found is None:
        return ""
    return buffer[found[0] : found[0] + found[1]].decode("ascii", "replace")
