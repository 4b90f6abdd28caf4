"""What changes mean: what is worked out, what is said, and where nothing is for nothing is sure."""

from __future__ import annotations

import copy
import datetime as dt
import os
import random
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import pytest
from helpers_changes import DATES, Content, example, setting, state

from carectl.care.changes import disclosure
from carectl.care.changes.compare import compare
from carectl.care.changes.doses import NotKnown, amount, daily, difference, times_as_much
from carectl.care.changes.hours import weekly
from carectl.care.changes.judging import judge
from carectl.care.changes.rules import NOT_SHOWN, Judged
from carectl.care.changes.wording import marked
from carectl.care.sharing import is_live
from carectl.caseload.records import TOPICS, Sharing

GOLDEN: Final = Path(__file__).parents[2] / "golden" / "changes-rich.txt"


def changes(old: Content, new: Content, now: str = "2026-11-22T06:40") -> tuple[Judged, ...]:
    """The changes between two contents, judged."""
    before, after = state(old), state(new)
    return judge(compare(before, after), before, after, setting(now))


def one(old: Content, new: Content, now: str = "2026-11-22T06:40") -> Judged:
    """The only change."""
    (found,) = changes(old, new, now)
    return found


def by_id(items: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """An entry of a list."""
    return next(item for item in items if item["id"] == name)


# --- medicines -------------------------------------------------------------------------------------------------------


def medicine(**fields: Any) -> dict[str, Any]:
    """A medicine."""
    return {"id": "m", "name": "M", "strength": "20 mg", "dose": "1 tablet", "times": ["08:00"], **fields}


def medicines(*entries: dict[str, Any]) -> Content:
    """A list of medicines."""
    return {"medications": {"medications": list(entries)}}


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("40 mg", "40", "mg"), ("40mg", "40", "mg"), ("0.5 g", "0.5", "g"), ("1 tablet", "1", "tablets"),
        ("half a tablet", "1/2", "tablets"), ("½ tablet", "1/2", "tablets"), ("1/2 tablet", "1/2", "tablets"),
        ("a tablet", "1", "tablets"), ("Two tablets", "2", "tablets"), ("one and a half tablets", "3/2", "tablets"),
        ("1½ tablets", "3/2", "tablets"), ("1 1/2 tablets", "3/2", "tablets"), ("5 ml", "5", "ml"),
        ("2 puffs", "2", "puffs"), ("10 mEq", "10", "mEq"), ("100 mcg", "100", "mcg"), ("12 units", "12", "units"),
    ],
)  # fmt: skip
def test_a_plain_amount_is_read(text: str, number: str, unit: str) -> None:
    found = amount(text)
    assert found is not None
    assert (found.number, found.unit) == (Fraction(number), unit)


@pytest.mark.parametrize(
    "text",
    ["1-2 tablets", "1 to 2 tablets", "1,000 mg", "0,5 mg", ".5 mg", "as directed", "1 tablet twice", "a little", "",
     "0 mg", "1 tablet (40 mg)", "2 x 40 mg", "1 teaspoon", "010 mg", "40", "mg", "5 m", "half and a half tablet",
     None, 40],
)  # fmt: skip
def test_anything_else_is_not_guessed(text: object) -> None:
    assert amount(text) is None


@pytest.mark.parametrize(
    ("entry", "total"),
    [
        ({}, "20 mg"),
        ({"times": ["08:00", "20:00"]}, "40 mg"),
        ({"dose": "half a tablet"}, "10 mg"),
        ({"dose": "5 ml", "strength": "50 mg/5 ml"}, "50 mg"),
        ({"dose": "10 ml", "strength": "50 mg per 5 ml"}, "100 mg"),
        ({"dose": "2 puffs", "strength": "90 mcg/puff", "times": ["08:00", "20:00"]}, "360 mcg"),
        ({"dose": "2 drops", "strength": "5 mg"}, "2 drops"),
        ({"dose": "1 patch", "strength": "12 mcg/h"}, "1 patch"),
        ({"dose": "1 tablet", "strength": "600 mg / 400 IU"}, "1 tablet"),
        ({"dose": "1 tablet", "times": [], "as_needed": {"reason": "pain", "max_per_day": 4}}, "at most 80 mg"),
    ],
)
def test_what_is_taken_in_a_day(entry: dict[str, Any], total: str) -> None:
    assert str(daily(medicine(**entry))) == total


@pytest.mark.parametrize(
    "entry",
    [
        {"schedule": "every other day"},
        {"as_needed": {"reason": "pain", "max_per_day": 4}},  # and at 08:00
        {"times": [], "as_needed": {"reason": "pain"}},
        {"times": []},
        {"times": ["08:00", "8:00"]},
        {"dose": "1-2 tablets"},
    ],
)
def test_where_a_day_is_not_clear_no_total_is_told(entry: dict[str, Any]) -> None:
    assert isinstance(daily(medicine(**entry)), NotKnown)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ({}, {"dose": "2 tablets"}, "in a day 20 mg, now 40 mg: twice as much"),
        ({}, {"strength": "40 mg", "times": ["08:00", "20:00"]}, "in a day 20 mg, now 80 mg: 4 times as much"),
        ({"strength": "500 mg"}, {"strength": "1 g"}, "in a day 500 mg, now 1 g: twice as much"),
        ({"dose": "2 tablets"}, {"dose": "1 tablet", "times": ["08:00", "20:00"]}, "40 mg in a day as before"),
        ({"strength": "20 mg"}, {"strength": "20 IU"}, "the day's totals cannot be compared: 20 mg and 20 IU"),
        ({"strength": "a"}, {"strength": "b"}, "the day's totals cannot be compared: 1 tablet and 1 tablet"),
        ({"dose": "5 ml", "strength": "weak"}, {"dose": "5 ml", "strength": "strong"},
         "the day's totals cannot be compared: the strength is another one"),
        ({}, {"dose": "a little"}, "the day's total is not worked out: the dose is not a plain amount"),
    ],
)  # fmt: skip
def test_what_becomes_of_a_day(old: dict[str, Any], new: dict[str, Any], said: str) -> None:
    assert difference(medicine(**old), medicine(**new))[0] == said


@pytest.mark.parametrize(
    ("factor", "said"),
    [("2", "twice as much"), ("3", "3 times as much"), ("1/2", "half as much"), ("3/2", "50% more"),
     ("3/4", "25% less"), ("5/2", "2.5 times as much"), ("1/3", "a third as much"), ("4/3", "about 33.3% more")],
)  # fmt: skip
def test_factors_in_words(factor: str, said: str) -> None:
    assert times_as_much(Fraction(factor)) == said


def test_the_one_most_telling_change_of_a_dose_carries_the_whole() -> None:
    old, new = medicines(medicine()), medicines(medicine(dose="2 tablets", times=["08:00", "20:00"]))
    dose, times = changes(old, new)
    assert (dose.rule, times.rule) == ("med-dose-changed", "med-times-changed")
    assert "4 times as much" in dose.message
    assert "as much" not in times.message
    assert "The day's total stands at `dose`." in times.notes


def test_a_change_of_dose_wants_an_entry_in_changed() -> None:
    old = medicines(medicine())
    missing = "`changed` has no new entry with `strength` in it: who ordered this, and why?"
    assert missing in one(old, medicines(medicine(strength="40 mg"))).notes

    def notes(**change: Any) -> tuple[str, ...]:
        found = changes(old, medicines(medicine(strength="40 mg", changed=[{"date": "2026-11-20", **change}])))
        return next(item.notes for item in found if item.field == "strength")

    assert notes(was={"strength": "20 mg"}, reason="Ankles") == ()
    assert "it was 30 mg; it was 20 mg" in notes(was={"strength": "30 mg"}, reason="Ankles")[0]
    assert notes(was={"strength": "20 mg"}) == ("The new entry in `changed` gives no reason.",)
    assert missing in notes(was={"dose": "1 tablet"}, reason="Ankles")


def test_a_slipped_decimal_point_and_a_slipped_unit_are_asked_about() -> None:
    ten = one(medicines(medicine()), medicines(medicine(strength="200 mg")))
    assert "Exactly 10 times more: has a decimal point slipped?" in ten.notes
    thousand = one(medicines(medicine(strength="100 mcg")), medicines(medicine(strength="100 mg")))
    assert "Exactly 1000 times more: has the unit slipped?" in thousand.notes


def test_the_end_of_a_medicine() -> None:
    old = medicines(medicine())
    stopped = one(old, medicines(medicine(until="2026-11-22")))
    assert (stopped.rule, stopped.notes) == ("med-stopped", ("`reason` does not say why.",))
    gone = one(old, medicines())
    assert gone.rule == "med-removed"
    assert "Nothing says when and why it was stopped." in gone.notes
    assert one(medicines(medicine(until="2026-11-22")), old).rule == "med-resumed"
    held = one(old, medicines(medicine(held=[{"from": "2026-11-23", "reason": "Low pressure"}])))
    assert held.message == ("Medicine M (m) held from Mon 2026-11-23 until further notice; reason: Low pressure")


def test_a_medicine_that_takes_the_place_of_another() -> None:
    old = medicines(medicine(indication="Pressure"))
    new = medicines(medicine(indication="Pressure", until="2026-11-22", reason="Cough"),
                    medicine(id="n", name="N", indication="Pressure", **{"from": "2026-11-23"}))  # fmt: skip
    started = next(item for item in changes(old, new) if item.rule == "med-started")
    assert "M (m), for the same, ends on Sun 2026-11-22." in started.notes


# --- plans -----------------------------------------------------------------------------------------------------------


def plan(**goal: Any) -> Content:
    """A plan with one problem and one goal."""
    goal = {"id": "g", "text": "Walk", "status": "active", "baseline": 2, "target": 10, **goal}
    return {"care-plan": {"problems": [{"id": "p", "statement": "Weak", "status": "active", "goals": [goal]}]}}


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (20, "farther from where it started (2): more is asked"),
        (5, "nearer to where it started (2): less is asked"),
        (0, "the other way from where it started (2)"),
        ("most days", "target changed from 10 to most days"),
    ],
)
def test_a_target_moves(new: object, said: str) -> None:
    found = one(plan(), plan(target=new))
    assert found.rule == "goal-target-changed"
    assert found.message.endswith(said)
    assert "for “Weak”" in found.message


def test_a_due_date_moves() -> None:
    found = one(plan(due="2026-11-27"), plan(due="2026-12-25"))
    assert found.message.endswith("due date changed from Fri 2026-11-27 to Fri 2026-12-25, 28 days later")


def test_a_problem_is_closed() -> None:
    new = plan()
    problem = new["care-plan"]["problems"][0]
    problem["status"] = "resolved"
    found = one(plan(), new)
    assert found.rule == "problem-closed-without-reason"
    assert found.notes == ("Still going on under it: g.",)
    problem["reason"] = "Strong again"
    rules = {item.field: item.rule for item in changes(plan(), new)}
    assert rules == {"status": "problem-closed", "reason": "problem-changed"}


# --- sharing ---------------------------------------------------------------------------------------------------------


def contact(*sharing: dict[str, Any]) -> Content:
    """A contact with what is shared."""
    return {"contacts": {"contacts": [{"id": "ana", "name": "Ana", "relationship": "niece", "sharing": list(sharing)}]}}


def agreed(**fields: Any) -> dict[str, Any]:
    """An agreement."""
    return {"topics": ["schedule"], "basis": "agreed", "given": "2026-08-03", "expires": "2027-08-03", **fields}


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ([agreed()], [agreed(topics=["schedule", "health"])], "sharing-widened"),
        ([agreed(topics=["schedule", "health"])], [agreed()], "sharing-narrowed"),
        ([agreed()], [agreed(topics=["all"])], "sharing-widened"),
        ([agreed()], [agreed(expires="2028-08-03")], "sharing-widened"),
        ([agreed()], [agreed(expires=None)], "sharing-widened"),
        ([agreed()], [agreed(expires="2026-12-31")], "sharing-narrowed"),
        ([agreed()], [agreed(revoked="2026-11-22")], "sharing-revoked"),
        ([agreed(revoked="2026-11-22")], [agreed()], "sharing-widened"),
        ([], [agreed()], "sharing-widened"),
        ([agreed()], [], "sharing-narrowed"),
        ([], [agreed(expires="2026-10-01")], "sharing-backdated"),
        ([agreed(expires="2026-10-01")], [], "sharing-history-removed"),
        ([agreed(expires="2026-09-01")], [agreed(expires="2026-10-01")], "sharing-backdated"),
        # An authorization without an end lets nobody know anything.
        ([], [agreed(basis="authorization", expires=None)], "sharing-changed"),
        # The same is live by another entry.
        ([agreed(basis="care_team", topics=["all"])], [agreed(basis="care_team", topics=["all"]), agreed()],
         "sharing-changed"),
    ],
)  # fmt: skip
def test_who_may_be_told_more_or_less(old: list[dict[str, Any]], new: list[dict[str, Any]], rule: str) -> None:
    assert one(contact(*old), contact(*new)).rule == rule


def test_what_is_taken_back_in_part_goes_on_without_being_wider() -> None:
    """As `contact revoke` writes it: the whole entry ends, and the rest goes on in a new one."""
    both = agreed(topics=["schedule", "health"])
    rest = agreed(given="2026-11-22", continues="2026-08-03")
    rules = [item.rule for item in changes(contact(both), contact({**both, "revoked": "2026-11-22"}, rest))]
    assert rules == ["sharing-revoked", "sharing-changed"]


def test_days_covered_are_those_on_which_an_entry_is_live() -> None:
    rng = random.Random(7)
    days = [dt.date.fromisoformat(text) for text in DATES]
    count = 0
    for _ in range(3000):
        entry: dict[str, Any] = {
            "topics": rng.sample([*TOPICS, "all"], 2), "basis": rng.choice(["authorization", "agreed"]),
            "given": rng.choice(DATES), "expires": rng.choice([None, *DATES]),
            "revoked": rng.choice([None, None, *DATES]),
        }  # fmt: skip
        names = ("given", "expires", "revoked")
        dates = {name: dt.date.fromisoformat(entry[name]) if entry[name] else None for name in names}
        record = Sharing(topics=tuple(entry["topics"]), basis=entry["basis"], **dates)  # type: ignore[arg-type]
        covered = disclosure.cover([entry])
        for day in [day + dt.timedelta(days=shift) for day in days for shift in (-1, 0, 1)]:
            for topic in TOPICS:
                inside = any(part.first <= day.toordinal() <= part.last for part in covered.get(topic, ()))
                assert inside == (is_live(record, day) and (topic in record.topics or "all" in record.topics))
                count += 1
    assert count > 100_000


def test_a_new_contact_weighs_more_if_something_is_shared() -> None:
    nobody: Content = {"contacts": {"contacts": []}}
    assert one(nobody, contact()).rule == "contact-added"
    told = one(nobody, contact(agreed()))
    assert told.rule == "contact-added-with-sharing"
    assert told.message == "Contact Ana (ana) is new and may be told about schedule until Tue 2027-08-03"


# --- visits ----------------------------------------------------------------------------------------------------------


def series(**fields: Any) -> Content:
    """A series."""
    entry = {"id": "am", "service": "personal_care", "staff": "jo-park", "from": "2027-01-04", "days": ["mon", "wed"],
             "at": "09:00", "duration": "2h", **fields}  # fmt: skip
    return {"visits": {"series": [{name: value for name, value in entry.items() if value is not None}]}}


@pytest.mark.parametrize(
    ("fields", "hours"),
    [
        ({}, "4 h"),
        ({"every": "2w"}, "2 h on average"),
        ({"duration": None, "to": "09:45"}, "1 h 30 min"),
        ({"at": "22:00", "duration": None, "to": "06:00"}, "16 h"),
        ({"days": None, "rrule": "FREQ=WEEKLY;BYDAY=MO,TH"}, "4 h on average"),
        ({"days": None, "rrule": "FREQ=MONTHLY;BYDAY=2WE", "duration": "45m"}, "about 10 min on average"),
        ({"days": None}, "None"),
        ({"to": "10:00"}, "None"),
        ({"at": "soon"}, "4 h"),
        ({"duration": "long"}, "None"),
    ],
)
def test_hours_a_week(fields: dict[str, Any], hours: str) -> None:
    assert str(weekly(series(**fields)["visits"]["series"][0])) == hours


@pytest.mark.parametrize(
    ("fields", "rule", "said"),
    [
        ({"days": ["mon"]}, "series-hours-cut", "4 h a week become 2 h, 2 h less"),
        ({"duration": "2h30m"}, "series-hours-raised", "4 h a week become 5 h, 1 h more"),
        ({"days": ["tue", "thu"]}, "series-days-changed", "4 h a week as before"),
        ({"rrule": "FREQ=YEARLY"}, "series-hours-changed", "the hours a week are not worked out"),
        ({"at": "10:30"}, "series-time-changed", "time changed from 09:00 to 10:30, 1 h 30 min later"),
        ({"staff": None}, "series-unstaffed", "nobody is down for it (before: Jo Park (jo-park))"),
        ({"staff": "dana"}, "series-staff-changed", "(dana) comes (before: Jo Park (jo-park))"),
        ({"until": "2027-02-28"}, "series-ended", "ends on Sun 2027-02-28; nothing follows it"),
        ({"except": ["2027-01-11"]}, "series-days-off-added", "days left out set to"),
    ],
)
def test_a_series_changes(fields: dict[str, Any], rule: str, said: str) -> None:
    found = one(series(), series(**fields))
    assert found.rule == rule
    if rule != "series-days-off-added":
        assert said in found.message


def test_a_series_that_has_begun_changes_what_was() -> None:
    old, new = series(**{"from": "2026-08-03"}), series(at="10:00", **{"from": "2026-08-03"})
    assert one(old, new).notes[0].startswith("It began on Mon 2026-08-03: visits of the past")


def visit(**fields: Any) -> Content:
    """A visit of a series."""
    found = series(**{"from": "2026-08-03"})
    return {"visits": {**found["visits"], "visits": [{"id": "v", "series": "am", "day": "2026-11-25", **fields}]}}


@pytest.mark.parametrize(
    ("old", "new", "rule", "said"),
    [
        ({"at": "09:00"}, {"at": "10:30"}, "visit-moved",
         "moved from Wed 2026-11-25 09:00 to Wed 2026-11-25 10:30, 1 h 30 min later"),
        ({"at": "09:30", "reason": "Bus"}, {"at": "10:30", "reason": "Bus"}, "visit-moved", "10:30, 1 h later"),
        ({}, {"date": "2026-11-26"}, "visit-moved",
         "moved from Wed 2026-11-25 09:00 to Thu 2026-11-26 09:00, 1 day later"),
        ({}, {"status": "cancelled"}, "visit-cancelled-without-reason", "is cancelled without a reason (was planned)"),
        ({"status": "cancelled"}, {}, "visit-reinstated", "is planned again (was cancelled)"),
        ({}, {"staff": []}, "visit-unstaffed", "nobody is down for it (before: who is due comes)"),
        ({"day": "2026-11-20", "status": "done"}, {"day": "2026-11-20", "status": "missed"}, "past-visit-rewritten",
         "status changed from done to missed"),
        ({"day": "2026-11-20", "status": "done"}, {"day": "2026-11-20", "status": "done", "note": "Late"},
         "past-entry-completed", "note set to Late (nothing before)"),
        ({"day": "2026-11-20"}, {"day": "2026-11-20", "status": "done"}, "visit-delivered", "took place (was planned)"),
        ({"day": "2026-11-22", "status": "done"}, {"day": "2026-11-22", "status": "missed"}, "visit-missed",
         "was missed: nobody came (was done)"),
    ],
)  # fmt: skip
def test_a_visit_changes(old: dict[str, Any], new: dict[str, Any], rule: str, said: str) -> None:
    found = one(visit(**old), visit(**new))
    assert found.rule == rule
    assert said in found.message


def test_the_past_is_that_of_the_clients_zone() -> None:
    def content(text: str) -> Content:
        return {"client": {"id": "c-001", "timezone": "Asia/Tokyo"},
                "notes": {"notes": [{"id": "n", "at": "2026-11-22T10:00", "text": text}]}}  # fmt: skip

    # Late on the 22nd in Chicago it is the 23rd in Tokyo.
    assert one(content("One"), content("Two"), "2026-11-22T06:40").rule == "note-changed"
    assert one(content("One"), content("Two"), "2026-11-22T12:00").rule == "past-entry-rewritten"


# --- what is not shown -----------------------------------------------------------------------------------------------


def test_what_is_sensitive_is_not_shown_anywhere() -> None:
    old: Content = {"client": {"id": "c-001", "address": {"access": "Code 1234"},
                               "insurance": [{"payer": "Medicare", "member_id": "1EG4"}]},
                    "notes": {"notes": [{"id": "n", "at": "2026-11-22T06:00", "text": "She wept", "private": True}]},
                    "care-plan": {"problems": [{"id": "p", "statement": "Weak", "status": "active"}]}}  # fmt: skip
    new = copy.deepcopy(old)
    new["client"]["address"]["access"] = "Code 5678"
    new["client"]["insurance"][0]["member_id"] = "9ZZZ"
    new["notes"]["notes"][0]["text"] = "She raged"
    new["notes"]["notes"].append({"id": "o", "at": "2026-11-22T06:10", "text": "Weeps again", "private": True})
    new["care-plan"]["problems"][0]["goals"] = [{"id": "g", "text": "Secret goal", "status": "active", "private": True}]
    concern = {"id": "c", "kind": "worry", "at": "2026-11-20", "facts": "Bruises", "private": True}
    old["concerns"] = {"concerns": [{**concern, "told": [{"who": {"name": "Secret lawyer"}, "at": "2026-11-20"}]}]}
    new["concerns"] = {"concerns": [{**concern, "told": [{"who": {"name": "Secret friend"}, "at": "2026-11-20"}]}]}
    gone: Content = {**new, "care-plan": {"problems": []}}
    whole = judge(compare(state({}), state(new)), state({}), state(new), setting())
    for found in (changes(old, new), changes(new, old), changes(new, gone), whole):
        text = repr(found)
        for secret in ("1234", "5678", "1EG4", "9ZZZ", "wept", "raged", "Weeps", "Secret"):
            assert secret not in text
    access = next(item for item in changes(old, new) if item.rule == "client-access-changed")
    assert (access.old, access.new) == (NOT_SHOWN, NOT_SHOWN)
    assert access.message == "Client record: how to get in (changed)"


def test_words_that_went_and_came_are_marked() -> None:
    assert marked("Hearing aid in the left ear", "Hearing aids in both ears") == (
        "Hearing [-aid-][+aids+] in [-the left ear-][+both ears+]"
    )
    assert marked("Sundays at the church there", "Sundays and Wednesdays at the church there") == (
        "Sundays[+ and Wednesdays+] at the church there"
    )
    assert marked("one two  three", "one two\nthree") == "only blanks or line breaks"


# --- the whole -------------------------------------------------------------------------------------------------------


def rich() -> tuple[Content, Content]:
    """A week's changes of the example's plan, medicines, sharing and visits."""
    old = example("c-014")
    new = copy.deepcopy(old)
    medications = new["medications"]["medications"]
    by_id(medications, "furosemide").update(dose="2 tablets", times=["08:00", "14:00"])
    by_id(medications, "lisinopril")["until"] = "2026-11-22"
    hold = {"from": "2026-11-23", "until": "2026-11-25", "reason": "Blood test first"}
    by_id(medications, "potassium")["held"] = [hold]
    by_id(medications, "acetaminophen")["as_needed"]["max_per_day"] = 6
    medications.remove(by_id(medications, "calcium-d"))
    medications.append({"id": "losartan", "name": "Losartan", "strength": "25 mg", "dose": "1 tablet",
                        "times": ["08:00"], "indication": "High blood pressure", "from": "2026-11-23",
                        "prescriber": "dr-lee"})  # fmt: skip
    problems = new["care-plan"]["problems"]
    by_id(problems, "bathing")["status"] = "resolved"
    falls = by_id(problems, "falls")
    by_id(falls["goals"], "no-falls").update(target=1, due="2027-03-03")
    by_id(falls["interventions"], "rail-walk")["status"] = "stopped"
    weigh = by_id(by_id(problems, "heart")["interventions"], "weigh")
    weigh["text"] = weigh["text"].replace("hour if up 1 kg", "day if up 2 kg")
    contacts = new["contacts"]["contacts"]
    daniel = by_id(contacts, "daniel")["sharing"][0]
    daniel.update(topics=["schedule", "wellbeing", "health"], expires="2028-09-19")
    by_id(contacts, "ruth")["sharing"][0]["revoked"] = "2026-11-22"
    by_id(contacts, "maria").update(email="maria.alvarez@family.example", roles=["health_care_proxy", "bill_to"])
    contacts.insert(0, contacts.pop(1))
    visits = new["visits"]
    by_id(visits["series"], "am-care").update(days=["mon", "fri"], duration="1h30m", staff="lucia-nunez")
    by_id(visits["visits"], "am-care-2026-11-25")["at"] = "10:00"
    by_id(visits["visits"], "am-care-2026-11-20")["actual"]["out"] = "11:31"
    by_id(visits["visits"], "pt-eval")["status"] = "cancelled"
    visits["visits"].remove(by_id(visits["visits"], "saturday-2026-11-21"))
    visits["visits"].append({"id": "am-care-2026-11-30", "series": "am-care", "day": "2026-11-30", "date": "2026-12-01",
                             "at": "10:00", "reason": "Snow"})  # fmt: skip
    new["client"].update(code_status="full", **{"x-parking": "Permit zone D"})
    new["client"]["address"]["access"] = "Key safe right of the side door"
    return old, new


def test_a_rich_change_reads_well() -> None:
    lines = []
    for item in changes(*rich()):
        lines += [f"{item.severity:6} {item.rule}  {item.fingerprint}", f"       {item.message}"]
        lines += [f"       ! {note}" for note in item.notes]
    text = "\n".join(lines) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


# --- corrections -----------------------------------------------------------------------------------------------------


def test_a_correction_says_of_what_and_what_is_another() -> None:
    visit = {"id": "v", "series": "am", "day": "2026-10-30", "status": "done", "note": "Slept", "author": "jo-park",
             "actual": {"in": "08:58", "out": "10:58"}, "did": {"light": "done"}}  # fmt: skip
    later = {**visit, "id": "v-amended", "amends": "visits/v", "actual": {"in": "08:58", "out": "11:30"},
             "note": "Slept\nAmended 2026-11-22 by Dana: she left later", "author": "dana"}  # fmt: skip
    found = one({"visits": {"visits": [visit]}}, {"visits": {"visits": [visit, later]}})
    assert (found.rule, found.severity) == ("entry-corrected", "medium")
    assert "is a correction of visits/v; " in found.message
    assert "departure from 10:58 to 11:30" in found.message
    assert "added to note: “Amended 2026-11-22 by Dana: she left later”" in found.message
    assert not any(word in found.message for word in ("took place", "arrival", "light", "author"))
    # Where the earlier one is not there, or private, no more is said than that.
    hidden: list[dict[str, Any]] = [{**visit, "private": True}]
    for there in ([], hidden):
        told = one({"visits": {"visits": there}}, {"visits": {"visits": [*there, later]}})
        assert told.message.endswith("is a correction of visits/v")


def test_a_correction_weighs_no_less_than_what_it_corrects() -> None:
    fall = {"id": "fall", "kind": "fall", "at": "2026-11-01T03:10", "facts": "Fell"}
    later = {**fall, "id": "fall-amended", "amends": "concerns/fall", "facts": "Fell in the bath"}
    found = one({"concerns": {"concerns": [fall]}}, {"concerns": {"concerns": [fall, later]}})
    added = one({"concerns": {"concerns": []}}, {"concerns": {"concerns": [fall]}})
    assert found.severity == max(added.severity, "medium", key=["low", "medium", "high"].index)
