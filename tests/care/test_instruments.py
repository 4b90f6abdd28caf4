"""Every instrument that comes with carectl, by worked examples: what answers come to, and where each band begins.

The figures here are written down once more from what the instruments' files name under `read_in`, and do not come from
the files: a slip in a file fails here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from carectl.care.assessment import Answer, Result, read, score, suggestions, wanted
from carectl.caseload.instrument_records import Instrument
from carectl.caseload.instruments import Instruments
from carectl.caseload.records import InstrumentResult
from carectl.caseload.trees import FolderTree

ROOT: Final = Path(__file__).parents[2]
KNOWN: Final = Instruments(FolderTree(ROOT / "examples" / "caseload"))
NAMES: Final = tuple(KNOWN)


def named(name: str) -> Instrument:
    found = KNOWN[name]
    assert found is not None
    return found


FULL: Final = [name for name in NAMES if named(name).mode == "full"]
SCORE_ONLY: Final = [name for name in NAMES if named(name).mode == "score_only"]

BANDS: Final[dict[str, list[tuple[float, float, str]]]] = {
    "adl-6": [(0, 2, "four or more"), (3, 5, "one to three"), (6, 6, "none of the six")],
    "iadl-8": [(0, 4, "four or more"), (5, 7, "one to three"), (8, 8, "none of the eight")],
    "stay-independent": [(0, 3, "not at risk"), (4, 14, "at risk of falling")],
    "tug": [(1, 11.9, "under 12"), (12, 90, "at risk of falling")],
    "phq-2": [(0, 2, "no sign"), (3, 6, "depression possible")],
    "phq-9": [
        (0, 4, "minimal"), (5, 9, "mild"), (10, 14, "moderate"), (15, 19, "moderately severe"), (20, 27, "severe"),
    ],
    "gad-7": [(0, 4, "minimal"), (5, 9, "mild"), (10, 14, "moderate"), (15, 21, "severe")],
    "gds-15": [(0, 5, "no sign"), (6, 9, "depression possible"), (10, 15, "depression likely")],
    "pain-0-10": [(0, 0, "none"), (1, 3, "mild"), (4, 6, "moderate"), (7, 10, "severe")],
    "lace": [(0, 4, "low"), (5, 9, "moderate"), (10, 19, "high")],
    "mahc-10": [(0, 3, "below the threshold"), (4, 10, "at risk of falling")],
    "barthel": [
        (0, 20, "total"), (25, 60, "severe"), (65, 90, "moderate"), (95, 95, "slight"), (100, 100, "independent"),
    ],
    "mini-cog": [(0, 2, "below 3"), (3, 3, "3:"), (4, 5, "no sign")],
    "slums": [(0, 20, "dementia"), (21, 26, "mild neurocognitive"), (27, 30, "normal")],
    "slums-less-than-high-school": [(0, 19, "dementia"), (20, 24, "mild neurocognitive"), (25, 30, "normal")],
    "mst": [(0, 1, "not at risk"), (2, 7, "at risk of malnutrition")],
    "lsns-6": [(0, 11, "at risk"), (12, 30, "not at risk")],
    "clinical-frailty-scale": [
        (1, 3, "not frail"), (4, 4, "very mild"), (5, 5, "mild"), (6, 6, "moderate"), (7, 7, "severe"),
        (8, 8, "very severe"), (9, 9, "terminally"),
    ],
}  # fmt: skip
"""First and last score of every band, and how it is called. The chair stand has its own table below."""

UNSCORED: Final = {"home-safety"}
BY_NORM: Final = {"chair-stand-30"}
ENDLESS: Final = {"tug", "chair-stand-30"}
"""Seconds and stands have no highest number."""


def answers_for(instrument: Instrument, total: float) -> dict[str, Answer]:
    """Answers to every item that add up to a score: each counts as much as is left to give away."""
    found: dict[str, Answer] = {}
    left = total - instrument.lowest
    for item in instrument.items:
        least = min(instrument.points_of(item))
        options: list[tuple[float, Answer]] = [(choice.points, choice.points) for choice in instrument.choices_of(item)]
        if item.range and item.range.points:
            options = [(step.points, step.from_) for step in item.range.points]
        elif item.range:
            options = [(least + left, least + left)]
            if item.range.max is not None and least + left > item.range.max:
                options = [(item.range.max, item.range.max)]
        elif not options:
            options = [(item.points_if_yes or 0, "yes"), (item.points_if_no or 0, "no")]
        points, answer = max((option for option in options if option[0] - least <= left), key=lambda option: option[0])
        found[item.id] = answer
        left -= points - least
    assert left == 0, f"{instrument.id} cannot reach {total}"
    return found


def result_of(instrument: Instrument, total: float, *, age: int | None = None, sex: str | None = None) -> Result:
    """The result of some answers with this total, or of the total alone where only that is kept."""
    if instrument.mode == "full":
        return score(instrument, answers_for(instrument, total), age=age, sex=sex)
    return read(instrument, InstrumentResult(instrument=instrument.id, score=total), age=age, sex=sex)


def test_every_instrument_has_its_examples() -> None:
    assert {*BANDS, *UNSCORED, *BY_NORM} == set(NAMES)


@pytest.mark.parametrize(
    ("name", "total", "label"),
    [(name, edge, label) for name, bands in BANDS.items() for low, high, label in bands for edge in (low, high)],
)
def test_both_edges_of_every_band(name: str, total: float, label: str) -> None:
    result = result_of(named(name), total)
    assert result.score == total
    assert result.complete
    assert result.band is not None
    assert result.band.label.startswith(label) or label in result.band.label.split(", ")[0]
    others = {other for low, _, other in BANDS[name] if other != label and len(other) > len(label)}
    assert not any(result.band.label.startswith(other) for other in others)


@pytest.mark.parametrize("name", BANDS)
def test_the_bands_are_all_there_are(name: str) -> None:
    instrument = named(name)
    assert len(instrument.bands) == len(BANDS[name])
    assert instrument.lowest == BANDS[name][0][0]
    assert name in ENDLESS or instrument.highest == BANDS[name][-1][1]


@pytest.mark.parametrize("name", sorted(set(FULL) - UNSCORED))
def test_a_missing_answer_is_incomplete_and_never_guessed(name: str) -> None:
    instrument = named(name)
    answers = answers_for(instrument, instrument.lowest)
    for item in instrument.items:
        result = score(
            instrument, {key: value for key, value in answers.items() if key != item.id}, age=80, sex="female"
        )
        assert (result.score, result.band, result.complete, result.missing) == (None, None, False, (item.id,))


@pytest.mark.parametrize("name", FULL)
def test_an_answer_that_cannot_be_is_a_fault_and_gives_no_score(name: str) -> None:
    instrument = named(name)
    for item in instrument.items:
        for answer in (-1, 0.5, 99, "often", "") if instrument.choices_of(item) else (-1, "often", ""):
            result = score(instrument, {item.id: answer})
            assert [(fault.kind, fault.item) for fault in result.faults] == [("answer", item.id)], answer
            assert result.faults[0].wanted == wanted(instrument, item)
            assert result.score is None


@pytest.mark.parametrize("name", SCORE_ONLY)
def test_a_total_that_cannot_be_is_a_fault(name: str) -> None:
    instrument = named(name)
    for total in (instrument.lowest - 1, instrument.highest + 1, instrument.lowest + 0.5):
        result = read(instrument, InstrumentResult(instrument=name, score=total))
        assert [fault.kind for fault in result.faults] == ["score"], total
        assert (result.score, result.band, result.complete) == (None, None, False)


# --- single instruments ----------------------------------------------------------------------------------------------

PHQ: Final = (
    "interest", "down", "sleep", "tired", "appetite", "self-worth", "concentration", "slow-restless", "self-harm",
)  # fmt: skip


def test_phq_9_by_its_published_range_and_its_first_two_questions() -> None:
    assert [item.id for item in named("phq-9").items] == list(PHQ)
    assert [item.id for item in named("phq-2").items] == list(PHQ[:2])
    assert score(named("phq-9"), dict.fromkeys(PHQ, 3)).score == 27
    assert score(named("phq-9"), dict.fromkeys(PHQ, 0)).score == 0
    assert score(named("phq-9"), dict(zip(PHQ, (2, 3, 1, 2, 0, 1, 1, 0, 0), strict=True))).score == 10


@pytest.mark.parametrize(("answer", "urgent"), [(0, False), (1, True), (2, True), (3, True)])
def test_phq_9_item_9_above_zero_is_urgent_whatever_the_score_is(answer: int, urgent: bool) -> None:
    """Also if it is the only answer there is."""
    everything = score(named("phq-9"), {**dict.fromkeys(PHQ, 0), "self-harm": answer})
    alone = score(named("phq-9"), {"self-harm": answer})
    for result in (everything, alone):
        assert [alert.urgent for alert in result.alerts] == [True] * urgent
        found = suggestions(result)
        assert [task.urgent for task in found.tasks if task.urgent] == [True] * urgent
        assert ("self-harm" in "".join(item.finding for item in found.findings)) is urgent
    assert everything.score == answer
    assert alone.score is None


def test_phq_9_without_item_9_cannot_tell() -> None:
    """A total from a form says nothing of the ninth answer, unless it is 0."""
    assert score(named("phq-9"), dict.fromkeys(PHQ[:8], 0)).unasked == named("phq-9").alerts
    assert read(named("phq-9"), InstrumentResult(instrument="phq-9", score=6)).unasked == named("phq-9").alerts
    assert read(named("phq-9"), InstrumentResult(instrument="phq-9", score=0)).unasked == ()


def test_phq_2_leads_to_phq_9() -> None:
    assert suggestions(score(named("phq-2"), {"interest": 1, "down": 1})).instruments == ()
    assert suggestions(score(named("phq-2"), {"interest": 1, "down": 2})).instruments == ("phq-9",)


def test_gds_15_counts_no_for_five_questions_and_yes_for_ten() -> None:
    """Sheikh 1991: no counts for 1, 5, 7, 11 and 13."""
    items = named("gds-15").items
    assert len(items) == 15
    assert [nth for nth, item in enumerate(items, 1) if item.points_if_no] == [1, 5, 7, 11, 13]
    assert score(named("gds-15"), {item.id: "yes" for item in items}).score == 10
    assert score(named("gds-15"), {item.id: "no" for item in items}).score == 5
    glad = {item.id: "yes" if item.points_if_no else "no" for item in items}
    assert score(named("gds-15"), glad).score == 0
    assert score(named("gds-15"), {**glad, "happy": "no"}).score == 1


def test_stay_independent_counts_a_fall_and_a_cane_double() -> None:
    items = named("stay-independent").items
    no = {item.id: "no" for item in items}
    counted = {item.id: score(named("stay-independent"), {**no, item.id: True}).score for item in items}
    assert {name for name, points in counted.items() if points == 2} == {"fallen", "cane-walker"}
    assert set(counted.values()) == {1, 2}
    assert score(named("stay-independent"), {item.id: "yes" for item in items}).score == 14


def test_stay_independent_below_four_asks_about_a_fall_all_the_same() -> None:
    """CDC's algorithm of 2019: below 4, who fell in the past year is at risk too. That is no emergency."""
    no: dict[str, Answer] = {item.id: "no" for item in named("stay-independent").items}
    fell = score(named("stay-independent"), {**no, "fallen": "yes"})
    assert (fell.score, [alert.urgent for alert in fell.alerts]) == (2, [False])
    assert score(named("stay-independent"), {**no, "cane-walker": "yes"}).alerts == ()


@pytest.mark.parametrize(
    ("days", "emergency", "charlson", "visits", "total"),
    [
        # The two examples of CRAN cliot, lace_readmission_index.
        (5, "yes", 5, 2, 14),
        (2, "no", 0, 0, 2),
        (0, "no", 0, 0, 0),
        (365, "yes", 12, 9, 19),
        # Each part at its edges: 1, 2, 3, 4-6, 7-13 and 14 days; Charlson 3 and 4; visits 4 and more.
        (1, "no", 0, 0, 1), (3, "no", 0, 0, 3), (4, "no", 0, 0, 4), (6, "no", 0, 0, 4), (7, "no", 0, 0, 5),
        (13, "no", 0, 0, 5), (14, "no", 0, 0, 7), (0, "yes", 0, 0, 3), (0, "no", 1, 0, 1), (0, "no", 3, 0, 3),
        (0, "no", 4, 0, 5), (0, "no", 0, 1, 1), (0, "no", 0, 4, 4), (0, "no", 0, 5, 4),
    ],
)  # fmt: skip
def test_lace_of_2010(days: int, emergency: str, charlson: int, visits: int, total: int) -> None:
    answers: dict[str, Answer] = {"days": days, "emergency": emergency, "charlson": charlson, "visits": visits}
    assert score(named("lace"), answers).score == total


CHAIR_STANDS: Final = {
    (60, 64): (14, 12), (65, 69): (12, 11), (70, 74): (12, 10), (75, 79): (11, 10), (80, 84): (10, 9), (85, 89): (8, 8),
    (90, 94): (7, 4),
}  # fmt: skip
"""CDC's sheet of 2017: below this is below average, for men and for women."""


@pytest.mark.parametrize(("ages", "starts"), CHAIR_STANDS.items())
def test_chair_stands_by_age_and_sex(ages: tuple[int, int], starts: tuple[int, int]) -> None:
    for age in ages:
        for sex, start in zip(("male", "female"), starts, strict=True):
            below = score(named("chair-stand-30"), {"stands": start - 1}, age=age, sex=sex)
            average = score(named("chair-stand-30"), {"stands": start}, age=age, sex=sex)
            assert below.band is not None
            assert below.band.label.startswith("below average")
            assert average.band is not None
            assert average.band.label.startswith("average or better")
    arms = score(named("chair-stand-30"), {"stands": 0}, age=ages[0], sex="female")
    assert arms.band is not None
    assert arms.band.label.startswith("below average")


@pytest.mark.parametrize(
    ("age", "sex", "words"),
    [
        (59, "female", "ages 60 to 94"), (95, "male", "ages 60 to 94"), (None, "female", "date of birth"),
        (80, None, "women and men only"), (80, "other", "women and men only"), (80, "unknown", "women and men only"),
    ],
)  # fmt: skip
def test_chair_stands_without_a_norm_have_a_score_and_say_why_no_more(
    age: int | None, sex: str | None, words: str
) -> None:
    result = score(named("chair-stand-30"), {"stands": 9}, age=age, sex=sex)
    assert (result.score, result.band, result.complete) == (9, None, True)
    assert words in result.remarks[0]
    assert suggestions(result).tasks == ()


@pytest.mark.parametrize(
    ("seconds", "label"), [(11, "under"), (11.99, "under"), (12, "12 seconds"), (12.1, "12 seconds")]
)
def test_tug_takes_parts_of_a_second(seconds: float, label: str) -> None:
    result = score(named("tug"), {"seconds": seconds})
    assert result.score == seconds
    assert result.band is not None
    assert result.band.label.startswith(label)


def test_home_safety_has_no_score_and_every_yes_is_a_task() -> None:
    instrument = named("home-safety")
    no: dict[str, Answer] = {item.id: "no" for item in instrument.items}
    safe = score(instrument, no)
    assert (safe.score, safe.band, safe.complete) == (None, None, True)
    assert suggestions(safe).tasks == ()
    found = score(instrument, {**no, "floor-rugs": True, "bedroom-path": "yes"})
    assert [task.text for task in suggestions(found).tasks] == [
        item.task for item in instrument.items if item.id in ("floor-rugs", "bedroom-path")
    ]
    assert all(item.task for item in instrument.items)
    assert not score(instrument, {"floor-rugs": "yes"}).complete


def test_adl_6_and_iadl_8_count_what_needs_nobody() -> None:
    assert [item.id for item in named("adl-6").items] == [
        "bathing", "dressing", "toileting", "transferring", "continence", "feeding",
    ]  # fmt: skip
    assert len(named("iadl-8").items) == 8
    for name in ("adl-6", "iadl-8"):
        items = [item.id for item in named(name).items]
        assert score(named(name), {**dict.fromkeys(items, 1), items[0]: 0}).score == len(items) - 1


# --- licences, and what is said of every one -------------------------------------------------------------------------


def test_nothing_is_here_that_a_licence_forbids() -> None:
    """Of these, no more than the score is kept: no item, no label of an item, no answer to choose."""
    assert set(SCORE_ONLY) == {
        "mahc-10", "barthel", "mini-cog", "slums", "slums-less-than-high-school", "mst", "lsns-6",
        "clinical-frailty-scale",
    }  # fmt: skip
    assert all(not named(name).items and not named(name).choices for name in SCORE_ONLY)
    # AD8, Braden, Zarit, Morse, PAINAD and ISAR may not be shipped, or it is not clear whether they may.
    assert not set(NAMES) & {"ad8", "braden", "zarit", "zbi-22", "zbi-12", "morse", "painad", "isar", "ucla-3"}


@pytest.mark.parametrize("name", NAMES)
def test_every_instrument_says_where_it_comes_from_and_what_was_not_verified(name: str) -> None:
    instrument = named(name)
    assert instrument.source
    assert instrument.licence
    assert instrument.read_in, "points and bands were read somewhere"
    assert instrument.administered_by
    assert instrument.official_form or name == "pain-0-10"
    assert all(len(item.label) <= 60 for item in instrument.items), "a label is no wording"
    assert all(band.suggests for band in instrument.bands if "at risk of" in band.label and "not" not in band.label)
    for band in instrument.bands:
        for following in band.suggests.instruments if band.suggests else ():
            assert following in NAMES


def row(name: str) -> str:
    """An instrument in the table of docs/instruments.md."""
    instrument = named(name)
    mode = "full" if instrument.mode == "full" else "score only"
    ends = f"{instrument.lowest} to {instrument.highest}".replace(" to inf", " up")
    scores = ends if instrument.is_scored else "none"
    doubts = "; ".join(instrument.unverified) or "—"
    cells = (f"`{name}`", instrument.title, mode, scores, instrument.source, instrument.licence, doubts)
    return f"| {' | '.join(cells)} |"


def test_the_page_lists_every_instrument_as_its_file_has_it() -> None:
    page = (ROOT / "docs" / "instruments.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `") and line.count("|") == 8]
    assert rows == [row(name) for name in NAMES]
