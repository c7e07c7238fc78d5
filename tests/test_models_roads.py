"""Every road to a town by models leads to the same world, and nothing is paid for twice: budgets, batch files, a preview before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.servers.instances import messages_key
from tests.servers.stand_in import at, fingerprint, missed, stand_in, table
from tests.servers.town import FEW, MIXED, NOBODY, TOWN, TWO, Made, Say, asked_of, form, rows, totals, written
from understudy import Recipe, make
from understudy.asking import Asking
from understudy.asking.preview import preview
from understudy.audit.rules import audit_world
from understudy.model.records import Artifact


def test_a_budget_is_kept_and_the_rest_is_made_later(made: Made, tmp_path: Path, say: Say) -> None:
    """Trap: a budget that is passed by what is in flight; a second run that pays again; a world that shows where it was cut off."""
    made.server.reset()
    command = ("make", written(at(TOWN, made.server), tmp_path), "--out", "town", "--parallel", "4", "--budget")
    limit, most = 40_000, 4 * (5_200 + 1_400)  # by the prompt files, no call is longer than its room and its answer's limit
    first = say(*command, "40ktok")
    assert first.code == 3, first
    assert first.err.splitlines()[-1].startswith("understudy: the budget is met (")
    assert "the same command with a new budget goes on" in first.err
    stats = made.server.stats()
    used = stats["prompt_tokens"] + stats["completion_tokens"]
    assert 0.5 * limit < used <= limit + most
    assert not (tmp_path / "town" / "parts").exists()
    last = say(*command, "1Mtok")
    assert last.code == 0, last
    assert asked_of(made.server) == dict.fromkeys(table(TOWN), 1)
    assert fingerprint(tmp_path / "town") == fingerprint(made.world.path)


def answer_batches(folder: Path, answers: Any) -> int:
    """Answer every file of calls that has no results yet, as OpenAI's batch endpoint does; the number of calls that were answered."""
    count = 0
    for path in sorted(folder.glob("calls-*.jsonl")):
        target = folder / path.name.replace("calls", "results")
        if target.exists():
            continue
        lines = []
        for line in path.read_text().splitlines():
            row = json.loads(line)
            assert (row["method"], row["url"]) == ("POST", "/v1/chat/completions")
            content = answers[messages_key(row["body"]["messages"])]
            body = {
                "choices": [{"message": {"role": "assistant", "content": content}, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 9, "completion_tokens": 3},
            }
            lines.append(json.dumps({"id": f"r{count}", "custom_id": row["custom_id"], "response": {"status_code": 200, "body": body}, "error": None}))
            count += 1
        target.write_text("\n".join(reversed(lines)) + "\n")  # results come in any order
    return count


def by_batches(say: Say, recipe: Recipe, folder: Path) -> list[int]:
    """Make a town by batch files alone; the calls of each round."""
    rounds: list[int] = []
    for _ in range(20):
        done = say("make", written(recipe, folder), "--out", "town", "--batch", "calls")
        if done.code == 0:
            return rounds
        assert done.code == 3, done
        assert "lay the results beside" in done.err
        rounds.append(answer_batches(folder / "calls", table(recipe)))
    raise AssertionError(f"no end after {rounds}")


def test_a_town_by_batch_files(made: Made, tmp_path: Path, say: Say) -> None:
    """Trap: a round stages calls that rest on answers it does not have, or the town depends on how its answers came."""
    rounds = by_batches(say, at(TOWN, NOBODY), tmp_path)
    assert sum(rounds) == len(table(TOWN)), rounds
    assert all(rounds), rounds
    assert fingerprint(tmp_path / "town") == fingerprint(made.world.path)


def test_one_batch_file_carries_several_communities(tmp_path: Path, say: Say) -> None:
    """Trap: a file for each community, or one community after the other: twice the days of waiting."""
    recipe = written(at(TWO.model_copy(update={"until": "persona"}), NOBODY), tmp_path)
    for number in (1, 2):  # ties, and the first step of a profile
        assert say("make", recipe, "--out", "town", "--batch", "calls").code == 3
        assert len(list((tmp_path / "calls").glob("calls-*.jsonl"))) == number
        answer_batches(tmp_path / "calls", table(Recipe.load(recipe)))
    keys = [json.loads(line)["custom_id"] for line in (tmp_path / "calls" / "calls-0001.jsonl").read_text().splitlines()]
    found = rows(tmp_path / "town", f"key IN ({','.join('?' * len(keys))})", tuple(keys))
    assert len(found) == len(keys)
    assert {row["call"][:5] for row in found} == {"c0000", "c0001"}


def test_a_preview_is_not_paid_for_again(tmp_path: Path) -> None:
    """Trap: a preview asks what the run never asks, or under other keys; embedded lives and an embedded critic go with a model as writer."""
    with stand_in(MIXED) as server:
        looked = preview(at(MIXED, server), tmp_path / "town", Asking(parallel=FEW), each=2)
        assert 5 <= looked.calls < 0.6 * len(table(MIXED))
        assert looked.calls == sum(asked_of(server).values())
        assert {shown.artifact.kind for shown in looked.texts} >= {"message", "email", "chat", "purchase", "note", "reminder"}
        assert all(shown.calls and shown.verdicts and shown.artifact.engine == "mock/m" for shown in looked.texts)
        world = make(at(MIXED, server), tmp_path / "town", asking=Asking(parallel=FEW))
        assert asked_of(server) == dict.fromkeys(table(MIXED), 1)
        assert missed(server) == []
    assert {row[0] for row in totals(world.path)} == {"writer"}
    assert [finding for finding in audit_world(world) if finding.offending] == []
    assert {a.engine for a in world.rows("artifacts") if isinstance(a, Artifact) and not form(a)} == {"mock/m"}
    assert world.sql("SELECT DISTINCT critic FROM verdicts ORDER BY 1")[1] == [("consistency",), ("fluency",), ("reader",), ("realism",)]
