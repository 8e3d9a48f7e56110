"""How much one address, account or connection may ask for: token buckets, in bounded memory.

Sans-I/O: `now` is in seconds, monotonic.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` at once, and `per_second` more each second."""

    per_second: float
    burst: float

    def times(self, factor: float) -> Rate:
        """The same rate for someone who may have `factor` times as much."""
        return Rate(self.per_second * factor, self.burst * factor)


class TokenBucket:
    """One bucket of a Rate, full at first."""

    __slots__ = ("_tokens", "_updated", "rate")

    def __init__(self, rate: Rate, now: float) -> None:
        self.rate = rate
        self._tokens = rate.burst
        self._updated = now

    def _refill(self, now: float) -> None:
        elapsed = max(0.0, now - self._updated)
        self._tokens = min(self.rate.burst, self._tokens + elapsed * self.rate.per_second)
        self._updated = now

    def take(self, now: float, amount: float = 1.0) -> bool:
        """Take `amount` tokens, or none when there are too few."""
        self._refill(now)
        if self._tokens < amount:
            return False
        self._tokens -= amount
        return True

    def wait(self, now: float, amount: float = 1.0) -> float:
        """Seconds until `amount` tokens are there."""
        self._refill(now)
        return max(0.0, amount - self._tokens) / self.rate.per_second

    def is_full(self, now: float) -> bool:
        """Whether forgetting the bucket would change nothing."""
        self._refill(now)
        return self._tokens >= self.rate.burst


class RateLimiter:
    """Buckets by key for one Rate.

    max_keys: when so many are known, the one unused for longest is forgotten. With the sizes here that one is full
    again, unless thousands of addresses attack at once, and then each of them still has its own bucket.
    """

    def __init__(self, rate: Rate, max_keys: int = 20_000) -> None:
        self.rate = rate
        self._max_keys = max_keys
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, key: str, now: float) -> float:
        """Take one token of the key's bucket: 0.0, or the seconds to wait when there is none."""
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = TokenBucket(self.rate, now)
            self._forget(now)
        self._buckets.move_to_end(key)
        return 0.0 if bucket.take(now) else bucket.wait(now)

    def peek(self, key: str, now: float) -> float:
        """What `take` would return, without taking."""
        bucket = self._buckets.get(key)
        return 0.0 if bucket is None else bucket.wait(now)

    def _forget(self, now: float) -> None:
        if len(self._buckets) > self._max_keys:
            self._buckets.popitem(last=False)
        oldest_key, oldest = next(iter(self._buckets.items()))
        if len(self._buckets) > 1 and oldest.is_full(now):
            del self._buckets[oldest_key]
