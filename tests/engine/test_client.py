"""The model client against a server that misbehaves: order, journal first, retries, typed failures, what an endpoint can do, and how many at once."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.engine.calls import desk, people, said
from tests.servers.model_server import ModelServer
from understudy.engine import client as client_module


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses between tries at a tenth of their length; what a server asked for is kept."""
    pause = client_module._pause
    monkeypatch.setattr(client_module, "_pause", lambda number, after: pause(number, after) * (1.0 if after is not None else 0.1))
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


def first_then(first: str | None, later: str) -> Any:
    """An answer function: `first` for a first turn, `later` where a model is shown its mistake."""
    return lambda body: later if len(body["messages"]) > 2 else first


def number_of(body: dict[str, Any]) -> int:
    return int(body["messages"][1]["content"].split("person ")[1].split(".")[0])


def test_answers_come_in_the_order_of_the_calls_though_they_arrive_otherwise(tmp_path: Path) -> None:
    with (
        ModelServer(latency=0.01, answer=lambda body: said(age=number_of(body)), faults={"500": 0.2}) as server,
        desk(server.url, tmp_path / "calls.sqlite") as it,
    ):
        answers = it.models.ask(people(60))
    assert [answer.value.age for answer in answers] == list(range(60))


def test_the_journal_is_asked_first_so_that_a_second_run_asks_nothing(tmp_path: Path) -> None:
    path = tmp_path / "calls.sqlite"
    with ModelServer() as server:
        with desk(server.url, path) as it:
            first = it.models.ask(people(30))
        server.reset()
        with desk(server.url, path) as it:
            second = it.models.ask(people(30))
            assert (it.client.replayed, it.client.asked) == (30, 0)
        assert server.stats()["calls"] == 0
    assert first == second
    assert all(answer.value is not None for answer in first)


def test_repairs_are_in_the_journal_too_so_that_a_second_run_pays_for_none(tmp_path: Path) -> None:
    path = tmp_path / "calls.sqlite"
    with ModelServer(answer=first_then(said(name="R2D2"), said(name="Ann"))) as server:
        with desk(server.url, path) as it:
            first = it.models.ask(people(5))
        assert server.stats()["calls"] == 10
        with desk(server.url, path) as it:
            assert it.models.ask(people(5)) == first
        assert server.stats()["calls"] == 10
    assert [answer.value.name for answer in first] == ["Ann"] * 5


def test_equal_calls_in_flight_are_asked_once_whoever_asks(tmp_path: Path) -> None:
    with ModelServer(latency=0.1) as server, desk(server.url, tmp_path / "calls.sqlite") as it:
        found: list[list[Any]] = []
        threads = [threading.Thread(target=lambda: found.append(it.models.ask(people(5) + people(5)))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert server.stats()["calls"] == 5
    assert len(found) == 4
    assert all(answers == found[0] and answers[:5] == answers[5:] for answers in found)


@pytest.mark.parametrize("fault", ["429", "429-after", "500", "503", "cut", "not_json_body", "no_choices", "empty", "hang"])
def test_what_passes_is_asked_again_until_it_has_passed(tmp_path: Path, fault: str) -> None:
    """40 % of tries fail; with up to 12 tries all of ten calls are answered, and each failed try was followed by another."""
    faults = {fault: 0.4}
    with ModelServer(faults=faults, seed=5) as server, desk(server.url, tmp_path / "calls.sqlite", tries=12, read=0.3) as it:
        answers = it.models.ask(people(10))
        stats = server.stats()
    assert [answer.failure for answer in answers] == [""] * 10
    assert stats["faults"][fault] > 0
    assert stats["calls"] == 10 + stats["faults"][fault]


def test_broken_utf8_is_read_with_marks_and_not_paid_for_twice(tmp_path: Path) -> None:
    with ModelServer(faults={"bad_utf8": 1.0}) as server, desk(server.url, tmp_path / "calls.sqlite") as it:
        answers = it.models.ask(people(5))
        assert server.stats()["calls"] <= 10  # at most one repair each, no retry
    assert all(answer.value is not None or answer.failure for answer in answers)


def test_retry_after_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float | None] = []
    monkeypatch.setattr(client_module, "_pause", lambda number, after: waits.append(after) or 0.0)
    with ModelServer(faults={"429-after": 1.0}, seed=1) as server, desk(server.url, tmp_path / "calls.sqlite", tries=3) as it:
        answers = it.models.ask(people(12))
    assert all(answer.failure.startswith("failed: given up after 3 tries: HTTP 429") for answer in answers)
    assert len(waits) == 24
    assert all(wait is not None and 0 <= wait <= 0.05 for wait in waits)


@pytest.mark.parametrize(
    ("value", "low", "high"), [("7", 7, 7), ("-3", 0, 0), ("nan", 0, 0), ("soon", None, None), ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0), ("", None, None)]
)
def test_any_retry_after_is_read_as_a_time_or_as_none(value: str, low: float | None, high: float | None) -> None:
    from understudy.engine.transport import _after

    found = _after(value)
    assert (found is None) if low is None or high is None else (found is not None and low <= found <= high)


@pytest.mark.parametrize(
    ("fault", "status", "says"), [("refusal", "refused", "can't help"), ("content_filter", "filtered", ""), ("length", "truncated", "token limit")]
)
def test_refusal_filter_and_truncation_are_told_apart(tmp_path: Path, fault: str, status: str, says: str) -> None:
    with ModelServer(faults={fault: 1.0}) as server, desk(server.url, tmp_path / "calls.sqlite") as it:
        answers = it.models.ask(people(3))
        asked = server.stats()["calls"]
        assert [row["status"] for row in it.journal.rows("turn = 0")] == [status] * 3
    assert all(answer.value is None and answer.failure.startswith(f"{status}:") and says in answer.failure for answer in answers)
    assert asked == (6 if fault == "length" else 3)  # only what was cut off may be said shorter; a refusal is not argued with


def test_a_failed_call_is_kept_and_asked_again_only_on_demand(tmp_path: Path) -> None:
    path = tmp_path / "calls.sqlite"
    with ModelServer(faults={"500": 1.0}) as server, desk(server.url, path, tries=2) as it:
        assert all(answer.failure.startswith("failed: given up after 2 tries: HTTP 500") for answer in it.models.ask(people(3)))
        port = server.port
    with ModelServer(port=port) as server:  # well again, at the same address
        with desk(server.url, path) as it:
            assert all(answer.value is None for answer in it.models.ask(people(3)))
            assert server.stats()["calls"] == 0
        with desk(server.url, path, retry_failed=True) as it:
            assert all(answer.value is not None for answer in it.models.ask(people(3)))
            assert server.stats()["calls"] == 3
            assert [row["status"] for row in it.journal.rows()] == ["answered"] * 3


UNABLE = [
    ({"refuse_schema": "json_schema"}, {"structured": "json_object"}),
    ({"refuse_schema": "both"}, {"structured": "prompt"}),
    ({"refuse_params": ["temperature"]}, {"refuses": ["temperature"]}),
    ({"refuse_params": ["max_tokens"]}, {"length": "max_completion_tokens"}),
]


@pytest.mark.parametrize(("server_is", "learned"), UNABLE)
@pytest.mark.parametrize("count", [1, 12])
def test_what_an_endpoint_refuses_is_learned_once_and_remembered(tmp_path: Path, server_is: dict[str, Any], learned: dict[str, Any], count: int) -> None:
    """The trap with twelve calls: four are refused together, and each must not step down further than the first did, nor fail."""
    path = tmp_path / "calls.sqlite"
    with ModelServer(latency=0.02, **server_is) as server:
        with desk(server.url, path) as it:
            answers = it.models.ask(people(count))
            keys = [request.key for request in it.requests(people(count))]
            found = it.journal.abilities(it.models.endpoint.id)
        assert [answer.failure for answer in answers] == [""] * count
        assert found is not None
        assert {name: getattr(found, name) for name in learned} == learned
        before = server.stats()["by_status"]["400"]
        with desk(server.url, path) as it:
            assert all(answer.value is not None for answer in it.models.ask(people(5, first=100)))
            assert [request.key for request in it.requests(people(count))] == keys  # adapted, and yet the same calls
            it.models.ask(people(count))
            assert it.client.replayed == count
        assert server.stats()["by_status"]["400"] == before


def test_adapting_to_an_endpoint_takes_no_try_away(tmp_path: Path) -> None:
    """Three things to give up, two tries: each refusal of how was asked teaches something, so none of them is a failure."""
    with ModelServer(refuse_schema="both", refuse_params=["temperature", "max_tokens"]) as server, desk(server.url, tmp_path / "calls.sqlite", tries=2) as it:
        assert [answer.failure for answer in it.models.ask(people(1))] == [""]


def test_never_more_in_flight_than_allowed(tmp_path: Path) -> None:
    with ModelServer(latency=0.02, faults={"500": 0.1, "length": 0.1}) as server, desk(server.url, tmp_path / "calls.sqlite", parallel=6) as it:
        it.models.ask(people(150))
        assert 2 <= server.stats()["max_in_flight"] <= 6


@pytest.mark.parametrize("latency", [0.02, 0.1])
def test_a_server_that_takes_eight_is_not_battered(tmp_path: Path, latency: float) -> None:
    """The trap: a limit that goes on growing right after a refusal never comes down to what the server takes, and calls run out of tries."""
    with ModelServer(latency=latency, limit=8) as server, desk(server.url, tmp_path / "calls.sqlite", parallel=64) as it:
        answers = it.models.ask(people(200))
        stats = server.stats()
    assert [answer.failure for answer in answers if answer.failure] == []
    assert stats["rejected"] < 60, stats["rejected"]


def test_a_server_that_slows_down_is_not_pushed_to_the_most(tmp_path: Path) -> None:
    with ModelServer(latency=0.03, slow_over=8) as server, desk(server.url, tmp_path / "calls.sqlite", parallel=128, read=3.0) as it:
        answers = it.models.ask(people(400))
        stats, limit = server.stats(), it.client.paces[it.models.endpoint.id].limit
    assert all(answer.value is not None for answer in answers)
    assert stats["calls"] == 400
    assert 8 <= stats["max_in_flight"] < 115
    assert limit < 80


def test_a_request_that_the_server_calls_wrong_is_not_repeated(tmp_path: Path) -> None:
    with ModelServer(context=10) as server, desk(server.url, tmp_path / "calls.sqlite") as it:
        answers = it.models.ask(people(3))
        assert server.stats()["calls"] == 3
    assert all("the context is too small" in answer.failure for answer in answers)


def test_the_journal_shows_what_was_asked_and_answered(tmp_path: Path) -> None:
    with ModelServer(answer=lambda body: said()) as server, desk(server.url, tmp_path / "calls.sqlite") as it:
        it.models.ask(people(1))
        (row,) = it.journal.rows()
    assert (row["call"], row["role"], row["prompt"], row["version"], row["model"], row["turn"]) == ("person/0", "writer", "tests/person", 3, "mock", 0)
    asked = json.loads(row["request"])
    assert asked["tokens"] == 120
    assert "Invent person 0" in asked["messages"][1]["content"]
    assert row["answer"] == said()
    assert row["tokens_in"] > 0
    assert row["tokens_out"] > 0
