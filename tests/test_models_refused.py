"""Whatever cannot work with a language model is said in one sentence before anything is made."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.servers import town
from tests.servers.model_server import ModelServer
from tests.servers.town import Said, Say

TOWN = ("make", "--people", "5", "--days", "1", "--density", "0.1", "--seed", "7", "--out", "town")
SECRET = "sk-test-0123456789abcdef"


def refused(said: Said, folder: Path, *words: str) -> None:
    """It was refused in one sentence that holds these words, no key, and nothing was made or left behind."""
    town.refused(said, *words)
    assert SECRET not in said.err + said.out
    assert not list(folder.glob("town/*"))


def test_no_key(say: Say, tmp_path: Path) -> None:
    """Trap: the run begins and every call fails with 401."""
    refused(say(*TOWN, "--model", "openai/gpt-5-mini"), tmp_path, "openai/gpt-5-mini", "OPENAI_API_KEY")


def test_nobody_there(say: Say, tmp_path: Path) -> None:
    """Trap: an endpoint that is down is tried for minutes, or ends in a traceback."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listened to: nobody answers there
        port = taken.getsockname()[1]
        refused(say(*TOWN, "--model", "mock/m", "--base-url", f"http://127.0.0.1:{port}/v1"), tmp_path, "mock/m", f":{port}", "is the server up")


def test_a_wrong_key(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trap: the key stands in the sentence; the variable to set does not."""
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    with ModelServer(key="sk-another") as server:
        refused(say(*TOWN, "--model", "openai/gpt-5-mini", "--base-url", server.url), tmp_path, "the key was refused", "OPENAI_API_KEY")
        assert server.stats()["calls"] == 1


def test_an_unknown_model(say: Say, tmp_path: Path) -> None:
    """Trap: a misspelt model is asked call by call until every one has failed."""
    with ModelServer(models=["llama"]) as server:
        refused(say(*TOWN, "--model", "lama", "--base-url", server.url), tmp_path, "lama", "does not exist", "check the model's name")
        assert server.stats()["calls"] == 1


def test_a_context_that_is_too_small(say: Say, tmp_path: Path) -> None:
    """Trap: found out by the longest call, half way through what was paid for."""
    with ModelServer(context=2048) as server:
        refused(say(*TOWN, "--model", "mock", "--base-url", server.url), tmp_path, "context", "5,200 tokens")


@pytest.mark.parametrize(("words", "expected"), [
    (("--model", "nobody/m"), ("nobody/m", "--base-url")),
    (("--role", "author=openai/gpt-5-mini"), ("--role", "writer")),
    (("--base-url", "http://127.0.0.1:9/v1"), ("--base-url", "--model")),
    (("--model", "mock", "--base-url", "no address"), ("no address", "http://")),
    (("--model", "mock", "--base-url", "http://127.0.0.1:9/v1", "--budget", "5"), ("--budget", "$5")),
    (("--model", "mock", "--base-url", "http://127.0.0.1:9/v1", "--parallel", "0"), ("--parallel", "1 or more")),
])  # fmt: skip
def test_flags(say: Say, tmp_path: Path, words: tuple[str, ...], expected: tuple[str, ...]) -> None:
    """Trap: a flag that cannot be right is found out after the journal is opened, or never."""
    refused(say(*TOWN, *words), tmp_path, *expected)
