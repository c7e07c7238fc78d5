"""Is a module fit to be lived: every name in it leads somewhere, every line can be read, every number is in order. What fails here would break a town."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from understudy import assets
from understudy.engine.grammar import compile_line, refs
from understudy.errors import ContentError
from understudy.ontology.attributes import attributes
from understudy.ontology.modules import DRAWS, Leaf, Module, Node, bring, module_files
from understudy.ontology.reading import Step, dotted, line_at, read_module, read_text, tree_of

EVENT_SLOTS = {"when", "day", "time", "date", "place", "me", "you", "weekday", "month", "town", "given", "org", "season"}
RESERVED = {"when", "day", "time", "date", "place", "town", "self"}
"""Slots that are set anew for every text: a detail of such a name is never read."""
KINDS: dict[str, dict[str, int]] = {
    "message": {"open": 1, "more": 0, "reply": 1, "qa": 0, "end": 0},
    "email": {"subject": 1, "body": 1},
    "chat": {"turns": 1},
    "calendar": {"title": 1},
    "reminder": {"text": 1},
    "note": {"title": 1, "lines": 2},
    "purchase": {"items": 1},
    "search": {"queries": 3},
    "photo": {"caption": 3},
    "post": {"text": 3},
    "call": {"about": 2},
    "pass": {"title": 1, "fields": 2},
    "notification": {"text": 3},
    "transaction": {"descriptor": 1},
}
"""The kinds of traces with the parts of their words, and how many entries each needs at least."""
OPTIONAL = {
    "purchase": {"total", "prices", "category"}, "email": {"attachment"}, "post": {"replies"}, "call": {"voicemail"}, "pass": {"type"}, "search": {"pages"},
    "transaction": {"amount", "direction"},
}  # fmt: skip
OFFICIAL = ("email", "notification", "call", "transaction")
"""What an organization can leave; everything else only people do."""
PASSES = ("boarding", "ticket", "reservation", "membership", "coupon")
WEATHER = ("rain", "snow", "storm", "heat", "cold", "clear")
TIES = (
    "partner", "parent", "child", "sibling", "grandparent", "grandchild", "kin", "friend", "colleague", "manager", "report", "neighbor", "classmate",
    "teacher", "student", "clubmate", "provider", "client", "ex",
)  # fmt: skip
"""How somebody can stand to somebody; mothers are parents, sons children, cousins kin."""
CROWDS = ("household", "friends", "near")
"""Readers who are no single tie."""
UNSPOKEN = ("total", "prices", "category", "type", "amount", "direction")
"""Parts of words that are no lines."""
COINS = {"cents", "sum", "pay"}
"""The draws that give money."""
MONEY = ("total", "amount")
"""Parts of words that name a detail of money."""


class Flaw(NamedTuple):
    """What is wrong with a module, and where; `grave` if it must be mended, else a matter of style."""

    path: tuple[Step, ...]
    text: str
    grave: bool = True


def lines_of(words: Any) -> Iterable[Any]:
    """Every line within an entry of words, however it is nested."""
    for _, line in placed_lines(words, ()):
        yield line


def placed_lines(words: Any, path: tuple[Step, ...]) -> Iterator[tuple[tuple[Step, ...], Any]]:
    """Every line within an entry of words with its place."""
    if isinstance(words, str) or (isinstance(words, dict) and "t" in words):
        yield path, words
    elif isinstance(words, dict | list):
        for step, value in words.items() if isinstance(words, dict) else enumerate(words):
            yield from placed_lines(value, (*path, step))


def organization_kinds() -> Mapping[str, Mapping[str, Any]]:
    """The kinds of organizations that exist, with what is known of each."""
    found: Mapping[str, Mapping[str, Any]] = assets.data("data/catalogues/organizations.yaml")["kinds"]
    return found


def categories() -> set[str]:
    """The categories of places."""
    return set(assets.data("data/ontology/activities.yaml")["categories"])


def module_slots(module: Module) -> set[str]:
    """Every slot that the words of a module may use."""
    named = {f"{name}{form}" for name in [*module.cast, "self"] for form in ("", ".he", ".him", ".his")}
    people = {f"{name}{form}" for name, draw in module.details.items() if "name" in draw or "fullname" in draw for form in (".he", ".him", ".his", ".first")}
    return EVENT_SLOTS | named | people | set(module.details) | set(module.uses)


def near(name: str, known: Iterable[str]) -> str:
    """The way out for a name that is none: the one that was meant, or all."""
    options = sorted(known)
    close = get_close_matches(name, options, 1)
    return f"write {close[0]}" if close else f"it is one of {', '.join(options)}" if len(options) <= 30 else "look it up in the catalogue"


def misshapen(module: Module) -> list[Flaw]:
    """What is not of the form that the notation gives it: a number where a list of lines belongs."""
    found = [
        Flaw(("details", name, way), f"{way} needs {FORMS[way]}, not {str(given)[:40] or 'nothing'}")
        for name, draw in module.details.items() for way, given in draw.items() if way in FORMS and not _formed(way, given)
    ]  # fmt: skip
    return found + [
        Flaw(("words", say, part), f"`{part}` needs {LISTS.get(part, 'a list of quoted lines')}")
        for say, words in module.words.items() for part, given in words.items() if not _spoken(part, given)
    ]  # fmt: skip


FORMS = {
    "pick": "a list of things to pick from", "org": "a kind of organization", "catalogue": "a catalogue's name", "code": "a text with @ and #", "name": "female, male or any",
    "fullname": "female, male or any", "sum": "a list of details", "pay": "how many paychecks a year has", **dict.fromkeys(("cents", "whole", "date"), "two whole numbers, the lower first, such as [3, 12]"),
}  # fmt: skip
"""What each draw of a detail is given."""
LISTS = {
    "qa": "pairs: the other's question, the teller's answer", "fields": "names with their texts", "attachment": "a `name` and a `body` of paragraphs",
    "category": "a list of words", "prices": "pairs of cents", **dict.fromkeys(("body", "turns", "items"), "a list of lists of quoted lines"),
    **dict.fromkeys(("total", "amount"), "the name of a detail of money"), "direction": "in or out", "type": f"one of {', '.join(PASSES)}",
}  # fmt: skip
"""What each part of words is made of, where it is no plain list of lines."""


def _formed(way: str, given: Any) -> bool:
    if way in ("cents", "whole", "date"):
        return _range(given)
    if way == "pick":
        return isinstance(given, list) and bool(given) and all(isinstance(g, str | int | float) for g in given)
    if way == "sum":
        return isinstance(given, list) and all(isinstance(g, str) for g in given)
    return isinstance(given, int) and given > 0 if way == "pay" else isinstance(given, str)


def _spoken(part: str, given: Any) -> bool:
    if part in ("total", "amount", "direction", "type"):
        return isinstance(given, str)
    if part == "fields":
        return isinstance(given, dict) and all(_lined(g) for g in given.values())
    if part == "attachment":
        return isinstance(given, dict) and _lined(given.get("name", "")) and _spoken("body", given.get("body", [""]))
    if part in ("body", "turns", "items", "qa"):
        return isinstance(given, list) and all(_lined(g) for g in given)
    return isinstance(given, list) if part in ("prices", "category") else _lined(given)


def _lined(given: Any) -> bool:
    """Whether it is a line, or a list of them."""
    return isinstance(given, str) or (isinstance(given, dict) and "t" in given) or (isinstance(given, list) and bool(given) and all(_lined(g) for g in given))


def flaws(module: Module) -> list[Flaw]:
    """Everything because of which a module cannot be lived; of one that is misshapen, only where."""
    found = misshapen(module)
    if found:
        return found
    slots, used = module_slots(module), set[str]()
    found += _people(module)
    for name, draw in module.details.items():
        found += _detail(module, name, draw)
        used.update(draw.get("sum", ()))
    for name, node in module.events.items():
        path: tuple[Step, ...] = ("events", name)
        found += _event(module, name, node)
        used |= _slots_in([((*path, "title"), node.title)], slots, found)
        used |= _slots_in([((*path, "changes", n, "value"), c.value) for n, c in enumerate(node.changes)], slots, found)
        used.add((node.place or "").partition(":")[2])
        used.add(node.away.city if node.away else "")
        for number, lead in enumerate(node.leads):
            used.update(lead.hand.values())
            found += [
                Flaw((*path, "leads", number, "hand", theirs), f"{mine} is no detail and no role here; {near(mine, [*module.details, *module.cast])}")
                for theirs, mine in lead.hand.items() if mine not in module.details and mine not in module.cast
            ]  # fmt: skip
        for number, leaf in enumerate(node.leaves):
            used.update([leaf.by, leaf.to or "", leaf.source or ""])
            found += _leaf(module, leaf, (*path, "leaves", number))
    for say, words in module.words.items():
        spoken = {part: given for part, given in words.items() if part not in UNSPOKEN}
        used |= _slots_in(placed_lines(spoken, ("words", say)), slots, found)
        used.update(str(words.get(part, "")) for part in MONEY)
    said = {leaf.say for node in module.events.values() for leaf in node.leaves}
    found += [Flaw(("words", say), "these words never fire: no leaf says them; remove them, or add a leaf") for say in module.words if say not in said]
    found += [
        Flaw(("details", name), "this detail is never used; use it in a line, or remove it")
        for name, draw in module.details.items() if name not in used and "org" not in draw and not name.startswith("_")
    ]  # fmt: skip
    return found


def _people(module: Module) -> Iterator[Flaw]:
    """What the module asks of its person and of those around."""
    keys = attributes()
    places = [*((("uses", slot), key) for slot, key in module.uses.items()), *((("who", "facts", n), key) for n, key in enumerate(module.who.facts))]
    places += [((("who", part, key)), key) for part in ("value", "without") for key in getattr(module.who, part)]
    for path, key in places:
        if keys and key not in keys:
            yield Flaw(path, f"there is no attribute {key}; {near(key, keys)} (docs/authoring/keys.md lists them)")
    for role, spec in module.cast.items():
        for number, tie in enumerate(spec.tie):
            if tie not in TIES:
                yield Flaw(("cast", role, "tie", number), f"nobody has a tie {tie}; {near(tie, TIES)}")
        if role in RESERVED or role in module.details or role in module.uses:
            yield Flaw(("cast", role), f"the name {role} is taken by a slot; choose another")


def _detail(module: Module, name: str, draw: Mapping[str, Any]) -> Iterator[Flaw]:
    path: tuple[Step, ...] = ("details", name)
    if not any(key in DRAWS and key != "once" for key in draw):
        yield Flaw(path, f"it draws by one of {', '.join(DRAWS[:-1])}, not {', '.join(map(str, draw)) or 'nothing'}")
    if name in RESERVED:
        yield Flaw(path, f"{{{name}}} is the event's own slot, so this detail is never read; choose another name")
    if not re.fullmatch(r"[a-z_][a-z0-9_]*", name):
        yield Flaw(path, f"{name} cannot be a slot; use lower-case letters, digits and _")
    if "org" in draw and draw["org"] not in organization_kinds():
        yield Flaw((*path, "org"), f"there is no organization kind {draw['org']}; {near(str(draw['org']), organization_kinds())}")
    if "catalogue" in draw and not (assets.HERE / f"data/catalogues/{draw['catalogue']}.yaml").exists():
        known = [p.stem for p in assets.folder("data/catalogues")]
        yield Flaw((*path, "catalogue"), f"there is no catalogue {draw['catalogue']}; {near(str(draw['catalogue']), known)}")
    for part in draw.get("sum", ()):
        if not COINS & set(module.details.get(part, ())):
            yield Flaw((*path, "sum"), f"{part} is no detail of money; add it, or leave it out")


def _range(given: Any) -> bool:
    return isinstance(given, list) and len(given) == 2 and all(isinstance(n, int) for n in given) and given[0] <= given[1]


def _event(module: Module, name: str, node: Node) -> Iterator[Flaw]:
    path: tuple[Step, ...] = ("events", name)
    if node.parent is not None and node.parent not in module.events:
        yield Flaw((*path, "parent"), f"there is no event {node.parent}; {near(node.parent, module.events)}")
    elif name != module.root and _astray(module, name):
        yield Flaw((*path, "parent"), f"it never leads back to {module.root}, the first event, so this event never happens; give it another parent")
    if node.place and node.lasts is None and node.away is None:
        yield Flaw(path, "it has a place and must say how long it lasts; add `lasts: [30, 60]`")
    yield from _place(module, node, (*path, "place"))
    for number, person in enumerate(node.people):
        if person != "self" and person not in module.cast:
            yield Flaw((*path, "people", number), f"{person} is not in the cast; {near(person, ['self', *module.cast])}")
    for number, weather in enumerate(node.when.weather):
        if weather not in WEATHER:
            yield Flaw((*path, "when", "weather", number), f"the weather is one of {', '.join(WEATHER)}, not {weather}")
    if node.when.term not in (None, "school", "break"):
        yield Flaw((*path, "when", "term"), f"term is school or break, not {node.when.term}")
    if node.when.weekday is not None and (not node.when.weekday or not all(0 <= day <= 6 for day in node.when.weekday)):
        yield Flaw((*path, "when", "weekday"), "weekdays are numbers from 0 (Monday) to 6 (Sunday)")
    if node.away is not None and not {"city", "pick"} & set(module.details.get(node.away.city, ())):
        yield Flaw((*path, "away", "city"), f"{node.away.city} is no detail that names a city; add `{node.away.city}: {{city: true}}` to the details")
    for number, change in enumerate(node.changes):
        if attributes() and change.key not in attributes():
            yield Flaw((*path, "changes", number, "key"), f"there is no attribute {change.key}; {near(change.key, attributes())}")


def _astray(module: Module, name: str) -> bool:
    """Whether an event's parents run in a circle."""
    seen = set[str]()
    while name != module.root and name not in seen:
        seen.add(name)
        name = module.events[name].parent or module.root
        if name not in module.events:
            return False
    return name != module.root


def _place(module: Module, node: Node, path: tuple[Step, ...]) -> Iterator[Flaw]:
    if node.place is None:
        return
    sort, _, name = node.place.partition(":")
    if sort == "org" and name and "org" not in module.details.get(name, ()):
        yield Flaw(path, f"{node.place} names no organization among the details; add `{name}: {{org: KIND}}`")
    elif sort == "home" and name and name not in module.cast:
        yield Flaw(path, f"{node.place} is nobody's home: {name} is not in the cast")
    elif not name and node.place not in categories():
        yield Flaw(path, f"there is no place {node.place}; {near(node.place, categories())}")
    elif name and sort not in ("org", "home"):
        yield Flaw(path, f"{node.place} is no place; write a category, org:DETAIL or home:ROLE")


def _leaf(module: Module, leaf: Leaf, path: tuple[Step, ...]) -> Iterator[Flaw]:
    if leaf.kind not in KINDS:
        yield Flaw((*path, "kind"), f"there is no kind {leaf.kind}; {near(leaf.kind, KINDS)}")
        return
    words = module.words.get(leaf.say)
    if words is None:
        yield Flaw((*path, "say"), f"there are no words {leaf.say}; {near(leaf.say, module.words)}, or add them")
        return
    yield from _parts(leaf, words, module)
    offices = {name for name, draw in module.details.items() if "org" in draw}
    if leaf.by not in {"self", *module.cast, *offices}:
        yield Flaw((*path, "by"), f"{leaf.by} is nobody here; {near(leaf.by, ['self', *module.cast, *offices])}")
    if leaf.to is None and (leaf.kind in ("message", "call", "email") or leaf.by in offices):
        yield Flaw(path, f"to whom? A {leaf.kind} needs `to`")
    if leaf.by in offices and leaf.kind not in OFFICIAL:
        yield Flaw((*path, "by"), f"an organization leaves {', '.join(OFFICIAL)}, but no {leaf.kind}; make it `by: self`")
    readers = {"self", *module.cast, *CROWDS, *TIES}
    if leaf.to is not None and leaf.to not in readers:
        out = "nobody writes to an organization; name a person" if leaf.to in offices else near(leaf.to, readers)
        yield Flaw((*path, "to"), f"{leaf.to} is nobody who could read it, so this is never written; {out}")
    if leaf.to == leaf.by and leaf.to is not None:
        yield Flaw((*path, "to"), f"{leaf.by} would write to {leaf.to} and never does; name somebody else")
    if leaf.source is not None and leaf.source not in offices:
        yield Flaw((*path, "from"), f"{leaf.source} is no organization among the details; {near(leaf.source, offices)}")


def _parts(leaf: Leaf, words: Mapping[str, Any], module: Module) -> Iterator[Flaw]:
    """Whether the words have the parts that a kind needs, and no others."""
    place: tuple[Step, ...] = ("words", leaf.say)
    for part, least in KINDS[leaf.kind].items():
        if len(words.get(part) or ()) < least:
            yield Flaw(place, f"a {leaf.kind} needs `{part}` with {least} or more")
    able = {*KINDS[leaf.kind], *OPTIONAL.get(leaf.kind, ())}
    for part in words:
        if part not in able:
            yield Flaw((*place, part), f"`{part}` is no part of a {leaf.kind}; {near(part, able)}")
    if leaf.kind == "pass" and words.get("type") not in PASSES:
        yield Flaw(place, f"`type` is one of {', '.join(PASSES)}")
    if "attachment" in words and not {"name", "body"} <= set(words["attachment"]):
        yield Flaw((*place, "attachment"), "an attachment has a `name` and a `body`")
    for part in MONEY:
        if words.get(part) is not None and not COINS & set(module.details.get(str(words[part]), ())):
            yield Flaw((*place, part), f"{words[part]} is no detail of money; add `{words[part]}: {{cents: [LOW, HIGH]}}`")
    if leaf.kind == "message":
        for number, given in enumerate(words.get("qa") or ()):
            if not isinstance(given, list) or len(given) != 2:
                yield Flaw((*place, "qa", number), "a qa is a pair: the other's question, the teller's answer")


def _slots_in(lines: Iterable[tuple[tuple[Step, ...], Any]], slots: set[str], found: list[Flaw]) -> set[str]:
    """The slots that lines use; notes what cannot be read."""
    used: set[str] = set()
    for path, raw in lines:
        try:
            line = compile_line(raw)
        except ContentError as error:
            found.append(Flaw(path, str(error)))
            continue
        for slot in sorted(line.needs - slots):
            found.append(Flaw(path, f'"{line.text}" uses {{{slot}}}, which is no slot here; {near(slot, slots)}'))
        for rule in refs(line.parts):
            found.append(Flaw(path, f'"{line.text}" refers to <{rule}>, but modules have no rules; write the words out'))
        used |= {need.split(".")[0] for need in line.needs}
    return used


def bring_own(folder: Path | None) -> None:
    """Lay the modules of a user's folder (or file) beside the package's, for all lives that this process makes from now on; None: the package's alone.

    Raises `ContentError` with file, line, field and the way out for the first thing wrong, `InputError` where no modules are.
    """
    bring({} if folder is None else _own(folder, assets.stamp(*module_files(folder))))


@lru_cache(maxsize=4)
def _own(folder: Path, stamp: tuple[Any, ...]) -> dict[str, Module]:
    found: dict[str, Module] = {}
    for path in module_files(folder):
        module = read_module(path)
        broken = flaws(module)
        if broken:
            first, more = broken[0], f" ({len(broken)} such problems; `understudy module check {path}` lists them)" if len(broken) > 1 else ""
            raise ContentError(f"{path}, line {line_at(tree_of(read_text(path)), first.path)}: {dotted(first.path)}: {first.text}{more}")
        found[module.module] = module
    return found
