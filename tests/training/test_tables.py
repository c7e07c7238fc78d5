"""Traps: labels that differ by case only, rows dropped in silence, a wrong column found out only by a traceback, F1 over labels that nobody asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from understudy.errors import InputError
from understudy.training.measures import score
from understudy.training.tables import read_labelled


def test_csv_with_columns_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "mails.csv"
    file.write_text('\ufeffid,said,genre\n1,"Meet at\nnoon, please",Logistics \n2,,x\n3,hello,\n4,hi,PERSONAL\n', encoding="utf-8")
    found = read_labelled(file, "said", "genre")
    assert found.texts == ["Meet at\nnoon, please", "hi"]
    assert found.labels == ["logistics", "personal"]
    assert found.left == 2


def test_jsonl_with_usual_names(tmp_path: Path) -> None:
    file = tmp_path / "m.jsonl"
    file.write_text("\n".join(json.dumps({"body": f"text {n}", "category": n}) for n in range(3)))
    assert read_labelled(file).labels == ["0", "1", "2"]


def test_a_training_file_may_have_the_usual_names(tmp_path: Path) -> None:
    """--column and --label are said of the file that is tested on; the others need not be renamed for it."""
    (tmp_path / "a.csv").write_text("text,label\nhi,x\n")
    assert read_labelled(tmp_path / "a.csv", "said", "genre", strict=False).labels == ["x"]
    with pytest.raises(InputError, match="no column"):
        read_labelled(tmp_path / "a.csv", "said", "genre")


@pytest.mark.parametrize(
    ("name", "text", "column", "said"),
    [
        ("a.csv", "text,label\nhi,x\n", "words", 'no column "words"; it has text, label'),
        ("a.csv", "a,b\nhi,x\n", None, "name one of a, b with --column"),
        ("a.csv", "text,label\n,x\n", None, "no row with both"),
        ("a.csv", "text,label\n", None, "holds no rows"),
        ("a.jsonl", '{"text": "a", "label": "b"}\n[1]\n', None, "line 2 is no JSON object"),
    ],
)
def test_bad_tables_are_refused_in_a_sentence(tmp_path: Path, name: str, text: str, column: str | None, said: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=said):
        read_labelled(tmp_path / name, column)


def test_a_folder_without_the_task(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="understudy dataset documents"):
        read_labelled(tmp_path)
    with pytest.raises(InputError, match="there is no file"):
        read_labelled(tmp_path / "nothing.csv")


def test_score_by_hand() -> None:
    """a: precision 2/3, recall 1, F1 0.8; b: precision 1, recall 1/2, F1 2/3; c, which is only guessed, is no label of the test."""
    found = score(["a", "a", "b", "b"], ["a", "a", "a", "b"])
    assert found.accuracy == 0.75
    assert found.macro_f1 == pytest.approx((0.8 + 2 / 3) / 2)
    assert score(["a", "b"], ["c", "b"]).macro_f1 == 0.5
