"""What a worker understood of a recorded meeting, shown to those inside while it runs: captions and gestures."""

from __future__ import annotations

from parley.signaling.recaps.live_lines import LiveLine, Said
from parley.signaling.rooms.roster import Roster
from parley.signaling.schema.common import Reaction
from parley.signaling.schema.server import Caption, ReactionShown


def show_line(roster: Roster, line: LiveLine) -> None:
    """Show it to everybody; what somebody said who is gone is left out."""
    visitor = roster.of(line.person)
    if visitor is None or not visitor.inside:
        return
    if isinstance(line, Said):
        roster.show(
            Caption(
                segment_id=line.segment,
                participant_id=visitor.participant_id,
                name=visitor.person.name,
                text=line.text,
                final=line.final,
            )
        )
    else:
        reaction = Reaction.THUMBS_UP if line.label == "thumbs_up" else Reaction.HAND
        roster.show(ReactionShown(participant_id=visitor.participant_id, reaction=reaction))
