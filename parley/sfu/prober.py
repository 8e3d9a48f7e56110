"""The probes of one media port: between their rules (probe.py) and the demultiplexer."""

from __future__ import annotations

from collections.abc import Sequence

from parley.sfu.candidates import Candidate
from parley.sfu.demux import Demux
from parley.sfu.probe import Probes
from parley.sfu.probe_sdp import ProbeOffers, probe_offers
from parley.sfu.sockets import Path, TcpPath


class Prober:
    """Hears the checks of all probes. It never holds a path: nothing but such checks is taken from there."""

    def __init__(self, demux: Demux) -> None:
        self._demux = demux
        self._probes = Probes()
        self.answered = 0

    def __len__(self) -> int:
        return len(self._probes)

    def create(self, fingerprint: str, candidates: Sequence[Candidate], now: float) -> ProbeOffers:
        """A new probe. Raises ProbesExhaustedError."""
        credentials = self._probes.create(now)
        self._demux.listen(credentials.ufrag, self)
        return probe_offers(credentials, fingerprint, candidates)

    def receive_stun(self, data: bytes, path: Path, now: float) -> None:
        """A STUN message for the fragment of a probe."""
        answer = self._probes.answer(data, path.peer, now)
        if answer is None:
            return
        self.answered += 1
        if isinstance(path, TcpPath):
            path.probed = True
        path.send(answer)

    def tick(self, now: float) -> None:
        """Once a second: forget the probes whose time is over."""
        for ufrag in self._probes.expire(now):
            self._demux.unlisten(ufrag)
