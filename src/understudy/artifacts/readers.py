"""Questions for blind readers: where a model only implied a fact they must be able to pick it; over a noise session they must not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from understudy.artifacts.brief_data import label, told
from understudy.artifacts.cast import Cast
from understudy.critics.judging import Reading
from understudy.engine.call import Call
from understudy.model.briefs import Brief, Draft
from understudy.model.records import Fact
from understudy.ontology.attributes import attributes
from understudy.ontology.values import tagged_values
from understudy.rng import stream

OPTIONS = 5
"""Values a reader picks from (the issue of an implied reveal: one right among five)."""
NOISE_READ = 0.2
"""The share of noise sessions that a reader looks into."""


def readings_for(cast: Cast) -> Callable[[Call[Any], Any], list[Reading]]:
    """What to ask blind readers about a draft."""
    by_key: dict[str, list[str]] = {}
    for fact in cast.timeline.all():
        by_key.setdefault(fact.key, []).append(fact.value)

    def ask(call: Call[Any], draft: Any) -> list[Reading]:
        brief: Brief = call.brief
        if not isinstance(draft, Draft) or not draft.read:
            return []
        text = call.shown(draft)
        if brief.noise:
            return _over_noise(cast, brief, text, by_key)
        hinted = {found.source[1] for found in draft.found if found.by == "critic"}
        found = []
        for alias, tell in told(brief):
            if tell.fact in hinted:
                options = _options(tell.key, tell.value, by_key, f"{brief.ids[0]}/{alias}", cast.community.seed)
                found.append(Reading(text, cast.people[tell.about].given_name, label(tell.key), options, tell.value, alias=alias))
        return found

    return ask


def _over_noise(cast: Cast, brief: Brief, text: str, by_key: dict[str, list[str]]) -> list[Reading]:
    draw = stream(cast.community.seed, f"{brief.ids[0]}/reader")
    facts = _open_facts(cast, brief)
    if not facts or not draw.chance(NOISE_READ):
        return []
    fact = draw.pick(facts)
    options = _options(fact.key, fact.value, by_key, f"{brief.ids[0]}/noise", cast.community.seed)
    return [Reading(text, cast.people[fact.person].given_name, label(fact.key), options, fact.value, True)] if len(options) > 2 else []


def _open_facts(cast: Cast, brief: Brief) -> list[Fact]:
    """Facts of those who take part that nobody sees from names and ages alone."""
    known = attributes()
    hidden = ("background.identity.", "relationships.")
    return [f for s in brief.speakers for f in cast.by_person[s.id] if f.key in known and f.polarity == "positive" and not f.key.startswith(hidden)]


def _options(key: str, value: str, by_key: dict[str, list[str]], name: str, seed: int) -> tuple[str, ...]:
    """The value among four others of its key, in a drawn order."""
    draw = stream(seed, f"{name}/options")
    pool = [v for v, _ in tagged_values(key)] if key in attributes() else []
    if len(pool) < OPTIONS:
        pool = [*pool, *by_key.get(key, ())]
    others = [v for v in dict.fromkeys(pool) if v.lower() not in value.lower() and value.lower() not in v.lower()]
    return tuple(draw.shuffled([value, *draw.some(others, OPTIONS - 1)]))
