"""How well somebody's media gets through: said when it lasts, taken back when it is over, never to and fro."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.sfu.health import Health
from parley.signaling.rooms.quality import INTERVAL, LOWER_AFTER, QualityMeter
from parley.signaling.schema.common import Quality
from tests.signaling.house import House, Person


class Line:
    """A participant's connection over time, and what the meter says of it."""

    def __init__(self) -> None:
        self.meter = QualityMeter()
        self.now = 100.0
        self.sent = self.received = 0
        self.sent_lost = self.received_lost = 0.0
        self.said: list[Quality] = []
        self.goes(INTERVAL)

    def goes(
        self,
        seconds: float,
        *,
        up: float = 0.0,
        down: float = 0.0,
        rtt: float = 0.05,
        starved: bool = False,
        packets: int = 100,
    ) -> Quality:
        """So many seconds pass with these shares lost of so many packets every two seconds, each way."""
        for _ in range(round(seconds / INTERVAL)):
            self.now += INTERVAL
            self.sent += packets
            self.sent_lost += packets * up
            self.received += packets
            self.received_lost += packets * down
            health = Health(self.sent, int(self.sent_lost), self.received, self.received_lost, rtt, starved)
            if self.meter.measure(health, self.now):
                self.said.append(self.meter.quality)
        return self.meter.quality


TROUBLES: list[tuple[Quality, Callable[[Line, float], Quality]]] = [
    (Quality.LOSS, lambda line, seconds: line.goes(seconds, up=0.1)),
    (Quality.LOSS, lambda line, seconds: line.goes(seconds, down=0.1)),
    (Quality.DELAY, lambda line, seconds: line.goes(seconds, rtt=0.6)),
    (Quality.BANDWIDTH, lambda line, seconds: line.goes(seconds, starved=True)),
]


@pytest.mark.parametrize(("quality", "has"), TROUBLES)
def test_a_trouble_is_told_when_it_lasts_and_taken_back_when_it_has_been_gone_for_a_while(
    quality: Quality, has: Callable[[Line, float], Quality]
) -> None:
    line = Line()
    assert has(line, 4) is Quality.GOOD, "not for a burst"
    assert has(line, 2) is quality
    assert line.goes(LOWER_AFTER) is quality
    assert line.goes(2) is Quality.GOOD
    assert line.said == [quality, Quality.GOOD]


@pytest.mark.parametrize(("quality", "has"), TROUBLES)
def test_a_trouble_that_comes_and_goes_is_told_once(quality: Quality, has: Callable[[Line, float], Quality]) -> None:
    line = Line()
    has(line, 6)
    for _ in range(20):
        line.goes(6)
        has(line, 2)
    assert line.said == [quality]


def test_between_the_two_thresholds_it_stays_as_it_is() -> None:
    line = Line()
    assert line.goes(60, up=0.04, rtt=0.35) is Quality.GOOD
    line.goes(6, up=0.1)
    assert line.goes(60, up=0.03) is Quality.LOSS
    line.goes(20)
    line.goes(6, rtt=0.5)
    assert line.goes(60, rtt=0.35) is Quality.DELAY


def test_of_several_troubles_the_one_is_named_that_explains_the_others() -> None:
    line = Line()
    assert line.goes(10, down=0.2, rtt=1.0, starved=True) is Quality.BANDWIDTH
    assert line.goes(14, down=0.2, rtt=1.0) is Quality.LOSS
    assert line.goes(14, rtt=1.0) is Quality.DELAY
    assert line.goes(14) is Quality.GOOD


def test_a_few_packets_lost_of_few_mean_nothing() -> None:
    line = Line()
    assert line.goes(60, up=0.5, down=0.5, packets=2) is Quality.GOOD
    assert line.goes(60, up=0.5, packets=12) is Quality.LOSS, "of more they do"


def test_receivers_of_nothing_but_sound_report_seldom_and_are_judged_too() -> None:
    line = Line()
    for _ in range(4):
        line.goes(2, down=0.2, packets=250)
        line.goes(4, packets=0)
    assert line.meter.quality is Quality.LOSS
    assert line.goes(10, packets=0) is Quality.LOSS
    assert line.goes(20, packets=0) is Quality.GOOD, "what isn't heard of any more is no trouble any more"


def test_totals_that_begin_anew_are_no_loss() -> None:
    line = Line()
    line.goes(10)
    line.sent = line.received = 0
    line.sent_lost = line.received_lost = 0.0
    assert line.goes(20) is Quality.GOOD
    assert line.said == []


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 2), st.booleans()), max_size=60))
def test_whatever_happens_no_verdict_is_taken_back_before_its_time(
    looks: list[tuple[float, float, float, bool]],
) -> None:
    line = Line()
    told_at: float | None = None
    for up, down, rtt, starved in looks:
        before = line.meter.quality
        after = line.goes(INTERVAL, up=up, down=down, rtt=rtt, starved=starved)
        if before is Quality.GOOD and after is not Quality.GOOD:
            told_at = line.now
        elif after is Quality.GOOD and before is not Quality.GOOD:
            assert told_at is not None
            assert line.now - told_at >= LOWER_AFTER


# --- in a room -------------------------------------------------------------------------------------------------------


def loses(house: House, person: Person, share: float, seconds: float) -> None:
    """The person's browser reports this loss."""
    visitor = house.room.roster.find(person.id)
    assert visitor is not None
    assert visitor.peer is not None
    subscriber = visitor.peer.subscriber
    for _ in range(int(seconds)):
        subscriber.reported += 100
        subscriber.reported_lost += 100 * share
        house.passes(1)


def told_of(person: Person, seen_by: Person) -> list[str]:
    return [
        event["participant"]["quality"]
        for event in seen_by.events("participant.updated")
        if event["participant"]["participant_id"] == person.id
    ]


async def test_everyone_is_told_whose_media_gets_through_badly_and_once() -> None:
    house = House()
    host = house.host()
    guest = house.guest_inside(host)
    loses(house, guest, 0.0, 6)
    assert told_of(guest, host) == []
    loses(house, guest, 0.2, 20)
    assert told_of(guest, host) == told_of(guest, guest) == ["loss"]
    mia = house.person("mia", "member")
    mia.hello()
    people = {one["name"]: one["quality"] for one in mia.events("joined")[-1]["participants"]}
    assert people == {"Hanna": "good", "Gus": "loss", "Mia": "good"}
    loses(house, guest, 0.0, 20)
    assert told_of(guest, host) == ["loss", "good"]


async def test_who_starts_over_is_judged_anew() -> None:
    house = House()
    host = house.host()
    guest = house.guest_inside(host)
    loses(house, guest, 0.2, 20)
    guest.hello()
    assert told_of(guest, host)[-1] == "good"
    house.passes(30)
    assert told_of(guest, host)[-1] == "good"
