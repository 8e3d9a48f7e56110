"""Lets a browser try out the media port before it enters any meeting.

A probe is a pair of ICE credentials that lives for seconds and belongs to no transport. The browser takes it as the
remote side of a connection that carries nothing; if a check of it comes back, media will get through too. Plain STUN
(a Binding request without credentials, and a server-reflexive candidate as the sign of success) would be the shorter
way, and the worse one: browsers keep that candidate to themselves where it equals a host candidate - on every machine
without NAT, so a network without fault would look blocked -, it tells nothing of TCP, and the port would answer
strangers. Like this it answers only whom the gateway gave credentials to, and goes the very way that media goes.

Sans-I/O. It can't be an amplifier: it answers proven requests only, none with more bytes than it has, and each
pair of credentials only so often, from whatever address. What comes from an address is trusted no more for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from parley.sfu.ice import Credentials, binding_answer, local_ufrag_of, new_credentials, parse_request

PROBE_SECONDS = 20.0
"""How long a probe lives: browsers wait 5 to 10 s for slow networks, and some of them start slowly."""
MAX_ANSWERS = 100
"""Checks that are answered for one probe: browsers send one each 50 ms for each pair of addresses until one works."""
MAX_PROBES = 10_000
"""Probes that live at the same time."""


class ProbesExhaustedError(Exception):
    """So many probes live that there can't be another now."""


@dataclass(slots=True)
class _Probe:
    credentials: Credentials
    ends: float
    answers_left: int = MAX_ANSWERS


class Probes:
    """The probes that live now. `now` is in seconds, monotonic."""

    def __init__(self) -> None:
        self._live: dict[str, _Probe] = {}  # oldest first

    def __len__(self) -> int:
        return len(self._live)

    def create(self, now: float) -> Credentials:
        """A new one. Raises ProbesExhaustedError rather than end another's, who would believe his network blocked."""
        if len(self._live) >= MAX_PROBES:
            raise ProbesExhaustedError
        credentials = new_credentials()
        self._live[credentials.ufrag] = _Probe(credentials, now + PROBE_SECONDS)
        return credentials

    def expire(self, now: float) -> list[str]:
        """Forget those whose time is over; their fragments."""
        gone = []
        for ufrag, probe in self._live.items():
            if probe.ends > now:
                break
            gone.append(ufrag)
        for ufrag in gone:
            del self._live[ufrag]
        return gone

    def answer(self, data: bytes, address: tuple[str, int], now: float) -> bytes | None:
        """The answer to a check of a living probe; None where the message deserves none.

        address: host and port that it came from, for XOR-MAPPED-ADDRESS.
        """
        probe = self._live.get(local_ufrag_of(data) or "")
        if probe is None or now >= probe.ends or not probe.answers_left:
            return None
        request = parse_request(data)
        if request is None:
            return None
        answer = binding_answer(request, probe.credentials, address)
        if answer is None or len(answer) > len(data):
            return None
        probe.answers_left -= 1
        return answer
