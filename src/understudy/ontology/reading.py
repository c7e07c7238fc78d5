"""Reads a module's file so that whatever is wrong with it is said with file, line, field and the way out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import msgspec
import yaml

from understudy import assets
from understudy.errors import ContentError
from understudy.ontology.modules import Away, Change, Lead, Leaf, Module, Node, Role, When, parse_module
from understudy.ontology.who import Who

RECORDS: dict[str, type[msgspec.Struct]] = {
    "": Module, "events": Node, "when": When, "leaves": Leaf, "changes": Change, "away": Away, "leads": Lead, "cast": Role, "who": Who,
}  # fmt: skip
"""What stands under a name of the notation."""
NOTATION = "docs/authoring/modules.md"
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]|\[(\.\.\.)\]")
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Step = str | int


def dotted(path: Sequence[Step]) -> str:
    """A place within a module as people write it: `events.flat.leaves[0].say`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")


def tree_of(text: str) -> Any:
    """The nodes of a YAML text with their marks, for `line_at`."""
    return yaml.compose(text, Loader=_Loader)


def line_at(tree: Any, path: Sequence[Step]) -> int:
    """The line (from 1) at which a place stands, or the nearest place above it that is there."""
    node, line = tree, 1
    for step in path:
        if isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == str(step)), None)
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            break
    return int(line)


def wrong(content: Any) -> tuple[list[Step], str] | None:
    """Where the first thing stands that is not of the notation, and what is wrong with it; None if all is."""
    try:
        msgspec.convert(content, Module)
    except msgspec.ValidationError as error:
        said, _, at = str(error).partition(" - at `$")
        return _resolved(content, _STEP.findall(at), str(error)), said
    return None


def _resolved(content: Any, steps: list[tuple[str, str, str]], said: str) -> list[Step]:
    """The path of an error; a "[...]" stands for some key of a mapping, which is found by leaving the others out."""
    path: list[Step] = []
    here = content
    for name, number, _ in steps:
        step: Step = name or (int(number) if number else "")
        if step == "" and isinstance(here, dict):
            step = next((key for key in here if _fails(content, path, key, said)), "")
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            break
        path.append(step)
    return path


def _fails(content: Any, path: Sequence[Step], key: Any, said: str) -> bool:
    """Whether the same error stands if of a mapping only this key is left."""

    def cut(here: Any, rest: Sequence[Step]) -> Any:
        if not rest:
            return {key: here[key]}
        copy: Any = dict(here) if isinstance(here, dict) else list(here)
        copy[rest[0]] = cut(here[rest[0]], rest[1:])
        return copy

    try:
        msgspec.convert(cut(content, path), Module)
    except msgspec.ValidationError as error:
        return str(error) == said
    return False


def way_out(path: Sequence[Step], said: str) -> str:
    """What can stand there instead."""
    names = [str(step) for step in path if isinstance(step, str)]
    record = RECORDS.get(next((n for n in reversed(names) if n in RECORDS), ""), Module)
    field = re.search(r"field `(\w+)`", said)
    if "unknown field" in said and field:
        fields = [f.encode_name for f in msgspec.structs.fields(record)]
        near = get_close_matches(field[1], fields, 1)
        return f"write `{near[0]}`" if near else f"the fields there are {', '.join(fields)}"
    if "missing required" in said and field:
        return f"add `{field[1]}`"
    return f"correct it there ({NOTATION} has the notation)"


def read_text(path: Path) -> str:
    """A module's file as text; `ContentError` if it is none."""
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise ContentError(f"{path} is not UTF-8 text; save it as UTF-8") from None
    except OSError as error:
        raise ContentError(f"cannot read {path} ({error.strerror}); check the path") from None


def read_module(path: Path) -> Module:
    """The module of a user's file; a `ContentError` with file, line, field and the way out for whatever is not of the notation."""
    content = assets.read_yaml(path)
    if not isinstance(content, dict):
        raise ContentError(f"{path}: a module is a mapping that begins with `module: {path.stem}`; {NOTATION} has the notation")
    found = wrong(content)
    if found is not None:
        place, said = found
        where = f"{path}, line {line_at(tree_of(read_text(path)), place)}"
        raise ContentError(f"{where}: {dotted(place) or 'the module'}: {said[:1].lower()}{said[1:]}; {way_out(place, said)}")
    module = parse_module(content, str(path))
    if module.module != path.stem:
        raise ContentError(f"{path}, line 1: `module: {module.module}` is not the file's name; rename one of the two")
    return module
