"""Facts reach a gateway whatever gateways come and go, each in its order."""

from __future__ import annotations

import pytest

from parley.signaling import facts_mail
from parley.signaling.facts_mail import RECENT_SECONDS, FactsMail
from parley.signaling.node_messages import GuestAdmitted, RoomFact


class Gateway:
    """Keeps what it is sent."""

    def __init__(self) -> None:
        self.got: list[str] = []

    def notify(self, message: RoomFact) -> None:
        assert isinstance(message.fact, GuestAdmitted)
        self.got.append(message.fact.key)


def fact(key: str, meeting_id: str = "m") -> RoomFact:
    return RoomFact(meeting_id, GuestAdmitted(key, 0.0))


def test_a_fact_goes_to_one_gateway_the_one_that_opened_the_room() -> None:
    mail, one, other = FactsMail(), Gateway(), Gateway()
    mail.linked(one, 0)
    mail.linked(other, 0)
    mail.prefer("m", other)
    mail.send(fact("a"), 1)
    mail.send(fact("b", "another"), 1)
    assert (one.got, other.got) == (["b"], ["a"])
    mail.room_closed("m")
    mail.send(fact("c"), 2)
    assert one.got == ["b", "c"]


def test_facts_wait_in_order_while_there_is_no_gateway() -> None:
    mail, gateway = FactsMail(), Gateway()
    for key in "abc":
        mail.send(fact(key), 0)
    assert mail.waiting == 3
    mail.linked(gateway, 100)
    assert gateway.got == ["a", "b", "c"]
    assert mail.waiting == 0


def test_what_a_lost_gateway_may_not_have_read_is_sent_to_another() -> None:
    mail, lost, other = FactsMail(), Gateway(), Gateway()
    mail.linked(lost, 0)
    mail.linked(other, 0)
    mail.prefer("m", lost)
    mail.send(fact("long ago"), 0)
    mail.send(fact("a"), 10)
    mail.send(fact("b"), 10)
    mail.unlinked(lost, 10 + RECENT_SECONDS)
    assert other.got == ["a", "b"]
    mail.send(fact("c"), 20)
    assert other.got == ["a", "b", "c"]


def test_what_the_last_gateway_may_not_have_read_waits_for_the_next() -> None:
    mail, lost, following = FactsMail(), Gateway(), Gateway()
    mail.linked(lost, 0)
    mail.send(fact("a"), 1)
    mail.unlinked(lost, 1)
    assert mail.waiting == 1
    mail.linked(following, 60)
    assert following.got == ["a"]


def test_without_any_gateway_for_long_the_oldest_are_lost_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts_mail, "MAX_WAITING", 3)
    mail, gateway = FactsMail(), Gateway()
    for key in "abcde":
        mail.send(fact(key), 0)
    assert (mail.waiting, mail.dropped) == (3, 2)
    mail.linked(gateway, 1)
    assert gateway.got == ["c", "d", "e"]
