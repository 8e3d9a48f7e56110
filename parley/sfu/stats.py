"""Statistics of what lives in the SFU, as plain numbers. Bitrates in bit/s, times in milliseconds."""

from __future__ import annotations

from dataclasses import dataclass, field

from parley.sfu.transport import TransportReport


@dataclass(slots=True)
class ProducerReport:
    """What arrives of one track from its owner. layers: the camera layers that arrive now, smallest first."""

    producer_id: str
    source: str
    codec: str
    muted: bool
    packets: int
    bytes: int
    bitrate: int
    lost: int
    nacks_sent: int
    plis_sent: int
    jitter_ms: float
    layers: list[str]


@dataclass(slots=True)
class ConsumerReport:
    """What is sent of one track to one subscriber. layer: the one that is forwarded, "" for none."""

    consumer_id: str
    producer_id: str
    codec: str
    paused: bool
    layer: str
    packets: int
    bytes: int
    bitrate: int
    fraction_lost: float
    nacks_received: int
    retransmitted: int
    plis_received: int


@dataclass(slots=True)
class PeerStats:
    """Everything about one participant's media."""

    transports: list[TransportReport]
    producers: list[ProducerReport]
    consumers: list[ConsumerReport]


@dataclass(slots=True)
class Discarded:
    """Packets of peers that were dropped, by reason. Whoever sends them harms only themselves.

    malformed: not RTP. unknown_ssrc: an SSRC that no m-line announces. unknown_payload_type: not negotiated for
    the track. muted: sent although the track is muted. bad_rtx: a retransmission of nothing. bad_rtcp: not RTCP.
    foreign_rtcp: RTCP about streams that aren't the sender's.
    """

    malformed: int = 0
    unknown_ssrc: int = 0
    unknown_payload_type: int = 0
    muted: int = 0
    bad_rtx: int = 0
    bad_rtcp: int = 0
    foreign_rtcp: int = 0


@dataclass(slots=True)
class MediaLoad:
    """How busy a media node is.

    packets_per_second: in and out, over the last second. cpu: share of one core that this process used over the last
    second. counters: totals since the start, for metrics.
    """

    routers: int
    peers: int
    producers: int
    consumers: int
    packets_per_second: float
    cpu: float
    counters: dict[str, float] = field(default_factory=dict)
