"""Recaps being made, for tests: a meeting of three members, recordings that grow, a recogniser that costs nothing."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from argon2 import PasswordHasher
from sqlalchemy import select

from parley.conversations.accounts import Account, Accounts
from parley.conversations.conversations import Conversations
from parley.conversations.meetings import Meetings
from parley.conversations.notices import Notices
from parley.conversations.recaps import Recaps
from parley.conversations.recordings import Recording as Known
from parley.conversations.recordings import Recordings
from parley.recap import cache
from parley.recap.artefacts import Transcript, Word
from parley.recap.audio import RATE, Samples
from parley.recap.engines import Engines
from parley.recap.pipeline import RecapSettings
from parley.recap.recogniser import Context, Heard, Utterance
from parley.signaling.job_kinds import JobKinds, Kind
from parley.signaling.job_runner import JobRunner
from parley.signaling.recaps.completion import Completion
from parley.signaling.recaps.erasing import Erasing
from parley.signaling.recaps.following import Follower
from parley.signaling.recaps.orders import ERASE, FOLLOW, RecapOrders
from parley.store import recording as stored
from parley.store.blobs import BlobStore
from parley.store.job import Job
from parley.store.local_blobs import LocalBlobs
from parley.store.tables import DeletionRow, MessageRow, NoticeRow
from tests.signaling.job_house import PACE, House, house
from tests.support.recordings import RecordingMaker

QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
"""Hashes worth nothing, in no time."""
TEXT = "so that is what we talked about today"


@dataclass
class StandIn:
    """Hears the same in every window."""

    engine: str = "stand-in"
    draft: bool = False
    punctuates: bool = True
    batch: int = 1
    windows: list[float] = field(default_factory=list)
    before: Callable[[], None] = lambda: None

    def transcribe(self, windows: Sequence[Samples], context: Context) -> list[Heard]:
        """Seconds of what was heard are noted."""
        self.before()
        self.windows += [len(samples) / RATE for samples in windows]
        return [self._hear(len(samples) / RATE) for samples in windows]

    def _hear(self, seconds: float) -> Heard:
        words = TEXT.split()
        step = seconds / len(words)
        said = tuple(Word(word, at * step, (at + 1) * step) for at, word in enumerate(words))
        return Heard((Utterance(said, TEXT, 1.0),))

    def choose(self, settings: object) -> Engines:
        """It is the only one."""
        return Engines((self,))


class Recorder:
    """Writes a recording again that is whole already, step by step."""

    def __init__(self, whole: Path, directory: Path) -> None:
        self._whole = whole
        self._directory = directory
        self._events = list(stored.read_timeline(whole))
        self._said = 0
        (directory / stored.TRACKS).mkdir(parents=True)
        # What is written is a little ahead of the meeting's clock, so that nothing is late on a slow machine.
        head = msgspec.structs.replace(stored.read_head(whole), started_at=datetime.now(UTC) + timedelta(seconds=15))
        (directory / stored.HEAD).write_bytes(stored.encode_head(head))

    def write(self, until: float, *, stop: bool = False) -> None:
        """All that happened until this second, and stop if asked to."""
        with (self._directory / stored.TIMELINE).open("ab") as timeline:
            while self._said < len(self._events) and self._events[self._said].at <= until:
                event = self._events[self._said]
                if stop or not isinstance(event, stored.Stopped):
                    timeline.write(stored.encode_event(event))
                self._said += 1
        end = self._events[-1].at
        for path in (self._whole / stored.TRACKS).iterdir():
            data, target = path.read_bytes(), self._directory / stored.TRACKS / path.name
            known = target.stat().st_size if target.exists() else 0
            with target.open("ab") as file:
                file.write(data[known : len(data) if until >= end else int(len(data) * until / end)])


class RecapHouse:
    """See the module."""

    def __init__(self, home: House, blobs: BlobStore | None = None) -> None:
        self.home = home
        self.root = home.directory / "recordings"
        self.blobs = blobs or LocalBlobs(home.directory / "blobs")
        self.recordings, self.recaps = Recordings(home.database), Recaps(home.database)
        self.notices = Notices(home.database)
        self.orders = RecapOrders(home.desk)
        self.members: list[Account] = []
        self.meeting_id = self.conversation_id = ""
        self._numbers = itertools.count(1)

    async def people(self) -> None:
        """Host, two members, and somebody else."""
        accounts = Accounts(self.home.database, hasher=QUICK)
        everyone = [
            await accounts.sign_up(f"{name}@example.org".lower(), name, "correct horse battery", accept_terms=True)
            for name in ("Hana", "Mia", "Max", "Sue")
        ]
        self.members = everyone[:3]
        host, *others = self.members
        made = await Conversations(self.home.database).create(host.account_id, "Weekly", [one.email for one in others])
        meeting = await Meetings(self.home.database).create(host.account_id, "Planning", made.conversation_id)
        self.conversation_id, self.meeting_id = made.conversation_id, meeting.meeting_id

    def directory(self, recording_id: str) -> Path:
        return self.root / recording_id

    async def begun(self, *, recap: bool = True, ago: float = 0.0) -> str:
        """A recording that runs since some seconds ago, with the job that follows it."""
        recording_id = f"{next(self._numbers):032x}"
        known = Known(recording_id, self.meeting_id, datetime.now(UTC) - timedelta(seconds=ago), recap=recap)
        await self.recordings.began(self.meeting_id, known)
        await self.orders.follow(recording_id)
        return recording_id

    async def ended(self, recording_id: str) -> None:
        await self.recordings.ended(recording_id, datetime.now(UTC))

    def maker(self, name: str, *, recap: bool = True) -> RecordingMaker:
        """Of a recording in this directory below the root."""
        made = RecordingMaker(self.root / name, started_at=datetime.now(UTC))
        head = stored.RecordingHead(
            recording=name, meeting=self.meeting_id, title="Planning", started_at=datetime.now(UTC), recap=recap
        )
        (self.root / name / stored.HEAD).write_bytes(stored.encode_head(head))
        return made

    async def job(self, recording_id: str, kind: str = FOLLOW) -> Job:
        return next(job for job in await self.home.jobs.of(recording_id) if job.kind == kind)

    @contextlib.asynccontextmanager
    async def working(self, engine: StandIn | RecapSettings, name: str = "worker") -> AsyncIterator[None]:
        """A worker of this process, which is stopped in order."""
        settings = engine if isinstance(engine, RecapSettings) else RecapSettings(choose=engine.choose)
        completion = Completion(self.notices, self.home.jobs, "https://example.org")
        follower = Follower(self.root, settings, self.recordings, self.recaps, self.blobs, completion)
        erasing = Erasing(self.root, 6, self.recaps, self.blobs, self.home.jobs)
        kinds = JobKinds.of(
            [
                Kind(FOLLOW, follower.work, "live", gave_up=follower.gave_up, first_pause=0.02),
                Kind(ERASE, erasing.work, "short", first_pause=0.02),
                Kind("expire", erasing.expire, "short", first_pause=0.02),
            ]
        )
        runner, stop = JobRunner(self.home.jobs, self.home.queue, kinds, name, pace=PACE), asyncio.Event()
        task = asyncio.create_task(runner.run(stop))
        try:
            yield
        finally:
            stop.set()
            await task

    # --- what came of it --------------------------------------------------------------------------------------------

    async def stages(self, recording_id: str) -> dict[str, str]:
        """The state of each stage, as a member sees them."""
        recap = await self.recaps.see(self.members[1].account_id, recording_id)
        return {stage.stage: stage.state for stage in recap.stages}

    async def told(self, recording_id: str) -> tuple[str, Counter[str], Counter[str], int]:
        """The one title, how often each member was told it and is mailed it, and how many messages there are."""
        async with self.home.database.session() as session:
            notices = list((await session.execute(select(NoticeRow).filter_by(subject=recording_id))).scalars())
            messages = list(
                (await session.execute(select(MessageRow).filter_by(conversation_id=self.conversation_id))).scalars()
            )
        mails = [job.payload["account"] for job in await self.home.jobs.of(recording_id) if job.kind == "mail"]
        names = {one.account_id: one.name for one in self.members}
        (title,) = {one.title for one in notices} or {""}
        return (
            title,
            Counter(names[one.account_id] for one in notices),
            Counter(names[account] for account in mails),
            sum(recording_id in one.text for one in messages),
        )

    def transcript(self, recording_id: str) -> Transcript | None:
        return cache.read_artefact(self.directory(recording_id) / stored.RECAP, "transcript", Transcript)

    async def deletion(self, recording_id: str) -> DeletionRow | None:
        async with self.home.database.session() as session:
            return await session.get(DeletionRow, recording_id)


ONCE = Counter({"Hana": 1, "Mia": 1, "Max": 1})
"""How often each member is told and mailed."""


@contextlib.asynccontextmanager
async def recap_house(directory: Path, blobs: BlobStore | None = None) -> AsyncIterator[RecapHouse]:
    """An empty one."""
    async with house(directory) as home:
        made = RecapHouse(home, blobs)
        await made.people()
        yield made
