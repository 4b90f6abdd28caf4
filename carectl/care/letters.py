"""What a letter to a family may contain: plain data, chosen before any template runs.

Free text comes from `for_family` alone; facts only of the topics that are shared. A section without anything to tell is
empty and stays out of the letter: a letter never says that nothing happened.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from carectl.care.moments import day_of, earlier, is_moment, later, moment_of, time_of
from carectl.care.schedule import Expansion, Occurrence, occurrences
from carectl.care.setting import Setting
from carectl.care.sharing import (
    NotShared,
    Reader,
    Spoken,
    Why,
    Withheld,
    barred,
    base,
    corrected_entries,
    entries_by_kind,
    in_order,
    live_topics,
    spoken,
    topic_withheld,
    unreadable,
    why_not,
)
from carectl.care.signing import Signer, signer_of
from carectl.caseload.records import (
    TOPICS,
    Chart,
    Client,
    Contact,
    Entry,
    Goal,
    Intervention,
    Medication,
    Note,
    Topic,
    Visit,
    Words,
)
from carectl.findings import Spot

SINCE_DAYS: Final = 14
"""How far back the first letter looks when nobody says."""
SENT: Final = "letter"
"""How the id of a note begins that tells of a family letter that was sent: letter-2026-11-22-1."""
AHEAD_DAYS: Final = 14
"""How many days of visits to come it shows, today included."""

_SETTLED: Final = frozenset({"done", "missed", "refused", "cancelled"})
"""What a visit's status must be before its words are news."""
_NOT_AT_HOME: Final = frozenset({"appointment", "transport"})
"""Services whose partner and place tell about someone's health."""
PLAIN_SERVICES: Final = frozenset({
    "personal_care", "companionship", "homemaking", "transport", "meals", "coordination",
})  # fmt: skip
"""Services that tell no more than who comes when. Therapy, or a word of the practice's own, may tell of health."""
_LETTER_LISTS: Final = frozenset({
    "client", "diagnoses", "contacts", "sharing", "assessments", "care-plan", "problems", "goals", "progress", "series",
    "visits", "medications", "notes", "concerns", "measurements",
})  # fmt: skip
"""What a letter draws on: a broken record elsewhere says nothing about it."""


# --- what the template sees ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class News:
    """Words for the family about one day."""

    day: dt.date
    words: str
    who: tuple[str, ...] = ()
    """Who was there, by given name; only if the schedule is shared."""


@dataclass(frozen=True, slots=True)
class ComingVisit:
    """A visit to come, in the client's local time."""

    day: dt.date
    start: dt.time
    end: dt.time
    service: str | None
    """The kind of visit; None if it tells about health, which is not shared."""
    who: tuple[str, ...]
    """Given names."""
    at_home: bool
    open: bool
    """Nobody is found yet. Without this and without a name, somebody comes whose name is not told."""
    cancelled: bool
    where: str | None = None
    """Only if health is shared."""
    words: str | None = None
    """Words for the family; only if wellbeing is shared."""


@dataclass(frozen=True, slots=True)
class GoalForFamily:
    """A goal; how it goes only if the goal's own topic is shared too."""

    text: str
    achievement: str | None = None
    news: tuple[News, ...] = ()


Change = Literal["plan_new", "goal_new", "goal_reached", "goal_not_reached", "task_new", "task_stopped"]
"""What can change in a plan."""


@dataclass(frozen=True, slots=True)
class PlanChange:
    """Something that changed in the plan, as far as the plan says when."""

    day: dt.date
    kind: Change
    words: str | None
    """What it is about; none for the plan itself."""


@dataclass(frozen=True, slots=True)
class MedicineForFamily:
    """A medicine as it is taken now; what it is for only if health is shared too."""

    name: str
    dose: str
    strength: str | None
    route: str | None
    times: tuple[dt.time, ...]
    schedule: str | None
    as_needed: bool
    max_per_day: float | None
    purpose: str | None
    held: bool
    stopped: dt.date | None
    changed: dt.date | None
    words: str | None


@dataclass(frozen=True, slots=True)
class MeasurementForFamily:
    """The newest value of its kind."""

    day: dt.date
    kind: str
    value: str
    unit: str | None
    words: str | None


@dataclass(frozen=True, slots=True)
class EventForFamily:
    """An assessment, or a fall or other incident: its kind, its day, and words if there are any."""

    day: dt.date
    kind: str
    words: str | None


@dataclass(frozen=True, slots=True)
class Letter:
    """Everything the template of a family letter can see."""

    language: str
    """The letter's own language, one of those carectl has words for."""
    date: dt.date
    since: dt.date
    until: dt.date
    """The last day of the visits to come."""
    to: str
    client: str
    """The client as this contact calls them."""
    signer: Signer
    news: tuple[News, ...] = ()
    incidents: tuple[EventForFamily, ...] = ()
    goals: tuple[GoalForFamily, ...] = ()
    changes: tuple[PlanChange, ...] = ()
    diagnoses: tuple[str, ...] = ()
    assessments: tuple[EventForFamily, ...] = ()
    measurements: tuple[MeasurementForFamily, ...] = ()
    medicines: tuple[MedicineForFamily, ...] = ()
    visits: tuple[ComingVisit, ...] = ()

    @property
    def says_something(self) -> bool:
        """Whether any section has anything in it."""
        return bool(
            self.news or self.incidents or self.goals or self.changes or self.diagnoses or self.assessments
            or self.measurements or self.medicines or self.visits
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class FamilyLetter:
    """A letter, and beside it what the coordinator must know and the reader must not."""

    letter: Letter
    topics: frozenset[Topic]
    """What may be shared with the reader today."""
    told: frozenset[Topic]
    """What of that the letter really tells something about."""
    last: Note | None
    """The letter before this one, from which it goes on; None if `since` was given or there is none."""
    withheld: tuple[Withheld, ...]


# --- choosing --------------------------------------------------------------------------------------------------------


def family_letter(
    chart: Chart,
    contact: Contact,
    setting: Setting,
    since: dt.date | None = None,
    until: dt.date | None = None,
    languages: Iterable[str] = ("en", "es"),
) -> FamilyLetter | NotShared:
    """The letter that a contact may have today, or why there is none.

    It looks back to `since` (if not said, to the day of their last letter, else 14 days) and ahead through `until`
    (14 days). `languages` are those that there are words for; a contact who reads another gets English, and the
    coordinator is told.
    """
    if setting.practice is None:
        return NotShared("unreadable", "the practice in carectl.yaml could not be read")
    lost = tuple(item for item in unreadable(chart) if item.what.split("/")[0].split(",")[0] in _LETTER_LISTS)
    if (bar := barred(chart, contact, setting)) is not None or chart.client is None:
        reason, words = (bar.reason, bar.words) if bar else ("unreadable", "client.yaml could not be read")
        oneself = ": this is a letter to write oneself" if reason == "deceased" else ""
        return NotShared(reason, words + oneself, lost)
    today = setting.today_at(chart)
    topics = live_topics(contact, today)
    if not topics:
        return nothing_shared(contact, today, lost)
    last = last_letter(chart, contact, setting) if since is None else None
    if since is None:
        zone = setting.zone(chart)
        since = moment_of(last.at, zone).astimezone(zone).date() if last else earlier(today, SINCE_DAYS)
    choice = Choice(chart, chart.client, contact, setting, topics, today, since, until or later(today, AHEAD_DAYS - 1))
    choice.withheld.extend(lost)
    letter = choice.letter(frozenset(languages))
    aside = in_order(choice.withheld)
    if not letter.says_something:
        return NotShared("nothing_to_say", f"of what is shared with {contact.id} there is nothing to tell yet", aside)
    return FamilyLetter(letter, topics, frozenset(choice.told), last, aside)


def last_letter(chart: Chart, contact: Contact, setting: Setting) -> Note | None:
    """The newest family letter to a contact that notes.yaml knows of, by the id that `letter family --sent` gives.

    Any other letter may have told them only a part: it would be wrong to go on from there.
    """
    zone, corrected = setting.zone(chart), corrected_entries(chart)
    sent = [
        (moment_of(note.at, zone), note)
        for note in chart.notes
        if note.with_ == contact.id and note.id.startswith(f"{SENT}-") and ("notes", note.id) not in corrected
    ]
    past = [item for item in sent if item[0] <= setting.now_at(chart)]
    return max(past, key=lambda item: item[0])[1] if past else None


def disclosure(found: FamilyLetter) -> str:
    """What a note about a letter that was sent says: how much of what was in it, and none of the words."""
    letter = found.letter
    sections = (
        ("how they are", letter.news), ("what happened", letter.incidents), ("goals", letter.goals),
        ("changes of the plan", letter.changes), ("diagnoses", letter.diagnoses), ("assessments", letter.assessments),
        ("measurements", letter.measurements), ("medicines", letter.medicines),
        (f"visits through {letter.until}", letter.visits),
    )  # fmt: skip
    told = ", ".join(f"{name} ({len(items)})" for name, items in sections if items)
    return f"Family letter sent, in {letter.language}, telling of what came since {letter.since}: {told}."


def medicine_now(item: Medication, today: dt.date) -> MedicineForFamily:
    """A medicine as it is taken on a day, with what it is for."""
    return MedicineForFamily(
        name=item.name,
        dose=item.dose,
        strength=item.strength,
        route=item.route,
        times=tuple(time_of(time) for time in item.times),
        schedule=item.schedule,
        as_needed=item.as_needed is not None,
        max_per_day=item.as_needed.max_per_day if item.as_needed else None,
        purpose=item.as_needed.reason if item.as_needed else item.indication,
        held=any(held.from_ <= today and (held.until is None or today <= held.until) for held in item.held),
        stopped=item.until if item.until is not None and item.until < today else None,
        changed=None,
        words=None,
    )


def nothing_shared(contact: Contact, today: dt.date, lost: tuple[Withheld, ...]) -> NotShared:
    """The refusal for a contact with whom nothing is shared on a day."""
    words = f"nothing may be shared with {contact.id}: {_why_nothing(contact, today)}"
    return NotShared("nothing_shared", words, lost)


def _each(topic: Topic | None) -> Iterable[Topic]:
    """A topic by itself; `all` is every one."""
    return TOPICS if topic == "all" else (topic,) if topic else ()


def _why_nothing(contact: Contact, today: dt.date) -> str:
    if not contact.sharing:
        return "contacts.yaml has no sharing entry for them"
    latest = max(contact.sharing, key=lambda entry: entry.given)
    return why_not(contact, latest.topics[0], today) if latest.topics else "their sharing entry names no topic"


def _told_of(entry: Entry) -> list[object]:
    """What letters tell of an entry."""
    return [getattr(entry, name, None) for name in ("for_family", "status", "kind", "value", "unit")]


@dataclass(slots=True)
class Choice:
    """One pass through a chart for one reader."""

    chart: Chart
    client: Client
    contact: Contact
    setting: Setting
    topics: frozenset[Topic]
    today: dt.date
    since: dt.date
    until: dt.date
    withheld: list[Withheld] = field(default_factory=list)
    told: set[Topic] = field(default_factory=set)
    """The topics about which something was found to tell."""
    reader: Reader = field(init=False)
    expansion: Expansion = field(init=False)

    def __post_init__(self) -> None:
        self.reader = Reader(self.chart, self.contact)
        first = min(self.since, self.today)
        self.expansion = occurrences(self.chart, self.setting, first, max(self.until, self.today))

    def letter(self, languages: frozenset[str]) -> Letter:
        """The whole letter. A topic that is not shared leaves its section empty."""
        name = self.client.name
        return Letter(
            language=self.language(languages),
            date=self.today,
            since=self.since,
            until=self.until,
            to=self.contact.name,
            client=self.contact.calls_client or name.called,
            signer=signer_of(self.setting),
            news=self.news(),
            incidents=self.incidents(),
            goals=self.goals(),
            changes=self.changes(),
            diagnoses=self.diagnoses(),
            assessments=self.assessments(),
            measurements=self.measurements(),
            medicines=self.medicines(),
            visits=self.visits(),
        )

    # --- small things ---

    def aside(self, what: str, why: Why, words: str, spot: Spot) -> None:
        """Tell the coordinator something."""
        self.withheld.append(Withheld(what, why, words, spot))

    def language(self, languages: frozenset[str]) -> str:
        """The language of the letter's own sentences."""
        wanted = self.contact.language or "en"
        spot = self.contact.origin.at("language")
        if "language" in self.contact.origin.unread:
            self.aside(f"contacts/{self.contact.id}", "language", "language could not be read; English was used", spot)
        for key in (wanted, base(wanted)):
            if key in languages:
                return key
        self.aside(f"contacts/{self.contact.id}", "language",
                   f"reads {wanted}, which carectl has no words for; English was used", spot)  # fmt: skip
        return "en"

    def shares(self, *topics: Topic) -> bool:
        """Whether all of these topics are shared; the topic `all` means every one."""
        return all(set(TOPICS) <= self.topics if topic == "all" else topic in self.topics for topic in topics)

    def recent(self, when: str, entry: Entry) -> dt.date | None:
        """The client's local day of a date or moment, if it has come and is news to the reader."""
        day = self.day_gone(when)
        return self.period(day, entry) if day else None

    def day_gone(self, when: str) -> dt.date | None:
        """The client's local day of a date or moment, if it has come."""
        if not is_moment(when):
            return day_of(when) if day_of(when) <= self.today else None
        zone = self.setting.zone(self.chart)
        moment = moment_of(when, zone).astimezone(zone)
        return moment.date() if moment <= self.setting.now_at(self.chart) else None

    def period(self, day: dt.date | None, entry: Entry | None = None) -> dt.date | None:
        """The day, if it lies between `since` and today, or came before and the entry was written down only since."""
        if day is None or day > self.today:
            return None
        return day if day >= self.since or (entry is not None and self.new(entry)) else None

    def new(self, entry: Entry) -> dt.date | None:
        """The day on which an entry was written down, if it says so and that was since.

        A correction of which nothing is told otherwise is as old as the entry that it corrects.
        """
        entry = self.first_told(entry)
        return self.period(self.day_gone(entry.recorded)) if entry.recorded else None

    def first_told(self, entry: Entry) -> Entry:
        """The first of the entries that correct one another, as long as a letter would tell the same of each."""
        known = {id(entry)}
        while entry.amends is not None:
            name = entry.amends.rpartition("/")[2]
            same = (one for _, entries in entries_by_kind(self.chart) for one in entries if type(one) is type(entry))
            earlier = next((one for one in same if one.id == name), None)
            if earlier is None or id(earlier) in known or _told_of(earlier) != _told_of(entry):
                break
            known.add(id(earlier))
            entry = earlier
        return entry

    def visible(self, kind: str, entry: Entry) -> bool:
        """Whether an entry may be shown; if not, the coordinator is told."""
        found = self.reader.entry(kind, entry)
        if found is not None:
            self.withheld.append(found)
        return found is None

    def topic(self, topic: Topic, count: int) -> bool:
        """Whether a topic is shared; if not and there was something to tell, the coordinator is told."""
        if topic in self.topics:
            return True
        if count:
            self.withheld.append(topic_withheld(self.contact, topic, self.today, count))
        return False

    def say(self, words: Words | None, what: str, spot: Spot) -> str | None:
        """Words in the reader's language, as near as there are any."""
        if words is None:
            return None
        chosen: Spoken = spoken(words, self.contact.language or "en")
        if chosen.text and chosen.doubt:
            self.aside(what, "language", chosen.doubt, spot)
        return chosen.text or None

    def words(self, kind: str, entry: Entry) -> str | None:
        """An entry's words for the family."""
        return self.say(entry.for_family, f"{kind}/{entry.id}", entry.origin.at("for_family"))

    def as_filed(self, topic: str, spot: Spot) -> None:
        """Facts are shown in the chart's own words: a reader of another language may not understand them."""
        wanted = self.contact.language or "en"
        if base(wanted) != "en":
            self.aside(topic, "language", f"in the words of the chart; check that they are clear in {wanted}", spot)

    def given_names(self, staff: Iterable[str]) -> tuple[str, ...]:
        """Staff by given name. Someone who is not on file has no name to show."""
        return tuple(self.setting.staff[key].name.called for key in staff if key in self.setting.staff)

    # --- wellbeing ---

    def news(self) -> tuple[News, ...]:
        """How she is and what was done: words of visits and notes since, oldest first."""
        visits = [
            visit
            for visit in self.chart.visits
            if visit.status in _SETTLED and self.period(visit.date or visit.day, visit)
        ]
        told = [visit for visit in visits if visit.for_family]
        found: list[tuple[dt.date, str, str, News]] = []
        if self.topic("wellbeing", len(told)):
            self.wordless([visit for visit in visits if visit.status != "cancelled" and not visit.for_family])
            who = {item.id: item.staff for item in self.expansion.occurrences}
            for visit in told:
                day = visit.date or visit.day
                if day is None or not self.tellable(visit) or (words := self.words("visits", visit)) is None:
                    continue
                staff = who.get(visit.id, ()) if visit.status == "done" and "schedule" in self.topics else ()
                found.append((day, "visits", visit.id, News(day, words, self.given_names(staff))))
                self.told.add("wellbeing")
        for note in self.chart.notes:
            day = self.recent(note.at, note)
            if day is None or not note.for_family or not self.may_hear(note):
                continue
            if (words := self.words("notes", note)) is not None:
                found.append((day, "notes", note.id, News(day, words)))
                self.told.update(*map(_each, note.topics or ("wellbeing",)))
        return tuple(item for *_, item in sorted(found, key=lambda entry: entry[:3]))

    def tellable(self, visit: Visit) -> bool:
        """Whether neither the visit nor its series stands against telling of it."""
        found = self.reader.visit(visit)
        self.withheld.extend(found[:1])
        return not found

    def may_hear(self, note: Note) -> bool:
        """Whether a note's words are for this reader: every topic it is about must be shared (none: wellbeing)."""
        if not self.visible("notes", note):
            return False
        missing = [topic for topic in (note.topics or ("wellbeing",)) if not self.shares(topic)]
        if missing:
            words = f"is about {missing[0]}: {why_not(self.contact, missing[0], self.today)}"
            self.aside(f"notes/{note.id}", "topic", words, note.origin.at())
        return not missing

    def wordless(self, visits: list[Visit]) -> None:
        """Visits that were made, missed or refused and have no words for the family yet."""
        for visit in visits:
            if not self.reader.visit(visit):
                self.aside(f"visits/{visit.id}", "no_words", "has no words for the family yet", visit.origin.at())

    # --- concerns ---

    def incidents(self) -> tuple[EventForFamily, ...]:
        """Falls and other incidents since; never abuse, neglect or exploitation."""
        recent = [(day, item) for item in self.chart.concerns if (day := self.recent(item.at, item))]
        if not self.topic("concerns", sum(1 for _, item in recent if self.countable("concerns", item))):
            return ()
        found: list[EventForFamily] = []
        for day, item in sorted(recent, key=lambda pair: (pair[0], pair[1].id)):
            if not self.visible("concerns", item):
                continue
            words = self.words("concerns", item)
            if words is None:
                self.aside(f"concerns/{item.id}", "no_words", "has no words for the family yet; only its kind and day "
                           "are told", item.origin.at())  # fmt: skip
            found.append(EventForFamily(day, item.kind, words))
            self.told.add("concerns")
        return tuple(found)

    def countable(self, kind: str, entry: Entry) -> bool:
        """Whether an entry would be told if its topic were shared."""
        return self.reader.entry(kind, entry) is None

    # --- goals ---

    def goals(self) -> tuple[GoalForFamily, ...]:
        """Goals that are worked on."""
        if self.chart.plan is None:
            return ()
        problems = [problem for problem in self.chart.plan.problems if problem.status == "active"]
        if not self.topic("goals", sum(goal.status == "active" for problem in problems for goal in problem.goals)):
            return ()
        return tuple(
            self.goal(goal)
            for problem in problems
            if self.visible("care-plan", problem)
            for goal in problem.goals
            if goal.status == "active" and self.visible("care-plan", goal)
        )

    def goal(self, goal: Goal) -> GoalForFamily:
        """A goal's text, and how it goes if its own topic is shared."""
        what, text = f"care-plan/{goal.id}", self.goal_text(goal)
        self.told.add("goals")
        entries = [item for item in goal.progress if self.period(item.date)]
        if (not any(item.for_family for item in entries) and goal.achievement is None) or not self.progress_told(goal):
            return GoalForFamily(text)
        news: list[News] = []
        for item in sorted(entries, key=lambda entry: entry.date):
            if item.origin.unread:
                self.aside(what, "unreadable", "progress that could not be read whole", item.origin.at())
            elif item.for_family is None:
                words = f"its progress of {item.date} has no words for the family yet"
                self.aside(what, "no_words", words, item.origin.at())
            elif words_said := self.say(item.for_family, what, item.origin.at("for_family")):
                news.append(News(item.date, words_said))
        if goal.achievement or news:
            self.told.update(_each(goal.topic))
        return GoalForFamily(text, goal.achievement, tuple(news))

    def goal_text(self, goal: Goal) -> str:
        """A goal in words for the family, else as it stands in the plan."""
        spot = goal.origin.at("text")
        return self.words("care-plan", goal) or self.say(goal.text, f"care-plan/{goal.id}", spot) or ""

    def progress_told(self, goal: Goal) -> bool:
        """Whether it may be told how a goal goes; if not, the coordinator is told."""
        what = f"care-plan/{goal.id}"
        if goal.topic is None:
            self.aside(what, "topic", "names no topic, so its progress is told to nobody", goal.origin.at())
            return False
        if not self.shares(goal.topic):
            words = f"its progress is about {goal.topic}: {why_not(self.contact, goal.topic, self.today)}"
            self.aside(what, "topic", words, goal.origin.at("topic"))
            return False
        return True

    # --- the plan ---

    def changes(self) -> tuple[PlanChange, ...]:
        """What changed in the plan since, oldest first, as far as its dates tell."""
        plan = self.chart.plan
        if plan is None or "goals" not in self.topics:
            return ()
        found: list[PlanChange] = []
        if "period" not in plan.origin.unread and (day := self.period(plan.period.from_)):
            found.append(PlanChange(day, "plan_new", None))
        for problem in plan.problems:
            if problem.status == "proposed" or not self.visible("care-plan", problem):
                continue
            found += [change for goal in problem.goals for change in self.goal_changes(goal)]
            found += [change for item in problem.interventions for change in self.task_changes(item)]
        self.told.update({"goals"} if found else ())
        return tuple(sorted(found, key=lambda item: item.day))

    def goal_changes(self, goal: Goal) -> Iterable[PlanChange]:
        """A goal that is new, or is settled: on the day of its last progress, for the plan knows no other."""
        if goal.status == "active" and (day := self.new(goal)) and self.visible("care-plan", goal):
            yield PlanChange(day, "goal_new", self.goal_text(goal))
        last = max((item.date for item in goal.progress), default=None)
        if goal.status != "completed" or goal.achievement not in ("achieved", "not_achieved"):
            return
        if (day := self.period(last)) and self.visible("care-plan", goal) and self.progress_told(goal):
            reached = goal.achievement == "achieved"
            self.told.update(_each(goal.topic))
            yield PlanChange(day, "goal_reached" if reached else "goal_not_reached", self.goal_text(goal))

    def task_changes(self, item: Intervention) -> Iterable[PlanChange]:
        """Something that is done newly or no longer. Its text is the chart's: only words for the family are told."""
        stopped = self.period(item.stopped) if item.status == "stopped" else None
        day = stopped or (self.new(item) if item.status == "active" else None)
        if day is None or not self.visible("care-plan", item):
            return
        if (words := self.words("care-plan", item)) is None:
            what = "was stopped" if stopped else "is new"
            said = f"{what} and has no words for the family yet, so it is not told"
            self.aside(f"care-plan/{item.id}", "no_words", said, item.origin.at())
            return
        yield PlanChange(day, "task_stopped" if stopped else "task_new", words)

    # --- health ---

    def diagnoses(self) -> tuple[str, ...]:
        """Diagnoses in words, without their codes."""
        items = self.client.diagnoses
        if not self.topic("health", len(items)) or not items:
            return ()
        self.as_filed("diagnoses", self.client.origin.at("diagnoses"))
        for item in items:
            if item.origin.unread:
                self.aside("diagnoses", "unreadable", "one could not be read whole", item.origin.at())
        self.told.add("health")
        return tuple(item.text for item in items if not item.origin.unread)

    def assessments(self) -> tuple[EventForFamily, ...]:
        """Assessments since, and words if there are any. Scores wait until a letter can explain them."""
        recent = [item for item in self.chart.assessments if self.period(item.date, item)]
        if "health" not in self.topics:
            return ()
        found: list[EventForFamily] = []
        for item in sorted(recent, key=lambda item: (item.date, item.id)):
            if not self.visible("assessments", item):
                continue
            words = self.words("assessments", item)
            if words is None:
                said = "has no words for the family yet; only its kind and day are told"
                self.aside(f"assessments/{item.id}", "no_words", said, item.origin.at())
            found.append(EventForFamily(item.date, item.kind, words))
            self.told.add("health")
        return tuple(found)

    def measurements(self) -> tuple[MeasurementForFamily, ...]:
        """The newest of each kind since."""
        if "health" not in self.topics:
            return ()
        newest: dict[str, tuple[dt.date, MeasurementForFamily]] = {}
        for item in self.chart.measurements:
            day = self.recent(item.date, item)
            if day is None or not self.visible("measurements", item):
                continue
            self.told.add("health")
            if item.kind not in newest or newest[item.kind][0] <= day:
                shown = MeasurementForFamily(
                    day, item.kind, str(item.value), item.unit, self.words("measurements", item)
                )
                newest[item.kind] = (day, shown)
        return tuple(newest[kind][1] for kind in sorted(newest))

    # --- medications ---

    def medicines(self) -> tuple[MedicineForFamily, ...]:
        """What is taken now, and what was stopped since."""
        items = [
            item
            for item in self.chart.medications
            if item.from_ <= self.today and (item.until is None or item.until >= min(self.since, self.today))
        ]
        if not self.topic("medications", sum(self.countable("medications", item) for item in items)) or not items:
            return ()
        self.as_filed("medications", items[0].origin.at())
        return tuple(self.medicine(item) for item in items if self.visible("medications", item))

    def medicine(self, item: Medication) -> MedicineForFamily:
        """One medicine. The reason to take it tells about health, so it needs that topic as well.

        A schedule in words is a part of the order, without which the dose misleads: it is told, and the coordinator
        is asked to read it, for anything can stand in words.
        """
        if item.schedule:
            self.aside(f"medications/{item.id}", "as_written", "its schedule is in the words of the chart; read it "
                       "before you send", item.origin.at("schedule"))  # fmt: skip
        now = medicine_now(item, self.today)
        changes = [change.date for change in item.changed if self.period(change.date)]
        words = self.words("medications", item)
        if words is None and (changes or now.stopped):
            what = "stopped" if now.stopped else "changed"
            said = f"was {what} and has no words for the family yet; only the day is told"
            self.aside(f"medications/{item.id}", "no_words", said, item.origin.at())
        purpose = now.purpose if "health" in self.topics else None
        self.told.update({"medications", "health"} if purpose else {"medications"})
        return replace(now, purpose=purpose, changed=max(changes) if changes else None, words=words)

    # --- schedule ---

    def visits(self) -> tuple[ComingVisit, ...]:
        """Visits that are still to come, cancelled ones too: a family that expects someone must know."""
        coming = [
            item
            for item in self.expansion.occurrences
            if item.day <= self.until and item.end > self.setting.now_at(self.chart) and item.status != "done"
        ]
        judged = [(item, self.reader.occurrence(item)) for item in coming]
        shown = [item for item, found in judged if found is None]
        if not self.topic("schedule", len(shown)):
            return ()
        self.withheld.extend(found for _, found in judged if found is not None)
        for item in self.expansion.missing:
            self.aside(f"schedule/{item.id}" if item.id else "schedule", "incomplete", item.why, item.at)
        return tuple(self.coming(item) for item in shown)

    def unnamed(self, item: Occurrence) -> None:
        """Tell the coordinator of those who come and have no name to show."""
        record = item.visit if item.visit and item.visit.staff is not None else item.rule
        for person in item.staff:
            if person not in self.setting.staff:
                why = "could not be read" if person in self.setting.unread_staff else "is not on file"
                spot = record.origin.at("staff") if record else Spot(self.chart.path)
                self.aside(f"staff/{person}", "incomplete", f"{why}, so the letter does not say who comes", spot)

    def coming(self, item: Occurrence) -> ComingVisit:
        """One visit. Where an appointment is, and with whom, tells about health."""
        health = "health" in self.topics
        at_home = item.where is None and item.service not in _NOT_AT_HOME
        who = self.given_names(item.staff)
        self.unnamed(item)
        partner = next((other for other in self.chart.contacts if other.id == item.with_), None)
        if partner is not None and (at_home or health) and not partner.private and self.contact.id not in partner.about:
            who = (*who, partner.name)
        words = None
        if item.visit is not None and "wellbeing" in self.topics:
            words = self.words("visits", item.visit)
        self.told.update({"schedule", "wellbeing"} if words else {"schedule"})
        if health and (item.service not in PLAIN_SERVICES or item.where or partner):
            self.told.add("health")
        return ComingVisit(
            day=item.day,
            start=item.start.time(),
            end=item.end.time(),
            service=item.service if item.service in PLAIN_SERVICES or health else None,
            who=who,
            at_home=at_home,
            # Only whoever was to come beside the one who is away: a doctor, say. That is nobody of ours.
            open=item.open or (item.short and not item.staff),
            cancelled=item.status in _SETTLED,
            where=item.where if health else None,
            words=words,
        )
