"""The words at hand: moves, topics, letters, frames, feeds and the ways facts are said, compiled once a process."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property
from typing import Any, NamedTuple

from understudy import assets
from understudy.engine.grammar import Grammar, Rule
from understudy.ontology.attributes import Attribute
from understudy.ontology.modules import modules, story


class Topic:
    """Small talk about one thing: turns of alternative lines, and when it fits. `label` is what one would call it days later: "the printer"."""

    def __init__(self, entry: Mapping[str, Any], label: str):
        age = entry.get("age", [8, 110])
        self.name, self.label = str(entry["topic"]), label
        self.ties = frozenset(entry.get("ties", ()))
        self.age: tuple[int, int] = (age[0], age[1])
        self.conditions = {k: frozenset(v if isinstance(v, list) else [v]) for k, v in (entry.get("if") or {}).items()}
        self.group = bool(entry.get("group"))
        self._lines = entry["turns"]

    @cached_property
    def turns(self) -> tuple[Rule, ...]:
        """The lines of each turn, compiled when they are first asked for."""
        return tuple(Rule(turn) for turn in self._lines)


class Saying(NamedTuple):
    """The ways to say one key: rules by polarity ("like", "dislike") and manner, and the talk around it."""

    manners: dict[str, dict[str, Rule]]
    ask: Rule
    react: Rule
    chat: tuple[tuple[Rule, Rule], ...]
    buys: tuple[dict[str, Any], ...]


STORY = "story"
"""The module of events that a language model tells."""


ACTS = ("greet", "open", "ask", "react", "tease", "thank", "plan", "misunderstand", "callback", "drift", "close")
"""The files of a conversation's moves, one an act."""


@cache
def moves() -> Grammar:
    """The moves of a conversation, of every act's file."""
    return Grammar({rule: lines for act in ACTS for rule, lines in assets.data(f"grammars/acts/{act}.yaml").items()}, "grammars/acts")


@cache
def sittings() -> dict[str, Any]:
    """How sittings go: rates and orders of acts, pauses, labels; the tables of `grammars/acts/sittings.yaml`."""
    return dict(assets.data("grammars/acts/sittings.yaml"))


@cache
def module_label(module: str) -> str:
    """What one would call an event of this module days later ("the flat tire"), or "" where its label is a sentence."""
    known = sittings()["labels"]["modules"].get(module)
    if known is not None or module not in modules():
        return str(known or "")
    words = modules()[module].label.split(" ")
    return f"the {' '.join(words[1:])}" if words[0] in ("a", "an") and len(words) <= 3 and words[-1] not in ("is", "out") else ""


@cache
def frames() -> Grammar:
    """Salutations, sign-offs and the joints of a mail."""
    return Grammar(assets.data("grammars/acts/mail_frames.yaml"), "mail_frames.yaml")


@cache
def topics() -> dict[str, Topic]:
    """Small-talk topics by name."""
    found = {}
    for path in assets.folder("grammars/acts/topics"):
        for entry in assets.data(f"grammars/acts/topics/{path.name}")["topics"]:
            label = str(entry.get("label") or sittings()["labels"]["topics"].get(entry["topic"], ""))
            found[str(entry["topic"])] = Topic(entry, label)
    return found


@cache
def sayings() -> dict[str, Saying]:
    """How every key is said."""
    found = {}
    for path in assets.folder("grammars/facts"):
        for key, entry in assets.data(f"grammars/facts/{path.name}").items():
            manners = {}
            for polarity in ("like", "is", "dislike"):
                if polarity in entry:
                    manners["dislike" if polarity == "dislike" else "like"] = {m: Rule(lines) for m, lines in entry[polarity].items() if lines}
            chat = tuple((Rule(_listed(pair[0])), Rule(_listed(pair[1]))) for pair in entry.get("chat", ()) if len(pair) >= 2)
            found[key] = Saying(manners, Rule(entry["ask"]), Rule(entry["react"]), chat, tuple(entry.get("buys", ())))
    return found


def say_plainly(attributes: Iterable[Attribute]) -> None:
    """Give a user's further attributes plain words, made of their labels, so that they come out in talk like any other."""
    for attribute in attributes:
        label = attribute.label.translate(str.maketrans("{}[]<>|", "()()()/"))
        manners = {
            "stated": Rule(
                [
                    f"My {label} is {{value}}.",
                    f"For {label} it's {{value}} with me.",
                    f"{{^value}}, that's my {label}.",
                    f"When it comes to {label}, it's {{value}}.",
                ]
            ),
            "implied": Rule(
                [
                    f"Somebody asked about my {label} today. {{^value}}, I said.",
                    f"I had to fill in {label} on a form and wrote {{value}}.",
                    f"{{^value}}. You know me and {label}.",
                ]
            ),
            "told": Rule([f"{{name}}'s {label} is {{value}}.", f"Ask {{name}} about {label} and you'll hear {{value}}."]),
        }
        ask, react = (
            Rule([f"What's your {label} again?", f"And your {label}?", f"Remind me, your {label}?"]),
            Rule(["Got it.", "I'd forgotten.", "Makes sense."]),
        )
        chat = (
            (
                Rule([f"A form asks for my {label}. Mine is {{value}}. How much detail do they want?"]),
                Rule(["One line is enough. You can add more if there is a box for it."]),
            ),
        )
        sayings()[attribute.key] = Saying({"like": manners}, ask, react, chat, ())


def _listed(lines: Any) -> list[Any]:
    return lines if isinstance(lines, list) else [lines]


@cache
def letters() -> list[dict[str, Any]]:
    """Private and work mail that gives nothing lasting away, with compiled paragraphs."""
    found = []
    for entry in assets.data("grammars/acts/letters.yaml")["letters"]:
        body, reply = ([Rule(_listed(p)) for p in entry.get(part) or ()] for part in ("body", "reply"))
        found.append({**entry, "subject": Rule(entry["subject"]), "body": body, "reply": reply})
    return found


@cache
def assistant() -> tuple[list[dict[str, Any]], Grammar]:
    """Sessions with an assistant that give nothing lasting away, and the rules for those that do."""
    content = assets.data("grammars/acts/assistant.yaml")
    sessions = [{**s, "turns": [Rule(t) for t in s["turns"]]} for s in content["sessions"]]
    return sessions, Grammar({k: v for k, v in content.items() if k != "sessions"}, "assistant.yaml")


@cache
def feeds() -> list[dict[str, Any]]:
    """What organizations send to everybody."""
    found = []
    for entry in assets.data("grammars/artifacts/feeds.yaml")["feeds"]:
        found.append({**entry, "subject": Rule(entry["subject"]), "body": [Rule(_listed(p)) for p in entry["body"]]})
    return found


@cache
def daily() -> dict[str, list[dict[str, Any]]]:
    """Everyday purchases, reminders, notes and calendar entries."""
    return dict(assets.data("grammars/artifacts/daily.yaml"))


def rule_of(*path: str) -> Rule:
    """A compiled rule of a module's words: module, say, part (and paragraph number)."""
    words: Any = module_words(path[0], path[1])
    for step in path[2:]:
        words = words[int(step)] if isinstance(words, list) else words.get(step, NONE)
    return lines(words)


def module_words(module: str, say: str) -> dict[str, Any]:
    """A module's words of this name, as they stand in the file."""
    return (story() if module == STORY else modules()[module]).words[say]


def slots_of(module: str, say: str) -> frozenset[str]:
    """The slots that any line of a module's words uses."""
    words = module_words(module, say)
    known = _SLOTS.get(id(words))  # not by name: a module of the same name may be brought
    if known is None or known[0] is not words:
        known = _SLOTS[id(words)] = (words, frozenset(_walk(words)))
    return known[1]


def _walk(words: Any) -> Iterator[str]:
    if isinstance(words, str):
        yield from (match.split(":")[-1].lstrip("^") for match in SLOT.findall(words))
    elif isinstance(words, dict | list):
        for item in words.values() if isinstance(words, dict) else words:
            yield from _walk(item)


NONE: list[Any] = []
"""No lines: of a part that words lack."""
_SLOTS: dict[int, tuple[Any, frozenset[str]]] = {}
SLOT = re.compile(r"\{([^{}|]+)\}")
_LINES: dict[int, tuple[Any, Rule]] = {}


def lines(given: Any) -> Rule:
    """Lines that came with a brief (one text or a list from a data file), compiled once for each list."""
    known = _LINES.get(id(given))
    if known is None or known[0] is not given:
        if len(_LINES) > 20000:
            _LINES.clear()
        known = _LINES[id(given)] = (given, Rule(_listed(given)))
    return known[1]
