"""Before a run: whatever is wrong with a model is one sentence that names it and the way out, and what is known is not asked again."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from tests.engine.calls import desk
from tests.servers.model_server import ModelServer
from understudy.engine.endpoint import endpoint
from understudy.engine.probe import probe
from understudy.errors import EngineError
from understudy.recipe import Model


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "TEST_MODEL_KEY"):
        monkeypatch.delenv(name, raising=False)


def look(url: str, path: Path, room: int = 500, **model: Any) -> list[str]:
    """One start of the command: the model `mock` at `url` is looked at for a role that needs `room` tokens."""
    with desk(url, path / "calls.sqlite", read=1.0) as it:
        return probe(it.client, {"writer": endpoint(Model(**{"model": "mock", "base_url": url, **model}))}, {"writer": room})


def sentence(raised: pytest.ExceptionInfo[EngineError], *words: str) -> None:
    said = str(raised.value)
    assert "\n" not in said
    assert "Traceback" not in said
    assert len(said) < 500
    for word in words:
        assert word in said, said


def closed_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_a_key_that_is_missing_is_named_before_anything_is_sent(tmp_path: Path) -> None:
    with ModelServer(key="sk-right") as server:
        with pytest.raises(EngineError) as raised:
            look(server.url, tmp_path, key_env="TEST_MODEL_KEY")
        assert server.stats()["calls"] == 0
    sentence(raised, "mock needs a key", "set the environment variable TEST_MODEL_KEY")


def test_a_preset_names_its_own_variable(tmp_path: Path) -> None:
    with pytest.raises(EngineError) as raised, desk("http://127.0.0.1:9/v1", tmp_path / "calls.sqlite") as it:
        probe(it.client, {"writer": endpoint(Model(model="openai/gpt-5-mini"))}, {})
    sentence(raised, "openai/gpt-5-mini", "OPENAI_API_KEY")


def test_a_server_that_wants_a_key_of_which_the_recipe_says_nothing(tmp_path: Path) -> None:
    with ModelServer(key="sk-right") as server, pytest.raises(EngineError) as raised:
        look(server.url, tmp_path)
    sentence(raised, "mock", "the key was refused", "key_env")


def test_a_wrong_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_MODEL_KEY", "sk-wrong-9e107d9d372bb6826bd81d")
    with ModelServer(key="sk-right") as server, pytest.raises(EngineError) as raised:
        look(server.url, tmp_path, key_env="TEST_MODEL_KEY")
    sentence(raised, "mock", "the key was refused", "set TEST_MODEL_KEY to a valid key")
    assert "9e107d9d" not in str(raised.value)


def test_an_unknown_model(tmp_path: Path) -> None:
    with ModelServer(models=["other"]) as server, pytest.raises(EngineError) as raised:
        look(server.url, tmp_path)
    sentence(raised, "mock", "the model is unknown there", "check the model's name")


def test_an_endpoint_that_is_down(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{closed_port()}/v1"
    with pytest.raises(EngineError) as raised:
        look(url, tmp_path)
    sentence(raised, "mock", "nobody answers at", url, "is the server up")


def test_a_context_that_is_too_small_is_found_before_the_run_and_not_in_it(tmp_path: Path) -> None:
    with ModelServer(context=2000) as server:
        with pytest.raises(EngineError) as raised:
            look(server.url, tmp_path, room=4000)
        sentence(raised, "mock", "the context is too small", "raise the server's context to at least 4,000 tokens")
        assert look(server.url, tmp_path, room=1500)


def test_a_server_that_only_answers_with_errors(tmp_path: Path) -> None:
    with ModelServer(faults={"500": 1.0}) as server:
        with pytest.raises(EngineError) as raised:
            look(server.url, tmp_path)
        assert server.stats()["calls"] < 12
    sentence(raised, "mock", "HTTP 500", "is the server up")


@pytest.mark.parametrize(
    "url", ["127.0.0.1:8000/v1", "ftp://127.0.0.1/v1", "http://", "http://127.0.0.1:80000/v1", "http://127.0.0.1:port/v1", "http://[::1/v1"]
)
def test_an_address_that_is_none(tmp_path: Path, url: str) -> None:
    with pytest.raises(EngineError) as raised:
        endpoint(Model(model="mock", base_url=url))
    sentence(raised, "is no address of a model server", url)


def test_a_name_that_leads_nowhere(tmp_path: Path) -> None:
    for name in ("gpt-5-mini", "nowhere/gpt-5-mini"):
        with pytest.raises(EngineError) as raised:
            endpoint(Model(model=name))
        sentence(raised, name)


@pytest.mark.parametrize(
    ("server_is", "says"),
    [
        ({}, "json schema"),
        ({"refuse_schema": "json_schema"}, "json object"),
        ({"refuse_schema": "both"}, "prompt"),
        ({"refuse_params": ["max_tokens", "temperature"]}, "json schema"),
    ],
)
def test_what_was_found_out_is_said_and_not_asked_again(tmp_path: Path, server_is: dict[str, Any], says: str) -> None:
    with ModelServer(**server_is) as server:
        assert look(server.url, tmp_path) == [f"mock at {server.url}: {says}"]
        calls = server.stats()["calls"]
        assert look(server.url, tmp_path) == [f"mock at {server.url}: {says}"]
        assert look(server.url, tmp_path, room=100) == [f"mock at {server.url}: {says}"]
        assert server.stats()["calls"] == calls
        look(server.url, tmp_path, room=5000)  # a role with longer tasks: its room is not known
        assert server.stats()["calls"] == calls + 1


def test_two_roles_of_one_model_are_asked_once_with_the_larger_room(tmp_path: Path) -> None:
    with ModelServer(keep=True) as server, desk(server.url, tmp_path / "calls.sqlite") as it:
        where = it.models.endpoint
        assert len(probe(it.client, {"writer": where, "critic": where}, {"writer": 500, "critic": 3000})) == 1
        assert server.stats()["calls"] == 1
        assert len(server.requests[0]["messages"][1]["content"]) > 3000 * 3.5


def test_a_server_busy_for_a_moment_is_not_given_up(tmp_path: Path) -> None:
    with ModelServer(faults={"503": 0.5}, seed=4) as server:
        assert look(server.url, tmp_path)
