"""A key goes into one header and nowhere else, whatever a server does with it."""

from __future__ import annotations

import asyncio
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiohttp import web

from tests.engine.calls import desk, people
from tests.servers.model_server import ModelServer
from understudy.engine import client as client_module
from understudy.engine.endpoint import endpoint
from understudy.engine.probe import probe
from understudy.errors import EngineError
from understudy.recipe import Model, Recipe

KEY = "sk-test-4f9c27aa61be0d8853e1"
PIECE = 10
"""So many characters of a key in a row are a leak."""

Say = Callable[[str], tuple[int, str]]


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_MODEL_KEY", KEY)
    monkeypatch.setattr(client_module, "_pause", lambda number, after: 0.01)


@contextmanager
def echo(say: Say) -> Iterator[str]:
    """A server that answers every call with what `say` makes of its key: a status and a body."""
    started: Future[tuple[int, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def handle(request: web.BaseRequest) -> web.Response:
        status, body = say(request.headers.get("Authorization", "").removeprefix("Bearer "))
        return web.Response(status=status, body=body.encode(), content_type="application/json")

    async def serve() -> None:
        runner, stop = web.ServerRunner(web.Server(handle)), asyncio.Event()
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        started.set_result((runner.addresses[0][1], asyncio.get_running_loop(), stop))
        await stop.wait()
        await runner.cleanup()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    port, loop, stop = started.result(10)
    try:
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(5)


def leaks(text: str) -> bool:
    return any(KEY[n : n + PIECE] in text for n in range(len(KEY) - PIECE + 1))


def in_files(folder: Path) -> bool:
    """Whether a piece of the key is in any file there (answers are packed in the journal: those are looked at unpacked)."""
    return any(leaks(path.read_bytes().decode("latin-1")) for path in sorted(folder.iterdir()))


def error(text: str) -> str:
    return f'{{"error": {{"message": "{text}", "code": null}}}}'


ECHOES: dict[str, Say] = {
    "400": lambda key: (400, error(f"bad request with key {key}")),
    "500": lambda key: (500, error(f"upstream failed for Bearer {key}")),
    "429 at length": lambda key: (429, error("x" * 140 + f" {key} is out of quota for now, try later")),  # the key is where a long message is cut
    "400 html": lambda key: (400, f"<html><b>{key}</b></html>"),
    "200 error": lambda key: (200, error(f"wrong key {key}")),
    "422 detail": lambda key: (422, f'{{"detail": "header authorization: Bearer {key}"}}'),
}


@pytest.mark.parametrize("name", list(ECHOES))
def test_an_echoed_key_is_in_no_failure_and_in_no_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / "calls.sqlite"
    with echo(ECHOES[name]) as url, desk(url, path, tries=2, key_env="TEST_MODEL_KEY") as it:
        answers = it.models.ask(people(2))
        rows = it.journal.rows()
        assert not in_files(tmp_path)  # with the -wal file, while it is there
    assert all(answer.failure for answer in answers)
    assert not leaks("".join(answer.failure for answer in answers))
    assert not leaks(str(rows))
    assert not in_files(tmp_path)


@pytest.mark.parametrize("cut", [0, *range(118, 160, 4)])
def test_a_key_is_starred_wherever_it_stands_in_a_long_message(tmp_path: Path, cut: int) -> None:
    """The trap: a message cut to its length first holds half a key, which is no longer found as a key."""
    with echo(lambda key: (400, error("y" * cut + f" {key} " + "z" * 80))) as url, desk(url, tmp_path / "calls.sqlite", key_env="TEST_MODEL_KEY") as it:
        (answer,) = it.models.ask(people(1))
    assert not leaks(answer.failure), answer.failure


@pytest.mark.parametrize("status", [401, 402, 403, 404])
def test_an_echoed_key_is_in_no_error_and_in_no_traceback(tmp_path: Path, status: int) -> None:
    with echo(lambda key: (status, error(f"Incorrect API key provided: {key}"))) as url, desk(url, tmp_path / "calls.sqlite", key_env="TEST_MODEL_KEY") as it:
        with pytest.raises(EngineError) as raised:
            it.models.ask(people(3))
        with pytest.raises(EngineError) as probed:
            probe(it.client, {"writer": it.models.endpoint}, {})
        for found in (raised, probed):
            assert not leaks("".join(traceback.format_exception(found.value)))
            assert "mock" in str(found.value)
        assert not in_files(tmp_path)


def test_a_key_that_worked_is_in_no_file_and_in_no_repr(tmp_path: Path) -> None:
    with ModelServer(key=KEY) as server, desk(server.url, tmp_path / "calls.sqlite", key_env="TEST_MODEL_KEY") as it:
        answers = it.models.ask(people(5))
        assert all(answer.value is not None for answer in answers)
        assert not leaks(repr(it.models.endpoint) + str(it.models.endpoint) + repr(it.requests(people(1))) + repr(it.client) + repr(it.client.sender))
        assert not leaks(str(it.journal.rows()))
        assert not in_files(tmp_path)


def test_a_password_in_an_address_is_not_shown(tmp_path: Path) -> None:
    where = endpoint(Model(model="mock", base_url=f"http://me:{KEY}@127.0.0.1:9/v1?token={KEY}"))
    assert not leaks(where.where + where.id)
    with desk(f"http://me:{KEY}@127.0.0.1:9/v1", tmp_path / "calls.sqlite", tries=1) as it:
        with pytest.raises(EngineError) as raised:
            it.models.ask(people(1))
        assert not leaks("".join(traceback.format_exception(raised.value)))
        assert not leaks(repr(it.models.endpoint))
        assert not in_files(tmp_path)


def test_a_key_that_no_header_can_hold_is_one_sentence_and_not_a_broken_connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The trap: a key read from a file with its line's end; every call would be tried seven times and fail for no visible reason."""
    monkeypatch.setenv("TEST_MODEL_KEY", KEY + "\r\n")
    with ModelServer(key=KEY) as server, desk(server.url, tmp_path / "calls.sqlite", key_env="TEST_MODEL_KEY") as it:
        (answer,) = it.models.ask(people(1))
    assert answer.value is not None  # the end of the line was taken off
    monkeypatch.setenv("TEST_MODEL_KEY", KEY[:8] + "\n" + KEY[8:])
    with ModelServer(key=KEY) as server, desk(server.url, tmp_path / "more.sqlite", key_env="TEST_MODEL_KEY") as it:
        with pytest.raises(EngineError, match="TEST_MODEL_KEY") as raised:
            it.models.ask(people(1))
        assert not leaks(str(raised.value))


def test_a_password_in_an_address_is_not_in_the_manifest() -> None:
    """Trap: the world is given away, and with it the recipe's address and what stood before its @."""
    recipe = Recipe.build({"models": {"writer": {"model": "mine", "base_url": "http://me:geheim@127.0.0.1:9/v1"}}})
    assert "geheim" not in str(recipe.shown())
    assert recipe.shown()["models"]["writer"]["base_url"] == "http://127.0.0.1:9/v1"
