"""The tracks of a recording as the media node knows them: each has a number, which its packets bear on the socket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from parley.recorder.messages import CLOCK_RATES, ID, Report, Track
from parley.store.recording import Codec, Source

NUMBERS = 0x10000
"""As many as the frame of a packet has room for (messages.py)."""

_CODECS: tuple[str, ...] = get_args(Codec)
_SOURCES: tuple[str, ...] = get_args(Source)


class NodeTrack:
    """One track. said: how the recorder is told of it. first, heard: when its first and last packets went to the
    socket. report: its last sender report. dropped: packets left out since the last one that wasn't.

    seen, sent: the sequence number behind the newest packet's, of those that came and of those that went to the socket.
    """

    __slots__ = ("dropped", "first", "heard", "report", "said", "seen", "sent")

    def __init__(self, said: Track) -> None:
        self.said = said
        self.first: float | None = None
        self.heard: float | None = None
        self.report: Report | None = None
        self.dropped = 0
        self.seen: int | None = None
        self.sent: int | None = None

    @property
    def is_video(self) -> bool:
        """Whether it goes on with a key frame only."""
        return self.said.codec != "opus"


def behind(newest: int | None, data: bytes | bytearray | memoryview, offset: int) -> int | None:
    """The sequence number behind that of an RTP packet whose number is at an offset, or behind the newest before."""
    if len(data) < offset + 2:
        return newest
    following = (data[offset] << 8 | data[offset + 1]) + 1 & 0xFFFF
    return following if newest is None or (following - newest) & 0xFFFF < 0x8000 else newest


class NodeTracks:
    """See the module. Numbers go round: a track that ended leaves its own."""

    def __init__(self) -> None:
        self._tracks: dict[str, NodeTrack] = {}
        self._last = 0

    def __iter__(self) -> Iterator[NodeTrack]:
        return iter(list(self._tracks.values()))

    def get(self, track: str) -> NodeTrack | None:
        """The one of this id."""
        return self._tracks.get(track)

    def begin(
        self, track: str, *, participant: str, source: Source, codec: Codec, clock_rate: int, channels: int, fmtp: str,
        at: float,
    ) -> Track | None:  # fmt: skip
        """What to say of a track that begins, or goes on with another codec; None where it can't be recorded."""
        if not ID.fullmatch(track) or codec not in _CODECS or source not in _SOURCES or clock_rate not in CLOCK_RATES:
            return None
        known = self._tracks.get(track)
        number = known.said.number if known is not None else self._next_number()
        said = Track(
            number=number, track=track, participant=participant, source=source, codec=codec, clock_rate=clock_rate,
            channels=channels, fmtp=fmtp, at=at,
        )  # fmt: skip
        self._tracks[track] = NodeTrack(said)
        return said

    def end(self, track: str) -> NodeTrack | None:
        """It ended; None where it was not known."""
        return self._tracks.pop(track, None)

    def _next_number(self) -> int:
        taken = {one.said.number for one in self._tracks.values()}
        while True:
            self._last = (self._last + 1) % NUMBERS
            if self._last not in taken:
                return self._last
