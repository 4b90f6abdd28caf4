"""Verdicts: clean results are remembered by content alone, and nothing of a client is in them."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from carectl.caseload.verdicts import Verdicts, key_of


def test_a_verdict_is_kept_and_what_is_not_used_again_is_dropped(tmp_path: Path) -> None:
    first = Verdicts.of(tmp_path, tmp_path / "cache")
    first.put("a", (3, 9))
    first.put("b", (1, 1))
    first.save()
    second = Verdicts.of(tmp_path, tmp_path / "cache")
    assert second.get("a") == (3, 9)
    assert second.get("c") is None
    second.save()
    third = Verdicts.of(tmp_path, tmp_path / "cache")
    assert third.get("b") is None


def test_a_spoiled_or_missing_cache_is_no_matter(tmp_path: Path) -> None:
    store = Verdicts.of(tmp_path, tmp_path / "cache")
    store.put("a", (1, 1))
    store.save()
    (file,) = (tmp_path / "cache" / "verdicts").iterdir()
    for spoiled in (
        b"",
        b"[]",
        b'{"a": 1}',
        b"\xff",
        b'{"a": [1, "x"]}',
        b'{"clean": {"a": [1, 1]}}',
        b'{"clean": {"a": 1}, "settled": []}',
    ):
        file.write_bytes(spoiled)
        assert Verdicts.of(tmp_path, tmp_path / "cache").get("a") is None
    nowhere = Verdicts.of(tmp_path, None)
    nowhere.put("a", (1, 1))
    nowhere.save()
    (tmp_path / "file").write_text("")
    blocked = Verdicts.of(tmp_path, tmp_path / "file")
    blocked.put("a", (1, 1))
    blocked.save()


def test_settled_charts_are_kept_beside_the_verdicts(tmp_path: Path) -> None:
    first = Verdicts.of(tmp_path, tmp_path / "cache")
    first.settle(["a", "b"])
    assert not first.is_settled("a")  # what is settled now was not before
    first.save()
    second = Verdicts.of(tmp_path, tmp_path / "cache")
    assert second.is_settled("a")
    assert not second.is_settled("c")
    second.settle(["a"])
    second.save()
    assert not Verdicts.of(tmp_path, tmp_path / "cache").is_settled("b")


Contents = st.lists(st.tuples(st.text(max_size=3), st.binary(max_size=3)), max_size=3)


@given(st.binary(max_size=3), Contents, st.binary(max_size=3), Contents)
def test_a_key_stands_for_one_state_only(
    basis: bytes, one: list[tuple[str, bytes]], other_basis: bytes, other: list[tuple[str, bytes]]
) -> None:
    same = basis == other_basis and one == other
    assert (key_of(basis, one) == key_of(other_basis, other)) is same
