"""The docs are true: paths that papers.md names exist, cli.md is the commands' own help, the changelog knows the version."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import understudy

ROOT = Path(__file__).parents[2]


def test_paths_of_the_papers_exist() -> None:
    named = re.findall(r"`(src/[^`]+|tests/[^`]+)`", (ROOT / "docs/papers.md").read_text() + (ROOT / "docs/ARCHITECTURE.md").read_text())
    assert len(named) > 8
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_cli_page_is_fresh() -> None:
    done = subprocess.run([sys.executable, ROOT / "tools/build_cli_docs.py", ROOT / "docs/cli.md", "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_public_face() -> None:
    assert understudy.__all__ == ["Recipe", "UnderstudyError", "World", "make", "open_world"]
    assert all(hasattr(understudy, name) for name in understudy.__all__)


def test_nothing_of_this_machine_is_named() -> None:
    """The trap: a path of somebody's machine, or a tool that users do not have."""
    kinds, skipped = (".py", ".md", ".yaml", ".toml"), {".venv", "out", "build", ".git"}
    files = [p for p in ROOT.rglob("*") if p.suffix in kinds and not skipped & set(p.relative_to(ROOT).parts) and p != Path(__file__)]
    bad = [str(p) for p in files if re.search(r"(^|[\s\"'(=])/(work|farm|opt/wheels)/", p.read_text(errors="replace"))]
    assert not bad
