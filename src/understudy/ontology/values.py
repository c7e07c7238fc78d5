"""Draws a value of a key for a person, from catalogues conditioned on who the person is and on what is already true of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from understudy import assets
from understudy.ontology.attributes import Attribute, attributes
from understudy.ontology.who import Traits, entry_weight, plain_status
from understudy.rng import Stream


@cache
def rules() -> list[dict[str, Any]]:
    """What may not be true together: `data/ontology/rules.yaml`."""
    return list(assets.data("data/ontology/rules.yaml"))


@cache
def entries(catalogue: str) -> tuple[dict[str, Any], ...]:
    """A catalogue's entries, each with its tags as a set."""
    return tuple({**entry, "v": str(entry["v"]), "tags": frozenset(entry.get("tags", ()))} for entry in assets.catalogue(catalogue))


def _holds(condition: Mapping[str, Any], person: Traits) -> bool:
    for key, wanted in condition.items():
        if key == "field.age":
            if not wanted[0] <= person.age <= wanted[1]:
                return False
        elif key == "field.status":
            if person.status not in wanted and plain_status(person.status) not in wanted:
                return False
        elif key.startswith("field."):
            name = {"income": "consumption", "race_ethnicity": "race"}.get(key[6:], key[6:])
            if str(getattr(person, name, "")) not in [str(w) for w in wanted]:
                return False
        elif not any(value in wanted for value in person.facts.get(key, ())):
            return False
    return True


@cache
def rules_on(key: str) -> tuple[tuple[dict[str, Any], frozenset[str], frozenset[str]], ...]:
    """The rules that speak of a key: condition, forbidden tags, forbidden values."""
    found = []
    for rule in rules():
        on = rule["on"] if isinstance(rule["on"], list) else [rule["on"]]
        if "*" in on or key in on:
            forbid = rule.get("forbid", {})
            values = set(map(str, forbid.get("values", ())))
            if "allow" in rule:
                values |= {e["v"] for e in entries(attributes()[key].source.catalogue or "")} - set(map(str, rule["allow"]["values"]))
            found.append((rule["if"], frozenset(forbid.get("tags", ())), frozenset(values)))
    return tuple(found)


def forbidden(person: Traits, key: str) -> tuple[frozenset[str], frozenset[str]]:
    """The tags and values that this person may not like under a key."""
    tags: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()
    for condition, banned_tags, banned_values in rules_on(key):
        if _holds(condition, person):
            tags, values = tags | banned_tags, values | banned_values
    return tags, values


def draw_values(attribute: Attribute, person: Traits, rng: Stream, count: int, anchors: Sequence[str] = (), without: Sequence[str] = ()) -> list[tuple[str, frozenset[str]]]:
    """Up to `count` different values of a key with their tags, none of `without`. `anchors` are lower-case words of the person's interests."""
    source = attribute.source
    if source.choice:
        options: Sequence[Mapping[str, Any]] = [{"v": str(value), "w": weight, "tags": frozenset((str(value).lower(),))} for value, weight in source.choice.items()]
    elif source.catalogue:
        options = entries(source.catalogue)
    else:
        return []
    tags, values = forbidden(person, attribute.key)
    weights = []
    wanted = frozenset(anchors)
    for option in options:
        weight = entry_weight(option, person) if option["v"] not in without else 0.0
        if weight and (option["tags"] & tags or option["v"] in values):
            weight = 0.0
        if weight and wanted and option["tags"] & wanted:
            weight *= 4.0
        weights.append(weight)
    found: list[tuple[str, frozenset[str]]] = []
    for _ in range(count):
        if sum(weights) <= 0:
            break
        option = rng.weighted(options, weights)
        weights[options.index(option)] = 0.0
        found.append((option["v"], option["tags"]))
    return found
