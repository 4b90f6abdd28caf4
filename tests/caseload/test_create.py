"""Files that caseloads, clients and staff begin with: what is typed is what is read, by us and by others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from carectl.caseload import create, reader
from carectl.caseload.load import Loader
from carectl.caseload.records import CLIENT_KINDS, FILE_KINDS
from carectl.caseload.trees import FolderTree
from carectl.errors import UsageError

# Texts in which YAML sees more than text, beside any text at all.
TEXTS = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="-?:,[]{}#&*!|>'\"%@` \\~=<nNoOyYeEsS0123456789.+_\t", max_size=12),
    st.sampled_from(["no", "No", "null", "~", "true", "01230", "1e3", "0x1F", "1_000", "10:30", "2026-11-22",
                     ".5", "-", "<<", "=",
                     "- a", "a: b", "a #b", "# a", "a:", "'", '"', "@a", "`", "%TAG", "---",
                     "...", "{}", "[]", "é", "𝒳", "\u00a0", "a\u200db"]),
)  # fmt: skip


def read(raw: bytes) -> Any:
    """What carectl reads, by both of its readers."""
    document = reader.read_reference(raw, "x.yaml")
    assert document.findings == ()
    ahead = reader.read_ahead(raw)
    assert ahead is reader.UNREAD or ahead == document.data
    return document.data


@given(TEXTS)
def test_a_text_is_read_as_it_was_typed(text: str) -> None:
    if not create.is_writable(text):
        with pytest.raises(ValueError, match="control characters"):
            create.scalar(text)
        return
    line = create.scalar(text)
    assert read(f"key: {line}\n".encode()) == {"key": text}
    assert read(f"key: [{line}, {line}]\n".encode()) == {"key": [text, text]}
    assert read(f"key: {{a: {line}, b: {line}}}\n".encode()) == {"key": {"a": text, "b": text}}


@given(TEXTS)
def test_other_programs_read_the_same(text: str) -> None:
    # YAML 1.1, which knows more words and numbers; it makes dates of dates, and that is all.
    if create.is_writable(text) and create.scalar(text).startswith('"'):
        assert yaml.safe_load(f"key: {create.scalar(text)}\n") == {"key": text}
    elif create.is_writable(text):
        loaded = yaml.safe_load(f"key: {create.scalar(text)}\n")["key"]
        assert str(loaded) == text


@given(st.text(min_size=1, max_size=20))
def test_what_is_not_writable_would_not_be_readable(text: str) -> None:
    if create.is_writable(text):
        return
    document = reader.read_reference(f'key: "{text}"\n'.encode("utf-8", "surrogatepass"), "x.yaml")
    one_line = not set(text) & set("\t\n\r")
    assert not one_line or document.findings


@given(
    st.dictionaries(
        st.sampled_from(["name", "address", "phones", "note"]),
        st.one_of(TEXTS, st.lists(TEXTS, max_size=3), st.dictionaries(st.sampled_from(["a", "b"]), TEXTS, max_size=2)),
    )
)
def test_a_whole_file_is_read_as_it_was_meant(fields: dict[str, Any]) -> None:
    try:
        raw = create.document("client", "clients/c-1/client.yaml", fields)
    except ValueError:
        return
    lines = raw.decode().splitlines()
    assert lines[0] == "# yaml-language-server: $schema=../../.carectl/schemas/client.schema.json"
    # Empty lists and groups are left out: they say nothing.
    assert (read(raw) or {}) == {key: value for key, value in fields.items() if value or value == ""}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Rosa", "Rosa"), ("O'Neil", "O'Neil"), ("Stanisław", "Stanisław"),
        ("418 Elm St", "418 Elm St"), ("1941-03-09", "1941-03-09"),
        ("l@x.example", "l@x.example"), ("No", '"No"'), ("60201", '"60201"'),
        ("+1 312", '"+1 312"'), ("a, b", '"a, b"'),
        ("a: b", '"a: b"'), ("#1", '"#1"'), ('say "hi"', '"say \\"hi\\""'),
        ("back\\slash", '"back\\\\slash"'), ("", '""'), (" a", '" a"'),
    ],
)  # fmt: skip
def test_as_plain_as_possible(text: str, line: str) -> None:
    assert create.scalar(text) == line


@pytest.mark.parametrize(
    ("path", "way"),
    [
        ("carectl.yaml", ""),
        ("staff/jo.yaml", "../"),
        ("clients/c-1/client.yaml", "../../"),
        ("clients/c-1/visits/a.yaml", "../../../"),
    ],
)
def test_the_way_to_the_schema(path: str, way: str) -> None:
    assert create.modeline("visits", path).endswith(f"$schema={way}.carectl/schemas/visits.schema.json")


def test_every_modeline_leads_to_a_schema(tmp_path: Path) -> None:
    for path, content in create.schema_files().items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    for name, raw in create.client_files("c-1", {"status": "active"}).items():
        folder = tmp_path / "clients/c-1"
        folder.mkdir(parents=True, exist_ok=True)
        target = raw.decode().splitlines()[0].partition("$schema=")[2]
        assert (folder / target).resolve().is_file(), name
    assert len(create.schema_files()) == len(FILE_KINDS)


def test_beginnings_say_nothing_yet(tmp_path: Path) -> None:
    fields: dict[str, create.Value | None] = {"name": {"given": "A", "family": "B"}, "status": "active"}
    folder = tmp_path / "clients/c-1"
    folder.mkdir(parents=True)
    content = create.client_files("c-1", fields)
    assert [name.removesuffix(".yaml") for name in content] == ["client", *create.BEGINNINGS]
    assert set(create.BEGINNINGS) < set(CLIENT_KINDS)
    for name, raw in content.items():
        (folder / name).write_bytes(raw)
    loader = Loader(FolderTree(tmp_path))
    chart = loader.chart("c-1")
    assert loader.met.findings == []
    assert not chart.no_medications
    assert (chart.contacts, chart.assessments, chart.plan, chart.series) == ((), (), None, ())


@pytest.mark.parametrize(
    ("taken", "proposed"),
    [
        ([], "c-001"),
        (["c-001", "c-014", "rosa"], "c-015"),
        (["c-999"], "c-1000"),
        (["c-7"], "c-008"),
        (["c-x1", "d-9"], "c-001"),
    ],
)
def test_the_next_client(taken: list[str], proposed: str) -> None:
    assert create.next_client_id(taken) == proposed


@pytest.mark.parametrize(
    ("given_name", "family", "proposed"),
    [
        ("Jo", "Park", "jo-park"), ("Łukasz", "O'Brien-Żak", "lukasz-obrien-zak"),
        ("Đặng", "Ñu", "dang-nu"), ("Ana María", "López", "ana-maria-lopez"),
        ("王", "伟", "s-1"), ("!", "?", "s-1"), ("A" * 70, "B", "a" * 60),
    ],
)  # fmt: skip
def test_staff_ids_from_names(given_name: str, family: str, proposed: str) -> None:
    assert create.staff_id(given_name, family, ()) == proposed
    assert create.staff_id(given_name, family, [proposed]) != proposed


def test_what_would_not_be_read_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "carectl.yaml").write_text("practice: {name: A, timezone: UTC}\n", encoding="utf-8")
    name = {"given": "A", "family": "B"}
    with pytest.raises(UsageError, match="nothing was written") as refused:
        create.add_client(tmp_path, "c-1", {"name": name, "status": "activ", "birth_date": "soon"})
    assert "`status`" in str(refused.value)
    assert "`birth_date`" in str(refused.value)
    with pytest.raises(UsageError, match=r"nothing was written.*`role`"):
        create.add_staff(tmp_path, "jo", {"name": name})
    assert not [path for name in ("clients", "staff") for path in (tmp_path / name).glob("*")]
