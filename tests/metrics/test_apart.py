"""Two-sample test, author attribution, copies: each must find what is there and must not find what is not."""

from __future__ import annotations

import random

import pytest

np = pytest.importorskip("numpy")

from understudy.metrics import fidelity, privacy, twosample, voice  # noqa: E402


def test_two_sample_area():
    draw = np.random.default_rng(5)
    same, other = draw.normal(size=(200, 10)), draw.normal(size=(260, 10))
    told = twosample.told_apart(same, other)
    assert told.low < 0.5 < told.high
    assert told.each == 200
    assert twosample.told_apart(same, other + 2).auc > 0.95
    with pytest.raises(ValueError, match="takes 10"):
        twosample.told_apart(same[:3], other)


def test_a_copy_is_not_told_apart():
    """Left to chance, a text's twin in the training part turns the area upside down (0.03 for two equal sets)."""
    rows = np.random.default_rng(5).normal(size=(100, 10))
    assert twosample.told_apart(rows, rows.copy()).auc == pytest.approx(0.5, abs=0.01)


def test_area_counts_ties_half():
    assert twosample.area(np.array([1.0, 1.0, 2.0, 0.0]), np.array([1, 0, 1, 0])) == 0.875


def test_letter_groups_tell_manners_apart():
    rng = random.Random(1)
    words = ["river", "stone", "lamp", "green", "walk", "early", "music", "bread", "window"]
    plain = [" ".join(rng.choices(words, k=9)) for _ in range(60)]
    shouted = [text + "!!!" for text in (" ".join(rng.choices(words, k=9)) for _ in range(60))]
    assert twosample.told_apart(twosample.letter_groups(plain), twosample.letter_groups(shouted)).auc > 0.9
    assert twosample.told_apart(twosample.letter_groups(plain[:30]), twosample.letter_groups(plain[30:])).auc < 0.7


def test_voices_are_found_and_topics_are_not_taken_for_voices():
    """All draw from one vocabulary; half of them write small letters, half end with a mark of their own."""
    rng = random.Random(2)
    words = ["river", "stone", "lamp", "green", "walk", "early", "music", "bread", "window", "paper", "garden"]
    habits = [str.lower, str.upper, lambda t: t + "!!", lambda t: t.replace("e", "3"), lambda t: t + " haha", lambda t: "so " + t]
    texts = {f"p{n}": [habit(" ".join(rng.choices(words, k=6))) for _ in range(120)] for n, habit in enumerate(habits)}
    found = voice.attribution(texts)
    assert found is not None
    assert found.people == 6
    assert found.chance == pytest.approx(1 / 6)
    assert found.accuracy > 0.95
    assert found.topic < 0.7
    assert voice.attribution({"p": ["x"] * 100}) is None


def test_one_voice_for_all_is_chance():
    rng = random.Random(3)
    words = ["river", "stone", "lamp", "green", "walk", "early", "music", "bread", "window", "paper", "garden"]
    texts = {f"p{n}": [" ".join(rng.choices(words, k=6)) for _ in range(240)] for n in range(8)}
    found = voice.attribution(texts)
    assert found is not None
    assert found.accuracy < 0.35


def test_copies_are_found_with_their_source():
    seed = "the quick brown fox jumps over the lazy dog near the old mill at noon"
    found = privacy.copying(
        ["Well, THE quick brown fox jumps over the lazy dog!", "nothing of the sort is written here at all today"], ["unrelated words", seed]
    )
    assert (found.copied, found.half, found.longest) == (0.5, 0.5, 9)
    assert found.nearest[0][:3] == (0, 1, 9)
    assert privacy.copying([], []).copied == 0


def test_likeness():
    ours = np.eye(3)
    assert privacy.likeness(ours, ours[:1]) == (0.0, 1.0)
    assert privacy.likeness(ours, ours[:0]) == (0.0, 0.0)


def test_total_variation():
    assert fidelity.total_variation({"a": 2, "b": 2}, {"a": 1}) == 0.5
    assert fidelity.total_variation({}, {"a": 1}) == 1


def test_spells_over_midnight():
    found = fidelity.presence([1430, 0], [20, 5])
    assert found[1435] == 1
    assert found[5] == 1
    assert found[2] == 2
    assert found[10] == 0
    assert found.sum() == 25


def test_a_curve_runs_round_the_clock():
    curve = fidelity.curve([0, 720], [0.0, 1.0])
    assert curve[719] == pytest.approx(1, abs=0.01)
    assert curve[1439] == pytest.approx(0, abs=0.01)
    assert fidelity.hour_distance(curve, curve * 5) == pytest.approx(0)


def test_following():
    found = fidelity.following([["Eat", "Eat", "Work"], ["Eat", "Home"]])
    assert found == {"Eat": {"Work": 0.5, "Home": 0.5}}
    assert fidelity.following_distance(found, {"Eat": {"Work": 0.5}, "Play": {"Work": 1.0}}) == {"Eat": 0.0, "Play": 1.0}
