"""Writes one community as a part of a world: rows go to JSON lines while it is made, and are committed all at once.

A part exists when `parts/NNNN.json` does; that file is renamed into place last. Whatever a crash leaves behind before that
is a folder under `.build` and Parquet files that nothing refers to.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from understudy.assets import file_hash
from understudy.errors import DiskError
from understudy.model.records import TABLES, Record
from understudy.store.schema import columns

_ENCODER = msgspec.json.Encoder()


class PartWriter:
    """Collects a community's rows, table by table, in `.build/NNNN/`, and commits them."""

    def __init__(self, world: Path, index: int):
        self.world, self.index, self.name = world, index, f"{index:04d}"
        self.folder = world / ".build" / self.name
        shutil.rmtree(self.folder, ignore_errors=True)
        self.files: dict[str, BinaryIO] = {}
        self.rows = dict.fromkeys(TABLES, 0)
        self.sums: dict[str, Any] = {name: sha256() for name in TABLES}
        try:
            with refused(self.folder):
                self.folder.mkdir(parents=True)
                for table in TABLES:
                    self.files[table] = (self.folder / f"{table}.jsonl").open("wb", buffering=1 << 18)
        except DiskError:
            self.abandon()
            raise

    def add(self, table: str, records: Iterable[Record]) -> None:
        """Append rows to a table."""
        encode, total, count = _ENCODER.encode, self.sums[table], 0
        chunk = bytearray()
        for record in records:
            chunk += encode(record)
            chunk += b"\n"
            count += 1
        total.update(chunk)
        with refused(self.folder):
            self.files[table].write(chunk)
        self.rows[table] += count

    def progress(self, share: float) -> None:
        """Leave a mark of how far this community is, for whoever shows progress."""
        with refused(self.folder):
            (self.folder / "progress").write_text(f"{share:.4f}")

    def commit(self, about: dict[str, Any]) -> None:
        """Turn the rows into Parquet, move the files into place, and declare the part whole."""
        import duckdb

        with refused(self.folder):
            for file in self.files.values():
                file.close()
        files: dict[str, Any] = {}
        connection = duckdb.connect(config={"threads": 1, "memory_limit": "300MB", "preserve_insertion_order": True})
        try:
            for table in TABLES:
                target = self.folder / f"{table}.parquet"
                written = _to_parquet(connection, self.folder / f"{table}.jsonl", target, table)
                if written != self.rows[table]:
                    raise DiskError(f"{self.folder} was changed while it was written ({table}); run the same command again, once only")
                (self.folder / f"{table}.jsonl").unlink()
                files[table] = {"rows": self.rows[table], "sha256": file_hash(target), "rows_sha256": self.sums[table].hexdigest()}
        except duckdb.IOException as error:
            raise DiskError(f"cannot write {self.folder} ({str(error).splitlines()[0]}); free some space and run the same command again") from None
        finally:
            connection.close()
        with refused(self.world):
            (self.world / "parts" / f"{self.name}.json").unlink(missing_ok=True)  # a smaller community of before does not count from here on
            for table in TABLES:
                (self.world / table).mkdir(exist_ok=True)
                os.replace(self.folder / f"{table}.parquet", self.world / table / f"{self.name}.parquet")
            (self.world / "parts").mkdir(exist_ok=True)
            draft = self.folder / "part.json"
            draft.write_text(json.dumps({**about, "tables": files}, sort_keys=True, indent=1) + "\n")
            os.replace(draft, self.world / "parts" / f"{self.name}.json")
        shutil.rmtree(self.folder, ignore_errors=True)

    def abandon(self) -> None:
        """Close and remove what was written so far."""
        for file in self.files.values():
            try:
                file.close()
            except OSError:
                continue
        shutil.rmtree(self.folder, ignore_errors=True)


def _to_parquet(connection: Any, source: Path, target: Path, table: str) -> int:
    connection.execute("SET enable_progress_bar = false")  # or the database draws its own into our output
    kinds = columns(table)
    declared = ", ".join(f"'{name}': '{kind}'" for name, kind in kinds.items())
    chosen = ", ".join(f'CAST("{n}" AS VARCHAR) AS "{n}"' if k == "JSON" else f'"{n}"' for n, k in kinds.items())
    copied = connection.execute(
        f"COPY (SELECT {chosen} FROM read_json({_quoted(source)}, format='newline_delimited', columns={{{declared}}}, maximum_object_size=16777216)) "
        f"TO {_quoted(target)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 8192)"
    )
    return int(copied.fetchone()[0])


def write_table(target: Path, table: str, records: Iterable[Record]) -> None:
    """Write one small table in one go (the organizations that all communities share)."""
    import duckdb

    source = target.with_suffix(".jsonl")
    with refused(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        source.write_bytes(b"".join(_ENCODER.encode(r) + b"\n" for r in records))
    draft = target.with_suffix(".draft")
    try:
        with duckdb.connect(config={"threads": 1}) as connection:
            _to_parquet(connection, source, draft, table)
    except duckdb.IOException as error:
        raise DiskError(f"cannot write {target} ({str(error).splitlines()[0]}); free some space and run the same command again") from None
    with refused(target):
        source.unlink()
        os.replace(draft, target)


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


class refused:  # noqa: N801 (reads as a sentence: with refused(folder))
    """Turns the disk's refusals into one sentence."""

    def __init__(self, path: Path):
        self.path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, OSError):
            why = "the disk is full" if error.errno == errno.ENOSPC else error.strerror
            raise DiskError(f"cannot write {self.path} ({why}); free some space or choose another folder, then run the same command again") from None
