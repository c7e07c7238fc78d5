"""A module as a picture: its tree of events with delays and chances, what each leaves behind, what it leads to, its people and details. SVG that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

from understudy.errors import ContentError
from understudy.language.soundness import flaws, misshapen
from understudy.ontology.modules import Leaf, Module, Node
from understudy.ontology.reading import dotted
from understudy.ontology.who import Who

BOX, ROW, GAP, STEP, MARGIN, SIDE = 350, 19, 26, 100, 36, 270
"""Pixels: a box's width, a trace's row, between boxes, between columns, around all, the panel at the left."""
HEAD = 96
INK, SOFT, LINE, PAPER = "#23272e", "#6b7280", "#c9ced6", "#fbfaf7"
MOODS = {"good": "#4c9a6a", "flat": "#8a94a6", "bad": "#c2603f"}
COLORS = {
    "message": "#3b78c4", "email": "#7a5bb5", "chat": "#2f9c95", "calendar": "#c0872b", "reminder": "#c26a9a", "note": "#8f7a4a", "purchase": "#4f8a3d",
    "search": "#5b6bd0", "photo": "#b0553b", "post": "#d1633f", "call": "#3c8fa8", "pass": "#936fae", "notification": "#7d8790", "transaction": "#6f8f5f",
}  # fmt: skip
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NARROW, WIDE = frozenset("iljtf.,:;'|!()[] "), frozenset("mwMWGOQ@%")


class Spot(NamedTuple):
    """Where an event's box stands."""

    x: float
    y: float
    height: float


def width_of(text: str, size: float) -> float:
    """About how wide a text is in a sans-serif of this size."""
    return size * sum(0.34 if c in NARROW else 0.95 if c in WIDE else 0.7 if c.isupper() else 0.6 for c in text)


def fitted(text: str, size: float, room: float) -> str:
    """The text, cut where it would not fit."""
    if width_of(text, size) <= room:
        return text
    while text and width_of(text + "…", size) > room:
        text = text[:-1]
    return text.rstrip() + "…"


def text(x: float, y: float, said: str, size: float = 12, fill: str = INK, extra: str = "") -> str:
    """A line of text."""
    return f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size:g}" fill="{fill}"{" " + extra if extra else ""}>{escape(said)}</text>'


def pair(x: float, y: float, name: str, said: str, size: float) -> str:
    """A name in bold with what stands for it behind it, however wide the reader's font is."""
    behind = f'<tspan dx="7" font-weight="400" font-size="{size - 0.5:g}" fill="{SOFT}">{escape(said)}</tspan>' if said else ""
    return f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size:g}" font-weight="600" fill="{INK}">{escape(name)}{behind}</text>'


def clock(hour: float) -> str:
    """An hour of the day, 13.5 -> 13:30."""
    minutes = round(hour * 60)
    return f"{minutes // 60 % 24}:{minutes % 60:02d}"


def span_of(low: float, high: float, unit: str = "") -> str:
    """Two numbers as a span, or one."""
    return f"{low:g}{unit}" if low == high else f"{low:g}–{high:g}{unit}"


def lag(at: Sequence[float]) -> str:
    """When a trace is left, as people would say it: "5–90 min", "2–8 h before"."""
    low, high = at
    tail = " before" if high <= 0 else ""
    if high <= 0:
        low, high = -high, -low
        if high > 120 and round(low / (1440 if high >= 2880 else 60)) == 0:
            return f"{_long(high)}–{_long(low)}{tail}"
        unit, size = ("d", 1440) if high >= 2880 else ("h", 60) if high > 120 else ("min", 1)
        return f"{span_of(round(high / size), round(low / size))} {unit}{tail}"
    if low < 0:
        return f"{_long(-low)} before to {_long(high)} after"
    unit, size = ("d", 1440) if high >= 2880 else ("h", 60) if high > 120 else ("min", 1)
    first, last = round(low / size), round(high / size)
    if first == 0 and size > 1:
        return f"{_long(low)}–{_long(high)}" if low >= 1 else f"up to {_long(high)}"
    return f"{span_of(first, last)} {unit}"


def _long(minutes: float) -> str:
    return f"{minutes / 1440:.0f} d" if minutes >= 2880 else f"{minutes / 60:.0f} h" if minutes > 120 else f"{minutes:.0f} min"


def when_of(node: Node) -> str:
    """The days and hours of an event."""
    when = node.when
    parts = [when.holiday or when.date or ""]
    if when.weekday is not None:
        days = sorted(when.weekday)
        run = len(days) > 2 and days == list(range(days[0], days[-1] + 1))
        parts.append(f"{DAYS[days[0]]}–{DAYS[days[-1]]}" if run else ", ".join(DAYS[d] for d in days))
    if when.monthday:
        parts.append(f"day {span_of(*when.monthday)} of the month")
    parts.append(clock(when.hour[0]) if when.hour[0] == when.hour[1] else f"{clock(when.hour[0])}–{clock(when.hour[1])}")
    parts += [" or ".join(when.weather), f"in {when.term} time" if when.term else ""]
    return " ".join(p for p in parts if p)


def delay_of(node: Node) -> str:
    """How long after what it follows from, and how likely."""
    low, high = node.when.day
    days = "same day" if low == high == 0 else f"{span_of(abs(high), abs(low))} d before" if high <= 0 and low < 0 else f"{span_of(low, high)} d later"
    return days if node.chance >= 1 else f"{days}, {node.chance:.0%}"


def facts_of(node: Node) -> str:
    """Where an event is, how long and with whom."""
    place = (node.place or "a moment").replace("org:", "at ").replace("home:", "at home of ").replace("_", " ")
    parts = [place, f"{span_of(*node.lasts)} min" if node.lasts else "", f"{span_of(*node.away.nights)} nights away" if node.away else ""]
    return " · ".join(p for p in [*parts, ", ".join(node.people)] if p)


def height_of(node: Node) -> float:
    """How tall an event's box is."""
    return 62 + ROW * (len(node.leaves) + len(node.changes)) + (8 if node.leaves or node.changes else 0)


def layout(module: Module) -> dict[str, Spot]:
    """A place for each event: parents at the left, children below each other at the right, none over another."""
    spots: dict[str, Spot] = {}
    left = MARGIN + SIDE + 24

    def put(name: str, depth: int, top: float) -> float:
        node = module.events[name]
        x, height = left + depth * (BOX + STEP), height_of(node) + 22 * len(node.leads)
        bottom = top
        for child in module.children(name):
            bottom = put(child, depth + 1, bottom) + GAP
        below = [spots[child] for child in module.children(name)]
        if not below:
            spots[name] = Spot(x, top, height_of(node))
            return top + height
        middle = (below[0].y + below[-1].y + below[-1].height) / 2
        y = max(top, below[0].y if len(below) == 1 else middle - height / 2)  # a chain runs straight
        spots[name] = Spot(x, y, height_of(node))
        return max(bottom - GAP, y + height)

    put(module.root, 0, MARGIN + HEAD)
    return spots


def svg(module: Module) -> str:
    """The picture of a module; `ContentError` for one that is not of the notation's form."""
    broken = [*misshapen(module), *(f for f in flaws(module) if f.path[-1] in ("parent", "kind"))]
    if broken:
        raise ContentError(f"{module.module} cannot be drawn: {dotted(broken[0].path)}: {broken[0].text}")
    spots = layout(module)
    side = list(_side(module))
    bottom = max(*(s.y + s.height + 22 * len(module.events[n].leads) for n, s in spots.items()), MARGIN + HEAD + 18 * len(side))
    kinds = sorted({leaf.kind for node in module.events.values() for leaf in node.leaves}, key=list(COLORS).index)
    width, height = max(max(s.x for s in spots.values()) + BOX + MARGIN, 900), bottom + 56
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'font-family="Inter, \'Helvetica Neue\', Helvetica, Arial, sans-serif" role="img" aria-label="{escape(module.label)}">',
        f"<title>{escape(module.module)}: {escape(module.label)}</title>",
        f'<rect width="100%" height="100%" fill="{PAPER}"/>',
        *_head(module, width),
        *_panel(side),
        *(line for name in module.events for line in _edges(module, name, spots)),
        *(line for name in module.events for line in _delays(module, name, spots)),
        *(line for name in module.events for line in _box(module, name, spots[name])),
        *_legend(kinds, height),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _head(module: Module, width: float) -> Iterator[str]:
    yield text(MARGIN, MARGIN + 24, module.label[:1].upper() + module.label[1:], 26, INK, 'font-weight="700"')
    rate = f"every {module.every}" if module.every else f"{module.rate:g} a year" if module.rate else "only where another module leads to it"
    often = f"{rate}, per {module.per}" + (f", {module.share:.0%} have it" if module.share < 1 else "")
    season = [f"{MONTHS[m - 1]} ×{f:g}" for m, f in sorted(module.season.items()) if 1 <= m <= 12]
    yield text(MARGIN, MARGIN + 46, " · ".join(p for p in (module.module, module.topic, often, who_of(module.who)) if p), 12.5, SOFT)
    if season:
        yield text(MARGIN, MARGIN + 64, "season: " + ", ".join(season), 11.5, SOFT)
    yield f'<line x1="{MARGIN}" y1="{MARGIN + 76}" x2="{width - MARGIN:.0f}" y2="{MARGIN + 76}" stroke="{LINE}"/>'


def who_of(who: Who) -> str:
    """Who can have it, in a few words."""
    parts = [f"{who.age[0]} to {who.age[1]} years old" if who.age else "", who.sex or "", *(" or ".join(v) for v in (who.status, who.household, who.region))]
    parts += [f"{' or '.join(who.income)} income" if who.income else "", " or ".join(who.industry)]
    parts += [f"has {key.rsplit('.', 1)[-1].replace('_', ' ')}" for key in (*who.facts, *who.value)]
    return ", ".join(p for p in parts if p)


def _side(module: Module) -> Iterator[tuple[str, str, str]]:
    """The panel's lines: a heading, or a name with what stands for it."""
    if module.cast:
        yield "head", "People", ""
        for name, role in module.cast.items():
            yield "row", name, " or ".join(role.tie) + ("" if role.need else ", if any")
    if module.uses:
        yield "head", "Facts it uses", ""
        for name, key in module.uses.items():
            yield "row", name, key.rsplit(".", 1)[-1].replace("_", " ")
    if module.details:
        yield "head", "Details, drawn once a tree", ""
        for name, draw in module.details.items():
            yield "row", name, draw_of(draw)


def draw_of(draw: Mapping[str, Any]) -> str:
    """What a detail may be."""
    if "pick" in draw:
        return f"{draw['pick'][0]}, … ({len(draw['pick'])})" if len(draw["pick"]) > 1 else str(draw["pick"][0])
    if "cents" in draw:
        return f"${draw['cents'][0] / 100:,.0f} to ${draw['cents'][1] / 100:,.0f}"
    for way, said in (("whole", "{0[0]} to {0[1]}"), ("date", "{0[0]} to {0[1]} days later"), ("code", "{0}"), ("catalogue", "from {0}")):
        if way in draw:
            return said.format(draw[way])
    if "sum" in draw:
        return " + ".join(draw["sum"])
    if "org" in draw:
        return f"a {str(draw['org']).replace('_', ' ')}"
    return next((way for way in ("street", "city", "fullname", "name", "pay") if way in draw), "")


def _panel(lines: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    y: float = MARGIN + HEAD
    yield f'<rect x="{MARGIN - 12}" y="{y - 6}" width="{SIDE}" height="{17 * len(lines) + 8 * sum(line[0] == "head" for line in lines) + 14:.0f}" rx="10" fill="#f2efe8"/>'
    y += 16
    for number, (sort, name, said) in enumerate(lines):
        if sort == "head":
            y += 8 if number else 0
            yield text(MARGIN, y, name, 11.5, SOFT, 'font-weight="700" letter-spacing=".04em"')
        else:
            yield pair(MARGIN, y, name, fitted(said, 11, SIDE - 30 - width_of(name, 12)), 11.5)
        y += 17


def _edges(module: Module, name: str, spots: Mapping[str, Spot]) -> Iterator[str]:
    """The lines to an event's children with their delays, and dashed arrows to what it leads to."""
    here = spots[name]
    for child in module.children(name):
        there = spots[child]
        x1, y1, x2, y2 = here.x + BOX, here.y + 30, there.x, there.y + 30
        bend = STEP * 0.55
        yield f'<path d="M{x1:.0f},{y1:.0f} C{x1 + bend:.0f},{y1:.0f} {x2 - bend:.0f},{y2:.0f} {x2:.0f},{y2:.0f}" fill="none" stroke="#a7aebb" stroke-width="1.6"/>'
    for number, lead in enumerate(module.events[name].leads):
        x, y = here.x + 26, here.y + here.height
        low = y + 16 + 22 * number
        yield f'<path d="M{x:.0f},{y:.0f} V{low:.0f} H{x + 30:.0f}" fill="none" stroke="#9a7bd0" stroke-width="1.5" stroke-dasharray="5 4"/>'
        yield f'<path d="M{x + 30:.0f},{low - 4:.0f} l7,4 l-7,4 z" fill="#9a7bd0"/>'
        hand = f", hands on {', '.join(lead.hand)}" if lead.hand else ""
        said = f"{lead.module}: {span_of(*lead.day)} d later, {lead.chance:.0%}{hand}"
        yield text(x + 42, low + 4, fitted(said, 11, BOX - 74), 11, "#6d4fa6", 'font-style="italic"')


def _delays(module: Module, name: str, spots: Mapping[str, Spot]) -> Iterator[str]:
    """How long after, written on the lines to an event's children."""
    for child in module.children(name):
        there = spots[child]
        days, _, chance = delay_of(module.events[child]).partition(", ")
        for number, said in enumerate(p for p in (days, chance) if p):
            halo = f'text-anchor="end" paint-order="stroke" stroke="{PAPER}" stroke-width="5" stroke-linejoin="round"'
            yield text(there.x - 10, there.y + 24 + 18 * number, said, 10.5, SOFT, halo)


def _box(module: Module, name: str, spot: Spot) -> Iterator[str]:
    """An event: title, time and place, its traces and the facts it changes."""
    node = module.events[name]
    x, y, mood = spot.x, spot.y, MOODS.get(node.mood, MOODS["flat"])
    yield f'<rect x="{x:.0f}" y="{y:.0f}" width="{BOX}" height="{spot.height:.0f}" rx="9" fill="#fff" stroke="{LINE}"/>'
    yield f'<path d="M{x + 5:.0f},{y + 10:.0f} V{y + spot.height - 10:.0f}" stroke="{mood}" stroke-width="4" stroke-linecap="round"/>'
    yield text(x + 18, y + 22, fitted(node.title.replace("{^", "{").replace("{a:", "{"), 14, BOX - 34), 13, INK, 'font-weight="650"')
    yield text(x + 18, y + 38, fitted(when_of(node), 11.5, BOX - 44 - width_of(name, 10.5)), 11.5, SOFT)
    yield text(x + BOX - 12, y + 38, name, 10.5, "#9aa1ad", 'text-anchor="end" font-style="italic"')
    yield text(x + 18, y + 53, fitted(facts_of(node), 11, BOX - 34), 11, SOFT)
    y += 62
    if node.leaves or node.changes:
        yield f'<line x1="{x + 16:.0f}" y1="{y:.0f}" x2="{x + BOX - 12:.0f}" y2="{y:.0f}" stroke="#eceef1"/>'
    for number, leaf in enumerate(node.leaves):
        yield from _trace(leaf, x, y + 15 + ROW * number)
    for number, change in enumerate(node.changes, len(node.leaves)):
        line = y + 15 + ROW * number
        yield f'<path d="M{x + 19:.0f},{line - 4:.0f} l5,-5 l5,5 l-5,5 z" fill="{MOODS["good"]}"/>'
        said = f"{change.key.rsplit('.', 1)[-1].replace('_', ' ')} becomes {change.value}"
        yield text(x + 36, line, fitted(said, 11, BOX - 48), 11, "#2f6d48")


def _trace(leaf: Leaf, x: float, y: float) -> Iterator[str]:
    color = COLORS.get(leaf.kind, SOFT)
    sure = leaf.chance >= 1
    yield f'<circle cx="{x + 24:.0f}" cy="{y - 4:.0f}" r="4.6" fill="{color if sure else "#fff"}" stroke="{color}" stroke-width="1.8"/>'
    tail = lag(leaf.at) + ("" if sure else f", {leaf.chance:.0%}")
    yield text(x + BOX - 12, y, tail, 10.5, SOFT, 'text-anchor="end"')
    to = f"{leaf.by} → {leaf.to}" if leaf.to else leaf.by
    room = BOX - 56 - width_of(tail, 10.8)
    name = fitted(leaf.say.replace("_", " "), 11.8, room)
    left = room - width_of(name, 12) - 8
    told = fitted(to, 11, left) if left > 34 and leaf.by + (leaf.to or "") != "self" else ""
    yield pair(x + 36, y, name, told, 11.5)


def _legend(kinds: Sequence[str], height: float) -> Iterator[str]:
    x, y = float(MARGIN), height - 22
    for kind in kinds:
        yield f'<circle cx="{x + 4:.0f}" cy="{y - 4:.0f}" r="4.6" fill="{COLORS.get(kind, SOFT)}"/>'
        yield text(x + 14, y, kind, 11, SOFT)
        x += width_of(kind, 11) + 38
    yield text(x + 6, y, "hollow: by chance", 11, SOFT, 'font-style="italic"')
    x += 120
    for mood, color in MOODS.items():
        yield f'<path d="M{x:.0f},{y - 10:.0f} v12" stroke="{color}" stroke-width="4" stroke-linecap="round"/>'
        yield text(x + 10, y, f"{mood} mood", 11, SOFT)
        x += width_of(f"{mood} mood", 11) + 34
