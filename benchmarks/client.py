"""What asking costs the one who asks: 2,000 calls of a mock server by the engine, two bare loops and the openai SDK. Prints a table; run by `make bench`."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

CALLS, FLYING, LATENCY, TIMES = 2_000, 100, 0.2, 3
ROOT = Path(__file__).parents[1]
SYSTEM = "You make up a person. " * 40
TASK = "Row {row}. Write a person."
FORM = 'Answer with one JSON object and nothing else:\n{"name": text of at most 60 characters, "age": 0..120, "city": text of at most 60 characters, '
FORM += '"hobby": text of at most 60 characters}'
TEXT = {"type": "string", "minLength": 1, "maxLength": 60}
FIELDS = {"name": TEXT, "age": {"type": "integer", "minimum": 0, "maximum": 120}, "city": TEXT, "hobby": TEXT}
SHAPE = {"type": "object", "properties": FIELDS, "required": list(FIELDS), "additionalProperties": False}
NAMES = {
    "engine": "understudy's engine, journal on disk",
    "bare": "a bare aiohttp loop, nothing kept",
    "commits": "a bare aiohttp loop, one SQLite commit an answer",
    "sdk": "the openai SDK, nothing kept",
}


def asked(row: int) -> dict[str, Any]:
    """The body of one call, as the engine sends it too: about 250 tokens of prompt, four bounded fields to come back."""
    messages = [{"role": "system", "content": SYSTEM.strip()}, {"role": "user", "content": f"{TASK.format(row=row)}\n\n{FORM}"}]
    schema = {"name": "answer", "strict": True, "schema": SHAPE}
    return {"model": "m", "messages": messages, "max_tokens": 200, "response_format": {"type": "json_schema", "json_schema": schema}}


def read(content: str) -> dict[str, Any]:
    """An answer; an error if it lacks a field."""
    answer: dict[str, Any] = json.loads(content)
    return {name: answer[name] for name in FIELDS}


def engine(url: str, folder: Path) -> Callable[[], int]:
    """The engine as a recipe's role uses it: prompt file, shape, journal, checks."""
    from understudy.engine import models, prompts
    from understudy.engine.call import Call
    from understudy.engine.client import Client
    from understudy.engine.endpoint import endpoint
    from understudy.engine.journal import Journal
    from understudy.engine.shape import record, text, whole
    from understudy.recipe import Model

    class Person(Call[dict[str, Any]]):
        prompt, role = "person", "persona"

        def data(self) -> dict[str, Any]:
            return {"row": self.brief}

        def shape(self) -> dict[str, Any]:
            return record({"name": text(60), "age": whole(0, 120), "city": text(60), "hobby": text(60)})

        def read(self, wire: Any) -> dict[str, Any]:
            return dict(wire)

    head = "---\nversion: 1\ntokens: 200\nroom: 500\n---\n"
    file = prompts.parse(f"{head}{SYSTEM}\n# The task\n{TASK.replace('{', '{{ ').replace('}', ' }}')}", "person")
    prompts.prompt = models.prompt = lambda name: file  # the package has no prompt of this size
    client = Client(Journal(folder / "calls.sqlite"), parallel=FLYING)
    settings = Model(model="mock/m", base_url=url)
    asks = models.Models(client, endpoint(settings), settings, "persona")

    def work() -> int:
        answers = asks.ask([Person(f"p{row:05}", row) for row in range(CALLS)])
        client.close()
        client.journal.close()
        return sum(answer.value is not None for answer in answers)

    return work


def loop(url: str, keep: Callable[[int, str], None] | None = None) -> Callable[[], int]:
    """What one would write by hand with aiohttp: no retries, no limits, no checks."""
    import aiohttp

    async def run() -> int:
        gate, answers = asyncio.Semaphore(FLYING), []

        async def one(row: int) -> None:
            async with gate, session.post(f"{url}/chat/completions", json=asked(row)) as response:
                content = (await response.json())["choices"][0]["message"]["content"]
            if keep is not None:
                keep(row, content)
            answers.append(read(content))

        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            await asyncio.gather(*[one(row) for row in range(CALLS)])
        return len(answers)

    return lambda: asyncio.run(run())


def commits(url: str, folder: Path) -> Callable[[], int]:
    """The loop above, which writes down each answer as it comes."""
    import sqlite3

    base = sqlite3.connect(folder / "answers.sqlite")
    base.execute("PRAGMA journal_mode=WAL")
    base.execute("PRAGMA synchronous=NORMAL")
    base.execute("CREATE TABLE answers (row INTEGER PRIMARY KEY, request TEXT, answer TEXT)")

    def keep(row: int, content: str) -> None:
        base.execute("INSERT INTO answers VALUES (?, ?, ?)", (row, json.dumps(asked(row)), content))
        base.commit()

    return loop(url, keep)


def sdk(url: str) -> Callable[[], int]:
    """The openai SDK as its manual shows it."""
    from openai import AsyncOpenAI

    async def run() -> int:
        gate, answers = asyncio.Semaphore(FLYING), []
        async with AsyncOpenAI(base_url=url, api_key="none", max_retries=0) as client:

            async def one(row: int) -> None:
                async with gate:
                    response = await client.chat.completions.create(**asked(row))
                answers.append(read(response.choices[0].message.content or ""))

            await asyncio.gather(*[one(row) for row in range(CALLS)])
        return len(answers)

    return lambda: asyncio.run(run())


def cpu() -> float:
    """CPU seconds of this process so far, its start included."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def one(name: str, url: str) -> dict[str, float]:
    """Let one client make the calls in this process: CPU seconds in all and of the calls, peak memory in MB, wall seconds of the calls."""
    with tempfile.TemporaryDirectory() as folder:
        kinds = {"engine": lambda: engine(url, Path(folder)), "bare": lambda: loop(url), "commits": lambda: commits(url, Path(folder)), "sdk": lambda: sdk(url)}
        work = kinds[name]()
        before, began = cpu(), time.monotonic()
        answered = work()
        wall, after = time.monotonic() - began, cpu()
    if answered != CALLS:
        sys.exit(f"{name}: {answered} of {CALLS} calls were answered")
    return {"all": after, "calls": after - before, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "wall": wall}


def measure(name: str, url: str) -> dict[str, float]:
    """The same in a process of its own."""
    direct = {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    done = subprocess.run([sys.executable, __file__, name, url], stdout=subprocess.PIPE, text=True, check=True, env=direct)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main(names: list[str]) -> None:
    """Print the table of these clients, each in its best of three runs."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    command = [sys.executable, "-m", "tests.servers.model_server", "--latency", str(LATENCY)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment) as server:
        try:
            assert server.stdout is not None
            url = f"http://127.0.0.1:{server.stdout.readline().split()[1]}/v1"
            runs = [{name: measure(name, url) for name in names} for _ in range(TIMES)]  # in turns, so that a busy minute hits all
        finally:
            server.terminate()
    best = {name: min((run[name] for run in runs), key=lambda figures: figures["all"]) for name in names}
    print(
        f"{CALLS:,} calls, {LATENCY * 1000:.0f} ms each, {FLYING} in flight, four fields; the best of {TIMES} runs, CPU-s to 1,000 calls (bar: 0.80 in all, 80 MB)\n"
    )
    print(f"{'':<50}{'in all':>8}{'calls alone':>13}{'to bare':>9}{'peak MB':>9}{'wall s':>8}")
    for name, got in best.items():
        share = f"{got['all'] / best['bare']['all']:.2f}" if "bare" in best else ""
        print(f"{NAMES[name]:<50}{got['all'] * 1000 / CALLS:>8.2f}{got['calls'] * 1000 / CALLS:>13.2f}{share:>9}{got['peak']:>9.0f}{got['wall']:>8.1f}")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(one(sys.argv[1], sys.argv[2])))
    else:
        main(list(NAMES))
