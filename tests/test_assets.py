"""Content is parsed once and then read back compiled: the same, never stale, and never in the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from understudy import assets
from understudy.errors import ContentError

LONG = "lines:\n" + "".join(f'  - "line number {n}"\n' for n in range(200))


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own."""
    monkeypatch.setenv("UNDERSTUDY_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_compiled_content_is_the_same_and_never_stale(tmp_path: Path, own_cache: Path) -> None:
    """Trap: an edited grammar whose old lines are still read."""
    file = tmp_path / "lines.yaml"
    file.write_text(LONG)
    first = assets.read_yaml(file)
    assert assets.read_yaml(file) == first
    assert len(list(own_cache.glob("*.msgpack"))) == 1
    file.write_text(LONG.replace("number 7", "number seven"))
    assert "line number seven" in assets.read_yaml(file)["lines"]


def test_what_would_come_back_as_something_else_is_parsed_each_time(tmp_path: Path, own_cache: Path) -> None:
    """Trap: a date that was a date the first time and a text the second."""
    file = tmp_path / "dates.yaml"
    file.write_text("day: 2025-03-04\n" + LONG)
    assert assets.read_yaml(file) == assets.read_yaml(file)
    assert not list(own_cache.glob("*.msgpack"))


def test_a_broken_cache_is_done_without(tmp_path: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trap: a full disk or a file cut short that ends a run."""
    file = tmp_path / "lines.yaml"
    file.write_text(LONG)
    first = assets.read_yaml(file)
    for kept in own_cache.glob("*.msgpack"):
        kept.write_bytes(b"\xc1 cut")
    assert assets.read_yaml(file) == first
    monkeypatch.setenv("UNDERSTUDY_CACHE", "/proc/no/such/place")
    assert assets.read_yaml(file) == first
    monkeypatch.setenv("UNDERSTUDY_CACHE", "off")
    assert assets.read_yaml(file) == first


def test_broken_content_names_file_and_line(tmp_path: Path) -> None:
    """Trap: a cache that swallows what the parser says."""
    file = tmp_path / "bad.yaml"
    file.write_text(LONG + "  - [open\nnext: 1\n")
    with pytest.raises(ContentError, match=r"bad\.yaml, line"):
        assets.read_yaml(file)
