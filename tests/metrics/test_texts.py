"""Counts of repetition against examples small enough to count by hand."""

from __future__ import annotations

import pytest

from understudy.metrics import rhythm, texts


def test_tokens_and_distinct():
    assert texts.tokens("It’s 5, isn't IT?") == ["it's", "isn't", "it"]
    run = ["a", "b", "a", "b", "a"]
    assert texts.distinct(run, 1) == 2 / 5
    assert texts.distinct(run, 2) == 2 / 4
    assert texts.distinct(run, 3) == 2 / 3
    assert texts.distinct([], 3) == 0
    assert texts.running(["a b", "c d", "e"], 3) == ["a", "b", "c"]


def test_duplicates_count_only_long_texts():
    long = " ".join("abcdefghijkl")
    assert texts.duplicates(["short one"] * 9 + [long, long, long + " x"]) == (2 / 3, 3)
    assert texts.duplicates([]) == (0.0, 0)


def test_self_bleu_is_one_for_copies_and_small_for_strangers():
    assert texts.self_bleu(["the cat sat on the mat today"] * 3) == pytest.approx(1)
    assert texts.self_bleu(["a b c d e f g", "h i j k l m n"]) < 0.1
    assert texts.self_bleu(["alone"]) == 0


def test_self_bleu_by_hand():
    """Two texts: two of three words, one of two pairs, no three in a row (counted as half)."""
    expected = (2 / 3 * 1 / 2 * 0.5 / 1) ** (1 / 3)
    assert texts.self_bleu(["a b c", "a b d"]) == pytest.approx(expected)


def test_a_text_is_not_its_own_reference():
    """Keeping only the largest count of a gram would let the owner match itself."""
    assert texts.self_bleu(["a a a a", "b b b b"]) == texts.self_bleu(["a a a a", "c d e f"])


def test_copied_needs_another_text():
    assert texts.copied(["one two three four five six one two three four five six"], 6) == 0
    assert texts.copied(["one two three four five six seven", "x one two three four five six"], 6) == 0.5


def test_worn_phrases_are_counted_by_text_and_told_once():
    texts_ = ["a b c d e f g x x", "a b c d e f g", "z a b c d e f", "q r s t u v q r s t u v"]
    assert texts.worn(texts_) == [(3, "a b c d e f")]


def test_compression_sees_repetition():
    assert texts.compression(["the same words again and again"] * 50) > 5 * texts.compression(["q7 zx vw!"])


def test_talk():
    found = rhythm.talk([["Hey you", "What? No!"], ["ok", "Fine."], []])
    assert (found.sessions, found.turns, found.greeting, found.exclaim, found.question) == (2, 4, 0.5, 0.25, 0.25)
    assert found.words_a_turn == 1.5
    assert found.ends_without_stop == 0.5
    assert found.starts_upper == 0.75
    assert rhythm.talk([]).turns == 0
    assert rhythm.delays([[("a", 0), ("a", 1), ("b", 4)], []]) == [3]


def test_emoticons_are_no_clock():
    assert rhythm.talk([["at 10:0"], ["yes :)"], ["🙂"]]).emoticon == pytest.approx(2 / 3)
