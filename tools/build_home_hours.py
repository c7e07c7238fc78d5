"""Calibrate what people do at home by the hour (`data/ontology/home_hours.yaml`) on a time-use tempogram: `python tools/build_home_hours.py [ROUNDS]`.

A town is made as far as its days; for each hour and activity group the share of people at it outside their homes is counted and taken from the tempogram's; what
is left is what should happen at home. The weights are corrected by the ratio of what should be to what is (iterative proportional fitting), and written as whole
numbers. Whoever changes working hours, outings or modules runs it again.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
import yaml

from understudy import assets
from understudy.making import make
from understudy.metrics.fidelity import curve, hours, presence
from understudy.recipe import Recipe

PATH = assets.HERE / "data" / "ontology" / "home_hours.yaml"
GROUPS = {"Housework": "housework", "Leisure": "leisure", "Eating": "meal", "Personal Care": "personal_care", "Childcare": "childcare", "Working and Education": "duty",
          "Sports": "exercise", "Shopping and Services": "errands", "Adult care": "family_care"}  # fmt: skip
OTHER_HOURS = 0.5
"""The least share of an hour that a group keeps of its real one where those outside take all: nobody's hour is empty."""


def measured(folder: Path) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """For each group the share of person-hours by hour of the day, at home and elsewhere, of people of fifteen and older."""
    world = make(Recipe.build({"people": 90, "days": 21, "seed": 11, "until": "life", "start": "2025-03-03"}), folder)
    reference = assets.data("data/reference/real_life.yaml")["groups"]
    found: list[dict[str, np.ndarray]] = [{}, {}]
    people = world.sql("SELECT count(*) FROM people WHERE birth_date + INTERVAL 15 YEAR <= DATE '2025-03-03'")[1][0][0]
    query = """SELECT v.intent, v.category IN ('home', 'hotel'), v.slot * 30 + minute(v.starts) % 30, date_diff('minute', v.starts, v.ends) FROM visits v
        JOIN people p ON p.id = v.person WHERE p.birth_date + INTERVAL 15 YEAR <= DATE '2025-03-03' AND v.intent <> 'sleep'"""
    rows: dict[tuple[str, bool], list[tuple[int, int]]] = {}
    for intent, home, start, minutes in world.sql(query)[1]:
        rows.setdefault((reference.get(intent, "Leisure"), bool(home)), []).append((start, minutes))
    for (group, home), spells in rows.items():
        found[0 if home else 1][group] = hours(presence([s for s, _ in spells], [m for _, m in spells])) / 60 / (people * 21)
    return found[0], found[1]


def main(rounds: int) -> None:
    """Correct the weights so many times and print how far each group's hours are off."""
    tempogram = assets.data("data/reference/real_life.yaml")["tempogram"]
    real = {g: hours(curve(tempogram["minutes"], tempogram["share"][g])) / 60 for g in GROUPS}
    for turn in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            home, away = measured(Path(folder) / "town")
        text = PATH.read_text()
        content = yaml.safe_load(text)
        table = content["hours"]
        zero = np.zeros(24)
        far = {}
        for group, name in GROUPS.items():
            ours = home.get(group, zero) + away.get(group, zero)
            far[group] = float(np.abs(ours / max(ours.sum(), 1e-9) - real[group] / real[group].sum()).sum() / 2)
            wanted = np.maximum(real[group] - away.get(group, zero), 0.03 * real[group])
            for hour in range(24):
                is_now, should = float(home.get(group, zero)[hour]), float(wanted[hour])
                ratio = min(3.0, max(1 / 3, (should + 1e-4) / (is_now + 1e-4))) ** 0.8
                table[hour][name] = max(1, round(table[hour].get(name, 20) * ratio))
        for hour in range(24):  # an hour's weights stay near a thousand in all
            whole = sum(table[hour].values())
            table[hour] = {name: max(1, round(weight * 1000 / whole)) for name, weight in table[hour].items()}
        head = text[: text.index("\nhours:") + 1]
        lines = [f"  {hour}: {{{', '.join(f'{n}: {w}' for n, w in table[hour].items())}}}" for hour in range(24)]
        PATH.write_text(head + "hours:\n" + "\n".join(lines) + "\n" + text[text.index("\nleisure:") + 1 :])
        mean = sum(far[g] * real[g].sum() for g in GROUPS) / sum(r.sum() for r in real.values())
        print(f"round {turn}: mean {mean:.3f}; " + ", ".join(f"{g} {d:.2f}" for g, d in far.items()), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
