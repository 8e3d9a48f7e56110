"""What the room tells people of tracks, transports and who speaks."""

from __future__ import annotations

from typing import Any

from parley.signaling.schema.common import ErrorCode
from tests.sfu.participant import publish_offer, subscribe_answer
from tests.signaling.house import House, Person

MICROPHONE = {"sdp": publish_offer([("audio", "0")]), "tracks": [{"mid": "0", "source": "microphone"}]}
BOTH = {
    "sdp": publish_offer([("audio", "0"), ("video", "1")]),
    "tracks": [{"mid": "0", "source": "microphone", "muted": True}, {"mid": "1", "source": "camera"}],
}


def received(person: Person) -> set[tuple[str, str]]:
    """Whose what one is offered to receive now."""
    offers = person.events("subscribe.offer")
    return {(one["participant_id"], one["source"]) for one in offers[-1]["consumers"]} if offers else set()


def answer_offers(person: Person) -> None:
    """As a browser does: answer the newest offer."""
    offer = person.events("subscribe.offer")[-1]
    sdp = subscribe_answer(offer["sdp"])
    assert person.ask("subscribe.answer", offer_id=offer["offer_id"], sdp=sdp)["type"] == "ok"


def producers(view: dict[str, Any]) -> dict[str, bool]:
    """Sources of a participant, and whether they are muted."""
    return {one["source"]: one["muted"] for one in view["producers"]}


async def test_what_one_publishes_is_named_to_everyone_and_offered_to_the_others_only() -> None:
    house = House()
    host = house.host()
    member = house.person("mia", "member")
    member.hello()
    answer = host.ask("publish.offer", **BOTH)
    assert answer["type"] == "publish.answer"
    assert [one["mid"] for one in answer["producers"]] == ["0", "1"]
    for person in (host, member):
        added = [event["producer"] for event in person.events("producer.added")]
        assert [(one["source"], one["muted"]) for one in added] == [("microphone", True), ("camera", False)]
        assert [one["producer_id"] for one in added] == [one["producer_id"] for one in answer["producers"]]
    assert received(member) == {(host.id, "microphone"), (host.id, "camera")}
    assert received(host) == set()


async def test_who_comes_later_sees_and_is_offered_what_is_there() -> None:
    house = House()
    host = house.host()
    host.ask("publish.offer", **BOTH)
    guest = house.guest_inside(host)
    view = guest.events("joined")[-1]["participants"][0]
    assert producers(view) == {"microphone": True, "camera": False}
    assert received(guest) == {(host.id, "microphone"), (host.id, "camera")}
    assert guest.last_seq == guest.events("subscribe.offer")[-1]["seq"], "the offer comes after the state it belongs to"


async def test_a_track_that_is_no_longer_offered_ends_for_everyone() -> None:
    house = House()
    host = house.host()
    member = house.person("mia", "member")
    member.hello()
    answer = host.ask("publish.offer", **BOTH)
    camera = answer["producers"][1]["producer_id"]
    answer_offers(member)
    host.ask("publish.offer", **{**BOTH, "tracks": BOTH["tracks"][:1]})
    assert member.events("producer.removed")[-1]["producer_id"] == camera
    assert received(member) == {(host.id, "microphone")}


async def test_who_leaves_takes_their_tracks_out_of_the_others_offers() -> None:
    house = House()
    host = house.host()
    member = house.person("mia", "member")
    member.hello()
    host.ask("publish.offer", **MICROPHONE)
    answer_offers(member)
    host.ask("leave")
    assert member.events("participant.left")[-1]["reason"] == "left"
    assert received(member) == set()


async def test_a_description_that_cannot_be_used_is_answered_and_changes_nothing() -> None:
    house = House()
    host = house.host()
    host.ask("publish.offer", **MICROPHONE)
    before = house.room.roster.find(host.id)
    assert before is not None
    known = dict(before.producers)
    for sdp in ("nonsense", "v=0\r\n", MICROPHONE["sdp"].replace("a=fingerprint", "a=nothing")):
        answer = host.ask("publish.offer", sdp=sdp, tracks=MICROPHONE["tracks"])
        assert answer["code"] == ErrorCode.BAD_SDP
        assert answer["message"]
    assert before.producers == known
    member = house.person("mia", "member")
    member.hello()
    offer = member.events("subscribe.offer")[-1]
    answer = member.ask("subscribe.answer", offer_id=offer["offer_id"], sdp="nonsense")
    assert answer["code"] == ErrorCode.BAD_SDP


async def test_one_pauses_and_bounds_what_one_receives() -> None:
    house = House()
    host = house.host()
    member = house.person("mia", "member")
    member.hello()
    host.ask("publish.offer", **BOTH)
    consumers = member.events("subscribe.offer")[-1]["consumers"]
    (camera,) = [one["consumer_id"] for one in consumers if one["source"] == "camera"]
    answer_offers(member)
    assert member.ask("consumer.update", consumer_id=camera, paused=True)["type"] == "ok"
    assert member.ask("consumer.update", consumer_id=camera, paused=False, max_layer="low")["type"] == "ok"
    stats = member.ask("stats.get")
    assert {one["consumer_id"]: one["paused"] for one in stats["consumers"]}[camera] is False


async def test_a_new_network_gets_new_credentials_and_a_fresh_transport_only_on_demand() -> None:
    house = House()
    host = house.host()
    member = house.person("mia", "member")
    member.hello()
    host.ask("publish.offer", **MICROPHONE)
    answer_offers(member)
    first = member.events("subscribe.offer")[-1]
    assert member.ask("subscribe.restart", fresh=False)["type"] == "ok"
    second = member.events("subscribe.offer")[-1]
    assert second["offer_id"] > first["offer_id"]
    assert second["fresh"] is False
    assert second["sdp"] != first["sdp"]
    answer_offers(member)
    member.ask("subscribe.restart", fresh=True)
    assert member.events("subscribe.offer")[-1]["fresh"] is True


async def test_who_speaks_is_told_to_those_inside_and_to_those_who_come() -> None:
    house = House()
    host = house.host()
    guest = house.guest_inside(host)
    waiting = house.person("will")
    waiting.hello()
    house.room.router.on_active_speaker(host.id, house.now)
    house.room.router.on_levels({host.id: 20})
    assert guest.events("speaker.active")[-1]["participant_id"] == host.id
    assert guest.events("speaker.levels")[-1] == {"type": "speaker.levels", "levels": {host.id: 20}}
    assert waiting.events("speaker.active", "speaker.levels") == []
    member = house.person("mia", "member")
    member.hello()
    assert member.events("joined")[-1]["active_speaker"] == host.id


async def test_who_speaks_is_not_somebody_who_left() -> None:
    house = House()
    host = house.host()
    guest = house.guest_inside(host)
    for _ in range(100):
        house.now += 0.02
        house.room.router.heard(guest.id, 5, house.now)
        house.room.router.tick(house.now)
    assert host.events("speaker.active")[-1]["participant_id"] == guest.id
    guest.ask("leave")
    house.room.router.tick(house.now + 0.2)
    assert host.events("speaker.active")[-1]["participant_id"] is None
    member = house.person("mia", "member")
    member.hello()
    assert member.events("joined")[-1]["active_speaker"] is None


async def test_somebody_whose_media_lost_its_path_is_shown_as_reconnecting_until_it_is_back() -> None:
    house = House()
    host = house.host()
    guest = house.guest_inside(host)
    visitor = house.room.roster.find(guest.id)
    assert visitor is not None
    visitor.transport_state("publish", "connected")
    visitor.transport_state("publish", "disconnected")
    house.passes(0.5)
    assert host.events("participant.updated")[-1]["participant"]["state"] == "reconnecting"
    visitor.transport_state("publish", "connected")
    house.passes(0.5)
    assert host.events("participant.updated")[-1]["participant"]["state"] == "connected"


async def test_after_a_reload_the_others_keep_the_person_and_lose_the_tracks_until_they_are_published_anew() -> None:
    house = House()
    host = house.host()
    member = house.person("mia", "member")
    member.hello()
    old = host.ask("publish.offer", **MICROPHONE)["producers"][0]["producer_id"]
    answer_offers(member)
    identity = host.id
    host.hello()
    assert host.id == identity
    assert [event["producer_id"] for event in member.events("producer.removed")] == [old]
    assert member.events("participant.left", "participant.joined") == []
    assert received(member) == set()
    (view,) = [one for one in host.events("joined")[-1]["participants"] if one["participant_id"] == host.id]
    assert view["producers"] == []
    answer_offers(member)
    new = host.ask("publish.offer", **MICROPHONE)["producers"][0]["producer_id"]
    assert new != old
    assert received(member) == {(host.id, "microphone")}


async def test_joined_is_the_first_event_of_every_new_session() -> None:
    house = House()
    host = house.host()
    host.ask("publish.offer", **BOTH)
    host.hello()
    numbered = [message for message in host.heard if "seq" in message]
    assert (numbered[0]["type"], numbered[0]["seq"]) == ("joined", 1)
