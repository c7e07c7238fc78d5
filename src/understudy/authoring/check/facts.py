"""The ways facts are said: enough of each manner, with the value in every line."""

from __future__ import annotations

from typing import Any

from understudy.engine.grammar import Line, compile_line
from understudy.errors import ContentError
from understudy.ontology.attributes import attributes

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
