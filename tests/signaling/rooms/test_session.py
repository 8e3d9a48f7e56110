"""Numbering, resuming and answering again."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from parley.signaling.rooms.session import MAX_KEPT_ANSWERS, MAX_KEPT_EVENTS, Session
from parley.signaling.schema.server import ActiveSpeaker, Ok


def seqs(payloads: list[bytes] | None) -> list[int]:
    assert payloads is not None
    return [msgspec.json.decode(payload)["seq"] for payload in payloads]


@given(sent=st.integers(0, 40), acknowledged=st.integers(0, 40), last=st.integers(0, 45))
def test_a_resume_gets_exactly_what_was_missed_or_is_refused(sent: int, acknowledged: int, last: int) -> None:
    session = Session("c1")
    for _ in range(sent):
        session.number(ActiveSpeaker(participant_id=None))
    session.acknowledge(acknowledged)
    missed = session.missed(last)
    if last > sent or last < min(acknowledged, sent):
        assert missed is None
    else:
        assert seqs(missed) == list(range(last + 1, sent + 1))


def test_what_is_kept_is_bounded() -> None:
    session = Session("c1")
    for _ in range(MAX_KEPT_EVENTS + 10):
        session.number(ActiveSpeaker(participant_id=None))
    assert session.missed(5) is None
    assert seqs(session.missed(10))[0] == 11
    for number in range(MAX_KEPT_ANSWERS + 5):
        session.answer(Ok(re=number))
    assert session.answered(0) is None
    assert session.answered(MAX_KEPT_ANSWERS + 4) is not None


def test_a_request_asked_again_gets_the_same_answer() -> None:
    session = Session("c1")
    payload = session.answer(Ok(re=7))
    assert session.answered(7) == payload
    assert session.answered(8) is None


def test_only_the_right_token_owns_a_session() -> None:
    session = Session("c1")
    assert session.owns(session.resume_token)
    assert not session.owns("x" + session.resume_token[1:])
    assert not session.owns("")
