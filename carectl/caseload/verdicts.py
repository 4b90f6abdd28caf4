"""What was found clean last time. A verdict is a hash and two counts: nothing of a client's data is in it.

Beside the verdicts stand the hashes of charts that were settled: in none of them was anything in conflict with any
other of them. Whoever compares charts needs to compare only those that are not, with all.

Its key holds everything that a check's answer depends on: the bytes of the files, carectl and its time zones, the
practice and its staff, the clients there are, and the quarter of an hour. Only clean charts have a verdict; whatever
has a finding is looked at again.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path

_LIMIT = 20_000
"""So many verdicts are kept at most."""

Verdict = tuple[int, int]
"""How many files and records were found clean."""


class Verdicts:
    """The verdicts of one caseload, in the user's cache folder. Without a usable folder there are simply none."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._known: dict[str, Verdict] = {}
        self._used: dict[str, Verdict] = {}
        self._settled: frozenset[str] = frozenset()
        self._settled_now: frozenset[str] = frozenset()
        if file is None:
            return
        with contextlib.suppress(OSError, LookupError, ValueError, TypeError, AttributeError):
            stored = json.loads(file.read_bytes())
            known = {str(key): (int(files), int(records)) for key, (files, records) in stored["clean"].items()}
            self._known, self._settled = known, frozenset(map(str, stored["settled"]))

    @classmethod
    def of(cls, root: Path, cache: Path | None) -> Verdicts:
        """The verdicts of a caseload below a cache folder; None: keep none."""
        name = blake2b(os.fsencode(root), digest_size=16).hexdigest()
        return cls(cache / "verdicts" / f"{name}.json" if cache else None)

    def get(self, key: str) -> Verdict | None:
        """The verdict of a key, if it was clean."""
        verdict = self._known.get(key)
        if verdict is not None:
            self._used[key] = verdict
        return verdict

    def put(self, key: str, verdict: Verdict) -> None:
        """Remember that this was clean."""
        self._used[key] = verdict

    def is_settled(self, key: str) -> bool:
        """Whether a chart was in no conflict with any other that was settled."""
        return key in self._settled

    def settle(self, keys: Iterable[str]) -> None:
        """Remember that no two of these are in conflict."""
        self._settled_now = frozenset(keys)

    def save(self) -> None:
        """Keep the verdicts that were used or made now; the others are out of date. A failure to write is no matter."""
        same = self._used == self._known and self._settled_now == self._settled
        if self._file is None or same or len(self._used) > _LIMIT:
            return
        with contextlib.suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            beside = self._file.with_name(f"{self._file.name}.{os.getpid()}")
            stored = {"clean": self._used, "settled": sorted(self._settled_now)}
            beside.write_text(json.dumps(stored), encoding="ascii")
            beside.replace(self._file)


def key_of(basis: bytes, contents: Iterable[tuple[str, bytes]]) -> str:
    """The key of some files on a common basis: every name, every length and every byte counts."""
    digest = blake2b(basis, digest_size=20)
    for path, raw in contents:
        digest.update(f"\0{len(path)}:{path}\0{len(raw)}:".encode(errors="surrogateescape"))
        digest.update(raw)
    return digest.hexdigest()
