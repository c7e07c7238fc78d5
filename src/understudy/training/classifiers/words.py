"""A bag of words: multinomial naive Bayes on counted words (McCallum and Nigam, A comparison of event models for naive Bayes text classification, 1998)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from understudy.engine.embed import words
from understudy.training.classifiers.answer import Answer

SMOOTH = 0.3
"""Added to every count, so that a word unseen with a label does not rule the label out (our choice; 0.1 to 1 differ by less than a point on our mail)."""
LEAST = 2
"""A word counts as known from so many texts on."""


def fit(texts: Sequence[str], labels: Sequence[str], seed: int) -> Answer:
    """The label under which the text's known words are likeliest."""
    bags = [Counter(words(text)) for text in texts]
    spread = Counter(word for bag in bags for word in bag)
    known = {word: number for number, word in enumerate(sorted(w for w, n in spread.items() if n >= min(LEAST, len(texts))))}
    classes = sorted(set(labels))
    place = {label: number for number, label in enumerate(classes)}
    counts = np.full((len(classes), len(known)), SMOOTH)
    for bag, label in zip(bags, labels, strict=True):
        for word, count in bag.items():
            if word in known:
                counts[place[label], known[word]] += count
    share = Counter(labels)
    prior = np.log([share[label] / len(labels) for label in classes])
    likely = np.log(counts / counts.sum(axis=1, keepdims=True)) if known else counts

    def answer(asked: Sequence[str]) -> list[str]:
        found = []
        for text in asked:
            bag = [(known[word], count) for word, count in Counter(words(text)).items() if word in known]
            score = prior + sum((likely[:, number] * count for number, count in bag), np.zeros(len(classes)))
            found.append(classes[int(np.argmax(score))])
        return found

    return answer
