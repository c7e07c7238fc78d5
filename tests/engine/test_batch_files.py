"""Provider batch files: what is staged, in what form, how results are read, and that nothing is staged, and so paid for, twice."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.engine.calls import Person, people, said
from understudy.engine import batch as batch_module
from understudy.engine.batch import Batch
from understudy.engine.call import Answer
from understudy.engine.endpoint import endpoint
from understudy.engine.journal import Journal
from understudy.engine.models import Models
from understudy.errors import DiskError, Pending
from understudy.recipe import Model

ASKED = Model(model="openai/gpt-5-mini")


class Start(NamedTuple):
    """One start of the command: results are read as it begins."""

    batch: Batch
    journal: Journal
    models: Models


@contextmanager
def start(folder: Path, retry_failed: bool = False) -> Iterator[Start]:
    journal = Journal(folder / "calls.sqlite", retry_failed)
    batch = Batch(folder / "batch", journal)
    try:
        yield Start(batch, journal, Models(batch, endpoint(ASKED), ASKED, "writer"))
    finally:
        journal.close()


def staged(folder: Path, calls: Sequence[Person], retry_failed: bool = False) -> list[tuple[str, int]]:
    """One start that asks and is parked; the names of its new files and the calls in each."""
    with start(folder, retry_failed) as it:
        with pytest.raises(Pending, match="wait for the results of a batch"):
            it.models.ask(calls)
        return [(path.name, count) for path, count in it.batch.write()]


def asked(folder: Path, calls: Sequence[Person], retry_failed: bool = False) -> tuple[list[Answer], Batch]:
    """One start that is answered."""
    with start(folder, retry_failed) as it:
        return it.models.ask(calls), it.batch


def lines(folder: Path, name: str = "calls-0001.jsonl") -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "batch" / name).read_text("utf-8").splitlines()]


def lay(folder: Path, name: str, rows: Sequence[Any]) -> None:
    """A result file, as somebody lays it beside the calls."""
    (folder / "batch" / name).write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), "utf-8")


def result(key: str, content: str = "", status: int = 200, **body: Any) -> dict[str, Any]:
    """A line of a result file in OpenAI's form."""
    usage = {"prompt_tokens": 100, "completion_tokens": 20, "prompt_tokens_details": {"cached_tokens": 0}}
    whole = {"choices": [{"message": {"role": "assistant", "content": content}, "finish_reason": "stop"}], "usage": usage, "model": "m"}
    return {"id": "b", "custom_id": key, "response": {"status_code": status, "request_id": "r", "body": body or whole}, "error": None}


def keys(folder: Path, name: str = "calls-0001.jsonl") -> list[str]:
    return [row["custom_id"] for row in lines(folder, name)]


def test_calls_are_staged_in_the_form_that_openai_takes(tmp_path: Path) -> None:
    assert staged(tmp_path, people(3)) == [("calls-0001.jsonl", 3)]
    rows = lines(tmp_path)
    with start(tmp_path) as it:
        wanted = [it.models.request(call, [], 0) for call in people(3)]
        assert it.journal.staged() == dict.fromkeys(sorted(row["custom_id"] for row in rows), "calls-0001.jsonl")
    assert len(wanted) == len(dict.fromkeys(row["custom_id"] for row in rows)) == 3
    for row in rows:
        assert list(row) == ["custom_id", "method", "url", "body"]
        assert (row["method"], row["url"], row["body"]["model"]) == ("POST", "/v1/chat/completions", "gpt-5-mini")
        assert row["body"]["max_completion_tokens"] == 120
        assert "minLength" not in json.dumps(row["body"]["response_format"])
        assert len(row["custom_id"]) == 64
    assert not list((tmp_path / "batch").glob("*.part"))


def test_files_are_split_at_the_provider_s_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_module, "MOST", 4)
    assert staged(tmp_path, people(10)) == [("calls-0001.jsonl", 4), ("calls-0002.jsonl", 4), ("calls-0003.jsonl", 2)]
    monkeypatch.setattr(batch_module, "MOST", 50_000)
    monkeypatch.setattr(batch_module, "LARGEST", 5_000)
    files = staged(tmp_path, people(10, first=10))
    assert len(files) > 1
    assert all((tmp_path / "batch" / name).stat().st_size <= 5_000 for name, _ in files)
    assert sum(count for _, count in files) == 10


def test_nothing_is_staged_twice(tmp_path: Path) -> None:
    staged(tmp_path, people(3))
    assert staged(tmp_path, people(3)) == []
    assert staged(tmp_path, people(5)) == [("calls-0002.jsonl", 2)]
    assert staged(tmp_path, people(5) + people(5)) == []


@pytest.mark.parametrize("simple", [False, True])
def test_results_are_read_in_openai_s_form_and_in_the_simple_one(tmp_path: Path, simple: bool) -> None:
    staged(tmp_path, people(3))
    found = keys(tmp_path)
    rows = [{"custom_id": key, "content": said(age=n) if n else json.loads(said(age=n))} for n, key in enumerate(found)]
    lay(tmp_path, "results.jsonl", list(reversed(rows)) if simple else [result(key, said(age=n)) for n, key in enumerate(found)])
    answers, batch = asked(tmp_path, people(3))
    assert [answer.value.age for answer in answers] == [0, 1, 2]
    assert (batch.read, batch.bad) == (3, [])
    (tmp_path / "batch" / "results.jsonl").unlink()
    again, batch = asked(tmp_path, people(3))  # from the journal
    assert again == answers
    assert batch.read == 0


def test_a_batch_costs_half(tmp_path: Path) -> None:
    priced = ASKED.model_copy(update={"price": (10.0, 1.0, 40.0)})
    staged(tmp_path, people(1))
    (key,) = keys(tmp_path)
    lay(tmp_path, "results.jsonl", [result(key, said())])
    journal = Journal(tmp_path / "calls.sqlite")
    Models(Batch(tmp_path / "batch", journal), endpoint(priced), priced, "writer").ask(people(1))
    (row,) = journal.rows()
    journal.close()
    assert row["dollars"] == pytest.approx((100 * 10.0 + 20 * 40.0) / 1e6 / 2)


def test_what_is_worth_another_try_is_staged_again_but_only_once(tmp_path: Path) -> None:
    """The trap: the failed lines stay where they lie, and must not be read as new failures at each start, or the calls are paid for again and again."""
    staged(tmp_path, people(4))
    found = keys(tmp_path)
    expired = {"id": "b", "custom_id": found[2], "response": None, "error": {"code": "batch_expired", "message": "not in time"}}
    lay(
        tmp_path,
        "results.jsonl",
        [result(found[0], said()), result(found[1], status=429, error={"message": "slow"}), expired, result(found[3], status=500, error={})],
    )
    assert staged(tmp_path, people(4)) == [("calls-0002.jsonl", 3)]
    assert sorted(keys(tmp_path, "calls-0002.jsonl")) == sorted(found[1:])
    assert staged(tmp_path, people(4)) == []  # the second file waits for its own results
    lay(tmp_path, "results-2.jsonl", [result(key, said()) for key in found[1:3]] + [result(found[3], status=503, error={})])
    assert staged(tmp_path, people(4)) == [("calls-0003.jsonl", 1)]
    assert staged(tmp_path, people(4)) == []
    lay(tmp_path, "results-3.jsonl", [result(found[3], said())])
    assert all(answer.value is not None for answer in asked(tmp_path, people(4))[0])


def test_a_call_that_was_wrong_is_a_typed_failure_in_its_place(tmp_path: Path) -> None:
    staged(tmp_path, people(3))
    found = keys(tmp_path)
    lay(tmp_path, "results.jsonl", [result(found[0], said()), result(found[1], status=400, error={"message": "bad"}), result(found[2], said())])
    answers, _ = asked(tmp_path, people(3))
    assert [answer.value is None for answer in answers] == [False, True, False]
    assert answers[1].failure.startswith("failed: HTTP 400")


def test_a_failure_is_staged_again_on_demand(tmp_path: Path) -> None:
    """The trap: the old result, still lying there, answers the new question too."""
    staged(tmp_path, people(2))
    found = keys(tmp_path)
    lay(tmp_path, "results.jsonl", [result(found[0], said()), result(found[1], status=400, error={"message": "bad"})])
    asked(tmp_path, people(2))
    assert staged(tmp_path, people(2), retry_failed=True) == [("calls-0002.jsonl", 1)]


def test_an_unfit_answer_stages_its_repair(tmp_path: Path) -> None:
    staged(tmp_path, people(2))
    found = keys(tmp_path)
    lay(tmp_path, "results.jsonl", [result(found[0], said()), result(found[1], said(name="R2D2"))])
    assert staged(tmp_path, people(2)) == [("calls-0002.jsonl", 1)]
    (row,) = lines(tmp_path, "calls-0002.jsonl")
    assert "has a digit" in row["body"]["messages"][-1]["content"]
    lay(tmp_path, "results-2.jsonl", [result(row["custom_id"], said(name="Bea"))])
    assert [answer.value.name for answer in asked(tmp_path, people(2))[0]] == ["Ann", "Bea"]


def test_broken_lines_are_counted_and_the_others_read(tmp_path: Path) -> None:
    staged(tmp_path, people(1))
    (key,) = keys(tmp_path)
    lay(
        tmp_path,
        "results.jsonl",
        ['{"custom_id": "x"', "[]", '"text"', "7", "null", "", '{"content": "nameless"}', result(key, said()), result("a stranger's", said())],
    )
    (tmp_path / "batch" / "utf.jsonl").write_bytes(b'\xff\xfe{"custom_id"\n')
    answers, batch = asked(tmp_path, people(1))
    assert answers[0].value is not None
    assert batch.bad == [f"results.jsonl, line {n}" for n in (1, 2, 3, 4, 5, 7)] + ["utf.jsonl, line 1"]


@pytest.mark.parametrize("content", ["A\ud83d", said().replace("Ann", "A\\ud83d"), "[" * 50_000])
def test_one_poisoned_result_does_not_stop_the_run_from_starting(tmp_path: Path, content: str) -> None:
    staged(tmp_path, people(2))
    found = keys(tmp_path)
    lay(tmp_path, "results.jsonl", [result(found[0], content), result(found[1], said()), "[" * 100_000])
    with start(tmp_path) as it:
        try:
            answers = it.models.ask(people(2))
        except Pending:
            return  # a repair was staged
        assert answers[1].value is not None


def test_a_file_that_was_moved_away_is_not_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The trap: files are numbered by how many there are; once the first is gone the next would take the last one's name, and its calls are lost."""
    monkeypatch.setattr(batch_module, "MOST", 2)
    staged(tmp_path, people(4))
    second = lines(tmp_path, "calls-0002.jsonl")
    (tmp_path / "batch" / "calls-0001.jsonl").rename(tmp_path / "uploaded.jsonl")
    (name, count), *_ = staged(tmp_path, people(6))
    assert count == 2
    assert name != "calls-0002.jsonl"
    assert lines(tmp_path, "calls-0002.jsonl") == second


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "batch").write_text("a file")
    with pytest.raises(DiskError, match="choose another folder"), start(tmp_path):
        pass
