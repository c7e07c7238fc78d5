"""How near drawn households come to the raked census joints, against a plain multinomial draw of the same size.

    python benchmarks/census.py [--sizes 50000 500000] [--seed 1]

Prints one table: for each of the three joints the total variation distance (TV) of that many drawn adults from the
target, the mean TV of multinomial draws of as many adults, their ratio, and how much the TV falls from the smallest
size to the largest. Bars: ratio at most 1.4 at 50,000 adults; a fall of at least 2.5 times from 50,000 to 500,000.
"""

from __future__ import annotations

import argparse
import time
from bisect import bisect
from collections import Counter
from collections.abc import Iterable
from datetime import date
from itertools import accumulate

from understudy.model.seeds import HouseholdSeed
from understudy.population.categories import JOINTS, age_band, income_band, size_label
from understudy.population.draw import age_on, draw_households
from understudy.population.pool import Pool, load_pool, target
from understudy.rng import Stream, stream

Cell = tuple[str, ...]
START = date(2022, 7, 1)
RATIO_BAR, FALL_BAR = 1.4, 2.5
ACS_2022 = {
    "married couple": 0.469, "cohabiting couple": 0.073, "man alone": 0.130, "woman alone": 0.156,
    "with somebody under 18": 0.291, "with somebody of 65 or more": 0.317, "owned": 0.652,
}  # fmt: skip
"""Shares of households, American Community Survey 2022, 1-year."""


def describe(home: HouseholdSeed) -> list[dict[str, str]]:
    """The adults of a drawn household in the words of the joints, from what was handed over alone."""
    roles = [m.role for m in home.members]
    partner = "spouse" if "spouse" in roles else "cohabit" if "partner" in roles else "none"
    ages = [age_on(m.birth_date, START) for m in home.members]
    child = "yes" if min(ages) < 18 else "no"
    return [
        {
            "age_band": age_band(age), "sex": m.sex, "education": m.education, "status": m.status,
            "with_partner": partner if m.role in ("householder", "spouse", "partner") else "none",
            "hh_child": child, "household_size": size_label(len(home.members)),
            "family_income": income_band(home.income),
        }
        for m, age in zip(home.members, ages, strict=True) if age >= 18
    ]  # fmt: skip


def distance(counts: Counter[Cell], goal: dict[Cell, float]) -> float:
    """Total variation distance of counts from shares."""
    total = sum(counts.values())
    extra = sum(n for cell, n in counts.items() if cell not in goal) / total
    return (extra + sum(abs(counts[cell] / total - share) for cell, share in goal.items())) / 2


def multinomial(goal: dict[Cell, float], size: int, rng: Stream, repeats: int) -> float:
    """Mean TV of `repeats` independent draws of `size` adults from the target itself."""
    cells, sums = list(goal), list(accumulate(goal.values()))
    found = 0.0
    for _ in range(repeats):
        drawn = Counter(min(bisect(sums, rng.random() * sums[-1]), len(cells) - 1) for _ in range(size))
        found += distance(Counter({cells[i]: n for i, n in drawn.items()}), goal)
    return found / repeats


def types(home: HouseholdSeed) -> Iterable[str]:
    """The household types that a household counts for."""
    roles = [m.role for m in home.members]
    ages = [age_on(m.birth_date, START) for m in home.members]
    if "spouse" in roles:
        yield "married couple"
    if "partner" in roles:
        yield "cohabiting couple"
    if len(roles) == 1:
        yield "man alone" if home.members[0].sex == "male" else "woman alone"
    if min(ages) < 18:
        yield "with somebody under 18"
    if max(ages) >= 65:
        yield "with somebody of 65 or more"
    if home.tenure == "owned":
        yield "owned"


def draw(pool: Pool, adults: int, seed: int) -> tuple[dict[str, Counter[Cell]], Counter[str]]:
    """Cells of the first households with at least `adults` adults, and counts of household types and people."""
    rng = stream(seed, f"benchmark/census/{adults}")
    counts: dict[str, Counter[Cell]] = {name: Counter() for name in JOINTS}
    kinds: Counter[str] = Counter()
    while kinds["adults"] < adults:
        for home in draw_households(pool, rng, 200, START):
            kinds.update(types(home))
            people = describe(home)
            kinds.update({"households": 1, "people": len(home.members), "adults": len(people)})
            for name, columns in JOINTS.items():
                counts[name].update(tuple(person[c] for c in columns) for person in people)
    return counts, kinds


def main() -> None:
    """Draw, compare and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[50_000, 500_000], help="adults to draw")
    parser.add_argument("--seed", type=int, default=1, help="seed of the draws")
    args = parser.parse_args()
    pool = load_pool()
    print(f"pool: {len(pool):,} household templates, effective {pool.effective():,.0f}")
    print(f"{'joint':34} {'adults':>8} {'TV':>8} {'multinomial':>12} {'ratio':>6} {'fall':>6}  bar")
    first: dict[str, float] = {}
    kinds: Counter[str] = Counter()
    for size in sorted(args.sizes):
        began = time.perf_counter()
        counts, kinds = draw(pool, size, args.seed)
        took = time.perf_counter() - began
        for name in JOINTS:
            goal = target(name)
            tv = distance(counts[name], goal)
            noise = multinomial(goal, size, stream(args.seed, f"noise/{name}/{size}"), 5 if size < 200_000 else 2)
            fall = first.setdefault(name, tv) / tv
            met = tv / noise <= RATIO_BAR if fall == 1.0 else fall >= FALL_BAR
            print(f"{name:34} {size:8,} {tv:8.4f} {noise:12.4f} {tv / noise:6.2f} {fall:6.2f}  {'met' if met else 'MISSED'}")
        print(f"  ({took:.1f} s to draw {kinds['people']:,} people in {kinds['households']:,} households)")
    print(f"\n{'household type':30} {'drawn':>7} {'ACS 2022':>9}")
    for kind, share in ACS_2022.items():
        print(f"{kind:30} {kinds[kind] / kinds['households']:7.3f} {share:9.3f}")
    print(f"{'people a household':30} {kinds['people'] / kinds['households']:7.2f} {2.5:9.2f}")


if __name__ == "__main__":
    main()
