"""Records from plain data: the fast way and the careful way mean the same, and every fault of form has its place."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import inspect as shapes

from carectl.caseload.reader import Document, read_reference
from carectl.caseload.records import FILE_KINDS, CarePlan, Client, ContactsFile, MedicationsFile, Record, VisitsFile
from carectl.caseload.validate import Examined, bare, convert, examine, struct_of
from carectl.findings import Finding, Span, Spot


def read(text: str, kind: type[Record]) -> tuple[Document, Examined]:
    document = read_reference(text.encode(), "f.yaml")
    assert document.findings == ()
    return document, examine(document, kind)


def placed(document: Document, finding: Finding) -> tuple[str, int, int]:
    assert isinstance(finding.at, Spot)
    span = document.span(finding.at.keys, "key" if finding.at.on_key else "value")
    return finding.code, span.line, span.column


def faults(text: str, kind: type[Record]) -> list[tuple[str, int, int]]:
    document, examined = read(text, kind)
    return [placed(document, finding) for finding in examined.findings]


CLIENT = "id: c-1\nname: {given: Rosa, family: Alvarez}\nstatus: active\n"


def test_a_faultless_file_makes_the_record() -> None:
    _, examined = read(CLIENT + "postal: x\n".replace("postal", "x-postal") + "birth_date: 1941-03-09\n", Client)
    assert examined.findings == []
    assert isinstance(examined.record, Client)
    assert examined.record.birth_date == dt.date(1941, 3, 9)
    assert examined.record.origin.path == "f.yaml"


def test_keys_of_ones_own_in_maps_are_left_out() -> None:
    text = "visits: [{id: v, did: {x-Mine: [1], light: done}, for_family: {x-note: ja, en: Hi, x-none: null}}]\n"
    _, examined = read(text, VisitsFile)
    assert examined.findings == []
    assert isinstance(examined.record, VisitsFile)
    (visit,) = examined.record.visits
    assert (visit.did, visit.for_family) == ({"light": "done"}, {"en": "Hi"})
    assert visit.origin.unread == frozenset()


def test_a_misspelt_key_is_named_with_what_was_meant() -> None:
    document, examined = read(CLIENT + "birthdate: 1941-03-09\n", Client)
    (finding,) = examined.findings
    assert placed(document, finding) == ("schema-unknown-key", 4, 1)
    assert finding.hint == "did you mean `birth_date`?"
    assert isinstance(examined.record, Client)
    # What stands under the misspelt key is there, only unreadable: nobody may conclude that it was never said.
    assert examined.record.origin.unread == {"birth_date"}


def test_a_misspelt_required_key_is_one_finding_not_two() -> None:
    assert faults("id: c-1\nname: {given: R, family: A}\nstaus: active\n", Client) == [("schema-unknown-key", 3, 1)]


@pytest.mark.parametrize(
    ("line", "code", "column"),
    [
        ("birth_date: 9 March 1941", "schema-value", 13),
        ("birth_date: 1941-02-30", "schema-value", 13),
        ("birth_date: 2026-W01-1", "schema-value", 13),
        ("birth_date: [1941-03-09]", "schema-type", 13),
        ("sex: femal", "schema-choice", 6),
        ("receives_skilled: yes", "schema-type", 19),
        ("phones: +1 312 555 0100", "schema-type", 9),
        ("precautions: [Fall Risk]", "schema-value", 15),
        ("allergies: none", "schema-type", 12),
        ("address: 418 Elm St", "schema-type", 10),
        ("language: Spanish", "schema-value", 11),
        ("away: [{until: 2026-09-14}]", "schema-missing", 8),
    ],
)
def test_a_value_of_the_wrong_form_stands_at_the_value(line: str, code: str, column: int) -> None:
    assert faults(CLIENT + line + "\n", Client) == [(code, 4, column)]


def test_a_record_that_lacks_a_field_is_named_at_its_first_line() -> None:
    text = "contacts:\n  - id: maria\n    relationship: daughter\n"
    assert faults(text, ContactsFile) == [("schema-missing", 2, 5)]


def test_a_file_that_lacks_a_field_is_named_at_its_first_line() -> None:
    assert faults("# who\nid: c-1\nstatus: active\n", Client) == [("schema-missing", 1, 1)]


def test_a_lost_record_still_exists_by_its_id_and_so_do_those_inside() -> None:
    text = (
        "period: {from: 2026-08-05}\n"
        "problems:\n"
        "  - id: falls\n"
        "    status: active\n"
        "    interventions:\n"
        "      - {id: night-light, text: Check, status: active}\n"
    )
    _, examined = read(text, CarePlan)
    assert [finding.code for finding in examined.findings] == ["schema-missing"]
    assert [(b.name, b.id) for b in examined.broken] == [("problems", "falls"), ("interventions", "night-light")]
    assert isinstance(examined.record, CarePlan)
    assert examined.record.problems == ()
    assert examined.record.origin.unread == {"problems"}


def test_one_faulty_field_leaves_the_rest_of_the_record_usable() -> None:
    text = "visits:\n  - {id: a, service: nursing, date: 2026-11-22, at: '9:00', duration: 2h, note: [x]}\n"
    _, examined = read(text, VisitsFile)
    assert isinstance(examined.record, VisitsFile)
    (visit,) = examined.record.visits
    assert visit.at == "9:00"
    assert visit.note is None
    assert visit.origin.unread == {"note"}
    assert examined.unread == frozenset()


def test_where_a_field_wants_text_a_number_is_taken_as_it_was_typed() -> None:
    text = CLIENT + "address: {postal_code: 60201, street: 0.00001, city: true, state: 1.10}\n"
    _, examined = read(text, Client)
    assert isinstance(examined.record, Client)
    assert examined.record.address is not None
    address = examined.record.address
    assert (address.postal_code, address.street, address.city, address.state) == ("60201", "0.00001", "true", "1.10")


def test_the_words_that_stand_for_a_whole_list() -> None:
    _, none = read("medications: none\n", MedicationsFile)
    assert isinstance(none.record, MedicationsFile)
    assert none.record.medications == "none"
    _, known = read(CLIENT + "allergies: none_known\n", Client)
    assert isinstance(known.record, Client)
    assert known.record.allergies == "none_known"


def test_messages_name_no_value() -> None:
    secret = "Canary-4711"
    text = (
        f"id: {secret}\nname: {secret}\nstatus: {secret}\nbirth_date: {secret}\nphones: {secret}\n"
        f"allergies: [{{substance: x, severity: {secret}}}]\naddress: [{secret}]\nreceives_skilled: {secret}\n"
    )
    _, examined = read(text, Client)
    assert len(examined.findings) == 8
    assert secret not in "".join(f"{f.message} {f.hint}" for f in examined.findings)


# --- the two ways agree ----------------------------------------------------------------------------------------------


# Most forms of text occur here, and some that are nearly right.
_TEXTS: list[Any] = [
    *[
        "a",
        "c-014",
        "am-care",
        "09:00",
        "9:00",
        "24:00",
        "2h",
        "1h30m",
        "0m",
        "2026-11-22",
        "2026-11-22T09:00",
        "2026-02-29T09:00",
        "2w",
        "14d",
        "en",
        "America/Chicago",
        "notes/n-1",
        "FREQ=DAILY",
    ],
    "Two words",
    "",
    7,
    True,
]


def valid(shape: shapes.Type) -> st.SearchStrategy[Any]:
    """Plain data that a shape takes, or nearly: texts are drawn from a pool in which most forms occur."""
    plain, _ = bare(shape)
    match plain:
        case shapes.StructType():
            return structs(plain.cls)
        case shapes.VarTupleType():
            return st.lists(valid(plain.item_type), max_size=2)
        case shapes.DictType():
            return st.dictionaries(st.sampled_from(["en", "es", "a-b"]), valid(plain.value_type), max_size=2)
        case shapes.LiteralType():
            return st.sampled_from([*plain.values, "none", "x"])
        case shapes.DateType():
            return st.sampled_from(["2026-11-22", "2024-02-29", "2026-02-29", "2026-1-1", "20261122"])
        case shapes.BoolType():
            return st.sampled_from([True, False, "yes"])
        case shapes.IntType() | shapes.FloatType():
            return st.sampled_from([0, 1, 2.5, -1, "6.50"])
        case shapes.NoneType():
            return st.none()
        case shapes.UnionType():
            return st.one_of([valid(option) for option in plain.types])
    return st.sampled_from(_TEXTS)


def structs(kind: type[msgspec.Struct]) -> st.SearchStrategy[Any]:
    fields = [f for f in struct_of(kind).fields if not isinstance(f.type, shapes.CustomType)]
    return st.fixed_dictionaries(
        {f.encode_name: valid(f.type) for f in fields if f.required},
        optional={f.encode_name: valid(f.type) for f in fields if not f.required},
    )


@given(data=st.data(), kind=st.sampled_from(sorted(FILE_KINDS)))
def test_what_the_fast_way_takes_the_careful_way_takes_alike(data: st.DataObject, kind: str) -> None:
    plain = data.draw(structs(FILE_KINDS[kind]))
    document = read_reference(json.dumps(plain, ensure_ascii=False).encode(), "f.yaml")
    fast = convert(document.data, FILE_KINDS[kind], "f.yaml")
    examined = examine(document, FILE_KINDS[kind])
    if fast is not None:
        assert examined.findings == []
        assert examined.record == fast
        assert examined.broken == []
    elif not examined.findings:
        # The careful way is the kinder one: it takes numbers for text and empty fields. Nothing else sets them apart.
        assert any(isinstance(value, int | float | bool) or value is None for value in _leaves(plain))


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in _leaves(item)]
    if isinstance(value, list):
        return [leaf for item in value for leaf in _leaves(item)]
    return [value]


def test_every_finding_has_a_span_in_its_file() -> None:
    document, examined = read("id: [x]\nname: 3\nstatus: maybe\nfoo: 1\n", Client)
    for finding in examined.findings:
        assert isinstance(finding.at, Spot)
        assert isinstance(document.span(finding.at.keys), Span)
    assert len(examined.findings) == 4


@pytest.mark.parametrize(
    ("kind", "text", "hint"),
    [
        (Client, CLIENT + "allergies: none\n", "`none_known`"),
        (Client, CLIENT + "allergies: [Penicillin]\n", "write `- substance: …`"),
        (Client, CLIENT + "birth_date: “1941-03-09”\n", "word processor"),
        (Client, CLIENT + "preferences: [a: b]\n", "quotation marks"),
        (Client, CLIENT + "phones: 555\n", "square brackets"),
        (Client, CLIENT + "language: [es]\n", "remove the brackets"),
        (VisitsFile, "visits:\n  - {id: a, at: 9am}\n", "24 hours"),
        (VisitsFile, "visits:\n  - {id: a, duration: 2 hours}\n", "2h, 90m or 1h30m"),
        (VisitsFile, "visits:\n  - {id: a, service: personal care}\n", "`personal_care`"),
        (VisitsFile, "visits:\n  - {id: a, staff: Jo Park}\n", "the id, not the name"),
        (
            VisitsFile,
            "series:\n  - {id: a, service: nursing, from: 2026-11-01, at: '9:00', days: [tuesday]}\n",
            "`tue`",
        ),
        (VisitsFile, "- {id: a}\n", "begin it with `series:`"),
    ],
)
def test_a_slip_that_nurses_make_is_met_with_how_to_mend_it(kind: type[Record], text: str, hint: str) -> None:
    _, examined = read(text, kind)
    assert hint in str(examined.findings[0].hint)


def test_a_text_that_a_comma_cut_in_braces_is_not_taken_for_the_whole() -> None:
    flow = "series:\n  - {id: am, service: nursing, from: 2026-11-01, rrule: FREQ=MONTHLY;BYDAY=MO,TU,WE, at: '9:00'}\n"
    document, examined = read(flow, VisitsFile)
    assert [placed(document, f)[0] for f in examined.findings] == ["schema-unknown-key"] * 2
    assert isinstance(examined.record, VisitsFile)
    (series,) = examined.record.series
    assert series.rrule is None
    assert series.origin.unread == {"rrule"}
    assert "quotation marks" in str(examined.findings[0].hint)


def test_an_unknown_key_without_a_value_cuts_nothing_in_lines() -> None:
    _, examined = read(CLIENT + "sex: female\ncolour:\n", Client)
    assert isinstance(examined.record, Client)
    assert examined.record.sex == "female"
