"""Makes communities in threads of this process: for runs that wait for a model, so that one client, one budget and one limit hold for all."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

from understudy.errors import Stopped

POLL = 0.25


def run(task: Callable[[Any], None], items: Sequence[tuple[str, Any]], jobs: int, progress: Callable[[float, int], None]) -> tuple[Stopped | None, int]:
    """Run a task for each named item, `jobs` at a time. A task that is `Stopped` (its budget is met, its calls wait for a batch) is parked and the others
    go on; the first such stop is returned, with the number of items that are whole. Any other error ends the run: what has not begun is dropped, and it is raised."""
    shares = dict.fromkeys((name for name, _ in items), 0.0)
    stopped: list[Stopped] = []
    halt = threading.Event()

    def one(name: str, item: Any) -> None:
        if halt.is_set():
            return

        def so_far(share: float) -> None:
            if halt.is_set():
                raise KeyboardInterrupt
            shares[name] = min(share, 0.99)

        try:
            task((item, so_far))
            shares[name] = 1.0
        except Stopped as stop:
            stopped.append(stop)

    pool = ThreadPoolExecutor(max(1, min(jobs, len(items) or 1)), thread_name_prefix="community")
    waiting: set[Future[None]] = {pool.submit(one, name, item) for name, item in items}
    try:
        while waiting:
            done, waiting = wait(waiting, timeout=POLL, return_when=FIRST_COMPLETED)
            for future in done:
                future.result()
            progress(sum(shares.values()) / len(shares), sum(share >= 1.0 for share in shares.values()))
    except BaseException:
        halt.set()
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()
    return stopped[0] if stopped else None, sum(share >= 1.0 for share in shares.values())
