"""What a new assessment holds: answers as they are typed, results that are never guessed, and what is compared."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from carectl.care.assessment import Answer
from carectl.care.assessment_entries import (
    Draft,
    Filled,
    answer_given,
    answer_typed,
    changed,
    earlier,
    finding_typed,
    last_round,
    not_asked_again,
    result_entry,
    score_fault,
    score_typed,
    stored,
    trends,
)
from carectl.caseload.instrument_records import Instrument
from carectl.caseload.instruments import Instruments
from carectl.caseload.records import Assessment, AssessmentFinding, InstrumentResult
from carectl.caseload.trees import FolderTree


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Instruments:
    """The built-in instruments, and one of the practice's own in its second version."""
    root: Path = tmp_path_factory.mktemp("caseload")
    (root / "instruments").mkdir()
    (root / "instruments" / "week.yaml").write_text(
        "id: week\nversion: 2\ntitle: The week\nmode: full\ndomain: mood\nsource: Ours\nlicence: Ours\n"
        "scoring: {higher_is: worse}\nitems:\n"
        "  - {id: hours, label: Hours alone, range: {min: 0, max: 9, whole: false}}\n",
        encoding="utf-8",
    )
    return Instruments(FolderTree(root))


def one(known: Instruments, name: str) -> Instrument:
    found = known[name]
    assert found is not None
    return found


def on(day: str, *results: InstrumentResult, amends: str | None = None, found: tuple[str, ...] = ()) -> Assessment:
    findings = tuple(AssessmentFinding(id=name, domain=name, finding="x") for name in found)
    return Assessment(
        id=f"a-{day}", kind="reassessment", date=dt.date.fromisoformat(day), assessor="dana", instruments=results,
        amends=amends, findings=findings,
    )  # fmt: skip


def mst(score: int, form: str | None = None) -> InstrumentResult:
    return InstrumentResult(instrument="mst", score=score, answers={"x-form": form} if form else {})


# --- typed -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("instrument", "item", "typed", "answer"),
    [
        ("phq-9", "sleep", "3", 3),
        ("phq-9", "sleep", " 0 ", 0),
        ("home-safety", "floor-rugs", "y", True),
        ("home-safety", "floor-rugs", "No", False),
        ("tug", "seconds", "12.5", 12.5),
        ("tug", "seconds", "12.0", 12),
        ("chair-stand-30", "stands", "0", 0),
    ],
)
def test_an_answer_as_it_is_typed(known: Instruments, instrument: str, item: str, typed: str, answer: object) -> None:
    form = one(known, instrument)
    found = answer_typed(form, next(x for x in form.items if x.id == item), typed)
    assert (found, type(found)) == (answer, type(answer))


@pytest.mark.parametrize(
    ("instrument", "item", "typed", "wanted"),
    [
        ("phq-9", "sleep", "4", "0, 1, 2 or 3"),
        ("phq-9", "sleep", "-1", "0, 1, 2 or 3"),
        ("phq-9", "sleep", "1.5", "0, 1, 2 or 3"),
        ("phq-9", "sleep", "", "0, 1, 2 or 3"),
        ("phq-9", "sleep", "yes", "0, 1, 2 or 3"),
        ("phq-9", "sleep", "1e0", "0, 1, 2 or 3"),
        ("home-safety", "floor-rugs", "1", "yes or no"),
        ("chair-stand-30", "stands", "2.5", "a whole number, 0 or more"),
    ],
)
def test_what_is_no_answer(known: Instruments, instrument: str, item: str, typed: str, wanted: str) -> None:
    form = one(known, instrument)
    with pytest.raises(ValueError, match=wanted):
        answer_typed(form, next(x for x in form.items if x.id == item), typed)


def test_an_answer_of_a_file(known: Instruments) -> None:
    rugs, sleep = one(known, "home-safety").items[1], one(known, "phq-9").items[2]
    assert answer_given(one(known, "home-safety"), rugs, "yes") is True
    assert answer_given(one(known, "home-safety"), rugs, 1) is None
    assert answer_given(one(known, "phq-9"), sleep, 2) == 2
    assert answer_given(one(known, "phq-9"), sleep, "2") is None
    assert answer_given(one(known, "phq-9"), sleep, True) is None


def test_a_total(known: Instruments) -> None:
    assert score_typed(one(known, "barthel"), "85") == 85
    for typed in ("850", "84", "x", ""):
        with pytest.raises(ValueError, match="a number"):
            score_typed(one(known, "barthel"), typed)
    with pytest.raises(ValueError, match="this instrument has none"):
        score_typed(one(known, "home-safety"), "3")
    assert score_fault(one(known, "phq-9"), 27) is None


def test_a_finding() -> None:
    assert finding_typed("Falls : Fell twice -> from bed -> A rail", {"falls"}) == {
        "id": "falls-2", "domain": "falls", "finding": "Fell twice -> from bed", "need": "A rail",
    }  # fmt: skip
    assert finding_typed("skin care: Dry", ()) == {"id": "skin-care", "domain": "skin_care", "finding": "Dry"}
    for typed in ("Fell twice", "falls:", ": x", "falls: -> A rail", "fälle: x"):
        with pytest.raises(ValueError, match="a domain"):
            finding_typed(typed, ())


# --- what is written -------------------------------------------------------------------------------------------------


def test_without_every_answer_there_is_no_score(known: Instruments) -> None:
    adl = one(known, "adl-6")
    five: dict[str, Answer] = {item.id: 1 for item in reversed(adl.items[1:])}
    entry = result_entry(adl, Filled(five))
    assert entry == {"instrument": "adl-6", "answers": five}
    assert list(entry["answers"]) == [item.id for item in adl.items[1:]]
    whole = result_entry(adl, Filled({**five, adl.items[0].id: 0}))
    assert whole is not None
    assert whole["score"] == 5
    assert result_entry(adl, Filled()) is None


def test_form_and_version_stand_beside_the_answers(known: Instruments) -> None:
    assert result_entry(one(known, "mst"), Filled(score=0, form="kg")) == {
        "instrument": "mst", "answers": {"x-form": "kg"}, "score": 0,
    }  # fmt: skip
    assert result_entry(one(known, "mst"), Filled(score=0)) == {"instrument": "mst", "score": 0}
    entry = result_entry(one(known, "week"), Filled({"hours": 2.5}))
    assert entry == {"instrument": "week", "answers": {"hours": 2.5, "x-version": 2}, "score": 2.5}


def test_a_draft_comes_back_as_it_was(known: Instruments) -> None:
    draft = Draft("initial", "2026-11-22", {"name": "Ann Doe"}, ["client"], {"phq-2": Filled({"interest": 1})})
    assert Draft.of(draft.plain()) == draft
    changes: tuple[dict[str, object], ...] = (
        {"kind": "other"}, {"date": "soon"}, {"findings": None}, {"filled": []}, {"more": 1},
        {"filled": {"phq-2": {"answers": []}}}, {"filled": {"phq-2": {"answers": {"down": [1]}}}},
        {"filled": {"mst": {"score": "3"}}}, {"findings": [1]},
    )  # fmt: skip
    for change in changes:
        with pytest.raises(ValueError):  # noqa: PT011
            Draft.of({**draft.plain(), **change})


def test_answers_that_are_not_possible_any_more_are_asked_again(known: Instruments) -> None:
    filled = {"phq-2": Filled({"interest": 9, "down": 1}), "gone": Filled(score=1)}
    draft = Draft("initial", "2026-11-22", "dana", [], filled)
    assert draft.forget_impossible(known) == ["gone", "phq-2/interest"]
    assert draft.filled == {"phq-2": Filled({"down": 1})}


# --- compared --------------------------------------------------------------------------------------------------------


def test_two_forms_are_never_compared(known: Instruments) -> None:
    every = [on("2026-01-01", mst(1, "kg")), on("2026-02-01", mst(4, "pounds")), on("2026-03-01", mst(2, "kg")),
             on("2026-04-01", mst(3))]  # fmt: skip
    found = trends(every, one(known, "mst"))
    assert [(x.form, [(p.result.score, p.change, p.direction) for p in x.points]) for x in found] == [
        ("pounds", [(4, None, None)]),
        ("kg", [(1, None, None), (2, 1, "worse")]),
        (None, [(3, None, None)]),
    ]
    last = earlier(every, mst(5, "kg"), dt.date(2026, 5, 1))
    assert last is not None
    assert last.assessment.id == "a-2026-03-01"


def test_two_forms_in_one_assessment(known: Instruments) -> None:
    found = trends([on("2026-01-01", mst(1, "kg"), mst(4, "pounds"))], one(known, "mst"))
    assert [[p.result.score for p in x.points] for x in found] == [[1], [4]]


def test_another_version_keeps_its_score_and_means_nothing(known: Instruments) -> None:
    first = InstrumentResult(instrument="week", answers={"hours": 3}, score=8)
    second = InstrumentResult(instrument="week", answers={"hours": 3, "x-version": 2}, score=3)
    old, new = trends([on("2026-01-01", first), on("2026-02-01", second)], one(known, "week"))
    assert [(p.result.score, p.result.band, p.change) for p in old.points] == [(8, None, None)]
    assert "version 1" in old.points[0].result.remarks[0]
    assert not old.is_current
    assert [(p.result.score, p.change) for p in new.points] == [(3, None)]


def test_a_gap_is_no_score(known: Instruments) -> None:
    def phq(**answers: Answer) -> InstrumentResult:
        return InstrumentResult(instrument="phq-2", answers=dict(answers))

    every = [
        on("2026-01-01", phq(interest=1, down=1)),
        on("2026-02-01", phq(interest=3)),
        on("2026-03-01", phq(interest=0, down=1)),
    ]
    (found,) = trends(every, one(known, "phq-2"))
    assert [(p.result.score, p.change) for p in found.points] == [(2, None), (None, None), (1, -1)]


def test_a_corrected_assessment_is_not_in_the_trend(known: Instruments) -> None:
    every = [on("2026-01-01", mst(1)), on("2026-01-02", mst(4), amends="assessments/a-2026-01-01")]
    (found,) = trends(every, one(known, "mst"))
    assert [p.result.score for p in found.points] == [4]


def test_what_is_different_and_what_was_not_asked_again(known: Instruments) -> None:
    before = InstrumentResult(
        instrument="home-safety", answers={"floor-rugs": "yes", "floor-path": True, "x-note": "a"}
    )
    now = InstrumentResult(instrument="home-safety", answers={"floor-rugs": True, "floor-path": False})
    differ = changed(one(known, "home-safety"), before, now)
    assert [(x.item.id, x.before, x.now) for x in differ] == [("floor-path", True, False)]
    last = on("2026-01-01", mst(1), before, found=("falls", "mood"))
    again = InstrumentResult(instrument="home-safety", answers={"floor-rugs": True})
    assert not_asked_again(last, [again], {"mood"}) == [
        "mst", "home-safety (floor-path)", "the finding on falls (falls)",
    ]  # fmt: skip


def test_a_questionnaire_in_between_is_no_round() -> None:
    every = [on("2026-01-01", found=("falls",)), on("2026-02-01", mst(1)), on("2026-06-01", found=("mood",))]
    found = last_round(every, dt.date(2026, 3, 1))
    assert found is not None
    assert found.id == "a-2026-01-01"
    bare = last_round(every[1:2], dt.date(2026, 3, 1))
    assert bare is not None
    assert bare.id == "a-2026-02-01"
    assert last_round(every, dt.date(2025, 1, 1)) is None


def test_the_record_that_an_entry_will_be() -> None:
    assert stored({"instrument": "mst", "score": 2}) == InstrumentResult(instrument="mst", score=2)
