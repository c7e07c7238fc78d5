"""Other people's texts in every form that they come in; what cannot be read is named, never dropped in silence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from understudy import World
from understudy.errors import InputError
from understudy.scoring.reading import of_world, read_set
from understudy.scoring.samples import by_author, sample, talk


def put(path: Path, content: str) -> Path:
    path.write_text(content)
    return path


def test_rows_of_jsonl(tmp_path: Path) -> None:
    rows = [
        {"Subject": "Lunch", "body": "Noon at mine.", "from": "ann", "date": "2024-05-01T12:30:00Z"},
        {"turns": [{"role": "user", "content": "hi there"}, {"role": "assistant", "content": "Hello! How can I help?"}]},
        {"dialog": ["Are you in?", "Soon."]},
        {"nothing": 1},
    ]
    found = read_set(put(tmp_path / "other.jsonl", "\n".join(map(json.dumps, rows)) + "\nbroken\n"))
    mail, chat, dialog = found.pieces
    assert (mail.kind, mail.author, mail.whole) == ("email", "ann", "Lunch\n\nNoon at mine.")
    assert mail.time is not None
    assert mail.time.hour == 12
    assert chat.text == "hi there"  # what a machine says is nobody's word
    assert [t.speaker for t in dialog.turns] == ["A", "B"]
    assert found.bad == ("other.jsonl line 5 is no JSON object", "other.jsonl line 4 has no text")


def test_csv_json_lines_and_folders(tmp_path: Path) -> None:
    assert [p.text for p in read_set(put(tmp_path / "a.csv", 'id,text\n1,"two\nlines"\n2,one\n')).pieces] == ["two\nlines", "one"]
    assert [p.text for p in read_set(put(tmp_path / "b.json", '{"data": [{"text": "x"}, "y", ["q", "r"]]}')).pieces] == ["x", "y", "q\nr"]
    assert [p.text for p in read_set(put(tmp_path / "c.txt", "one\n\ntwo\n")).pieces] == ["one", "two"]
    folder = tmp_path / "mails"
    (folder / "ann").mkdir(parents=True)
    put(folder / "ann" / "1.txt", "whole\ntext")
    put(folder / "2.txt", "other")
    assert [(p.author, p.text) for p in read_set(folder).pieces] == [("", "other"), ("ann", "whole\ntext")]


def test_mails_with_headers_give_their_authors_own_words(tmp_path: Path) -> None:
    mail = (
        "Message-ID: <1@x>\nDate: Mon, 14 May 2001 16:39:00 -0700 (PDT)\nFrom: a@x.example\nSubject: Re: gas\n\nHere it is.\n> was it?\nBest\n\n"
        "-----Original Message-----\nFrom: b\nlong history"
    )
    folder = tmp_path / "maildir"
    folder.mkdir()
    put(folder / "1.txt", mail)
    put(folder / "2.csv", 'file,message\nx,"' + mail + '"\n')
    for found in read_set(folder).pieces:
        assert (found.kind, found.author, found.title, found.text) == ("email", "a@x.example", "Re: gas", "Here it is.\nBest")


def test_releases_with_forms_of_their_own(tmp_path: Path) -> None:
    assert [t.text for t in read_set(put(tmp_path / "d.txt", "Hi . __eou__ Hello ! __eou__\n")).pieces[0].turns] == ["Hi .", "Hello !"]
    row = {"formatted_emails": [{"subject": "a", "body": "one", "from": "x"}, {"subject": "Re: a", "body": "two", "from": "y"}]}
    assert [(p.kind, p.author, p.text) for p in read_set(put(tmp_path / "e.jsonl", json.dumps(row))).pieces] == [("email", "x", "one"), ("email", "y", "two")]


@pytest.mark.parametrize(("name", "content", "said"), [
    ("a.jsonl", '{"x": 1}', "holds no text"), ("a.json", "{", "not valid JSON"), ("a.pdf", "x", "cannot be scored"), ("gone.jsonl", None, "no file or folder"),
])  # fmt: skip
def test_what_cannot_be_read_is_said(tmp_path: Path, name: str, content: str | None, said: str) -> None:
    path = tmp_path / name if content is None else put(tmp_path / name, content)
    with pytest.raises(InputError, match=said):
        read_set(path)
    with pytest.raises(InputError, match="holds no text"):
        read_set((tmp_path / "empty").mkdir() or tmp_path / "empty")  # type: ignore[func-returns-value]


def test_a_worlds_own_texts(small: World) -> None:
    found = of_world(small)
    people = {row[0] for row in small.sql("SELECT id FROM people")[1]}
    assert {p.author for p in found.pieces} <= people  # organizations write none of them
    spoken = [t for p in found.pieces for t in p.turns]
    assert spoken
    assert {t.speaker for t in spoken} <= people
    assert all(not p.turns or p.text == "\n".join(t.text for t in p.turns) for p in found.pieces)
    few = of_world(small, most=10)
    assert len(few.pieces) == 10
    assert few.skipped == len(found.pieces) - 10 + found.skipped


def test_times_are_local(small: World) -> None:
    """In UTC, half the evening's texts fall on the next day."""
    hours = [p.time.hour for p in talk(of_world(small).pieces) if p.time]
    assert sum(9 <= h < 24 for h in hours) / len(hours) > 0.85


def test_samples_do_not_depend_on_the_run() -> None:
    items = list(range(100))
    assert sample(items, 5, "x") == sample(items, 5, "x")
    assert sample(items, 5, "x") != sample(items, 5, "y")
    assert sorted(sample(items, 500, "x")) == items


def test_by_author_is_in_the_order_of_time(small: World) -> None:
    found = of_world(small)
    author, texts = next((a, t) for a, t in by_author(found.pieces).items() if len(t) > 20)
    first = min((t.time or p.time, n) for n, p in enumerate(found.pieces) for t in (p.turns or [p]) if (t.speaker if p.turns else p.author) == author)  # type: ignore[union-attr, type-var]
    assert texts[0] in found.pieces[first[1]].text
