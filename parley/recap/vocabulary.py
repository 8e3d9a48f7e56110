"""Word lists that the rules of the embedded engine share."""

from __future__ import annotations

from parley.recap.wordlists import word_set

FILLERS = word_set("um uh er erm ah hmm mm mhm hm uhm eh oh huh mm-hmm uh-huh mhmm ha wow ooh aye")

FUNCTION = word_set(
    "a an the and or but so if then than that this these those there here of in on at to for from with without by "
    "as into onto over under about after before between through during against up down out off again i you he she "
    "it we they me him her us them my your his its our their mine yours ours theirs who whom whose which what "
    "when where why how is are was were be been being am do does did doing done have has had having will would "
    "can could shall should may might must not no nor yes yeah yep okay just very too also only even still yet "
    "already because since while until both each every all any some such other another same own more most much "
    "many few less least lot lots bit myself yourself himself herself itself ourselves themselves one ones s t d "
    "ll re ve m o oh well "
)

CHATTER = word_set(
    "think know mean like see say said says saying thing things stuff something anything nothing everything kind "
    "sort want wanted wants need needs needed get gets getting got go goes going went gone come comes coming came "
    "make makes making made take takes taking took put puts look looks looking looked really actually basically "
    "probably maybe perhaps right sure fine good great nice cool alright guess suppose quite pretty always never "
    "ever back way ways time times people person guys everybody everyone somebody someone anybody anyone nobody "
    "let lets try trying tried tell told talk talking talked speak speaking give gives given gave use used using "
    "uses able better best different first second third last next now today two three four five six seven eight "
    "nine ten part point idea ideas question questions problem problems case yet else instead whatever however "
    "thank thanks please sorry hello hi hey bye goodbye morning feel feels felt thought understand interesting "
    "important hard easy easier little big small bigger long short high low old new whole half enough rather "
    "around away together course fact example sense matter word words exactly definitely certainly obviously "
    "certain particular specific especially anyway though although start started starting stop begin beginning "
    "end ends done finish finished keep happen happens happened seem seems seemed work works worked working call "
    "called show shows showing find found ask asked remember forget wait hear heard listen read write meeting "
    "minute minutes hour hours day days week month year moment bit guy couple number numbers okay yep nope wow "
    "god yourself mine somewhere sometimes often usually later soon ago wonder wondering believe agree true false "
    "wrong bad worse worst possible possibly difficult nobody neither either whether unless ahead apart aside "
    "sounds sound reason reasons funny laugh stuff hope hopefully basically dis disfmarker vocalsound gap pause "
    "wh th ye sh st wi mo re co ha na thirty twenty fifteen fifty hundred percent literally simply totally "
    "absolutely yours huh gonna wanna kinda sorta cause cuz bring brings brought change sit name names top move "
    "moving add turn goes left real main set mind care play run check start single final place far near close "
    "full sure several various certain slide slides presentation page figure supposed nineteen eleven twelve "
    "eighty ninety forty sixty seventy thirteen fourteen sixteen seventeen eighteen useful decide decided discuss "
    "discussed discussion meet met ready quick quickly slightly completely mostly zero oops yay gosh man cetera "
    "etcetera et ok mm hmm uhhuh dunno anymore "
)

STOP = FUNCTION | CHATTER | FILLERS
"""Words that say nothing about what a meeting is about."""

TASK_VERBS = word_set(
    "send write draft prepare check review update fix call email mail schedule book set share finish complete "
    "create make put add talk ask find get organise organize arrange look follow contact test deploy ship release "
    "merge document publish post upload download submit file order buy pay sign read revise edit rewrite design "
    "build implement investigate research explore analyse analyze measure compare calculate estimate plan propose "
    "present demo show report summarise summarize collect gather compile clean migrate move install configure "
    "setup order reserve invite notify inform tell remind ping message text chase confirm verify validate approve "
    "negotiate discuss coordinate handle take own drive lead run do deal sort resolve close open raise log track "
    "record transcribe print deliver bring provide supply give return replace remove delete drop cancel postpone "
    "renew extend translate proofread polish format convert export import circulate distribute forward reply "
    "respond answer speak meet visit interview hire train teach onboard refactor debug patch upgrade roll rotate "
    "back-up backup restore archive label tag sketch prototype model draw mock record film photograph announce "
    "launch advertise market promote sell quote invoice bill refund budget allocate assign delegate hand pick "
    "collect fetch pull push commit rebase benchmark profile monitor audit inspect clarify define specify "
    "describe outline list rank prioritise prioritize estimate double-check recheck re-check reach connect "
    "introduce set-up work figure flag escalate address tackle cover produce generate fill finalise finalize tidy "
    "wrap rework redo resend re-send rebuild rerun re-run ensure learn study search source evaluate assess decide "
    "choose select speed improve change adjust adapt modify correct amend copy paste attach link sync scan host "
    "facilitate chair start begin continue maintain support help assist join attend dig repair swap switch ready "
    "secure obtain get-back circle touch loop bump cut trim shorten simplify enable disable turn unblock block "
    "walk brief process ask reschedule rephrase reword recruit consult reconcile order repost sanity-check jot ring "
    "phone fax text mail photocopy wire post top-up drop mow sweep water feed lodge "
    "claim lend borrow rent lease cater transport carry store shred bin sew glue weld iron cook bake "
    "settle hoover dust polish sand varnish decorate hang frame laminate bind staple stamp seal "
    "note crunch lock stock store pack unpack deliver install wire paint plot chart map count weigh tune refine "
)

GIVEN_NAMES = word_set(
    "aaron adam adrian ahmed aisha alan albert alex alexander alexandra ali alice alison amanda amir amy ana "
    "andrea andreas andrew andy angela anita ann anna anne annie anthony antonio anya arjun arthur barbara "
    "beatrice becky ben benjamin beth betty bob brandon brenda brian bruce bruno camila carl carla carlos carmen "
    "carol caroline catherine charles charlie charlotte chen chloe chris christian christina christine "
    "christopher claire clara colin connor craig cynthia daniel daniela danielle dana dave david deborah dennis "
    "derek diana diane diego dmitri donald donna doris dorothy doug douglas dylan ed eddie edgar edward elena eli "
    "elizabeth ella ellen emily emma eric erik erin ethan eva eve evelyn fatima felix fiona francis francisco "
    "frank fred gabriel gary george gerald gina gloria gordon grace greg hannah harold harry hassan heather heidi "
    "helen henry hiro holly howard hugh ian ibrahim igor ines ingrid irene isaac isabel ivan jack jackie jacob "
    "jake james jamie jan jane janet jasmine jason javier jean jeff jeffrey jennifer jenny jeremy jerry jesse "
    "jessica jill jim jimmy joan joanna joe joel john johnny jonas jonathan jordan jorge jose joseph josh joshua "
    "joyce juan judith judy julia julian julie justin karen karl kate katherine kathy katie keith kelly ken kenji "
    "kenneth kevin kim kumar kyle lara larry laura lauren lea leah lee leo leon leonard leila liam linda lisa liz "
    "lucas lucy luis luke lynn maggie malik marc marco marcus margaret maria marie mario marion marina martha "
    "martin marta mary mateo matt matthew maya megan mei melissa mia michael michelle miguel mike mila mohamed "
    "mohammed molly monica nadia nancy naomi natalie natasha nathan neil nick nicola nicolas nicole nina noah "
    "nora oleg oliver olivia omar oscar pablo patricia patrick paul paula pedro peter phil philip priya quentin "
    "rachel rahul raj ralph raymond rebecca ricardo richard rita robert roberta robin roger ron ronald rosa rosie "
    "ruth ryan sally sam samantha samir samuel sandra sanjay sara sarah scott sean sergei sharon shirley simon "
    "sofia sonia sophia sophie stella stephanie stephen steve steven stuart susan suzanne sven tania tanya tara "
    "ted teresa terry thomas tim tina todd tom tomas tony tracy vanessa vera veronica vicky victoria vincent wang "
    "wayne wei wendy william yasmin yuki yusuf zach zoe "
)

COMMON_WORD_NAMES = word_set(
    "will mark may art bill grace rich pat chase drew sue hope joy frank rob jack dawn faith victor guy rose ray "
    "dean june april august lee page miles max penny ivy amber summer autumn iris wade grant chance gene mike "
    "jean "
)
"""Given names that are words too: in a draft without capitals they count only where a name must stand."""
