"""How long each person spoke: the time during which they were the active speaker, added up by who they are.

Sans-I/O: `now` is in seconds, monotonic. Kept by the person's key, so that who reconnects, or leaves and comes back,
goes on from where they were.
"""

from __future__ import annotations


class TalkTime:
    """See the module. One person speaks at a time, or nobody."""

    def __init__(self) -> None:
        self._spoken: dict[str, float] = {}
        self._speaker: str | None = None
        self._since = 0.0

    def speaks(self, key: str | None, now: float) -> None:
        """This person speaks from now on; None for nobody."""
        if self._speaker is not None:
            self._spoken[self._speaker] = self.seconds(self._speaker, now)
        self._speaker = key
        self._since = now

    def stops(self, key: str, now: float) -> None:
        """This person is gone; nothing happens when it is another who speaks."""
        if self._speaker == key:
            self.speaks(None, now)

    def seconds(self, key: str, now: float) -> float:
        """How long this person spoke until now."""
        going_on = max(0.0, now - self._since) if key == self._speaker else 0.0
        return self._spoken.get(key, 0.0) + going_on
