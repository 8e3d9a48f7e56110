"""Log lines: JSON with ids, and no secret, whatever is logged and however."""

from __future__ import annotations

import ast
import base64
import io
import json
import logging
import logging.handlers
import os
import random
import re
import secrets
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.signaling import logs
from parley.signaling.node_messages import Attach, Identity
from parley.signaling.schema.client import Hello, PublishOffer, PublishTrack, Resume
from parley.signaling.schema.common import IceServer, Source
from parley.signaling.schema.http import CreateAccount, SignIn
from tests.sfu.participant import publish_offer
from tests.support.meeting import PASSWORD, Client, meeting
from tests.support.server import serve
from tests.support.waiting import until


class Log:
    """Logging as our processes set it up, into memory."""

    def __init__(self) -> None:
        self._stream = io.StringIO()
        self._root = logging.getLogger()
        self._before = self._root.handlers[:], self._root.level
        self._writer: logging.handlers.QueueListener | None = None

    def start(self, form: Any = "json", level: str = "info", process: str = "gateway") -> None:
        self._writer = logs.configure(form, level, process, self._stream)

    def text(self) -> str:
        """Everything written; ends the logging."""
        if self._writer is not None:
            self._writer.stop()
            self._writer = None
            self._root.handlers[:], level = self._before
            self._root.setLevel(level)
            logging.captureWarnings(False)
        return self._stream.getvalue()

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text().splitlines()]


@pytest.fixture
def log() -> Iterator[Log]:
    made = Log()
    yield made
    made.text()


speak = logging.getLogger("parley.signaling.test")


# --- lines -----------------------------------------------------------------------------------------------------------


def test_a_record_is_one_line_of_json_with_time_level_process_and_ids(log: Log) -> None:
    log.start()
    with logs.context(meeting_id="m1"):
        speak.warning("guest\nadmitted after %d s", 3, extra={"participant_id": "p1", "connection_id": "c1"})
    (line,) = log.lines()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line.pop("time"))
    assert line == {
        "level": "warning",
        "logger": "parley.signaling.test",
        "message": "guest\nadmitted after 3 s",
        "meeting_id": "m1",
        "participant_id": "p1",
        "connection_id": "c1",
        "process": "gateway",
    }


def test_the_context_ends_with_its_block_and_knows_only_fields_that_are_logged(log: Log) -> None:
    log.start()
    with logs.context(meeting_id="m1"), logs.context(participant_id="p1"):
        speak.info("inside")
    speak.info("outside")
    inside, outside = log.lines()
    assert (inside["meeting_id"], inside["participant_id"]) == ("m1", "p1")
    assert not {"meeting_id", "participant_id"} & outside.keys()
    with pytest.raises(ValueError, match="password"), logs.context(password="x"):
        pass


def test_a_field_that_nobody_named_does_not_come_out(log: Log) -> None:
    log.start()
    speak.info("hello", extra={"shoe_size": 43, "count": 2})
    (line,) = log.lines()
    assert "shoe_size" not in line
    assert line["count"] == 2


def test_ids_come_out_whole_however_random_they_look(log: Log) -> None:
    log.start()
    ids = {
        "connection_id": secrets.token_urlsafe(15),
        "meeting_id": secrets.token_urlsafe(12),
        "node_id": "a.example.625b06fe",
    }
    speak.info("hello", extra=ids)
    speak.info("hello", extra={"connection_id": "an id with token=hunter2 in it"})
    line, odd = log.lines()
    assert ids.items() <= line.items()
    assert "hunter2" not in str(odd)


@pytest.mark.parametrize(
    "name",
    [
        "ConnectionResetException",
        "test_scrubbing_takes_any_text",
        "UnsupportedProtocolVersion",
        "guest-of-the-meeting",
    ],
)
def test_names_of_things_are_no_secrets(name: str) -> None:
    assert logs.scrub(f"{name} failed") == f"{name} failed"


def test_the_text_form_is_a_line_for_people(log: Log) -> None:
    log.start("text")
    speak.info("room opened", extra={"meeting_id": "m1"})
    line = log.text()
    assert re.fullmatch(r"\d\d:\d\d:\d\d info    gateway signaling\.test: room opened  meeting_id=m1\n", line)


def test_the_text_form_stays_one_line_whatever_strangers_send(log: Log) -> None:
    log.start("text")
    speak.info("got %s", "a\nb\x1b[2Jc", extra={"path": "/x\r12:00:00 error forged", "reason": "\x9b\u2028"})
    line = log.text()
    assert line.count("\n") == 1
    assert line.rstrip("\n").isprintable()


def test_every_field_that_is_logged_anywhere_comes_out() -> None:
    for file in Path(logs.__file__).parents[1].rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.keyword) and node.arg == "extra" and isinstance(node.value, ast.Dict):
                names = {ast.literal_eval(key) for key in node.value.keys if key is not None}
                assert names <= logs.FIELDS, f"{file}:{node.value.lineno}"


def test_less_than_the_level_is_not_logged_and_libraries_keep_quiet(log: Log) -> None:
    log.start(level="info")
    speak.debug("details")
    logging.getLogger("aiohttp.access").info("GET /m/abcd")
    logging.getLogger("sqlalchemy.engine").info("SELECT * FROM accounts")
    assert log.lines() == []


def test_an_exception_shows_its_type_and_place_but_neither_values_nor_source(log: Log) -> None:
    log.start()
    try:
        password = "hunter2"
        raise RuntimeError(f"password={password}\nsecond line with {password}")
    except RuntimeError:
        speak.exception("sign-in failed")
    (line,) = log.lines()
    assert line["error"] == "RuntimeError: password=[redacted]"
    assert any("test_logs.py" in place for place in line["trace"])
    assert "hunter2" not in str(line)


def test_a_long_text_is_cut(log: Log) -> None:
    log.start()
    speak.info("%s", "word " * 10_000)
    (line,) = log.lines()
    assert len(line["message"]) <= logs.MAX_TEXT


def test_a_log_call_that_is_wrong_still_says_something(log: Log) -> None:
    log.start()
    speak.info("two %s %s", "one")
    (line,) = log.lines()
    assert line["message"] == "two %s %s"


# --- secrets ---------------------------------------------------------------------------------------------------------


@st.composite
def token(draw: st.DrawFn) -> str:
    """As secrets.token_urlsafe and token_hex make them."""
    source = random.Random(draw(st.integers(0, 2**64)))
    raw = source.randbytes(draw(st.integers(24, 48)))
    return raw.hex() if draw(st.booleans()) else base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


SAID = (
    "{}", "token {}", "Bearer {}", "Authorization: Bearer {}", "Cookie: parley_session={}; theme=dark",
    "Set-Cookie: __Host-session={}; HttpOnly", '{{"guest_token": "{}"}}', "guest_token='{}'", "/api/ws?token={}&x=1",
    "resume_token={}", "({})", "https://parley:{}@example.org/", "a=ice-pwd:{}", "line\n{}\nline", "key:{},",
)  # fmt: skip


@given(token(), st.sampled_from(SAID), st.sampled_from(["", "before ", "guest: "]))
def test_a_token_never_survives_in_a_text(secret: str, form: str, before: str) -> None:
    assert secret not in logs.scrub(before + form.format(secret))


PASSWORDS = st.text(st.characters(categories=["L", "N"]), min_size=6, max_size=12).filter(lambda text: text.strip())
NAMED = (
    "password={}", "password: {}", '"password": "{}"', "password='{}'", "PASSWORD is {}", "db_password = {}",
    "rpc_secret={}", "turn_credential: {}", "a=ice-pwd:{}", "postgresql://parley:{}@db/parley", "api-key={}",
)  # fmt: skip


@given(PASSWORDS, st.sampled_from(NAMED))
def test_a_password_never_survives_beside_its_name(password: str, form: str) -> None:
    assert password not in logs.scrub(form.format(password)).replace(form.split("{}")[0], "", 1)


@given(token(), token())
def test_a_meetings_link_is_not_written_down(first: str, second: str) -> None:
    for text in ("GET /m/abcd-efgh-jkmn-pqrs 200", "/api/meetings/abcd-efgh-jkmn-pqrs/end"):
        assert "abcd-efgh" not in logs.scrub(text)


@given(st.text(max_size=400))
def test_scrubbing_takes_any_text_and_twice_is_as_good_as_once(text: str) -> None:
    once = logs.scrub(text)
    assert len(once) <= logs.MAX_TEXT
    assert len(logs.scrub(once)) <= logs.MAX_TEXT


@pytest.mark.parametrize(
    "text",
    ["a" * 50 + "B1", "A", "aB", "Abc", "w-", "a_", "token ", "token is ", "http:", "a://", "v=0", "Aa1.", "/m/"],
)
def test_no_text_takes_long_to_scrub(text: str) -> None:
    """The pattern that looks for names once took for ever, and the one for named secrets seconds."""
    before = time.perf_counter()
    logs.scrub(text * (100_000 // len(text)) + "1")
    assert time.perf_counter() - before < 0.5


@st.composite
def message(draw: st.DrawFn) -> tuple[msgspec.Struct, list[str]]:
    """Something of ours that carries secrets, and these."""
    one, two, word = draw(token()), draw(token()), draw(token())
    sdp = publish_offer([("audio", "0"), ("video", "1")], ufrag=one[:8]).replace("the-browsers-own-password", two)
    identity = Identity("guest-key", "Gus", True, False, False)
    made: tuple[msgspec.Struct, list[str]] = draw(
        st.sampled_from(
            [
                (Hello(1, 1, "abcd-efgh-jkmn-pqrs", "Gus", True, one, Resume("s", two, 3)), [one, two, "abcd-efgh"]),
                (PublishOffer(2, sdp, [PublishTrack("0", Source.MICROPHONE)]), [two, "fingerprint"]),
                (CreateAccount("a@example.org", "Anna", word, True), [word]),
                (SignIn("a@example.org", word), [word]),
                (Attach("m1", "c1", 1, identity, one, Resume("s", two, 3), [IceServer(["turn:x"], "u", word)]),
                 [one, two, word]),
            ]
        )
    )  # fmt: skip
    return made


@given(message())
def test_no_secret_of_a_message_comes_out_however_the_message_is_logged(case: tuple[msgspec.Struct, list[str]]) -> None:
    body, hidden = case
    log = Log()
    log.start(level="debug")
    encoded = msgspec.json.encode(body)
    speak.info("message %s failed", body)
    speak.info("fields %(body)s", {"body": body})
    speak.info(body)
    speak.info("bytes %s", encoded)
    speak.info("dictionary %s", msgspec.to_builtins(body))
    speak.info("failed", extra={"reason": body, "error": encoded, "kind": type(body)})
    speak.info("spelled out %s", repr(body)[: logs.MAX_TEXT * 4])
    speak.info("as json " + encoded.decode())
    try:
        raise ValueError(body) from ValueError(repr(body))
    except ValueError:
        speak.exception("failed")
    text = log.text()
    assert len(text.splitlines()) == 9
    spelled_out = "abcd-efgh"  # a code that somebody spells out in a text has no form to know it by
    for secret in hidden:
        assert secret not in (text if secret != spelled_out else "".join(text.splitlines()[:6]))


# --- a whole server --------------------------------------------------------------------------------------------------


async def secrets_of(person: Client) -> set[str]:
    """What opens a door for this person."""
    found = {person.welcome[name] for name in ("resume_token", "guest_token", "session_id") if person.welcome[name]}
    for _, said in person.heard:
        found |= set(re.findall(r"a=ice-(?:pwd|ufrag):(\S+)", said.get("sdp", "")))
    return found


async def test_a_server_that_logs_everything_logs_no_secret_even_when_it_breaks(tmp_path: Path) -> None:
    async with serve(tmp_path, media_nodes=1, log_level="debug", signing_secret="swordfish-of-the-test") as server:
        async with meeting(server) as room:
            hidden = {PASSWORD, "swordfish", room.code, room.host.session_cookie(), room.member.session_cookie()}
            offer = {
                "sdp": publish_offer([("audio", "0")]),
                "tracks": [{"mid": "0", "source": "microphone"}],
            }
            for person in room.inside:
                assert (await person.ask("publish.offer", **offer))["type"] == "publish.answer"
            for person in room.inside:
                await person.hears("subscribe.offer")
            await room.host.ask("publish.offer", sdp="v=0\r\na=ice-pwd:swordfish", tracks=offer["tracks"])
            await room.host.ask("chat.send", text="what people say is nobody's business")
            await room.host.request("POST", "/api/session", {"email": room.host.email, "password": "wrong-swordfish"})
            await room.host.request("GET", f"/api/meetings/{room.code}")
            for person in room.inside:
                hidden |= await secrets_of(person)
            os.kill(server.child("gateway"), signal.SIGKILL)
            await until(lambda: "starting it again" in server.log, 20)
            await until(
                lambda: all(len(person.events("joined")) > 1 or person.close_code for person in room.inside), 20
            )
            for person in room.inside:
                hidden |= await secrets_of(person)
        assert len(hidden) > 15
    text = server.log
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    assert {line["process"] for line in lines} == {"supervisor", "gateway", "media-0", "recorder"}
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in lines)
    assert any("node_id" in line for line in lines)
    assert any("child" in line for line in lines)
    for secret in {*hidden, "the-browsers-own-password", "nobody's business"}:
        assert secret not in text, secret
