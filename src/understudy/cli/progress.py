"""Progress while a town is made: a bar with rate and time left on a terminal, plain lines elsewhere; then the table of what was made."""

from __future__ import annotations

import sys
import time
from typing import Any

from rich.console import Console
from rich.table import Table

from understudy.store.world import World


class Progress:
    """Shows the share of the work that is done; it only ever says what is true."""

    def __init__(self, communities: int):
        self.communities, self.began, self.last = communities, time.monotonic(), -1
        self.console = Console(stderr=True)
        self.bar: Any = None
        self.task: Any = None
        self.seconds = 0.0

    def __enter__(self) -> Progress:
        if self.console.is_terminal:
            from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            self.bar = Bar(
                TextColumn("making"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TextColumn("{task.fields[rate]}"), TimeRemainingColumn(), console=self.console,
            )  # fmt: skip
            self.bar.start()
            self.task = self.bar.add_task("making", total=1.0, rate="")
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self.seconds = time.monotonic() - self.began
        if self.bar is not None:
            self.bar.stop()

    def update(self, share: float, whole: int) -> None:
        """Take the share of all work done and the number of finished communities."""
        passed = time.monotonic() - self.began
        if self.bar is not None:
            self.bar.update(self.task, completed=share, rate=f"{whole}/{self.communities} communities")
        elif share > 0 and int(share * 4) > self.last:
            self.last = int(share * 4)
            left = passed / share - passed
            print(f"{share:4.0%} after {passed:.0f} s, about {left:.0f} s left ({whole}/{self.communities} communities)", file=sys.stderr, flush=True)


def summary(world: World, seconds: float) -> None:
    """The table of what was made, and what to try next."""
    counts = world.counts()
    _, kinds = world.sql("SELECT kind, count(*) FROM artifacts GROUP BY kind ORDER BY 2 DESC, 1")
    table = Table(title=f"{world.path}", show_header=False, title_justify="left")
    table.add_column()
    table.add_column(justify="right")
    for name in ("households", "people", "ties", "facts", "events", "visits", "artifacts"):
        table.add_row(name, f"{counts[name]:,}")
        if name == "artifacts":
            for kind, number in kinds:
                table.add_row(f"  {kind}", f"{number:,}")
    table.add_row("questions", f"{counts['questions']:,}")
    table.add_row("seconds", f"{seconds:.1f}")
    table.add_row("MB", f"{world.size_mb():.1f}")
    Console().print(table)
