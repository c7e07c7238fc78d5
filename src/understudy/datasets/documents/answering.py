"""Question answering over a person's documents (PersonaTrace, section 4): evidence among distractors, and a gold answer from the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from understudy.datasets.home import Home, name
from understudy.datasets.nearness import Index, index_of, nearest
from understudy.datasets.rows import Row, chat
from understudy.datasets.shown import shown
from understudy.datasets.splits import Split
from understudy.engine.embed import words
from understudy.model.records import Question
from understudy.rng import Stream, stream

DOCUMENTS = 8
"""Documents in a row; what evidence leaves free is filled with distractors, a part of them near in words, a part of them noise, the rest drawn."""
SILENT = 0.1
"""Share of questions whose evidence is taken out."""
UNKNOWN = "The documents do not say."


def rows(home: Home, split: Split, seed: int) -> Iterator[tuple[str, Row]]:
    """One row for each question that documents of its person's split can answer."""
    index = index_of(home) if home.questions else Index({}, 0)
    revealing: dict[str, set[str]] = {}
    for artifact, reveals in home.reveals.items():
        for reveal in reveals:
            revealing.setdefault(reveal.fact or "", set()).add(artifact)
    own: dict[tuple[str, str], list[str]] = {}  # by person and split: their documents there
    held: dict[tuple[str, str], frozenset[str]] = {}
    for question in home.questions:
        where = split.people.get(question.person) or split.communities[home.number]
        if (question.person, where) not in own:
            own[question.person, where] = [a for a in home.reach.get(question.person, ()) if split.of(home, a) == where]
            held[question.person, where] = frozenset(own[question.person, where])
        row = _row(
            home, question, own[question.person, where], held[question.person, where], index, revealing, stream(seed, f"datasets/answering/{question.id}")
        )
        if row is not None:
            yield where, row


def _row(home: Home, question: Question, own: Sequence[str], held: frozenset[str], index: Index, revealing: Mapping[str, set[str]], rng: Stream) -> Row | None:
    evidence: list[str] = []
    for claim in question.evidence:
        able = [alternative for alternative in claim if held.issuperset(alternative)]
        if not able:
            return None
        evidence += rng.pick(able)
    evidence = list(dict.fromkeys(evidence))
    silent = rng.chance(SILENT)
    kept = [] if silent else evidence
    telling = set().union(*(revealing.get(fact, set()) for fact in question.facts))
    values = [answer.casefold() for answer in question.answers]

    def silent_on(artifact: str) -> bool:
        """Whether a document tells nothing of the answer and was there when the question was asked."""
        found = home.artifacts[artifact]
        return artifact not in telling and found.time <= question.as_of and not any(v in found.text.casefold() for v in values)

    others = _distractors(home, question, evidence, own, held, silent_on, index, DOCUMENTS - len(kept), rng)
    documents = sorted([*kept, *others], key=lambda a: (home.artifacts[a].time, a))
    answer = UNKNOWN if silent else "; ".join(question.answers)
    system = (
        f"You answer questions of {name(home, question.person)} from {name(home, question.person)}'s own documents. Answer with the words asked for alone; several "
        f'answers are separated by "; ". If the documents do not tell, answer: {UNKNOWN}'
    )
    texts = "\n\n".join(f"[{number}] {shown(home, home.artifacts[a])}" for number, a in enumerate(documents, 1))
    meta = {
        "id": question.id, "label": "not said" if silent else question.kind, "owner": question.person, "question": question.text, "answers": [UNKNOWN] if silent else question.answers,
        "documents": documents, "evidence": kept, "hops": question.hops, "category": question.category, "difficulty": question.difficulty,
        "noise": any(home.artifacts[a].noise for a in documents),
    }  # fmt: skip
    return Row(chat(system, f"{texts}\n\nQuestion: {question.text}", answer), meta)


def _distractors(
    home: Home, question: Question, evidence: Sequence[str], own: Sequence[str], held: frozenset[str], fits: Callable[[str], bool], index: Index, count: int,
    rng: Stream,
) -> list[str]:  # fmt: skip
    """Half of them near to the question or to its evidence in words, a quarter noise, the rest drawn; those that do not fit are passed over."""
    said = words(question.text) + [word for a in evidence for word in words(home.artifacts[a].title)]
    near = [a for a in nearest(index, said, held, 8 * count) if fits(a)][: (count + 1) // 2]
    drawn = [a for a in rng.some(own, 12 * count) if a not in near and fits(a)]
    noisy = [a for a in drawn if home.artifacts[a].noise][: count // 4]
    left = [a for a in drawn if a not in noisy]
    return [*near, *noisy, *left[: count - len(near) - len(noisy)]]
