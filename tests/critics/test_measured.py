"""The embedded critics: a flawless text passes, each kind of flaw is found and named, nothing that is thrown at them makes them raise."""

from __future__ import annotations

import string

import pytest

from understudy.critics.measured import Opinion, opinions, tail
from understudy.critics.readability import is_word, likeness, read, reading_ease, syllables, words_of
from understudy.critics.repetition import Repetition, fingerprints
from understudy.model.briefs import Brief, Draft, Part, Speaker, Tell, Turn, Value
from understudy.rng import stream

MARA = Speaker(id="c0000.p00", given="Mara", family="Vance", sex="female", age=40, voice={})
THEO = Speaker(id="c0000.p01", given="Theodore", family="Okafor", sex="male", age=38, voice={})
DETAILS = {
    "office": "Cedar Dental", "fee": "$65.00", "xray": "$22.50", "today": "$87.50", "chart": "D482913", "day": "Friday", "date": "March 7", "time": "2:15 pm",
    "when": "on Friday",
}  # fmt: skip
SLOTS = {name: Value(text, ("detail", "e1", name)) for name, text in DETAILS.items()}
LILY = {"kid": Value("Lily"), "kid.he": Value("she"), "kid.him": Value("her"), "kid.his": Value("her")}
CRITICS = ["consistency", "realism", "fluency"]
GOOD_MAIL = (
    "Hey Theo,\n\nQuick heads up that I've got the dentist on Friday, March 7 at 2:15 pm, so I can't do the school run. Could you leave work a bit early? "
    "Pickup is by the side gate.\n\nIt comes to $87.50, of which the x-ray is $22.50.\n\nLove,\nMara"
)
HARD = "Hi Theo,\n\n" + "The implementation of organizational restructuring necessitates comprehensive departmental reevaluation of priorities. " * 2
CUT = (
    "Hi Theo,\n\nmy mom is coming on Sunday. She brings the dog. I said it was fine. Hope you do not mind it at all, it is only a day. "
    "I was also thinking that we could maybe go to"
)


def brief(kind: str = "message", **fields: object) -> Brief:
    """Mara writes to Theodore on a Wednesday in March, at half past six in the evening."""
    base: dict[str, object] = {
        "ids": ["c0000.a000001"], "kind": kind, "minute": 2 * 1440 + 18 * 60 + 30, "author": MARA.id, "speakers": [MARA, THEO], "weekday": 2, "month": 3,
        "part": "evening", "slots": SLOTS,
    }  # fmt: skip
    return Brief(**{**base, **fields})  # type: ignore[arg-type]


def talk(*texts: str) -> Draft:
    return Draft(parts=[Part(author=MARA.id, turns=[Turn(speaker=(MARA.id, THEO.id)[i % 2], after=i, text=text) for i, text in enumerate(texts)])])


def mail(text: str, title: str = "Friday") -> Draft:
    return Draft(parts=[Part(author=MARA.id, title=title, text=text)])


def of(critic: str, found: list[Opinion]) -> Opinion:
    assert [opinion.critic for opinion in found] == CRITICS
    return next(opinion for opinion in found if opinion.critic == critic)


GOOD = [
    (brief(), talk("Ugh, dentist on Friday at 2:15. Wish me luck", "lol you'll be fine. just a cleaning?", "Plus x-rays, $87.50 all in 😬", "robbery")),
    (brief(), talk("got my teeth done today, 65 for the cleaning", "thats not terrible tbh", "no cavities so im celebrating w ice cream", "as one does")),
    (brief(), talk("tysm!!")),
    (brief(), talk("so 87.5 for ten minutes in a chair", "Everybody pays it. Off on Sunday? (finally :) )", "Friday first...")),
    (brief("email"), mail(GOOD_MAIL)),
    (brief("note"), Draft(parts=[Part(author=MARA.id, title="Groceries", text="Milk\nEggs (the brown ones)\nSourdough\n2x oat milk\nTP")])),
    (brief("reminder"), Draft(parts=[Part(author=MARA.id, text="Dentist Fri 2:15pm, chart D482913")])),
    (brief("calendar"), Draft(parts=[Part(author=MARA.id, title="Dentist", text="Dentist")])),
    (
        brief("email", author="org.cedar", speakers=[], reader=MARA, organization="Cedar Dental"),
        mail("Dear Mara,\n\nWe look forward to seeing you on Friday, March 7 at 2:15 pm (chart D482913). Please don't hesitate to call.\n\nCedar Dental"),
    ),
]


@pytest.mark.parametrize(("asked", "draft"), GOOD)
def test_a_flawless_text_passes_without_a_word(asked: Brief, draft: Draft) -> None:
    assert opinions(asked, draft, Repetition()) == [Opinion(critic, 5.0, []) for critic in CRITICS]


@pytest.mark.parametrize(
    ("asked", "draft", "named", "most"),
    [
        (brief(), talk("Dentist on Wednesday at 2:15, wish me luck"), "Wednesday", 3.0),
        (brief(), talk("Dentist was $140 all in", "ouch"), "$140", 3.0),
        (brief("email"), mail(GOOD_MAIL.replace("$87.50", "$93.17")), "$93.17", 3.0),
        (brief(), talk("the dentist, Friday at 9:30 am"), "9:30 am", 3.0),
        (brief(), talk("It's on March 17th, put it down"), "March 17th", 3.0),
        (brief("email"), mail("Theo, my chart is D482931, could you call them?"), "D482931", 3.0),
        (brief(), talk("Hi Bob! Are we on for lunch?"), "Bob", 3.9),
        (brief("email"), mail("Hi Mara,\n\nthe dentist is on Friday.\n\nMara"), "Mara", 3.9),
        (brief("email"), mail("Hi Theo,\n\nthe dentist is on Friday.\n\nLove,\nKathleen"), "Kathleen", 3.9),
        (brief(), talk("Good morning! Coffee?"), "good morning", 3.9),
        (brief(month=7), talk("Merry Christmas to you"), "merry christmas", 3.9),
        (brief(), talk("Happy Friday!"), "Friday", 3.9),
        (brief(slots=LILY), talk("Spoke to Lily today, he is doing great"), "Lily", 3.9),
    ],
)
def test_what_contradicts_the_brief_is_found(asked: Brief, draft: Draft, named: str, most: float) -> None:
    opinion = of("consistency", opinions(asked, draft, None))
    assert opinion.score <= most
    assert named in opinion.reasons[0]


def test_what_the_brief_does_not_say_is_not_held_wrong() -> None:
    """The traps: another day beside the true one, an amount rounded or added up, a short name, a value with which no slot competes, whoever 'she' is."""
    for text in (
        "Not Wednesday, Friday",
        "about $88 with the x-ray",
        "that's $65 and then $22.50 more",
        "on Fridays I work",
        "tomorrow? no, on Friday",
        "every Monday",
    ):
        assert of("consistency", opinions(brief(), talk(text), None)).score == 5.0, text
    assert of("consistency", opinions(brief(slots={}), talk("Wednesday at 9:30 am, $140"), None)).score == 5.0
    for text in ("Hi Theo, lunch?", "Hey Ted, lunch?", "Hey there, lunch?", "Dear Mr. Okafor, hello", "Hi everyone!", "Hey Mom, it's me"):
        assert of("consistency", opinions(brief(), talk(text), None)).score == 5.0, text
    tell = Tell(fact="f", key="k", value="v", polarity="positive", how="told", speaker=MARA.id, about="c0000.p02", about_given="Paul", about_sex="male")
    assert of("consistency", opinions(brief(tells=[tell], slots=LILY), talk("Lily went with Paul, she liked it"), None)).score == 5.0


@pytest.mark.parametrize(
    ("asked", "draft", "named"),
    [
        (brief("email"), mail("Hi Theo,\n\nI hope this email finds you well. The dentist is on Friday.\n\nMara"), "finds you"),
        (brief(), talk("As an AI I cannot go to the dentist on Friday"), "as an ai"),
        (brief(), talk("Sure, here's the message: dentist on Friday"), "sure, here's"),
        (brief("email"), mail("Hi Theo,\n\nlet us delve into Friday."), "delve"),
        (brief("email"), mail("Hi Theo,\n\nsee you at [Location] on Friday.\n\nBest,\n[Your Name]"), "[Location]"),
        (brief(), talk("lorem ipsum on Friday"), "lorem ipsum"),
        (brief(), talk("OMG hi!", "Hey!", "So good to hear you!", "You too!", "How was it!", "Amazing!", "So happy for you!"), "exclamations"),
        (brief(), talk(*["ok 😂", "no 😂", "yes 😂", "what 😂", "stop 😂", "never 😂", "fine 😂"]), "emoji"),
        (brief(), talk("Are you in?", "Are you?", "Is it Friday?", "Is it?", "Who drives?", "Who could?", "Would you?", "Why me?"), "ask something"),
        (brief(), talk("Are you in?", "I am.", "Who drives?", "Theo can.", "Is it far?", "Not that I know."), "only asks"),
        (
            brief(),
            talk("I had a day today", "So did I at work", "Tell me all about it", "There is not that much", "Then we eat at home", "That is what I want"),
            "as long as",
        ),
        (brief(), talk("let me tell you " + "all about the dentist and his drill, " * 20), "words"),
        (brief(), talk(*["well, " + "so " * (n % 5) + "yes" for n in range(24)]), "24 turns"),
        (brief(), talk("Hi", "Hey", "How are you?", "I'm good, you?", "Dentist on Friday"), "greetings"),
        (brief(), talk("Hi Theo! How are you doing on this lovely evening?", "Fine", "Dentist on Friday", "Oh no"), "full greeting"),
        (brief(), talk("it is what it is", "ha", "it is what it is", "stop"), "same turn twice"),
        (brief("email"), mail("**Plan**\n\nDentist on Friday."), "Markdown"),
    ],
)
def test_what_no_person_writes_is_found(asked: Brief, draft: Draft, named: str) -> None:
    opinion = of("realism", opinions(asked, draft, None))
    assert opinion.score < 5.0
    assert any(named in reason for reason in opinion.reasons), opinion


def test_what_was_written_before_costs_realism() -> None:
    draft, seen = mail(GOOD_MAIL), Repetition()
    assert of("realism", opinions(brief("email"), draft, seen)).score == 5.0
    seen.keep(fingerprints(draft))
    assert of("realism", opinions(brief("email"), draft, seen)).score < 4.0


def test_an_assistant_may_speak_like_one() -> None:
    draft = Draft(
        parts=[
            Part(
                author=MARA.id,
                turns=[
                    Turn(speaker=MARA.id, after=0, text="can you write a note to my dentist"),
                    Turn(speaker="assistant", after=0, text="Certainly! Here is a draft:\n\n**Note**\n\nDear Dr. Ko,\n\nthank you for Friday.\n\n[Your Name]"),
                ],
            )
        ]
    )
    assert of("realism", opinions(brief("chat", speakers=[MARA]), draft, None)).score == 5.0
    draft.parts[0].turns[1].speaker = MARA.id
    assert of("realism", opinions(brief("chat", speakers=[MARA]), draft, None)).score <= 2.0


@pytest.mark.parametrize(
    ("draft", "named"),
    [
        (talk("I went to the the store"), "twice in a row"),
        (talk("well ,, that was it"), "punctuation"),
        (talk("I went home.Then I slept"), "punctuation"),
        (talk('She said "maybe and left it there'), "quotation"),
        (talk("I went (as you know and came back"), "bracket"),
        (talk("I went\x07 to the store"), "printed"),
        (talk("It wasnâ€™t me"), "encoding"),
        (talk("I was going to the store and"), '"and"'),
        (talk("it was " + "and then we went to the shop to look " * 8), "runs on"),
        (mail(HARD), "Flesch"),
        (mail(CUT), "breaks off"),
        (talk("xqz ptk 8ffg"), "words"),
        (talk("Ку-ку, как дела у тебя сегодня?"), "Latin"),
        (talk("$%&§ ;;; ### ((( ~~~ ^^ //// ==="), "Marks"),
        (talk("8842039 88201 77345 1123"), "figures"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_found(draft: Draft, named: str) -> None:
    kind = "email" if draft.parts[0].text else "message"
    opinion = of("fluency", opinions(brief(kind), draft, None))
    assert opinion.score <= 4.0
    assert any(named in reason for reason in opinion.reasons), opinion


def test_noise_is_never_fluent() -> None:
    """Random letters, in words or not, with figures or marks: 2.0 at most from twenty characters on, whatever the seed."""
    rng = stream(1, "noise")
    for letters in (
        string.ascii_lowercase,
        string.ascii_letters + "  ",
        string.ascii_lowercase + string.digits + "    ",
        string.ascii_letters + string.punctuation + "   ",
    ):
        for _ in range(100):
            text = "".join(rng.pick(letters) for _ in range(rng.whole(24, 200)))
            assert of("fluency", opinions(brief(), talk(text), None)).score <= 2.0, text


def test_words_of_the_brief_are_words() -> None:
    tell = Tell(fact="f", key="k", value="Zbrkk Qwx-9000TX", polarity="positive", how="stated", speaker=MARA.id, about=MARA.id)
    assert of("fluency", opinions(brief(tells=[tell]), talk("my Zbrkk Qwx-9000TX"), None)).score == 5.0
    assert of("fluency", opinions(brief(), talk("my Zbrkk Qwx-9000TX"), None)).score < 5.0


ODD = [
    Draft(parts=[]), Draft(parts=[Part(author=MARA.id)]), Draft(parts=[Part(author="", turns=[Turn(speaker="", after=0, text="")])]), talk(*[""] * 5),
    talk("😂😂😂"), talk("👩‍👩‍👧‍👦❤️" * 50), talk("\ud800 half"), talk("\x00\x01\x02"), talk("."), talk("!" * 5000),
    talk("a-" * 5000), talk("1," * 5000), talk("$" + "9" * 400),
    talk("a" * 10000), talk("the " * 2500), talk("今天天气很好，我们去公园吧。" * 20), talk("مرحبا كيف حالك"),
    talk("٣:٣٠ am on Friday, $٣"), talk("25:99 pm, January 99, 99:99"),
    mail("Hi " * 3000 + "\n" * 500), mail("((((" * 100), mail("Bob. " * 500, title="\n"), talk(*["hm"] * 400),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(ODD)))
@pytest.mark.parametrize("kind", ["message", "email", "chat", "note", "reminder", "calendar", "purchase", "something new"])
def test_nothing_makes_them_raise(number: int, kind: str) -> None:
    for asked in (brief(kind), brief(kind, slots={}, speakers=[], organization="Cedar Dental"), brief(kind, weekday=9, month=13)):
        found = opinions(asked, ODD[number], Repetition())
        assert [opinion.critic for opinion in found] == CRITICS
        assert all(1.0 <= opinion.score <= 5.0 and (opinion.reasons or opinion.score == 5.0) for opinion in found)


def test_the_same_draft_is_judged_alike_at_any_time() -> None:
    """The trap: words once found to be words are remembered, and must change no answer."""
    draft = talk("xqz ptk went to the store", "blorpf and the krrzt")
    first = opinions(brief(), draft, None)
    for number in range(30):
        opinions(brief(), talk(f"krrzt number {number} and ptk"), None)
    assert opinions(brief(), draft, None) == first


def test_the_measures_by_hand() -> None:
    assert words_of("Don't go, it's 5 o'clock!") == [b"dont", b"go", b"its", b"5", b"oclock"]
    assert [syllables(word) for word in (b"cat", b"table", b"made", b"organization")] == [1, 2, 1, 5]
    assert reading_ease([b"the", b"cat", b"sat"], 1) == pytest.approx(206.835 - 3.045 - 84.6)
    total, pairs = likeness("the")
    assert pairs == 4
    assert total / pairs > 5
    assert [is_word(token) for token in (b"thx", b"hmmm", b"5th", b"d482913", b"xqzt", b"strengths")] == [True, True, True, False, False, True]
    assert tail(0, 10, 0.3) == pytest.approx(1.0)
    assert tail(10, 10, 0.5) == pytest.approx(0.5**10)
    assert 0.0 <= tail(5000, 9000, 0.28) <= 1.0
    assert read(mail("Text", title="Text")).whole == "Text"
