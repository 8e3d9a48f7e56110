"""The forms in which English settles, proposes, agrees, objects and takes back, as patterns for decisions.py.

They match the normal forms of one sentence. Where a group is named "what", it holds what is settled or proposed.
"""

from __future__ import annotations

import re

LEAD = (
    r"^(?P<lead>(?:(?:and|but|so|then|okay|well|yes|yeah|yep|right|alright|all right|sure|no|actually|now|anyway|also|"
    r"fine|good|great|"
    r"of course|i think|i guess|i suppose|i believe|i mean|you know|in fact|basically|therefore|perfect|um|"
    r"uh|er|ah|hmm|oh|"
    r"in that case|to summarise|to summarize|in summary|finally|in the end|just|that means|i would say|wait|"
    r"sorry|agreed|"
    r"exactly|sounds good|to recap|to sum up|summing up|to conclude|in conclusion|,|:|;|@\S+) )*"
    r"(?:(?P<topic>(?:for|as for|about|regarding|concerning|on|with) (?:the|our|that|this) (?:\S+ ){0,3}?\S+?) "
    r"?(?:[,:] (?:so )?|(?=(?:it|we) )))?)"
)
"""What a sentence may begin with before it says anything: markers, names, the point that it is about."""
WE = (
    r"(?:we|the team|the group|everyone|everybody|all of us|both of us|we all|the board|the committee|we have|"
    r"i think we|it seems we)"
)
CHOICE = (
    r"(?:go with|go for|going with|going for|stick with|stick to|sticking with|stick to|settle on|settle for|"
    r"use|using|adopt|adopting|choose|choosing|"
    r"pick|drop|dropping|cancel|cancelling|postpone|postponing|switch to|switching to|move to|moving to|keep|keeping|"
    r"launch|ship|release|merge|replace|remove|skip|adopt|buy|hire|allocate|move (?:the|it|our|that)|make it|call it|"
    r"include|leave out|get rid of|have|make|put|do|target|aim for|limit|build|stay with|start with|rename|"
    r"delay|freeze|take)"
)
FIRM_CHOICE = (
    r"(?:go with|go for|going with|going for|stick with|sticking with|stick to|settle on|settle for|adopt|"
    r"adopting|use|using|choose|pick|"
    r"drop|dropping|cancel|cancelling|postpone|postponing|switch to|switching to|move to|moving to|stay with|"
    r"keep|keeping|launch|ship|rename|delay|replace|remove|include|leave out|get rid of|"
    r"move (?:the|our)|target|limit|allocate)"
)
THING = r"(?:the|our) (?:\S+ ){0,3}?\S+?"
PLAIN_CHOICE = r"(?:use|add|skip|include|choose|leave out|go with|go for|drop|keep|remove|put)"
"""What settles in the present tense: "so we use rubber"."""
EXPLICIT = re.compile(
    rf"\b(?P<all>(?<!if )(?<!what )(?<!when )(?<!whether )(?<!which )(?<!how )(?<!where )(?<!until )(?<!before "
    rf")(?<!did )"
    rf"(?<!once )(?<!after )(?<!than )(?<!thing )(?<!things )"
    rf"(?:{WE} (?:(?:have|has|all|now|just|already|finally|jointly|unanimously|then|also|therefore|did|both) )*"
    rf"(?:decided|agreed|concluded|settled|resolved|opted|voted|chosen|chose|agree)"
    rf"(?: (?:to|that|on|for|against|not to|upon|with|in favour of|in favor of))*"
    rf"|{WE} (?:have )?(?:taken|took|made|come to|came to|reached) (?:the|a) (?:decision|conclusion|agreement)"
    rf"(?: (?:to|that|on|about|of))*) (?P<what>.+))"
)
"""A sentence, or the rest of one that began otherwise, which says in so many words that something was decided."""
DECIDE = tuple(
    re.compile(LEAD + pattern)
    for pattern in (
        r"(?:the |our |my )?(?:final |group |team )?(?:decision|conclusion|consensus|agreement|verdict)(?: "
        r"here| then| today)? (?:is|was|: is)(?: that| to)? (?P<what>.+)",
        r"(?:final )?decision : (?P<what>.+)",
        r"it (?:is|has been|was) (?:decided|agreed|settled)(?: that| to)? (?P<what>.+)",
        rf"let us (?:(?:just|definitely|all|then|therefore|actually|simply|please) )*(?P<what>{FIRM_CHOICE} .+)",
        rf"(?:we|i think we) (?:will|are going to|are not going to|shall) "
        rf"(?:(?:definitely|just|then|therefore|all|simply|now|also) )*(?P<what>(?:not )?{FIRM_CHOICE} .+)",
        r"(?:we|i think we) are (?P<what>(?:not )?(?:going with|using|sticking with|keeping|dropping|"
        r"adopting|moving to|switching to|postponing|cancelling|going for|choosing|launching|shipping|"
        r"buying|hiring|removing|replacing) .+)",
        r"(?P<what>.+? (?:is|are|was) (?:hereby |now )?(?:approved|accepted|rejected|cancelled|postponed|"
        r"settled|decided))$",
        r"we (?:do not|will not|are not going to) (?P<what>.+) after all",
    )
)
CONCLUDE = tuple(
    re.compile(LEAD + pattern)
    for pattern in (
        rf"we (?:are going to|will) (?:(?:just|all|only|also|definitely) )*(?P<what>{CHOICE} .+)",
        rf"we (?:(?:just|all|only|also) )*(?P<what>{PLAIN_CHOICE} .+)",
    )
)
"""What settles behind a "so"; without one it only proposes."""
PROPOSE = tuple(
    re.compile(LEAD + pattern)
    for pattern in (
        rf"(?:so )?we (?:(?:just|all|only|also) )*(?P<what>{PLAIN_CHOICE} .+)",
        rf"(?P<all>(?:it|that|this|{THING}) (?:will|is going to|are going to) (?:(?:definitely|just|then|also|"
        rf"only) )*(?P<what>(?:not )?(?:have|be|include|feature|contain|cost|get|use) .+))",
        r"(?:i|we) (?:would )?(?:propose|suggest|recommend|vote|move)(?: that we| we| that| to| for)? (?P<what>.+)",
        r"(?:how|what) about (?:if )?(?:we )?(?P<what>.+)",
        r"(?:shall|should) we (?P<what>.+)",
        r"what if we (?P<what>.+)",
        r"why do not we (?P<what>.+)",
        r"(?:can|could) we (?:all )?(?:agree (?:to|on|that) |agree we |say )?(?P<what>.+)",
        r"let us (?P<what>.+)",
        r"my (?:suggestion|proposal|recommendation|vote) (?:is|would be)(?: that we| to| for)? (?P<what>.+)",
        r"(?:is everyone|is everybody|are we|are you|do we|does everyone|does everybody|do you) (?:all "
        r")?(?:agreed?|okay|happy|fine|in favour|in favor)(?: (?:with|on|that|to|of|we))* (?P<what>.+)",
        rf"we (?:will|are going to) (?P<what>{CHOICE} .+)",
    )
)
WEAK = re.compile(
    LEAD + r"(?:we (?:should|could(?! not)|can(?! not)|might|ought to|had better|need to|have to|must|have got to) "
    r"(?:(?:just|then|also|really|definitely|maybe|probably) )*(?P<what>.+)|"
    rf"(?P<all>{THING} (?:should|must) (?:not )?(?:be|have|go|look|stay|cost|include|feature|come) .+))"
)
"""What is wished or seen as a duty; it takes more than a nod to settle it."""
RECAP = re.compile(
    r"(?:^|.{0,30} )(?:to sum (?:it )?up|to summari[sz]e|to recap|summing up|in summary|in conclusion|to conclude|"
    r"the conclusion is(?: that)?)(?: ,| :| then| now)* (?P<what>.+)"
)
"""A recap of what stands."""
STRONG_YES = re.compile(
    r"\b(?:agreed|agree|let us do|good idea|great idea|sounds good|sounds great|works for me|fine with me|"
    r"fine by me|definitely|absolutely|"
    r"perfect|exactly|deal|i like (?:it|that|this)|that is (?:good|great|nice|better|true|fine|perfect)|very good|nice|"
    r"me too|so too|i go for that|that is a fact|let us go|in favour|in favor|that works|i am in|makes sense|yes let "
    r"us|okay let us|done|"
    r"great|settled|approved|decided|yes please|of course)\b"
)
OBJECT = re.compile(
    r"^(?:(?:yes|yeah|well|okay|hmm|oh|sorry|,) )*(?:but\b|i disagree|i am not sure|i am not so sure|not "
    r"sure|i would rather|hmm|wait\b|no\b(?! problem)|i do not (?:think|like|agree)|"
    r"that is (?:too|not)|actually|let us (?:think|wait|discuss|park|see|not)|we should (?:think|discuss|"
    r"wait)|is that|are you sure|why\b|what about|maybe|it depends|let me)"
)
NOT_DECIDED = re.compile(
    r"\b(?:not (?:yet )?(?:decided|agreed|settled|made)|have not (?:yet )?\w+ decided|need to decide|should "
    r"decide|have to decide|must decide|decide later|"
    r"if|unless|before we|until we|once we|when we|whether|last (?:week|month|time|meeting|year|quarter)|"
    r"yesterday|previously|back then|would have|"
    r"what (?:did|have) we|undecided|no decision|suppose|imagine|maybe|perhaps|might|could have|i wish|i "
    r"hope|just kidding|joking|i wonder|wondering)\b"
)
MANAGE_ONLY = re.compile(
    r"^(?:(?:not )?(?:move on|go on|go back|go ahead|start|begin|stop|continue|break|talk|discuss|wait|meet|come back|"
    r"take a (?:short |quick )?break|have (?:lunch|a break)|postpone (?:this|that|it)|see|think|decide|look|"
    r"leave (?:it|that) (?:there|at)|disagree)\b|to disagree\b|(?:that|it|this|them|so|everything|something)$|"
    r"(?:a lot|more or less|on several|several things|most things|with (?:you|him|her|that|it|this)$|you$))"
)
"""What is said to be decided and yet is no decision: how the meeting goes on, or nothing in particular."""
MANAGE = re.compile(
    r"^(?:not |briefly |quickly |first |now |then |shortly )*(?:(?:move|moving) on|decide|unplug|plug|mute|unmute|"
    r"define|consider|evaluate|test|check|ask|work|calculate|start|begin|go (?:back|on|ahead|through|over|around|to|"
    r"round|and)|talk|"
    r"see|look|have (?:a|another|some) (?:look|break|chat|think|quick|discussion|minute)|take (?:a|"
    r"another|five|ten|some|it|one|that|this|the next)|"
    r"keep (?:going|in mind|it (?:short|brief|moving)|that in|this (?:short|brief))|do (?:that|it|this|one|"
    r"some|the next|a quick)|make sure|leave (?:it|that) (?:there|at)|discuss|wait|get (?:started|going|"
    r"back|on|to)|move (?:to|onto) (?:the next|item)|"
    r"try (?:and|to)|say|just|be|hear|think|finish|continue|wrap|call (?:it a day|that)|use (?:the|this|"
    r"that) (?:time|minutes|next|mouse|pen|board|whiteboard)|"
    r"pause|stop|skip (?:to|ahead|that|this|it)|go for (?:the )?(?:lunch|coffee|it|a)|meet|put (?:it|that|this) "
    r"(?:there|here|on the|up|back)|have you|make (?:a|it) (?:quick|short|list|note)|agree|know|find|come|"
    r"give|read|open|close|show|switch to (?:the|my|your) (?:slide|next|screen)|keep (?:it|that|this) "
    r"(?:there|here)?$|"
    r"use (?:it|that|this|them|these|those|both)?$|(?:go with|go for) (?:it|that|this|the flow)$|move it|"
    r"move that|pick (?:it|that|this)|do$|use (?:a|the|that|this|it|my|your) (?:\w+ )?(?:pen|pens|mouse|"
    r"button to|board|whiteboard|mike|mic|microphone)|drop (?:it|that|this)$|take$|make$|have to|have (?:plenty|"
    r"enough|a lot|lots|trouble|problems|no idea|a problem)|have (?:them|you)|have (?:it|that|"
    r"this)$|remove (?:it|that|this)$)\b"
)
REVERSE_ONLY = re.compile(
    LEAD + r"(?:scrap (?:that|it)|scratch that|forget (?:that|it|about (?:that|it))|undo that|strike that|cancel "
    r"that|let us (?:not (?:do (?:that|it))?|revert (?:that|it)|undo (?:that|it)|scrap (?:that|it)|drop "
    r"(?:that|it|the idea))|"
    r"we (?:have )?changed our minds?|i take that back|never mind|let us reopen|we are not doing (?:that|it)|"
    r"let us hold off|that decision is off|not any more)\b"
)
AGAINST = re.compile(
    r"\b(?:instead of|rather than|not|forget|drop|scrap|cancel|without|replace|no longer) (?:going with |"
    r"going for |using |use |go with |the |to |be |do )*(?P<against>.+)"
)
