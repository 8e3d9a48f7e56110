"""How sentences answer, hedge, refuse and take back, as patterns over their normal forms (reading.py)."""

from __future__ import annotations

import re

from parley.recap.wordlists import word_set

REPORT = word_set(
    "said says saying told tells telling asked asks mentioned claimed wrote goes quote thought heard promised "
)
POLITE_IF = re.compile(
    r"unless (?:something|anything) (?:comes up|happens|changes|goes wrong|intervenes)\b|"
    r"if (?:all|everything) goes well\b|"
    r"if (?:you (?:can|could|would|want|like|have|do not mind|prefer|need|agree|are okay|are free|wish)|"
    r"possible|needed|necessary|"
    r"(?:that|it|this) is (?:okay|fine|alright|all right|possible|easier|good|useful|helpful)|(?:that|it) "
    r"(?:works|helps)|"
    r"not|any|everyone agrees|nobody (?:minds|objects)|no one (?:minds|objects)|i (?:may|might|can))\b|"
    r"(?:mind|know|see|check|ask|asks|find out|figure out|sure|test|verify|tell \S+|wonder|wondering|confirm|"
    r"great|okay|possible|alright|fine|appreciate \S+|appreciate|"
    r"helpful|nice|good|clear|investigate|decide|look|evaluate|even|as) if\b"
)
CONDITION = re.compile(
    r"\b(?:if|unless|assuming|provided|supposing|suppose|imagine|hypothetically|pretend|otherwise|as long as|"
    r"depending on|"
    r"let us say|in theory|would have|could have|should have|might have|if only|were to)\b"
)
JEST = re.compile(
    r"\b(?:kidding|joking|a joke|hell freezes|pigs fly|over my dead body|in your dreams|yeah right|as if|not "
    r"really serious|"
    r"for example|for instance|in my dreams|ha ha|haha|a million years|sarcasm|sarcastic)\b"
)
MAYBE = re.compile(
    r"\b(?:maybe|perhaps|possibly|might|probably not|not sure|no idea|i hope|hopefully|i doubt|i wish|i do "
    r"not think|do not know|would rather not|i wonder|not going to|at some point|one day|some day|someday|"
    r"eventually)\b"
)
ASSENT = re.compile(
    r"(?:(?:okay|oh|um|uh|well|so|ah|hmm|,|\.) )*(?:not at all|no ,? ?not at all|no ,? ?of course not|i "
    r"do(?= ?[,.!]|$)|yes|yeah|yep|yup|sure|okay|of course|absolutely|"
    r"definitely|certainly|no problem|no worries|will do|"
    r"happy to|with pleasure|my pleasure|sounds good|sounds great|sounds fine|got it|on it|fine|alright|all "
    r"right|right|great|perfect|agreed|agree|"
    r"consider it done|you got it|i can do (?:that|it|this)|can do|noted|understood|exactly|good idea|great "
    r"idea|works for me|that works|"
    r"fair enough|deal|i will do (?:that|it|this)|i will(?= ?[,.!]|$)|i am on it|mm-hmm|mhm|mmhmm|uh-huh|go "
    r"for it|makes sense|i agree|yes please|please do|"
    r"that would be (?:great|good|nice|lovely|helpful|perfect)|good|cool|i will take (?:it|that)|done|gladly|"
    r"i would love to|"
    r"let us do (?:that|it)|i think so|i guess so|why not|sounds like a plan|i am in|fine by me|fine with me|"
    r"i can(?= ?[,.!]|$)|i am(?= ?[,.!]|$)|me(?= ?[,.!]|$)|that is me|that would be me|i would be happy to|thank you|"
    r"thanks|"
    r"i could do (?:that|it)|leave it (?:to|with) me|i have got (?:it|this|that)|i am fine with (?:that|it))(?= |$)"
)
NO = re.compile(
    r"(?:(?:okay|oh|um|uh|well|so|ah|hmm|,|\.|sorry|yeah|i am afraid|unfortunately|actually|honestly|but|"
    r"@\S+|i would love to|i would like to) )*"
    r"(?:no(?! ,? ?not at all| ,? ?of course not| problem| worries|ted| doubt| one)\b(?! , (?:i will(?! not)|"
    r"that is fine|it is fine))|nope|nah|"
    r"i can not|i could not|i will not|i would not|i do not have (?:the )?(?:time|capacity|bandwidth)|i "
    r"do not want|i am not able|i am unable|"
    r"i am (?:really |very |too |completely |totally )?(?:busy|swamped|overloaded|booked|on (?:holiday|"
    r"vacation|leave)|out of (?:the )?office|away|out|off|travelling|traveling)|"
    r"not me|i would rather not|i refuse|no way|i am not (?:going to|available|the right|doing)|that is not "
    r"(?:my|possible|going to work)|i have no time|"
    r"that will not (?:work|be possible)|not possible|impossible|i must decline|i have to decline|i pass|i "
    r"can not take|can not (?:do|take))(?= |$)"
)
VAGUE = re.compile(
    r"(?:(?:okay|oh|um|uh|well|so|ah|hmm|,|\.|yeah|yes) )*(?:i will (?:see|try|think)(?: (?:about|what|if|"
    r"it).*)?(?:$|,|\.)|maybe|let me think|(?:i am )?not sure|i do not know|we will see|let us see|(?:it |"
    r"that )?depends|"
    r"possibly|perhaps|i might|i may|hard to say|i would have to|i need to think|let me see|i can not "
    r"promise|no promises|i am not certain)\b"
)
CANCEL = re.compile(
    r"(?:(?:okay|oh|um|uh|well|so|ah|hmm|,|\.|no|actually|wait|sorry|but|@\S+) )*(?:never mind|nevermind|"
    r"forget (?:it|that|about it|about that|i said)|scratch that|cancel that|strike that|"
    r"(?:there is )?no need|not necessary|(?:that|it) is not (?:necessary|needed)|do not bother|you do not "
    r"(?:need|have) to|do not (?:worry|do (?:that|it)|send (?:that|it))|on second thoughts? ,? ?(?:no|do "
    r"not|forget|let us not)|"
    r"(?:i was |i am |just |only |i am just |i am only )*(?:kidding|joking)|(?:that|it) was a joke|i take "
    r"(?:that|it) back|let us not|we do not need (?:that|it|to)|drop (?:it|that)|ignore that)\b"
)
INSTEAD = re.compile(
    r"\b(?:instead|actually|rather|change of plan|correction|on second thoughts?|in fact|better if|let us "
    r"have|wait)\b|^no\b|\bno ,"
)
MOVES = re.compile(
    r"(?:make|move|push|change|shift|postpone|delay|say|bring) (?:it|that|this|the deadline|the date) "
    r"(?:forward |back |instead )?"
    r"(?:to|by|on|for|until|before|next|tomorrow|today|tonight|end|the|\w+day|\d)"
)
NEXT_TIME = re.compile(
    r"\b(?:(?:for|by|before|until|at|in|on) (?:the |our )?(?:next|following) (?:meeting|session|call|sprint)|"
    r"(?:for )?next time)\b"
)
"""When people meet again: what is to be there by then outlasts this meeting, and yet it is no date."""
