"""Write docs/cli.md from the commands' own help: `python tools/build_cli_docs.py docs/cli.md`; with --check, only compare."""

import os
import sys
from pathlib import Path

os.environ.update(COLUMNS="110", TERMINAL_WIDTH="110", NO_COLOR="1")

from typer.testing import CliRunner

from understudy.cli.main import app


def page() -> str:
    """Every command's help, in the order of the code."""
    runner = CliRunner()
    parts = [
        "# The command line",
        "",
        "Generated from `--help`; do not edit.",
        "",
        "```",
        runner.invoke(app, ["--help"], prog_name="understudy").output.strip(),
        "```",
    ]
    for command in app.registered_commands:
        name = command.name or command.callback.__name__
        text = runner.invoke(app, [name, "--help"], prog_name="understudy").output.strip()
        parts += ["", f"## {name}", "", "```", "\n".join(line.rstrip() for line in text.splitlines()), "```"]
    return "\n".join(parts) + "\n"


target = Path(sys.argv[1])
if "--check" in sys.argv:
    sys.exit(0 if target.read_text() == page() else f"{target} is stale; run make docs")
target.write_text(page())
