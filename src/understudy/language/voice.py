"""A person's voice: drawn once, by age and schooling, and laid over everything that the person writes.

Grammars are written in standard English. A voice lowers the case, drops stops, respells common words, adds an emoji or a pet
phrase. It changes only the grammar's own words, never a value, so that what is revealed stays where it was put.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

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
    "teen": ["lowkey", "literally", "ngl", "fr", "bruh"], "young": ["honestly", "tbh", "lol", "ngl", "haha"],
    "mid": ["honestly", "anyway", "haha", "oh well", "to be fair"], "old": ["well", "you know", "as they say", "oh my", "goodness"],
    "child": ["haha", "omg", "guess what"],
}  # fmt: skip
SIGNOFFS = ("Best", "Thanks", "Cheers", "Take care", "Love", "Talk soon", "Regards", "All the best", "Yours", "Until then", "")


def age_band(age: int) -> str:
    """child, teen, young, mid or old, as grammars' conditions name them."""
    return "child" if age < 13 else "teen" if age < 18 else "young" if age < 30 else "mid" if age < 60 else "old"


def draw_voice(rng: Stream, age: int, education: str, sex: str) -> dict[str, Any]:
    """How a person writes; rates are per sentence. The age gradients are our estimate, after the SMS corpora (NUS: 41 % of messages
    end without a stop, 54 % among US writers; 14 % of those hold textese)."""
    band = age_band(age)
    schooling = {"graduate": 0.15, "bachelor": 0.1, "less than high school": -0.1}.get(education, 0.0)
    formality = min(1.0, max(0.0, rng.normal({"child": 0.15, "teen": 0.15, "young": 0.3, "mid": 0.5, "old": 0.65}[band] + schooling, 0.15)))
    loose = 1.0 - formality
    respell = {"child": 0.25, "teen": 0.5, "young": 0.3, "mid": 0.12, "old": 0.05}[band]
    drop = {"child": 0.6, "teen": 0.85, "young": 0.75, "mid": 0.5, "old": 0.25}[band]
    return {
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
        "pet": rng.some(PET[band], 2) if rng.chance(0.6) else [],
        "pet_rate": round(rng.between(0.02, 0.09), 3),
        "ellipsis": rng.chance({"old": 0.25, "mid": 0.1}.get(band, 0.04)),
        "signoff": rng.pick(SIGNOFFS),
    }


class Style:
    """A voice in one medium ("text" or "mail"): spells literals (cached) and finishes sentences."""

    __slots__ = ("_pattern", "_table", "above", "below", "cache", "drops", "emoji", "exclaims", "lower", "medium", "pet", "texting", "trails", "voice")

    def __init__(self, voice: Mapping[str, Any], medium: str):
        self.voice, self.medium = voice, medium
        self.texting = texting = medium == "text"
        self.exclaims, self.drops, self.trails = float(voice["exclaim_rate"]), bool(voice["drop_stops"]), bool(voice["ellipsis"])
        self.emoji, self.above = list(voice["emoji"]), 1.0 - voice["emoji_rate"]
        self.pet, self.below = list(voice["pet"]), 0.6 + voice["pet_rate"]
        self.lower = bool(voice.get("lower")) and texting
        table = {word: SHORT[word] for word in voice.get("short", ()) if word in SHORT} if texting else {}
        table.update({word: SLIPS[word] for word in voice.get("slips", ()) if word in SLIPS})
        self._table = table
        self._pattern = re.compile(r"\b(" + "|".join(sorted(map(re.escape, table), key=len, reverse=True)) + r")\b") if table else None
        self.cache: dict[str, str] = {}

    def spell(self, literal: str) -> str:
        """The author's spelling of a piece of the grammar's own words."""
        found = self.cache.get(literal)
        if found is None:
            found = literal
            if self._pattern is not None:
                table = self._table
                found = self._pattern.sub(lambda m: table[m.group()], found)
            if self.medium == "text" and not self.voice.get("apostrophes", True):
                found = found.replace("'", "")
            self.cache[literal] = found
        return found

    def finish(self, text: str, rng: Stream, last: bool = True) -> str:
        """One sentence as the author leaves it. Only the first letter and the end change length-neutrally or past every value."""
        if self.lower:
            text = text.lower()
        elif text[:1].islower():
            text = text[0].upper() + text[1:]
        point = rng.random()
        whole = text[-1:] in ".?!"  # what goes on ("In other news,") takes nothing behind it
        if text[-1:] == ".":
            if point < self.exclaims:
                text = text[:-1] + "!"
            elif self.texting:
                if last and self.drops:
                    text = text[:-1]
                elif self.trails and point > 0.85:
                    text += ".."
        if last and whole and self.texting:
            if point > self.above and self.emoji:
                text = f"{text} {self.emoji[int(point * 1000) % len(self.emoji)]}"
            elif self.pet and 0.6 < point < self.below and text[-1:] not in "?!":
                text = f"{text.rstrip('.')} {self.pet[int(point * 1000) % len(self.pet)]}"
        return text


def register(voice: Mapping[str, Any], tie: str, medium: str = "text") -> str:
    """low, mid or high: the writer's formality with this listener."""
    level = float(voice.get("formality", 0.5))
    level += {"manager": 0.25, "teacher": 0.3, "provider": 0.25, "client": 0.2, "report": 0.1, "neighbor": 0.05, "colleague": 0.05}.get(tie, -0.15)
    level += 0.15 if medium == "mail" else 0.0
    return "low" if level < 0.35 else "mid" if level < 0.65 else "high"
