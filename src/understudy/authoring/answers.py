"""Reads what a model sent for a module: YAML or JSON, fenced or bare, with the small slips that models make in YAML."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import msgspec
import yaml

from understudy.engine.budget import Budget
from understudy.engine.models import Completes
from understudy.engine.request import ANSWERED, Reply, Request

FENCE = re.compile(r"```(?:ya?ml|json)?[ \t]*\n(.*?)(?:\n```|\Z)", re.S)
BEGINS = re.compile(r"^(?:module|label|topic|events):", re.M)
_BARE = re.compile(r"^(\s*(?:- )+)(?![\"'|>&*!-])(?!\{ ?\w+:)(?!\[)(\S.*?)\s*$")
_TYPED = str.maketrans({"“": '"', "”": '"', "\t": "  "})
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Lenient:
    """Stands before a client (or a batch): an answer that is the module itself, not an object that holds it, is put into one."""

    def __init__(self, client: Completes):
        self.client = client
        self.budget: Budget = client.budget

    def complete(self, requests: Sequence[Request]) -> list[Reply]:
        """The replies, each an object with the module's text where there is one."""
        return [reply._replace(text=wrapped(reply.text)) if reply.status == ANSWERED else reply for reply in self.client.complete(requests)]


def wrapped(answer: str) -> str:
    """The answer as {"module": text}; what holds no module stays as it is, for the engine to complain of."""
    try:
        found = msgspec.json.decode(answer)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        found = None
    if isinstance(found, dict):
        inner = found.get("module")
        if isinstance(inner, str) and "events" not in found:
            return answer
        module = inner if isinstance(inner, dict) else found
        return json.dumps({"module": dumped(module)}, ensure_ascii=False) if "events" in module else answer
    fenced = FENCE.search(answer)
    text = fenced[1] if fenced else answer
    if fenced and text.lstrip().startswith("{"):
        return wrapped(text)
    return json.dumps({"module": text}, ensure_ascii=False) if BEGINS.search(text) else answer


def dumped(content: Any) -> str:
    """A module's content as YAML, in the order in which it came."""
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=160)


def content_of(text: str) -> tuple[str, Any, str]:
    """A module's text (mended where that was needed), its content, and what is wrong with it as YAML ("" where nothing is)."""
    fenced = FENCE.search(text)
    text = (fenced[1] if fenced else text).strip("\n") + "\n"
    problem = ""
    for version in (text, mended(text), mended(text.translate(_TYPED))):
        try:
            content = yaml.load(version, Loader=_Loader)  # noqa: S506 (a safe loader)
        except (yaml.YAMLError, ValueError) as error:
            mark = getattr(error, "problem_mark", None)
            line = version.split("\n")[mark.line].strip() if mark and mark.line < version.count("\n") else ""
            problem = (
                problem
                or f"line {mark.line + 1 if mark else 1} is not valid YAML ({getattr(error, 'problem', None) or error}){f': {line[:90]}' if line else ''}"
            )
            continue
        if isinstance(content, dict) and isinstance(content.get("module"), dict):
            content = content["module"]
            version = dumped(content)
        return (version, content, "") if isinstance(content, dict) else (version, None, "it is no mapping that begins with `module:`")
    return text, None, problem


def mended(text: str) -> str:
    """Lines of lists that should have been quoted, quoted: a bare `- {slot} is late: again` is no text in YAML."""
    lines = []
    for line in text.split("\n"):
        found = _BARE.match(line)
        bare = found is not None and (found[2].startswith("{") or ": " in found[2] or " #" in found[2] or found[2].startswith(("%", "@", "`")))
        lines.append(found[1] + json.dumps(found[2], ensure_ascii=False) if found is not None and bare and not re.match(r"\w+:(\s|$)", found[2]) else line)
    return "\n".join(lines)
