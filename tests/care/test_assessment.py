"""What answers come to: scores, faults, suggestions, trend, and what is due. Single instruments: test_instruments."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carectl.care.assessment import (
    NOT_DIAGNOSTIC,
    Answer,
    AnswerFault,
    cautions,
    due,
    in_force,
    read,
    score,
    suggestions,
    trend,
    wanted,
    yes_no,
)
from carectl.care.moments import age_on
from carectl.caseload.instrument_records import Instrument
from carectl.caseload.instruments import Instruments
from carectl.caseload.load import Loader
from carectl.caseload.records import Assessment, InstrumentResult
from carectl.caseload.trees import FolderTree

ROOT: Final = Path(__file__).parents[2]
KNOWN: Final = Instruments(FolderTree(ROOT / "examples" / "caseload"))


def named(name: str) -> Instrument:
    found = KNOWN[name]
    assert found is not None
    return found


PHQ_2: Final = named("phq-2")
DAY: Final = dt.date(2026, 3, 2)


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Instrument:
    """The instrument that docs/instruments.md writes out."""
    page = (ROOT / "docs" / "instruments.md").read_text(encoding="utf-8")
    folder = tmp_path_factory.mktemp("caseload")
    (folder / "instruments").mkdir()
    text = page.partition("```yaml\n")[2].partition("```")[0]
    (folder / "instruments" / "how-was-the-week.yaml").write_text(text, encoding="utf-8")
    found = Instruments(FolderTree(folder))["how-was-the-week"]
    assert found is not None, "the example on the page is faulty"
    return found


def stored(name: str, score: float | None = None, **answers: Answer) -> InstrumentResult:
    return InstrumentResult(instrument=name, answers=answers, score=score)


def assessed(day: dt.date, *results: InstrumentResult, **more: Any) -> Assessment:
    return Assessment(id=f"a-{day}", kind="reassessment", date=day, assessor="dana", instruments=results, **more)


# --- scoring ---------------------------------------------------------------------------------------------------------


def test_a_score_is_the_sum_of_every_answer(ours: Instrument) -> None:
    result = score(ours, {"nights": 2, "days": 1, "alone": "yes", "walks": 2})
    assert (result.score, result.complete, result.missing, result.faults) == (5, True, (), ())
    assert result.points == {"nights": 2, "days": 1, "alone": 1, "walks": 1}
    assert result.band is not None
    assert result.band.label == "not so good"


@pytest.mark.parametrize(("walks", "points"), [(0, 2), (1, 1), (2, 1), (3, 0), (40, 0)])
def test_a_number_counts_what_its_step_says(ours: Instrument, walks: int, points: int) -> None:
    assert score(ours, {"walks": walks}).points == {"walks": points}


@given(
    answers=st.dictionaries(st.sampled_from(("interest", "down")), st.integers(-1, 4) | st.booleans() | st.text("y1"))
)
def test_there_is_a_score_only_if_every_item_has_an_answer_that_can_be(answers: dict[str, Any]) -> None:
    result = score(PHQ_2, answers)
    sound = [name for name, answer in answers.items() if type(answer) is int and 0 <= answer <= 3]
    assert set(result.points) == set(sound)
    assert {fault.item for fault in result.faults} == set(answers) - set(sound)
    assert set(result.missing) == {"interest", "down"} - set(sound)
    assert (result.score is not None) == (len(sound) == 2) == result.complete
    assert result.score is None or result.score == sum(answers.values())


def test_an_answer_to_nothing_is_a_fault_and_a_key_of_ones_own_is_not() -> None:
    result = score(PHQ_2, {"interest": 1, "down": 1, "sleep": 0, "x-said-by": "Maria"})
    assert result.faults == (AnswerFault("item", "sleep"),)
    assert result.score is None
    assert score(PHQ_2, {"interest": 1, "down": 1, "x-said-by": "Maria"}).score == 2


def test_an_answer_that_cannot_be_says_what_can(ours: Instrument) -> None:
    assert [wanted(ours, item) for item in ours.items] == [
        "0, 1 or 2", "0, 1 or 2", "yes or no", "a whole number, 0 or more",
    ]  # fmt: skip
    assert wanted(named("pain-0-10"), named("pain-0-10").items[0]) == "a whole number from 0 to 10"
    assert wanted(named("tug"), named("tug").items[0]) == "a number, 1 or more"


@pytest.mark.parametrize(
    ("answer", "meant"),
    [(True, True), (False, False), ("yes", True), ("no", False), (1, None), (0, None), ("Yes", None), ("", None)],
)
def test_yes_and_no_are_words_and_a_one_is_neither(answer: Answer, meant: bool | None) -> None:
    assert yes_no(answer) is meant


def test_a_choice_is_a_number_and_true_is_not_one() -> None:
    assert [fault.kind for fault in score(PHQ_2, {"interest": True, "down": "1"}).faults] == ["answer", "answer"]


def test_decimals_leave_nothing_behind() -> None:
    """0.1 and 0.2 are 0.3 and not 0.30000000000000004: a stored score would differ."""
    from carectl.caseload.instrument_records import Choice, Item, Scoring

    tenths = Instrument(
        id="t", version=1, title="T", mode="full", domain="d", source="s", licence="l",
        scoring=Scoring(higher_is="worse"), choices=(Choice(points=0.1, label="a"), Choice(points=0.2, label="b")),
        items=(Item(id="one", label="One"), Item(id="two", label="Two")),
    )  # fmt: skip
    assert tenths.step is None
    assert score(tenths, {"one": 0.1, "two": 0.2}).score == 0.3
    assert read(tenths, stored("t", 0.25)).score == 0.25


# --- what is stored --------------------------------------------------------------------------------------------------


def test_answers_count_before_a_stored_score() -> None:
    assert read(PHQ_2, stored("phq-2", 9, interest=1, down=2)).score == 3


def test_without_answers_the_stored_score_is_taken_as_it_was_typed() -> None:
    result = read(PHQ_2, stored("phq-2", 4))
    assert (result.score, result.complete, result.points) == (4, True, {})
    assert result.band is not None
    assert result.band.from_ == 3


@pytest.mark.parametrize(
    ("name", "score", "words"),
    [
        ("phq-2", 7, "a whole number, from 0 to 6"),
        ("phq-2", 2.5, "a whole number, from 0 to 6"),
        ("barthel", 52, "a number in steps of 5, from 0 to 100"),
        ("tug", 0, "a number, 1 or more"),
        ("home-safety", 3, "left out: this instrument has none"),
    ],
)
def test_a_score_that_cannot_be_says_what_can(name: str, score: float, words: str) -> None:
    result = read(named(name), stored(name, score))
    assert result.faults == (AnswerFault("score", "", words),)
    assert (result.score, result.band, result.complete) == (None, None, False)


def test_answers_beside_a_total_that_alone_is_kept_are_passed_over() -> None:
    assert read(named("mini-cog"), stored("mini-cog", 4, recall=2, clock=2)).score == 4
    unscored = read(named("mini-cog"), stored("mini-cog", recall=2))
    assert (unscored.score, unscored.complete, unscored.faults) == (None, False, ())


def test_nothing_at_all_is_incomplete() -> None:
    result = read(PHQ_2, stored("phq-2"))
    assert (result.score, result.complete, result.missing) == (None, False, ("interest", "down"))


# --- suggestions -----------------------------------------------------------------------------------------------------


def test_alerts_come_first_then_tasks_of_items_then_the_band(ours: Instrument) -> None:
    found = suggestions(score(ours, {"nights": 2, "days": 2, "alone": "yes", "walks": 0}))
    assert [(item.domain, item.finding, item.need) for item in found.findings] == [
        ("mood", "Was alone for more than a day", None),
        ("mood", "A bad week", "Company"),
    ]
    assert [(task.text, task.urgent) for task in found.tasks] == [
        ("Find out how that came about", False), ("Call on Friday", False),
    ]  # fmt: skip
    assert found.instruments == ("phq-2",)


def test_what_was_not_verified_is_said_with_every_score() -> None:
    assert cautions(PHQ_2) == (NOT_DIAGNOSTIC,)
    diagnosis, doubt = cautions(named("gds-15"))
    assert diagnosis == NOT_DIAGNOSTIC
    assert doubt.startswith("Not verified: The cut-offs")
    assert doubt.endswith(".")


# --- over time -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        ("1941-03-09", "2026-03-08", 84), ("1941-03-09", "2026-03-09", 85), ("1940-02-29", "2026-02-28", 85),
        ("1940-02-29", "2026-03-01", 86), ("2026-03-09", "2026-03-08", None),
    ],
)  # fmt: skip
def test_age(born: str, day: str, age: int | None) -> None:
    assert age_on(dt.date.fromisoformat(born), dt.date.fromisoformat(day)) == age
    assert age_on(None, dt.date.fromisoformat(day)) is None


def test_a_trend_is_in_order_and_says_what_a_change_means() -> None:
    def on(month: int, value: int | None) -> Assessment:
        mood = stored("phq-2", interest=0) if value is None else stored("phq-2", interest=value, down=0)
        return assessed(dt.date(2026, month, 1), mood, stored("adl-6", month))

    points = trend([on(4, 1), on(1, 3), on(2, None), on(3, 1)], PHQ_2)
    assert [(point.day.month, point.result.score, point.change, point.direction) for point in points] == [
        (1, 3, None, None), (2, None, None, None), (3, 1, -2, "better"), (4, 1, 0, "same"),
    ]  # fmt: skip
    better = trend([on(1, 3), on(2, 3)], named("adl-6"))
    assert [(point.change, point.direction) for point in better] == [(None, None), (1, "better")]


def test_a_trend_goes_by_the_age_of_each_day() -> None:
    """Nine stands: below average on the day before her eightieth birthday (10), and average on it (9)."""
    days = (dt.date(2026, 5, 1), dt.date(2026, 5, 2))
    points = trend(
        [assessed(day, stored("chair-stand-30", stands=9)) for day in days],
        named("chair-stand-30"),
        born=dt.date(1946, 5, 2),
        sex="female",
    )
    assert [point.result.band.label.split()[0] for point in points if point.result.band] == ["below", "average"]


def test_a_corrected_assessment_is_history() -> None:
    old = assessed(DAY, stored("phq-2", interest=3, down=3))
    new = Assessment(
        id="a-2", kind="reassessment", date=DAY, assessor="dana", amends=f"assessments/{old.id}",
        instruments=(stored("phq-2", interest=0, down=3),),
    )  # fmt: skip
    assert in_force([old, new]) == [new]
    assert [point.result.score for point in trend([old, new], PHQ_2)] == [3]
    itself = assessed(DAY, amends=f"a-{DAY}")
    assert in_force([itself]) == [itself]


def test_due_again_when_the_interval_is_over() -> None:
    done = [assessed(DAY, stored("stay-independent", 2), stored("gad-7", 2))]
    assert due(done, KNOWN, dt.date(2027, 3, 1)) == []
    assert due(done, KNOWN, dt.date(2027, 3, 2)) == [("stay-independent", dt.date(2027, 3, 2), DAY, None)]


def test_due_next_what_the_newest_result_suggests_until_it_was_done() -> None:
    high = assessed(DAY, stored("phq-2", 4))
    later = DAY + dt.timedelta(days=7)
    assert due([high], KNOWN, later) == [("phq-9", DAY, None, "phq-2")]
    assert due([high, assessed(later, stored("phq-9", 8))], KNOWN, later) == []
    assert due([high, assessed(later, stored("phq-2", 1))], KNOWN, later) == []
    before = assessed(DAY - dt.timedelta(days=1), stored("phq-9", 8))
    assert due([before, high], KNOWN, later) == [("phq-9", DAY, before.date, "phq-2")]
    same_day = assessed(DAY, stored("phq-2", 4), stored("phq-9", 8))
    assert due([same_day], KNOWN, later) == []


def test_due_still_what_was_begun_and_never_completed() -> None:
    begun = assessed(DAY, stored("phq-2", interest=1))
    assert due([begun], KNOWN, DAY) == [("phq-2", DAY, None, None)]
    assert due([begun, assessed(DAY + dt.timedelta(days=1), stored("phq-2", 0))], KNOWN, DAY) != []
    assert due([begun, assessed(DAY, stored("phq-2", 0))], KNOWN, DAY) == []


def test_due_says_each_once_and_knows_no_future() -> None:
    falls = stored("stay-independent", 8)
    found = due([assessed(DAY, falls, stored("mahc-10", 6))], KNOWN, dt.date(2028, 1, 1))
    assert [item.instrument for item in found] == ["chair-stand-30", "home-safety", "tug", "stay-independent"]
    assert due([assessed(DAY, falls)], KNOWN, DAY - dt.timedelta(days=1)) == []
    assert due([assessed(dt.date.max, stored("stay-independent", 0))], KNOWN, dt.date.max) == []
    assert due([assessed(DAY, stored("unheard-of", 3))], {"unheard-of": None}, DAY) == []


def test_every_score_in_the_examples_is_what_its_answers_come_to() -> None:
    found = 0
    for name in ("caseload", "troubled"):
        for chart in Loader(FolderTree(ROOT / "examples" / name)).charts():
            for assessment in chart.assessments:
                for result in assessment.instruments:
                    assert read(named(result.instrument), result).score == result.score
                    found += 1
    assert found > 15
