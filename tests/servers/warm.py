"""The command line in processes that start at once: a process that has read all data files forks one for every line of words on its input.

`python -m tests.servers.warm RECIPE` prints `ready`; for each line (a JSON list, the words after `understudy`) it prints the new process's id, and its
exit status when it has ended (negative: the signal that ended it). Starting Python and reading the data afresh costs 4 to 7 s of CPU on a small machine.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.servers.stand_in import table
from understudy.cli.main import main
from understudy.recipe import Recipe


def child(words: Sequence[str]) -> None:
    """Run one command with its output thrown away and its errors shown, and end this process with its exit code."""
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    sys.argv = ["understudy", *words]
    code = 1
    try:
        main()
    except SystemExit as stop:
        code = int(stop.code or 0)
    finally:
        os._exit(code)


def serve(recipe: Path) -> None:
    """Read everything once by a dry run of this recipe, which starts no thread, then fork for every line until the input ends."""
    import duckdb  # noqa: F401 (so that no child has to load it)

    import understudy.engine.client
    import understudy.making  # noqa: F401

    table(Recipe.load(recipe))
    print("ready", flush=True)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            child(json.loads(line))
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
