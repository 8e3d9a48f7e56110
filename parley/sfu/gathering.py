"""When a socket is left alone for a moment after it was read, so that each time finds several packets.

A wake-up costs as much as forwarding several packets does: the kernel's switch, the event loop, caches that others have
used meanwhile. While few packets come, each is read at once; while many do, what came is read every EVERY seconds.
That delays a packet by half of it on average, which is less than one in ten of what a browser waits for its video.
"""

from __future__ import annotations

EVERY = 0.002
"""Seconds. The packets of a video frame come within less, and so leave together."""
BEGIN, END = 1000.0, 600.0
"""Datagrams a second at which gathering pays, and at which it no longer does."""
LOOK = 0.25
"""Seconds between two looks at how many there are."""


class Gathering:
    """Whether it is worth it: `is_on`, as of the last look."""

    __slots__ = ("_looked", "_received", "is_on", "next_look")

    def __init__(self) -> None:
        self.is_on = False
        self.next_look = 0.0
        self._looked = 0.0
        self._received = 0

    def look(self, now: float, received: int) -> bool:
        """To be called from `next_look` on; whether `is_on` changed.

        now: seconds, monotonic. received: datagrams so far.
        """
        before, elapsed = self.is_on, now - self._looked
        came = received - self._received
        if elapsed > 0:
            self.is_on = came > (END if before else BEGIN) * elapsed
        self._looked, self._received = now, received
        self.next_look = now + LOOK
        return self.is_on != before
