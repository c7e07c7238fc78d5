"""The embedded engine's grammar: lines with slots, choices and rules, compiled once and expanded with a trace of every slot.

The notation is explained in `docs/authoring/grammar.md`. A grammar is text: nothing in it is ever evaluated as code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from understudy.errors import ContentError
from understudy.model.briefs import Value
from understudy.rng import Stream

_TOKEN = re.compile(r"\{([^{}]*)\}|<([a-z][a-z0-9_]*)>|([\[\]|])")
FEATURES = ("tie", "age", "register", "mood", "part", "days", "season", "region")
_CLOSERS = frozenset(" .,?!;:)")


class Slot(NamedTuple):
    """A hole for a value; `form` is "" (as it is), "^" (capital first), "a" (with its article) or "^a" (both)."""

    name: str
    form: str


class Choice(NamedTuple):
    """One of several sequences, each as likely."""

    options: tuple[tuple[Any, ...], ...]


class Ref(NamedTuple):
    """Another rule of the same grammar."""

    rule: str


class Mark(NamedTuple):
    """Where a sourced value stands in an expanded text: [start, end)."""

    source: tuple[str, ...]
    start: int
    end: int


class Line:
    """One compiled alternative: its parts, conditions, weight, and the slots that it needs."""

    __slots__ = ("conditions", "needs", "number", "parts", "plain", "text", "weight")

    def __init__(self, text: str, parts: tuple[Any, ...], conditions: dict[str, frozenset[str]], weight: float):
        self.text, self.parts, self.conditions, self.weight = text, parts, conditions, weight
        self.needs = frozenset(_slots(parts))
        self.number = 0
        self.plain = parts[0] if len(parts) == 1 and type(parts[0]) is str else None  # nothing to choose or fill


def parse(text: str) -> tuple[Any, ...]:
    """Compile one line's text into parts; a `ContentError` names what is wrong with it."""
    stack: list[list[list[Any]]] = [[[]]]
    position = 0
    for token in _TOKEN.finditer(text):
        if token.start() > position:
            stack[-1][-1].append(text[position : token.start()])
        position = token.end()
        slot, rule, bracket = token.groups()
        if slot is not None:
            stack[-1][-1].append(_slot(slot, text))
        elif rule is not None:
            stack[-1][-1].append(Ref(rule))
        elif bracket == "[":
            stack.append([[]])
        elif bracket == "|":
            if len(stack) > 1:
                stack[-1].append([])
            else:
                stack[-1][-1].append("|")  # outside brackets a bar is a bar
        elif bracket == "]" and len(stack) > 1:
            options = tuple(tuple(option) for option in stack.pop())
            stack[-1][-1].append(Choice(options))
        else:
            raise ContentError(f'the line "{text}" has a stray "{bracket}"; brackets must pair')
    if len(stack) > 1:
        raise ContentError(f'the line "{text}" has an open "["; close it')
    if position < len(text):
        stack[-1][-1].append(text[position:])
    return tuple(stack[0][0])


def _slot(body: str, text: str) -> Slot:
    form = ""
    if body.startswith("^"):
        form, body = "^", body[1:]
    if body.startswith("a:"):
        form, body = form + "a", body[2:]
    if not re.fullmatch(r"[a-z_]+[a-z0-9_]*(\.[a-z]+)?", body):
        raise ContentError(f'the line "{text}" has the slot "{{{body}}}", which is no name; use lower-case letters')
    return Slot(body, form)


def _slots(parts: Iterable[Any]) -> Iterable[str]:
    for part in parts:
        if type(part) is Slot:
            yield part.name
        elif type(part) is Choice:
            for option in part.options:
                yield from _slots(option)


def refs(parts: Iterable[Any]) -> Iterable[str]:
    """The names of the rules that these parts refer to."""
    for part in parts:
        if type(part) is Ref:
            yield part.rule
        elif type(part) is Choice:
            for option in part.options:
                yield from refs(option)


def compile_line(line: Any) -> Line:
    """A line as it stands in YAML: a string, or a mapping {t, if, w}."""
    if isinstance(line, str):
        return Line(line, parse(line), {}, 1.0)
    if not isinstance(line, dict) or not isinstance(line.get("t"), str) or set(line) - {"t", "if", "w"}:
        raise ContentError(f"the line {line!r} is neither a text nor {{t, if, w}}; quote it")
    conditions = {}
    for feature, values in (line.get("if") or {}).items():
        if feature not in FEATURES:
            raise ContentError(f'the line "{line["t"]}" asks for "{feature}"; conditions are {", ".join(FEATURES)}')
        conditions[feature] = frozenset(values if isinstance(values, list) else [values])
    return Line(line["t"], parse(line["t"]), conditions, float(line.get("w", 1)))


class Context(dict[str, str]):
    """The features that conditions ask for; a numbered one (equal features, equal number, for as long as the process lives) is looked up at once."""

    __slots__ = ("number",)

    def __init__(self, features: Mapping[str, str], number: int = 0):
        super().__init__(features)
        self.number = number


class Rule:
    """Alternatives of which one is taken, by conditions, weight and the slots at hand."""

    __slots__ = ("_all", "_cache", "_known", "features", "lines")

    def __init__(self, lines: Iterable[Any]):
        self.lines = [compile_line(line) for line in lines]
        for number, line in enumerate(self.lines):
            line.number = number
        self.features = tuple(f for f in FEATURES if any(f in line.conditions for line in self.lines))
        self._cache: dict[tuple[str, ...], tuple[list[Line], list[float] | None]] = {}
        self._known: dict[int, tuple[list[Line], list[float] | None]] = {}
        self._all = None if self.features else _weighed(self.lines)

    def fitting(self, context: Mapping[str, str]) -> tuple[list[Line], list[float] | None]:
        """The lines whose conditions hold in this context, and their weights (None where all weigh the same)."""
        if self._all is not None:
            return self._all
        number = context.number if type(context) is Context else 0
        if number:
            known = self._known.get(number)
            if known is not None:
                return known
        key = tuple([context.get(feature, "") for feature in self.features])
        found = self._cache.get(key)
        if found is None:
            found = self._cache[key] = _weighed(
                [line for line in self.lines if not line.conditions or all(context.get(f, "") in v for f, v in line.conditions.items())]
            )
        if number:
            self._known[number] = found
        return found

    def take(self, context: Mapping[str, str], slots: Mapping[str, Any], rng: Stream, used: set[int] | None = None, lean: float = 0.0) -> Line | None:
        """One line that fits and whose slots are at hand; lines in `used` (by identity) only when nothing else is left.

        `lean` from -1 to 1: how often the shorter (below zero) or the longer of two lines is taken, where all weigh the same.
        """
        lines, weights = self._all or self.fitting(context)
        if not lines:
            return None
        if weights is None:
            point = rng.random() * len(lines)
            line = lines[int(point)]
            if lean and point % 1.0 < abs(lean):
                another = lines[int(rng.random() * len(lines))]
                if (len(another.text) > len(line.text)) == (lean > 0):
                    line = another
        else:
            line = rng.weighted(lines, weights)
        if (line.needs and not line.needs <= slots.keys()) or (used is not None and id(line) in used):
            found = self._another(lines, weights, slots, rng, used or set())
            if found is None:
                return None
            line = found
        if used is not None:
            used.add(id(line))
        return line

    def _another(self, lines: list[Line], weights: list[float] | None, slots: Mapping[str, Any], rng: Stream, used: set[int]) -> Line | None:
        """A line that can be filled and was not used, by a few more draws, then by looking at them all; a used one rather than none."""
        have = slots.keys()
        for _ in range(5):
            line = rng.pick(lines) if weights is None else rng.weighted(lines, weights)
            if line.needs <= have and id(line) not in used:
                return line
        able = [line for line in lines if line.needs <= have]
        fresh = [line for line in able if id(line) not in used]
        return rng.pick(fresh or able) if able else None


_VOWEL_SOUND = re.compile(r"(?!uni[a-z]|us[eua]|uti|eu|one\b|once\b)[aeiou]|honest|hour|heir|[FHLMNRSX](?=[A-Z])|8|11\b|18\b", re.I)


def article(noun: str) -> str:
    """ "a " or "an " as the noun sounds."""
    acronym = noun[:2].isupper() and len(noun) > 1
    return "an " if _VOWEL_SOUND.match(noun) and (acronym or noun[:1].lower() in "aeiouh81") else "a "


def _weighed(lines: list[Line]) -> tuple[list[Line], list[float] | None]:
    """Lines with their weights, or None where all weigh the same."""
    weights = [line.weight for line in lines]
    return lines, None if len(set(weights)) <= 1 else weights


class Grammar:
    """Named rules that may refer to each other."""

    def __init__(self, rules: Mapping[str, Iterable[Any]], name: str = "grammar"):
        self.name = name
        self.rules: dict[str, Rule] = {}
        for rule, lines in rules.items():
            try:
                self.rules[rule] = Rule(lines)
            except ContentError as error:
                raise ContentError(f"{name}, {rule}: {error}") from None
        for rule, compiled in self.rules.items():
            for line in compiled.lines:
                for other in refs(line.parts):
                    if other not in self.rules:
                        raise ContentError(f'{name}, {rule}: "<{other}>" is no rule of this file; add it or write a slot')

    def __contains__(self, rule: str) -> bool:
        return rule in self.rules


class Writer:
    """Expands lines for one author: a spelling for every literal, a context for conditions, and slots.

    `spell` maps a literal of the grammar to the author's spelling of it; it must keep a pure function of the text. `known` holds what it
    has spelled before.
    """

    __slots__ = ("context", "grammar", "known", "rng", "slots", "spell", "used")

    def __init__(
        self, grammar: Grammar | None, slots: dict[str, Any], context: Mapping[str, str], rng: Stream, spell: Any = None, known: dict[str, str] | None = None
    ):  # fmt: skip
        self.grammar, self.slots, self.context, self.rng, self.spell = grammar, slots, context, rng, spell
        self.known = {} if known is None else known
        self.used: set[int] = set()

    def line(self, rule: Rule) -> tuple[str, list[Mark]] | None:
        """One expansion of a rule: the text and the marks of its sourced slots; None if no line fits."""
        line = rule.take(self.context, self.slots, self.rng, self.used)
        if line is None:
            return None
        if line.plain is not None:
            return (self.spell(line.plain) if self.spell else line.plain), []
        return self.expand(line.parts)

    def expand(self, parts: tuple[Any, ...]) -> tuple[str, list[Mark]]:
        """The text of compiled parts, with the marks of every sourced slot."""
        out: list[str] = []
        marked: list[tuple[int, Value]] = []
        self._fill(parts, out, marked)
        if out and out[-1][-1:] == " ":
            out[-1] = out[-1].rstrip(" ")  # an empty choice at the end leaves its space behind
        if not marked:
            return "".join(out), []
        marks, position, where = [], 0, 0
        for index, value in marked:
            while where < index:
                position += len(out[where])
                where += 1
            marks.append(Mark(value.source or (), position, position + len(out[index])))
        return "".join(out), marks

    def _fill(self, parts: tuple[Any, ...], out: list[str], marked: list[tuple[int, Value]]) -> None:
        spell, known = self.spell, self.known
        for part in parts:
            kind = type(part)
            if kind is str:
                text = (known.get(part) or spell(part)) if spell else part
                if not text:
                    continue
                if text[0] in _CLOSERS and (not out or out[-1][-1:] == " "):
                    if text[0] == " ":
                        text = text[1:]
                    elif out and not (marked and marked[-1][0] == len(out) - 1):
                        out[-1] = out[-1].rstrip(" ")
                if text:
                    out.append(text)
            elif kind is Slot:
                self._put(part, out, marked)
            elif kind is Choice:
                option = part.options[int(self.rng.random() * len(part.options))]
                if option:
                    self._fill(option, out, marked)
            else:
                assert self.grammar is not None
                line = self.grammar.rules[part.rule].take(self.context, self.slots, self.rng)
                if line is not None:
                    self._fill(line.parts, out, marked)

    def _put(self, slot: Slot, out: list[str], marked: list[tuple[int, Value]]) -> None:
        value = self.slots[slot.name]
        text = value if type(value) is str else value.text
        if slot.form == "^":
            text = text[:1].upper() + text[1:]
        elif slot.form:
            first = article(text)
            out.append(first.capitalize() if slot.form == "^a" else first)
        if not text:
            return
        if type(value) is not str and value.source is not None:
            marked.append((len(out), value))
        out.append(text)
