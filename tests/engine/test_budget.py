"""A budget is a promise: never passed by more than the calls in flight could take, and the next run pays only for what is left."""

from __future__ import annotations

import contextlib
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.engine.calls import desk, people, said
from tests.servers.model_server import ModelServer
from understudy.engine import budget as budget_module
from understudy.engine import client as client_module
from understudy.engine.budget import Budget, parse
from understudy.errors import BudgetMet, RecipeError

PARALLEL = 4
MOST = 120  # tokens of an answer: the prompt file's
PRICE = (1000.0, 100.0, 4000.0)  # dollars for a million tokens: large, so that a test sees cents


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "_pause", lambda number, after: 0.01)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


@pytest.mark.parametrize(
    ("text", "sort", "limit"),
    [
        ("$5", "$", 5),
        ("$ 0.25", "$", 0.25),
        ("2Mtok", "tok", 2e6),
        ("500ktok", "tok", 5e5),
        ("1500tok", "tok", 1500),
        ("30min", "s", 1800),
        ("2h", "s", 7200),
        (" 45 s ", "s", 45),
    ],
)
def test_a_budget_is_read(text: str, sort: str, limit: float) -> None:
    found = parse(text)
    assert (found.sort, found.limit) == (sort, limit)


@pytest.mark.parametrize("text", ["", "5", "5$", "$", "$-5", "-5min", "5 dollars", "nan", "$nan", "1e9tok", "$0", "0h", "five", "$5 $6", "٥min٥"])
def test_anything_else_is_one_sentence(text: str) -> None:
    with pytest.raises(RecipeError, match="--budget is") as raised:
        parse(text)
    assert "\n" not in str(raised.value)


def run_until_met(url: str, path: Path, limit: Budget, count: int, parallel: int = PARALLEL, **settings: Any) -> bool:
    """One run over `count` calls; True if it ended at its budget. The trap: calls that wait for a budget for ever (held dollars do not sum to nought)."""
    ends: list[BaseException | None] = []
    with desk(url, path, budget=limit, parallel=parallel, **settings) as it:

        def work() -> None:
            try:
                it.models.ask(people(count))
                ends.append(None)
            except BaseException as error:
                ends.append(error)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        thread.join(15)
        assert ends, "the run neither ends nor goes on"
    if ends[0] is not None and not isinstance(ends[0], BudgetMet):
        raise ends[0]
    return ends[0] is not None


def used_tokens(server: ModelServer) -> int:
    stats = server.stats()
    return int(stats["prompt_tokens"] + stats["completion_tokens"])


def test_tokens_are_never_overdrawn_by_more_than_what_is_in_flight(tmp_path: Path) -> None:
    with ModelServer(latency=0.005) as server:
        limit = Budget("tok", 6000)
        assert run_until_met(server.url, tmp_path / "calls.sqlite", limit, 200)
        stats = server.stats()
        prompt = stats["prompt_tokens"] / stats["calls"]
        assert used_tokens(server) <= 6000 + PARALLEL * (prompt + MOST)
        assert used_tokens(server) >= 6000 - 2 * (prompt + MOST)  # nor does it stop long before
        assert limit.spent == used_tokens(server)


def test_answers_that_are_empty_and_asked_again_are_paid_from_the_budget_too(tmp_path: Path) -> None:
    """The trap: a call is reserved for once and tried seven times, so that retries overdraw the budget many times over."""
    with ModelServer(latency=0.005, faults={"empty": 1.0}) as server:
        assert run_until_met(server.url, tmp_path / "calls.sqlite", Budget("tok", 3000), 200)
        prompt = server.stats()["prompt_tokens"] / server.stats()["calls"]
        assert used_tokens(server) <= 3000 + PARALLEL * (prompt + MOST)


def test_dollars_are_never_overdrawn_by_more_than_what_is_in_flight(tmp_path: Path) -> None:
    with ModelServer(latency=0.005, answer=lambda body: said()) as server:
        limit = parse("$5")
        assert run_until_met(server.url, tmp_path / "calls.sqlite", limit, 100, price=PRICE)
        stats = server.stats()
    fresh, cached = stats["prompt_tokens"] - stats["cached_tokens"], stats["cached_tokens"]
    paid = (fresh * PRICE[0] + cached * PRICE[1] + stats["completion_tokens"] * PRICE[2]) / 1e6
    most = (stats["prompt_tokens"] / stats["calls"] * PRICE[0] + MOST * PRICE[2]) / 1e6
    assert 5 - 2 * most <= paid <= 5 + PARALLEL * most
    assert limit.spent == pytest.approx(paid)


def test_the_next_run_goes_on_and_pays_only_for_what_is_left(tmp_path: Path) -> None:
    path = tmp_path / "calls.sqlite"
    with ModelServer(latency=0.002) as server:
        assert run_until_met(server.url, path, Budget("tok", 3000), 60)
        first = server.stats()["calls"]
        assert 0 < first < 60
        assert run_until_met(server.url, path, Budget("tok", 3000), 60)
        assert first < server.stats()["calls"] < 60
        assert not run_until_met(server.url, path, Budget(), 60)
        stats = server.stats()
    assert stats["calls"] == 60
    assert max(stats["asked"].values()) == 1


def test_a_budget_that_allows_nothing_asks_nothing(tmp_path: Path) -> None:
    with ModelServer() as server:
        assert run_until_met(server.url, tmp_path / "calls.sqlite", Budget("tok", 50), 10)
        assert server.stats()["calls"] == 0


class Clock:
    """A clock that the test turns; the client's own waiting goes by the real one."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead


def test_time_ends_a_run_between_rounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(budget_module, "time", clock)
    with ModelServer() as server, desk(server.url, tmp_path / "calls.sqlite", budget=parse("30min")) as it:
        assert all(answer.value is not None for answer in it.models.ask(people(5)))
        clock.ahead = 1801.0
        with pytest.raises(BudgetMet, match=r"30\.\d of 30 minutes"):
            it.models.ask(people(5, first=10))
        assert server.stats()["calls"] == 5
        assert all(answer.value is not None for answer in it.models.ask(people(5)))  # what is known costs no time


def test_time_ends_a_run_in_the_midst_of_one_long_list(tmp_path: Path) -> None:
    """The trap: all calls of a list are let in at its start, when the time was not up yet, and only then wait for a free place."""
    with ModelServer(latency=0.1) as server:
        began = time.monotonic()
        assert run_until_met(server.url, tmp_path / "calls.sqlite", parse("0.5s"), 80)
        assert time.monotonic() - began < 1.5
        assert 4 <= server.stats()["calls"] <= 30


def test_many_calls_that_wait_for_a_budget_cost_no_time_of_their_own(tmp_path: Path) -> None:
    """The trap: everybody who waits is woken at every answer, so that time grows with the square of the list."""
    with ModelServer(answer=lambda body: said()) as server:
        spans = []
        for number, waiting in enumerate((0, 3000)):
            room = Budget("tok", 200 * 400)
            with desk(server.url, tmp_path / f"{number}.sqlite", budget=room, parallel=16) as it:
                began = time.monotonic()
                with contextlib.suppress(BudgetMet):
                    it.models.ask(people(250 + waiting))
                spans.append((time.monotonic() - began) / max(1, it.client.asked))
        assert spans[1] < 4 * spans[0] + 0.01, spans
