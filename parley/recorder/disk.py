"""All the recorder's writing, on one thread of its own: however slow the disk is, the event loop never waits for it.

Orders are carried out one after the other. What was written is made durable several times a second. An error ends the
file it happened to, cut back to what was whole; a full disk is noticed before it is quite full, so that timelines can
still be written, and tried again until there is room.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger(__name__)

SYNC_SECONDS = 0.25
"""How long written bytes may wait for fsync. With a cluster and a hole in the network it is less than a second."""

LOOK_SECONDS = 1.0
RESERVE_BYTES = 64 * 1024 * 1024
"""Left free for timelines, and for all else that lives on the disk."""

PROBE_BYTES = 256 * 1024
SPARE_BYTES = 64 * 1024
"""Kept in a file, and let go of when something else took all the room: the timelines' last lines fit in."""
MAX_PENDING_BYTES = 4 * 1024 * 1024
"""Of one timeline, while it can't be written."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class DiskFile:
    """A file that orders were given for. error: why it takes nothing more, "" while it does. written: bytes."""

    __slots__ = ("dirty", "error", "fd", "path", "written")

    def __init__(self, path: Path) -> None:
        self.path = path
        self.error = ""
        self.written = 0
        self.dirty = False
        self.fd = -1


class Timeline:
    """A file that lines are appended to. Lines wait, up to a bound, while the disk takes none.

    lost: bytes that didn't fit any more.
    """

    __slots__ = ("closed", "dirty", "fd", "lost", "path", "pending")

    def __init__(self, path: Path) -> None:
        self.path = path
        self.pending = bytearray()
        self.closed = False
        self.dirty = False
        self.lost = 0
        self.fd = -1


class Disk:
    """See the module. Methods are called from one thread (the event loop's) and return at once.

    root: the directory whose file system is watched. reserve: bytes left free there. fsync: makes a file durable.
    free: bytes. full: whether tracks may not be written.
    """

    def __init__(
        self, root: Path, reserve: int = RESERVE_BYTES, fsync: Callable[[int], None] = os.fsync
    ) -> None:  # fmt: skip
        self.root = root
        self.reserve = reserve
        self.free = 0
        self.full = False
        self.failures = 0
        """Files that an error ended."""
        self._fsync = fsync
        self._ordered = 0
        self._done = 0
        self._orders: queue.SimpleQueue[tuple[int, Callable[[], None]] | None] = queue.SimpleQueue()
        self._files: set[DiskFile] = set()
        self._timelines: dict[Timeline, None] = {}
        """In the order in which they were opened: what an earlier session of a recording couldn't write goes first."""
        self._directories: set[Path] = set()
        self._synced = self._looked = 0.0
        self._spare = root / ".spare"
        self._look()
        self._thread = threading.Thread(target=self._run, name="recorder-disk", daemon=True)
        self._thread.start()

    @property
    def backlog(self) -> int:
        """Bytes that were ordered and are not written yet."""
        return self._ordered - self._done

    def create(self, path: Path) -> DiskFile:
        """Begin a file, with the directories it needs."""
        file = DiskFile(path)
        self._order(0, lambda: self._create(file))
        return file

    def write(self, file: DiskFile, offset: int, data: bytes, *, provisional: bool = False) -> None:
        """Write at an offset. provisional: something else will be written there."""
        self._order(len(data), lambda: self._write(file, offset, data, provisional))

    def close(self, file: DiskFile, failed: Callable[[], None] = lambda: None) -> None:
        """Make it durable and let it go. failed: called on the disk's thread when it didn't take all of it."""

        def close() -> None:
            self._close(file)
            if file.error:
                failed()

        self._order(0, close)

    def timeline(self, path: Path) -> Timeline:
        """Begin or go on with a file of lines."""
        timeline = Timeline(path)
        self._order(0, lambda: self._open_timeline(timeline))
        return timeline

    def append(self, timeline: Timeline, lines: bytes) -> None:
        """Append whole lines."""
        self._order(len(lines), lambda: self._append(timeline, lines))

    def append_now(self, timeline: Timeline, lines: bytes) -> None:
        """Append whole lines, on the disk's own thread: for what is told from there."""
        self._append(timeline, lines)

    def close_timeline(self, timeline: Timeline) -> None:
        """Make it durable and let it go."""
        self._order(0, lambda: self._close_timeline(timeline))

    def settle(self, seconds: float = 30.0) -> bool:
        """Wait until everything ordered so far is written and durable; False after `seconds`. Blocks."""
        done = threading.Event()

        def sync() -> None:
            self._sync()
            done.set()

        self._order(0, sync)
        return done.wait(seconds)

    def stop(self, seconds: float = 30.0) -> None:
        """Carry out what was ordered and end the thread. Blocks."""
        self._orders.put(None)
        self._thread.join(seconds)

    # --- on the thread --------------------------------------------------------------------------------------------

    def _order(self, size: int, work: Callable[[], None]) -> None:
        self._ordered += size
        self._orders.put((size, work))

    def _run(self) -> None:
        while True:
            try:
                order = self._orders.get(timeout=SYNC_SECONDS)
            except queue.Empty:
                order = (0, lambda: None)
            if order is None:
                self._let_go_of_spare()
                self._sync()
                return
            try:
                order[1]()
            except Exception:  # one recording's trouble must not end the others' writing
                log.exception("the disk thread could not carry out an order")
            self._done += order[0]
            now = time.monotonic()
            if now - self._synced >= SYNC_SECONDS:
                self._sync()
                self._synced = time.monotonic()
            if now - self._looked >= LOOK_SECONDS:
                self._look()
                self._looked = time.monotonic()

    def _create(self, file: DiskFile) -> None:
        try:
            file.path.parent.mkdir(parents=True, exist_ok=True)
            file.fd = os.open(file.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        except OSError as error:
            self._failed(file, error)
            return
        self._files.add(file)
        self._directories |= {file.path.parent, file.path.parent.parent}

    def _write(self, file: DiskFile, offset: int, data: bytes, provisional: bool) -> None:
        if file.error or file.fd < 0:
            return
        try:
            _write_all(file.fd, data, offset)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(file.fd, max(offset, file.written))
            self._failed(file, error)
            return
        if not provisional:
            file.written = max(file.written, offset + len(data))
        file.dirty = True

    def _close(self, file: DiskFile) -> None:
        if file.fd < 0:
            return
        self._sync_file(file)
        self._files.discard(file)
        if file.fd >= 0:
            os.close(file.fd)
            file.fd = -1

    def _failed(self, file: DiskFile, error: OSError) -> None:
        if error.errno in _FULL:
            self.full = True
        file.error = error.strerror or "unknown error"
        self.failures += 1
        log.error("can't write %s: %s", file.path.name, file.error)

    def _open_timeline(self, timeline: Timeline) -> None:
        try:
            timeline.path.parent.mkdir(parents=True, exist_ok=True)
            timeline.fd = os.open(timeline.path, os.O_CREAT | os.O_RDWR | os.O_APPEND | os.O_CLOEXEC, 0o600)
            size = os.fstat(timeline.fd).st_size
            if size and os.pread(timeline.fd, 1, size - 1) != b"\n":  # a torn line must not take the next one with it
                timeline.pending[:0] = b"\n"
        except OSError as error:
            log.error("can't open a timeline: %s", error.strerror)
        self._timelines.setdefault(timeline)
        self._directories |= {timeline.path.parent, timeline.path.parent.parent}

    def _append(self, timeline: Timeline, lines: bytes) -> None:
        if len(timeline.pending) + len(lines) > MAX_PENDING_BYTES:
            timeline.lost += len(lines)
            return
        timeline.pending += lines
        self._write_pending(timeline)

    def _write_pending(self, timeline: Timeline) -> None:
        if not timeline.pending:
            return
        if timeline.fd < 0:
            self._open_timeline(timeline)
            if timeline.fd < 0:
                return
        size = os.fstat(timeline.fd).st_size
        try:
            _write_all(timeline.fd, bytes(timeline.pending), size)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(timeline.fd, size)
            if error.errno in _FULL:
                self.full = True
                if self._let_go_of_spare():
                    self._write_pending(timeline)
            return
        timeline.pending.clear()
        timeline.dirty = True

    def _close_timeline(self, timeline: Timeline) -> None:
        timeline.closed = True
        self._write_pending(timeline)
        if timeline.pending:
            return  # it is closed when there is room again: its last lines say what is missing
        self._timelines.pop(timeline, None)
        if timeline.fd >= 0:
            with contextlib.suppress(OSError):
                self._fsync(timeline.fd)
            os.close(timeline.fd)
            timeline.fd = -1

    def _sync(self) -> None:
        for timeline in tuple(self._timelines):
            self._write_pending(timeline)
            if timeline.closed and not timeline.pending:
                self._close_timeline(timeline)
                continue
            if timeline.dirty:
                with contextlib.suppress(OSError):
                    self._fsync(timeline.fd)
                timeline.dirty = False
        for file in tuple(self._files):
            self._sync_file(file)
        for directory in self._directories:
            with contextlib.suppress(OSError):
                fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
                try:
                    os.fsync(fd)
                finally:
                    os.close(fd)
        self._directories.clear()

    def _sync_file(self, file: DiskFile) -> None:
        if not file.dirty:
            return
        file.dirty = False
        try:
            self._fsync(file.fd)
        except OSError as error:
            if not file.error:
                self._failed(file, error)

    def _keep_spare(self) -> None:
        """Take the room that timelines may need once there is none."""
        if self._spare.exists():
            return
        try:
            fd = os.open(self._spare, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_CLOEXEC, 0o600)
            try:
                _write_all(fd, bytes(SPARE_BYTES), 0)
            finally:
                os.close(fd)
        except OSError:
            self._let_go_of_spare()

    def _let_go_of_spare(self) -> bool:
        """Make that room; whether there was any to be made."""
        try:
            self._spare.unlink()
        except OSError:
            return False
        return True

    def _look(self) -> None:
        """How much room there is; whether a full disk takes bytes again is tried out, for quotas don't show."""
        try:
            found = os.statvfs(self.root)
        except OSError:
            return
        self.free = found.f_bavail * found.f_frsize
        if self.free < self.reserve:
            self.full = True
        elif self.full and self.free >= self.reserve + PROBE_BYTES:
            self.full = not self._takes_bytes()
        if not self.full:
            self._keep_spare()

    def _takes_bytes(self) -> bool:
        probe = self.root / f".room-{os.getpid()}"
        try:
            fd = os.open(probe, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_CLOEXEC, 0o600)
            try:
                _write_all(fd, bytes(PROBE_BYTES), 0)
                os.fsync(fd)
            finally:
                os.close(fd)
                probe.unlink()
        except OSError:
            return False
        return True


def _write_all(fd: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(fd, view, offset)
        view = view[written:]
        offset += written
