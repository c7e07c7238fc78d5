"""Pages and charts: well formed, nothing loaded, nobody's text taken for markup."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from understudy.report import charts
from understudy.report.page import note, page, section, table

EVIL = '<script>alert("x")</script> & co'


@pytest.mark.parametrize("drawn", [
    charts.lines({EVIL: [0, 1, 2], "b": [2, 1, 0]}, {0: EVIL}, EVIL, [EVIL], marks={1: EVIL}),
    charts.lines({"none": []}, {}, "empty"),
    charts.bars([(EVIL, [1.0, None]), ("b", [0.0, 2.0])], [EVIL, "n"], EVIL),
    charts.dots([(0.0, 1.0, 0, EVIL), (0.0, 1.0, 1, "same place")], [EVIL, "n"], EVIL),
    charts.dots([], [], "empty"),
    charts.strips([(EVIL, [(0.0, 7.5, 0, EVIL), (7.5, 24.0, 11, "more names than colours")])], [f"{EVIL}{n}" for n in range(12)], EVIL),
])  # fmt: skip
def test_charts_are_well_formed(drawn: str) -> None:
    tree = ElementTree.fromstring(drawn)
    assert tree.tag == "svg"
    assert "<script" not in drawn
    assert "nan" not in drawn


def test_a_page_is_whole_and_escapes() -> None:
    found = page(EVIL, [section(EVIL, note(EVIL), table(["a", EVIL], [[EVIL], [EVIL, (EVIL, EVIL)]], said=[1]))])
    assert "<script" not in found
    assert not re.search(r"https?://|@import|<link|src=", found)
    assert "prefers-color-scheme:dark" in found
    assert found.count("<table>") == found.count("</table>") == 1
