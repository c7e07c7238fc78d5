"""What the mock model says: instances of JSON schemas made from draws, answers that miss their schema, embeddings."""

from __future__ import annotations

import base64
import math
import struct
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import msgspec

from understudy.rng import Stream, stream

CONTENT_FAULTS = ("invalid_json", "wrong_schema", "empty", "refusal", "content_filter", "length", "duplicate_keys", "huge")
"""Faults that are in the content of an answer; see `spoiled`."""

HUGE = 10_000_000
"""Bytes of content in a huge answer."""

DIMENSIONS = 32
"""Length of an embedding."""

_FREE_FORM = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"], "additionalProperties": False}

WORDS = (
    "the", "a", "small", "morning", "river", "quiet", "garden", "train", "was", "late", "again", "and", "we", "walked", "home", "under", "grey", "rain",
    "talking", "about", "work", "supper", "old", "friends", "who", "never", "write", "back", "until", "summer", "comes", "kitchen", "window", "open",
    "green", "tea", "market", "bread", "some", "children", "played", "near", "bridge", "while", "their", "mother", "read", "letter", "from", "Boston",
    "it", "said", "that", "nothing", "much", "changes", "except", "prices", "dogs", "weather",
)  # fmt: skip
"""Words of the made texts: ASCII letters only, so that a character is a byte."""

DEEP = 5
"""From this nesting on only what the schema demands is made, so that recursive schemas end."""

_TYPES: dict[str, tuple[type, ...]] = {"object": (dict,), "array": (list,), "string": (str,), "number": (int, float)}

ENDLESS = 60
"""At this nesting a schema is taken to have no finite instance."""


def words(draw: Stream, count: int) -> str:
    """A text of `count` words (at least one) with single blanks between."""
    return " ".join([draw.pick(WORDS) for _ in range(max(1, count))])


def instance(schema: Any, draw: Stream) -> Any:
    """A JSON value that fits the schema, made from the draws alone; `pattern` and `format` are not looked at.

    Understood are type, enum, const, properties, required, additionalProperties, minProperties, items, prefixItems, minItems, maxItems, uniqueItems,
    minLength, maxLength (characters), minimum, maximum and their exclusive forms, multipleOf, anyOf, oneOf, allOf, and `$ref` into the same document.
    Raises `ValueError` for a schema that nothing fits, that has no finite instance, or whose `$ref` leads nowhere.
    """
    return _make(schema, schema, draw, 0)


def wrong(schema: Any, draw: Stream) -> Any:
    """A JSON value that does not fit the schema but looks as if it was meant to; 7 where the schema takes anything."""
    right = instance(schema, draw)
    tries: list[Any] = []
    if isinstance(right, dict) and right:
        first = next(iter(right))
        tries.append({**{k: v for k, v in right.items() if k != first}, "unexpected": words(draw, 2)})
        tries.append({**right, first: {"unexpected": [None]}})
    tries += [{"unexpected": words(draw, 2)}, [right], words(draw, 3), 7]
    return next((value for value in tries if not fits(schema, value)), 7)


def _make(schema: Any, root: Any, draw: Stream, depth: int) -> Any:
    if depth > ENDLESS:
        raise ValueError("the schema has no finite instance")
    if schema is False:
        raise ValueError("nothing fits the schema `false`")
    if not isinstance(schema, dict):
        return words(draw, 3)
    schema = _settled(schema, root, draw, depth)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return draw.pick(schema["enum"])
    kind = _kind(schema, draw, depth)
    if kind == "object":
        return _object(schema, root, draw, depth)
    if kind == "array":
        return _array(schema, root, draw, depth)
    if kind == "string":
        return _string(schema, draw)
    if kind in ("integer", "number"):
        return _number(schema, draw, kind == "integer")
    return draw.chance(0.5) if kind == "boolean" else None


def _settled(schema: dict[str, Any], root: Any, draw: Stream, depth: int) -> dict[str, Any]:
    """The schema without $ref, allOf, anyOf and oneOf: references followed, choices drawn."""
    for _ in range(ENDLESS):
        if "$ref" in schema:
            rest = {k: v for k, v in schema.items() if k != "$ref"}
            schema = _joined(_found(root, schema["$ref"]), rest)
        elif "allOf" in schema:
            parts = schema["allOf"]
            schema = {k: v for k, v in schema.items() if k != "allOf"}
            for part in parts:
                schema = _joined(schema, part)
        elif "anyOf" in schema or "oneOf" in schema:
            word = "anyOf" if "anyOf" in schema else "oneOf"
            options = schema[word]
            if depth >= DEEP:  # end the recursion where one of the options lets us
                options = [option for option in options if not _refers(option)] or options
            schema = _joined({k: v for k, v in schema.items() if k != word}, draw.pick(options))
        else:
            return schema
    raise ValueError("the schema refers to itself without end")


def _found(root: Any, reference: str) -> Any:
    """What a reference like `#/$defs/Address` points to in this document."""
    if not reference.startswith("#"):
        raise ValueError(f"$ref {reference!r} leads out of the schema")
    place = root
    for step in reference[1:].split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(place, dict) or name not in place:
            raise ValueError(f"$ref {reference!r} leads nowhere")
        place = place[name]
    return place


def _joined(one: Any, other: Any) -> dict[str, Any]:
    """Both schemas at once: properties and required united, of anything else the second's."""
    if not isinstance(one, dict) or not isinstance(other, dict):
        return one if isinstance(one, dict) else other if isinstance(other, dict) else {}
    joined = {**one, **other}
    if "properties" in one and "properties" in other:
        joined["properties"] = {**one["properties"], **other["properties"]}
    if "required" in one and "required" in other:
        joined["required"] = list(dict.fromkeys([*one["required"], *other["required"]]))
    return joined


def _refers(schema: Any) -> bool:
    if isinstance(schema, dict):
        return "$ref" in schema or any(_refers(value) for value in schema.values())
    return isinstance(schema, list) and any(_refers(value) for value in schema)


def _kind(schema: dict[str, Any], draw: Stream, depth: int) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        return "null" if "null" in kind and depth >= DEEP else str(draw.pick(kind))
    if isinstance(kind, str):
        return kind
    if "properties" in schema or "required" in schema or "additionalProperties" in schema:
        return "object"
    if "items" in schema or "prefixItems" in schema:
        return "array"
    return "number" if "minimum" in schema or "maximum" in schema else "string"


def _object(schema: dict[str, Any], root: Any, draw: Stream, depth: int) -> dict[str, Any]:
    properties, required = schema.get("properties", {}), schema.get("required", ())
    share = 0.8 if depth < DEEP else 0.0
    made = {}
    for name, part in properties.items():
        if name in required or draw.chance(share):
            made[name] = _make(part, root, draw, depth + 1)
    for name in required:
        if name not in made:
            made[name] = words(draw, 2)
    more = schema.get("additionalProperties", True)
    least = schema.get("minProperties", 0)
    if not properties and isinstance(more, dict) and depth < DEEP:
        least = max(least, draw.whole(1, 2))
    while len(made) < least:
        made[f"{draw.pick(WORDS)}{len(made)}"] = _make(more, root, draw, depth + 1)
    return made


def _array(schema: dict[str, Any], root: Any, draw: Stream, depth: int) -> list[Any]:
    least, first = schema.get("minItems", 0), schema.get("prefixItems", [])
    most = max(least, schema.get("maxItems", max(least, 1) + 2))
    # an array that may be empty still mostly has something in it, or most tests would see nothing
    count = draw.whole(max(least, min(1, most)), most if "maxItems" not in schema else min(most, least + 12)) if depth < DEEP else least
    made: list[Any] = [_make(part, root, draw, depth + 1) for part in first[: max(count, least)]]
    seen = {msgspec.json.encode(item) for item in made} if schema.get("uniqueItems") else None
    for _ in range(20 * count):  # the bound matters with uniqueItems only: an enum may hold too few different values
        if len(made) >= count:
            break
        item = _make(schema.get("items", True), root, draw, depth + 1)
        if seen is not None:
            mark = msgspec.json.encode(item)
            if mark in seen:
                continue
            seen.add(mark)
        made.append(item)
    return made


def _string(schema: dict[str, Any], draw: Stream) -> str:
    """Words to a drawn length of one to sixty characters above the least, never empty unless maxLength is 0."""
    least = max(1, schema.get("minLength", 1))
    most = schema.get("maxLength", least + 60)
    if most <= 0:
        return ""
    goal = draw.whole(min(least, most), min(most, least + 60))
    text = draw.pick(WORDS)
    while len(text) < goal:
        text += " " + draw.pick(WORDS)
    if len(text) <= most:
        return text
    text = text[:most]
    return text[:-1] + "s" if text.endswith(" ") else text


def _number(schema: dict[str, Any], draw: Stream, whole: bool) -> int | float:
    low, high, step = schema.get("minimum"), schema.get("maximum"), schema.get("multipleOf", 1 if whole else 0.001)
    if "exclusiveMinimum" in schema:
        low = schema["exclusiveMinimum"] + step
    if "exclusiveMaximum" in schema:
        high = schema["exclusiveMaximum"] - step
    if low is None:
        low = 0 if high is None or high >= 0 else high - 100
    if high is None:
        high = low + 100 * max(1, step)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    if first > last:
        if whole or low > high:
            raise ValueError(f"no number fits between {low} and {high}")
        return float(low)
    value = draw.whole(first, last) * step
    return int(value) if whole else min(max(round(value, 6), low), high)


def fits(schema: Any, value: Any) -> bool:
    """Does the value fit the schema, by the keywords that `instance` understands?"""
    return _fits(schema, value, schema)


def _fits(schema: Any, value: Any, root: Any) -> bool:
    if not isinstance(schema, dict):
        return schema is not False
    if "$ref" in schema and not _fits(_found(root, schema["$ref"]), value, root):
        return False
    if not all(_fits(part, value, root) for part in schema.get("allOf", ())):
        return False
    for word in ("anyOf", "oneOf"):
        if word in schema and not any(_fits(part, value, root) for part in schema[word]):
            return False
    if "const" in schema and not _same(schema["const"], value):
        return False
    if "enum" in schema and not any(_same(item, value) for item in schema["enum"]):
        return False
    kinds = schema.get("type")
    if kinds is not None and not any(_is(value, kind) for kind in (kinds if isinstance(kinds, list) else [kinds])):
        return False
    if isinstance(value, dict):
        return _object_fits(schema, value, root)
    if isinstance(value, list):
        return _array_fits(schema, value, root)
    if isinstance(value, str):
        return bool(schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", math.inf))
    return isinstance(value, bool) or value is None or _number_fits(schema, value)


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON: 1 and true differ."""
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool) or value is None:
        return kind == ("null" if value is None else "boolean")
    if kind == "integer":
        return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return isinstance(value, _TYPES.get(kind, ()))


def _object_fits(schema: dict[str, Any], value: dict[str, Any], root: Any) -> bool:
    properties, more = schema.get("properties", {}), schema.get("additionalProperties", True)
    if any(name not in value for name in schema.get("required", ())) or len(value) < schema.get("minProperties", 0):
        return False
    return all(_fits(properties.get(name, more), part, root) for name, part in value.items())


def _array_fits(schema: dict[str, Any], value: list[Any], root: Any) -> bool:
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", math.inf):
        return False
    if schema.get("uniqueItems") and len({msgspec.json.encode(item) for item in value}) < len(value):
        return False
    first = schema.get("prefixItems", [])
    return all(_fits(first[i] if i < len(first) else schema.get("items", True), item, root) for i, item in enumerate(value))


def _number_fits(schema: dict[str, Any], value: int | float) -> bool:
    if not schema.get("minimum", -math.inf) <= value <= schema.get("maximum", math.inf):
        return False
    if not schema.get("exclusiveMinimum", -math.inf) < value < schema.get("exclusiveMaximum", math.inf):
        return False
    step = schema.get("multipleOf")
    return not step or math.isclose(value / step, round(value / step), abs_tol=1e-6)


def messages_key(messages: Any) -> str:
    """The name of a conversation in `stats()["asked"]`: SHA-256 (hex) of its compact JSON, UTF-8, object keys sorted."""
    return sha256(msgspec.json.encode(messages, order="deterministic")).hexdigest()


def texts_of(message: Any) -> list[str]:
    """The texts of a message, whose content is a string or a list of parts."""
    content = message.get("content") if isinstance(message, dict) else None
    if isinstance(content, str):
        return [content]
    return [str(part.get("text", "")) for part in content if isinstance(part, dict)] if isinstance(content, list) else []


def schema_of(body: dict[str, Any], texts: Sequence[str]) -> Any:
    """The schema that the call asks for: in response_format, else in a line `SCHEMA: {...}` of a message, else {"text": "..."}."""
    form = body.get("response_format")
    if isinstance(form, dict) and form.get("type") == "json_schema":
        return form["json_schema"].get("schema", True)
    for text in texts:
        if "SCHEMA: " in text:
            for line in text.splitlines():
                if line.startswith("SCHEMA: "):
                    return msgspec.json.decode(line[8:])
    return _FREE_FORM


def spoiled(fault: str, content: str, schema: Any, draw: Stream) -> tuple[str | None, str, str | None]:
    """Content, finish_reason and refusal of an answer whose fault is in its content."""
    if fault == "invalid_json":
        return draw.pick(("{" + content, content + "}", "Here you are: " + content[: len(content) // 2])), "stop", None
    if fault == "wrong_schema":
        return msgspec.json.encode(wrong(schema, draw)).decode(), "stop", None
    if fault == "refusal":
        return None, "stop", "I'm sorry, I can't help with that."
    if fault == "length":
        return content[: max(1, len(content) * 2 // 3)] if len(content) > 1 else "{", "length", None
    if fault == "duplicate_keys":
        return _doubled(content, draw), "stop", None
    if fault == "huge":
        return _huge(), "stop", None
    return "", "content_filter" if fault == "content_filter" else "stop", None


def _doubled(content: str, draw: Stream) -> str:
    """The same object with its first key a second time, at the end, with another value."""
    try:
        value = msgspec.json.decode(content)
    except msgspec.DecodeError:
        value = None
    if not isinstance(value, dict) or not value:
        return '{"a":1,"a":2}'
    name, first = next(iter(value.items()))
    other = words(draw, 3) if isinstance(first, str) else None if first is not None else 0
    return content.rstrip()[:-1] + "," + msgspec.json.encode({name: other}).decode()[1:]


_HUGE: list[str] = []


def _huge() -> str:
    """An object with one text of ten million characters, made once."""
    if not _HUGE:
        _HUGE.append('{"text":"' + "and so on " * (HUGE // 10) + '"}')
    return _HUGE[0]


def embedding(text: Any, seed: int, packed: bool) -> list[float] | str:
    """A unit vector drawn by the text, as numbers or (as clients may ask) base64 of little-endian float32."""
    draw = stream(seed, "embedding/" + messages_key(text))
    raw = [draw.normal(0.0, 1.0) for _ in range(DIMENSIONS)]
    norm = math.sqrt(sum(x * x for x in raw))
    vector = [x / norm for x in raw]
    return base64.b64encode(struct.pack(f"<{DIMENSIONS}f", *vector)).decode() if packed else vector
