"""Whether two judges agree beyond chance, and whether a judge only likes what is long."""

from __future__ import annotations

from collections.abc import Sequence


def weighted_kappa(a: Sequence[int], b: Sequence[int], low: int = 1, high: int = 5) -> float:
    """Cohen's kappa with quadratic weights (1968): 1 is agreement, 0 what chance gives. `ValueError` where the lists differ in length or are empty.

    Two judges who both give one and the same mark to everything agree, but say nothing: 0.
    """
    if len(a) != len(b) or not a:
        raise ValueError(f"two judges must have judged the same texts, not {len(a)} and {len(b)}")
    marks = range(low, high + 1)
    share_a = {m: a.count(m) / len(a) for m in marks}
    share_b = {m: b.count(m) / len(b) for m in marks}
    seen = sum((x - y) ** 2 for x, y in zip(a, b, strict=True)) / len(a)
    chance = sum(share_a[x] * share_b[y] * (x - y) ** 2 for x in marks for y in marks)
    return 1.0 - seen / chance if chance else 0.0


def ranks(values: Sequence[float]) -> list[float]:
    """The rank of each value, equal ones sharing the mean of theirs."""
    order = sorted(range(len(values)), key=lambda n: values[n])
    found = [0.0] * len(values)
    start = 0
    while start < len(order):
        stop = start
        while stop + 1 < len(order) and values[order[stop + 1]] == values[order[start]]:
            stop += 1
        for place in range(start, stop + 1):
            found[order[place]] = (start + stop) / 2
        start = stop + 1
    return found


def rank_correlation(a: Sequence[float], b: Sequence[float]) -> float:
    """Spearman's: -1 to 1; 0 where one of the two never changes."""
    x, y = ranks(a), ranks(b)
    if not x:
        return 0.0
    mx, my = sum(x) / len(x), sum(y) / len(y)
    across = sum((p - mx) * (q - my) for p, q in zip(x, y, strict=True))
    spread = (sum((p - mx) ** 2 for p in x) * sum((q - my) ** 2 for q in y)) ** 0.5
    return across / spread if spread else 0.0
