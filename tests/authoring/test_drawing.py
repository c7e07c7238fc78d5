"""A module's picture and its schema: every event and trace is on it, nothing from outside is asked for, nothing overlaps."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from understudy.authoring.drawing import BOX, lag, layout, svg
from understudy.authoring.schema import SAID, schema
from understudy.ontology.modules import Module, parse_module, shipped
from understudy.ontology.reading import read_module

KITE = Path(__file__).parent / "kite_day.yaml"


def test_every_event_and_trace_is_drawn() -> None:
    module = read_module(KITE)
    picture = svg(module)
    root = ElementTree.fromstring(picture)
    words = " ".join("".join(e.itertext()) for e in root.iter("{http://www.w3.org/2000/svg}text"))
    assert all(said in words for said in ("Kite flying, {kite}", "after", "bill", "mend", "2–4 d later", "80%", "pal", "a toy store", "$9 to $39"))
    assert "http" not in picture.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize("name", sorted(shipped())[::9])
def test_boxes_never_overlap(name: str) -> None:
    """Trap: a tidy picture of the one module that was looked at."""
    module: Module = shipped()[name]
    spots = list(layout(module).values())
    ElementTree.fromstring(svg(module))
    for i, a in enumerate(spots):
        for b in spots[i + 1 :]:
            assert abs(a.x - b.x) >= BOX or a.y + a.height <= b.y or b.y + b.height <= a.y


def test_times_as_people_say_them() -> None:
    assert [lag(at) for at in ((5, 90), (100, 500), (-4300, -900), (-60, -5), (-30, 60))] == [
        "5–90 min", "2–8 h", "3–1 d before", "60–5 min before", "30 min before to 60 min after",
    ]  # fmt: skip


def test_markup_in_a_file_stays_text() -> None:
    """Trap: a stranger's module that puts a script into a picture."""
    text = KITE.read_text().replace("an afternoon with a kite", "<script>alert(1)</script>")
    import yaml

    assert "<script>" not in svg(parse_module(yaml.safe_load(text), "kite_day"))


def test_schema_describes_every_field() -> None:
    found = json.loads(schema())
    bare = [f"{name}.{field}" for name, record in found["$defs"].items() for field in record["properties"] if not SAID[name].get(field)]
    assert not bare, f"say what these are in authoring/schema.py: {bare}"
    gone = [f"{name}.{field}" for name, fields in SAID.items() for field in fields if field not in found["$defs"][name]["properties"]]
    assert not gone
    assert "toy_store" in found["$defs"]["Module"]["properties"]["details"]["additionalProperties"]["anyOf"][0]["properties"]["org"]["enum"]
