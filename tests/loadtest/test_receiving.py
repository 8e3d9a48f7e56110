"""A light participant's counting: what is missing, what came back, what never will."""

from __future__ import annotations

from loadtest.receiving import NACK_AFTER, NACK_TRIES, Reception
from loadtest.sdp import Streams


def reception() -> Reception:
    return Reception(Streams(1, 2), "producer", "participant", "camera")


def arrive(stream: Reception, *seqs: int) -> None:
    for seq in seqs:
        stream.packets += 1
        if seq == stream.next:
            stream.move(seq)
        else:
            stream.arrived(seq)


def test_packets_in_order_are_complete() -> None:
    stream = reception()
    arrive(stream, *range(65_530, 65_536), *range(10))
    assert (stream.expected, stream.lost, stream.missing) == (16, 0, {})


def test_a_gap_is_lost_until_its_retransmission_comes() -> None:
    stream = reception()
    arrive(stream, 5, 6, 9)
    assert (stream.expected, stream.lost, sorted(stream.missing)) == (5, 2, [7, 8])
    stream.repaired(7)
    assert (stream.lost, stream.recovered, sorted(stream.missing)) == (1, 1, [8])


def test_a_packet_that_was_only_late_is_not_lost() -> None:
    stream = reception()
    arrive(stream, 5, 7, 6)
    assert (stream.lost, stream.missing) == (0, {})


def test_a_retransmission_counts_once() -> None:
    stream = reception()
    arrive(stream, 5, 7)
    stream.repaired(6)
    stream.repaired(6)
    assert (stream.recovered, stream.lost) == (1, 0)


def test_what_is_missing_is_asked_for_after_a_moment_and_not_for_ever() -> None:
    stream = reception()
    arrive(stream, 5, 7)
    noticed = stream.missing[6][0]
    assert stream.to_ask(noticed + NACK_AFTER / 2) == []
    asked = [stream.to_ask(noticed + NACK_AFTER + 0.1 * (attempt + 1)) for attempt in range(NACK_TRIES + 3)]
    assert asked == [[6]] * NACK_TRIES + [[]] * 3
    assert stream.lost == 1


def test_a_hole_too_big_to_mend_is_counted_and_not_asked_for() -> None:
    stream = reception()
    arrive(stream, 5, 5 + 5000)
    assert (stream.lost, stream.missing) == (4999, {})
