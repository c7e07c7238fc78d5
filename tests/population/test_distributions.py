"""A user's own distributions re-weight the pool, and what cannot be met is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from understudy.errors import InputError
from understudy.population.distributions import rake_pool
from understudy.population.pool import Pool, adults, load_pool


@pytest.fixture(scope="module")
def small() -> Pool:
    pool = load_pool()
    return Pool(pool.rows[::20], pool.weights[::20], "a twentieth of the pool")


def share(pool: Pool, column: str, value: str) -> float:
    hit = total = 0
    for weight, template in pool.templates():
        for adult in adults(template):
            total += weight
            hit += weight * (getattr(adult, column) == value)
    return hit / total


def test_several_files_are_met_at_once(small: Pool, tmp_path: Path) -> None:
    (tmp_path / "race.csv").write_text("race,share\nwhite,30\nblack,40\nhispanic,20\nasian,8\nother,2\n")
    rows = [f"{a},{s},{w}" for a, w in (("18-24", 20), ("25-34", 30), ("35-44", 20), ("45-54", 10), ("55-64", 10),
            ("65-74", 6), ("75+", 4)) for s in ("female", "male")]  # fmt: skip
    (tmp_path / "age.csv").write_text("age_band,sex,share\n" + "\n".join(rows) + "\n")
    raked, report = rake_pool(small, [tmp_path / "race.csv", tmp_path / "age.csv"])
    assert max(report.after.values()) < 0.005 < min(report.before.values())
    assert not report.problems
    assert share(raked, "race", "black") == pytest.approx(0.4, abs=0.005)
    assert share(raked, "age_band", "25-34") == pytest.approx(0.3, abs=0.005)
    assert all(isinstance(w, int) for w in raked.weights)
    assert report.effective > 100
    again, _ = rake_pool(small, [tmp_path / "race.csv", tmp_path / "age.csv"])
    assert again.weights == raked.weights


def test_share_zero_removes(small: Pool, tmp_path: Path) -> None:
    (tmp_path / "sex.csv").write_text("sex,share\nfemale,1\nmale,0\n")
    raked, _ = rake_pool(small, [tmp_path / "sex.csv"])
    assert share(raked, "sex", "male") == 0


def test_strange_categories_and_empty_cells_are_named(small: Pool, tmp_path: Path) -> None:
    (tmp_path / "race.csv").write_text("race,share\nwhite,60\nblack,40\nmartian,3\n")
    _, report = rake_pool(small, [tmp_path / "race.csv"])
    assert any("line 4: there is no race 'martian'" in p for p in report.problems)
    (tmp_path / "odd.csv").write_text("household_size,with_partner,share\n1,spouse,10\n2,spouse,50\n1,none,40\n")
    _raked, report = rake_pool(small, [tmp_path / "odd.csv"])
    assert any("nobody in the pool is 1, spouse; 10.00% cannot be met" in p for p in report.problems)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("planet,share\nearth,1\n", "unknown column 'planet'"),
        ("sex\nfemale\n", "no column share"),
        ("share\n1\n", "only shares"),
        ("sex,share\nfemale,many\n", "line 2: the share 'many'"),
        ("sex,share\nfemale,-1\n", "line 2: the share '-1'"),
        ("race,share\nmartian,1\n", "no share above zero"),
    ],
)
def test_mistakes_are_one_sentence(small: Pool, tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "user.csv").write_text(text)
    with pytest.raises(InputError, match=message):
        rake_pool(small, [tmp_path / "user.csv"])


def test_a_missing_file(small: Pool, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read"):
        rake_pool(small, [tmp_path / "none.csv"])


def test_contradicting_files_are_named(small: Pool, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("sex,share\nfemale,9\nmale,1\n")
    (tmp_path / "b.csv").write_text("sex,share\nfemale,1\nmale,9\n")
    _, report = rake_pool(small, [tmp_path / "a.csv", tmp_path / "b.csv"])
    assert any("contradict" in p for p in report.problems)
