"""A small transformer from scratch: two layers of width 128 over hashed words, trained here and now. Needs torch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from typing import Any

import torch
from torch import nn

from understudy.engine.embed import words
from understudy.training.classifiers.answer import Answer

VOCABULARY, WIDTH, HEADS, LAYERS, LONGEST = 8_192, 128, 4, 2, 64
"""Places for hashed words (place 0 is padding), the width of a vector, heads, layers, and words of a text that are read."""
BATCH, RATE, HIDDEN = 32, 2e-3, 0.15
"""Rows a step, the largest step, and the share of words that are hidden at each (in place of dropout, whose random numbers cost a fifth of the time)."""
EPOCHS, STEPS = 8, 300
"""Passes over the rows, and steps at most."""


def numbered(text: str) -> list[int]:
    """A text's first words as places in the vocabulary: 1 or more, the same in every process."""
    return [
        1 + int.from_bytes(blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big") % (VOCABULARY - 1) for word in words(text)[:LONGEST]
    ]


def padded(rows: Sequence[Sequence[int]]) -> Any:
    """Rows as one tensor, filled with zeros on the right; never without a column."""
    longest = max([1, *map(len, rows)])
    return torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows])


class Reader(nn.Module):
    """Words and places to a score for each class: attention, then the mean over the words."""

    def __init__(self, classes: int):
        super().__init__()
        self.word = nn.Embedding(VOCABULARY, WIDTH, padding_idx=0)
        self.place = nn.Embedding(LONGEST, WIDTH)
        nn.init.normal_(self.word.weight, std=0.1)
        nn.init.normal_(self.place.weight, std=0.02)
        layer = nn.TransformerEncoderLayer(WIDTH, HEADS, WIDTH, 0.0, activation="gelu", batch_first=True, norm_first=True)
        self.layers = nn.TransformerEncoder(layer, LAYERS, enable_nested_tensor=False)
        self.last = nn.Linear(WIDTH, classes)

    def forward(self, rows: Any) -> Any:
        """Scores, batch x classes, of a tensor of places, batch x words."""
        empty = rows == 0
        empty[:, 0] = False  # a text without a word still has one place to look at
        found = self.layers(self.word(rows) + self.place.weight[: rows.shape[1]], src_key_padding_mask=empty)
        kept = (~empty).unsqueeze(-1)
        return self.last((found * kept).sum(1) / kept.sum(1))


@contextmanager
def _alone() -> Iterator[None]:
    """One thread: the same sums whatever the machine's cores, and no thread that waits for another on a busy machine (ten times slower there)."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def fit(texts: Sequence[str], labels: Sequence[str], seed: int) -> Answer:
    """Trained with AdamW, the step falling to nothing, on balanced cross-entropy; the same seed gives the same model on one machine."""
    classes = sorted(set(labels))
    rows, truth = [numbered(text) for text in texts], torch.tensor([classes.index(label) for label in labels])
    with _alone(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = _trained(Reader(len(classes)), rows, truth, _balance(labels, classes))
    model.eval()

    def answer(asked: Sequence[str]) -> list[str]:
        found: list[str] = []
        with _alone(), torch.no_grad():
            for start in range(0, len(asked), 128):
                scores = model(padded([numbered(text) for text in asked[start : start + 128]]))
                found += [classes[n] for n in scores.argmax(1).tolist()]
        return found

    return answer


def _balance(labels: Sequence[str], classes: Sequence[str]) -> Any:
    """The weight of each class: the root of how rare it is, mean 1, so that small classes are not forgotten and large ones not drowned."""
    counts = Counter(labels)
    weights = torch.tensor([counts[c] ** -0.5 for c in classes])
    return weights / weights.mean()


def _trained(model: Reader, rows: Sequence[Sequence[int]], truth: Any, balance: Any) -> Reader:
    steps = min(STEPS, EPOCHS * -(-len(rows) // BATCH))
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.01, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=RATE, total_steps=max(2, steps), pct_start=0.1)
    model.train()
    step = 0
    while step < steps:
        order = torch.randperm(len(rows)).tolist()
        order = sorted(order[: len(order) // BATCH * BATCH or len(order)], key=lambda n: len(rows[n]) // 16)  # batches of like lengths cost less padding
        starts = [order[s : s + BATCH] for s in range(0, len(order), BATCH)]
        for number in torch.randperm(len(starts)).tolist():
            chosen = starts[number]
            shown = padded([rows[n] for n in chosen])
            shown = shown * (torch.rand(shown.shape) > HIDDEN)
            loss = nn.functional.cross_entropy(model(shown), truth[chosen], weight=balance)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            step += 1
            if step >= steps:
                break
    return model
