"""The gateway's sockets and the rooms they stand in: relays both ways, and attaches people anew when a node dies."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass

from parley.conversations.meetings import Meetings
from parley.signaling.directory import NodeDirectory, NoNodeError
from parley.signaling.gateway.admission import Admission, Admitted, HelloRefusedError
from parley.signaling.gateway.connection import Connection
from parley.signaling.gateway.facts import FactWriter
from parley.signaling.node_messages import (
    AskToPost,
    Attach,
    CloseConnection,
    CloseRoom,
    Deliver,
    Detach,
    NodeMessage,
    OpenRoom,
    PostFile,
    RevokeMember,
    RoomFact,
    SendToConnection,
)
from parley.signaling.rpc import RequestFailedError, RpcError
from parley.signaling.schema.client import Ack, AnyClientMessage, Hello
from parley.signaling.schema.common import ChatFile, ErrorCode
from parley.signaling.tasks import Tasks

log = logging.getLogger(__name__)

GOODBYE_SECONDS = 3.0
FACTS_SECONDS = 5.0
"""How long opening a room waits for facts on their way into the database, before those who wait are told."""

UNAVAILABLE = "No media server can take the meeting right now. Trying again."


@dataclass(slots=True)
class _Link:
    """One socket that said hello."""

    connection: Connection
    admitted: Admitted
    hello_id: int


class RoomLinks:
    """See the module."""

    def __init__(self, directory: NodeDirectory, meetings: Meetings, admission: Admission, facts: FactWriter) -> None:
        self._directory = directory
        self._meetings = meetings
        self._admission = admission
        self._facts = facts
        self._links: dict[str, _Link] = {}
        self._tasks = Tasks()
        self._left = asyncio.Event()
        directory.on_message = self._on_message
        directory.on_node_lost = self._on_node_lost

    def __len__(self) -> int:
        return len(self._links)

    # --- from clients -----------------------------------------------------------------------------------------------

    async def attach(self, connection: Connection, admitted: Admitted, hello: Hello) -> None:
        """Bring a socket into its meeting's room, which answers the hello. Raises NoNodeError, HelloRefusedError."""
        link = _Link(connection, admitted, hello.id)
        self._links[connection.connection_id] = link
        message = self._message(link, hello)
        await self._directory.attach(message, lambda: self._open(admitted))

    def _message(self, link: _Link, hello: Hello | None) -> Attach:
        admitted = link.admitted
        return Attach(
            meeting_id=admitted.meeting_id,
            connection_id=link.connection.connection_id,
            hello_id=link.hello_id,
            identity=admitted.identity,
            guest_token=admitted.guest_token,
            resume=hello.resume if hello is not None else None,
            ice_servers=self._admission.ice_servers(admitted.identity),
        )

    async def _open(self, admitted: Admitted) -> OpenRoom:
        """The meeting's facts, with all those of this gateway's that are still on their way into the database. Raises
        NoNodeError when they don't get there, HelloRefusedError."""
        try:
            async with asyncio.timeout(FACTS_SECONDS):
                await self._facts.flush()
        except TimeoutError:
            raise NoNodeError("the database doesn't take what the room must know again") from None
        return await self._admission.opening(admitted.code)

    def deliver(self, connection: Connection, message: AnyClientMessage) -> None:
        """A client's message for its room."""
        link = self._links.get(connection.connection_id)
        if link is None:
            return
        relayed = Deliver(link.admitted.meeting_id, connection.connection_id, message)
        if not self._directory.send(link.admitted.meeting_id, relayed) and not isinstance(message, Ack):
            connection.error(message.id, ErrorCode.UNAVAILABLE, "The meeting is moving to another media server.")

    def detach(self, connection: Connection) -> None:
        """The socket is gone."""
        link = self._links.pop(connection.connection_id, None)
        self._left.set()
        if link is not None:
            self._directory.send(link.admitted.meeting_id, Detach(link.admitted.meeting_id, connection.connection_id))

    # --- from the HTTP API ------------------------------------------------------------------------------------------

    async def end(self, meeting_id: str, message: str) -> None:
        """The meeting was ended: its room, if it is open anywhere, closes now."""
        try:
            await self._directory.request(meeting_id, CloseRoom(meeting_id, message))
        except NoNodeError:
            return
        except (RpcError, TimeoutError) as failure:
            log.warning("room not closed: %s", failure, extra={"meeting_id": meeting_id})

    async def post_file(self, meeting_id: str, key: str, file: ChatFile | None) -> bool:
        """Someone posts a file into the chat; whether they may: they have to be inside. With None it is only asked.
        Raises RpcError and TimeoutError where the room didn't answer, and may have done it or not."""
        message = AskToPost(meeting_id, key) if file is None else PostFile(meeting_id, key, file)
        try:
            await self._directory.request(meeting_id, message)
        except (NoNodeError, RequestFailedError):
            return False
        return True

    async def revoke_member(self, meeting_ids: list[str], account_id: str) -> None:
        """An account lost its membership: out of these meetings, at once."""
        for meeting_id in meeting_ids:
            await self._meetings.revoked(meeting_id, account_id)
            node = await self._directory.find(meeting_id)
            if node is None:
                continue
            try:
                node.notify(RevokeMember(meeting_id, account_id))
            except RpcError as failure:  # the node is lost: who comes in again elsewhere is looked up anew
                log.warning("membership not revoked: %s", failure, extra={"meeting_id": meeting_id})

    # --- from media nodes -------------------------------------------------------------------------------------------

    def _on_message(self, node_id: str, message: NodeMessage) -> None:
        if isinstance(message, SendToConnection):
            link = self._links.get(message.connection_id)
            if link is not None:
                link.connection.send(message.payload)
        elif isinstance(message, CloseConnection):
            link = self._links.pop(message.connection_id, None)
            if link is not None:
                link.connection.close()
            self._left.set()
        elif isinstance(message, RoomFact):
            self._facts.put(message.meeting_id, message.fact)

    def _on_node_lost(self, node_id: str, meeting_ids: list[str]) -> None:
        lost = set(meeting_ids)
        for link in list(self._links.values()):
            if link.admitted.meeting_id in lost:
                self._tasks.spawn(self._attach_again(link), "attach-again")

    async def _attach_again(self, link: _Link) -> None:
        """Media and live state are gone; the person comes in anew, and gets another welcome and the whole state."""
        connection = link.connection
        try:
            link.admitted = await self._admission.again(link.admitted)
            await self._directory.attach(self._message(link, None), lambda: self._open(link.admitted))
        except HelloRefusedError as refused:
            connection.refuse(link.hello_id, refused.code, str(refused))
        except NoNodeError:
            connection.go_away(ErrorCode.UNAVAILABLE, UNAVAILABLE, reconnect=True)
        except Exception:
            log.exception("attaching again failed", extra={"meeting_id": link.admitted.meeting_id})
            connection.go_away(ErrorCode.UNAVAILABLE, UNAVAILABLE, reconnect=True)

    # --- the end ----------------------------------------------------------------------------------------------------

    async def close(self) -> None:
        """The gateway stops: tell everyone to come back."""
        for link in list(self._links.values()):
            link.connection.go_away(ErrorCode.UNAVAILABLE, "The server restarts.", reconnect=True, close_code=1001)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE_SECONDS):
                while self._links:
                    self._left.clear()
                    await self._left.wait()
        await self._tasks.close()
