"""What a host may ask about recording."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parley.signaling.rooms.command_error import CommandError
from parley.signaling.rooms.recorder import RecorderUnavailableError
from parley.signaling.schema.client import (
    PauseRecording,
    StartRecording,
    StopRecording,
)
from parley.signaling.schema.common import ErrorCode
from parley.signaling.schema.server import (
    Answer,
    Ok,
)

if TYPE_CHECKING:
    from parley.signaling.rooms.room import Room
    from parley.signaling.rooms.visitor import Visitor


def start(room: Room, visitor: Visitor, message: StartRecording, now: float) -> Answer:
    """Record from now on."""
    if room.recording.state is not None:
        raise CommandError(ErrorCode.WRONG_STATE, "This meeting is being recorded already.")
    try:
        room.recording.begin(message.recap, message.gestures)
    except RecorderUnavailableError as error:
        raise CommandError(ErrorCode.UNAVAILABLE, str(error)) from None
    return Ok(re=message.id)


def pause(room: Room, visitor: Visitor, message: PauseRecording, now: float) -> Answer:
    """Keep nothing for a while, or go on."""
    _check_recorded(room)
    room.recording.pause(message.paused)
    return Ok(re=message.id)


def stop(room: Room, visitor: Visitor, message: StopRecording, now: float) -> Answer:
    """The recording is complete."""
    _check_recorded(room)
    room.recording.stop("host")
    return Ok(re=message.id)


def _check_recorded(room: Room) -> None:
    if room.recording.state is None:
        raise CommandError(ErrorCode.WRONG_STATE, "This meeting is not being recorded.")
