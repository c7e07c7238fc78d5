"""A person's voice: drawn once, by age and schooling, and laid over everything that the person writes.

Grammars are written in standard English. A voice lowers the case, drops stops, respells common words, adds an emoji or a pet
phrase, puts small things in the person's own way (`ways.py`), joins or splits sentences. It changes only the grammar's own words,
never a value, so that what is revealed stays where it was put.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from understudy.engine.grammar import Mark
from understudy.language import ways
from understudy.rng import Stream

SHORT = {
    "you": "u", "your": "ur", "are": "r", "because": "bc", "with": "w", "please": "pls", "people": "ppl", "tomorrow": "tmrw", "tonight": "tn",
    "probably": "prob", "really": "rly", "okay": "ok", "though": "tho", "thanks": "thx", "message": "msg", "about": "abt", "something": "smth",
    "minutes": "min", "hours": "hrs", "want to": "wanna", "going to": "gonna", "have to": "gotta", "see you": "see ya", "I am": "im",
    "kind of": "kinda", "do not know": "dunno", "know": "kno", "what": "wut",
}  # fmt: skip
SLIPS = {
    "definitely": "definately", "separate": "seperate", "their": "thier", "until": "untill", "tomorrow": "tommorow", "believe": "beleive",
    "receive": "recieve", "weird": "wierd", "a lot": "alot", "which": "wich", "really": "realy", "coming": "comming", "because": "becuase",
    "probably": "probly", "friend": "freind", "should have": "should of", "finally": "finaly",
}  # fmt: skip
EMOJI = {
    "child": "😂 😜 🙃 🐶 ⚽ 🎮 😎 🤪", "teen": "😭 💀 😂 🙏 😩 👀 🔥 🫶", "young": "😂 😭 🙏 😅 👀 ✨ 🙃 💛",
    "mid": "😂 🙂 👍 😅 😬 ❤️ 🙄 🤞", "old": "🙂 👍 ❤️ 😊 😂 🙏 🌷 ☕",
}  # fmt: skip
PET = {
    "teen": ["lowkey", "literally", "ngl", "fr", "bruh", "lol", "tho", "like actually", "idk", "lmao", "istg"],
    "young": ["honestly", "tbh", "lol", "ngl", "haha", "though", "lmao", "I guess", "somehow", "so yeah"],
    "mid": ["honestly", "anyway", "haha", "oh well", "lol", "though", "I guess", "I think", "so there", "apparently"],
    "old": ["you know", "as they say", "oh my", "goodness", "I suppose", "so there you are", "of all things", "mind you", "Lord knows"],
    "child": ["haha", "omg", "lol", "hehe", "and stuff", "hahaha"],
}
OPENERS = {
    "teen": ["ok so", "wait", "I mean", "bro", "no but", "literally", "so like", "ok but", "also"],
    "young": ["ok so", "honestly", "I mean", "so", "wait", "tbh", "also", "ok but", "man,"],
    "mid": ["so", "well,", "honestly,", "I mean,", "look,", "okay,", "anyway,", "yeah,", "see,", "hey,"],
    "old": ["well,", "now,", "oh,", "you see,", "I tell you,", "anyhow,", "so,", "my,"],
    "child": ["um", "so", "guess what", "wait", "and", "ok"],
}
"""How some people begin a sentence now and then; only before words that can lose their capital."""
_MIDDLE = "It It's That That's The They They're There There's This We We're We've You You're He She My Your Our Now Everything Nothing"
_GOES_ON = """What Did Do Does Are Is Was Were Have Has Can Could Should Would Will How Why Where When Who Which Not No And But So Or If Then Also Just Still
Maybe Probably Don't Didn't Can't Won't Isn't Wasn't Somebody Someone Nobody Everybody A An In On At By For From With After Before Once Until Two Three One Some
Everyone Anything Get Change Look People Don Didn Can Won Isn Wasn Any All Looks Sounds Seems Feels Going Got Need Want Wanna Went Left Found Made Put Took Sorry Thanks Good Great Nice Wait Oh Well Yes Yeah Okay Ok Let Tell Ask"""
MIDDLE = frozenset(_MIDDLE.split())
"""First words of a statement that can stand after an opener."""
GOES_ON = MIDDLE | frozenset(_GOES_ON.split())
"""First words that lose their capital behind a comma."""
JOINTS = {"child": " | |, |", "teen": "| | |, ", "young": "||, | - |... ", "mid": "|||. | - |... |, ", "old": "||. | - |... |... "}
"""What some people put between two sentences of one message where the first has no mark at its end ("": a stop)."""
SIGNOFFS = ("Best", "Thanks", "Cheers", "Take care", "Love", "Talk soon", "Regards", "All the best", "Yours", "Until then", "")
HABITS: dict[str, dict[str, float]] = {
    "expand": {"old": 0.32, "mid": 0.14, "young": 0.05, "teen": 0.02, "child": 0.05},
    "digits": {"old": 0.3, "mid": 0.5, "young": 0.6, "teen": 0.7, "child": 0.6},
    "stretch": {"old": 0.04, "mid": 0.1, "young": 0.28, "teen": 0.35, "child": 0.4},
    "amp": {"old": 0.12, "mid": 0.14, "young": 0.1, "teen": 0.08, "child": 0.05},
}
"""How many people of an age have a habit of spelling at all (our estimate)."""


def age_band(age: int) -> str:
    """child, teen, young, mid or old, as grammars' conditions name them."""
    return "child" if age < 13 else "teen" if age < 18 else "young" if age < 30 else "mid" if age < 60 else "old"


def draw_voice(rng: Stream, age: int, education: str, sex: str, region: str = "") -> dict[str, Any]:
    """How a person writes; rates are per sentence. `region` is northeast, midwest, south or west, or "" where it is not known. The age
    gradients are our estimate, after the SMS corpora (NUS: 41 % of messages end without a stop, 54 % among US writers; 14 % of those
    hold textese)."""
    band = age_band(age)
    schooling = {"graduate": 0.15, "bachelor": 0.1, "less than high school": -0.1}.get(education, 0.0)
    formality = min(1.0, max(0.0, rng.normal({"child": 0.15, "teen": 0.15, "young": 0.3, "mid": 0.5, "old": 0.65}[band] + schooling, 0.15)))
    loose = 1.0 - formality
    respell = {"child": 0.25, "teen": 0.5, "young": 0.3, "mid": 0.12, "old": 0.05}[band]
    drop = {"child": 0.6, "teen": 0.85, "young": 0.75, "mid": 0.5, "old": 0.25}[band]
    voice = {
        "formality": round(formality, 2),
        "wordiness": round(min(1.0, max(0.0, rng.normal(0.5 + (0.12 if age >= 60 else 0.0) - (0.15 if age < 18 else 0.0), 0.22))), 2),
        "lower": rng.chance({"child": 0.3, "teen": 0.7, "young": 0.4, "mid": 0.12, "old": 0.05}[band] * (0.5 + loose / 2)),
        "drop_stops": rng.chance(drop),
        "apostrophes": not rng.chance(respell * 0.8),
        "emoji_rate": round(max(0.0, rng.normal({"child": 0.1, "teen": 0.08, "young": 0.08, "mid": 0.05, "old": 0.04}[band], 0.05)), 3),
        "emoji": rng.some(EMOJI[band].split(" "), 3),
        "exclaim_rate": round(min(0.5, max(0.0, rng.normal(0.12 if sex == "female" else 0.07, 0.08))), 3),
        "short": sorted(rng.some(list(SHORT), rng.whole(3, 9))) if rng.chance(respell) else [],
        "slips": sorted(rng.some(list(SLIPS), rng.whole(1, 3))) if rng.chance(0.35 - schooling) else [],
        "pet": rng.some(PET[band], 2) if rng.chance(0.7) else [],
        "pet_rate": round(rng.between(0.02, 0.09), 3),
        "ellipsis": rng.chance({"old": 0.25, "mid": 0.1}.get(band, 0.04)),
        "signoff": rng.pick(SIGNOFFS),
    }
    voice.update(_habits(rng, band, formality, region))
    return voice


def _habits(rng: Stream, band: str, formality: float, region: str) -> dict[str, Any]:
    """What tells one writer from another of the same age: own ways, spelling habits, openers, punctuation, long turns or short ones."""
    loose = 1.0 - formality
    habits = {name: round(rng.between(0.3, 0.9), 2) for name, shares in HABITS.items() if rng.chance(shares[band])}
    return {
        "age": band, "region": region, "ways": rng.whole(0, 2**30), "habits": habits,
        "joins": round(min(0.98, max(0.25, rng.normal({"teen": 0.68, "young": 0.78, "child": 0.66}.get(band, 0.9), 0.16))), 2),
        "joint": rng.pick(JOINTS[band].split("|")),
        "openers": rng.some(OPENERS[band], 2) if rng.chance(0.65) else [], "opener_rate": round(rng.between(0.05, 0.2), 3),
        "asks": rng.chance(1.0 - 0.4 * loose * (1.4 if band in ("teen", "young", "child") else 0.6)),
        "double": rng.chance({"teen": 0.25, "young": 0.2, "child": 0.3, "mid": 0.12, "old": 0.06}[band]),
        "commas": rng.chance(1.0 - 0.5 * loose * (1.3 if band in ("teen", "young", "child") else 0.5)),
    }  # fmt: skip


class Style:
    """A voice in one medium ("text" or "mail"): spells literals (cached) and finishes sentences.

    `careful`: with a listener to whom the person writes formally, most of the loose habits are left out.
    """

    __slots__ = (
        "_forms", "_pattern", "_salt", "_table", "above", "asks", "below", "cache", "commas", "double", "drops", "emoji", "exclaims", "joins", "joint",
        "lean", "lower", "medium", "opener_rate", "openers", "pet", "texting", "trails", "voice",
    )  # fmt: skip

    def __init__(self, voice: Mapping[str, Any], medium: str, careful: bool = False):
        self.voice, self.medium = voice, medium
        self.texting = texting = medium == "text"
        loose = texting and not careful
        self.exclaims, self.drops, self.trails = float(voice["exclaim_rate"]), bool(voice["drop_stops"]) and not careful, bool(voice["ellipsis"])
        self.emoji, self.above = list(voice["emoji"]) if not careful else [], 1.0 - voice["emoji_rate"]
        self.pet, self.below = list(voice["pet"]) if not careful else [], 0.6 + voice["pet_rate"]
        self.lower = bool(voice.get("lower")) and loose
        self.asks, self.double = bool(voice.get("asks", True)) or not loose, bool(voice.get("double")) and loose
        self.commas = bool(voice.get("commas", True)) or not loose
        self.openers, self.opener_rate = list(voice.get("openers", ())) if loose else [], float(voice.get("opener_rate", 0.0))
        self.joins, self.joint = float(voice.get("joins", 0.65)), str(voice.get("joint", "")) if loose else ""
        self.lean = min(0.95, max(-0.6, 2.0 * (float(voice.get("wordiness", 0.5)) - 0.3))) if "ways" in voice else 0.0
        table = {word: SHORT[word] for word in voice.get("short", ()) if word in SHORT} if loose else {}
        table.update({word: SLIPS[word] for word in voice.get("slips", ()) if word in SLIPS})
        self._table = table
        self._pattern = re.compile(r"\b(" + "|".join(sorted(map(re.escape, table), key=len, reverse=True)) + r")\b(?!['\w])") if table else None
        level = float(voice.get("formality", 0.5))
        context = {
            "age": voice.get("age", ""), "region": voice.get("region", ""), "register": "high" if careful or level > 0.65 else "mid" if level > 0.35 else "low",
        }  # fmt: skip
        self._forms, self._salt = ways.chosen(voice, "mail" if careful else medium, context), int(voice.get("ways", 0))
        self.cache: dict[str, str] = {}

    def spell(self, literal: str) -> str:
        """The author's spelling of a piece of the grammar's own words."""
        found = self.cache.get(literal)
        if found is None:
            found = ways.put(literal, self._forms, self._salt) if self._forms else literal
            if self._pattern is not None:
                table = self._table
                found = self._pattern.sub(lambda m: table[m.group()], found)
            if self.texting and not self.voice.get("apostrophes", True):
                found = found.replace("'", "")
            if not self.commas:
                found = found.replace(", ", " ")
            self.cache[literal] = found
        return found

    def opened(self, text: str, marks: list[Mark], rng: Stream) -> tuple[str, list[Mark]]:
        """A statement behind one of the author's openers, now and then; every value keeps its place."""
        head, _, rest = text.partition(" ")
        if head not in MIDDLE or text[-1:] == "?" or rest.count(" ") < 2:
            return text, marks
        opener = self.openers[int(rng.random() * len(self.openers))]
        text = f"{opener[:1].upper()}{opener[1:]} {text[:1].lower()}{text[1:]}"
        by = len(opener) + 1
        return text, [Mark(m.source, m.start + by, m.end + by) for m in marks]

    def finish(self, text: str, rng: Stream, last: bool = True) -> str:
        """One sentence as the author leaves it. Only the first letter and the end change length-neutrally or past every value."""
        if self.lower:
            text = text.lower()
        elif text[:1].islower():
            text = text[0].upper() + text[1:]
        point = rng.random()
        end = text[-1:]
        whole = end in ".?!"  # what goes on ("In other news,") takes nothing behind it
        if end == ".":
            if point < self.exclaims:
                text = text[:-1] + ("!!" if self.double and point < self.exclaims * 0.5 else "!")
            elif self.texting:
                if last and self.drops:
                    text = text[:-1]
                elif self.trails and point > 0.85:
                    text += ".."
        elif end == "?" and self.texting:
            if not self.asks and point > 0.3:
                text = text[:-1]
            elif self.double and point > 0.75:
                text += "?"
        if last and whole and self.texting:
            if point > self.above and self.emoji:
                text = f"{text} {self.emoji[int(point * 1000) % len(self.emoji)]}"
            elif self.pet and 0.6 < point < self.below and text[-1:] not in "?!":
                pet = self.pet[int(point * 1000) % len(self.pet)]
                text = f"{text.rstrip('.')}{', ' if ' ' in pet else ' '}{pet}"
        return text


def register(voice: Mapping[str, Any], tie: str, medium: str = "text") -> str:
    """low, mid or high: the writer's formality with this listener."""
    level = float(voice.get("formality", 0.5))
    level += {"manager": 0.25, "teacher": 0.3, "provider": 0.25, "client": 0.2, "report": 0.1, "neighbor": 0.05, "colleague": 0.05}.get(tie, -0.15)
    level += 0.15 if medium == "mail" else 0.0
    return "low" if level < 0.35 else "mid" if level < 0.65 else "high"
