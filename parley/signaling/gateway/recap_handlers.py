"""Recaps over HTTP: seeing, changing, downloading and deleting them, by members only; and notices."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import TypeVar

from aiohttp import web

from parley.conversations import recaps as known
from parley.conversations.errors import InvalidError, NotFoundError
from parley.signaling.gateway.api import Call
from parley.signaling.gateway.file_handlers import content_disposition
from parley.signaling.gateway.problems import ProblemCode, ProblemError
from parley.signaling.recaps import view
from parley.signaling.recaps.library import key_of
from parley.signaling.recaps.on_demand import OnDemand, clip_file
from parley.signaling.recaps.text_exports import Export, as_json, as_markdown, as_srt, as_vtt
from parley.signaling.schema import recaps as told
from parley.store import recording as stored
from parley.store.blobs import BlobError
from parley.store.media_links import LINK_SECONDS

T = TypeVar("T")

NO_SUCH_ITEM = "There is no such item in this recap."

ACTION_FIELDS = (told.EditField.OWNER, told.EditField.DUE, told.EditField.DONE)


def _as_pdf(export: Export) -> bytes:
    from parley.signaling.recaps.pdf_export import as_pdf  # half a second of imports that nothing else here needs

    return as_pdf(export)


EXPORTS: dict[str, tuple[Callable[[Export], bytes], str, str]] = {
    "markdown": (as_markdown, "text/markdown", "md"),
    "pdf": (_as_pdf, "application/pdf", "pdf"),
    "srt": (as_srt, "application/x-subrip", "srt"),
    "vtt": (as_vtt, "text/vtt", "vtt"),
    "json": (as_json, "application/json", "json"),
}


# --- seeing ----------------------------------------------------------------------------------------------------------


async def list_recaps(call: Call) -> told.Recaps:
    """Those of one's conversations, newest first."""
    found = await call.services.recaps.of_account(call.me.account_id, call.query.get("conversation"))
    return told.Recaps(
        recaps=[
            told.RecapEntry(
                recap_id=one.recording.recording_id,
                conversation_id=one.conversation_id,
                title=one.title,
                started_at=one.recording.started_at.timestamp(),
                ended_at=None if one.recording.ended_at is None else one.recording.ended_at.timestamp(),
                state=view.state_of(one),
            )
            for one in found
        ]
    )


async def get_recap(call: Call) -> told.Recap:
    """All of it but the transcript."""
    return await _recap(call)


async def get_transcript(call: Call) -> told.RecapTranscript:
    """Who said what."""
    recap = await _see(call)
    return view.transcript_view(await _read(call.services.library.transcript(recap.recording.recording_id)))


async def get_links(call: Call) -> told.RecapLinks:
    """Addresses of the media, good for some minutes."""
    recap = await _see(call)
    recording_id = recap.recording.recording_id
    artefacts = await _read(call.services.library.artefacts(recording_id))
    names = [track.file for track in artefacts.tracks.tracks] if artefacts.tracks is not None else []
    for film in (artefacts.reel, artefacts.film):
        names += [name for name in (film.file, film.poster) if name] if film is not None else []
    names += await _read(call.services.library.clips(recording_id))
    now = time.time()
    sign = call.services.media_links.sign
    return told.RecapLinks(
        urls={
            name: "/api/media/" + sign(key_of(recording_id, f"{stored.RECAP}/{name}"), call.me.account_id, now)
            for name in names
        },
        seconds=LINK_SECONDS,
    )


async def export(call: Call) -> web.StreamResponse:
    """A file to keep."""
    make, media_type, suffix = EXPORTS[call.path["format"]]
    recap = await _recap(call)
    transcript = view.transcript_view(await _read(call.services.library.transcript(recap.recap_id)))
    data = await asyncio.to_thread(make, Export(recap, transcript))
    day = datetime.fromtimestamp(recap.started_at, UTC).date().isoformat()
    name = f"{recap.title} {day}.{suffix}"
    return web.Response(
        body=data,
        content_type=media_type,
        headers={
            "Content-Disposition": content_disposition(name),
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


# --- changing --------------------------------------------------------------------------------------------------------


async def edit_recap(call: Call, body: told.EditRecap) -> told.RecapEdit:
    """Change a field of an item."""
    recap = await _see(call)
    artefacts = await _read(call.services.library.artefacts(recap.recording.recording_id))
    if body.item not in view.item_ids(artefacts.summary):
        raise NotFoundError(NO_SUCH_ITEM)
    if body.field in ACTION_FIELDS and body.item not in view.action_ids(artefacts.summary):
        raise InvalidError("Only action items have an owner, a due date and a checkbox.")
    people = {} if artefacts.recording is None else artefacts.recording.people
    value = _checked(body, set(people))
    edit = await call.services.recaps.edit(
        call.me.account_id, recap.recording.recording_id, body.item, body.field.value, value
    )
    return _edit(edit)


def _checked(body: told.EditRecap, people: set[str]) -> known.Value:
    value = body.value
    match body.field:
        case told.EditField.TEXT:
            if isinstance(value, str) and value.strip():
                return " ".join(value.split())
            raise InvalidError("An item needs some text. To take it out, delete it.")
        case told.EditField.OWNER:
            if value is None or (isinstance(value, str) and value in people):
                return value
            raise InvalidError("The owner has to be somebody who was in the meeting.")
        case told.EditField.DUE:
            if value is None:
                return None
            try:
                return date.fromisoformat(value if isinstance(value, str) else "").isoformat()
            except ValueError:
                raise InvalidError("A due date looks like 2026-03-31.") from None
        case _:
            if isinstance(value, bool):
                return value
            raise InvalidError("This can only be true or false.")


async def list_edits(call: Call) -> told.RecapEdits:
    """What was changed, by whom and when."""
    recap = await _see(call)
    edits = await call.services.recaps.edits(recap.recording.recording_id)
    return told.RecapEdits(edits=[_edit(one) for one in reversed(edits)])


def _edit(edit: known.Edit) -> told.RecapEdit:
    return told.RecapEdit(edit.item, told.EditField(edit.field), edit.value, edit.by, edit.at.timestamp())


async def compose_film(call: Call) -> told.Recap:
    """Have the whole meeting made into one film."""
    recap = await _finished(call)
    artefacts = await _read(call.services.library.artefacts(recap.recording.recording_id))
    if artefacts.film is None:
        await call.services.recap_orders.film(recap.recording.recording_id)
    return await _recap(call)


async def make_clip(call: Call) -> told.Recap:
    """Have one moment made into a film of its own."""
    recap, moment = await _finished(call), call.path["moment"]
    recording_id = recap.recording.recording_id
    artefacts = await _read(call.services.library.artefacts(recording_id))
    moments = artefacts.highlights.moments if artefacts.highlights is not None else ()
    if moment not in {one.id for one in moments}:
        raise NotFoundError("There is no such moment in this recap.")
    if clip_file(moment) not in await _read(call.services.library.clips(recording_id)):
        await call.services.recap_orders.clip(recording_id, moment)
    return await _recap(call)


async def delete_recap(call: Call) -> None:
    """Delete the recording and everything made of it."""
    now = datetime.now(UTC)
    deletion = await call.services.recaps.delete(call.me.account_id, call.path["recap_id"], now)
    await call.services.recap_orders.erase(deletion.recording_id)


# --- notices ---------------------------------------------------------------------------------------------------------


async def list_notices(call: Call) -> told.Notices:
    """One's newest notices."""
    notices, unread = await call.services.notices.of_account(call.me.account_id)
    listed = [
        told.Notice(one.notice_id, one.kind, one.title, one.link, one.created_at.timestamp(), one.read)
        for one in notices
    ]
    return told.Notices(notices=listed, unread=unread)


async def read_notices(call: Call) -> None:
    """One has seen them all."""
    await call.services.notices.read(call.me.account_id, datetime.now(UTC))


# --- what they share -------------------------------------------------------------------------------------------------


async def _see(call: Call) -> known.Recap:
    return await call.services.recaps.see(call.me.account_id, call.path["recap_id"])


async def _finished(call: Call) -> known.Recap:
    recap = await _see(call)
    if recap.recording.ended_at is None:
        raise InvalidError("The meeting is still being recorded.")
    return recap


async def _recap(call: Call) -> told.Recap:
    recap = await _see(call)
    recording_id = recap.recording.recording_id
    artefacts = await _read(call.services.library.artefacts(recording_id))
    jobs = await call.services.jobs.of(recording_id)
    clips = await _read(call.services.library.clips(recording_id)) if artefacts.highlights is not None else []
    on_demand = OnDemand(tuple(jobs), frozenset(clips))
    edits = await call.services.recaps.edits(recording_id)
    kept_until = known.kept_until(recap.recording.started_at, call.services.settings.keep_months)
    return view.recap_view(recap, artefacts, edits, kept_until, on_demand)


async def _read(reading: Awaitable[T]) -> T:
    """What the blob store has; a clear word where it can't be reached."""
    try:
        return await reading
    except BlobError as error:
        detail = f"The recording can't be read now: {error}. Try again in a minute."
        raise ProblemError(503, ProblemCode.UNAVAILABLE, detail, {"Retry-After": "10"}) from None
