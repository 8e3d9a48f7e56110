"""Files in a meeting's chat: sent by who is inside, fetched by who may read the chat.

Who may send is the room's to say (the lobby's table), who may have one parley/conversations/files.py's.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from urllib.parse import quote

from parley.conversations import files
from parley.conversations.errors import NotFoundError
from parley.conversations.meetings import Meeting
from parley.signaling.gateway.api import Call
from parley.signaling.gateway.file_response import FileResponse
from parley.signaling.gateway.meeting_handlers import meeting_of_link
from parley.signaling.gateway.names import clean_file_name
from parley.signaling.gateway.problems import ProblemCode, ProblemError, rate_limited
from parley.signaling.gateway.uploads import Upload
from parley.signaling.rpc import RpcError
from parley.signaling.schema.common import ChatFile

log = logging.getLogger(__name__)

_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"
"""Whatever a browser takes the bytes for, it runs nothing of them and they have no origin."""

_NOT_INSIDE = "Only who is in the meeting can send files into its chat."


async def post_file(call: Call, upload: Upload) -> ChatFile:
    """Keep a file and say it in the chat."""
    services = call.services
    if services.settings.max_file_bytes == 0:
        raise ProblemError(403, ProblemCode.FORBIDDEN, "This server takes no files.")
    meeting = await meeting_of_link(call)
    person = await _who_is_inside(call, meeting)
    wait = services.limits.uploads.take(person, time.monotonic())
    if wait > 0:
        raise rate_limited(wait)
    await services.files.check_room(meeting.meeting_id)
    name = clean_file_name(call.query.get("name", ""))
    received = await services.uploads.receive(person, meeting.meeting_id, upload)
    file = ChatFile(file_id=received.file_id, name=name, size=received.size, media_type=received.media_type)
    await _say(call, meeting, person, file)
    return file


async def _who_is_inside(call: Call, meeting: Meeting) -> str:
    """As whom the asker is inside. Raises ProblemError."""
    for key in _keys(call, meeting):
        if await _ask_room(call, meeting, key, None):
            return key
    raise ProblemError(403, ProblemCode.FORBIDDEN, _NOT_INSIDE)


def _keys(call: Call, meeting: Meeting) -> list[str]:
    """Who the asker may be in the meeting: their account as over the WebSocket, else the guest of a token."""
    token = call.bearer or call.query.get("guest_token")
    guest = call.services.admission.guest(token, meeting) if token else None
    return ([call.account.account_id] if call.account is not None else []) + ([guest.key] if guest is not None else [])


async def _ask_room(call: Call, meeting: Meeting, key: str, file: ChatFile | None) -> bool:
    try:
        return await call.services.links.post_file(meeting.meeting_id, key, file)
    except (RpcError, TimeoutError) as failure:
        log.warning("room didn't answer: %s", failure, extra={"meeting_id": meeting.meeting_id})
        detail = "The meeting's media server doesn't answer. Look into the chat before you send the file again."
        raise ProblemError(503, ProblemCode.UNAVAILABLE, detail, {"Retry-After": "2"}) from None


async def _say(call: Call, meeting: Meeting, key: str, file: ChatFile) -> None:
    """Have it said, or leave nothing of it. Where the room didn't answer it may have been said, so it is kept."""
    services, meeting_id = call.services, meeting.meeting_id
    try:
        await services.files.add(meeting_id, files.ChatFile(file.file_id, file.name, file.size, file.media_type))
    except BaseException:
        await asyncio.to_thread(services.file_store.delete, meeting_id, file.file_id)
        raise
    if not await _ask_room(call, meeting, key, file):
        await services.files.remove(meeting_id, file.file_id)
        await asyncio.to_thread(services.file_store.delete, meeting_id, file.file_id)
        raise ProblemError(403, ProblemCode.FORBIDDEN, _NOT_INSIDE)


async def get_file(call: Call) -> FileResponse:
    """A file's bytes, as an attachment; parts of them when a Range is asked for."""
    services = call.services
    meeting = await meeting_of_link(call)
    account_id = None if call.account is None else call.account.account_id
    file = await services.files.find(meeting, call.path["file_id"], account_id, _keys(call, meeting))
    path = services.file_store.path(meeting.meeting_id, file.file_id)
    if not await asyncio.to_thread(path.is_file):
        log.error("a file's bytes are not in the data directory", extra={"meeting_id": meeting.meeting_id})
        raise NotFoundError(files.NO_SUCH_FILE)
    charset = "; charset=utf-8" if file.media_type.startswith("text/") else ""
    return FileResponse(
        path,
        headers={
            "Content-Type": file.media_type + charset,
            "Content-Disposition": content_disposition(file.name),
            "Content-Security-Policy": _POLICY,
            "Cache-Control": "private, max-age=3600",
        },
    )


def content_disposition(name: str) -> str:
    """To be saved under this name (RFC 6266), with what of it is ASCII for clients that read no more."""
    plain = re.sub(r"[^ !#$&+\-.0-9A-Z^_`a-z{}~()=@,]", "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='!#$&+-.^_`|~')}"
