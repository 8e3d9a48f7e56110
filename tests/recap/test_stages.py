"""The graph of stages and the rule by which they run, with a virtual clock."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.recap.artefacts import Artefact
from parley.recap.schedule import LONGEST_PAUSE, Schedule, pause_after
from parley.recap.stages import Context, Graph, Stage


def make(context: Context) -> Artefact:
    return Artefact(engine="test")


def stage(name: str, *needs: str, uses: tuple[str, ...] = (), attempts: int = 3) -> Stage:
    return Stage(name=name, version=1, artefact=Artefact, make=make, needs=needs, uses=uses, attempts=attempts)


def schedule(*stages: Stage) -> Schedule:
    return Schedule(Graph.of(stages))


# --- the graph --------------------------------------------------------------------------------------------------------


def test_stages_stand_after_what_they_wait_for_and_otherwise_as_given() -> None:
    graph = Graph.of(
        [stage("reel", "moments"), stage("moments", "text", uses=("waves",)), stage("text"), stage("waves")]
    )
    assert list(graph.stages) == ["text", "waves", "moments", "reel"]


def test_one_stage_comes_with_all_that_it_waits_for() -> None:
    graph = Graph.of([stage("a"), stage("b", "a"), stage("c"), stage("d", "b", uses=("c",)), stage("e", "b")])
    assert list(graph.only("b").stages) == ["a", "b"]
    assert list(graph.only("d").stages) == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("stages", "words"),
    [
        ([stage("a"), stage("a")], "two stages named a"),
        ([stage("a", "b")], "stage a waits for b, which there isn't"),
        ([stage("a", "c"), stage("b", "a"), stage("c", "b"), stage("d")], "wait for each other: a, b, c"),
        ([stage("a", "a")], "wait for each other: a"),
    ],
)
def test_what_is_no_graph_is_a_mistake_that_is_named(stages: list[Stage], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Graph.of(stages)


# --- who runs ---------------------------------------------------------------------------------------------------------


def test_a_stage_starts_when_what_it_waits_for_has_ended() -> None:
    plan = schedule(stage("a"), stage("b", "a"), stage("c"))
    assert plan.ready(0.0) == ["a", "c"]
    plan.start("a", 0.0)
    assert plan.ready(0.0) == ["c"]
    plan.finish("a", 3.0)
    assert plan.ready(3.0) == ["b", "c"]
    assert plan.statuses["a"].seconds == 3.0


def test_what_needs_a_failed_stage_is_skipped_and_what_does_not_goes_on() -> None:
    plan = schedule(stage("a"), stage("b", "a"), stage("c", "b"), stage("d"), stage("e", uses=("b", "d")))
    plan.start("a", 0.0)
    changed = plan.fail("a", "broken track", 1.0)
    assert [(one.name, one.state, one.words) for one in changed] == [
        ("a", "failed", "broken track"),
        ("b", "skipped", "It needs a, which failed."),
        ("c", "skipped", "It needs b, which was skipped."),
    ]
    assert plan.ready(1.0) == ["d"]
    plan.start("d", 1.0)
    plan.finish("d", 2.0)
    assert plan.start("e", 2.0).without == ("b",)
    plan.finish("e", 2.0)
    assert plan.over


def test_what_may_pass_is_tried_again_after_growing_pauses_and_fails_in_the_end() -> None:
    plan = schedule(stage("a", attempts=3), stage("b", "a"))
    now = 0.0
    for attempt in (1, 2):
        plan.start("a", now)
        (status,) = plan.fail("a", "out of reach", now, retriable=True)
        assert (status.state, status.words, status.attempts) == ("waiting", "out of reach", attempt)
        assert plan.ready(now) == []
        assert plan.next_at() == now + pause_after(attempt)
        now += pause_after(attempt)
        assert plan.ready(now) == ["a"]
    plan.start("a", now)
    failed, skipped = plan.fail("a", "out of reach", now, retriable=True)
    assert (failed.state, failed.retriable, skipped.state, skipped.retriable) == ("failed", True, "skipped", True)
    assert plan.over


def test_pauses_double_and_are_bounded() -> None:
    assert [pause_after(n) for n in (1, 2, 3)] == [2.0, 4.0, 8.0]
    assert pause_after(100) == LONGEST_PAUSE


def test_progress_never_goes_back_and_stays_within_bounds() -> None:
    plan = schedule(stage("a"))
    plan.start("a", 0.0)
    assert [plan.advance("a", value).progress for value in (0.5, 0.2, 7.0, -1.0)] == [0.5, 0.5, 1.0, 1.0]


@given(st.data())
def test_whatever_happens_every_stage_comes_to_an_end_and_none_runs_before_what_it_needs(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 7))
    stages = []
    for number in range(count):
        earlier = [f"s{n}" for n in range(number)]
        inputs = data.draw(st.lists(st.sampled_from(earlier), unique=True)) if earlier else []
        cut = data.draw(st.integers(0, len(inputs)))
        stages.append(
            stage(f"s{number}", *inputs[:cut], uses=tuple(inputs[cut:]), attempts=data.draw(st.integers(1, 3)))
        )
    plan = schedule(*stages)
    now, running, steps = 0.0, set[str](), 0
    while not plan.over:
        steps += 1
        assert steps < 300
        ready = plan.ready(now)
        if ready and (not running or data.draw(st.booleans())):
            name = data.draw(st.sampled_from(ready))
            asked = plan.graph.stages[name]
            assert all(plan.statuses[need].state == "done" for need in asked.needs)
            assert all(plan.statuses[use].final for use in asked.uses)
            plan.start(name, now)
            running.add(name)
        elif running:
            name = data.draw(st.sampled_from(sorted(running)))
            running.discard(name)
            if data.draw(st.booleans()):
                plan.finish(name, now)
            else:
                plan.fail(name, "no", now, retriable=data.draw(st.booleans()))
        elif not ready:
            at = plan.next_at()
            assert at is not None, "nothing runs, nothing waits for its time, and it isn't over"
            now = at
    assert {status.state for status in plan.statuses.values()} <= {"done", "failed", "skipped"}
