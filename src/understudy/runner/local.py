"""Makes communities in processes on this machine: spawned, never forked, each one a pure function of its arguments."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from understudy.errors import WorkerError

POLL = 0.25
"""Seconds between two looks at how far the workers are."""


def run(task: Callable[[Any], None], items: Sequence[tuple[str, Any]], jobs: int, build: Path, progress: Callable[[float, int], None]) -> None:
    """Run a task for each named item; `progress` is told the share of all work that is done, and the number of whole items.

    `build` is the folder in which each item leaves its own progress under its name.
    """
    if not items:
        return
    shares = dict.fromkeys((name for name, _ in items), 0.0)

    def report() -> None:
        progress(sum(shares.values()) / len(shares), sum(share >= 1.0 for share in shares.values()))

    if jobs == 1:
        for name, item in items:

            def so_far(share: float, name: str = name) -> None:
                shares[name] = min(share, 0.99)
                report()

            task((item, so_far))
            shares[name] = 1.0
            report()
        return
    with ProcessPoolExecutor(min(jobs, len(items)), multiprocessing.get_context("spawn"), _attend) as pool:
        waiting: dict[Future[None], str] = {pool.submit(task, (item, None)): name for name, item in items}
        try:
            while waiting:
                done, _ = wait(waiting, timeout=POLL, return_when=FIRST_COMPLETED)
                for future in done:
                    shares[waiting.pop(future)] = 1.0
                    future.result()
                for name in waiting.values():
                    shares[name] = _share(build / name / "progress")
                report()
        except BrokenProcessPool:
            raise WorkerError(
                f"a process was killed from outside, most likely for want of memory; what is finished is kept: run the same command with --jobs {max(1, jobs // 2)}"
            ) from None
        except BaseException:
            for future in waiting:
                future.cancel()
            _stop(pool)
            raise


def _attend() -> None:
    """In a worker: leave Ctrl-C to the parent, and end with it, however it ends: nobody may write into a world that another run goes on with."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent.sentinel,), daemon=True).start()


def _follow(parent: int) -> None:
    multiprocessing.connection.wait([parent])
    os._exit(1)


def _share(file: Path) -> float:
    try:
        return min(float(file.read_text()), 0.99)
    except (OSError, ValueError):
        return 0.0


def _stop(pool: ProcessPoolExecutor) -> None:
    """End the workers at once: whatever they were making is not committed and will be made again."""
    for process in list((pool._processes or {}).values()):
        process.terminate()
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline and any(p.is_alive() for p in (pool._processes or {}).values()):
        time.sleep(0.02)
