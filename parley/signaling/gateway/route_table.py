"""Every route of the HTTP API: what it takes and gives, who may use it, and how often."""

from __future__ import annotations

from parley.signaling.gateway import account_handlers as account
from parley.signaling.gateway import conversation_handlers as conversation
from parley.signaling.gateway import file_handlers as file
from parley.signaling.gateway import media_handlers as media
from parley.signaling.gateway import meeting_handlers as meeting
from parley.signaling.gateway import recap_handlers as recap
from parley.signaling.gateway import site_handlers as site
from parley.signaling.gateway.authorization import Access
from parley.signaling.gateway.routes import ACCOUNT, CODE, CONVERSATION, FILE, MOMENT, RECAP, Limit, Route
from parley.signaling.schema import common, http, recaps

ANYONE, SIGNED_IN, OPERATOR = Access.ANYONE, Access.ACCOUNT, Access.OPERATOR

_ACCOUNTS = (
    Route(
        "POST", "/api/accounts", "sign_up", "Sign up, and be signed in",
        access=ANYONE, who="anyone, while sign-up is open", handler=account.sign_up,
        request=http.CreateAccount, response=http.Account, status=201, limit=Limit.SIGN_IN,
    ),
    Route(
        "GET", "/api/session", "who_am_i", "Who is signed in",
        access=ANYONE, who="anyone", handler=account.who_am_i, response=http.Session,
    ),
    Route(
        "POST", "/api/session", "sign_in", "Sign in",
        access=ANYONE, who="anyone", handler=account.sign_in,
        request=http.SignIn, response=http.Session, limit=Limit.SIGN_IN,
    ),
    Route(
        "DELETE", "/api/session", "sign_out", "Sign out",
        access=ANYONE, who="anyone", handler=account.sign_out, status=204,
    ),
)  # fmt: skip

_CONVERSATIONS = (
    Route(
        "GET", "/api/conversations", "list_conversations", "One's conversations",
        access=SIGNED_IN, who="accounts", handler=conversation.list_conversations, response=http.Conversations,
    ),
    Route(
        "POST", "/api/conversations", "create_conversation", "A new conversation",
        access=SIGNED_IN, who="accounts", handler=conversation.create_conversation,
        request=http.CreateConversation, response=http.Conversation, status=201, limit=Limit.WRITE,
    ),
    Route(
        "GET", f"/api/conversations/{CONVERSATION}", "get_conversation", "One conversation",
        access=SIGNED_IN, who="members", handler=conversation.get_conversation, response=http.Conversation,
    ),
    Route(
        "POST", f"/api/conversations/{CONVERSATION}/members", "add_member", "Add a member by e-mail",
        access=SIGNED_IN, who="the owner", handler=conversation.add_member,
        request=http.AddMember, response=http.Conversation, limit=Limit.WRITE,
    ),
    Route(
        "DELETE", f"/api/conversations/{CONVERSATION}/members/{ACCOUNT}", "remove_member", "Remove a member, or leave",
        access=SIGNED_IN, who="the owner, and the member themselves", handler=conversation.remove_member,
        status=204, limit=Limit.WRITE,
    ),
    Route(
        "GET", f"/api/conversations/{CONVERSATION}/messages", "list_messages", "A page of messages",
        access=SIGNED_IN, who="members", handler=conversation.list_messages, response=http.Messages,
        query={"before": "`before` of the page after it", "limit": "How many messages, at most 100"},
    ),
    Route(
        "POST", f"/api/conversations/{CONVERSATION}/messages", "post_message", "Write a message",
        access=SIGNED_IN, who="members", handler=conversation.post_message,
        request=http.PostMessage, response=http.Message, status=201, limit=Limit.WRITE,
    ),
)  # fmt: skip

_MEETINGS = (
    Route(
        "GET", "/api/meetings", "list_meetings", "Meetings of one's conversations",
        access=SIGNED_IN, who="accounts", handler=meeting.list_meetings, response=http.Meetings,
    ),
    Route(
        "POST", "/api/meetings", "create_meeting", "A new instant meeting",
        access=SIGNED_IN, who="accounts, and members of the conversation named", handler=meeting.create_meeting,
        request=http.CreateMeeting, response=http.Meeting, status=201, limit=Limit.WRITE,
    ),
    Route(
        "GET", f"/api/meetings/{CODE}", "meeting_info", "What anyone with the link may know",
        access=ANYONE, who="anyone with the link", handler=meeting.meeting_info, response=http.MeetingInfo,
    ),
    Route(
        "POST", f"/api/meetings/{CODE}/end", "end_meeting", "End a meeting for everyone",
        access=SIGNED_IN, who="the host", handler=meeting.end_meeting, status=204, limit=Limit.WRITE,
    ),
    Route(
        "POST", f"/api/meetings/{CODE}/files", "post_file", "Send a file into the chat",
        access=ANYONE, who="those inside; guests with their token as bearer", handler=file.post_file,
        response=common.ChatFile, status=201, limit=Limit.WRITE, takes_file=True,
        query={"name": "What the file is called"},
    ),
    Route(
        "GET", f"/api/meetings/{CODE}/files/{FILE}", "get_file", "A file of the chat",
        access=ANYONE, who="members of the conversation; while the meeting lasts, others who were let in",
        handler=file.get_file, gives_file=True, query={"guest_token": "A guest's token, where it can't be the bearer"},
    ),
)  # fmt: skip

_RECAPS = (
    Route(
        "GET", "/api/recaps", "list_recaps", "Recaps of one's conversations",
        access=SIGNED_IN, who="accounts", handler=recap.list_recaps, response=recaps.Recaps,
        query={"conversation": "Only those of this conversation"},
    ),
    Route(
        "GET", f"/api/recaps/{RECAP}", "get_recap", "A recap, as far as it is made",
        access=SIGNED_IN, who="members", handler=recap.get_recap, response=recaps.Recap,
    ),
    Route(
        "DELETE", f"/api/recaps/{RECAP}", "delete_recap", "Delete a recording and everything made of it",
        access=SIGNED_IN, who="the meeting's host", handler=recap.delete_recap, status=204, limit=Limit.WRITE,
    ),
    Route(
        "GET", f"/api/recaps/{RECAP}/transcript", "get_transcript", "Who said what",
        access=SIGNED_IN, who="members", handler=recap.get_transcript, response=recaps.RecapTranscript,
    ),
    Route(
        "GET", f"/api/recaps/{RECAP}/links", "get_links", "Addresses of its media, good for five minutes",
        access=SIGNED_IN, who="members", handler=recap.get_links, response=recaps.RecapLinks,
    ),
    Route(
        "GET", f"/api/recaps/{RECAP}/edits", "list_edits", "What members changed",
        access=SIGNED_IN, who="members", handler=recap.list_edits, response=recaps.RecapEdits,
    ),
    Route(
        "POST", f"/api/recaps/{RECAP}/edits", "edit_recap", "Change a field of an item",
        access=SIGNED_IN, who="members", handler=recap.edit_recap,
        request=recaps.EditRecap, response=recaps.RecapEdit, status=201, limit=Limit.WRITE,
    ),
    Route(
        "POST", f"/api/recaps/{RECAP}/film", "compose_film", "Make one film of the whole meeting",
        access=SIGNED_IN, who="members", handler=recap.compose_film, response=recaps.Recap, status=202,
        limit=Limit.WRITE,
    ),
    Route(
        "POST", f"/api/recaps/{RECAP}/clips/{MOMENT}", "make_clip", "Make a film of one moment",
        access=SIGNED_IN, who="members", handler=recap.make_clip, response=recaps.Recap, status=202,
        limit=Limit.WRITE,
    ),
    Route(
        "GET", f"/api/recaps/{RECAP}/export/{{format:markdown|pdf|srt|vtt|json}}", "export", "A recap as a file",
        access=SIGNED_IN, who="members", handler=recap.export, gives_file=True,
    ),
    Route(
        "GET", "/api/media/{token:[A-Za-z0-9_.=-]{1,1024}}", "get_media", "The bytes behind a link, or a range of them",
        access=SIGNED_IN, who="whom the link was made for, while they may see the recap", handler=media.get_media,
        gives_file=True, query={"download": "Anything: save it rather than show it"}, limit=Limit.NONE,
    ),
    Route(
        "GET", "/api/notices", "list_notices", "One's newest notices",
        access=SIGNED_IN, who="accounts", handler=recap.list_notices, response=recaps.Notices,
    ),
    Route(
        "POST", "/api/notices/read", "read_notices", "One has seen them all",
        access=SIGNED_IN, who="accounts", handler=recap.read_notices, status=204, limit=Limit.WRITE,
    ),
)  # fmt: skip

_SITE = (
    Route(
        "GET", "/api/site", "site", "What the client needs to know of this server",
        access=ANYONE, who="anyone", handler=site.site, response=http.Site,
    ),
    Route(
        "GET", "/api/pages/{name:terms|privacy}", "page", "Terms or privacy policy",
        access=ANYONE, who="anyone", handler=site.page, response=http.Page,
    ),
    Route(
        "POST", "/api/probe", "make_probe", "Something to try out the media port with, before entering a meeting",
        access=ANYONE, who="anyone", handler=site.make_probe, response=http.Probe, status=201, limit=Limit.PROBE,
    ),
    Route(
        "GET", "/api/openapi.json", "openapi", "This API as OpenAPI",
        access=ANYONE, who="anyone", handler=site.openapi,
    ),
    Route(
        "GET", "/healthz", "health", "Whether people can meet now",
        access=ANYONE, who="anyone", handler=site.health, response=site.Health, limit=Limit.NONE,
    ),
    Route(
        "GET", "/healthz/live", "live", "Whether the process answers",
        access=ANYONE, who="anyone", handler=site.live, limit=Limit.NONE,
    ),
    Route(
        "GET", "/metrics", "metrics", "Metrics for Prometheus",
        access=OPERATOR, who="this machine, or the operator's token", handler=site.metrics, limit=Limit.NONE,
    ),
)  # fmt: skip

ROUTES: tuple[Route, ...] = (*_ACCOUNTS, *_CONVERSATIONS, *_MEETINGS, *_RECAPS, *_SITE)
