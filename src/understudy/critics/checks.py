"""What a deterministic reader can prove wrong with a draft: a value that is not there, a secret that is, a speaker who is not."""

from __future__ import annotations

from functools import lru_cache

from understudy.model.briefs import Brief, Draft, Part, Problem, Tell

_APART = bytes(c if chr(c).isalnum() and c < 128 else 32 for c in range(256))
"""A space for every byte that parts words."""
COMMON = frozenset(
    b"yes no single employed student retired man woman boy girl summer winter spring fall blue red green black white gray "
    b"dog cat dogs cats coffee tea water home walking".split()
)
"""Values so common that the word alone gives nobody away."""


def words(text: str) -> list[bytes]:
    """A text's lower-case words, as bytes: runs of ASCII letters and digits (one pass in C; every other character parts them)."""
    return text.lower().encode("ascii", "replace").translate(_APART).split()


@lru_cache(maxsize=65536)
def value_words(value: str) -> tuple[bytes, ...]:
    """A value's words, as they are looked for in a text."""
    return tuple(words(value))


def gives_away(value: str) -> bool:
    """Whether reading this value in a text could give the fact away: two words, or one that is not common."""
    found = value_words(value)
    return bool(found) and (len(found) > 1 or (len(found[0]) > 3 and found[0] not in COMMON))


_INDEXES: dict[int, tuple[tuple[str, ...], dict[bytes, list[tuple[bytes, str]]]]] = {}


def _index(values: tuple[str, ...]) -> dict[bytes, list[tuple[bytes, str]]]:
    """Values by their longest (rarest) word; kept for each group, for the same few groups are asked for thousands of times."""
    known = _INDEXES.get(id(values))
    if known is None or known[0] is not values:
        found: dict[bytes, list[tuple[bytes, str]]] = {}
        for value in values:
            sought = value_words(value)
            if sought:
                found.setdefault(max(sought, key=len), []).append((b" " + b" ".join(sought) + b" ", value))
        if len(_INDEXES) > 20000:
            _INDEXES.clear()
        known = _INDEXES[id(values)] = (values, found)
    return known[1]


def contained(text: str, *groups: tuple[str, ...]) -> list[str]:
    """Those of the values of some groups whose words stand in the text, one after another."""
    said = words(text)
    different = set(said)
    hay = b""
    found = []
    for group in groups:
        index = _index(group)
        for word in index.keys() & different if index else ():
            hay = hay or b" " + b" ".join(said) + b" "
            found += [value for needle, value in index[word] if needle in hay]
    return sorted(found)


def body(part: Part) -> str:
    """Everything in a part that can be read."""
    return f"{part.title}\n{part.text}\n" + "\n".join(turn.text for turn in part.turns)


def _missing(tell: Tell) -> str:
    """What is not told, in words that its author understands."""
    if tell.how == "implied":
        return f'nothing lets the reader tell that it is "{tell.value}"; put it in, and quote the place word for word under reveals'
    return f'the words "{tell.value}" are not there, or not said by whom the task names'


def check(brief: Brief, draft: Draft) -> list[Problem]:
    """The problems of any draft against its brief."""
    problems: list[Problem] = []
    if not draft.parts:
        return [Problem("empty", "there is nothing in it")]
    promised = {tell.fact: tell for tell in brief.tells}
    told = set()
    for found in draft.found:
        part = draft.parts[found.part]
        text = part.text if found.turn < 0 else part.turns[found.turn].text
        said = text[found.start : found.end]
        if found.by == "critic":
            told.add(found.source[1])  # a quotation without the value: whether it gives the fact away is for a blind reader to say
        elif found.source[0] == "fact":
            told.add(found.source[1])
            tell = promised.get(found.source[1])
            if tell is None:
                if not any(v.source == found.source for v in brief.slots.values()):
                    problems.append(Problem("forbidden", f"reveals {found.source[1]}, which is not in the brief"))
            elif said.lower() not in tell.value.lower() or not said:
                problems.append(Problem("wrong", f'"{said}" is not the value "{tell.value}"'))
        else:
            value = next((v.text for v in brief.slots.values() if v.source == found.source), None)
            if value is None or said.lower() != value.lower():
                problems.append(Problem("wrong", f'"{said}" is not the detail "{value}"'))
    problems += [Problem("missing", _missing(tell)) for fact, tell in promised.items() if fact not in told]
    speakers = {s.id for s in brief.speakers}
    speakers.update((brief.author, "assistant"))
    for part in draft.parts:
        if not part.text and not part.turns:
            problems.append(Problem("empty", "a part has no text"))
        after = 0
        for turn in part.turns:
            if turn.speaker not in speakers:
                problems.append(Problem("speaker", "somebody speaks who is not there"))
            if turn.after < after:
                problems.append(Problem("time", "a turn comes before the one it answers"))
            after = turn.after
        if brief.silent:
            meant = [tell.value for tell in brief.tells]
            problems += [Problem("leak", f'gives away "{value}"') for value in contained(body(part), *brief.silent) if value not in meant]
    if brief.noise and draft.found:
        problems.append(Problem("leak", "a noise session reveals something"))
    return problems
