"""Facts on their way into the database: in order, tried again while it is away, and none holds up another for good."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from parley.signaling.gateway import facts as facts_module
from parley.signaling.gateway.facts import FactWriter
from parley.signaling.node_messages import AnyFact, GuestAdmitted
from tests.support.waiting import until


class Table:
    """Where facts are written; fails with what a test puts into `failures` first."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self.failures: list[Exception] = []
        self.tried = 0

    async def write(self, meeting_id: str, fact: AnyFact) -> None:
        self.tried += 1
        await asyncio.sleep(0)
        if self.failures:
            raise self.failures.pop(0)
        assert isinstance(fact, GuestAdmitted)
        self.written.append(fact.key)


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Table:
    monkeypatch.setattr(facts_module, "FIRST_RETRY", 0.001)
    monkeypatch.setattr(facts_module, "LONGEST_RETRY", 0.004)
    return Table()


@pytest.fixture
async def writer(table: Table) -> AsyncIterator[FactWriter]:
    writer = FactWriter(table.write)
    task = asyncio.create_task(writer.run())
    yield writer
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def put(writer: FactWriter, *keys: str) -> None:
    for key in keys:
        writer.put("meeting", GuestAdmitted(key, 0.0))


def away() -> Exception:
    return OperationalError("INSERT", {}, OSError("gone"))


def refused() -> Exception:
    return IntegrityError("INSERT", {}, ValueError("no such meeting"))


async def test_facts_are_written_in_order(writer: FactWriter, table: Table) -> None:
    keys = [str(number) for number in range(50)]
    put(writer, *keys)
    await writer.flush()
    assert table.written == keys
    assert (writer.pending, writer.written, writer.dropped) == (0, 50, 0)


async def test_a_database_that_is_away_loses_nothing(writer: FactWriter, table: Table) -> None:
    table.failures = [away(), OSError("reset"), TimeoutError(), away()]
    put(writer, "a", "b")
    await writer.flush()
    assert table.written == ["a", "b"]
    assert writer.dropped == 0


async def test_a_fact_that_is_refused_for_good_holds_up_no_other(writer: FactWriter, table: Table) -> None:
    table.failures = [refused()]
    put(writer, "a", "b")
    await writer.flush()
    assert table.written == ["b"]
    assert writer.dropped == 1


async def test_flush_waits_for_what_was_put_before_and_for_no_more(writer: FactWriter, table: Table) -> None:
    table.failures = [away()] * 3
    put(writer, "a")
    flushed = asyncio.create_task(writer.flush())
    await until(lambda: table.tried >= 2)
    assert not flushed.done()
    await flushed
    assert table.written == ["a"]
    await writer.flush()


async def test_facts_wait_in_bounded_memory(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts_module, "MAX_PENDING", 3)
    writer = FactWriter(table.write)
    put(writer, "a", "b", "c", "d")
    assert (writer.pending, writer.dropped) == (3, 1)
