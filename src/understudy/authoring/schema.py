"""The JSON Schema of a module, for editors: from the same types that read it, with what the notation says of each field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from understudy import assets
from understudy.authoring.check.events import HOUSEHOLDS, INCOMES, PLAIN, REGIONS
from understudy.language.soundness import KINDS, OPTIONAL, PASSES, TIES, WEATHER, organization_kinds
from understudy.ontology.modules import EVERY, TOPICS, Module

SAID: dict[str, dict[str, str]] = {
    "Module": {
        "module": "the module's name, as the file's", "label": "what happens, as a noun phrase: a flat tire", "topic": "what it is about",
        "events": "the tree: the first event is the root, the others name their parent (default: the root)",
        "words": "the words of each trace, by the name that its leaf says",
        "source": "where the rate comes from: a statistic with its figure, or our estimate and the arithmetic",
        "rate": "times a year for an eligible person; 0: only where another module leads to it", "every": "a standing thing, in place of a rate",
        "share": "which share of the eligible have it", "season": "a factor by month, 1 to 12; the others are 1", "who": "who can have it; everything must hold",
        "cast": "others who take part, found among the person's ties", "uses": "slots whose value is one of the person's facts",
        "details": "drawn once for the whole tree, used as slots", "per": "household: one of its grown-ups has it for all",
    },
    "Node": {
        "title": "what the event is called; may use slots", "when": "its local time", "lasts": "minutes, least and most; needed where it has a place",
        "place": "a category of places, org:DETAIL or home:ROLE; without one it is a moment", "people": "who is there: self and roles",
        "mood": "good, flat or bad", "leaves": "the traces that it leaves", "changes": "facts that it creates or replaces",
        "parent": "the event from which it follows; default: the root", "chance": "how likely it follows", "away": "a trip: nights and the detail that names the city",
        "leads": "other modules that may come of it",
    },
    "When": {
        "hour": "local hours between which it begins, such as [9, 17.5]", "day": "days after its parent's day; negative before it",
        "weekday": "0 is Monday", "monthday": "days of the month, for standing things", "date": 'birthday, anniversary or MM-DD in quotes ("12-24")',
        "holiday": 'a day of the calendar by its name, "Thanksgiving Day"', "weather": "only on days with such weather", "term": "only while schools teach (school), or not (break)",
    },
    "Leaf": {
        "kind": "what is left", "say": "the entry of words it is written from", "by": "who leaves it: self, a role, or an organization among the details",
        "to": "whom it reaches: a role, self, household, friends, near, or a kind of tie", "at": "minutes from the event's start, negative before it",
        "chance": "how likely", "from": "the organization a purchase is made from, if not the place's own",
    },
    "Change": {"key": "the fact's key", "value": "its value; may use slots", "replaces": "ends what held before", "polarity": "positive or negative"},
    "Away": {"nights": "least and most", "city": "the detail that names the city"},
    "Lead": {
        "module": "the other module", "chance": "how likely", "day": "days later, least and most", "hand": "what it is handed: its detail or role, and ours",
    },
    "Role": {"tie": "how they stand to the person", "need": "without them the module does not happen", "chance": "how likely an optional one takes part"},
    "Who": {
        "age": "years, least and most", "sex": "female or male", "status": "plain words, or a census group", "household": "kinds of households",
        "income": "low, middle or high", "region": "of the United States", "industry": "of the job", "facts": "has a fact of each of these keys",
        "value": "has one of these values of a key", "without": "has none of these values of a key",
    },
}  # fmt: skip
"""What each field is, for whoever hovers over it."""


def schema() -> str:
    """The JSON Schema (2020-12) of a module as text."""
    found = msgspec.json.schema(Module)
    for name, record in found["$defs"].items():
        for field, about in record.get("properties", {}).items():
            about["description"] = SAID.get(name, {}).get(field, field)
    _choices(found["$defs"])
    found = {
        "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "a life module", "description": "one thing that happens in lives (docs/authoring/modules.md)",
        **found,
    }  # fmt: skip
    return json.dumps(found, indent=2) + "\n"


def _choices(records: dict[str, Any]) -> None:
    """Names that an editor can offer."""
    module, node, when, leaf, who = (records[name]["properties"] for name in ("Module", "Node", "When", "Leaf", "Who"))
    module["topic"]["enum"] = list(TOPICS)
    module["every"] = {**_plain(module["every"]), "enum": [*EVERY, None]}
    module["per"]["enum"] = ["person", "household"]
    node["mood"]["enum"] = ["good", "flat", "bad"]
    when["term"] = {**_plain(when["term"]), "enum": ["school", "break", None]}
    when["weather"]["items"] = {"enum": list(WEATHER)}
    leaf["kind"]["enum"] = list(KINDS)
    records["Role"]["properties"]["tie"]["items"] = {"enum": list(TIES)}
    for field, options in (("household", HOUSEHOLDS), ("income", INCOMES), ("region", REGIONS)):
        who[field]["items"] = {"enum": list(options)}
    who["status"]["items"] = {"anyOf": [{"enum": list(PLAIN)}, {"type": "string"}]}
    module["details"]["additionalProperties"] = {"anyOf": [{"type": "object", "properties": _draws(), "additionalProperties": False}]}
    module["words"]["additionalProperties"] = {"type": "object", "properties": _parts(), "additionalProperties": False}


def _plain(about: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in about.items() if key in ("description", "default")}


def _draws() -> dict[str, Any]:
    """The ways in which a detail is drawn."""
    pair = {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2}
    catalogues = [p.stem for p in assets.folder("data/catalogues")]
    sexes = {"enum": ["female", "male", "any"]}
    return {
        "pick": {"type": "array", "minItems": 1, "description": "one of these phrases"}, "cents": {**pair, "description": "money, in cents"},
        "org": {"enum": sorted(organization_kinds()), "description": "an invented organization of this kind"},
        "code": {"type": "string", "description": "@ a letter, # a digit"}, "whole": {**pair, "description": "a whole number"},
        "street": {"const": True}, "city": {"const": True}, "name": sexes, "fullname": sexes, "catalogue": {"enum": catalogues},
        "date": {**pair, "description": "a date so many days after the root's day"}, "sum": {"type": "array", "items": {"type": "string"}},
        "pay": {"type": "integer", "description": "a paycheck, at so many a year"}, "once": {"type": "boolean", "description": "the same for all turns of a standing thing"},
    }  # fmt: skip


def _parts() -> dict[str, Any]:
    """The parts of words with the kinds that they belong to."""
    kinds: dict[str, list[str]] = {}
    for kind, parts in KINDS.items():
        for part in (*parts, *sorted(OPTIONAL.get(kind, ()))):
            kinds.setdefault(part, []).append(kind)
    found: dict[str, Any] = {part: {"description": f"of a {', '.join(of)}"} for part, of in kinds.items()}
    found["type"]["enum"] = list(PASSES)
    return found
