"""Films that somebody asked for: made once, put where they can be played, and nothing else is sent again."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import av
import numpy as np
import pytest

from parley.recap import cache
from parley.recap.pipeline import RecapSettings
from parley.signaling.job_kinds import JobKinds, Kind
from parley.signaling.job_runner import JobRunner
from parley.signaling.recaps.library import Library, key_of
from parley.signaling.recaps.on_demand import clip_file
from parley.signaling.recaps.orders import CLIP, FILM
from parley.signaling.recaps.rendering import Rendering
from parley.store import recording as stored
from parley.store.blobs import BlobUnavailableError
from parley.store.local_blobs import LocalBlobs
from tests.signaling.job_house import PACE
from tests.signaling.recap_house import RecapHouse, recap_house
from tests.support.recaps import ARTEFACTS, MOMENT
from tests.support.recordings import RATE

SECONDS = 60.0


class Counting(LocalBlobs):
    """Notes what is put there; away: how often it can't be reached first."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.put: list[str] = []
        self.away = 0

    async def put_stream(self, key: str, chunks: object, size: int) -> None:
        if self.away > 0:
            self.away -= 1
            raise BlobUnavailableError("the store can't be reached")
        self.put.append(key.partition("/recap/")[2])
        await super().put_stream(key, chunks, size)  # type: ignore[arg-type]


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[RecapHouse]:
    async with recap_house(tmp_path, Counting(tmp_path / "blobs")) as made:
        yield made


@contextlib.asynccontextmanager
async def rendering(home: RecapHouse) -> AsyncIterator[Counting]:
    """A worker that makes films."""
    work = Rendering(home.root, RecapSettings(), home.recaps, home.blobs)
    kinds = JobKinds.of([Kind(FILM, work.film, first_pause=0.05), Kind(CLIP, work.clip, first_pause=0.05)])
    runner, stop = JobRunner(home.home.jobs, home.home.queue, kinds, "renderer", pace=PACE), asyncio.Event()
    task = asyncio.create_task(runner.run(stop))
    try:
        assert isinstance(home.blobs, Counting)
        yield home.blobs
    finally:
        stop.set()
        await task


async def recap(home: RecapHouse) -> str:
    """One of three seconds, with one moment, and a track that can be played."""
    recording_id = await home.begun()
    maker = home.maker(recording_id)
    maker.person("a", "Ann")
    maker.audio("a", (3000 * np.sin(np.arange(3 * RATE) / 20)).astype(np.int16))
    maker.stop(3)
    await home.ended(recording_id)
    made = maker.directory / stored.RECAP
    (made / "play").mkdir(parents=True)
    (made / "play" / "track1.webm").write_bytes(b"a track")
    for name, artefact in ARTEFACTS.items():
        cache.save_as(made, name, artefact)
    await home.blobs.put_bytes(key_of(recording_id, "recap/play/track1.webm"), b"a track")
    assert isinstance(home.blobs, Counting)
    home.blobs.put.clear()
    return recording_id


async def test_a_clip_can_be_played_and_tracks_are_not_sent_again(home: RecapHouse) -> None:
    recording_id = await recap(home)
    async with rendering(home) as store:
        store.away = 1
        await home.orders.clip(recording_id, MOMENT.id)
        job = await home.home.reaches(await home.job(recording_id, CLIP), "done", SECONDS)
    assert job.attempts == 2
    (name,) = [one for one in await Library(store).clips(recording_id) if one.endswith(".mp4")]
    assert name == clip_file(MOMENT.id)
    assert "play/track1.webm" not in store.put
    assert store.put.count(name) == 1
    path = store.local_path(key_of(recording_id, f"recap/{name}"))
    with av.open(str(path)) as container:
        assert container.streams.video[0].codec_context.name == "h264"
        assert container.duration is not None
        assert 1 < container.duration / av.time_base < 5


async def test_a_moment_that_is_not_there_is_not_tried_again(home: RecapHouse) -> None:
    recording_id = await recap(home)
    async with rendering(home) as store:
        await home.orders.clip(recording_id, "m9")
        job = await home.home.reaches(await home.job(recording_id, CLIP), "failed", SECONDS)
    assert (job.attempts, job.error, store.put) == (1, "There is no such moment in this recap.", [])


@pytest.mark.parametrize("kind", [FILM, CLIP])
async def test_of_a_recording_that_is_gone_no_film_is_made(home: RecapHouse, kind: str) -> None:
    recording_id = await home.begun()
    async with rendering(home) as store:
        await (home.orders.film(recording_id) if kind == FILM else home.orders.clip(recording_id, "m1"))
        job = await home.home.reaches(await home.job(recording_id, kind), "failed", SECONDS)
    assert (job.attempts, store.put) == (1, [])
    assert not home.directory(recording_id).exists()
