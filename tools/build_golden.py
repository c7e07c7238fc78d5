"""Make the small world of the present schema that later versions must still open: `python tools/build_golden.py tests/golden/schema1`."""

import shutil
import sys
from pathlib import Path

from understudy import Recipe, make

target = Path(sys.argv[1])
shutil.rmtree(target, ignore_errors=True)
world = make(Recipe(people=10, days=2, seed=7, density=0.5), target, jobs=1)
print(world.counts(), f"{world.size_mb():.2f} MB")
