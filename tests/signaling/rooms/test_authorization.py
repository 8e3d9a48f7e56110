"""Who may send which WebSocket message: every message of the protocol, by everyone there is."""

from __future__ import annotations

import typing
from collections.abc import Callable
from typing import Any

import pytest

from parley.signaling.schema import client
from tests.sfu.participant import publish_offer
from tests.signaling.house import House, Person

EVERYONE = ("anonymous", "removed", "stranger", "waiting", "guest", "member", "cohost", "host")
"""anonymous: a socket that the room doesn't know. removed: was put out by the host. stranger: has an account but is no
member, and waits. waiting: a guest who waits. guest: one who was let in."""

Outcome = str
SILENCE, OK, WAIT, FORBIDDEN = "", "ok", "wrong_state", "forbidden"


def only(*allowed: str, ok: Outcome = OK) -> dict[str, Outcome]:
    """These may; who is inside otherwise is forbidden, who waits is told to wait, who is outside gets no answer."""
    table = {"anonymous": SILENCE, "removed": SILENCE, "stranger": WAIT, "waiting": WAIT}
    inside = ("guest", "member", "cohost", "host")
    return table | {person: ok if person in allowed else FORBIDDEN for person in inside}


INSIDE = ("guest", "member", "cohost", "host")
MODERATORS = ("cohost", "host")

TABLE: dict[str, dict[str, Outcome]] = {
    "hello": only(*INSIDE, ok=WAIT) | {"stranger": WAIT, "waiting": WAIT},
    "ack": dict.fromkeys(EVERYONE, SILENCE),
    "leave": only(*INSIDE) | {"stranger": OK, "waiting": OK},
    "knock.withdraw": only() | {"stranger": OK, "waiting": OK},
    "knock.admit": only(*MODERATORS),
    "knock.deny": only(*MODERATORS),
    "publish.offer": only(*INSIDE, ok="publish.answer"),
    "producer.mute": only(*INSIDE),
    "subscribe.answer": only(*INSIDE),
    "subscribe.restart": only(*INSIDE),
    "consumer.update": only(*INSIDE, ok="not_found"),
    "chat.send": only(*INSIDE),
    "participant.mute": only(*MODERATORS),
    "participant.remove": only(*MODERATORS),
    "participant.set_role": only("host"),
    "meeting.lock": only(*MODERATORS),
    "meeting.agenda": only(*MODERATORS),
    "meeting.timer": only(*MODERATORS),
    "hand.raise": only(*INSIDE),
    "participant.lower_hand": only(*MODERATORS),
    "reaction.send": only(*INSIDE),
    "recording.start": only(*MODERATORS, ok="unavailable"),
    "recording.pause": only(*MODERATORS, ok=WAIT),
    "recording.stop": only(*MODERATORS, ok=WAIT),
    "meeting.end": only(*MODERATORS),
    "stats.get": only(*INSIDE, ok="stats"),
}


class Cast:
    """One of everyone, and somebody for them to act on."""

    def __init__(self) -> None:
        self.house = House()
        host = self.house.host()
        self.bystander = self.house.guest_inside(host, "bea")
        removed = self.house.guest_inside(host, "rob")
        host.ask("participant.remove", participant_id=removed.id)
        member, cohost = self.house.person("mia", "member"), self.house.person("carl", "member")
        member.hello()
        cohost.hello()
        host.ask("participant.set_role", participant_id=cohost.id, cohost=True)
        guest = self.house.guest_inside(host)
        stranger, waiting = self.house.person("stan"), self.house.person("will")
        stranger.hello()
        waiting.hello()
        self.people: dict[str, Person] = {
            "anonymous": self.house.person("anon"),
            "removed": removed,
            "stranger": stranger,
            "waiting": waiting,
            "guest": guest,
            "member": member,
            "cohost": cohost,
            "host": host,
        }

    def ask(self, who: str, kind: str) -> dict[str, Any]:
        person = self.people[who]
        if kind == "ack":
            person.say("ack", seq=0)
            return {}
        fields = FIELDS[kind](self, person)
        return person.ask(kind, **fields)

    def own_producer(self, person: Person) -> str:
        if person.ask("publish.offer", **OFFER).get("type") != "publish.answer":
            return "nobodys"
        return str(person.events("publish.answer")[-1]["producers"][0]["producer_id"])


OFFER = {"sdp": publish_offer([("audio", "0")]), "tracks": [{"mid": "0", "source": "microphone"}]}

FIELDS: dict[str, Callable[[Cast, Person], dict[str, Any]]] = {
    "hello": lambda cast, person: {"protocol": 1, "code": "abcd-efgh-jkmn-pqrs"},
    "leave": lambda cast, person: {},
    "knock.withdraw": lambda cast, person: {},
    "knock.admit": lambda cast, person: {"knock_ids": None},
    "knock.deny": lambda cast, person: {"knock_ids": None},
    "publish.offer": lambda cast, person: OFFER,
    "producer.mute": lambda cast, person: {"producer_id": cast.own_producer(person), "muted": True},
    "subscribe.answer": lambda cast, person: {"offer_id": 99, "sdp": "v=0"},
    "subscribe.restart": lambda cast, person: {"fresh": False},
    "consumer.update": lambda cast, person: {"consumer_id": "nobodys", "paused": True},
    "chat.send": lambda cast, person: {"text": "hello"},
    "participant.mute": lambda cast, person: {"participant_id": cast.bystander.id, "source": "microphone"},
    "participant.remove": lambda cast, person: {"participant_id": cast.bystander.id},
    "participant.set_role": lambda cast, person: {"participant_id": cast.bystander.id, "cohost": True},
    "meeting.lock": lambda cast, person: {"locked": True},
    "meeting.agenda": lambda cast, person: {"text": "1. Begin"},
    "meeting.timer": lambda cast, person: {"seconds": 60},
    "hand.raise": lambda cast, person: {"raised": True},
    "participant.lower_hand": lambda cast, person: {"participant_id": cast.bystander.id},
    "reaction.send": lambda cast, person: {"reaction": "clap"},
    "recording.start": lambda cast, person: {},
    "recording.pause": lambda cast, person: {"paused": True},
    "recording.stop": lambda cast, person: {},
    "meeting.end": lambda cast, person: {},
    "stats.get": lambda cast, person: {},
}


def test_every_message_of_the_protocol_has_its_row() -> None:
    messages = {kind.__struct_config__.tag for kind in typing.get_args(client.AnyClientMessage)}
    assert set(TABLE) == messages


@pytest.mark.parametrize("who", EVERYONE)
@pytest.mark.parametrize("kind", TABLE)
async def test_who_may_send_what(kind: str, who: str) -> None:
    answer = Cast().ask(who, kind)
    outcome = answer.get("code") or answer.get("type", SILENCE)
    assert outcome == TABLE[kind][who]


TARGETS: dict[str, dict[str, dict[str, Outcome]]] = {
    "participant.remove": {
        "host": {"guest": OK, "member": OK, "cohost": OK, "host": FORBIDDEN},
        "cohost": {"guest": OK, "member": OK, "cohost": FORBIDDEN, "host": FORBIDDEN},
    },
    "participant.mute": {
        "host": {"guest": OK, "member": OK, "cohost": OK, "host": OK},
        "cohost": {"guest": OK, "member": OK, "cohost": OK, "host": OK},
    },
    "participant.set_role": {"host": {"guest": OK, "member": OK, "cohost": OK, "host": FORBIDDEN}},
}


@pytest.mark.parametrize(
    ("kind", "actor", "target"),
    [(kind, actor, target) for kind, rows in TARGETS.items() for actor, row in rows.items() for target in row],
)
async def test_on_whom_moderators_may_act(kind: str, actor: str, target: str) -> None:
    cast = Cast()
    fields = {"participant.mute": {"source": "microphone"}, "participant.set_role": {"cohost": False}}.get(kind, {})
    answer = cast.people[actor].ask(kind, participant_id=cast.people[target].id, **fields)
    assert (answer.get("code") or answer["type"]) == TARGETS[kind][actor][target]


@pytest.mark.parametrize("who", ["stranger", "waiting"])
async def test_who_waits_sees_nothing_of_the_room(who: str) -> None:
    cast = Cast()
    cast.people["host"].ask("chat.send", text="a secret")
    cast.house.passes(20)
    seen = {message["type"] for message in cast.people[who].heard}
    assert seen <= {"welcome", "knock.waiting", "heartbeat"}
    assert "secret" not in str(cast.people[who].heard)
    assert cast.bystander.id not in str(cast.people[who].heard)


async def test_an_action_by_somebody_elses_producer_or_consumer_is_not_found() -> None:
    cast = Cast()
    producer = cast.own_producer(cast.people["host"])
    assert cast.people["guest"].ask("producer.mute", producer_id=producer, muted=True)["code"] == "not_found"
    consumers = cast.people["member"].events("subscribe.offer")[-1]["consumers"]
    assert consumers
    answer = cast.people["guest"].ask("consumer.update", consumer_id=consumers[0]["consumer_id"], paused=True)
    assert answer["code"] == "not_found"
