"""Record a model's answers for the tests: python tools/record_town.py TOWN/calls.sqlite tests/recorded/town.jsonl (docs/models.md says how the town is made)."""

from __future__ import annotations

import sys
from pathlib import Path

from understudy.engine.journal import Journal
from understudy.engine.recorded import record


def main() -> None:
    """Read a journal, write its answers."""
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    target.parent.mkdir(parents=True, exist_ok=True)
    print(f"{record(Journal(source), target)} answers in {target}")


if __name__ == "__main__":
    main()
