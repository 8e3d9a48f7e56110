"""The forms in which English promises, asks and assigns, as patterns for ownership.py."""

from __future__ import annotations

import re

from parley.recap.acts import Role

_ADV = (
    r"(?:(?:just|also|then|quickly|definitely|certainly|gladly|happily|really|please|still|actually|probably|now|maybe|"
    r"perhaps|first|simply|always|both|all|kindly|personally|go ahead and|try to|try and|make sure to|be sure to|"
    r"be able to|go and|go|take the time to|at least|of course|,|start to|begin to|have to|need to|"
    r"today|tomorrow|tonight|be happy to|be glad to|be the one to|as well|too|again) )*"
)
_NAME = r"@\S+?(?<!'s)"
_T = r"(?P<task>.+)"

_ROLES = (
    r"manager|designer|expert|engineer|lead|leader|developer|director|officer|team|department|assistant|"
    r"accountant|lawyer|"
    r"analyst|secretary|architect|administrator|coordinator|consultant|tester|editor|treasurer|scientist"
)
Form = tuple[str, Role, bool]
"""A pattern from the clause's start on, who does it, and whether it only asks. Groups: task, who, thing."""

TURNED: tuple[Form, ...] = (
    (rf"(?:(?:can|could|may|shall|should) (?:i|we)|(?:(?:do|would) you )?mind if i|is it (?:okay|alright|fine) if i) "
     rf"(?:leave|give|hand|pass|assign|delegate) (?P<thing>.*?)(?:to|with) (?P<who>{_NAME}|you)\b(?P<rest>.*)",
     "named", True),
    (rf"it (?:falls|is up|is down|comes down) (?:to|on) (?P<who>{_NAME}|you|me) to {_T}", "named", False),
    (rf"what (?:i|we) (?:would like|want|need|wanted) is (?:for )?(?P<who>{_NAME}|you|me) to {_T}", "named", False),
    (rf"it (?:is|will be) (?P<who>{_NAME}|you|me) (?:who|that) (?:is going to |will |has to |should )?{_T}",
     "named", False),
    (rf"(?:(?:we|{_NAME} and i|i and {_NAME}|{_NAME}) )?(?:it (?:is|was|has been) )?(?:have |has )?(?:all "
     rf")?(?:agreed|decided|settled|arranged) that "
     rf"(?P<who>{_NAME}|you|i) (?:would|will|should|is going to|shall) {_ADV}(?!(?:get|have|receive) .*\bfrom\b){_T}",
     "named", False),
    (rf"(?:.* )?(?:agreed|decided|settled|arranged) that (?:{_NAME}|you|i|we) (?:would|will|should|shall) {_ADV}"
     rf"(?:get|receive|have) (?P<thing>.*?)from (?P<who>{_NAME}|you|me)\b(?P<rest>.*)", "named", False),
    (rf"(?P<thing>(?:it|that|(?:the|our|this|that|all|a|an|those|these|my|your) \S+)(?: \S+){{0,5}}?) "
     rf"(?:will be|will get|is going to be|are going to be|is being|are being|has to be|have to be|must be|should be|"
     rf"needs to be|need to be|is to be|are to be|gets|is|are) (?:now )?"
     rf"(?P<done>\w+(?:ed|en|t|ne|wn|de|id|ld|nt|un|ung)(?: (?:up|out|in|off|over|back|down|on))?)"
     rf"(?P<to>(?: (?:to|for|with) (?:@\S+|you|me|us|them|the \S+))?) by "
     rf"(?P<who>{_NAME}|me|you)\b(?P<rest>.*)", "named", False),
    (r"(?:please )?(?P<task>let (?:me|us) have (?:the|your|those|that|these|it|them|all|my) .+)", "addressee", False),
    (rf"(?:can|could|may) (?:i|we) (?:please )?(?:get|have|receive|expect|collect) (?P<thing>.*?)from "
     rf"(?P<who>{_NAME}|you)\b(?P<rest>.*)", "named", False),
    (rf"(?:that|this|it|that one|this one) (?:is|will be|would be|goes to|is one for|is for) (?P<who>you|"
     rf"yours|{_NAME})(?P<task>)(?: (?:please|then|by|for|on|before|,|;).*| *$)", "named", False),
    (rf"(?:the|my|our) (?:plan|idea|goal|next step) is for (?P<who>{_NAME}|you|me) to {_T}", "named", False),
    (rf"(?:tell|remind|ask) (?P<other>{_NAME}) to (?P<rest>.+)", "addressee", False),
    (rf"let us (?:make|put|get) (?P<who>{_NAME}) (?:responsible for|in charge of|on) {_T}", "named", False),
    # Forms in which the grammatical subject is not the one who does it.
    (rf"(?:you|{_NAME}|everyone|everybody|they|we) (?:will|shall|can|are going to|is going to) {_ADV}(?:get|"
     rf"have|receive|hear|expect) (?P<thing>.*?)from me\b(?P<rest>.*)", "speaker", False),
    (rf"(?:i|we|you|{_NAME}) (?:will|shall|am going to|are going to|is going to|should|need to|have to|can) "
     rf"{_ADV}(?:get|receive|hear|expect|collect|obtain|have) (?P<thing>.*?)from (?P<who>{_NAME}|"
     rf"you)\b(?P<rest>.*)", "named", False),
    (rf"(?:i|we|{_NAME}) (?:need|needs|want|wants|expect|expects|(?:am|are|is) (?:still )?(?:waiting for|"
     rf"expecting|waiting on)|would like|require) (?P<thing>(?!to\b).*?)from (?P<who>{_NAME}|you|"
     rf"me)\b(?P<rest>.*)", "named", False),
    (rf"(?:i|we|you|{_NAME}) (?:(?:will|would|am|are|is|can|could) )?(?:really |just |also |still )?(?:need|"
     rf"needs|want|wants|like|love|expect|expects|prefer|wait for|waiting for|wait until|rely on|count on|"
     rf"counting on|relying on|require) (?P<who>{_NAME}|you|me) to {_ADV}{_T}", "named", False),
    (rf"(?:i|we) (?:will|shall|am going to|are going to|can) {_ADV}(?:have|let|get|make) (?P<who>{_NAME}|"
     rf"you) (?:to )?(?!know|in on|back|a |the ){_T}", "named", False),
    (rf"(?:let us|we (?:should|could|can|will|need to)|can we|could we|shall we) (?:have|get|let|ask|make) "
     rf"(?P<who>{_NAME}) (?:to )?{_T}", "named", False),
    (rf"let (?P<who>{_NAME}) {_T}", "named", False),
    (r"(?:please )?(?P<task>(?:let (?:me|us) know|remind me|get back to me|keep (?:me|us) (?:posted|informed|"
     r"updated))\b.*)", "addressee", False),
    (r"you will have (?!to\b|a |an |some |any )(?P<thing>.+)", "speaker", False),
    (rf"(?:assign|give|hand|leave|delegate|pass|allocate) (?P<thing>.*?)(?:to|with) (?P<who>{_NAME}|me|"
     rf"you)(?: (?:please|then|and|by|for|as|instead|,|;).*| *$)", "named", False),
    (rf"(?:i|we) (?:will|can|would|am going to|are going to) (?:assign|give|hand|leave|delegate|pass|"
     rf"allocate) (?P<thing>.*?)(?:to|with) (?P<who>{_NAME}|you)(?: (?:please|then|and|by|for|as|instead|,|"
     rf";).*| *$)", "named", False),
    (rf"(?P<thing>.+?) (?:is|are|was|will be|gets|goes|has been|should be|can be) (?:now )?(?:assigned|given|"
     rf"handed|delegated|left|allocated|going)? ?(?:to|with|on) (?P<who>{_NAME}|me|you)(?: (?:please|then|"
     rf"by|for|instead|,).*| *$)", "named", False),
    (rf"(?:put|sign|mark) (?P<who>{_NAME}|me) down (?:for|as) {_T}", "named", False),
    (rf"(?:an |the |one |another |next )?(?:action|task|todo|to-do|next step|follow-up|follow up|"
     rf"homework)(?: item| point)?s?(?: is)? (?:for|on|to) (?P<who>{_NAME}|me|you)(?: is| are)?(?: to)?(?: "
     rf"[,:])?(?: to)? {_T}", "named", False),
    (rf"(?P<who>@\S+'s|my|your) (?:next |main )?(?:action|task|job|todo|homework|next step|"
     rf"responsibility)(?: item| point)?(?: (?:until|till|for|by) \S+(?: \S+)?)? "
     rf"(?:is|will be|for \w+ is) (?:to )?{_T}", "named", False),
    (rf"(?P<who>{_NAME}|you|i) (?:is|are|am|will be) (?:now )?(?:responsible for|in charge of|the owner of|"
     rf"the one to|on the hook for|accountable for) {_T}", "named", False),
    (rf"(?P<who>{_NAME}) (?:has|gets|takes) (?:the |an )?(?:action|task)(?: item)? (?:to|of) {_T}", "named", False),
)  # fmt: skip

ASKS: tuple[Form, ...] = (
    (r"you (?:could|would|can) not (?:possibly |perhaps |by any chance )?(?P<task>.+?) ,? ?(?:could|would|can) you",
     "addressee", True),
    (r"who is (?:going to be )?(?P<task>(?!going\b)\w+ing .+)", "whoever", True),
    (r"(?:can|could|will|would) you(?: please)?(?P<task>)$", "addressee", True),
    (rf"(?:could|would|will) you be (?:so kind as|so good as|kind enough|good enough) to {_T}", "addressee", True),
    (rf"(?:how|what) about (?P<who>{_NAME}) {_T}", "named", True),
    (rf"(?:(?:would|will|is) (?:it|that) (?:be )?|it would be )(?:okay|possible|alright|all right|fine|good|great|best|"
     rf"helpful) if (?P<who>{_NAME}|i|you) (?:could |would |can |were to )?{_T}", "named", True),
    (rf"(?:do|would|will) you have (?:the |some |any )?"
     rf"(?:time|capacity|bandwidth|a minute|a moment) to {_ADV}{_T}", "addressee", True),
    (rf"(?:do you |would you )?mind {_T}", "addressee", True),
    (rf"(?:i was hoping|i am hoping|i hope|any chance|is there any chance|do you think|i was wondering whether|"
     rf"any way)(?: that)? you (?:could|can|would|might) {_ADV}{_T}", "addressee", True),
    (rf"can i count on you (?:to|for) {_T}", "addressee", True),
    (rf"(?:are )?you (?:okay|good|happy|able|free) to {_ADV}{_T}", "addressee", True),
    (r"i (?:will |am going to |do |really |would )*(?:need|want|like) (?P<thing>(?:the|your|that|those|these|"
     r"a|an|all) .+)", "addressee", True),
    (rf"(?:it would be (?:\w+ )?(?:good|great|nice|helpful) if|i would like it if) (?P<who>{_NAME}) (?:could|"
     rf"would|can) {_ADV}{_T}", "named", False),
    (rf"(?:did you want|do you want|want|would you like|do you need) me to {_ADV}{_T}", "speaker", True),
    (rf"(?:can|could|will|would) you (?:two |both |guys |three )?{_ADV}{_T}", "addressee", True),
    (rf"(?:would|do) you mind {_T}", "addressee", True),
    (rf"(?:are|would) you (?:be )?(?:able|willing|happy|free|up) (?:to|for) {_ADV}{_T}", "addressee", True),
    (rf"(?:do|would) you (?:want|like|wanna) to {_ADV}{_T}", "addressee", True),
    (rf"(?:can|could|may) i (?:ask|get|have|bother|trouble) you to {_ADV}{_T}", "addressee", True),
    (rf"(?:could|can) i get you to {_ADV}{_T}", "addressee", True),
    (rf"(?:(?:it|that) would be (?:\w+ ){{1,2}}|i would (?:really )?appreciate (?:it )?|i would be (?:\w+ "
     rf")?grateful |i was wondering |i am wondering |i wonder |(?:would|is) it (?:be )?(?:possible|okay|"
     rf"great) )if you (?:can|could|would|will) {_ADV}{_T}", "addressee", True),
    (rf"if you (?:can|could|would) {_ADV}{_T}", "addressee", True),
    (rf"(?:how about|what about) you {_ADV}{_T}", "addressee", True),
    (rf"why do not you {_ADV}{_T}", "addressee", True),
    (rf"(?:can|could|will|would|should|might) (?P<who>{_NAME}(?: (?:and|or) {_NAME})?) {_ADV}(?!you\b|i\b|"
     rf"we\b|please you){_T}", "named", True),
    (rf"(?:shall|should|can|could|may) i {_ADV}{_T}", "speaker", True),
    (rf"(?:how about|what if) i {_ADV}{_T}", "speaker", True),
    (rf"(?:do you want|would you like|do you need) me to {_ADV}{_T}", "speaker", True),
    (rf"i could {_ADV}{_T}", "speaker", True),
    (rf"who (?:can|could|will|would|is going to|wants to|would like to|has time to|is able to|should|"
     rf"volunteers to) {_ADV}{_T}", "whoever", True),
    (rf"(?:can|could|would|will) (?:anyone|anybody|someone|somebody|one of you|one of us) {_ADV}{_T}", "whoever", True),
)  # fmt: skip

TELLS: tuple[Form, ...] = (
    (rf"(?:my (?:plan|goal|aim)(?: is|'s)|i aim|i am aiming|i am hoping|i am trying) to {_ADV}{_T}", "speaker", False),
    (
        rf"we (?:will |still |also |really )*need (?:someone|somebody|one of us|one of you|a volunteer) to {_T}",
        "nobody",
        False,
    ),
    (rf"(?P<who>the (?:\S+ ){{0,3}}(?:{_ROLES})) (?:will|shall|is going to|should|has to|needs to|must|is "
     rf"to) {_ADV}{_T}", "named", False),
    (rf"(?:maybe |perhaps |then )?you (?:two |both |guys |three |all )?(?:will|should|need to|have to|must|ought to|"
     rf"are going to|have got to|"
     rf"can|could|are to|are supposed to|might want to|may want to|had better|shall) {_ADV}{_T}", "addressee", False),
    (rf"(?:do not|please do not|not to) forget to {_T}", "addressee", False),
    (rf"(?:please )?(?:remember|make sure|be sure|try) (?:to|you) {_T}", "addressee", False),
    (rf"please {_ADV}{_T}", "addressee", False),
    (rf"(?P<who>{_NAME}(?: ,)?(?: and {_NAME}| and i| and me)?) (?:, )?(?:will|shall|is going to|are going "
     rf"to|should|has to|have to|needs to|need to|must|can|could|is supposed to|"
     rf"(?:has |have )?(?:\w+ly |also |already )?agreed to|"
     rf"has promised to|promised to|volunteered to|has volunteered to|offered to|has offered to|is to|is "
     rf"happy to|is about to|ought to|has got to) {_ADV}{_T}", "named", False),
    (rf"(?:me|i) and (?P<also>{_NAME}) "
     rf"(?:will|shall|are going to|can|should|need to|have to) {_ADV}{_T}", "speaker", False),
    (rf"(?P<who>{_NAME}) to {_T}", "named", False),
    (rf"(?P<who>{_NAME}) (?P<task>(?:takes|owns|handles|sends|writes|prepares|does|drafts|checks|books|"
     rf"updates|reviews|fixes|calls|leads|organises|organizes|finishes|delivers|sets up|follows up|looks "
     rf"into|presents|tests|creates|schedules) .+)", "named", False),
    (rf"(?P<who>{_NAME}) is (?P<task>(?:taking|handling|doing|sending|writing|preparing|drafting|checking|"
     rf"booking|updating|reviewing|fixing|leading|organising|organizing|finishing|delivering|setting up|"
     rf"following up|looking into|working on|taking care of|presenting|testing|scheduling|creating|"
     rf"calling) .+)", "named", False),
    (rf"(?P<who>{_NAME}) is (?P<task>(?!going|being|waiting|having)\w+ing .+)", "named", False),
    (rf"(?:i|we) (?:will|shall) {_ADV}(?:be )?{_T}", "speaker", False),
    (rf"i am (?:just |also |definitely |then )?(?:going|off|set|planning|intending|about) to {_ADV}{_T}",
     "speaker", False),
    (rf"(?:i (?:am|would be) )?(?:more than )?(?:happy|glad|willing|ready|prepared) to {_ADV}{_T}", "speaker", False),
    (rf"i (?:had|would) better {_ADV}{_T}", "speaker", False),
    (rf"let me {_ADV}(?!know\b){_T}", "speaker", False),
    (rf"i can {_ADV}{_T}", "speaker", False),
    (rf"(?:i )?(?:promise|plan|intend|volunteer|agree|pledge) to {_ADV}{_T}", "speaker", False),
    (rf"i (?:need|have|have got|must|ought|got|should|still need|still have|also need|also have|really need|"
     rf"am supposed)(?: to)? {_ADV}{_T}", "speaker", False),
    (r"i am (?P<task>(?:sending|writing|preparing|drafting|booking|finishing|delivering|presenting|"
     r"submitting|shipping|releasing|calling|meeting|updating|reviewing|fixing|checking) .+)", "speaker", False),
    (rf"(?:will|shall) {_ADV}{_T}", "speaker", False),
    (rf"(?:then |and |so )?you {_ADV}{_T}", "addressee", False),
    (rf"(?:someone|somebody|one of us|anyone|one of you) (?:should|needs to|has to|must|will|ought to|has "
     rf"got to|can|could) {_ADV}{_T}", "nobody", False),
    (rf"(?:everyone|everybody|all of you|all of us|you all|each of you|the team|the group) (?:should|needs "
     rf"to|need to|has to|have to|must|will|can|could|please|is going to|are going to|is to) {_ADV}{_T}",
     "nobody", False),
    (rf"we (?:should|need to|have to|must|have got to|ought to|are going to|had better|still need to|also "
     rf"need to|still have to|really need to|really should|got to) {_ADV}{_T}", "nobody", False),
    (rf"(?:the |an |one |another )?(?:action|todo|to-do|next step|follow-up|follow up)(?: item| point)?(?: "
     rf"is)?(?: [,:])?(?: to)? {_T}", "nobody", False),
    (rf"it is (?:important|necessary) to {_T}", "nobody", False),
    (r"(?P<task>(?:get back|look into|follow up|set up|work on|put together) .+)", "addressee", False),
)  # fmt: skip

WANTED = re.compile(
    r"(?:let us get|(?:we|i) (?:will |would |really |still |do )*(?:need|want|like|have to have|must have|have to get|"
    r"need to get)) "
    r"(?P<thing>(?:the |our |this |that |all |those |these )\S+(?: \S+){0,4}?) (?P<done>\w+(?:ed|en|ne|wn|lt|nt)\b.*)"
)
PASSIVE = re.compile(
    r"(?P<thing>(?:it|(?:the |our |this |that |all |a |an |those |these |my |your )\S+)(?: \S+){0,5}?) "
    r"(?:(?:needs|need|wants) (?!being|doing\b)\w{3,}ing\b.*|"
    r"(?:needs to|need to|has to|have to|must|should|will|still needs to|still has to|has got to) "
    r"(?:(?:go|leave|arrive|happen)\b.*|(?:be|get) (?P<done>(?:with|at|in|on|up|back|there|live|ready|available|"
    r"online|out|in place|\w+(?:ed|en|t|ne|wn|de|id|ld|up|ewn))\b.*)))"
)
IS_DUE = re.compile(
    r"(?P<thing>(?:the |our |this |that |all |your )\S+(?: \S+){0,5}?)(?: is| are|'s) due "
    r"(?:on|by|at|tomorrow|today|next|in|end|before|this|\w+day)\b"
)

SELF = (
    (re.compile(r"(?:leave|give) (?:it|that|this|these|them) (?:to|with) me"), ""),
    (
        re.compile(r"(?:i am on (?:it|that|this)|on it|i have got (?:it|this|that)|i have got you|consider it done)\b"),
        "",
    ),
    (re.compile(r"(?:that is|this is|that one is|it is) (?:on me|mine|my job|my action)"), ""),
    (re.compile(r"(?:you can )?count on me"), ""),
    (re.compile(r"i (?:volunteer|will volunteer)\s*(?:[.!,]|$)"), ""),
)

HEDGE = re.compile(
    r"(?:(?:and|but|so|then|okay|well|yes|yeah|yep|right|alright|all right|sure|no|actually|now|anyway|also|"
    r"maybe|perhaps|both|"
    r"of course|i think|i guess|i suppose|i believe|i mean|you know|i think that|it is okay|in fact|basically|"
    r"no problem|no worries|absolutely|definitely|certainly|great|perfect|fine|good|hey|hi|thanks|thank you|sorry|"
    r"sounds good|like i said|as i said|oh|um|uh|er|erm|ah|hmm|mm|fair enough|in that case|or|look|listen|cool|"
    r"(?:next steps?|action items?|actions?|todos?|follow ups?) [:,](?= @)|as discussed|for now|meanwhile|"
    r"finally|first|second|secondly|firstly|lastly|next|exactly|"
    r"on my side|from my side|on my end|from my end|for my part|got it|will do|instead|agreed|wait|no wait|,|"
    r";|:|\.|!) )+"
)
