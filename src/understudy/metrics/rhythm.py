"""How people talk, in plain counts: lengths, greetings, marks, pauses; no model."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from understudy.metrics.texts import GREETING, words

EMOJI = re.compile("[\u2600-\u27bf\u2b50\u2b55\U0001f000-\U0001faff]|(?<!\\w)[:;=]-?[)(DPp]")


class Talk(NamedTuple):
    """The figures of a set of conversations; shares are of turns, greetings of first turns. Nothing to count gives nought."""

    sessions: int
    turns: int
    words_a_turn: float  # median
    characters_a_turn: float  # median
    turns_a_session: float  # median
    greeting: float
    exclaim: float
    question: float
    ends_without_stop: float
    starts_upper: float
    emoticon: float


def talk(sessions: Sequence[Sequence[str]]) -> Talk:
    """Count over conversations, each a list of its turns' texts."""
    full = [s for s in sessions if s]
    turns = [turn.strip() for s in full for turn in s if turn.strip()]
    if not turns:
        return Talk(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    lettered = [t for t in turns if t[0].isalpha()]
    return Talk(
        sessions=len(full),
        turns=len(turns),
        words_a_turn=median(len(words(t)) for t in turns),
        characters_a_turn=median(map(len, turns)),
        turns_a_session=median(map(len, full)),
        greeting=sum(bool(GREETING.match(s[0])) for s in full) / len(full),
        exclaim=sum("!" in t for t in turns) / len(turns),
        question=sum("?" in t for t in turns) / len(turns),
        ends_without_stop=sum(t[-1] not in ".!?…" for t in turns) / len(turns),
        starts_upper=sum(t[0].isupper() for t in lettered) / len(lettered) if lettered else 0.0,
        emoticon=sum(bool(EMOJI.search(t)) for t in turns) / len(turns),
    )


def delays(minutes: Sequence[Sequence[tuple[str, float]]]) -> list[float]:
    """Minutes that each answer took, of conversations given as (speaker, minute) in order; only where the speaker changes."""
    return [after[1] - before[1] for session in minutes for before, after in itertools.pairwise(session) if before[0] != after[0] and after[1] >= before[1]]
