"""When a job is tried again, and when its worker is taken for dead: with a virtual clock."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from parley.store.job_rules import (
    BEAT_SECONDS,
    FIRST_PAUSE,
    LEASE_SECONDS,
    LONGEST_PAUSE,
    OVERDUE_SECONDS,
    Lease,
    LeaseWatch,
    pause_after,
)

WALL = 1_790_000_000.0


def lease(until: float, owner: str = "one") -> Lease:
    return Lease("job", "kind", owner, until)


class Watched:
    """A watch and a worker that beats, or not, while both clocks go on."""

    def __init__(self) -> None:
        self.watch = LeaseWatch()
        self.wall, self.now = WALL, 0.0
        self.lease = lease(WALL + LEASE_SECONDS)

    def passes(self, seconds: float, *, beating: bool) -> bool:
        """Whether the worker was taken for dead meanwhile. A look each second, a beat every five."""
        for second in range(round(seconds)):
            self.wall, self.now = self.wall + 1, self.now + 1
            if beating and second % BEAT_SECONDS == 0:
                self.lease = lease(self.wall + LEASE_SECONDS)
            if self.watch.dead([self.lease], self.wall, self.now):
                return True
        return False


def test_a_worker_that_renews_its_lease_is_never_taken_for_dead() -> None:
    assert not Watched().passes(1_000, beating=True)


def test_one_that_does_not_is_taken_for_dead_when_the_lease_is_over() -> None:
    watched = Watched()
    assert not watched.passes(LEASE_SECONDS - 1, beating=False)
    assert watched.passes(2, beating=False)


def test_a_lease_that_was_over_long_ago_is_watched_for_two_beats_only() -> None:
    watched = Watched()
    watched.lease = lease(WALL - 3_600)
    assert not watched.passes(2 * BEAT_SECONDS, beating=False)
    assert watched.passes(OVERDUE_SECONDS - 2 * BEAT_SECONDS + 1, beating=False)


def test_a_clock_that_jumps_ahead_takes_no_living_worker_for_dead() -> None:
    watched = Watched()
    watched.passes(20, beating=True)
    for _ in range(5):
        watched.wall += 86_400
        assert not watched.passes(20, beating=True)


def test_a_clock_that_jumps_back_does_not_keep_a_dead_worker_alive() -> None:
    watched = Watched()
    watched.passes(20, beating=True)
    watched.wall -= 86_400
    assert watched.passes(LEASE_SECONDS + 1, beating=False)


def test_a_worker_that_is_known_to_be_gone_is_dead_at_once() -> None:
    watch = LeaseWatch(lambda owner: owner == "gone")
    leases = [lease(WALL + 30, "gone"), lease(WALL + 30, "there")]
    assert watch.dead(leases, WALL, 0.0) == leases[:1]


def test_the_watch_forgets_leases_that_are_no_more() -> None:
    watch = LeaseWatch()
    for number in range(100):
        watch.dead([lease(WALL, str(number))], WALL, float(number))
    assert len(watch._since) == 1


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_pauses_are_bounded_and_never_nothing(attempts: int, chance: float) -> None:
    assert FIRST_PAUSE / 2 <= pause_after(attempts, chance) <= LONGEST_PAUSE


def test_pauses_double_until_they_are_long_enough() -> None:
    assert [pause_after(n, 0.0) for n in (1, 2, 3, 4)] == [5.0, 10.0, 20.0, 40.0]
    assert pause_after(50, 0.0) == LONGEST_PAUSE
    assert pause_after(1, 1.0) == 2.5
