"""What the gateway's handlers work with, put together once at start."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from parley.conversations.accounts import Accounts
from parley.conversations.conversations import Conversations
from parley.conversations.files import Files
from parley.conversations.meetings import Meetings
from parley.conversations.messages import Messages
from parley.conversations.notices import Notices
from parley.conversations.recaps import Recaps
from parley.conversations.recordings import Recordings
from parley.conversations.sessions import Sessions
from parley.signaling.directory import NodeDirectory
from parley.signaling.gateway.addresses import SourceResolver
from parley.signaling.gateway.admission import Admission
from parley.signaling.gateway.facts import FactWriter, fact_recorder
from parley.signaling.gateway.job_metrics import JobMetrics
from parley.signaling.gateway.limits import Rate, RateLimiter
from parley.signaling.gateway.metrics import Metrics
from parley.signaling.gateway.room_links import RoomLinks
from parley.signaling.gateway.site_files import SiteFiles
from parley.signaling.gateway.uploads import Uploads
from parley.signaling.job_desk import JobDesk
from parley.signaling.recaps.library import Library
from parley.signaling.recaps.orders import RecapOrders
from parley.store.blob_store import open_blobs
from parley.store.database import Database
from parley.store.files import FileStore
from parley.store.jobs import Jobs
from parley.store.media_links import MediaLinks
from parley.store.queue import JobQueue
from parley.store.secrets import Signer
from parley.store.settings import Settings

BUILT_CLIENT = Path(__file__).parents[3] / "web" / "dist"


@dataclass(frozen=True, slots=True)
class Rates:
    """How much one address or account may ask for. Many people can share an address, so those are generous."""

    address: Rate = Rate(per_second=50.0, burst=300.0)
    account_writes: Rate = Rate(per_second=2.0, burst=40.0)
    sign_in: Rate = Rate(per_second=0.5, burst=30.0)
    unknown_code: Rate = Rate(per_second=0.2, burst=30.0)
    hello: Rate = Rate(per_second=10.0, burst=200.0)
    sockets_per_address: int = 500
    uploads: Rate = Rate(per_second=0.1, burst=20.0)
    probe: Rate = Rate(per_second=2.0, burst=100.0)


class Limits:
    """The rate limiters of this gateway."""

    def __init__(self, rates: Rates) -> None:
        self.address = RateLimiter(rates.address)
        self.account_writes = RateLimiter(rates.account_writes)
        self.sign_in = RateLimiter(rates.sign_in)
        self.unknown_code = RateLimiter(rates.unknown_code)
        self.hello = RateLimiter(rates.hello)
        self.uploads = RateLimiter(rates.uploads)
        self.probe = RateLimiter(rates.probe)
        self.sockets_per_address = rates.sockets_per_address


class Services:
    """See the module. `secret` signs guests' tokens."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        directory: NodeDirectory,
        secret: bytes,
        rates: Rates | None = None,
    ) -> None:
        self.settings = settings
        self.database = database
        self.directory = directory
        self.accounts = Accounts(database, settings.sign_up_open)
        self.sessions = Sessions(database)
        self.conversations = Conversations(database)
        self.meetings = Meetings(database)
        self.messages = Messages(database)
        self.recordings = Recordings(database)
        self.recaps = Recaps(database)
        self.notices = Notices(database)
        self.blobs = open_blobs(settings)
        self.library = Library(self.blobs)
        self.media_links = MediaLinks(secret)
        self.jobs = Jobs(database)
        self.queue = JobQueue(settings.data_dir, settings.redis_url)
        self.recap_orders = RecapOrders(JobDesk(self.jobs, self.queue))
        self.files = Files(database)
        self.file_store = FileStore(settings.data_dir / "files")
        self.uploads = Uploads(self.file_store, settings.max_file_bytes)
        self.sources = SourceResolver(settings.trusted_proxies)
        self.limits = Limits(rates or Rates())
        self.facts = FactWriter(fact_recorder(self.meetings, self.recordings, self.recap_orders))
        self.admission = Admission(
            settings, self.meetings, self.conversations, self.sessions, Signer(secret, "guest"), self.recordings
        )
        self.links = RoomLinks(directory, self.meetings, self.admission, self.facts)
        self.site_files = SiteFiles(settings.web_dist or BUILT_CLIENT)
        self.metrics = Metrics(directory, self.links, self.facts, JobMetrics(self.jobs))

    async def close(self) -> None:
        """Let go of the blob store and the queue; the database is its opener's."""
        await self.queue.close()
        await self.blobs.close()
