"""Depth: every bar of "deeper days, richer texts" for one world, in one table.

`python benchmarks/depth.py [WORLD] [--people 120 --days 365] [--worn 30] [--json FILE]`; without a world one is made. Words are what stands between spaces; n-grams
are of runs of a-z and apostrophes in lower case, as in `repetition.py`.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from understudy import Recipe, World, make, open_world
from understudy.metrics import texts
from understudy.scoring import bars
from understudy.scoring.encoding import choose
from understudy.scoring.reading import of_world
from understudy.scoring.samples import mail, talk


def main() -> None:
    """Make or open the world, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("world", nargs="?", type=Path)
    parser.add_argument("--people", type=int, default=120)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--vectors", type=Path, help="a folder in which vectors are kept")
    parser.add_argument("--worn", type=int, default=0, help="print so many of the most worn phrases of six words")
    parser.add_argument("--json", type=Path, help="write the figures there")
    given = parser.parse_args()
    if given.world:
        return show(open_world(given.world), given)
    with tempfile.TemporaryDirectory() as folder:
        return show(make(Recipe(people=given.people, days=given.days, seed=given.seed), Path(folder) / "town"), given)


def show(world: World, given: argparse.Namespace) -> None:
    """Print every figure beside its bar."""
    encoder = choose()
    counts = world.counts()
    print(f"{world.path.name}: {counts['people']:,} people, {world.manifest['recipe']['days']} days; texts as vectors: {encoder.name}")
    if encoder.note:
        print(encoder.note)
    print(f"{'figure':62} {'value':>12}  {'bar':24} ")
    found = []
    for bar in bars.all_bars(world, encoder, given.vectors):
        found.append(bar)
        verdict = "" if bar.reached is None else "reached" if bar.reached else "MISSED"
        print(f"{bar.name:62} {bar.shown:>12}  {bar.bar:24} {verdict}{'  ' + bar.note if bar.note else ''}", flush=True)
    held = [bar for bar in found if bar.reached is not None]
    print(f"{sum(bool(bar.reached) for bar in held)} of {len(held)} bars reached")
    if given.worn:
        pieces = of_world(world).pieces
        for name, chosen in (("mail", mail(pieces)), ("conversation", talk(pieces))):
            print(f"\nmost worn phrases, {name}, in how many of {len(chosen):,} texts:")
            for count, phrase in texts.worn([p.text for p in chosen], most=given.worn):
                print(f"{count:6} {phrase}")
    if given.json:
        given.json.write_text(json.dumps([bar._asdict() for bar in found], indent=1) + "\n")


if __name__ == "__main__":
    main()
