"""Repetition and the plain figures of chat: 120 people for 28 days, embedded. Prints a table; run by `make bench`."""

from __future__ import annotations

import json
import re
import tempfile
from collections import Counter
from pathlib import Path
from statistics import median

from understudy import Recipe, make

GREETING = re.compile(r"^\s*(hi|hey|hello|yo|morning|good (morning|evening|afternoon)|howdy|sup|hiya)\b", re.I)


def main() -> None:
    """Make the town and print duplicates, worn openings, greetings, marks and lengths."""
    with tempfile.TemporaryDirectory() as folder:
        world = make(Recipe(people=120, days=28, seed=11), Path(folder) / "town")
        rows = world.sql("SELECT kind, text, payload, noise FROM artifacts WHERE kind IN ('email', 'message') AND author LIKE '%.p%'")[1]
    texts, openings, first, turns, sizes = Counter(), Counter(), [], [], []
    for kind, text, payload, _ in rows:
        spoken = [t["text"] for t in json.loads(payload)["turns"]] if kind == "message" else []
        joined = " ".join(spoken) if spoken else text
        words = joined.split()
        if spoken:
            first.append(bool(GREETING.match(spoken[0])))
            turns += spoken
            sizes.append(len(spoken))
        if len(words) >= 12:
            texts[joined] += 1
            openings[" ".join(words[:6]).lower()] += 1
    total = sum(texts.values())
    duplicates = sum(n for n in texts.values() if n > 1)
    worn, often = openings.most_common(1)[0]
    print(f"texts of 12 words or more by persons: {total:,}")
    print(f"exact duplicates of another: {duplicates / total:.2%} (bar: 2 %)")
    print(f'commonest 6-word opening: {often / total:.2%} "{worn}" (bar: 1 %)')
    print(f"first turn a greeting: {sum(first) / len(first):.1%} (real chat: 15-27 %)")
    print(f"turns with an exclamation mark: {sum('!' in t for t in turns) / len(turns):.1%} (real chat: 7-28 %)")
    print(f"turns with a question: {sum('?' in t for t in turns) / len(turns):.1%} (DailyDialog: 36 %, SMS: 20-26 %)")
    print(
        f"words a turn, median: {median(len(t.split()) for t in turns):.0f} (DailyDialog: 9, SMS: 7); turns a sitting, median: {median(sizes):.0f} (DailyDialog: 7)"
    )
    vocabulary = Counter(re.findall(r"[a-z']+", " ".join(turns).lower()))
    tokens = [w for t in turns for w in re.findall(r"[a-z']+", t.lower())][:50000]
    threes = list(zip(tokens, tokens[1:], tokens[2:]))
    print(f"vocabulary: {len(vocabulary):,} words; distinct-3 over {len(tokens):,} words: {len(set(threes)) / len(threes):.2f} (real chat: 0.85)")


if __name__ == "__main__":
    main()
