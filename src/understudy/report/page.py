"""One self-contained HTML page: headings, notes, tables and SVG, readable by day and by night, with nothing loaded from anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

STYLE = """
:root{color-scheme:light dark;--paper:#fdfcf9;--ink:#1f2328;--faint:#8a8f98;--line:#e3e0d8;--c1:#3b6fb6;--c2:#d9822b;--c3:#3f9b62;--c4:#b5467a;--c5:#7a5cb8;--c6:#8a6d3b;
--c7:#2a9d9d;--c8:#c94f4f;--c9:#9aa23b;--c10:#98a1ab}
@media(prefers-color-scheme:dark){:root{--paper:#16181c;--ink:#e6e4df;--faint:#8f959e;--line:#30343b;--c1:#7aa7e6;--c2:#f0a860;--c3:#72c995;--c4:#e383b0;--c5:#ae94e6;
--c6:#c7a66b;--c7:#63cccc;--c8:#ee8484;--c9:#c9d068;--c10:#a9b1bb}}
*{box-sizing:border-box}body{margin:0 auto;padding:2rem 1.2rem 4rem;max-width:62rem;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.6rem;margin:0 0 .4rem}h2{font-size:1.15rem;margin:2.2rem 0 .5rem;border-bottom:1px solid var(--line);padding-bottom:.2rem}
p{max-width:46rem}.note{color:var(--faint);font-size:.9rem;margin:.1rem 0}svg{width:100%;max-width:640px;height:auto;display:block;margin:.6rem 0}
.wide{overflow-x:auto}table{border-collapse:collapse;font-size:.9rem;width:100%}th,td{padding:.28rem .6rem;text-align:right;border-bottom:1px solid var(--line);vertical-align:top}
th:first-child,td:first-child,.said{text-align:left}td.said{color:var(--faint)}td small{display:block;color:var(--faint);white-space:nowrap}h3{font-size:.95rem;margin:1rem 0 0}tr.group td{font-weight:600;padding-top:.9rem}
"""


def page(title: str, parts: Sequence[str]) -> str:
    """The whole page."""
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>{escape(title)}</title><style>{STYLE}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body><h1>{escape(title)}</h1>{"".join(parts)}</body></html>\n'


def section(title: str, *parts: str) -> str:
    """A heading and what stands under it."""
    return f"<section><h2>{escape(title)}</h2>{''.join(parts)}</section>"


def note(said: str) -> str:
    """A line in small print."""
    return f'<p class="note">{escape(said)}</p>'


def paragraph(said: str) -> str:
    """A paragraph."""
    return f"<p>{escape(said)}</p>"


def table(names: Sequence[str], rows: Sequence[Sequence[str | tuple[str, str]]], said: Sequence[int] = ()) -> str:
    """A table; a cell may be (figure, small print below it), a row of one cell is a group's name, columns in `said` are words."""
    head = "".join(f"<th{' class=said' if number in said else ''}>{escape(name)}</th>" for number, name in enumerate(names))
    body = []
    for line in rows:
        if len(line) == 1:
            body.append(f'<tr class="group"><td colspan="{len(names)}">{escape(str(line[0]))}</td></tr>')
            continue
        body.append("<tr>" + "".join(_cell(cell, number in said) for number, cell in enumerate(line)) + "</tr>")
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{"".join(body)}</tbody></table></div>'


def _cell(cell: str | tuple[str, str], said: bool) -> str:
    figure, small = cell if isinstance(cell, tuple) else (cell, "")
    return f"<td{' class=said' if said else ''}>{escape(figure)}{f'<small>{escape(small)}</small>' if small else ''}</td>"
