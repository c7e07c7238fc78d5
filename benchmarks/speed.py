"""Speed and memory on one core: writing alone, the whole make, growth with people and days. Prints tables; run by `make bench`."""

from __future__ import annotations

import gc
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any


def measure(people: int, days: int, out: Path) -> dict[str, float]:
    """Make a town in a process of its own with one worker; CPU seconds, peak memory and what came out."""
    code = (
        f"import resource, json; from understudy import Recipe, make; w = make(Recipe(people={people}, days={days}, seed=3), {str(out)!r}, jobs=1); "
        "u = resource.getrusage(resource.RUSAGE_SELF); print(json.dumps([u.ru_utime + u.ru_stime, u.ru_maxrss / 1024, w.counts()['artifacts']]))"
    )
    shutil.rmtree(out, ignore_errors=True)
    cpu, peak, artifacts = json.loads(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
    return {"cpu": cpu, "peak": peak, "artifacts": artifacts}


def beside() -> float:
    """Something to hold the figures against: how many million steps of a plain Python loop this machine takes in a CPU-second."""
    began = time.process_time()
    total = 0
    for step in range(3_000_000):
        total += step
    return 3.0 / (time.process_time() - began)


def writing(out: Path) -> list[tuple[int, float, float]]:
    """Write the person-written mails and sittings of one planned town: compose, check, keep, store.

    Twice: the first time compiles the grammars. Each time: texts, words a text, CPU seconds.
    """
    from understudy import Recipe
    from understudy import pipeline as p
    from understudy.population.sizes import Part
    from understudy.store.parts import PartWriter

    planned: list[tuple[list[Any], Any]] = []
    original = p._calls

    def catch(planner, first, last, visits, direct):  # type: ignore[no-untyped-def]
        planned.append((planner.week(first, last, visits), planner.cast.clock))
        return []

    p._calls = catch
    p.make_community(Recipe(people=40, days=56, seed=3), Part(0, 40, False), PartWriter(out, 0))
    p._calls = original
    briefs = [b for week, _ in planned for b in week if b.kind in ("email", "message") and not b.organization]
    return [write(briefs, planned[0][1], PartWriter(out, number)) for number in (1, 2)]


def write(briefs: list[Any], clock: Any, writer: Any) -> tuple[int, float, float]:
    """Write these briefs as one part."""
    from understudy.artifacts.kind import keep
    from understudy.artifacts.kinds import KINDS
    from understudy.critics.refine import refine
    from understudy.critics.repetition import Repetition
    from understudy.engine.embedded import Embedded

    repetition, words = Repetition(), 0
    gc.collect()
    gc.disable()  # as the pipeline does while it writes a week
    began = time.process_time()
    for at in range(0, len(briefs), 1000):
        artifacts, reveals = [], []
        for refined in refine(Embedded(3), [KINDS[b.kind].call(b.ids[0], b) for b in briefs[at : at + 1000]], repetition):
            if refined.draft is not None:
                found, shown = keep(KINDS[refined.call.brief.kind], refined.call.brief, refined.draft, clock, "embedded", True)
                artifacts += found
                reveals += shown
                words += sum(a.text.count(" ") + a.text.count("\n") + 1 for a in found)
        writer.add("artifacts", artifacts)
        writer.add("reveals", reveals)
    count = writer.rows["artifacts"]
    writer.commit({"community": []})
    seconds = time.process_time() - began
    gc.enable()
    return count, words / max(1, count), seconds


def main() -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        steps = beside()
        print(f"beside it: a plain Python loop takes {steps:.1f} million steps a CPU-second on this machine\n")
        for name, (count, length, seconds) in zip(("with compiling", "once compiled"), writing(out / "writing")):
            eighty = count * length / 80 / seconds
            print(
                f"writing alone, {name}: {count} texts of {length:.0f} words in {seconds:.2f} CPU-s = {count / seconds:,.0f} a CPU-second, "
                f"{eighty:,.0f} of 80 words (bar: 2,500), {eighty / steps:,.0f} to a million loop steps"
            )
        print(f"\n{'people':>7} {'days':>5} {'CPU-s':>7} {'person-days/CPU-s':>18} {'artifacts/person-day':>21} {'peak MB':>8}")
        costs = {}
        for people, days in ((15, 28), (60, 28), (240, 28), (60, 365)):
            got = measure(people, days, out / "town")
            costs[people, days] = got
            print(f"{people:>7} {days:>5} {got['cpu']:>7.1f} {people * days / got['cpu']:>18.0f} {got['artifacts'] / people / days:>21.1f} {got['peak']:>8.0f}")
        print(f"\n4 times the people (60 -> 240) cost {costs[240, 28]['cpu'] / costs[60, 28]['cpu']:.2f} times the CPU (bar: 4.2)")
        print(f"peak memory with 4 times the communities: {costs[240, 28]['peak'] / costs[60, 28]['peak']:.2f} times (bar: no greater)")
    began = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "understudy.cli.main", "--help"], capture_output=True, check=True)
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"understudy --help: {ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime:.2f} CPU-s (bar: 0.30)")


if __name__ == "__main__":
    main()
