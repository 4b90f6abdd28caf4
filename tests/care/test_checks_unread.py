"""Nothing is concluded from what could not be read: whatever is broken, only that it is broken is said."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Final

import pytest
from helpers_checks import FULL, Files, check, data_of, flow, ways

from carectl.caseload import reader
from carectl.caseload.reader import Document
from carectl.findings import Keys

EXAMPLE: Final = Path(__file__).parents[2] / "examples" / "caseload"


def index_of(document: Document, body: str, keys: Keys) -> int:
    """Where a value begins in the text of its file."""
    span = document.span(keys)
    return sum(len(line) for line in body.splitlines(keepends=True)[: span.line - 1]) + span.column - 1


def can_be_tagged(body: str, at: int, value: object) -> bool:
    """Whether `!x` before the value makes the value unreadable, and not only its first part."""
    return value is not None and (not isinstance(value, dict | list) or body[at] in "[{")


def value_at(data: object, keys: Keys) -> object:
    for key in keys:
        data = data[key]  # type: ignore[index]
    return data


@pytest.mark.parametrize("path", sorted(FULL.files))
def test_a_file_that_cannot_be_read(path: str) -> None:
    found = check(FULL.changed({path: FULL.files[path] + b'x-broken: "\n'}))
    assert [finding.code for finding in found] == ["yaml-syntax"]


@pytest.mark.parametrize("path", sorted(FULL.files))
def test_a_value_that_cannot_be_read(path: str) -> None:
    body = FULL.files[path].decode()
    document = reader.read_reference(FULL.files[path], path)
    for keys in ways(document.data):
        at = index_of(document, body, keys)
        if can_be_tagged(body, at, value_at(document.data, keys)):
            tree = FULL.changed({path: f"{body[:at]}!x {body[at:]}".encode()})
            assert {finding.code for finding in check(tree)} == {"yaml-tag"}, keys


@pytest.mark.parametrize("path", sorted(FULL.files))
@pytest.mark.parametrize("how", ["missing", "of the wrong sort"])
def test_a_value_that_must_be_there_or_is_of_the_wrong_sort(path: str, how: str) -> None:
    whole = data_of(FULL.files[path], path)
    tried = 0
    for keys in ways(whole):
        if not isinstance(keys[-1], str):
            continue
        data = copy.deepcopy(whole)
        group = value_at(data, keys[:-1])
        assert isinstance(group, dict)
        if how == "missing":
            del group[keys[-1]]
        else:
            group[keys[-1]] = {"x-sort": ["?"]}
        found = {finding.code for finding in check(FULL.changed({path: flow(data).encode()}))}
        if any(code.startswith("schema-") for code in found):
            tried += 1
            assert all(code.startswith("schema-") for code in found), (keys, found)
    assert tried > 0


def test_values_of_the_example_that_cannot_be_read() -> None:
    tree = Files.of(EXAMPLE)
    files = sorted(path for path in tree.files if path.startswith("clients/c-014/"))
    assert files
    turn = 0
    for path in files:
        body = tree.files[path].decode()
        document = reader.read_reference(tree.files[path], path)
        for keys in ways(document.data):
            turn += 1
            if turn % 23:
                continue
            at = index_of(document, body, keys)
            if can_be_tagged(body, at, value_at(document.data, keys)):
                changed = tree.changed({path: f"{body[:at]}!x {body[at:]}".encode()})
                found = {finding.code for finding in check(changed, clients=frozenset({"c-014"}))}
                assert found == {"yaml-tag"}, (path, keys)
