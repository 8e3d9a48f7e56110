"""Chooses which simulcast layer a consumer gets, and when it may switch.

Layers are counted from 0 (smallest). A consumer wants the highest layer that its subscriber asked for, that the
bandwidth allows and that arrives; it changes over only on a key frame of the new layer, because nothing else can be
decoded from there.
"""

from __future__ import annotations

LIVE_FOR = 1.0
"""A layer that sent nothing for so long (seconds) is not there."""


class LayerSelector:
    """State of one consumer of a simulcast producer.

    current: the layer forwarded now, -1 for none yet. target: the one wanted; when it differs, a key frame of the
    target is needed.
    """

    __slots__ = ("current", "max_layer", "target")

    def __init__(self, max_layer: int = 2) -> None:
        self.current = -1
        self.target = -1
        self.max_layer = max_layer

    def choose(self, live: list[bool], allowed: int) -> bool:
        """Pick the target among the layers that are live.

        allowed: the highest layer the bandwidth allows; -1 for none. True when the target changed.
        """
        wanted = min(self.max_layer, allowed)
        target = -1
        for layer, is_live in enumerate(live):
            if is_live and (layer <= wanted or (target < 0 and allowed >= 0)):
                target = layer
        changed = target != self.target
        self.target = target
        if target < 0:
            self.current = -1
        return changed

    def accept(self, layer: int, keyframe: bool) -> tuple[bool, bool]:
        """Whether a packet of this layer is forwarded, and whether it is the first after a switch."""
        if layer == self.current:
            return True, False
        if layer == self.target and keyframe:
            self.current = layer
            return True, True
        return False, False
