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


def _forbids(rule: Mapping[str, Any], key: str) -> tuple[frozenset[str], frozenset[str]] | None:
    """The tags and values that a rule forbids under a key, or None if it does not speak of it."""
    on = rule["on"] if isinstance(rule["on"], list) else [rule["on"]]
    if "*" not in on and key not in on:
        return None
    forbid = rule.get("forbid", {})
    values = set(map(str, forbid.get("values", ())))
    if "allow" in rule:
        values |= {e["v"] for e in entries(attributes()[key].source.catalogue or "")} - set(map(str, rule["allow"]["values"]))
    return frozenset(forbid.get("tags", ())), frozenset(values)


@cache
def rules_on(key: str) -> tuple[tuple[dict[str, Any], frozenset[str], frozenset[str]], ...]:
    """The rules that speak of a key: condition, forbidden tags, forbidden values."""
    return tuple((rule["if"], *found) for rule in rules() if (found := _forbids(rule, key)) is not None)


@cache
def _rules_from(key: str) -> tuple[tuple[frozenset[str], dict[str, Any], tuple[tuple[str, frozenset[str]], ...]], ...]:
    """The rules that a value of a key sets off: those values, the other conditions, and by key the values that it then may not stand beside."""
    found = []
    for rule in rules():
        if key in rule["if"]:
            ruled_out = []
            for other, attribute in attributes().items():
                forbids = _forbids(rule, other)
                if forbids is not None and (attribute.source.catalogue or attribute.source.choice):
                    tagged = {v for v, tags in tagged_values(other) if tags & forbids[0]}
                    ruled_out.append((other, forbids[1] | tagged))
            found.append((frozenset(map(str, rule["if"][key])), {k: v for k, v in rule["if"].items() if k != key}, tuple(ruled_out)))
    return tuple(found)


@cache
def tagged_values(key: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """Every value of a key with its tags."""
    source = attributes()[key].source
    if source.choice:
        return tuple((str(value), frozenset((str(value).lower(),))) for value in source.choice)
    return tuple((entry["v"], entry["tags"]) for entry in entries(source.catalogue)) if source.catalogue else ()


def ruling_out(person: Traits, key: str) -> frozenset[str]:
    """The values of a key that would rule out, after the fact, something that this person already likes."""
    found: frozenset[str] = frozenset()
    for values, others, ruled_out in _rules_from(key):
        if not values <= found and any(value in ruled for other, ruled in ruled_out for value in person.facts.get(other, ())) and _holds(others, person):
            found |= values
    return found


@cache
def sets_apart(key: str) -> bool:
    """Whether rules set values of this key against each other, so that they must be drawn one by one."""
    return any(key in condition for condition, _, _ in rules_on(key))


def forbidden(person: Traits, key: str) -> tuple[frozenset[str], frozenset[str]]:
    """The tags and values that this person may not like under a key."""
    tags: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()
    for condition, banned_tags, banned_values in rules_on(key):
        if _holds(condition, person):
            tags, values = tags | banned_tags, values | banned_values
    return tags, values


def draw_values(
    attribute: Attribute, person: Traits, rng: Stream, count: int, anchors: Sequence[str] = (), without: Sequence[str] = ()
) -> list[tuple[str, frozenset[str]]]:
    """Up to `count` different values of a key with their tags, none of `without`. `anchors` are lower-case words of the person's interests."""
    source = attribute.source
    if source.choice:
        options: Sequence[Mapping[str, Any]] = [
            {"v": str(value), "w": weight, "tags": frozenset((str(value).lower(),))} for value, weight in source.choice.items()
        ]
    elif source.catalogue:
        options = entries(source.catalogue)
    else:
        return []
    tags, values = forbidden(person, attribute.key)
    values |= ruling_out(person, attribute.key)
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
