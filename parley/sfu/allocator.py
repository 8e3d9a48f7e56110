"""Shares what a subscriber can receive among its video consumers.

Audio is never counted against video: it is small, and a meeting without it is none. Video is served in the order of
what people look at: screens, then the active speaker, then the rest; first the smallest layer for everyone, then more.
Going up needs room to spare, going down happens at once: a stream that flaps is worse than a smaller one. Jitsi's
doc/allocation.md explains the same order well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

HEADROOM = 1.15
"""To go up a layer, the estimate must hold this many times what would be sent."""


@dataclass(slots=True)
class Demand:
    """One video consumer's wish. Bitrates in bit/s per layer, lowest layer first; 0 for a layer that isn't there.

    priority: lower is served first. current: the highest layer allowed so far (-1 for none). wanted: the highest layer
    that the subscriber asked for.
    """

    key: str
    priority: int
    bitrates: Sequence[int]
    current: int
    wanted: int


def allocate(estimate: int, demands: Sequence[Demand]) -> dict[str, int]:
    """The highest layer each demand may use now; -1 where nothing fits.

    estimate: what the subscriber can receive of video, bit/s.
    """
    ordered = sorted(demands, key=lambda demand: demand.priority)
    allowed = {demand.key: -1 for demand in ordered}
    used = 0
    highest = max((len(demand.bitrates) for demand in ordered), default=0)
    for layer in range(highest):
        for demand in ordered:
            if layer >= len(demand.bitrates) or layer > demand.wanted or allowed[demand.key] != layer - 1:
                continue
            before = max(demand.bitrates[:layer], default=0)  # a layer that isn't there is no step
            cost = max(0, demand.bitrates[layer] - before)
            margin = 1.0 if layer <= demand.current else HEADROOM
            if (used + cost) * margin <= estimate:
                allowed[demand.key] = layer
                used += cost
    return allowed
