"""The one way to log: standard logging, as JSON for machines or text for a terminal, and never a secret.

What may appear is decided by construction, not by care at each call. Only extra fields named in FIELDS come out. An
argument that is neither a number, a short string, an enum, a path nor an exception is shown as the name of its type, so
a message of a client, a session or a description of one can be passed and shows nothing. What is left is scrubbed of
everything that has the form of a secret. An exception shows its type, its place and its scrubbed first line.

Records are written by a thread of their own from a bounded queue: no event loop waits for a terminal or a collector.
"""

from __future__ import annotations

import contextlib
import contextvars
import copy
import datetime
import enum
import json
import logging
import logging.handlers
import pathlib
import queue
import re
import sys
import traceback
import types
from collections.abc import Iterator, Mapping
from typing import IO, Any, Literal, cast

FIELDS = frozenset(
    {
        "account_id",
        "address",
        "child",
        "connection_id",
        "conversation_id",
        "count",
        "elapsed_ms",
        "error",
        "failures",
        "kind",
        "meeting_id",
        "method",
        "node_id",
        "participant_id",
        "path",
        "pid",
        "reason",
        "remote",
        "request_id",
        "rooms",
        "route",
        "status",
        "transport_kind",
    }
)
"""Extra fields that come out. They name things; none of them holds what people say or what opens a door."""

MAX_TEXT = 300
MAX_SCRUBBED = 10 * MAX_TEXT
"""What lies beyond is cut unseen: looking for secrets takes the event loop's time."""

MAX_QUEUED = 10_000
QUIET_LOGGERS = ("aiohttp.access", "aioice", "aiortc", "asyncio", "sqlalchemy", "alembic", "urllib3", "redis")

REDACTED = "[redacted]"

_NO_FIELDS: Mapping[str, str] = types.MappingProxyType({})
_context: contextvars.ContextVar[Mapping[str, str]] = contextvars.ContextVar("log_context", default=_NO_FIELDS)

_NAMED_SECRET = re.compile(
    r"""(?ix)
    ( (?: (?<! [\w-] ) [\w-]*
          (?: token | secret | password | passwd | credential | cookie | api[_-]?key | ice-pwd | ice-ufrag )
      | authorization | crypto | \bpwd | \bufrag )
      ["']? \s* (?: [:=] | \s is \s ) \s* ["']? (?: bearer \s+ | basic \s+ )?
    )
    [^\s"'&;,)}\]]+
    """
)
_URL_PASSWORD = re.compile(r"(?i)(\b[a-z][a-z0-9+.-]{0,30}://[^/\s:@]*):[^/\s@]+@")
_MEETING_LINK = re.compile(r"(/m/|/meetings/)[a-z0-9-]{8,}")
_LONG_RUN = re.compile(r"[A-Za-z0-9_+=-]{20,}(?:\.[A-Za-z0-9_+=-]{16,})*")
_NAME = re.compile(r"[_=+-]*+(?:(?:[A-Z]+(?=[A-Z][a-z]|[_=+-]|$)|[A-Z]?[a-z]{2,}+)[_=+-]*+)++")
_ID = re.compile(r"[A-Za-z0-9_.-]{1,96}")
_SDP = re.compile(r"v=0\\?[\r\n\\].*", re.DOTALL)


@contextlib.contextmanager
def context(**fields: str) -> Iterator[None]:
    """Give every record of this task these fields (meeting_id, participant_id, …)."""
    unknown = fields.keys() - FIELDS
    if unknown:
        raise ValueError(f"not among the fields that are logged: {sorted(unknown)}")
    before = _context.set({**_context.get(), **fields})
    try:
        yield
    finally:
        _context.reset(before)


def scrub(text: str) -> str:
    """The text without session descriptions and whatever has the form of a secret, and not too long."""
    text = _SDP.sub("[sdp]", text[:MAX_SCRUBBED])
    text = _NAMED_SECRET.sub(rf"\1{REDACTED}", text)
    text = _URL_PASSWORD.sub(rf"\1:{REDACTED}@", text)
    text = _MEETING_LINK.sub(rf"\1{REDACTED}", text)
    text = _LONG_RUN.sub(_redact_random, text)
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"


def _redact_random(match: re.Match[str]) -> str:
    """Random text mixes capitals, small letters and mostly digits; the names of things are words.

    A random token of 24 bytes has once in fifty thousand the look of a name.
    """
    run = match.group()
    mixed = re.search(r"[a-z]", run) and re.search(r"[A-Z]", run) and not _is_name(run)
    hexadecimal = len(run) >= 32 and re.fullmatch(r"[0-9a-fA-F]+", run)
    return REDACTED if mixed or hexadecimal or len(run) >= 120 else run


def _is_name(run: str) -> bool:
    return _NAME.fullmatch(run) is not None and 5 * len(re.findall(r"[A-Z]+", run)) <= len(run)


def safe(value: object) -> str | int | float | bool | None:
    """A value as it may appear in a log."""
    if value is None or isinstance(value, bool | int | float):
        return value.value if isinstance(value, enum.Enum) else value
    if isinstance(value, enum.Enum):
        return str(value.value)
    if isinstance(value, str | pathlib.PurePath):
        return scrub(str(value))
    if isinstance(value, type):
        return value.__name__
    if isinstance(value, BaseException):
        first = str(value).partition("\n")[0]
        return scrub(f"{type(value).__name__}: {first}" if first else type(value).__name__)
    return f"<{type(value).__name__}>"


def _message(record: logging.LogRecord) -> str:
    arguments = record.args
    try:
        if isinstance(arguments, Mapping) and "%(" not in str(record.msg):
            arguments = (arguments,)  # logging takes a single dictionary for named arguments, asked for or not
        if isinstance(arguments, Mapping):
            text = str(record.msg) % {key: safe(value) for key, value in arguments.items()}
        elif arguments:
            text = str(record.msg) % tuple(safe(value) for value in arguments)
        else:
            text = str(record.msg) if isinstance(record.msg, str) else str(safe(record.msg))
    except (TypeError, ValueError, KeyError):
        text = str(record.msg)
    return scrub(text)


def _failure(error: BaseException) -> dict[str, Any]:
    """Type, first line and places of an exception and of what caused it; no source lines, no locals."""
    frames = traceback.extract_tb(error.__traceback__)[-12:]
    cause = error.__cause__ or error.__context__
    return {
        "error": safe(error),
        **({"cause": safe(cause)} if cause is not None else {}),
        "trace": [f"{frame.filename.rpartition('/parley/')[2]}:{frame.lineno} {frame.name}" for frame in frames],
    }


def event(record: logging.LogRecord) -> dict[str, Any]:
    """What a record says, safe to write."""
    at = datetime.datetime.fromtimestamp(record.created, datetime.UTC)
    said: dict[str, Any] = {
        "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": _message(record),
        **_context.get(),
    }
    said |= {name: _field(name, value) for name, value in record.__dict__.items() if name in FIELDS}
    if record.exc_info and record.exc_info[1] is not None:
        said |= _failure(record.exc_info[1])
    return said


def _field(name: str, value: object) -> str | int | float | bool | None:
    """An id is random text too, but one that opens nothing, and without which the line is worth little."""
    is_id = name.endswith("_id") and isinstance(value, str) and _ID.fullmatch(value)
    return str(value) if is_id else safe(value)


class _Queue(logging.handlers.QueueHandler):
    """Makes the record safe where it is logged, and hands it to the writing thread; drops it when that is stuck."""

    def __init__(self, target: queue.Queue[Any], process: str) -> None:
        super().__init__(target)
        self._process = process
        self._dropped = 0

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        said = event(record) | ({"process": self._process} if self._process else {})
        if self._dropped:
            said["dropped_before"] = self._dropped
            self._dropped = 0
        plain = copy.copy(record)
        plain.msg, plain.args, plain.exc_info, plain.exc_text, plain.stack_info = said, None, None, None, None
        return plain

    def enqueue(self, record: logging.LogRecord) -> None:
        try:
            self.queue.put_nowait(record)
        except queue.Full:
            self._dropped += 1


class _Json(logging.Formatter):
    """One JSON object per line."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(record.msg, ensure_ascii=False)


class _Text(logging.Formatter):
    """A line for people."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, Any] = {**cast("dict[str, Any]", record.msg)}
        clock = said.pop("time")[11:19]
        level = said.pop("level")
        name = str(said.pop("logger")).removeprefix("parley.")
        message = _one_line(said.pop("message"))
        trace = said.pop("trace", [])
        process = said.pop("process", "")
        fields = " ".join(f"{key}={_one_line(value)}" for key, value in said.items())
        head = f"{clock} {level:<7} {process + ' ' if process else ''}{name}: {message}"
        return "\n".join([f"{head}  {fields}" if fields else head, *(f"         at {place}" for place in trace)])


def _one_line(value: object) -> str:
    """Without what would begin another line or steer the terminal: parts of it may be strangers' words."""
    return "".join(char if char.isprintable() else " " for char in str(value))


def configure(
    format: Literal["json", "text"] = "text", level: str = "info", process: str = "", stream: IO[str] | None = None
) -> logging.handlers.QueueListener:
    """Set logging up for this process; returns the writing thread, to be stopped at the end so that nothing is lost.

    process: which of our processes this is, named in every record. stream: standard error by default.
    """
    writer = logging.StreamHandler(stream or sys.stderr)
    writer.setFormatter(_Json() if format == "json" else _Text())
    records: queue.Queue[Any] = queue.Queue(MAX_QUEUED)
    handler = _Queue(records, process)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in QUIET_LOGGERS:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    logging.captureWarnings(True)
    listener = logging.handlers.QueueListener(records, writer)
    listener.start()
    return listener
