"""Who reads a paper for professionals, what of a chart is open to them, and the sections that come of it.

The chart's own words (reasons, statements, places) go only to a reader who treats the client; what was said in notes,
the facts of a concern and the coordinator's own remarks go to nobody.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from carectl.care.assessment import cautions, in_force, trend
from carectl.care.moments import age_on, day_of, earlier, in_days, is_moment, moment_of, start_of, time_of
from carectl.care.papers.parts import (
    AllergyEntry,
    AllergyPart,
    CallLine,
    CallPart,
    CodePart,
    DirectivePaper,
    EventLine,
    MeasurementLine,
    MeasurementPart,
    MedicineOnPaper,
    MedicinePart,
    Patient,
    PowerLine,
    ProblemOnPaper,
    ScoreLine,
    ScorePart,
    StayLine,
    TextPart,
    ToLine,
    WasLine,
)
from carectl.care.setting import Setting
from carectl.care.sharing import (
    NotShared,
    Reader,
    Why,
    Withheld,
    barred,
    base,
    in_order,
    is_live,
    live_topics,
    topic_withheld,
    unreadable,
    withheld,
)
from carectl.care.signing import Signer, signer_of
from carectl.caseload.records import (
    Assessment,
    Chart,
    Client,
    Contact,
    Entry,
    Measurement,
    Medication,
    Sharing,
    StaffMember,
    Topic,
    Who,
)
from carectl.findings import Spot

SINCE_DAYS: Final = 14
"""How far back a paper looks if nobody says and there is no earlier contact with its reader."""
STAY_DAYS: Final = 90
"""How long ago a stay in hospital or elsewhere still matters to a physician."""

Basis = Literal["sharing", "staff", "emergency", "treatment", "authorization"]
"""On what a paper goes out: what is shared with a contact, being down for the visit, or, for somebody who is not on
file, what the coordinator said."""

_CLINICAL: Final[tuple[Topic, ...]] = ("health", "medications", "concerns", "goals")
"""What a paper to somebody who treats the client can be about."""
_LISTS: Final = frozenset({
    "client", "diagnoses", "allergies", "advance_directives", "insurance", "away", "contacts", "sharing", "assessments",
    "instruments", "care-plan", "problems", "goals", "interventions", "series", "visits", "medications", "concerns",
    "measurements", "tasks", "notes",
})  # fmt: skip
_CALLED_ROLES: Final = frozenset({"emergency", "health_care_proxy", "guardian"})
_TREATING_ROLES: Final = frozenset({"physician", "specialist", "therapist", "nurse", "pharmacy"})
_POWER_ROLES: Final = frozenset({"health_care_proxy", "guardian"})


# --- who reads -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets a paper, and on what basis."""

    contact: Contact
    """As sharing sees them; made up for somebody who is no contact."""
    basis: Basis
    staff: StaffMember | None = None

    @property
    def is_contact(self) -> bool:
        """Whether they are on file as a contact."""
        return self.basis == "sharing"


def to_contact(contact: Contact) -> Recipient:
    """A contact: what they may be told is what is shared with them."""
    return Recipient(contact, "sharing")


def to_staff(member: StaffMember) -> Recipient:
    """A staff member, for the visit that they are down for. They are shown nothing that is about themselves."""
    return Recipient(_made_up(member.id, member.name.full, member.role.replace("_", " ")), "staff", member)


def to_name(name: str, basis: Basis, language: str | None = None) -> Recipient:
    """Somebody who treats the client and is not on file, such as an emergency room."""
    return Recipient(_made_up("", name, "", language), basis)


def _made_up(name_id: str, name: str, relationship: str, language: str | None = None) -> Contact:
    """A member of the care team in the eyes of sharing. No id that could be is empty: nothing is about it."""
    entry = Sharing(topics=_CLINICAL, basis="care_team", given=dt.date.min)
    return Contact(id=name_id, name=name, relationship=relationship, language=language, sharing=(entry,))


def last_contact(chart: Chart, contact: Contact, today: dt.date) -> dt.date | None:
    """The last day before today on which there was a note with this contact, or a visit to them was done."""
    days = [day_of(note.at) for note in chart.notes if note.with_ == contact.id]
    days += [
        day for visit in chart.visits if visit.with_ == contact.id and visit.status == "done"
        and (day := visit.date or visit.day)
    ]  # fmt: skip
    return max((day for day in days if day < today), default=None)


# --- choosing --------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Desk:
    """One pass through a chart for one reader of one paper."""

    chart: Chart
    client: Client
    setting: Setting
    recipient: Recipient
    since: dt.date
    """The first day of the time that the paper looks back on."""
    language: str
    withheld: list[Withheld]
    topics: frozenset[Topic] = field(init=False)
    """What may be shared with the reader today."""
    treats: frozenset[Topic] = field(init=False)
    """The topics that are shared with somebody who treats the client: these come with the chart's own words."""
    reader: Reader = field(init=False)
    used: set[Topic] = field(default_factory=set)
    """The topics of which something is in the paper."""
    shut: dict[Topic, int] = field(default_factory=dict)
    """How much was left out because its topic is not shared."""

    def __post_init__(self) -> None:
        contact = self.recipient.contact
        self.topics = live_topics(contact, self.today)
        entries = [e for e in contact.sharing if e.basis == "care_team" and is_live(e, self.today)]
        shared = {topic for entry in entries for topic in entry.topics}
        self.treats = self.topics if "all" in shared else frozenset(shared)
        self.reader = Reader(self.chart, contact)

    @property
    def today(self) -> dt.date:
        """The day it is where the client lives."""
        return self.setting.today_at(self.chart)

    @property
    def signer(self) -> Signer:
        """Who writes, and whom to call."""
        return signer_of(self.setting)

    # --- what is open ---

    def aside(self, what: str, why: Why, words: str, spot: Spot) -> None:
        """Tell the coordinator something."""
        self.withheld.append(Withheld(what, why, words, spot))

    def may(self, topic: Topic, count: int = 1) -> bool:
        """Whether a topic is shared; if not and there was something to tell, the coordinator is told."""
        if topic in self.topics:
            if count:
                self.used.add(topic)
            return True
        self.shut[topic] = self.shut.get(topic, 0) + count
        return False

    def told(self) -> tuple[Withheld, ...]:
        """What the coordinator must know beside the paper, each thing once."""
        contact = self.recipient.contact
        shut = [topic_withheld(contact, topic, self.today, count) for topic, count in self.shut.items() if count]
        return in_order((*self.withheld, *shut))

    def is_open(self, kind: str, entry: Entry) -> bool:
        """Whether an entry may be shown; if not, the coordinator is told.

        To those who treat the client the rest of a list is shown although an entry of it could not be read: half a list
        that says so is better at a bedside than none. To others nothing of such a list is.
        """
        lost = frozenset() if self.treats else self.reader.lost
        found = withheld(kind, entry, self.recipient.contact, self.reader.corrected, lost)
        if found is not None:
            self.withheld.append(found)
        return found is None

    def is_whole(self, *names: str) -> bool:
        """Whether everything of these fields of client.yaml or lists was read."""
        fields = self.client.origin.unread
        return not any(
            name in fields or name in self.chart.unread or any(item.name == name for item in self.chart.broken)
            for name in names
        )

    def all_read(self, name: str, entries: Iterable[Entry]) -> bool:
        """Whether every entry of a list was read, and every field of each."""
        return self.is_whole(name) and not any(item.origin.unread for item in entries)

    def in_period(self, day: dt.date | None) -> bool:
        """Whether a day lies in the time that the paper looks back on."""
        return day is not None and self.since <= day <= self.today

    def day_and_time(self, when: str) -> tuple[dt.date, dt.time | None]:
        """The client's local day and time of a date or moment."""
        if not is_moment(when):
            return day_of(when), None
        moment = moment_of(when, self.setting.zone(self.chart))
        return moment.date(), moment.time().replace(second=0)

    def has_come(self, when: str) -> bool:
        """Whether a date or moment lies not in the future."""
        if is_moment(when):
            return moment_of(when, self.setting.zone(self.chart)) <= self.setting.now_at(self.chart)
        return day_of(when) <= self.today

    def person(self, who: Who | None) -> str | None:
        """A person's name. None: nobody, or a contact who must stay unnamed."""
        if who is None:
            return None
        if not isinstance(who, str):
            return who.name
        if who == "client":
            return self.client.name.called
        contact = next((item for item in self.chart.contacts if item.id == who), None)
        if contact is not None:
            return None if contact.private or self.recipient.contact.id in contact.about else contact.name
        member = self.setting.staff.get(who)
        return member.name.full if member else None

    # --- who ---

    def to(self) -> ToLine:
        """Who gets the paper."""
        contact = self.recipient.contact
        place = contact.organization if contact.organization != contact.name else None
        return ToLine(contact.name, place, contact.phone, contact.fax)

    def patient(self) -> Patient:
        """Who it is about."""
        client, address = self.client, self.client.address
        town = " ".join(part for part in (address.state, address.postal_code) if part) if address else ""
        lines = (address.street, ", ".join(part for part in (address.city, town) if part)) if address else ()
        treats = "health" in self.treats
        away = next((item for item in client.away if in_days(self.today, item.from_, item.until)), None)
        return Patient(
            name=client.name.full,
            called=client.name.preferred if client.name.called != client.name.given else None,
            birth_date=client.birth_date,
            age=age_on(client.birth_date, self.today),
            sex=client.sex,
            pronouns=client.pronouns,
            language=client.language,
            interpreter=client.language is not None and base(client.language) != "en",
            status=client.status,
            phones=client.phones,
            address=tuple(line for line in lines if line),
            living=client.living_situation if treats else None,
            away=(away.where or "") if away and treats else None,
        )

    # --- know first ---

    def allergies(self) -> AllergyPart | None:
        """Allergies: to whom health is shared, and to those who see to medicines."""
        known = self.client.allergies
        listed = known if isinstance(known, tuple) else ()
        if not {"health", "medications"} & self.treats and not self.may("health"):
            return None
        whole = self.is_whole("allergies") and not any(item.origin.unread for item in listed)
        return AllergyPart(
            tuple(AllergyEntry(item.substance, item.reaction, item.severity) for item in listed),
            # An empty list says nothing.
            stated=known == "none_known" or bool(listed),
            whole=whole,
        )

    def code(self) -> CodePart | None:
        """Code status and directives."""
        if not self.may("health"):
            return None
        treats = "health" in self.treats
        papers = self.client.advance_directives
        return CodePart(
            status=self.client.code_status,
            whole=self.is_whole("code_status"),
            directives=tuple(DirectivePaper(d.kind, d.date, d.where if treats else None) for d in papers),
            directives_whole=self.is_whole("advance_directives") and not any(d.origin.unread for d in papers),
        )

    def diagnoses(self) -> TextPart | None:
        """Diagnoses in words."""
        items = self.client.diagnoses
        if not self.may("health", len(items)):
            return None
        lost = [item for item in items if item.origin.unread]
        return TextPart(tuple(i.text for i in items if not i.origin.unread), self.is_whole("diagnoses") and not lost)

    def precautions(self) -> TextPart | None:
        """What everyone who comes near must know."""
        if not self.may("health", len(self.client.precautions)):
            return None
        return TextPart(self.client.precautions, self.is_whole("precautions"))

    def preferences(self) -> TextPart | None:
        """How the client likes things done: the chart's own words, so only for those who treat them."""
        return TextPart(self.client.preferences, self.is_whole("preferences")) if "health" in self.treats else None

    def stays(self) -> tuple[StayLine, ...]:
        """Times away from home that have begun, now and in the last months; only to those who treat the client."""
        if "health" not in self.treats:
            return ()
        first = earlier(self.today, STAY_DAYS)
        found = [
            StayLine(day_of(item.from_), day_of(item.until) if item.until else None, item.where, item.reason)
            for item in self.client.away
            if day_of(item.from_) <= self.today and (item.until is None or day_of(item.until) >= first)
        ]
        return tuple(sorted(found, key=lambda item: item.since))

    def problems(self) -> tuple[ProblemOnPaper, ...]:
        """The problems that are worked on; their words only to those who treat the client."""
        plan = self.chart.plan
        active = [item for item in plan.problems if item.status == "active"] if plan else []
        if not self.may("health", len(active)) or "health" not in self.treats:
            return ()
        return tuple(ProblemOnPaper(i.statement, i.priority) for i in active if self.is_open("care-plan", i))

    # --- medicines ---

    def medicines(self) -> MedicinePart | None:
        """What is taken now, and what was stopped lately."""
        items = [item for item in self.chart.medications if item.from_ <= self.today]
        if not self.may("medications", len(items) or 1):
            return None
        shown = [item for item in items if self.is_open("medications", item)]
        now = [item for item in shown if item.until is None or item.until >= self.today]
        gone = [item for item in shown if item.until and self.since <= item.until < self.today]
        whole = self.all_read("medications", items)
        return MedicinePart(
            tuple(self.medicine(item) for item in now),
            tuple(self.medicine(item) for item in gone),
            # What ended long ago says nothing about what is taken now, but that somebody keeps the list.
            stated=self.chart.no_medications or bool(self.chart.medications),
            whole=whole,
        )

    def medicine(self, item: Medication) -> MedicineOnPaper:
        """One medicine. What it is for tells about health."""
        changes = [change for change in item.changed if change.date <= self.today]
        last = max(changes, key=lambda change: change.date, default=None)
        held = next(
            (h for h in item.held if h.from_ <= self.today and (h.until is None or self.today <= h.until)), None
        )
        stopped = item.until if item.until and item.until < self.today else None
        treats = "medications" in self.treats
        reason = item.reason if stopped else last.reason if last else None
        return MedicineOnPaper(
            name=item.name,
            strength=item.strength,
            dose=item.dose,
            route=item.route,
            times=tuple(time_of(time) for time in item.times),
            schedule=item.schedule,
            as_needed=item.as_needed is not None,
            max_per_day=item.as_needed.max_per_day if item.as_needed else None,
            purpose=(item.as_needed.reason if item.as_needed else item.indication)
            if treats or "health" in self.topics else None,
            kind=item.kind,
            prescriber=self.person(item.prescriber),
            since=item.from_,
            is_new=self.in_period(item.from_),
            changed=last.date if last else None,
            is_changed=last is not None and self.in_period(last.date),
            was=tuple(WasLine(name, _was(value)) for name, value in (last.was.items() if last else ())),
            ordered_by=self.person(last.ordered_by) if last else None,
            reason=reason if treats else None,
            held=held is not None,
            held_since=held.from_ if held else None,
            held_until=held.until if held else None,
            held_reason=held.reason if held and treats else None,
            stopped=stopped,
        )  # fmt: skip

    # --- measurements and scores ---

    def measurements(self) -> MeasurementPart | None:
        """The newest value of each kind with the one before it, newest first."""
        items = [item for item in self.chart.measurements if self.has_come(item.date)]
        if not self.may("health", len(items)):
            return None
        zone = self.setting.zone(self.chart)
        kinds: dict[str, list[Measurement]] = {}
        for item in sorted(items, key=lambda item: start_of(item.date, zone)):
            if self.is_open("measurements", item):
                kinds.setdefault(item.kind, []).append(item)
        lines = [self.measurement(*found[-2:][::-1]) for found in kinds.values()]
        lines.sort(key=lambda line: (-line.day.toordinal(), line.kind))
        return MeasurementPart(tuple(lines), self.all_read("measurements", items))

    def measurement(self, item: Measurement, before: Measurement | None = None) -> MeasurementLine:
        """One kind. A difference is told only of two numbers in the same unit."""
        day, time = self.day_and_time(item.date)
        change = None
        if before and before.unit == item.unit:
            change = _change(item.value, before.value)
        return MeasurementLine(
            kind=item.kind,
            value=_shown(item.value),
            unit=item.unit,
            day=day,
            time=time,
            previous=_shown(before.value) if before else None,
            previous_unit=before.unit if before else None,
            previous_day=self.day_and_time(before.date)[0] if before else None,
            change=change,
            is_recent=self.in_period(day),
        )

    def assessments(self) -> list[Assessment]:
        """The assessments that the reader may know, oldest first."""
        items = [item for item in in_force(self.chart.assessments) if item.date <= self.today]
        if not self.may("health", len(items)):
            return []
        return [item for item in items if self.is_open("assessments", item)]

    def scores(self, assessments: Sequence[Assessment]) -> ScorePart | None:
        """The newest score of each instrument that was used, newest first."""
        if "health" not in self.topics:
            return None
        names = dict.fromkeys(stored.instrument for item in assessments for stored in item.instruments)
        lines = [line for name in names if (line := self.score(name, assessments)) is not None]
        whole = self.all_read("assessments", self.chart.assessments) and self.is_whole("instruments")
        return ScorePart(tuple(sorted(lines, key=lambda line: (-line.day.toordinal(), line.title))), whole)

    def score(self, name: str, assessments: Sequence[Assessment]) -> ScoreLine | None:
        """The newest score of an instrument. What cannot be worked out is left out, and the coordinator told."""
        instrument = self.setting.instruments.get(name)
        if instrument is None:
            self.aside(f"assessments: {name}", "incomplete", "the instrument is not known, so its score is left out",
                       Spot(self.chart.path))  # fmt: skip
            return None
        points = trend(assessments, instrument, born=self.client.birth_date, sex=self.client.sex)
        scored = [point for point in points if point.result.score is not None]
        if not scored:
            return None
        last, before = scored[-1], scored[-2] if len(scored) > 1 else None
        result = last.result
        if points[-1] is not last:
            self.aside(f"assessments/{points[-1].assessment}", "incomplete",
                       f"{name} was not completed then; an earlier score was used", Spot(self.chart.path))  # fmt: skip
        change = _signed(last.change) if last.change is not None else None
        return ScoreLine(
            title=instrument.title,
            score=_shown(result.score),
            highest=_shown(instrument.highest) if instrument.highest < float("inf") else None,
            band=result.band.label if result.band else None,
            day=last.day,
            previous=_shown(before.result.score) if before else None,
            previous_day=before.day if before else None,
            change=change,
            direction=last.direction,
            alerts=tuple(alert.finding for alert in result.alerts),
            # That a score is no diagnosis is said once for all of them.
            remarks=(*result.remarks, *cautions(instrument)[1:]),
        )

    def events(self) -> tuple[EventLine, ...]:
        """Falls and other incidents since: kind, moment, harm. Their facts are free text, and stay in the chart."""
        items = [
            item
            for item in self.chart.concerns
            if self.has_come(item.at) and self.in_period(self.day_and_time(item.at)[0])
        ]
        countable = sum(self.reader.entry("concerns", item) is None for item in items)
        if not self.may("concerns", countable):
            return ()
        lines = []
        for item in items:
            if self.is_open("concerns", item):
                self.aside(f"concerns/{item.id}", "no_words", "its facts are not in the paper: say what the "
                           "reader must know with --situation", item.origin.at("facts"))  # fmt: skip
                lines.append(EventLine(*self.day_and_time(item.at), item.kind, item.harm, item.closed is None))
        return tuple(sorted(lines, key=lambda line: (line.day, line.time or dt.time.min)))

    # --- whom to call ---

    def calls(self) -> CallPart | None:
        """Whom to call, in the order of the file: those with a power or a call_for, and those who treat the client.

        Somebody from whom all sharing was taken back, and who has no power, is nobody to call.
        """
        if "health" not in self.treats:
            return None
        people: list[CallLine] = []
        treating: list[CallLine] = []
        for item in self.chart.contacts:
            if item.id == self.recipient.contact.id:
                continue
            line = self.call(item)
            if _TREATING_ROLES & set(item.roles):
                if self.is_open("contacts", item):
                    treating.append(line)
            elif line.authority or line.call_for or _CALLED_ROLES & set(item.roles):
                if item.sharing and not line.authority and not live_topics(item, self.today) and any(
                    entry.revoked and entry.revoked <= self.today for entry in item.sharing
                ):  # fmt: skip
                    self.aside(f"contacts/{item.id}", "topic", "their sharing was taken back, so they are not named as "
                               "someone to call", item.origin.at("sharing"))  # fmt: skip
                elif self.is_open("contacts", item):
                    people.append(line)
        whole = self.all_read("contacts", self.chart.contacts)
        return CallPart(tuple(people), tuple(treating), whole)

    def call(self, item: Contact) -> CallLine:
        """One contact, with the powers that hold today."""
        powers = tuple(
            PowerLine(power.kind, power.from_, power.until)
            for power in item.authority
            if (power.from_ is None or power.from_ <= self.today) and (power.until is None or self.today <= power.until)
        )
        return CallLine(
            name=item.name,
            relationship=item.relationship,
            organization=item.organization if item.organization != item.name else None,
            phone=item.phone,
            fax=item.fax,
            language=item.language if item.language and base(item.language) != "en" else None,
            call_for=item.call_for,
            is_proxy=not powers and bool(_POWER_ROLES & set(item.roles)),
            authority=powers,
        )


def desk_for(
    chart: Chart, recipient: Recipient, setting: Setting, since: dt.date | None, languages: Iterable[str],
    language: str | None = None,
) -> Desk | NotShared:  # fmt: skip
    """A desk to make a paper at, or why nothing may be made for this reader.

    Without `since` it looks back to the last contact with the reader, or 14 days. `languages` are those that there are
    words for; `language` is one that was asked for instead of the reader's.
    """
    if setting.practice is None:
        return NotShared("unreadable", "the practice in carectl.yaml could not be read")
    lost = tuple(item for item in unreadable(chart) if item.what.split("/")[0].split(",")[0] in _LISTS)
    contact = recipient.contact
    if (bar := barred(chart, contact, setting)) is not None or chart.client is None:
        reason, words = (bar.reason, bar.words) if bar else ("unreadable", "client.yaml could not be read")
        oneself = ": this is a letter to write oneself" if reason == "deceased" else ""
        return NotShared(reason, words + oneself, lost)
    today = setting.today_at(chart)
    first = since or (last_contact(chart, contact, today) if recipient.is_contact else None)
    first = first or earlier(today, SINCE_DAYS)
    origin = chart.client.origin
    asides = [
        *lost,
        *(
            Withheld("client", "incomplete", f"{name} could not be read", origin.at(name))
            for name in sorted(item.rstrip("_") for item in origin.unread)
        ),
    ]
    known = frozenset(languages)
    wanted = language or contact.language or "en"
    chosen = next((name for name in (wanted, base(wanted)) if name in known), "en")
    if base(chosen) != base(wanted):
        what = f"contacts/{contact.id}" if contact.id else "the reader"
        spot = contact.origin.at("language") if recipient.is_contact else Spot(chart.path)
        words = f"reads {wanted}, which carectl has no words for; English was used"
        asides.append(Withheld(what, "language", words, spot))
    elif base(chosen) != "en":
        words = f"stand in the paper as they are; check that they are clear in {chosen}"
        asides.append(Withheld("the chart's own words", "language", words, Spot(chart.path)))
    desk = Desk(chart, chart.client, setting, recipient, first, chosen, asides)
    if not desk.topics & frozenset(_CLINICAL):
        return NotShared("nothing_shared", _why_nothing(contact, today), lost)
    return desk


def _why_nothing(contact: Contact, today: dt.date) -> str:
    from carectl.care.sharing import why_not

    entries = [entry for entry in contact.sharing if set(entry.topics) & {*_CLINICAL, "all"}]
    if not entries:
        return f"neither health, medications, concerns nor goals are shared with {contact.id}"
    latest = max(entries, key=lambda entry: entry.given)
    topic = next(topic for topic in _CLINICAL if topic in latest.topics or "all" in latest.topics)
    return f"nothing that belongs into it may be shared with {contact.id}: {why_not(contact, topic, today)}"


# --- values ----------------------------------------------------------------------------------------------------------


def _shown(value: object) -> str:
    """A value as it was typed; a whole number without its point."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _signed(number: float) -> str:
    tidy = round(number, 6)
    return f"{'+' if tidy > 0 else '−' if tidy < 0 else '±'}{_shown(abs(tidy))}"


def _change(new: object, old: object) -> str | None:
    """The difference of two numbers with its sign; None if one of them is none."""
    if isinstance(new, bool | str) or isinstance(old, bool | str):
        return None
    return _signed(new - old) if isinstance(new, int | float) and isinstance(old, int | float) else None


def _was(value: object) -> str | None:
    """What a field was, in words; None: it was not there."""
    if value is None or value == ():
        return None
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value))
    return _shown(value)
