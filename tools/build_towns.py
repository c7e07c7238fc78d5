"""Build `data/census/towns.csv`: ZIP codes in proportion to the states' people, for communities to live in.

Build time only; needs `pip install zipcodes` (MIT). State populations are the Census Bureau's 2022 estimates, in thousands.
"""

import csv
import io
import sys
from pathlib import Path

import zipcodes

PEOPLE = {
    "AL": 5074, "AK": 734, "AZ": 7359, "AR": 3046, "CA": 39029, "CO": 5840, "CT": 3626, "DE": 1018, "DC": 672, "FL": 22245, "GA": 10913,
    "HI": 1440, "ID": 1939, "IL": 12582, "IN": 6833, "IA": 3200, "KS": 2937, "KY": 4512, "LA": 4590, "ME": 1385, "MD": 6165, "MA": 6982,
    "MI": 10034, "MN": 5717, "MS": 2940, "MO": 6178, "MT": 1123, "NE": 1968, "NV": 3178, "NH": 1395, "NJ": 9262, "NM": 2113, "NY": 19677,
    "NC": 10699, "ND": 779, "OH": 11756, "OK": 4020, "OR": 4240, "PA": 12972, "RI": 1094, "SC": 5283, "SD": 910, "TN": 7051, "TX": 30030,
    "UT": 3381, "VT": 647, "VA": 8684, "WA": 7786, "WV": 1775, "WI": 5893, "WY": 581,
}  # fmt: skip
TOWNS = 4000


def main() -> None:
    """Take the same number of ZIP codes a million people in every state, evenly spread over the state's list."""
    rows = []
    total = sum(PEOPLE.values())
    for state in sorted(PEOPLE):
        known = sorted(
            (z for z in zipcodes.filter_by(state=state, zip_code_type="STANDARD", active=True) if z["timezone"] and z["area_codes"]),
            key=lambda z: z["zip_code"],
        )
        cities: dict[str, int] = {}
        for z in known:
            cities[z["city"]] = cities.get(z["city"], 0) + 1
        # A city with many ZIP codes has many people; a lone rural ZIP code has few: take one in three of the latter.
        known = [z for i, z in enumerate(known) if cities[z["city"]] > 1 or i % 3 == 0]
        wanted = max(4, round(TOWNS * PEOPLE[state] / total))
        step = max(1.0, len(known) / wanted)
        rows += [known[int(i * step)] for i in range(min(wanted, len(known)))]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["zip", "city", "state", "county", "timezone", "area_code", "lat", "lon"])
    for z in rows:
        writer.writerow([z["zip_code"], z["city"], z["state"], z["county"], z["timezone"], z["area_codes"][0], z["lat"], z["long"]])
    Path(sys.argv[1]).write_text(out.getvalue())
    print(len(rows), "towns")


main()
