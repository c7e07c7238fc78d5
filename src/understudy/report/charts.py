"""Charts as SVG text: no scripts, no fonts, colours from the page's variables, so that light and dark both work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

WIDTH = 640
INK = "var(--ink)"
FAINT = "var(--faint)"
PALETTE = ("var(--c1)", "var(--c2)", "var(--c3)", "var(--c4)", "var(--c5)", "var(--c6)", "var(--c7)", "var(--c8)", "var(--c9)", "var(--c10)")


def colour(number: int) -> str:
    """The colour of the nth thing."""
    return PALETTE[number % len(PALETTE)]


def frame(content: str, height: float, label: str, width: float = WIDTH) -> str:
    """An SVG with a title for those who hear it."""
    return f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(label, True)}"><title>{escape(label)}</title>{content}</svg>'


def text(x: float, y: float, said: str, anchor: str = "start", fill: str = INK, size: float = 11) -> str:
    """A line of text."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size:g}" fill="{fill}">{escape(said)}</text>'


def rect(x: float, y: float, width: float, height: float, fill: str, said: str = "") -> str:
    """A box, with a hint when pointed at."""
    hint = f"<title>{escape(said)}</title>" if said else ""
    return f'<rect x="{x:.2f}" y="{y:.2f}" width="{max(0.0, width):.2f}" height="{height:.2f}" fill="{fill}">{hint}</rect>'


def legend(names: Sequence[str], x: float = 0, y: float = 12) -> str:
    """A row of names with their colours."""
    found = []
    for number, name in enumerate(names):
        found += [rect(x, y - 9, 10, 10, colour(number)), text(x + 14, y, name)]
        x += 30 + 6.6 * len(name)
    return "".join(found)


def lines(
    series: Mapping[str, Sequence[float]],
    ticks: Mapping[int, str],
    label: str,
    dashed: Sequence[str] = (),
    height: float = 150,
    marks: Mapping[float, str] | None = None,
) -> str:
    """Curves over the same places (at least two), from nought to the largest value; those in `dashed` are references; `marks` are upright lines at a place."""
    left, top, right, bottom = 18.0, 24.0, WIDTH - 18.0, height - 18.0
    most = max((max(values) for values in series.values() if len(values)), default=0.0) or 1.0
    drawn = [f'<line x1="{left}" x2="{right}" y1="{bottom}" y2="{bottom}" stroke="{FAINT}"/>']
    for number, (name, values) in enumerate(series.items()):
        step = (right - left) / max(1, len(values) - 1)
        points = " ".join(f"{left + n * step:.1f},{bottom - (bottom - top) * v / most:.1f}" for n, v in enumerate(values))
        dash = ' stroke-dasharray="4 3"' if name in dashed else ""
        drawn.append(f'<polyline points="{points}" fill="none" stroke="{colour(number)}" stroke-width="1.8"{dash}/>')
    count = max((len(v) for v in series.values()), default=2)
    for place, said in (marks or {}).items():
        x = left + (right - left) * place / max(1, count - 1)
        drawn += [
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{bottom}" stroke="{FAINT}" stroke-dasharray="2 3"/>',
            text(x + 3, top + 8, said, fill=FAINT, size=9),
        ]
    drawn += [text(left + (right - left) * n / max(1, count - 1), height - 4, said, "middle", FAINT, 10) for n, said in ticks.items()]
    return frame(legend(list(series)) + "".join(drawn), height, label)


def bars(rows: Sequence[tuple[str, Sequence[float | None]]], names: Sequence[str], label: str, shown: str = "{:.2f}") -> str:
    """Groups of horizontal bars: a row a thing, a bar a set."""
    most = max((v for _, values in rows for v in values if v is not None), default=0.0) or 1.0
    y, drawn = 24.0, [legend(names)]
    for name, values in rows:
        drawn.append(text(150, y + 6 * len(values) + 2, name, "end"))
        for number, value in enumerate(values):
            if value is not None:
                width = 400 * value / most
                drawn += [rect(156, y, width, 10, colour(number)), text(160 + width, y + 9, shown.format(value), fill=FAINT, size=10)]
            y += 12
        y += 6
    return frame("".join(drawn), y, label)


def dots(points: Sequence[tuple[float, float, int, str]], names: Sequence[str], label: str, grid: int = 5, size: float = 460) -> str:
    """A map of points (x, y, set, hint) over their own range, with the grid that the entropy is taken over."""
    xs, ys = [p[0] for p in points] or [0.0], [p[1] for p in points] or [0.0]
    wide, high = (max(xs) - min(xs)) or 1.0, (max(ys) - min(ys)) or 1.0
    left, top = (WIDTH - size) / 2, 16.0 * ((len(names) + 4) // 5) + 8
    drawn = [_legend_from(names, start, 5) for start in range(0, len(names), 5)]
    for n in range(grid + 1):
        at = size * n / grid
        drawn.append(
            f'<path d="M{left + at:.1f} {top}V{top + size:.1f}M{left:.1f} {top + at:.1f}H{left + size:.1f}" stroke="{FAINT}" stroke-width="0.5" opacity="0.5"/>'
        )
    for x, y, which, said in points:
        cx, cy = left + (x - min(xs)) / wide * size, top + size - (y - min(ys)) / high * size
        drawn.append(f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="2.4" fill="{colour(which)}" opacity="0.65"><title>{escape(said)}</title></circle>')
    return frame("".join(drawn), top + size + 8, label)


def strips(rows: Sequence[tuple[str, Sequence[tuple[float, float, int, str]]]], names: Sequence[str], label: str) -> str:
    """Days as coloured strips: a row a day, spells as (start, end, activity, hint) in hours from 0 to 24."""
    left, scale, tall = 74.0, (WIDTH - 92.0) / 24, 9.0
    top = 16.0 * ((len(names) + 5) // 6) + 12
    drawn = [_legend_from(names, start) for start in range(0, len(names), 6)]
    y = top
    for name, spells in rows:
        drawn.append(text(left - 6, y + tall - 1, name, "end", FAINT, 9))
        for begin, end, which, said in spells:
            drawn.append(rect(left + begin * scale, y, (end - begin) * scale, tall, colour(which), said))
        y += tall + 2
    drawn += [text(left + hour * scale, y + 11, f"{hour}:00", "middle", FAINT, 9) for hour in range(0, 25, 4)]
    return frame("".join(drawn), y + 16, label)


def _legend_from(names: Sequence[str], start: int, each: int = 6) -> str:
    """One line of a legend that goes over several, each name with the colour of its place."""
    x, y, found = 0.0, 12.0 + 16 * (start // each), []
    for number, name in enumerate(names[start : start + each], start):
        found += [rect(x, y - 9, 10, 10, colour(number)), text(x + 14, y, name)]
        x += 28 + 6.4 * len(name)
    return "".join(found)
