"""A user's ACS PUMS files become a pool of whole households, and whatever is wrong with them is said."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from understudy.errors import InputError
from understudy.population.draw import draw_households
from understudy.population.pool import decode
from understudy.population.pums import INDUSTRIES, OCCUPATIONS, _run, load_pums
from understudy.rng import stream

HERE = Path(__file__).parent / "pums"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path in HERE.glob("*.csv"):
        shutil.copy(path, tmp_path)
    return tmp_path


def test_whole_households_by_weight() -> None:
    pool, _report = load_pums(HERE)
    assert list(pool.weights) == [40, 25, 60]
    family, widow, men = (decode(row) for row in pool.rows)
    assert [m.role for m in family.members] == ["h", "s", "k", "k"]
    assert family.tenure == "o"
    assert (family.members[0].status, family.members[0].industry, family.members[0].education) == ("P", "e", "b")
    assert (family.members[1].status, family.members[1].industry) == ("C", "c")
    assert family.members[2].status == "E"
    assert family.members[3].status == ""
    assert (widow.members[0].status, widow.members[0].marital, widow.members[0].race) == ("R", "w", "b")
    assert men.income == 150000 * 1042311 // 1_000_000
    assert [m.race for m in men.members] == ["a", "h"]
    assert men.members[1].role == "s"


def test_everything_left_out_is_counted_with_its_line() -> None:
    _, report = load_pums(HERE)
    assert (report.household_rows, report.group_quarters, report.vacant) == (9, 1, 1)
    assert (report.bad_households, report.bad_persons, report.incomplete) == (2, 1, 2)
    assert "psam_hxx.csv, line 7: WGTP is 'abc', not a whole number" in report.bad_rows
    assert any(row.startswith("psam_pxx.csv, line 10: OCCP is '9999x'") for row in report.bad_rows)
    assert any("line 10: SERIALNO 2022HU0000001 appears twice" in row for row in report.bad_rows)
    assert "3 households kept" in report.summary()


def test_exact_incomes_reach_the_people() -> None:
    pool, _ = load_pums(HERE)
    homes = draw_households(pool, stream(1, "pums"), 30, date(2023, 1, 1))
    nurse = next(m for h in homes for m in h.members if m.status == "professional" and m.industry == "edu_health_svcs")
    assert nurse.income == 61000
    assert nurse.occupation


def test_the_order_of_rows_changes_nothing(folder: Path) -> None:
    pool, _ = load_pums(folder, seed=4, limit=2)
    path = folder / "psam_hxx.csv"
    head, *rows = path.read_text().splitlines()
    path.write_text("\n".join([head, *reversed(rows)]) + "\n")
    again, report = load_pums(folder, seed=4, limit=2)
    assert list(pool.rows) == list(again.rows)
    assert pool.weights == again.weights
    assert report.not_sampled > 0


def test_the_sample_keeps_weights_unbiased(folder: Path) -> None:
    lines = [f"H,S{i:06d},{1 + i % 50},1,1,1000000,3,30000" for i in range(1500)]
    people = [f"P,S{i:06d},1,1,40,2,17,1,6,,,20,5,1,01,30000" for i in range(1500)]
    heads = [(HERE / f"psam_{kind}xx.csv").read_text().splitlines()[0] for kind in "hp"]
    (folder / "psam_hxx.csv").write_text("\n".join([heads[0], *lines]) + "\n")
    (folder / "psam_pxx.csv").write_text("\n".join([heads[1], *people]) + "\n")
    truth = sum(1 + i % 50 for i in range(1500))
    found = [sum(load_pums(folder, seed=s, limit=400)[0].weights) for s in range(8)]
    assert abs(sum(found) / len(found) / truth - 1) < 0.05


def test_a_missing_file_is_one_sentence(folder: Path) -> None:
    (folder / "psam_pxx.csv").unlink()
    with pytest.raises(InputError, match=r"no psam_p\*\.csv was given"):
        load_pums(folder)


@pytest.mark.parametrize(("kind", "column"), [("h", "WGTP"), ("p", "AGEP"), ("p", "RELSHIPP")])
def test_a_missing_column_is_named(folder: Path, kind: str, column: str) -> None:
    path = folder / f"psam_{kind}xx.csv"
    path.write_text(path.read_text().replace(column, "XX", 1) if column != "WGTP" else path.read_text().replace("WGTP", "XX", 1))
    with pytest.raises(InputError, match=f"has no column {column}"):
        load_pums(folder)


def test_files_without_a_usable_household(folder: Path) -> None:
    path = folder / "psam_pxx.csv"
    path.write_text(path.read_text().splitlines()[0] + "\n")
    with pytest.raises(InputError, match="no usable household"):
        load_pums(folder)


def test_older_files_say_relp(folder: Path) -> None:
    path = folder / "psam_pxx.csv"
    header, *rows = (line.split(",") for line in path.read_text().replace("RELSHIPP", "RELP").splitlines())
    place = header.index("RELP")
    older = {"20": "0", "21": "1", "23": "1", "25": "2", "29": "6", "34": "12", "38": "17"}
    for row in rows:
        row[place] = older[row[place]]
    path.write_text("\n".join(",".join(row) for row in [header, *rows]) + "\n")
    pool, _ = load_pums(folder)
    assert [m.role for m in decode(pool.rows[0]).members] == ["h", "s", "k", "k"]


def test_census_codes() -> None:
    for code, group in ((10, "M"), (960, "M"), (1005, "P"), (3550, "P"), (3601, "V"), (4655, "V"), (4700, "S"),
                        (5940, "O"), (6130, "F"), (6800, "C"), (7640, "I"), (8990, "D"), (9760, "T"), (9920, "")):  # fmt: skip
        assert _run(OCCUPATIONS, code) == group
    for code, industry in ((170, "a"), (490, "n"), (690, "u"), (770, "c"), (3990, "m"), (5790, "t"), (6390, "u"),
                           (6780, "i"), (7190, "f"), (7790, "b"), (8470, "e"), (8690, "h"), (9290, "o"), (9590, "p")):  # fmt: skip
        assert _run(INDUSTRIES, code) == industry
