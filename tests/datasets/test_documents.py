"""Traps: a label read out of the text, a document in two splits, evidence that a question's documents lack, files that a trainer cannot read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from understudy import World, assets
from understudy.datasets.build import TASKS, build
from understudy.datasets.home import read_home
from understudy.datasets.labels import categories, grounds, label_of, names, own_labels
from understudy.datasets.rows import SPLITS, Row, even
from understudy.datasets.splits import by_community
from understudy.errors import InputError

ENRON = Path(__file__).parents[2] / "examples" / "labels" / "enron.yaml"
CHATS = [task for task in TASKS if task != "search"]


@pytest.fixture(scope="module")
def made(small: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("datasets") / "sets"
    build(small, out, 200)
    return out


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def metas(made: Path, task: str) -> dict[str, list[dict[str, Any]]]:
    return {split: lines(made / task / f"{split}.meta.jsonl") for split in SPLITS}


def test_every_kind_of_sender_has_a_category() -> None:
    """A new kind of organization would otherwise fall out of the set without a word."""
    known = categories()["senders"]
    missing = [kind for kind in assets.data("data/catalogues/organizations.yaml")["kinds"] if kind not in known]
    assert not missing, f"give these kinds a category in data/datasets/categories.yaml: {missing}"


def test_nothing_is_in_two_categories() -> None:
    content = assets.data("data/datasets/categories.yaml")["categories"]
    for part in ("topics", "ties", "senders"):
        listed = [name for entry in content.values() for name in entry.get(part, ())]
        assert len(listed) == len(set(listed)), part


@pytest.mark.parametrize("task", CHATS)
def test_chats_are_in_the_form_that_trainers_read(made: Path, task: str) -> None:
    for split in SPLITS:
        chats, about = lines(made / task / f"{split}.jsonl"), metas(made, task)[split]
        assert len(chats) == len(about)
        for chat, meta in zip(chats, about, strict=True):
            assert list(chat) == ["messages"]
            assert [m["role"] for m in chat["messages"]] == ["system", "user", "assistant"]
            assert all(m["content"].strip() for m in chat["messages"])
            assert meta["split"] == split
    assert lines(made / task / "train.jsonl")


def test_labels_rest_on_the_ledger(made: Path, small: World) -> None:
    """A shop's mail is shopping whatever it says; between two people without an event, the tie decides."""
    home = read_home(small, 0)
    known = categories()
    seen = set()
    for row in (row for rows in metas(made, "categorization").values() for row in rows):
        mail = home.artifacts[row["id"]]
        if mail.author in home.organizations:
            assert row["label"] == known["senders"][home.organizations[mail.author].kind]
            seen.add("sender")
        elif mail.event is None:
            assert row["label"] == known["ties"][row["tie"]]
            seen.add("tie")
    assert seen == {"sender", "tie"}


@pytest.mark.parametrize("task", CHATS)
def test_no_document_is_in_two_splits(made: Path, small: World, task: str) -> None:
    """One community: what somebody of test has read may not be trained on, not even as a distractor or an earlier turn."""
    used: dict[str, set[str]] = {split: set() for split in SPLITS}
    for split, rows in metas(made, task).items():
        for row in rows:
            used[split] |= set(row.get("documents") or [row.get("artifact") or row["id"]])
    assert used["train"]
    assert not used["train"] & used["test"]
    assert not used["train"] & used["val"]
    assert not used["val"] & used["test"]
    home = read_home(small, 0)
    readers = {split: {p.person for a in found for p in home.artifacts[a].people if p.person in home.people} for split, found in used.items()}
    held = {row["owner"] for row in metas(made, "answering")["test"]}
    assert not readers["train"] & held


def test_communities_are_never_shared() -> None:
    split = by_community(list(range(20)), 7)
    assert sorted(split.communities) == list(range(20))
    assert [list(split.communities.values()).count(s) for s in SPLITS] == [16, 2, 2]
    assert by_community(list(range(20)), 7) == split
    assert set(by_community([0, 1, 2], 1).communities.values()) == set(SPLITS)


def test_evidence_is_among_the_documents_and_nothing_else_tells(made: Path, small: World) -> None:
    home = read_home(small, 0)
    facts = {q.id: q.facts for q in home.questions}
    rows = [row for rows in metas(made, "answering").values() for row in rows]
    assert any(row["evidence"] for row in rows)
    for row in rows:
        assert set(row["evidence"]) <= set(row["documents"])
        telling = {a for a in row["documents"] for r in home.reveals.get(a, ()) if r.fact in facts[row["id"]]}
        assert telling <= set(row["evidence"])
        if not row["evidence"]:
            assert row["answers"] == ["The documents do not say."]
    assert any(row["noise"] for row in rows)


def test_next_turn_is_not_shown(made: Path, small: World) -> None:
    home = read_home(small, 0)
    for rows in metas(made, "next_message").values():
        for row in rows:
            turns = home.artifacts[row["artifact"]].payload["turns"]
            assert row["next"] == turns[row["turn"]]["text"]
            assert row["owner"] == turns[row["turn"]]["speaker"]
            assert row["context"].endswith(turns[row["turn"] - 1]["text"])


def test_search_answers_are_in_reach_and_negatives_do_not_answer(made: Path) -> None:
    folder = made / "search"
    corpus = {row["_id"]: row for row in lines(folder / "corpus.jsonl")}
    queries = {row["_id"]: row for row in lines(folder / "queries.jsonl")}
    judged: dict[str, set[str]] = {}
    for file in sorted((folder / "qrels").glob("*.tsv")):
        for line in file.read_text().splitlines()[1:]:
            query, document, _ = line.split("\t")
            judged.setdefault(query, set()).add(document)
    assert judged.keys() == queries.keys()
    for ident, query in queries.items():
        about = query["metadata"]
        for document in judged[ident]:
            assert about["owner"] in corpus[document]["metadata"]["owners"]
            assert corpus[document]["metadata"]["split"] == about["split"]
        assert not judged[ident] & set(about["negatives"])
        assert all(about["owner"] in corpus[n]["metadata"]["owners"] for n in about["negatives"])
    assert {q["metadata"]["kind"] for q in queries.values()} == {"mine", "others", "event", "detail", "mail"}


def test_the_same_world_gives_the_same_files(made: Path, small: World, tmp_path: Path) -> None:
    build(small, tmp_path / "again", 200)
    for file in sorted(p for p in made.rglob("*") if p.is_file()):
        assert file.read_bytes() == (tmp_path / "again" / file.relative_to(made)).read_bytes(), file.name


def test_card_says_how_and_warns_of_one_community(made: Path) -> None:
    text = (made / "README.md").read_text()
    assert "WARNING: this world is ONE community" in text
    for task in TASKS:
        assert f"## {task}" in text


def test_own_labels_go_from_the_finest_to_the_category(small: World) -> None:
    own = own_labels(ENRON)
    assert own is not None
    assert set(own.values()) - {None} == {"business", "logistics", "documents", "employment", "personal-professional", "personal"}
    home = read_home(small, 0)
    labels = {label_of(grounds(home, a), own) for a in home.artifacts.values() if a.kind == "email"}
    assert {"personal", "business", "documents"} <= labels
    assert (
        label_of(grounds(home, next(a for a in home.artifacts.values() if a.kind == "email"))._replace(sender="job_board", module="", tie=""), own)
        == "employment"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("wrok: x\n", "wrok"),
        ("sender:moon: x\n", "sender:moon"),
        ("work: 3\n", "must be a text"),
        ("[]\n", "holds no labels"),
    ],
)
def test_wrong_labels_are_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "l.yaml").write_text(text)
    with pytest.raises(InputError, match=said):
        own_labels(tmp_path / "l.yaml")


def test_labels_that_nothing_has_are_refused(small: World, tmp_path: Path) -> None:
    """An empty file would be found only by the trainer."""
    (tmp_path / "l.yaml").write_text("work: null\n")
    with pytest.raises(InputError, match="nothing to learn"):
        build(small, tmp_path / "out", 50, ["categorization"], tmp_path / "l.yaml")


def test_a_foreign_folder_is_left_alone(small: World, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="another folder"):
        build(small, tmp_path, 50)
    with pytest.raises(InputError, match="no task"):
        build(small, tmp_path / "out", 50, ["dreaming"])


def test_even_keeps_small_groups_whole() -> None:
    rows = [Row([], {"id": str(n), "label": "rare" if n % 10 == 0 else "common"}) for n in range(100)]
    kept = even(rows, 40, 1, "t", lambda row: str(row.meta["label"]))
    counts = [sum(row.meta["label"] == label for row in kept) for label in ("rare", "common")]
    assert counts == [10, 30]
    assert [int(row.meta["id"]) for row in kept] == sorted(int(row.meta["id"]) for row in kept)
    assert len(names()) == 14
