"""The shape of an answer: a JSON Schema in which every string and list is bounded, built from five words, and what fits into it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from understudy.engine.call import Unfit

Shape = dict[str, Any]


def record(fields: Mapping[str, Shape]) -> Shape:
    """An object that has exactly these fields."""
    return {"type": "object", "properties": dict(fields), "required": list(fields), "additionalProperties": False}


def listed(of: Shape, least: int, most: int) -> Shape:
    """A list of `least` to `most` things."""
    return {"type": "array", "items": of, "minItems": least, "maxItems": most}


def text(most: int, least: int = 1) -> Shape:
    """A text of at most so many characters."""
    return {"type": "string", "minLength": least, "maxLength": most}


def choice(options: Sequence[str]) -> Shape:
    """One of these."""
    return {"type": "string", "enum": list(dict.fromkeys(options))}


def whole(low: int, high: int) -> Shape:
    """A whole number in [low, high]."""
    return {"type": "integer", "minimum": low, "maximum": high}


def fit(value: Any, shape: Mapping[str, Any], where: str = "the answer") -> Any:
    """The value as the shape wants it (numbers sent as text, another case of a choice and further fields are forgiven); `Unfit` says what is wrong."""
    kind = shape.get("type")
    if "enum" in shape:
        return _chosen(value, shape["enum"], where)
    if kind == "object":
        if not isinstance(value, dict):
            raise Unfit(f"{where} must be an object, not {_named(value)}")
        missing = [name for name in shape["required"] if name not in value]
        if missing:
            raise Unfit(f'{where} lacks "{missing[0]}"')
        return {name: fit(value[name], inner, f"{where}.{name}" if where != "the answer" else name) for name, inner in shape["properties"].items()}
    if kind == "array":
        if not isinstance(value, list):
            raise Unfit(f"{where} must be a list, not {_named(value)}")
        if not shape.get("minItems", 0) <= len(value) <= shape["maxItems"]:
            raise Unfit(f"{where} has {len(value)} items; it must have {shape.get('minItems', 0)} to {shape['maxItems']}")
        return [fit(item, shape["items"], f"{where}[{number}]") for number, item in enumerate(value)]
    if kind == "integer":
        return _whole(value, shape, where)
    if not isinstance(value, str):
        raise Unfit(f"{where} must be a text, not {_named(value)}")
    value = value.encode("utf-8", "replace").decode().strip()  # JSON may hold half a surrogate pair, which no file takes
    if not shape.get("minLength", 0) <= len(value) <= shape["maxLength"]:
        raise Unfit(f"{where} has {len(value)} characters; it must have {shape.get('minLength', 0)} to {shape['maxLength']}")
    return value


def _chosen(value: Any, options: list[str], where: str) -> str:
    if value in options:
        return str(value)
    known = {option.casefold(): option for option in options}
    found = known.get(str(value).strip().casefold())
    if found is None:
        some = ", ".join(options[:12]) + (", ..." if len(options) > 12 else "")
        raise Unfit(f"{where} is {_named(value)}; it must be one of {some}")
    return found


def _whole(value: Any, shape: Mapping[str, Any], where: str) -> int:
    if isinstance(value, bool):
        raise Unfit(f"{where} must be a whole number, not {_named(value)}")
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise Unfit(f"{where} must be a whole number, not {_named(value)}") from None
    if number != number or abs(number) > 1e15 or number != int(number) or not shape["minimum"] <= number <= shape["maximum"]:
        raise Unfit(f"{where} is {_named(value)}; it must be a whole number from {shape['minimum']} to {shape['maximum']}")
    return int(number)


def _named(value: Any) -> str:
    said = json.dumps(value, default=str)
    return said if len(said) <= 60 else said[:57] + "..."


def sketch(shape: Shape) -> str:
    """The shape in one line for whoever reads the prompt: field names, choices and bounds."""
    kind = shape.get("type")
    if "enum" in shape:
        return "|".join(json.dumps(option, ensure_ascii=False) for option in shape["enum"])
    if kind == "object":
        return "{" + ", ".join(f'"{name}": {sketch(inner)}' for name, inner in shape["properties"].items()) + "}"
    if kind == "array":
        return f"[{shape.get('minItems', 0)} to {shape['maxItems']} of {sketch(shape['items'])}]"
    if kind == "integer":
        return f"{shape['minimum']}..{shape['maximum']}"
    return f"text of at most {shape['maxLength']} characters"


def without(shape: Any, keywords: Sequence[str]) -> Any:
    """The shape without keywords that an endpoint refuses."""
    if isinstance(shape, dict):
        return {
            k: {n: without(s, keywords) for n, s in v.items()} if k == "properties" else without(v, keywords) for k, v in shape.items() if k not in keywords
        }
    return [without(item, keywords) for item in shape] if isinstance(shape, list) else shape
