"""A recap as Markdown, subtitles and JSON: what members see, with their changes, as a file of its own."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from parley.signaling.schema.recaps import Recap, RecapAction, RecapLine, RecapSegment, RecapTranscript

LONGEST_CUE = 7.0
"""Seconds that one subtitle stays; a longer segment becomes several."""
CUE_CHARS = 84
"""Two lines of a subtitle."""

_SPECIAL = str.maketrans({character: f"\\{character}" for character in "\\`*_{}[]<>#|"})


class Export(msgspec.Struct, frozen=True):
    """A recap with its transcript."""

    recap: Recap
    transcript: RecapTranscript

    def name(self, person: str | None) -> str:
        """What somebody of the recap is called."""
        return next((one.name for one in self.recap.people if one.person == person), "Someone")


def as_json(export: Export) -> bytes:
    """Everything, for programs."""
    return msgspec.json.format(msgspec.json.encode(export), indent=2) + b"\n"


def clock(seconds: float) -> str:
    """1:02:03, or 2:03 in the first hour."""
    whole = int(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def date_of(recap: Recap) -> str:
    """The day and time the recording began, in UTC."""
    return f"{datetime.fromtimestamp(recap.started_at, UTC):%d %B %Y, %H:%M} UTC".lstrip("0")


def action_text(action: RecapAction) -> str:
    """An action item in one line, with owner and date."""
    facts = [action.owner_name or "unassigned"]
    if action.due is not None:
        facts.append(f"by {action.due}")
    return f"{action.text} ({', '.join(facts)})"


def segment_text(segment: RecapSegment) -> str:
    """What stands in the transcript for a segment, also for one without text."""
    if segment.state == "other_language":
        return "[in another language]"
    if segment.state == "untranscribed":
        return f"[not transcribed{f': {segment.reason}' if segment.reason else ''}]"
    return segment.text


def as_markdown(export: Export) -> bytes:
    """Notes that read well as they are. What people said or are called is text, never markup."""
    recap = export.recap
    lines = [f"# {_plain(recap.title)}", "", f"{date_of(recap)}, {clock(recap.duration)}", ""]
    people = [f"- {_plain(one.name)} ({clock(one.talk_seconds)} of talk)" for one in recap.people]
    _section(lines, "People", people)
    _section(lines, "Summary", [_item(line) for line in recap.overview])
    _section(lines, "Decisions", [_item(line) for line in recap.decisions])
    boxes = [f"- [{'x' if one.done else ' '}] {_plain(action_text(one))} ({clock(one.at)})" for one in recap.actions]
    _section(lines, "Action items", boxes)
    if recap.topics:
        lines += ["## Topics", ""]
        for topic in recap.topics:
            lines += [f"### {_plain(topic.title)} ({clock(topic.start)})", "", *map(_item, topic.lines), ""]
    if recap.chat:
        _section(
            lines,
            "Chat",
            [f"- {clock(one.at)} {_plain(export.name(one.person))}: {_plain(one.text)}" for one in recap.chat],
        )
    spoken = [
        f"**{_plain(export.name(one.person))}** ({clock(one.start)}): {_plain(segment_text(one))}"
        for one in export.transcript.segments
    ]
    title = "Transcript (draft)" if export.transcript.draft else "Transcript"
    if spoken:
        lines += [f"## {title}", "", *[part for line in spoken for part in (line, "")]]
    return ("\n".join(lines).rstrip() + "\n").encode()


def _section(lines: list[str], title: str, items: list[str]) -> None:
    if items:
        lines += [f"## {title}", "", *items, ""]


def _item(line: RecapLine) -> str:
    return f"- {_plain(line.text)} ({clock(line.at)})"


def _plain(text: str) -> str:
    return " ".join(text.split()).translate(_SPECIAL)


# --- subtitles ------------------------------------------------------------------------------------------------------


def cues(export: Export) -> list[tuple[float, float, str, str]]:
    """(start, end, name, text) of each subtitle. A long segment is cut between words, its time by their letters."""
    made = []
    for segment in export.transcript.segments:
        if segment.state != "text" or not segment.text:
            continue
        parts = _parts(segment.text)
        total = sum(map(len, parts))
        start = segment.start
        for part in parts:
            end = start + max(0.001, (segment.end - segment.start) * len(part) / total)
            made.append((start, min(end, start + LONGEST_CUE), export.name(segment.person), part))
            start = end
    return made


def _parts(text: str) -> list[str]:
    parts: list[str] = [""]
    for word in text.split():
        if parts[-1] and len(parts[-1]) + 1 + len(word) > CUE_CHARS:
            parts.append(word)
        else:
            parts[-1] = f"{parts[-1]} {word}".strip()
    return parts


def as_vtt(export: Export) -> bytes:
    """WebVTT (W3C): speakers as voice spans."""
    lines = ["WEBVTT", ""]
    for start, end, name, text in cues(export):
        lines += [f"{_stamp(start, '.')} --> {_stamp(end, '.')}", f"<v {_escaped(name)}>{_escaped(text)}", ""]
    return "\n".join(lines).encode()


def as_srt(export: Export) -> bytes:
    """SubRip."""
    lines = []
    for number, (start, end, name, text) in enumerate(cues(export), 1):
        lines += [
            str(number),
            f"{_stamp(start, ',')} --> {_stamp(end, ',')}",
            f"{name}: {text}".replace("-->", "→"),
            "",
        ]
    return "\n".join(lines).encode()


def _stamp(seconds: float, point: str) -> str:
    thousandths = round(seconds * 1000)
    whole, rest = divmod(thousandths, 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{point}{rest:03}"


def _escaped(text: str) -> str:
    return " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
