"""Checks content files before they are trusted: modules, attributes, catalogues and the ways facts are said."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from understudy import assets
from understudy.engine.grammar import Line, Rule, compile_line
from understudy.errors import ContentError
from understudy.ontology.attributes import attributes, parse_attributes
from understudy.ontology.modules import DRAWS, Module, parse_module

EVENT_SLOTS = {"when", "day", "time", "date", "place", "me", "you", "weekday", "month", "town", "given", "org", "season"}
KINDS = {
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
OPTIONAL = {
    "purchase": {"total", "prices", "category"}, "email": {"attachment"}, "post": {"replies"}, "call": {"voicemail"}, "pass": {"type"}, "search": {"pages"},
    "transaction": {"amount", "direction"},
}  # fmt: skip
PASSES = ("boarding", "ticket", "reservation", "membership", "coupon")
WEATHER = ("rain", "snow", "storm", "heat", "cold", "clear")


def lines_of(words: Any) -> Iterable[Any]:
    """Every line within an entry of words, however it is nested."""
    if isinstance(words, str) or (isinstance(words, dict) and "t" in words):
        yield words
    elif isinstance(words, dict):
        for value in words.values():
            yield from lines_of(value)
    elif isinstance(words, list):
        for value in words:
            yield from lines_of(value)


def organization_kinds() -> set[str] | None:
    """The kinds of organizations that exist; None while the catalogue is not there."""
    if not (assets.HERE / "data/catalogues/organizations.yaml").exists():
        return None
    return set(assets.data("data/catalogues/organizations.yaml")["kinds"])


def module_slots(module: Module) -> set[str]:
    """Every slot that the words of a module may use."""
    named = {f"{name}{form}" for name in [*module.cast, "self"] for form in ("", ".he", ".him", ".his")}
    people = {f"{name}{form}" for name, draw in module.details.items() if "name" in draw or "fullname" in draw for form in (".he", ".him", ".his", ".first")}
    return EVENT_SLOTS | named | people | set(module.details) | set(module.uses)


def check_module(module: Module) -> list[str]:
    """Problems of one module, each a sentence."""
    problems: list[str] = []
    slots, used, said = module_slots(module), set[str](), set[str]()
    kinds = organization_kinds()
    for name, draw in module.details.items():
        if not any(key in DRAWS for key in draw):
            problems.append(f"detail {name}: draws by one of {', '.join(DRAWS)}, not {sorted(draw)}")
        if "org" in draw and kinds is not None and draw["org"] not in kinds:
            problems.append(f"detail {name}: there is no organization kind {draw['org']}")
        used.update(draw.get("sum", ()))
    keys = attributes()
    for key in [*module.uses.values(), *module.who.facts, *module.who.value]:
        if keys and key not in keys:
            problems.append(f"there is no attribute {key}")
    for name, node in module.events.items():
        problems += _check_node(module, name, keys)
        used |= _needs([node.title, *[c.value for c in node.changes]], slots, problems, f"event {name}")
        if node.place and node.place.startswith("org:"):
            used.add(node.place[4:])
        for lead in node.leads:
            used.update(lead.hand.values())
            problems += [
                f"event {name} leads to {lead.module} with {mine}, which is no detail or role here" for mine in lead.hand.values() if mine not in slots
            ]
        for leaf in node.leaves:
            said.add(leaf.say)
            used.update([leaf.by, leaf.to or "", leaf.source or ""])
            problems += _check_leaf(module, name, leaf)
    for say, words in module.words.items():
        used |= _needs(lines_of({k: v for k, v in words.items() if k not in ("total", "prices", "category", "type", "amount", "direction")}), slots, problems, f"words {say}")
        used.update((str(words.get("total", "")), str(words.get("amount", ""))))
        if say not in said:
            problems.append(f"words {say} never fire: no leaf says them")
    for name, draw in module.details.items():
        if name not in used and "org" not in draw and not name.startswith("_"):
            problems.append(f"detail {name} is never used")
    return problems


def _check_node(module: Module, name: str, keys: dict[str, Any]) -> list[str]:
    node, problems = module.events[name], []
    if node.parent is not None and node.parent not in module.events:
        problems.append(f"event {name}: its parent {node.parent} does not exist")
    if node.place and node.lasts is None and node.away is None:
        problems.append(f"event {name}: it has a place and must say how long it lasts")
    if node.place and node.place.startswith("org:") and node.place[4:] not in module.details:
        problems.append(f"event {name}: place {node.place} names no detail")
    for person in node.people:
        if person != "self" and person not in module.cast:
            problems.append(f"event {name}: {person} is not in the cast")
    problems += [f"event {name}: the weather is one of {', '.join(WEATHER)}, not {w}" for w in node.when.weather if w not in WEATHER]
    if node.when.term not in (None, "school", "break"):
        problems.append(f"event {name}: term is school or break, not {node.when.term}")
    for change in node.changes:
        if keys and change.key not in keys:
            problems.append(f"event {name}: there is no attribute {change.key}")
    return problems


def _check_leaf(module: Module, name: str, leaf: Any) -> list[str]:
    problems, where = [], f"event {name}, {leaf.kind} {leaf.say}"
    if leaf.kind not in KINDS:
        return [f"{where}: unknown kind; it is one of {', '.join(KINDS)}"]
    words = module.words.get(leaf.say)
    if words is None:
        return [f"{where}: there are no words {leaf.say}"]
    for part, least in KINDS[leaf.kind].items():
        if len(words.get(part, ())) < least:
            problems.append(f"{where}: needs `{part}`")
    for part in words:
        if part not in KINDS[leaf.kind] and part not in OPTIONAL.get(leaf.kind, set()):
            problems.append(f"{where}: `{part}` is no part of a {leaf.kind}")
    if leaf.kind == "pass" and words.get("type") not in PASSES:
        problems.append(f"{where}: `type` is one of {', '.join(PASSES)}")
    if "attachment" in words and not {"name", "body"} <= set(words["attachment"]):
        problems.append(f"{where}: an attachment has a `name` and a `body`")
    speakers = {"self", *module.cast, *module.details}
    if leaf.by not in speakers:
        problems.append(f"{where}: by {leaf.by}, who is nobody here")
    if leaf.kind in ("message", "call") and leaf.to is None:
        problems.append(f"{where}: a {leaf.kind} needs `to`")
    return problems


def _needs(lines: Iterable[Any], slots: set[str], problems: list[str], where: str) -> set[str]:
    found: set[str] = set()
    for raw in lines:
        try:
            line = compile_line(raw)
        except ContentError as error:
            problems.append(f"{where}: {error}")
            continue
        unknown = sorted(line.needs - slots)
        if unknown:
            problems.append(f'{where}: "{line.text}" uses {", ".join("{" + u + "}" for u in unknown)}, which is no slot here')
        found |= {need.split(".")[0] for need in line.needs}
    return found


FACT_PARTS = {"stated": 3, "implied": 3, "told": 2, "past": 0}
FACT_KEYS = {"like", "dislike", "is", "ask", "react", "chat", "buys", "questions", "mine", "dislike_questions", "dislike_mine"}


def check_facts(content: dict[str, Any]) -> list[str]:
    """Problems of a grammar of facts."""
    problems: list[str] = []
    keys = attributes()
    for key, entry in content.items():
        if keys and key not in keys:
            problems.append(f"{key} is no attribute")
        for extra in sorted(set(entry) - FACT_KEYS):
            problems.append(f"{key}: `{extra}` is unknown; it has {', '.join(sorted(FACT_KEYS))}")
        for polarity in ("like", "is", "dislike"):
            for part, least in FACT_PARTS.items():
                lines = entry.get(polarity, {}).get(part, [])
                if polarity in entry and len(lines) < (least if polarity != "dislike" else min(least, 2)):
                    problems.append(f"{key}.{polarity}.{part}: only {len(lines)} lines")
                problems += _value_lines(lines, f"{key}.{polarity}.{part}", told=part == "told")
        if "like" not in entry and "is" not in entry:
            problems.append(f"{key}: needs `like` or `is`")
        for part, least in {"ask": 2, "react": 2, "questions": 3, "mine": 2}.items():
            if len(entry.get(part, [])) < least:
                problems.append(f"{key}.{part}: only {len(entry.get(part, []))} lines")
        for lines in entry.get("chat", []):
            problems += _value_lines(lines[:1], f"{key}.chat", told=False)
    return problems


def _value_lines(lines: list[Any], where: str, told: bool) -> list[str]:
    problems: list[str] = []
    allowed = {"value", "value.first", "me", "you", "weekday", "month", "town", "season"}
    if told:
        allowed |= {"name", "name.he", "name.him", "name.his"}
    for raw in lines:
        try:
            compiled: list[Line] = [compile_line(x) for x in (raw if isinstance(raw, list) else [raw])]
        except ContentError as error:
            problems.append(f"{where}: {error}")
            continue
        for line in compiled:
            if not line.needs & {"value", "value.first"}:
                problems.append(f'{where}: "{line.text}" lacks {{value}}')
            for extra in sorted(line.needs - allowed):
                problems.append(f'{where}: "{line.text}" uses {{{extra}}}, which is no slot here')
    return problems


def check_file(path: Path) -> list[str]:
    """The problems of one content file, by the folder it lies in."""
    try:
        content = assets.read_yaml(path)
        folder = path.parent.name
        if folder == "modules":
            module = parse_module(content, path.name)
            named = [] if module.module == path.stem else [f"module: {module.module} does not match the file's name"]
            return named + check_module(module)
        if folder == "attributes":
            return _check_attributes(content, path)
        if folder == "facts":
            return check_facts(content)
        if folder in ("acts", "topics", "artifacts"):
            problems: list[str] = []
            for raw in lines_of(content):
                try:
                    compile_line(raw)
                except ContentError as error:
                    problems.append(str(error))
            return problems
    except ContentError as error:
        return [str(error)]
    return []


def _check_attributes(content: Any, path: Path) -> list[str]:
    problems = []
    for attribute in parse_attributes(content, path.name):
        name = attribute.source.catalogue
        if name and not (assets.HERE / f"data/catalogues/{name}.yaml").exists():
            problems.append(f"{attribute.key}: there is no catalogue {name}")
    return problems


def check_all(paths: list[Path] | None = None) -> list[str]:
    """Every problem of the package's content (or of these files), each with its file."""
    if not paths:
        paths = [p for part in ("data", "grammars") for p in sorted((assets.HERE / part).rglob("*.yaml"))]
    return [f"{path.name}: {problem}" for path in paths for problem in check_file(path)]


def rule(lines: Iterable[Any]) -> Rule:
    """A compiled rule, for those who try lines out."""
    return Rule(lines)
