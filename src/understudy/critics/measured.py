"""The embedded critics: consistency, realism and fluency of a draft (PersonaTrace, section 3), by counting; none of them understands a word.

A draft without a flaw scores 5.0. What each flaw costs is our estimate, set so that one plain contradiction or one tell-tale phrase
brings a score below 4 and one small slip does not: of 20,892 drafts of our grammars 0.13 % (consistency), 0.06 % (realism) and 0.01 %
(fluency) fall below 4. Ask before the draft is kept in the `Repetition`, else it repeats itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import pairwise
from math import comb
from typing import Any, NamedTuple

from understudy import assets
from understudy.critics.readability import Flaw, Own, Text, fluency, folded, read, words_of
from understudy.critics.repetition import Repetition, fingerprints
from understudy.model.briefs import Brief, Draft, Problem, Turn
from understudy.model.clock import DAY, MONTHS, WEEKDAYS

ASSISTANT = "assistant"
_AMOUNT = re.compile(r"\$\s?(\d[\d,]{0,14}(?:\.\d\d?)?)(?![\d,]{0,3}\d)(k\b)?|\b(\d[\d,]{0,14}(?:\.\d\d)?) (?:dollars|bucks)\b", re.IGNORECASE)
_CLOCK = re.compile(r"\b(\d{1,2})(?::(\d\d))?\s?([ap])\.?m\b|\b(\d{1,2}):(\d\d)\b", re.IGNORECASE)
_DAY = re.compile(r"(?<!every )(?<!each )\b(mon|tues|wednes|thurs|fri|satur|sun)day\b(?!s)", re.IGNORECASE)
_MONTH = "|".join(f"{m[:3]}(?:{m[3:]})?" for m in MONTHS)
_DATE = re.compile(rf"\b({_MONTH})\.? (\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)|\b(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?({_MONTH})\b", re.IGNORECASE)
_FIGURE = re.compile(r"\d")
_CODE = re.compile(r"\b(?=(?:[\w-]{0,16}\d){3})(?=[\w-]{0,16}[A-Za-z]|\d+-\d)[A-Za-z0-9]{1,14}(?:-[A-Za-z0-9]{1,14}){0,3}\b")
_GREETED = re.compile(
    r"(?:[Hh]i|[Hh]ey|[Hh]ello|HI|HEY|[Dd]ear|[Gg]reetings|(?:[Gg]ood )?(?:[Mm]orning|[Aa]fternoon|[Ee]vening))[ ,]+(?:(?:Mr|Mrs|Ms|Dr|Miss|Prof)\.? )?"
    r"([A-Z][a-z][\w'’-]*)(?: [A-Z][\w'’-]+)?(?=\s*(?:[,!.:–—-]|and\b|&|$))",
    re.MULTILINE,
)
HEADS = frozenset(["hi", "he", "de", "gr", "go", "mo", "af", "ev"])
"""How the greetings begin that are looked at."""
_SIGNED = re.compile(r",\n+([A-Z][a-z][\w'’-]*)(?: [A-Z][\w'’-]+)?\s*$")
_THEN = re.compile(r"[,.;] (s?he)\b")
_WITH = re.compile(r" and (his|her)\b")
_RITUAL = re.compile(
    r"(?:hi|hey|hello|yo|good (?:morning|afternoon|evening)|how are|how'?s|how is|how have|i'?m (?:good|fine|well|ok)|"
    r"not (?:too )?bad|can'?t complain)\b"
)
_ASKED = re.compile(r"\b(?:how are (?:you|things)|how(?:'s| is) (?:everything|it going|life)|how have you been|hope (?:you're|you are|all is|this))")
_EMOJI = re.compile("[\u2600-\u27bf\u2b50\u2b55\U0001f000-\U0001faff]")
_BLANK = re.compile(r"\[(?:[A-Z][\w' ]{1,30}|[a-z]+ (?:name|date|time|place|address)|insert[^\]\n]{0,30})\]|<[a-z][a-z _]{2,30}>|\{\{?[\w. ]{2,30}\}\}?")
_WORD = re.compile(r"[a-zà-öø-ÿ]+(?:['’][a-z]+)?")


class Opinion(NamedTuple):
    """One critic's score of one draft, 1 to 5 with one decimal, and short sentences that an author can act on (none where nothing is wrong)."""

    critic: str
    score: float
    reasons: list[str]


def opinions(brief: Brief, draft: Draft, repetition: Repetition | None) -> list[Opinion]:
    """Consistency, realism and fluency of a draft against its brief, in that order; never raises, whatever the draft holds.

    With a `Repetition` (what the community wrote so far, this draft not among it) what is said again costs realism.
    """
    text = read(draft)
    known: list[frozenset[str]] = []

    def own() -> frozenset[str]:
        if not known:
            known.append(_own_words(brief))
        return known[0]

    kind = "organization" if brief.kind == "email" and brief.organization else brief.kind
    return [
        _opinion("consistency", consistency(brief, draft, text, own)),
        _opinion("realism", realism(kind, draft, text, repetition)),
        _opinion("fluency", fluency(text, kind, own)),
    ]


def _opinion(critic: str, flaws: Sequence[Flaw]) -> Opinion:
    if not flaws:
        return Opinion(critic, 5.0, [])
    return Opinion(critic, round(max(1.0, 5.0 - sum(cost for cost, _ in flaws)), 1), [reason for _, reason in flaws])


def _values(brief: Brief) -> list[str]:
    """Every text that a brief gives: its slots (pronouns and first words, which have a point in their names, left out), and what is to be told."""
    return [value.text for name, value in brief.slots.items() if "." not in name] + [tell.value for tell in brief.tells]


def _own_words(brief: Brief) -> frozenset[str]:
    """The lower-case words of a brief: names, values, what is spoken."""
    people = [*brief.speakers, *([brief.reader] if brief.reader else [])]
    names = [name for s in people for name in (s.given, s.family)] + [tell.about_given for tell in brief.tells]
    joined = " ".join([*names, brief.organization, *_values(brief), str(brief.spoken or "")]).lower()
    return frozenset(_WORD.findall(joined)) | {word.decode() for word in words_of(folded(joined))}


def consistency(brief: Brief, draft: Draft, text: Text, own: Own) -> list[Flaw]:
    """What contradicts the brief: amounts, clock times, weekdays, dates and codes that are not its own; greetings and signatures of nobody
    in it; good wishes at the wrong hour or season; he for a woman and she for a man.

    A value is held wrong only where the brief has values of its sort and the text names none of them.
    """
    flaws: list[Flaw] = []
    if brief.slots:
        flaws += _details(brief, text)
    flaws += _people(brief, draft, text, own)
    flaws += _hours(brief, draft, text.low)
    return flaws


def _details(brief: Brief, text: Text) -> list[Flaw]:
    whole, low = text.whole, text.low
    figures = _FIGURE.search(whole) is not None
    if not figures and "day" not in low:
        return []
    flaws: list[Flaw] = []
    values = _values(brief)
    if figures:
        if "$" in whole or "dollars" in low or "bucks" in low:
            flaws += _amounts(brief.kind, values, whole)
        flaws += _clock_times(brief, values, whole)
        flaws += _dates(values, low)
        flaws += _codes(values, whole)
    if "day" in low:
        flaws += _weekdays(brief, values, low)
    return flaws


def _cents(match: re.Match[str]) -> int:
    number = float((match.group(1) or match.group(3)).replace(",", "") or 0)
    return round(number * (100_000 if match.group(2) else 100))


def _amounts(kind: str, values: Sequence[str], whole: str) -> list[Flaw]:
    """Amounts none of which is the brief's; and, but for what an assistant may reckon, any amount to the cent that does not follow from its own."""
    given = [v for v in values if v[:1] == "$" and _AMOUNT.fullmatch(v)]
    if not given:
        return []
    true = list(dict.fromkeys(_cents(m) for m in map(_AMOUNT.fullmatch, given) if m))
    said = [(m.group(), _cents(m)) for m in _AMOUNT.finditer(whole)]
    if all(cents in true for _, cents in said):
        return []
    within = {_cents(m) for value in values for m in _AMOUNT.finditer(value)}
    wrong = [(name, cents) for name, cents in said if cents not in within and not _derived(cents, true)]
    if wrong and len(wrong) == len(said):
        return [(2.5, f'It says "{wrong[0][0]}", which is no amount of the brief (such as {given[0]}).')]
    exact = [name for name, cents in wrong if cents % 100] if kind != "chat" else []
    return [(2.0, f'It says "{exact[0]}", which does not follow from the amounts of the brief (such as {given[0]}).')] if exact else []


def _derived(cents: int, true: Sequence[int]) -> bool:
    """Whether an amount follows from true ones: rounded to whole dollars, a half, a sum or difference of two."""
    for one in true:
        if cents % 100 == 0 and abs(cents - one) <= max(100, one // 20):
            return True
        if abs(2 * cents - one) <= 1 or any(cents in (one + other, one - other) for other in true):
            return True
    return False


def _minutes(match: re.Match[str]) -> tuple[int, bool]:
    """Minutes of the day, and whether the half of the day was said."""
    hour, rest = int(match.group(1) or match.group(4)), int(match.group(2) or match.group(5) or 0)
    half = (match.group(3) or "").lower()
    return (hour % 12 + (12 if half == "p" else 0)) * 60 + rest if half else hour % 24 * 60 + rest, bool(half)


def _clock_times(brief: Brief, values: Sequence[str], whole: str) -> list[Flaw]:
    given = [v for v in values if v[:1].isdigit() and _CLOCK.fullmatch(v)]
    said = list(_CLOCK.finditer(whole)) if given else []
    if not said:
        return []
    true = {_minutes(m)[0] for value in values for m in _CLOCK.finditer(value)}
    halves = {minute % 720 for minute in true}
    for match in said:
        minute, sure = _minutes(match)
        if minute in true or (not sure and minute % 720 in halves) or abs(minute - brief.minute % DAY) <= 10:
            return []
    return [(2.0, f'It says "{said[0].group()}", but the time of the brief is {given[0]}.')]


def _day_of(match: re.Match[str]) -> tuple[str, int]:
    return (match.group(1) or match.group(4))[:3].lower(), int(match.group(2) or match.group(3))


def _dates(values: Sequence[str], low: str) -> list[Flaw]:
    given = [v for v in values if v[-1:].isdigit() and _DATE.fullmatch(v)]
    said = list(_DATE.finditer(low)) if given else []
    if not said:
        return []
    true = {_day_of(m) for value in values for m in _DATE.finditer(value)}
    if any(_day_of(m) in true for m in said):
        return []
    return [(2.0, f'It says "{said[0].group().capitalize()}", but the date of the brief is {given[0]}.')]


def _shape(code: str) -> str:
    return re.sub("[a-z]", "a", re.sub(r"\d", "0", code.lower()))


def _codes(values: Sequence[str], whole: str) -> list[Flaw]:
    given = [v for v in values if len(v) >= 5 and " " not in v and _CODE.fullmatch(v)]
    if not given:
        return []
    low = [v.lower() for v in values]
    true, shapes = [v.lower() for v in given], [_shape(v) for v in given]
    said = [m.group() for m in _CODE.finditer(whole) if len(m.group()) >= 5]
    wrong = [c for c in said if not any(c.lower() in v for v in low)]
    same = [c for c in wrong if _shape(c) in shapes]
    if not same and not any(c.lower() in true for c in said):
        same = [c for c in wrong if c.upper() == c and not c.replace("-", "").isdigit()]
    return [(2.5, f'It says "{same[0]}", but the brief has {given[0]}; copy codes to the letter.')] if same else []


def _weekdays(brief: Brief, values: Sequence[str], low: str) -> list[Flaw]:
    said = [m.group() for m in _DAY.finditer(low)]
    given = next((v for v in values if v in WEEKDAYS), None)
    if not said or given is None:
        return []
    true = {m.group().lower() for value in (*values, brief.organization) for m in _DAY.finditer(value)}
    if any(day in true for day in said):
        return []
    when = brief.slots["when"].text.lower() if "when" in brief.slots else ""
    if when and (when in low or any(word in low for word in ("today", "tonight", "tomorrow", "yesterday") if word in when)):
        return []
    return [(2.5, f'It says "{said[0].title()}", but the day of the brief is {given}.')]


@cache
def _addressees() -> tuple[frozenset[str], dict[str, list[str]]]:
    """Whom a greeting may name that is no name, and whom short names stand for."""
    reference = assets.data("data/critics/reference.yaml")
    return frozenset(reference["anyone"].split()), reference["short"]


def _is_known(name: str, own: frozenset[str], given: Sequence[str]) -> bool:
    """Whether a name is one of some words, in full or in short, or begins as one of these given names does."""
    anyone, short = _addressees()
    bare = name.lower().removesuffix("'s").removesuffix("’s").rstrip("-'’")
    if bare in own or bare in anyone or any(full in own for full in short.get(bare, ())):
        return True
    return len(bare) >= 3 and any(one[:3].lower() == bare[:3] for one in given)


def _people(brief: Brief, draft: Draft, text: Text, own: Own) -> list[Flaw]:
    flaws: list[Flaw] = []
    given = [s.given for s in brief.speakers] + ([brief.reader.given] if brief.reader else [])
    for said, writer in zip(text.texts, text.writers, strict=True) if brief.kind != "chat" else ():
        match = _GREETED.match(said) if said[:2].lower() in HEADS else None
        if match is None:
            continue
        name = match.group(1)
        if not _is_known(name, own(), given):
            flaws.append((1.5, f'It greets "{name}", who is nobody in the brief.'))
            break
        if brief.kind == "email" and given.count(name) == 1 and any(s.id == writer and s.given == name for s in brief.speakers):
            flaws.append((1.5, f'"{name}" greets themselves; greet the reader.'))
            break
    for part in draft.parts if brief.kind == "email" and brief.speakers else ():
        signed = _SIGNED.search(part.text[-60:])
        names = [name for s in brief.speakers if s.id == part.author for name in (s.given, s.family)]
        if signed and names and not _is_known(signed.group(1), frozenset(name.lower() for name in names), names):
            flaws.append((1.5, f'It is signed "{signed.group(1)}", but {names[0]} writes it.'))
            break
    return flaws + _pronouns(brief, text.low)


def _pronouns(brief: Brief, low: str) -> list[Flaw]:
    """He for a woman, she for a man: only right behind a name that is not spoken to, and with nobody else there whom it could mean."""
    if not brief.slots and not any(tell.about_given for tell in brief.tells):
        return []
    found = [(m.group(1), low[max(0, m.start() - 40) : m.start()]) for pattern in (_THEN, _WITH) for m in pattern.finditer(low)]
    if not found:
        return []
    sexes: dict[str, str] = {}
    for name, sex in [*((t.about_given, t.about_sex) for t in brief.tells), *((s.given, s.sex) for s in brief.speakers), *_cast(brief)]:
        if name:
            sexes[name.lower()] = sex if sexes.get(name.lower(), sex) == sex else ""
    listening = {s.given.lower() for s in brief.speakers}
    for pronoun, before in found:
        said = before.split()
        while said and said[-1] in ("today", "yesterday", "again", "tonight"):
            said.pop()
        name = said[-1] if said else ""
        sex = "female" if pronoun in ("she", "her") else "male"
        if sexes.get(name) not in ("male", "female") or sexes[name] == sex or name in listening:
            continue
        if not any(other_sex == sex and other in low for other, other_sex in sexes.items()):
            return [(1.5, f'It says "{pronoun}" of {name.title()}, who is {sexes[name]}.')]
    return []


def _cast(brief: Brief) -> list[tuple[str, str]]:
    """The people of a brief's slots with their sex, told by the pronouns that go with them."""
    sexes = {"he": "male", "she": "female"}
    return [(brief.slots[n[:-3]].text, sexes[v.text]) for n, v in brief.slots.items() if n.endswith(".he") and v.text in sexes and n[:-3] in brief.slots]


def _hours(brief: Brief, draft: Draft, low: str) -> list[Flaw]:
    """Greetings at the wrong hour, wishes in the wrong month, a happy Friday on another day."""
    reference = assets.data("data/critics/reference.yaml")
    if "good " in low:
        for part in draft.parts:
            for said, after in [(part.text, 0), *((turn.text, turn.after) for turn in part.turns)]:
                hour, head = (brief.minute + part.after + after) % DAY // 60, said[:14].lower()
                for greeting, (first, last) in reference["hours"].items():
                    if head.startswith(greeting) and not first <= hour <= last:
                        return [(1.5, f'It opens with "{greeting}" at {hour} o\'clock.')]
    if "merry " in low or "happy " in low:
        for wish, months in reference["wishes"].items():
            if wish in low and brief.month not in months:
                return [(1.5, f'It wishes a "{wish}" in {MONTHS[(brief.month - 1) % 12]}.')]
        for number, day in enumerate(WEEKDAYS):
            if f"happy {day.lower()}" in low and number != brief.weekday:
                return [(1.2, f"It wishes a happy {day} on a {WEEKDAYS[brief.weekday % 7]}.")]
    return []


@lru_cache(maxsize=4096)
def tail(count: int, of: int, share: float) -> float:
    """The chance that `count` or more of so many independent texts do what one does with this probability (binomial)."""
    if of > 200:  # as of 200 at the same rate: powers of more would overflow
        count, of = count * 200 // of, 200
    return sum(comb(of, k) * share**k * (1 - share) ** (of - k) for k in range(count, of + 1))


def realism(kind: str, draft: Draft, text: Text, repetition: Repetition | None) -> list[Flaw]:
    """What real texts of the kind do not do: lengths, number of turns, exclamations, emoji and questions out in the tail of real ones;
    what only assistants write; what the community has read before; turns cut to one length or in strict question and answer."""
    flaws = _lengths(kind, text)
    flaws += _rates(kind, text)
    flaws += _assistant_speak(kind, text)
    if len(text.turns) > 3 and kind == "message":
        flaws += _manner(text.turns)
    if repetition is not None:
        for problem in _repeated(draft, repetition):
            flaws.append((1.5 if problem.code == "repeated" else 1.1, f"{problem.text[:1].upper()}{problem.text[1:]}; say it in another way."))
    return flaws


def _repeated(draft: Draft, repetition: Repetition) -> list[Problem]:
    try:
        return repetition.problems(fingerprints(draft))
    except UnicodeEncodeError:  # half a character: fluency says so
        return []


def _lengths(kind: str, text: Text) -> list[Flaw]:
    reference = assets.data("data/critics/reference.yaml")
    flaws: list[Flaw] = []
    for which in (kind, ASSISTANT) if kind == "chat" else (kind,):
        bounds: dict[str, Any] | None = reference["length"].get(which)
        if bounds is None:
            continue
        rare, rarer = bounds["words"]
        texts = text.texts
        if kind == "chat":
            texts = [t for t, writer in zip(texts, text.writers, strict=True) if (writer == ASSISTANT) == (which == ASSISTANT)]
        counts = [t.count(" ") + t.count("\n") + 1 for t in texts if len(t) > 2 * rare]
        longest = max(counts, default=0)
        unit = bounds["unit"]
        if longest > 2 * rarer:
            flaws.append((1.5, f"A {unit} has {longest} words, far more than 99 in 100 real ones ({rarer} at most)."))
        elif longest > rarer and tail(sum(c > rarer for c in counts), len(texts), 0.01) <= 0.05:
            flaws.append((1.1, f"A {unit} has {longest} words; 99 in 100 real ones have {rarer} at most."))
        elif longest > rare and tail(sum(c > rare for c in counts), len(texts), 0.05) <= 0.01:
            flaws.append((1.1, f"Too many long {unit}s: 95 in 100 real ones have {rare} words at most."))
    if kind in reference["turns"]:
        rare, rarer = reference["turns"][kind]
        count = len(text.turns)
        if count > rare:
            cost = 1.5 if count > 2 * rarer else 1.1 if count > rarer else 0.3
            flaws.append((cost, f"It has {count} turns; 95 in 100 real sittings have {rare} at most, 99 have {rarer}."))
    return flaws


def _rates(kind: str, text: Text) -> list[Flaw]:
    """Exclamations, emoji and questions, held against how often real turns have them."""
    shares = assets.data("data/critics/reference.yaml")["share"]
    own = text.texts if kind != "chat" else _by_people(text)
    flaws: list[Flaw] = []
    if text.whole.count("!") > 2:
        loud, count = sum("!" in t for t in own), len(own)
        if kind not in ("message", "chat"):
            loud, count = sum(t.count("!") for t in own), sum(t.count(".") + t.count("!") + t.count("?") for t in own)
        chance = tail(loud, count, shares["exclaim"])
        if chance <= 0.005 and loud > 2:
            flaws.append((1.1 if chance <= 0.0005 else 0.5, f"{loud} exclamations in {count} are more than people write; keep one or two."))
    if not text.whole.isascii():
        lit, count = sum(1 for t in own if _EMOJI.search(t)), len(own)
        if kind in ("message", "chat") and lit > 2 and tail(lit, count, shares["emoji"]) <= 0.002:
            flaws.append((1.1, f"{lit} of {count} turns have emoji; most people put one in twelve."))
        if len(_EMOJI.findall(text.whole)) > 6 + 2 * count:
            flaws.append((1.1, "It is full of emoji; keep one or two."))
    if kind == "message" and len(own) > 5 and 2 * text.whole.count("?") > len(own):
        asked = sum("?" in t for t in own)
        if tail(asked, len(own), shares["question"]) <= 0.001:
            flaws.append((1.1, f"{asked} of {len(own)} turns ask something; real ones do in 36 of 100. Let people simply tell."))
    return flaws


def _by_people(text: Text) -> list[str]:
    return [t for t, writer in zip(text.texts, text.writers, strict=True) if writer != ASSISTANT]


class _Telling(NamedTuple):
    """Phrases by their longest word, each with its list and what it costs; and how an assistant's texts begin."""

    phrases: dict[bytes, list[tuple[str, str]]]
    begins: tuple[str, ...]


@cache
def _telling() -> _Telling:
    reference = assets.data("data/critics/reference.yaml")
    phrases: dict[bytes, list[tuple[str, str]]] = {}
    for name in ("placeholder", "machine", "stiff", "begins"):
        for phrase in reference[name]:
            phrases.setdefault(max(reversed(words_of(phrase)), key=len), []).append((name, phrase))
    return _Telling(phrases, tuple(reference["begins"]))


def _assistant_speak(kind: str, text: Text) -> list[Flaw]:
    """Placeholders that nobody filled in, and what assistants write where people do not."""
    flaws: list[Flaw] = []
    telling = _telling()
    texts = text.texts if kind != "chat" else _by_people(text)
    low, whole = (text.low, text.whole) if kind != "chat" else ("\n".join(texts).lower(), "\n".join(texts))
    blank = _BLANK.search(whole) if "[" in whole or "{" in whole or "<" in whole else None
    found = [("placeholder", blank.group())] if blank else []
    for word in sorted(telling.phrases.keys() & text.words):
        found += [(name, phrase) for name, phrase in telling.phrases[word] if phrase in low]
    if any(name == "begins" for name, _ in found):
        found += [("machine", b) for said in texts for b in telling.begins if said[:32].lower().startswith(b)]
    for name, first, each in (("placeholder", 1.0, 2.0), ("machine", 1.2, 0.8), ("stiff", 0.3, 0.7)):
        said_so = [phrase for listed, phrase in found if listed == name] if name != "stiff" or kind != "organization" else []
        if said_so:
            what = "is a placeholder; write what belongs there" if name == "placeholder" else "is what an assistant writes; say it as this person would"
            flaws.append((min(3.0, first + each * len(said_so)), f'"{said_so[0]}" {what}.'))
    if low.count("**") > 1 or "\n## " in low or low.startswith("# "):
        flaws.append((1.5, "It is marked up; nobody's messages are in Markdown."))
    return flaws


def _manner(turns: Sequence[Turn]) -> list[Flaw]:
    """Turns cut to one length, strict question and answer, greetings without end, a turn said twice."""
    flaws: list[Flaw] = []
    said = [t.text for t in turns]
    count = len(said)
    words = [text.count(" ") + 1 for text in said]
    mean = sum(words) / count
    if count >= 6 and mean >= 3 and max(words) < 1.5 * mean and sum([(w - mean) ** 2 for w in words]) <= count * (0.12 * mean) ** 2:
        flaws.append((1.1, f"Every turn is as long as the next ({mean:.0f} words); real ones differ by far."))
    asks = ["?" in text for text in said]
    strict = (all(asks[::2]) and not any(asks[1::2])) or (all(asks[1::2]) and not any(asks[::2]))
    if count >= 6 and strict and all(a.speaker != b.speaker for a, b in pairwise(turns)):
        flaws.append((1.1, "One only asks and the other only answers, in strict turns; let both tell something."))
    first = said[0].lower()
    if _RITUAL.match(first):
        rituals = next((i for i, text in enumerate(said) if not _RITUAL.match(text.lower())), count)
        if rituals >= 4:
            flaws.append((0.6, f"{rituals} turns of greetings before anything is said; real sittings come to the point."))
        elif len(first) > 30 and _ASKED.search(first):
            flaws.append((0.6, "It opens with a full greeting; 73 to 85 in 100 real sittings start with what there is to say."))
    if len(set(said)) < count:
        longer = [text for text, n in zip(said, words, strict=True) if n > 3]
        if len(set(longer)) < len(longer):
            flaws.append((1.1, "Somebody says the same turn twice."))
    return flaws
