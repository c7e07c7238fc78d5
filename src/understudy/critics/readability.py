"""Can it be read: what counting can say of a text's words, marks and sentences, without understanding any of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from itertools import islice
from operator import eq
from typing import NamedTuple

from understudy import assets
from understudy.model.briefs import Draft, Turn

Flaw = tuple[float, str]
"""What a flaw costs, in points of a score, and one sentence that an author can act on."""
Own = Callable[[], frozenset[str]]
"""The lower-case words of a brief, made when they are asked for."""
LETTERS = "abcdefghijklmnopqrstuvwxyz"
NEVER = -3
"""What a pair of letters counts that never stands in a word: log2 of less than one in 10,000, against one in 27."""
ALIKE = ((24, 5.2), (12, 5.0), (6, 4.3))
"""A text's mean likeness below which its letters are noise, by how many pairs it has at least (our estimate, from what was measured).

Of 10,156 drafts of grammars none with 12 pairs or more lay below 5.2; three words of random letters lie at 3.5, one in a hundred above 5.3."""
UNCONNECTED = 5.4
"""The same for three words or more of which none is common (measured: real ones lie above 5.4, three random words of 2 to 8 letters below it in 99 of 100)."""
LEAST = (0.0, 0.0, 0.0, 2.9, 3.9, 4.3, 4.6, 4.8, 4.95)
"""A word's mean likeness by its length (the last holds on): about 995 in 1,000 of this project's words lie above; of random ones from
six letters on, under one in six does."""
LONGEST = 60
"""Words of a sentence that nobody follows (our estimate; plain English guides ask for 20)."""
EASY = 5.6
"""Characters a word, spaces and marks counted, below which a text is not measured: words of 4.4 letters read at 60 or more in sentences of up to 25 words."""
_ADDRESS = re.compile(r"\b(?:https?://|www\.)\S+|[\w.+-]{1,64}@[\w-]+(?:\.\w+)+")
_PLACE = re.compile(r"\d+(?:st|nd|rd|th|s|k|x|ft|in|oz|lbs?|min|hrs?|mph|mg|kg|gb|mb|pm|am|cm|mm|km|ml|yo|yrs?|ish|p|g|w|v|hz|mp)")
_OUTSIDE = re.compile(r"[^\x00-\x7f]+")
_TIGHT = re.compile(r"[a-z]{2},[a-z]{2}")
_JOINED = re.compile(r"[a-z]{2}[.?!][A-Z][a-z]")
_SHARE = re.compile(r"[A-Za-z]{2}%")
_STOPPED = re.compile(r"[?!]\.(?![.\w])")
_TWICE = re.compile(r"\b([A-Za-z]{2,}|I) \1\b", re.IGNORECASE)
_SENTENCE = re.compile(r"[.!?…]+[\"'”’)\]]*(?:\s+|$)|\n+")
_SMILE = re.compile(r"[:;=8xX][-'^o]?[()\[\]]+|[()]+[-']?[:;=](?!\w)|(?:^|(?<=\s))(?:\d{1,2}|[a-zA-Z])\)")
_INCHES = re.compile(r"\d\"")
_VOWELS = re.compile(r"[aeiouy]+")
APART = bytes(c if chr(c).isalnum() and c < 128 else 32 for c in range(256))
"""A space for every byte that parts words."""
LOOSE = frozenset([",", ";", "."])
"""Marks that stand by themselves nowhere in written English."""
TOGETHER = (",,", ",.", ",;", ",!", ",?", ";;", ";.", ";,", ":::", "......", "!!!!!!", "??????")
"""Marks that do not follow each other."""
DOMAINS = (".com", ".org", ".net", ".example", ".test")
BROKEN = ("â€", "Ã©", "Ã¨", "Â ", "\ufffd", "&amp;", "&nbsp;", "&#39;", "&quot;", "\\n", "\\u")
"""What wrong encodings and double escapes leave in a text."""
MARKS = bytes(c for c in range(33, 127) if not chr(c).isalnum())
LETTERS_ALONE = frozenset(bytes([c]) for c in b"bcdefghjlmpqstvwz")
"""Letters that stand for no word when they stand alone."""
PROSE = ("message", "chat", "email", "organization")
"""Kinds that are written in sentences; the others are lists."""


class Text(NamedTuple):
    """A draft as it is read: everything in lines, the same in lower case, its words; each text by itself, its writer; its turns; the texts
    that must come to an end (turns after which somebody else speaks, bodies)."""

    whole: str
    low: str
    words: list[bytes]
    texts: list[str]
    writers: list[str]
    turns: list[Turn]
    ends: list[str]


def read(draft: Draft) -> Text:
    """All that can be read of a draft, in the order of its parts; a title that only repeats its text is left out."""
    lines: list[str] = []
    texts: list[str] = []
    writers: list[str] = []
    turns: list[Turn] = []
    ends: list[str] = []
    for part in draft.parts:
        if part.title and part.title != part.text:
            lines.append(part.title)
        if part.text:
            lines.append(part.text)
            texts.append(part.text)
            writers.append(part.author)
            ends.append(part.text)
        if part.turns:
            turns += part.turns
            said = [turn.text for turn in part.turns]
            who = [turn.speaker for turn in part.turns]
            texts += said
            writers += who
            ends += [text for text, one, following in zip(said, who, [*who[1:], ""], strict=True) if one != following]
    whole = "\n".join([*lines, *[turn.text for turn in turns]] if turns else lines)
    return Text(whole, whole.lower(), words_of(whole), texts, writers, turns, ends)


def words_of(plain: str) -> list[bytes]:
    """A text's lower-case words and figures: runs of ASCII letters and digits, apostrophes dropped (one pass in C)."""
    return plain.lower().encode("ascii", "replace").translate(APART, b"'").split()


class Words(NamedTuple):
    """What is known of words: likeness by pairs of letters, short forms, the commonest words (without their apostrophes), words that are said twice in a row
    on purpose, words that end no finished sentence."""

    pairs: dict[str, int]
    brief: frozenset[bytes]
    common: frozenset[bytes]
    twice: frozenset[str]
    dangling: frozenset[str]


@cache
def known() -> Words:
    """The tables of `data/critics/reference.yaml` as they are looked up."""
    reference = assets.data("data/critics/reference.yaml")
    edged = LETTERS + " "
    pairs = {a + b: int(row[j]) or NEVER for a, row in zip(edged, reference["pairs"], strict=True) for j, b in enumerate(edged)}
    brief, common = (frozenset(reference[name].replace("'", "").encode().split()) for name in ("brief", "common"))
    twice, dangling = (frozenset(reference[name].split()) for name in ("twice", "dangling"))
    return Words(pairs, brief, common, twice, dangling)


@lru_cache(maxsize=32768)
def likeness(word: str) -> tuple[int, int]:
    """The sum of the likeness of a word's pairs of letters (lower-case ASCII; its edges count), and how many pairs."""
    pairs = known().pairs
    edged = f" {word} "
    return sum(pairs.get(edged[i : i + 2], NEVER) for i in range(len(edged) - 1)), len(edged) - 1


def is_word(token: bytes) -> bool:
    """Whether a lower-case token could be a word or a figure: a short form that is known, or letters that follow each other as in words."""
    if len(token) < 3 or token.isdigit() or token in known().brief:
        return len(token) < 26
    word = token.decode()
    if not word.isalpha():
        return len(word) == 3 or _PLACE.fullmatch(word) is not None  # h2o, gr8
    if len(word) > 25:
        return False
    if not _VOWELS.search(word):
        return len(set(word)) <= 2  # hmm, pfff
    total, count = likeness(word)
    return total >= LEAST[min(len(word), len(LEAST) - 1)] * count


@lru_cache(maxsize=32768)
def syllables(word: bytes) -> int:
    """Syllables of a lower-case word: runs of vowels, less a silent e; right for about nine words in ten (our estimate)."""
    text = word.decode()
    count = len(_VOWELS.findall(text))
    if count > 1 and text.endswith("e") and not text.endswith(("le", "ee", "ye")):
        count -= 1
    return max(1, count)


_FINE: set[str] = set()
"""Tokens (as they stand between spaces) once found to be words with their marks in place, so that a text's few others are found by one
subtraction; what is in it changes no answer."""


def doubtful(whole: str) -> list[str]:
    """A text's tokens in which something is no word or some mark stands wrong, in their order."""
    tokens = whole.split()
    fresh = set(tokens) - _FINE
    if not fresh:
        return []
    if len(_FINE) > 60000:
        _FINE.clear()
    bad = {token for token in fresh if _misplaced(token) or not all(map(is_word, words_of(token)))}
    _FINE.update(token for token in fresh - bad if len(token) <= 40)
    return [token for token in tokens if token in bad] if bad else []


def _misplaced(token: str) -> str:
    """The marks that stand wrong in one token, or nothing."""
    if token in LOOSE:
        return f" {token}"
    for mark in TOGETHER:
        if mark in token:
            return mark
    for pattern in (_TIGHT, _JOINED, _STOPPED, _SHARE):
        found = pattern.search(token)
        if found is not None and not token.lower().endswith(DOMAINS):
            return found.group()
    return ""


def fluency(text: Text, kind: str, own: Own) -> list[Flaw]:
    """The flaws of one draft's text: characters, words, marks and sentences; `kind` names the artifact. Words of the brief are words
    whatever they look like; for them is asked only if something looks like none."""
    whole, words = text.whole, text.words
    if not whole.strip():
        return [(4.0, "There is nothing to read.")]
    outside = "" if whole.isascii() else "".join(_OUTSIDE.findall(whole))
    flaws = _characters(whole, outside)
    plain = folded(whole) if any(map(str.isalpha, outside)) else whole
    if "’" in outside:
        plain = plain.replace("’", "'")
    if "@" in plain or "://" in plain or "www." in plain:
        plain = _ADDRESS.sub(" ", plain)
    if plain is not whole:
        words = words_of(plain)
    doubts = doubtful(plain)
    noise = _marks(whole, plain, outside, words) or _noise(whole, words, doubts, kind, own)
    flaws += noise + _punctuation(whole, words, doubts)
    if kind in PROSE and not any(cost >= 3 for cost, _ in noise):
        flaws += _sentences(whole, words, kind) + _endings(text.ends, kind)
    return flaws


def folded(text: str) -> str:
    """A text with its accents off, so that José and naïve are judged by their letters."""
    return "".join([c for c in unicodedata.normalize("NFD", text) if not "\u0300" <= c <= "\u036f"])


def _characters(whole: str, outside: str) -> list[Flaw]:
    """Characters that cannot be seen, and what broken encodings leave."""
    flaws: list[Flaw] = []
    if not whole.replace("\n", "").isprintable():
        hidden = [c for c in whole if not c.isprintable() and c not in "\n\t" and _unseen(c)]
        if hidden:
            named = ", ".join(dict.fromkeys(f"U+{ord(c):04X}" for c in hidden[:5]))
            flaws.append((2.0 if len(hidden) < 3 else 4.0, f"It holds characters that cannot be printed ({named}); take them out."))
    if outside or "&" in whole or "\\" in whole:
        scraps = [scrap for scrap in BROKEN if scrap in whole]
        if scraps:
            flaws.append((2.0, f'It holds what a broken encoding leaves ("{scraps[0]}"); write the character itself.'))
    return flaws


def _unseen(char: str) -> bool:
    category = unicodedata.category(char)
    return category in ("Cc", "Cs", "Co") or (category == "Cn" and not 0x1F000 <= ord(char) <= 0x1FAFF) or char in "\ufeff\u200b"


def _marks(whole: str, plain: str, outside: str, words: Sequence[bytes]) -> list[Flaw]:
    """Marks, figures or letters of other scripts where words should stand."""
    if 10 * len(outside) > len(whole):
        if 10 * sum(1 for c in outside if c <= "\u024f" and not c.isalpha()) > len(whole):
            return [(4.0, "Marks stand where letters should; write words.")]
        letters = sum(map(str.isalpha, plain))
        if sum(1 for c in plain if c > "\u00ff" and c.isalpha()) > 0.3 * letters:
            return [(3.0, "Most of it is in letters other than Latin ones, which cannot be judged here; write it in English.")]
    raw = whole.encode("ascii", "ignore")
    if len(raw) >= 10 and len(raw.translate(None, MARKS)) < 0.75 * len(raw):
        return [(4.0, "Marks stand where letters should; write words.")]
    if len(raw) > 14 and words and all(word.isdigit() for word in words[:3]) and all(map(bytes.isdigit, words)) and sum(map(len, words)) > 14:
        return [(3.0, "It is all figures; write words.")]
    return []


def _noise(whole: str, words: Sequence[bytes], doubts: Sequence[str], kind: str, own: Own) -> list[Flaw]:
    """Letters that are no words."""
    common, brief = known().common, known().brief
    strange = [word.decode() for token in doubts for word in words_of(token) if not is_word(word)]
    if strange:
        mine = own()
        strange = [w for w in strange if w not in mine and w.removesuffix("s") not in mine]
        coded = [w for w in strange if not w.isalpha() and len(w) < 13 and w.upper() in whole]
        if len(set(coded)) < 3 and not common.isdisjoint(words):  # a code among words is no noise; nothing but such tokens is
            strange = [w for w in strange if w not in coded]
    if len(whole) < 4.5 * len(words):
        single = [w.decode() for w in words if len(w) == 1 and w in LETTERS_ALONE]
        strange += single if len(single) > 2 and 4 * len(single) > len(words) else []
    share = sum(map(len, strange)) / max(1, sum(map(len, words))) if strange else 0.0
    named = ", ".join(dict.fromkeys(w[:30] for w in strange[:4]))
    connected = kind not in PROSE or len(words) < 3 or not common.isdisjoint(words) or not brief.isdisjoint(words)
    if share > 0.1 or not connected or len(words) < 3:
        judged = [likeness(w[:30].decode()) for w in words if len(w) > 1 and w.isalpha() and w not in brief]
        pairs = sum(n for _, n in judged)
        least = UNCONNECTED if not connected and pairs >= 12 else next((low for few, low in ALIKE if pairs >= few), 0.0)
        if sum(total for total, _ in judged) < least * pairs:
            sample = named or b" ".join(words[:3]).decode()[:30]
            return [(4.0, f"Its letters do not follow each other as in words ({sample}); write English.")]
    if len(strange) == 1 and len(strange[0]) < 8:
        return []  # slang that nobody listed, or a brand
    if share >= 0.3:
        return [(4.0 if share >= 0.5 else 3.2, f"Most of this is no words: {named}.")]
    if share >= 0.1 and len(strange) >= 3:
        return [(1.5, f"Several tokens are no words: {named}.")]
    return []


def _punctuation(whole: str, words: Sequence[bytes], doubts: Sequence[str]) -> list[Flaw]:
    """Marks in the wrong place, words said twice, quotes and brackets that do not close."""
    flaws: list[Flaw] = []
    broken = [token for token in doubts if _misplaced(token)]
    if broken:
        flaws.append((min(1.5, 0.4 + 0.6 * len(broken)), f'The punctuation is broken at "{broken[0][:40]}".'))
    if any(map(eq, words, islice(words, 1, None))):
        doubled = [m.group(1) for m in _TWICE.finditer(whole) if m.group(1).lower() not in known().twice and (not m.group(1)[0].isupper() or m.group(1) == "I")]
        if doubled:
            flaws.append((min(2.0, 1.1 * len(doubled)), f'"{doubled[0]}" stands twice in a row.'))
    if "(" in whole or ")" in whole or "[" in whole:
        bare = _SMILE.sub("", whole)  # where either way of reading it closes, it closes
        if any(whole.count(o) != whole.count(c) and bare.count(o) != bare.count(c) for o, c in ("()", "[]")):
            flaws.append((1.1, "A bracket is opened and not closed, or closed and not opened."))
    if whole.count('"') % 2 and _INCHES.sub("", whole).count('"') % 2:
        flaws.append((1.1, "A quotation mark has no partner."))
    if whole.count("“") != whole.count("”"):
        flaws.append((1.1, "A quotation mark has no partner."))
    return flaws


def _sentences(whole: str, words: Sequence[bytes], kind: str) -> list[Flaw]:
    """Sentences without end, prose that reads too hard for its kind, prose without common words."""
    flaws: list[Flaw] = []
    count, common = len(words), known().common
    if count >= 12 and common.isdisjoint(words[:12]) and sum(map(common.__contains__, words)) < 0.06 * count:
        flaws.append((1.2, "It has hardly any of the small common words that connect English prose."))
    if count < 20:
        return flaws
    if count > LONGEST and max(map(len, whole.split("\n"))) > 3 * LONGEST:
        longest = max([s.count(" ") + 1 for s in _SENTENCE.split(whole)], default=0)
        if longest > LONGEST:
            flaws.append((1.2, f"A sentence runs on for {longest} words; break it up."))
    floors = assets.data("data/critics/reference.yaml")["ease"].get(kind)
    if floors and len(whole) > EASY * count:
        stops = sum(map(whole.count, (". ", "? ", "! ", "\n"))) - whole.count("\n\n") + 1
        ease = reading_ease(words, stops)
        low, least = floors
        if ease < low:
            reason = f"It reads harder ({ease:.0f} by Flesch) than people write this ({low} or more); use shorter words and sentences."
            flaws.append((1.2 if ease < least else 0.5, reason))
    return flaws


def reading_ease(words: Sequence[bytes], sentences: int) -> float:
    """Flesch's reading ease of lower-case words in so many sentences (R. Flesch 1948): 206.835 - 1.015 words a sentence - 84.6 syllables a word."""
    count = max(1, len(words))
    return 206.835 - 1.015 * count / max(1, sentences) - 84.6 * sum(map(syllables, words)) / count


def _endings(ends: Sequence[str], kind: str) -> list[Flaw]:
    """Texts that stop in the middle."""
    for text in ends:
        if text[-1:] in ".!?…":
            continue
        bare = text.rstrip()
        word = bare[bare.rfind(" ") + 1 :]
        if word.lower() in known().dangling and bare.count(" ") >= 2 and not bare.lower().endswith("oh my"):
            return [(1.5, f'A text ends with "{word}", in the middle of a sentence.')]
        if bare[-1:] in ",-–—([" and bare.count(" ") >= 2:
            return [(1.1, f'A text ends with "{bare[-1]}", in the middle of a sentence.')]
        if kind != "message" and word.islower() and word.isalpha() and _cut_off(bare):
            return [(1.2, f'A text breaks off after "{word}".')]
    return []


def _cut_off(text: str) -> bool:
    """Whether the last line is a sentence without its end, where every other sentence has one."""
    line = text.rsplit("\n", 1)[-1]
    if len(text) < 160 or line.count(" ") < 7:
        return False
    words = _SENTENCE.split(line)[-1].lower().encode("ascii", "ignore").translate(APART, b"'").split()
    return sum(1 for w in words if w in known().common) >= 3 and len(_SENTENCE.findall(text)) >= 3
