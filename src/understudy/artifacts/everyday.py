"""What everyday entries share, whether a firm sends them or a phone gathers them: who may have one, and the details that nobody keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from understudy.artifacts.cast import Cast
from understudy.engine.grammar import Writer, parse
from understudy.model.briefs import Value
from understudy.model.clock import MONTHS, SEASONS, WEEKDAYS
from understudy.ontology.who import Who
from understudy.rng import Stream


def who_of(entry: Mapping[str, Any]) -> Who | None:
    """The conditions under which somebody has an entry; None where there are none."""
    return msgspec.convert(entry["who"], Who) if entry.get("who") else None


def slots_of(entry: Mapping[str, Any], cast: Cast, minute: int, rng: Stream) -> dict[str, Value]:
    """The town, the season and an entry's own details, drawn anew: amounts, numbers, codes, names and choices (which may hold slots of their own)."""
    slots = {"town": Value(cast.community.town.city), "season": Value(SEASONS[cast.clock.month(minute) - 1])}
    for name, spec in (entry.get("details") or {}).items():
        if "cents" in spec:
            slots[name] = Value(f"${rng.whole(int(spec['cents'][0]), int(spec['cents'][1])) / 100:,.2f}")
        elif "whole" in spec:
            slots[name] = Value(str(rng.whole(int(spec["whole"][0]), int(spec["whole"][1]))))
        elif "pick" in spec:
            known = {**slots, "weekday": WEEKDAYS[cast.clock.weekday(minute)], "month": MONTHS[cast.clock.month(minute) - 1]}
            slots[name] = Value(Writer(None, known, {}, rng).expand(parse(str(rng.pick(spec["pick"]))))[0])
        elif "code" in spec:
            slots[name] = Value("".join(rng.pick("ABCDEFGHJKLMNPQRSTUVWXYZ") if c == "@" else str(rng.whole(0, 9)) if c == "#" else c for c in spec["code"]))
        elif "name" in spec or "fullname" in spec:
            slots[name] = Value(rng.pick(("Ruth", "Calvin", "Odessa", "Merle", "Ines", "Walt")))
    return slots
