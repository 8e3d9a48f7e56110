"""Who speaks is who is clearly the loudest for a while; coughs, pauses and leaving are handled."""

from __future__ import annotations

from parley.sfu.active_speaker import HOLD, MARGIN, RELEASE, SPEECH, ActiveSpeakerObserver
from parley.sfu.audio_level import SILENCE, audio_level

LOUD, SOFT, MURMUR = 20, 35, 60


class Room:
    """Microphones that send a packet every 20 ms, and an observer that decides every 100 ms."""

    def __init__(self) -> None:
        self.observer = ActiveSpeakerObserver()
        self.now = 1_000.0
        self.changes: list[str | None] = []

    def hears(self, seconds: float, **levels: int) -> str | None:
        """Everybody speaks at these levels for so long; who is active then."""
        for step in range(round(seconds * 50)):
            for name, level in levels.items():
                self.observer.level(name, level, self.now)
            self.now += 0.02
            if step % 5 == 4 and self.observer.update(self.now):
                self.changes.append(self.observer.active)
        return self.observer.active


def test_in_a_silent_room_nobody_speaks() -> None:
    room = Room()
    assert room.hears(5, ann=SILENCE, bob=MURMUR) is None
    assert room.changes == []
    assert room.observer.levels(room.now) == {}


def test_who_begins_in_silence_is_active_at_once() -> None:
    room = Room()
    room.hears(2, ann=SILENCE, bob=SILENCE)
    assert room.hears(0.3, ann=SILENCE, bob=SOFT) == "bob"


def test_somebody_clearly_louder_takes_the_floor_after_a_while() -> None:
    room = Room()
    assert room.hears(2, ann=SOFT, bob=SILENCE) == "ann"
    assert room.hears(HOLD / 2, ann=SOFT, bob=LOUD) == "ann"
    assert room.hears(HOLD + 0.3, ann=SOFT, bob=LOUD) == "bob"
    assert room.changes == ["ann", "bob"]


def test_a_cough_does_not_take_the_floor() -> None:
    room = Room()
    room.hears(2, ann=SOFT, bob=SILENCE)
    room.hears(0.2, ann=SOFT, bob=5)
    room.hears(2, ann=SOFT, bob=SILENCE)
    assert room.changes == ["ann"]


def test_two_who_are_equally_loud_do_not_flicker() -> None:
    room = Room()
    room.hears(1, ann=SOFT, bob=SILENCE)
    for _ in range(20):
        room.hears(0.5, ann=SOFT, bob=SOFT - int(MARGIN) + 1)
        room.hears(0.5, ann=SOFT - 2, bob=SOFT)
    assert room.changes == ["ann"]


def test_a_short_pause_keeps_the_floor_and_a_long_one_gives_it_up() -> None:
    room = Room()
    room.hears(2, ann=LOUD)
    assert room.hears(RELEASE - 0.5, ann=SILENCE) == "ann"
    room.hears(1, ann=LOUD)
    assert room.hears(RELEASE + 1.5, ann=SILENCE) is None
    assert room.changes == ["ann", None]


def test_silence_that_is_not_even_sent_is_silence() -> None:
    room = Room()
    room.hears(2, ann=LOUD)
    assert room.hears(RELEASE + 0.5) is None
    assert room.observer.levels(room.now) == {}


def test_in_a_pause_of_the_speaker_somebody_softer_takes_over() -> None:
    room = Room()
    room.hears(2, ann=LOUD, bob=SILENCE)
    assert room.hears(1.5, ann=SILENCE, bob=SOFT) == "bob"


def test_who_leaves_or_is_muted_is_not_active_any_more() -> None:
    room = Room()
    room.hears(2, ann=LOUD, bob=SILENCE)
    room.observer.remove("ann")
    assert room.observer.update(room.now)
    assert room.observer.active is None
    room.hears(0.5, bob=SOFT)
    assert room.changes == ["ann", "bob"]


def test_who_leaves_while_about_to_take_the_floor_does_not_get_it() -> None:
    room = Room()
    room.hears(2, ann=SOFT, bob=SILENCE)
    room.hears(HOLD / 2, ann=SOFT, bob=LOUD)
    room.observer.remove("bob")
    assert room.hears(2, ann=SOFT) == "ann"
    assert room.changes == ["ann"]


def test_levels_are_of_those_who_are_heard() -> None:
    room = Room()
    room.hears(1, ann=LOUD, bob=MURMUR, cid=SOFT)
    levels = room.observer.levels(room.now)
    assert levels.keys() == {"ann", "cid"}
    assert abs(levels["ann"] - LOUD) <= 1
    assert all(level < SPEECH for level in levels.values())


def test_people_who_come_and_go_leave_nothing_behind() -> None:
    room = Room()
    for number in range(500):
        room.observer.level(f"guest {number}", LOUD, room.now)
        room.observer.remove(f"guest {number}")
    assert not room.observer._speakers
    room.observer.remove("nobody")


def test_time_that_stands_still_or_turns_back_breaks_nothing() -> None:
    room = Room()
    for now in (5.0, 5.0, 4.0, 5.01):
        room.observer.level("ann", LOUD, now)
        room.observer.update(now)
    assert 0 <= room.observer.levels(5.01)["ann"] <= SILENCE


def test_a_level_byte_holds_the_level_and_whether_it_is_speech() -> None:
    assert audio_level(0x80 | 30) == (30, True)
    assert audio_level(127) == (SILENCE, False)
