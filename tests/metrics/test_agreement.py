"""Kappa and rank correlation against values worked out by hand."""

from __future__ import annotations

import pytest

from understudy.metrics.agreement import rank_correlation, ranks, weighted_kappa


def test_kappa():
    assert weighted_kappa([1, 2, 3, 4, 5], [1, 2, 3, 4, 5]) == 1
    assert weighted_kappa([1, 5, 1, 5], [1, 5, 5, 1]) == 0
    assert weighted_kappa([1, 5], [5, 1]) == -1
    assert weighted_kappa([4, 4], [4, 4]) == 0  # says nothing
    assert weighted_kappa([1, 2, 3], [1, 2, 4]) == pytest.approx(1 - (1 / 3) / ((0 + 1 + 9 + 1 + 0 + 4 + 4 + 1 + 1) / 9))
    with pytest.raises(ValueError, match="same texts"):
        weighted_kappa([1], [1, 2])


def test_ranks_share_ties():
    assert ranks([3, 1, 3]) == [1.5, 0, 1.5]
    assert rank_correlation([1, 2, 3], [10, 20, 400]) == pytest.approx(1)
    assert rank_correlation([1, 2, 3], [5, 5, 5]) == 0
