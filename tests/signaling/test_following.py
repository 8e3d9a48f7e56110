"""The job that follows a recording: captions while it grows, a recap after it, all told once, whatever happens."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from pathlib import Path

import numpy as np
import pytest

from parley.recap.engines import Engines
from parley.recap.journal import Done, Journal
from parley.recap.pipeline import RecapSettings
from parley.recap.recogniser import RecogniserError
from parley.recap.recording import Recording
from parley.signaling.recaps import erasing, following
from parley.signaling.recaps.library import Library, folder_of, key_of
from parley.store import recording as stored
from parley.store.blobs import BlobUnavailableError
from parley.store.local_blobs import LocalBlobs
from tests.signaling.recap_house import ONCE, TEXT, RecapHouse, Recorder, StandIn, recap_house
from tests.support.recordings import RATE, RecordingMaker
from tests.support.speech import silence, spoken
from tests.support.waiting import until

DONE = dict.fromkeys(("transcript", "voice", "summary", "highlights", "tracks"), "done")
SECONDS = 30.0
END, MIDDLE = 9.0, 6.0


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test waits as long as people would."""
    for name, seconds in {
        "LOOK_SECONDS": 0.02, "PUBLISH_SECONDS": 0.05, "AHEAD_SECONDS": 0.1, "STAND_STILL_SECONDS": 0.3,
        "STORE_PAUSE": 0.02,
    }.items():  # fmt: skip
        monkeypatch.setattr(following, name, seconds)
    monkeypatch.setattr(erasing, "AGAIN_SECONDS", 0.3)


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[RecapHouse]:
    async with recap_house(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two who speak one after the other."""
    sentence = spoken("We will send it to everybody on Friday.")
    maker = RecordingMaker(tmp_path_factory.mktemp("meeting") / "whole")
    maker.person("a", "Ann")
    maker.person("b", "Ben")
    maker.audio("a", np.concatenate([silence(0.2), sentence, silence(2), sentence, silence(0.5)]))
    maker.audio("b", np.concatenate([silence(2.5), sentence, silence(1.5)]), at=0.5)
    return maker.stop(END)


def spoken_meeting(whole: Path, maker: RecordingMaker, *, stop: bool = True) -> Path:
    """The same, by another name."""
    shutil.copytree(whole / stored.TRACKS, maker.directory / stored.TRACKS, dirs_exist_ok=True)
    for event in stored.read_timeline(whole):
        if stop or not isinstance(event, stored.Stopped):
            maker.event(event)
    return maker.directory


async def finished(home: RecapHouse, recording_id: str, state: str = "done") -> None:
    await home.home.reaches(await home.job(recording_id), state, SECONDS)


def captions(directory: Path) -> list[dict[str, object]]:
    path = directory / stored.RECAP / "live.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


# --- a meeting that runs ---------------------------------------------------------------------------------------------


async def test_a_recording_that_grows_has_captions_at_once_and_a_recap_when_it_is_over(
    home: RecapHouse, whole: Path
) -> None:
    recording_id = await home.begun()
    directory = home.directory(recording_id)
    recorder = Recorder(whole, directory)
    async with home.working(StandIn()):
        recorder.write(MIDDLE)
        await until(lambda: any(line["final"] for line in captions(directory)), SECONDS)
        live = key_of(recording_id, "recap/live.json")
        await until(lambda: home.blobs.local_path(live).exists(), SECONDS)  # type: ignore[union-attr]
        assert (await home.stages(recording_id), (await home.told(recording_id))[0]) == ({}, "")
        assert (await home.job(recording_id)).state == "running"
        recorder.write(END, stop=True)
        await home.ended(recording_id)
        await finished(home, recording_id)
    made = home.transcript(recording_id)
    assert made is not None
    assert {one.participant for one in made.segments} == {"a", "b"}
    assert [(one.state, one.text.lower().strip("."), one.reason) for one in made.segments] == [("text", TEXT, "")] * 3
    stages = await home.stages(recording_id)
    assert DONE.items() <= stages.items()
    assert set(stages.values()) <= {"done", "skipped"}
    title = "The recap of “Planning” is ready"
    assert await home.told(recording_id) == (title, ONCE, ONCE, 1)
    shown = await Library(home.blobs).artefacts(recording_id)
    assert shown.transcript == made
    kept = await home.blobs.list_prefix(f"{folder_of(recording_id)}/tracks")
    assert kept == [key_of(recording_id, f"tracks/track{number}-0.mkv") for number in (1, 2)]
    assert [await home.blobs.get_bytes(key) for key in kept] == [
        (directory / "tracks" / Path(key).name).read_bytes() for key in kept
    ]


async def test_another_worker_goes_on_where_one_was_killed_and_nothing_is_recognised_twice(
    home: RecapHouse, whole: Path
) -> None:
    recording_id = await home.begun()
    directory, first, second = home.directory(recording_id), StandIn(), StandIn()
    recorder = Recorder(whole, directory)
    recorder.write(MIDDLE)
    async with home.working(first, "first"):
        await until(lambda: any(line["final"] for line in captions(directory)), SECONDS)
    before = [entry for entry in Journal(directory).entries if isinstance(entry, Done)]
    assert (await home.job(recording_id)).state == "waiting"
    recorder.write(END, stop=True)
    async with home.working(second, "second"):
        await finished(home, recording_id)
    after = [entry for entry in Journal(directory).entries if isinstance(entry, Done)]
    assert after[: len(before)] == before
    assert len(second.windows) == len(after) - len(before) > 0
    segments = [one.id for entry in after for one in entry.segments]
    assert len(segments) == len(set(segments))
    assert (await home.told(recording_id))[1:] == (ONCE, ONCE, 1)


async def test_a_job_that_is_done_again_makes_nothing_anew_and_tells_nobody_again(
    home: RecapHouse, whole: Path
) -> None:
    recording_id, again = await home.begun(), StandIn()
    spoken_meeting(whole, home.maker(recording_id))
    async with home.working(StandIn()):
        await finished(home, recording_id)
    told = await home.told(recording_id)
    assert await home.home.desk.again(await home.job(recording_id), "live")
    async with home.working(again):
        await finished(home, recording_id)
    assert again.windows == []
    assert await home.told(recording_id) == told


async def test_a_recording_whose_recorder_never_said_that_it_stopped_is_taken_as_it_is(
    home: RecapHouse, whole: Path
) -> None:
    recording_id = await home.begun(ago=60)
    directory = spoken_meeting(whole, home.maker(recording_id), stop=False)
    async with home.working(StandIn()):
        await until(lambda: captions(directory), SECONDS)
        await home.ended(recording_id)
        await finished(home, recording_id)
    recording = Recording.open(directory)
    assert recording.complete
    assert recording.duration >= 60
    assert (await home.told(recording_id))[0] == "The recap of “Planning” is ready"


async def test_a_recorder_that_still_writes_after_the_end_is_waited_for(home: RecapHouse, whole: Path) -> None:
    recording_id = await home.begun()
    recorder = Recorder(whole, home.directory(recording_id))
    await home.ended(recording_id)
    following.STAND_STILL_SECONDS = 1.2  # the fixture puts it back
    async with home.working(StandIn()):
        for step in range(12):
            recorder.write(END * step / 12)
            await asyncio.sleep(following.STAND_STILL_SECONDS / 10)
            assert (await home.job(recording_id)).state in ("waiting", "running")
        recorder.write(END, stop=True)
        await finished(home, recording_id)
    stops = [event for event in stored.read_timeline(home.directory(recording_id)) if isinstance(event, stored.Stopped)]
    assert [event.reason for event in stops] == ["host"]


async def test_what_breaks_while_the_meeting_runs_waits_for_its_end(home: RecapHouse, whole: Path) -> None:
    def break_once() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise ZeroDivisionError

    tries: list[int] = []
    recording_id = await home.begun()
    recorder = Recorder(whole, home.directory(recording_id))
    recorder.write(MIDDLE)
    engine = StandIn(before=break_once)
    async with home.working(engine):
        await until(lambda: tries, SECONDS)
        recorder.write(END, stop=True)
        await finished(home, recording_id)
    assert (await home.job(recording_id)).attempts == 1
    assert DONE.items() <= (await home.stages(recording_id)).items()


# --- what can't be made ----------------------------------------------------------------------------------------------


async def test_a_stage_that_fails_for_good_is_told_to_everybody_once_and_the_others_are_made(
    home: RecapHouse, whole: Path
) -> None:
    def none(settings: object) -> Engines:
        raise RecogniserError("there is no model")

    recording_id = await home.begun()
    spoken_meeting(whole, home.maker(recording_id))
    async with home.working(RecapSettings(choose=none)):
        await finished(home, recording_id)
    stages = await home.stages(recording_id)
    assert (stages["transcript"], stages["summary"], stages["tracks"]) == ("failed", "skipped", "done")
    assert await home.told(recording_id) == ("The recap of “Planning” is there, but not complete", ONCE, ONCE, 1)


async def test_a_job_that_gives_up_tells_everybody_once(home: RecapHouse) -> None:
    recording_id = await home.begun()
    await home.ended(recording_id)
    async with home.working(StandIn()):
        await finished(home, recording_id, "failed")
    assert "ever written" in (await home.job(recording_id)).error
    assert await home.told(recording_id) == ("The recap of “Planning” is there, but not complete", ONCE, ONCE, 1)
    known = await home.recordings.get(recording_id)
    assert known is not None
    assert known.finished_at is not None


def empty(maker: RecordingMaker) -> None:
    maker.stop(3)


def one_second(maker: RecordingMaker) -> None:
    maker.person("a", "Ann")
    maker.audio("a", silence(1))
    maker.stop(1)


def ten_silent(maker: RecordingMaker) -> None:
    for number in range(10):
        maker.person(f"p{number}", f"Person {number}")
        maker.audio(f"p{number}", silence(4))
    maker.stop(5)


def corrupt(maker: RecordingMaker) -> None:
    sentence = spoken("We will send it to everybody on Friday.")
    for person in ("a", "b"):
        maker.person(person, person.upper())
        maker.audio(person, sentence)
    maker.stop(len(sentence) / RATE)
    (path, _) = sorted((maker.directory / stored.TRACKS).iterdir())
    path.write_bytes(b"no Matroska at all " * 500)


@pytest.mark.parametrize(("make", "playable"), [(empty, 0), (one_second, 1), (ten_silent, 10), (corrupt, 1)])
async def test_odd_meetings_come_to_a_recap_with_nothing_invented(
    home: RecapHouse, make: Callable[[RecordingMaker], None], playable: int
) -> None:
    recording_id, engine = await home.begun(), StandIn()
    make(home.maker(recording_id))
    async with home.working(engine):
        await finished(home, recording_id)
    stages = await home.stages(recording_id)
    assert DONE.items() <= stages.items()
    assert stages["reel"] in ("done", "skipped")
    made, tracks = home.transcript(recording_id), (await Library(home.blobs).artefacts(recording_id)).tracks
    assert made is not None
    assert tracks is not None
    assert len(tracks.tracks) == playable
    if make is corrupt:
        assert {one.participant for one in made.segments if one.state == "text"} == {"b"}
        assert {one.participant for one in made.segments if one.state == "untranscribed"} == {"a"}
        assert tracks.notes
    else:
        assert (made.segments, engine.windows) == ((), [])
    assert (await home.told(recording_id))[1:] == (ONCE, ONCE, 1)


def an_hour_muted(maker: RecordingMaker) -> None:
    for number in range(10):
        maker.person(f"p{number}", f"Person {number}")
        maker.audio(f"p{number}", silence(0.5))
        maker.audio(f"p{number}", silence(0.5), at=3599)
    maker.stop(3600)


def nothing_written(maker: RecordingMaker) -> None:
    """The disk was full all the time."""
    maker.person("a", "Ann")
    maker.event(stored.TrackStarted(at=1, track="t", participant="a", source="microphone", codec="opus", file=""))
    maker.event(stored.Lost(at=1, track="t", seconds=4, reason="disk"))
    maker.stop(5)


def clock_ahead(maker: RecordingMaker) -> None:
    """What happens is told by a clock that is set two hours ahead, and back again."""
    maker.person("a", "Ann")
    maker.audio("a", spoken("We will send it to everybody on Friday."))
    maker.event(stored.Speaking(at=7200, participant="a"))
    maker.event(stored.Speaking(at=4, participant=None))
    maker.stop(5)


@pytest.mark.parametrize(
    ("make", "states"), [(an_hour_muted, set()), (nothing_written, {("a", "lost")}), (clock_ahead, {("a", "")})]
)
async def test_long_silence_a_full_disk_and_a_clock_that_jumps_come_to_a_recap_that_says_what_is_missing(
    home: RecapHouse, make: Callable[[RecordingMaker], None], states: set[tuple[str, str]]
) -> None:
    recording_id = await home.begun()
    make(home.maker(recording_id))
    async with home.working(StandIn()):
        await finished(home, recording_id)
    assert DONE.items() <= (await home.stages(recording_id)).items()
    made = home.transcript(recording_id)
    assert made is not None
    assert {(one.participant, one.reason) for one in made.segments} == states
    assert (await home.told(recording_id))[1:] == (ONCE, ONCE, 1)


async def test_without_a_recap_tracks_can_be_played_and_no_word_is_recognised(home: RecapHouse, whole: Path) -> None:
    recording_id, engine = await home.begun(recap=False), StandIn()
    directory = spoken_meeting(whole, home.maker(recording_id, recap=False))
    async with home.working(engine):
        await finished(home, recording_id)
    stages = await home.stages(recording_id)
    assert stages.pop("tracks") == "done"
    assert set(stages.values()) == {"skipped"}
    assert (engine.windows, captions(directory)) == ([], [])
    assert (await home.told(recording_id))[0] == "The recording of “Planning” is ready"


# --- a store that is away --------------------------------------------------------------------------------------------


class Away(LocalBlobs):
    """A store that can't be reached the first times that something is put there."""

    def __init__(self, directory: Path, times: int) -> None:
        super().__init__(directory)
        self.times = times

    async def put_stream(self, key: str, chunks: AsyncGenerator[bytes], size: int) -> None:  # type: ignore[override]
        if self.times > 0:
            self.times -= 1
            raise BlobUnavailableError("the store can't be reached")
        await super().put_stream(key, chunks, size)


async def test_a_store_that_is_away_for_long_is_waited_for_and_nothing_is_lost(tmp_path: Path, whole: Path) -> None:
    store = Away(tmp_path / "blobs", 60)
    async with recap_house(tmp_path, store) as home:
        recording_id, engine = await home.begun(), StandIn()
        directory = spoken_meeting(whole, home.maker(recording_id))
        async with home.working(engine):
            await finished(home, recording_id)
        assert store.times == 0
        assert (await home.job(recording_id)).attempts == 1
        assert DONE.items() <= (await home.stages(recording_id)).items()
        assert (await Library(store).artefacts(recording_id)).transcript == home.transcript(recording_id)
        for path in [*(directory / "recap" / "play").iterdir(), *(directory / "tracks").iterdir()]:
            assert await store.get_bytes(key_of(recording_id, str(path.relative_to(directory)))) == path.read_bytes()
        assert (await home.told(recording_id))[1:] == (ONCE, ONCE, 1)


# --- erasing ---------------------------------------------------------------------------------------------------------


async def erased(home: RecapHouse, recording_id: str) -> None:
    """Nothing of it is there any more, and that is written down."""
    await home.home.reaches(await home.job(recording_id, "erase"), "done", SECONDS)
    assert not home.directory(recording_id).exists()
    assert not (home.home.directory / "blobs" / folder_of(recording_id)).exists()
    row = await home.deletion(recording_id)
    assert row is not None
    assert row.finished_at is not None


async def delete(home: RecapHouse, recording_id: str) -> None:
    """As the host's request does."""
    known = await home.recordings.get(recording_id)
    assert known is not None
    await home.recaps.delete(home.members[0].account_id, recording_id, known.started_at)
    await home.orders.erase(recording_id)


async def test_deleting_takes_blobs_and_files_and_everything_about_them(home: RecapHouse) -> None:
    recording_id, other = await home.begun(), await home.begun()
    for one in (recording_id, other):
        one_second(home.maker(one))
        await home.ended(one)
    async with home.working(StandIn()):
        await finished(home, recording_id)
        await finished(home, other)
        await delete(home, recording_id)
        await erased(home, recording_id)
    assert await home.told(recording_id) == ("", {}, ONCE, 0)
    assert {job.state for job in await home.home.jobs.of(recording_id) if job.kind == "mail"} == {"cancelled"}
    assert home.directory(other).exists()
    assert await home.blobs.list_prefix(folder_of(other)) != []


async def test_what_is_deleted_while_its_recap_is_made_is_gone_and_nobody_is_told(
    home: RecapHouse, whole: Path
) -> None:
    recording_id = await home.begun()
    directory = spoken_meeting(whole, home.maker(recording_id), stop=False)
    following.STAND_STILL_SECONDS = 60.0  # the fixture puts it back
    async with home.working(StandIn()):
        await until(lambda: captions(directory), SECONDS)
        await home.ended(recording_id)
        await delete(home, recording_id)
        await erased(home, recording_id)
        assert (await home.job(recording_id)).state in ("cancelled", "done")
    await erased(home, recording_id)
    assert (await home.told(recording_id))[1:] == ({}, {}, 0)


async def test_a_worker_that_puts_something_there_in_the_last_moment_leaves_nothing(tmp_path: Path) -> None:
    class Slow(LocalBlobs):
        """Whoever puts a file is held up until the folder was looked at after it was deleted."""

        deleted = asyncio.Event()
        waiting = asyncio.Event()

        async def put_file(self, key: str, path: Path) -> None:
            data = await asyncio.to_thread(path.read_bytes)
            self.waiting.set()
            await self.deleted.wait()
            await asyncio.shield(self.put_bytes(key, data))

        async def list_prefix(self, prefix: str) -> list[str]:
            found = await super().list_prefix(prefix)
            self.deleted.set()
            return found

    store = Slow(tmp_path / "blobs")
    async with recap_house(tmp_path, store) as home:
        recording_id = await home.begun()
        one_second(home.maker(recording_id))
        async with home.working(StandIn()):
            await asyncio.wait_for(store.waiting.wait(), SECONDS)
            await home.ended(recording_id)
            await delete(home, recording_id)
            await erased(home, recording_id)
        await erased(home, recording_id)


async def test_what_was_to_go_and_has_not_is_asked_for_again_by_the_hourly_job(home: RecapHouse) -> None:
    recording_id = await home.begun()
    one_second(home.maker(recording_id))
    await home.ended(recording_id)
    known = await home.recordings.get(recording_id)
    assert known is not None
    await home.recaps.delete(home.members[0].account_id, recording_id, known.started_at)
    await home.home.desk.ask("expire", "expire", "short")
    async with home.working(StandIn()):
        await until(lambda: not home.directory(recording_id).exists(), SECONDS)
        await erased(home, recording_id)
