"""What a recorder was told, so that the one after it can be told again: it goes on where the other was killed.

Sans-I/O: what went to the socket comes in, frames that introduce the recording come out.
"""

from __future__ import annotations

from collections import deque

import msgspec

from parley.recorder.messages import PACKET_OFFSET, Expect, Happened, Open, Pause, Resume, Stop, Track, TrackEnd, encode
from parley.recorder.node_tracks import NodeTrack, NodeTracks, behind
from parley.recorder.outbox import Entry
from parley.store.recording import AnyEvent, RecordingHead, TrackEnded

RECENT_SECONDS = 30.0
RECENT_EVENTS = 512
"""Events said again to a recorder that was restarted, for it may not have got to writing them."""


class Told:
    """See the module. tracks: those that the node knows now."""

    def __init__(self, tracks: NodeTracks) -> None:
        self._known = tracks
        self._tracks: dict[int, NodeTrack] = {}
        self._paused = False
        self._stop: Stop | None = None
        self._recent: deque[AnyEvent] = deque(maxlen=RECENT_EVENTS)

    def track(self, number: int) -> str | None:
        """The id of the track that the recorder knows by this number, while it goes on."""
        told = self._tracks.get(number)
        return told.said.track if told is not None and self._known.get(told.said.track) is not None else None

    def sent(self, entry: Entry) -> None:
        """This went to the socket."""
        match entry.message:
            case None:
                told = self._tracks.get(entry.number)
                if told is not None:
                    told.heard = entry.at
                    told.first = entry.at if told.first is None else told.first
                    told.sent = behind(told.sent, entry.frame, PACKET_OFFSET + 2)
            case Track(number=number, track=track) as said:
                self._tracks[number] = self._known.get(track) or NodeTrack(said)
            case TrackEnd(number=number, at=at):
                told = self._tracks.pop(number, None)
                if told is not None:
                    self._recent.append(TrackEnded(at=at, track=told.said.track))
            case Happened(event=event):
                self._recent.append(event)
            case Pause():
                self._paused = True
            case Resume():
                self._paused = False
            case Stop() as stop:
                self._stop = stop
            case _:
                pass

    def introduction(self, head: RecordingHead, at: float) -> bytes:
        """Frames that tell another recorder of the recording as it was at `at`, on the meeting's clock."""
        frames = [encode(Open(head, at)), encode(Pause(at) if self._paused else Resume(at))]
        frames += [encode(Happened(event)) for event in self._recent if at - event.at < RECENT_SECONDS]
        for one in self._tracks.values():
            said = msgspec.structs.replace(one.said, at=at, active_since=one.first, active_until=one.heard)
            frames.append(encode(said))
            if one.sent is not None:
                frames.append(encode(Expect(one.said.number, one.sent)))
            if one.report is not None:
                frames.append(encode(one.report))
        if self._stop is not None:
            frames.append(encode(self._stop))
        return b"".join(frames)
