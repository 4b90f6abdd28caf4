"""The records of a caseload: one definition per kind, from which loading, the JSON Schemas and the format page come.

Field names are those of the files; a name that Python keeps for itself carries an underscore here (`from_`, `in_`).
Records are frozen and know where they stand in the files (`origin`). `None` and the empty tuple mean absent.
"""

# Annotations are read here as they stand, not kept as text: turning a thousand texts back costs 0.1 s at every start.
import atexit
import datetime as dt
import gc
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, NamedTuple

import msgspec
from msgspec import Meta

from carectl.findings import Keys, Spot


class Origin:
    """Where a record stands, and which of its fields could not be read (nothing may be concluded from those)."""

    __slots__ = ("keys", "path", "unread")

    def __init__(self, path: str, keys: Keys = (), unread: frozenset[str] = frozenset()) -> None:
        self.path = path
        self.keys = keys
        self.unread = unread

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Origin):
            return NotImplemented
        return (self.path, self.keys, self.unread) == (other.path, other.keys, other.unread)

    def __hash__(self) -> int:
        return hash((self.path, self.keys, self.unread))

    def __repr__(self) -> str:
        return f"Origin({self.path!r}, {self.keys!r}, unread={sorted(self.unread)})"

    def at(self, *keys: str | int) -> Spot:
        """The spot of the record itself, or of a value inside it."""
        return Spot(self.path, self.keys + keys)


NOWHERE: Final = Origin("")

# While Python shuts down, msgspec (0.18 to 0.22) can free the description of a record kind twice and crash (its issue
# 717). Kinds live as long as the process, so nothing is lost if the last garbage collection leaves them alone.
atexit.register(gc.freeze)

# --- words and their forms -------------------------------------------------------------------------------------------
# The patterns also stand in the JSON Schemas, so they keep to what every dialect of regular expressions knows.
# `(?!\n)$` is the very end: a bare `$` would let a line break through.

_DATE = (
    r"(?!0000)[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    r"|(?:[0-9][0-9](?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)-02-29"
)
_TIME = r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9]"
_CLOCK = rf"T{_TIME}(?::[0-5][0-9])?(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])?"
_MOMENT = rf"(?:{_DATE}){_CLOCK}"


def _form(pattern: str, words: str, **more: Any) -> Meta:
    """A form of text: its pattern, and the words that tell a person what is wanted."""
    return Meta(pattern=rf"^(?:{pattern})(?!\n)$", extra={"words": words}, **more)


def says(text: str) -> Meta:
    """The description of a field, as editors and the format page show it."""
    return Meta(description=text)


Id = Annotated[str, _form(r"[a-z0-9][a-z0-9-]*", "an id: small letters, digits and hyphens", max_length=64)]
SeriesId = Annotated[str, _form(r"[a-z0-9][a-z0-9-]*", "an id: small letters, digits and hyphens", max_length=53)]
Word = Annotated[str, _form(r"[a-z0-9][a-z0-9_-]*", "one word in small letters, such as home_health_aide")]
Text = Annotated[str, Meta(min_length=1, extra={"words": "some text"})]
Time = Annotated[str, _form(_TIME, "a time of day, such as 09:00")]
Moment = Annotated[str, _form(_MOMENT, "a day and time, such as 2026-11-22T09:00")]
DateOrMoment = Annotated[
    str, _form(rf"(?:{_DATE})(?:{_CLOCK})?", "a date such as 2026-11-22, or a day and time such as 2026-11-22T09:00")
]
TimeOrMoment = Annotated[
    str, _form(rf"{_TIME}|{_MOMENT}", "a time of day such as 09:04, or a day and time such as 2026-11-22T09:04")
]
OffsetMoment = Annotated[
    str,
    _form(
        rf"(?:{_DATE})T{_TIME}(?::[0-5][0-9])?(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])",
        "a day and time with its offset, such as 2026-11-22T09:00-06:00",
    ),
]
Digest = Annotated[str, _form(r"sha256:[0-9a-f]{64}", "a digest, such as sha256:0a1b…")]
KeyDigest = Annotated[str, _form(r"SHA256:[A-Za-z0-9+/]{43}=?", "an SSH key's fingerprint, such as SHA256:xyz…")]
Duration = Annotated[
    str, _form(r"(?=.*[1-9])(?:[0-9]{1,3}h(?:[0-9]{1,2}m)?|[0-9]{1,4}m)", "a length of time, such as 45m, 2h or 1h30m")
]
Period = Annotated[str, _form(r"[1-9][0-9]{0,3}(?:d|w|mo|y)", "a period, such as 14d, 2w, 6mo or 1y")]
Every = Annotated[str, _form(r"[1-9][0-9]?w", "a number of weeks, such as 1w or 2w")]
Zone = Annotated[str, _form(r"[A-Za-z][A-Za-z0-9_+/-]*", "a time zone's name, such as America/Chicago")]
Language = Annotated[str, _form(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", "a language's code, such as en or es")]
RecordPath = Annotated[
    str, _form(r"[a-z0-9][a-z0-9-]*(?:/[a-z0-9][a-z0-9-]*)*", "a record's path, such as notes/n-2026-11-20-1")
]
Rrule = Annotated[str, _form(r"[A-Z]+=[A-Z0-9,:;=+-]+", "a recurrence rule, such as FREQ=MONTHLY;BYDAY=2TU")]
Number = int | float
Positive = Annotated[float, Meta(gt=0, extra={"words": "a number above 0"})]
NotNegative = Annotated[float, Meta(ge=0, extra={"words": "a number, 0 or more"})]

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Topic = Literal["schedule", "wellbeing", "goals", "health", "medications", "concerns", "money", "all"]
Basis = Literal["authorization", "agreed", "representative", "care_team"]
VisitStatus = Literal["planned", "confirmed", "done", "missed", "cancelled", "refused"]
Outcome = Literal["done", "not_done", "refused", "not_needed"]
FeedSort = Literal["visits", "busy", "none"]
InterventionStatus = Literal["proposed", "active", "on_hold", "completed", "stopped"]

DAYS: Final[tuple[Day, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TOPICS: Final[tuple[Topic, ...]] = ("schedule", "wellbeing", "goals", "health", "medications", "concerns", "money")
ROLES: Final = (
    "registered_nurse", "licensed_practical_nurse", "home_health_aide", "personal_care_aide", "companion",
    "homemaker", "physical_therapist", "occupational_therapist", "speech_therapist", "social_worker", "dietitian",
    "coordinator", "driver", "volunteer",
)  # fmt: skip
SERVICES: Final = (
    "personal_care", "companionship", "nursing", "therapy", "supervision", "coordination", "appointment", "transport",
    "homemaking", "respite", "meals", "assessment",
)  # fmt: skip
CONTACT_ROLES: Final = (
    "emergency", "health_care_proxy", "guardian", "physician", "specialist", "therapist", "nurse", "pharmacy", "payer",
    "bill_to", "key_holder", "caregiver", "supplier", "attorney", "clergy", "neighbor",
)  # fmt: skip


class Record(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    gc=False,
    rename=lambda name: name.rstrip("_"),
):
    """The root of every record: frozen, no unknown fields."""


class Placed(Record, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A record that knows where it stands."""

    origin: Origin = NOWHERE


class Someone(Record, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A person who is not on file."""

    name: Annotated[Text, says("The person's name.")]


Who = Annotated[Id | Someone, Meta(extra={"words": "an id from contacts or staff, the word client, or {name: …}"})]
StaffOrSomeone = Annotated[Id | Someone, Meta(extra={"words": "a staff id, or {name: …}"})]
Words = Annotated[
    Text | dict[Language, Text],
    Meta(extra={"words": "text for the family, or one text per language as {en: …, es: …}"}),
]


class Entry(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What every entry of a list may carry."""

    id: Annotated[Id, says("Names this entry for ever: never changed, never used again.")]
    author: Annotated[StaffOrSomeone | None, says("Who wrote it down.")] = None
    recorded: Annotated[
        DateOrMoment | None,
        says("When it was written down; much later than the event, it is a late entry and is shown as one."),
    ] = None
    amends: Annotated[RecordPath | None, says("The earlier entry that this one corrects.")] = None
    for_family: Annotated[
        Words | None, says("The only free text that ever reaches a family: text, or one text per language.")
    ] = None
    private: Annotated[bool, says("Never leaves the coordinator.")] = False
    about: Annotated[
        tuple[Id, ...], says("People this entry is about: nobody is shown a record about themselves.")
    ] = ()


# --- carectl.yaml ----------------------------------------------------------------------------------------------------


class Practice(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Who runs this caseload, and how."""

    name: Annotated[Text, says("The practice's name, as letters show it.")]
    timezone: Annotated[Zone, says("Every client's time zone unless client.yaml says otherwise (IANA name).")]
    coordinator: Annotated[Id | None, says("The coordinator's staff id; the coordinator is on the roster too.")] = None
    email: Annotated[Text | None, says("Where families write.")] = None
    phone: Annotated[Text | None, says("Where families call.")] = None
    profile: Annotated[
        Literal["private_pay_care_manager", "nonmedical_agency", "medicaid_personal_care", "medicare_hha"] | None,
        says("What kind of practice it is: this decides which rules apply."),
    ] = None
    state: Annotated[Text | None, says("The state or province whose rules apply, such as IL.")] = None
    currency: Annotated[Text | None, says("The currency of every amount of money, such as USD.")] = None
    hipaa_covered: Annotated[bool, says("Whether the practice is a HIPAA covered entity.")] = False
    late_after: Annotated[
        Period, says("How long after the event something may be written down before it counts as a late entry.")
    ] = "2d"


class CalendarSettings(Record, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Where calendar feeds go."""

    publish_to: Annotated[Text | None, says("The folder that `carectl calendar publish` writes to.")] = None
    url: Annotated[
        Text | None, says("Where that folder is on the web, such as https://feeds.example: for the links families get.")
    ] = None


class TravelBetween(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """How long the way takes between two places, in either direction."""

    between: Annotated[tuple[Text, ...], says("Two client ids, two postal codes, or one of each.")]
    takes: Annotated[Duration, says("How long it takes.")]


class TravelTimes(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """How long staff need from one client to the next. Two visits with less time between them cannot both be kept."""

    default: Annotated[Duration | None, says("Between any two addresses that are not listed.")] = None
    table: Annotated[
        tuple[TravelBetween, ...], says("Ways that take another time; two clients count before postal codes.")
    ] = ()


class ReviewSettings(Record, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """How changes are reviewed."""

    severities: Annotated[
        dict[Word, Literal["high", "medium", "low"]],
        says("How much changes weigh, by the rule's id, such as goal-due-moved: high. Only more, never less."),
    ] = {}


class PracticeFile(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """carectl.yaml: the practice. It marks the root of a caseload."""

    practice: Annotated[Practice, says("The practice.")]
    rules: Annotated[tuple[Word, ...], says("Rule packs switched on, besides what the profile brings.")] = ()
    calendar: Annotated[CalendarSettings | None, says("Calendar feeds.")] = None
    travel: Annotated[TravelTimes | None, says("How long staff need from one client to the next.")] = None
    review: Annotated[ReviewSettings | None, says("How changes are reviewed.")] = None


# --- staff -----------------------------------------------------------------------------------------------------------


class Name(Record, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A person's name."""

    given: Annotated[Text, says("First name.")]
    family: Annotated[Text, says("Last name.")]
    preferred: Annotated[Text | None, says("What the person likes to be called.")] = None

    @property
    def called(self) -> str:
        """What the person is called day to day."""
        return self.preferred or self.given

    @property
    def full(self) -> str:
        """Given and family name."""
        return f"{self.given} {self.family}"


class Employed(Record, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """From when until when someone works here, both days included."""

    from_: Annotated[dt.date, says("First day.")]
    until: Annotated[dt.date | None, says("Last day; absent while they work here.")] = None


class Availability(Record, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Hours in which someone can work; `to` may be on the next day."""

    days: Annotated[tuple[Day, ...], says("Days of the week.")]
    from_: Annotated[Time, says("Earliest start.")]
    to: Annotated[Time, says("Latest end; on the next day if it is not later than `from`.")]


class Away(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A time away, both ends included."""

    from_: Annotated[DateOrMoment, says("First day, or the moment it begins.")]
    until: Annotated[DateOrMoment | None, says("Last day, or the moment it ends; absent: until further notice.")] = None
    where: Annotated[Text | None, says("Where the person is.")] = None
    reason: Annotated[Text | None, says("Why.")] = None


class Credential(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A licence or certificate. Per kind the latest counts."""

    kind: Annotated[Word, says("What it is: cpr, rn_license, drivers_license …")]
    number: Annotated[Text | None, says("Its number.")] = None
    issued: Annotated[dt.date | None, says("When it was issued.")] = None
    expires: Annotated[dt.date | None, says("Last day on which it is valid.")] = None


class Training(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A training that was attended."""

    date: Annotated[dt.date, says("When.")]
    topic: Annotated[Text, says("What about.")]
    hours: Annotated[NotNegative, says("How many hours count.")]


class StaffMember(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """staff/ID.yaml: one person who delivers care."""

    id: Annotated[Id, says("The staff id; the file carries the same name.")]
    name: Annotated[Name, says("The person's name.")]
    role: Annotated[
        Word, Meta(extra={"vocabulary": ROLES}), says("The person's profession: " + ", ".join(ROLES[:7]) + " …")
    ]
    skills: Annotated[tuple[Word, ...], says("What the person has shown they can do.")] = ()
    languages: Annotated[tuple[Language, ...], says("Languages spoken with clients.")] = ()
    phone: Annotated[Text | None, says("Phone.")] = None
    email: Annotated[Text | None, says("E-mail.")] = None
    employed: Annotated[Employed | None, says("From when until when the person works here.")] = None
    availability: Annotated[
        tuple[Availability, ...], says("When the person can work, in the practice's time zone; absent: any time.")
    ] = ()
    away: Annotated[tuple[Away, ...], says("Leave and sickness, in days or moments.")] = ()
    max_hours_per_week: Annotated[NotNegative | None, says("Most hours in a week, Monday to Sunday.")] = None
    credentials: Annotated[tuple[Credential, ...], says("Licences and certificates.")] = ()
    training: Annotated[tuple[Training, ...], says("Training attended.")] = ()
    calendar: Annotated[
        FeedSort, says("What calendar is published for them: their visits, only their busy times, or none.")
    ] = "visits"


# --- client.yaml -----------------------------------------------------------------------------------------------------


class Referral(Record, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Who sent the client, when and why."""

    date: Annotated[dt.date | None, says("When.")] = None
    by: Annotated[Who | None, says("Who referred: a contact or staff id, the word client, or {name: …}.")] = None
    reason: Annotated[Text | None, says("Why.")] = None


class Address(Record, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Where the client lives."""

    street: Annotated[Text | None, says("Street and number.")] = None
    city: Annotated[Text | None, says("Town.")] = None
    state: Annotated[Text | None, says("State or province.")] = None
    postal_code: Annotated[Text | None, says("Postal code.")] = None
    access: Annotated[Text | None, says("How to get in. Never a key code in clear.")] = None


class Insurance(Record, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Who pays."""

    payer: Annotated[Text, says("The payer: private, or the insurer's name.")]
    member_id: Annotated[Text | None, says("Member number.")] = None
    phone: Annotated[Text | None, says("The payer's phone.")] = None


class Diagnosis(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A diagnosis."""

    text: Annotated[Text, says("In words.")]
    code: Annotated[Text | None, says("The code in its system.")] = None
    system: Annotated[Text | None, says("The coding system, such as icd-10-cm.")] = None
    since: Annotated[dt.date | None, says("Since when.")] = None


class Allergy(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """An allergy or intolerance."""

    substance: Annotated[Text, says("To what.")]
    reaction: Annotated[Text | None, says("What happens.")] = None
    severity: Annotated[Literal["mild", "moderate", "severe", "unknown"] | None, says("How bad.")] = None


class Directive(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """An advance directive, and where the paper is."""

    kind: Annotated[Word, says("dnr, living_will, polst, health_care_power_of_attorney …")]
    date: Annotated[dt.date | None, says("When it was signed.")] = None
    where: Annotated[Text | None, says("Where the paper is kept.")] = None


class Emergency(Record, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What to do when things go wrong."""

    hospital: Annotated[Text | None, says("The preferred hospital.")] = None
    backup_plan: Annotated[Text | None, says("Who steps in if a visit falls through.")] = None


class Client(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """client.yaml: who the client is."""

    id: Annotated[Id, says("The client's id: the folder carries the same name. It should not be a name.")]
    name: Annotated[Name, says("The client's name.")]
    status: Annotated[
        Literal["inquiry", "active", "on_hold", "discharged", "deceased"],
        says("Where the client stands. Once active, birth_date, start_of_care, allergies and code_status are wanted."),
    ]
    birth_date: Annotated[dt.date | None, says("Date of birth.")] = None
    sex: Annotated[Literal["female", "male", "other", "unknown"] | None, says("Sex as recorded.")] = None
    pronouns: Annotated[Text | None, says("How the client is spoken of.")] = None
    language: Annotated[Language | None, says("The language the client is at home in.")] = None
    timezone: Annotated[Zone | None, says("Only if it differs from the practice's.")] = None
    start_of_care: Annotated[dt.date | None, says("First day of care.")] = None
    end_of_care: Annotated[
        dt.date | None, says("Last day of care, once discharged or deceased: no visit after it.")
    ] = None
    end_reason: Annotated[Text | None, says("Why care ended.")] = None
    away: Annotated[tuple[Away, ...], says("Times in hospital or with family: the client's visits are suspended.")] = ()
    referral: Annotated[Referral | None, says("Who sent the client.")] = None
    address: Annotated[Address | None, says("Where the client lives.")] = None
    phones: Annotated[tuple[Text, ...], says("Phone numbers.")] = ()
    living_situation: Annotated[Text | None, says("alone, with_spouse, with_family, assisted_living …")] = None
    insurance: Annotated[tuple[Insurance, ...], says("Who pays.")] = ()
    receives_skilled: Annotated[bool | None, says("Whether skilled care (nursing, therapy) is delivered now.")] = None
    diagnoses: Annotated[tuple[Diagnosis, ...], says("Diagnoses.")] = ()
    allergies: Annotated[
        tuple[Allergy, ...] | Literal["none_known"] | None,
        says("Allergies, or the words none_known: said, never assumed."),
    ] = None
    code_status: Annotated[
        Literal["full", "dnr", "dni", "comfort", "unknown"] | None, says("What is to be done if the heart stops.")
    ] = None
    advance_directives: Annotated[tuple[Directive, ...], says("Papers that say what the client wants.")] = ()
    precautions: Annotated[tuple[Word, ...], says("What everyone who comes must know: fall_risk, oxygen_in_use …")] = ()
    preferences: Annotated[tuple[Text, ...], says("How the client likes things done.")] = ()
    emergency: Annotated[Emergency | None, says("What to do when things go wrong.")] = None


# --- contacts.yaml ---------------------------------------------------------------------------------------------------


class Authority(Record, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A power to decide. It shares nothing by itself."""

    kind: Annotated[Word, says("health_care_power_of_attorney, guardian, financial_power_of_attorney …")]
    from_: Annotated[dt.date | None, says("Since when.")] = None
    until: Annotated[dt.date | None, says("Until when.")] = None
    where: Annotated[Text | None, says("Where the paper is kept.")] = None


class Sharing(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What this contact may be told. Entries add up; one is live from `given` through `expires` unless revoked."""

    topics: Annotated[tuple[Topic, ...], says("What may be told.")]
    basis: Annotated[Basis, says("Why it may be told; an authorization needs `expires`.")]
    given: Annotated[dt.date, says("Since when.")]
    expires: Annotated[dt.date | None, says("Last day on which it holds.")] = None
    revoked: Annotated[dt.date | None, says("The day on which it was taken back.")] = None
    continues: Annotated[
        dt.date | None,
        says("The day of the agreement itself, if this is what is left of an entry that was taken back in part."),
    ] = None


class Contact(Entry, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Family, friends and professionals, in the order in which they are called."""

    name: Annotated[Text, says("The person's or office's name.")]
    relationship: Annotated[Text, says("daughter, neighbor, physician …")]
    calls_client: Annotated[Text | None, says("How letters and calendars to them name the client, such as Mom.")] = None
    roles: Annotated[
        tuple[Word, ...], Meta(extra={"vocabulary": CONTACT_ROLES}), says(", ".join(CONTACT_ROLES[:10]) + " …")
    ] = ()
    call_for: Annotated[tuple[Word, ...], says("What they want a call about: fall, hospital, missed_visit …")] = ()
    phone: Annotated[Text | None, says("Phone.")] = None
    email: Annotated[Text | None, says("E-mail.")] = None
    language: Annotated[Language | None, says("The language of letters and calendars to them.")] = None
    organization: Annotated[Text | None, says("Where they work.")] = None
    address: Annotated[Text | None, says("Postal address.")] = None
    fax: Annotated[Text | None, says("Fax.")] = None
    authority: Annotated[tuple[Authority, ...], says("Who decides; it shares nothing by itself.")] = ()
    sharing: Annotated[tuple[Sharing, ...], says("What they may be told. Nothing is shared without a live entry.")] = ()
    calendar: Annotated[
        FeedSort,
        says("What calendar is published for them if the schedule is shared: the visits, only the times, or none."),
    ] = "visits"
    note: Annotated[Text | None, says("Anything else.")] = None


class ContactsFile(Record, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """contacts.yaml: family and professionals, and who may be told what."""

    contacts: Annotated[tuple[Contact, ...], says("In the order in which they are called.")] = ()


# --- assessments.yaml ------------------------------------------------------------------------------------------------


class InstrumentResult(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A scored instrument: the answers, and the score they add up to."""

    instrument: Annotated[Word, says("The instrument, such as adl-6.")]
    answers: Annotated[dict[str, int | float | str | bool], says("Item by item.")] = {}
    score: Annotated[Number | None, says("The total.")] = None


class AssessmentFinding(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Something the assessment found, and what it calls for."""

    id: Annotated[Id, says("Names the finding within its assessment.")]
    domain: Annotated[Word, says("falls, function, cognition, mood, nutrition, skin, pain, home, caregiver …")]
    finding: Annotated[Text, says("What was found.")]
    need: Annotated[Text | None, says("What it calls for.")] = None


class Assessment(Entry, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """An assessment, newest last."""

    kind: Annotated[Literal["initial", "reassessment", "change_of_condition", "discharge"], says("Why it was done.")]
    date: Annotated[dt.date, says("When.")]
    assessor: Annotated[StaffOrSomeone, says("Who assessed: a staff id, or {name: …}.")]
    informants: Annotated[tuple[Who, ...], says("Who told: contact ids, the word client, or {name: …}.")] = ()
    instruments: Annotated[tuple[InstrumentResult, ...], says("Scored instruments.")] = ()
    findings: Annotated[tuple[AssessmentFinding, ...], says("What was found.")] = ()
    strengths: Annotated[tuple[Text, ...], says("What the client does well.")] = ()
    client_goals: Annotated[tuple[Text, ...], says("What the client wants, in the client's words.")] = ()
    summary: Annotated[Text | None, says("The whole in a few sentences.")] = None


class AssessmentsFile(Record, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """assessments.yaml: assessments, newest last."""

    assessments: Annotated[tuple[Assessment, ...], says("Newest last.")] = ()


# --- care-plan.yaml --------------------------------------------------------------------------------------------------


class PlanPeriod(Record, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """From when until when the plan holds, both days included."""

    from_: Annotated[dt.date, says("First day.")]
    until: Annotated[dt.date | None, says("Last day.")] = None


class Progress(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """How a goal stood on a day."""

    date: Annotated[dt.date, says("When.")]
    value: Annotated[int | float | str | None, says("The measure's value.")] = None
    note: Annotated[Text | None, says("In words; for the coordinator.")] = None
    for_family: Annotated[Words | None, says("In words that may reach the family.")] = None


class Goal(Entry, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What is to be reached, and how one sees that it is."""

    text: Annotated[Text, says("The goal, in words the client would use.")]
    status: Annotated[
        Literal["proposed", "active", "on_hold", "completed", "cancelled"], says("Whether it is pursued.")
    ]
    measure: Annotated[Text | None, says("What is counted or measured.")] = None
    baseline: Annotated[int | float | str | None, says("Its value at the start.")] = None
    target: Annotated[int | float | str | None, says("Its value when the goal is reached.")] = None
    due: Annotated[dt.date | None, says("By when.")] = None
    topic: Annotated[
        Topic | None, says("Progress is told only to contacts who also share this topic; none: to nobody.")
    ] = None
    achievement: Annotated[
        Literal["in_progress", "improving", "worsening", "no_change", "achieved", "not_achieved"] | None,
        says("How it goes."),
    ] = None
    progress: Annotated[tuple[Progress, ...], says("How it stood, day by day.")] = ()
    reason: Annotated[Text | None, says("Why it was put on hold or cancelled.")] = None


class Intervention(Entry, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What someone does for it, and how often."""

    text: Annotated[Text, says("What is done.")]
    status: Annotated[InterventionStatus, says("Whether it is done; stopped wants `stopped` and `reason`.")]
    who: Annotated[
        Word | None, says("A role (a series or visit must then carry it out), or a staff or contact id, or client.")
    ] = None
    days: Annotated[tuple[Day, ...], says("On which days, as in a series.")] = ()
    every: Annotated[Every | None, says("Every how many weeks.")] = None
    as_needed: Annotated[bool, says("Done when needed instead of on days.")] = False
    stopped: Annotated[dt.date | None, says("The day on which it was stopped.")] = None
    reason: Annotated[Text | None, says("Why it was stopped or put on hold.")] = None


class Problem(Entry, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A problem or need, with its goals and interventions."""

    statement: Annotated[Text, says("The problem in one sentence.")]
    status: Annotated[Literal["proposed", "active", "resolved", "inactive"], says("Whether it is worked on.")]
    evidence: Annotated[
        tuple[RecordPath, ...],
        says("An assessment, one of its findings (a-2026-08-03/falls), or an instrument (a-2026-08-03/adl-6)."),
    ] = ()
    priority: Annotated[Literal["high", "medium", "low"] | None, says("How urgent.")] = None
    goals: Annotated[tuple[Goal, ...], says("What is to be reached.")] = ()
    interventions: Annotated[tuple[Intervention, ...], says("What is done for it.")] = ()
    reason: Annotated[Text | None, says("Why it was closed, or turned down.")] = None
    block: Annotated[Id | None, says("The building block that it was proposed from, so that it is not again.")] = None


class Agreement(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Someone's agreement to the plan."""

    by: Annotated[Who, says("Who agreed: the word client, a contact id, or {name: …}.")]
    date: Annotated[dt.date, says("When.")]
    how: Annotated[Word | None, says("paper, phone, in_person …")] = None


class CarePlan(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """care-plan.yaml: problems, goals and interventions."""

    period: Annotated[PlanPeriod, says("From when until when the plan holds.")]
    problems: Annotated[tuple[Problem, ...], says("Problems, most pressing first.")]
    review_due: Annotated[dt.date | None, says("By when the plan is to be looked at again.")] = None
    agreed: Annotated[tuple[Agreement, ...], says("Who agreed to it, and when.")] = ()


class CarePlanPiece(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """One file of a care plan that is spread over a folder: together they make a CarePlan."""

    period: PlanPeriod | None = None
    problems: tuple[Problem, ...] = ()
    review_due: dt.date | None = None
    agreed: tuple[Agreement, ...] = ()


# --- visits.yaml -----------------------------------------------------------------------------------------------------


class Series(Entry, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A visit that repeats. Times are wall-clock times in the client's zone."""

    id: Annotated[SeriesId, says("Names the series for ever: never changed, never used again.")]
    service: Annotated[Word, Meta(extra={"vocabulary": SERVICES}), says(", ".join(SERVICES[:8]) + " …")]
    from_: Annotated[dt.date, says("First day; with `rrule` only its anchor.")]
    at: Annotated[Time, says("When it starts.")]
    staff: Annotated[
        Id | tuple[Id, ...] | None, says("Who comes: a staff id or a list; absent and no `with`: an open shift.")
    ] = None
    with_: Annotated[Id | None, says("A contact who sees the client, such as a clinic.")] = None
    needs: Annotated[tuple[Word, ...], says("Skills that whoever comes must have.")] = ()
    until: Annotated[dt.date | None, says("Last day; absent: open-ended.")] = None
    days: Annotated[tuple[Day, ...], says("On which days of the week.")] = ()
    every: Annotated[Every | None, says("Every how many weeks; they count from the Monday of the week of `from`.")] = (
        None
    )
    rrule: Annotated[
        Rrule | None,
        says("Instead of days and every: one RFC 5545 rule without COUNT, UNTIL, DTSTART or parts under a day."),
    ] = None
    duration: Annotated[Duration | None, says("How long it takes, as elapsed time.")] = None
    to: Annotated[Time | None, says("Instead of duration: when it ends on the wall, on the next day if not later.")] = (
        None
    )
    does: Annotated[tuple[Id, ...], says("The interventions that it carries out.")] = ()
    except_: Annotated[tuple[dt.date, ...], says("Days on which it does not happen, though they are due.")] = ()
    follows: Annotated[Id | None, says("The series that this one takes over from.")] = None
    together: Annotated[tuple[Id, ...], says("Other clients seen in the same visit.")] = ()
    where: Annotated[Text | None, says("Where, if not at home.")] = None
    reason: Annotated[Text | None, says("Why it ended, or went over into another one.")] = None


class Actual(Record, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """When someone really came and went: times of the visit's day, or moments."""

    in_: Annotated[TimeOrMoment | None, says("Arrival.")] = None
    out: Annotated[TimeOrMoment | None, says("Departure.")] = None


class Did(Record, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What became of a task that was not done."""

    outcome: Annotated[Outcome, says("done, not_done, refused or not_needed.")]
    reason: Annotated[Text | None, says("Why it was not done or was refused.")] = None


class Travel(Record, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """The way there."""

    minutes: Annotated[NotNegative | None, says("Minutes on the way.")] = None
    miles: Annotated[NotNegative | None, says("Miles driven.")] = None
    km: Annotated[NotNegative | None, says("Kilometres driven.")] = None


class Imported(Record, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Where a visit came from that was read from somebody else's calendar."""

    calendar: Annotated[Text, says("A name for that calendar, such as lakeside-clinic: the same at every import.")]
    uid: Annotated[Text, says("The event's own UID there.")]
    recurrence: Annotated[Text | None, says("Which occurrence of a repeating event, as its calendar names it.")] = None


class Visit(Entry, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """An occurrence of a series that differs or was delivered, or a visit of no series."""

    series: Annotated[Id | None, says("The series it belongs to.")] = None
    day: Annotated[dt.date | None, says("The day on which it was due in its series.")] = None
    service: Annotated[Word | None, Meta(extra={"vocabulary": SERVICES}), says("Without a series: what it is.")] = None
    staff: Annotated[Id | tuple[Id, ...] | None, says("Who comes or came; absent: as due; an empty list: open.")] = None
    with_: Annotated[Id | None, says("A contact who sees the client, such as a clinic.")] = None
    needs: Annotated[tuple[Word, ...], says("Skills that whoever comes must have.")] = ()
    does: Annotated[tuple[Id, ...], says("The interventions that it carries out.")] = ()
    date: Annotated[dt.date | None, says("The day it takes place, if it has no series or was moved.")] = None
    at: Annotated[Time | None, says("When it starts; absent: as due.")] = None
    duration: Annotated[Duration | None, says("How long it takes; absent: as due.")] = None
    to: Annotated[Time | None, says("When it ends on the wall; absent: as due.")] = None
    status: Annotated[VisitStatus, says("planned unless said otherwise.")] = "planned"
    reason: Annotated[Text | None, says("Why it was moved, cancelled, refused or missed.")] = None
    actual: Annotated[Actual | None, says("When someone really came and went.")] = None
    did: Annotated[
        dict[Id, Outcome | Did],
        says("What became of each task: done, not_done, refused or not_needed, or with a reason."),
    ] = {}
    note: Annotated[Text | None, says("What happened, for the chart.")] = None
    travel: Annotated[Travel | None, says("The way there.")] = None
    where: Annotated[Text | None, says("Where, if not at home.")] = None
    together: Annotated[tuple[Id, ...], says("Other clients seen in the same visit.")] = ()
    imported: Annotated[Imported | None, says("The event of another calendar that it was made from.")] = None


class VisitsFile(Record, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """visits.yaml: series (what repeats) and visits (what differs, what happened)."""

    series: Annotated[tuple[Series, ...], says("What repeats.")] = ()
    visits: Annotated[tuple[Visit, ...], says("What differs, and what happened.")] = ()


# --- the smaller kinds -----------------------------------------------------------------------------------------------


class AsNeeded(Record, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A medicine taken only when needed."""

    reason: Annotated[Text, says("For what.")]
    max_per_day: Annotated[Positive | None, says("At most how often a day.")] = None


class Held(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A time in which a medicine is not given."""

    from_: Annotated[dt.date, says("First day.")]
    until: Annotated[dt.date | None, says("Last day; absent: until further notice.")] = None
    reason: Annotated[Text | None, says("Why.")] = None


class MedicationChange(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What a medicine was before, and why it changed."""

    date: Annotated[dt.date, says("Since when the new order holds.")]
    was: Annotated[
        dict[str, int | float | str | bool | tuple[str, ...] | None], says("The fields that changed, as they were.")
    ]
    reason: Annotated[Text | None, says("Why.")] = None
    ordered_by: Annotated[Who | None, says("Who ordered it.")] = None
    read_back: Annotated[bool | None, says("Whether a spoken order was read back.")] = None


class Medication(Entry, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A medicine. The same id goes on when the dose changes."""

    name: Annotated[Text, says("The medicine.")]
    dose: Annotated[Text, says("How much at a time, such as 1 tablet.")]
    from_: Annotated[dt.date, says("Since when.")]
    strength: Annotated[Text | None, says("How strong, such as 40 mg.")] = None
    route: Annotated[Text | None, says("oral, topical, inhaled …")] = None
    times: Annotated[tuple[Time, ...], says("At which times of day.")] = ()
    as_needed: Annotated[AsNeeded | None, says("Only when needed.")] = None
    schedule: Annotated[Text | None, says("In words, where times do not tell it: weekly, a taper.")] = None
    indication: Annotated[Text | None, says("For what.")] = None
    prescriber: Annotated[Who | None, says("Who prescribed it.")] = None
    kind: Annotated[Literal["prescription", "otc", "supplement"] | None, says("What sort.")] = None
    until: Annotated[dt.date | None, says("Last day, once stopped.")] = None
    reason: Annotated[Text | None, says("Why it was stopped.")] = None
    held: Annotated[tuple[Held, ...], says("Times in which it is not given.")] = ()
    changed: Annotated[tuple[MedicationChange, ...], says("What it was before, and why it changed.")] = ()


class MedicationsFile(Record, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """medications.yaml: medicines, or the words `medications: none`."""

    medications: Annotated[tuple[Medication, ...] | Literal["none"], says("Medicines, or the word none.")] = ()


class Note(Entry, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What was said to whom."""

    at: Annotated[Moment, says("When.")]
    text: Annotated[Text, says("What was said.")]
    with_: Annotated[Who | None, says("With whom.")] = None
    channel: Annotated[Word | None, says("phone, email, text, letter, in_person, video …")] = None
    minutes: Annotated[NotNegative | None, says("How many minutes.")] = None
    topics: Annotated[tuple[Topic, ...], says("What it was about.")] = ()
    billable: Annotated[bool | None, says("Whether the time is billed.")] = None


class NotesFile(Record, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """notes.yaml: what was said to whom."""

    notes: Annotated[tuple[Note, ...], says("Newest last.")] = ()


class Task(Entry, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A follow-up."""

    text: Annotated[Text, says("What is to be done.")]
    due: Annotated[dt.date | None, says("By when.")] = None
    from_: Annotated[RecordPath | None, says("The record it came from, such as notes/n-2026-11-20-1.")] = None
    who: Annotated[Who | None, says("Who does it; absent: the coordinator.")] = None
    done: Annotated[DateOrMoment | None, says("When it was done.")] = None
    outcome: Annotated[Text | None, says("What came of it.")] = None


class TasksFile(Record, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """tasks.yaml: follow-ups."""

    tasks: Annotated[tuple[Task, ...], says("Follow-ups.")] = ()


class Told(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Who was told of a concern, and when."""

    who: Annotated[Who, says("Who was told.")]
    at: Annotated[DateOrMoment, says("When.")]
    basis: Annotated[Word | None, says("Why they may know: call_for, authorization, law …")] = None


class Concern(Entry, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """An incident, complaint or worry."""

    kind: Annotated[Word, says("fall, injury, medication_error, complaint, abuse, neglect, exploitation …")]
    at: Annotated[DateOrMoment, says("When it happened or came up.")]
    facts: Annotated[Text, says("What is known: facts, not opinions.")]
    harm: Annotated[
        Literal["none", "minor", "moderate", "severe", "death", "unknown"] | None, says("What harm came of it.")
    ] = None
    told: Annotated[tuple[Told, ...], says("Who was told, when, and on what basis.")] = ()
    actions: Annotated[tuple[Id, ...], says("Tasks that it led to.")] = ()
    closed: Annotated[DateOrMoment | None, says("When it was settled.")] = None
    outcome: Annotated[Text | None, says("How it was settled.")] = None


class ConcernsFile(Record, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """concerns.yaml: incidents, complaints and worries."""

    concerns: Annotated[tuple[Concern, ...], says("Newest last.")] = ()


class Measurement(Entry, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Something that was measured."""

    date: Annotated[DateOrMoment, says("When.")]
    kind: Annotated[Word, says("weight, blood_pressure, pulse, blood_glucose, temperature, oxygen_saturation …")]
    value: Annotated[int | float | str, says("The value; a blood pressure as 128/76.")]
    unit: Annotated[Text | None, says("kg, lb, mmHg …")] = None
    by: Annotated[Who | None, says("Who measured.")] = None
    note: Annotated[Text | None, says("Anything else.")] = None


class MeasurementsFile(Record, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """measurements.yaml: what was measured."""

    measurements: Annotated[tuple[Measurement, ...], says("Newest last.")] = ()


class Supply(Entry, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Something that runs out."""

    item: Annotated[Text, says("What.")]
    on_hand: Annotated[NotNegative | None, says("How many there are.")] = None
    counted: Annotated[dt.date | None, says("When they were counted.")] = None
    use_per_day: Annotated[NotNegative | None, says("How many a day are used.")] = None
    reorder_at: Annotated[NotNegative | None, says("At how many to order again.")] = None
    supplier: Annotated[Text | None, says("Where it comes from.")] = None
    ordered: Annotated[dt.date | None, says("When it was last ordered.")] = None


class Equipment(Entry, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Something that must be serviced or sent back."""

    item: Annotated[Text, says("What.")]
    supplier: Annotated[Text | None, says("Where it comes from.")] = None
    owner: Annotated[Literal["client", "rental", "loan"] | None, says("Whose it is.")] = None
    from_: Annotated[dt.date | None, says("Since when it is there.")] = None
    until: Annotated[dt.date | None, says("When it went back.")] = None
    service_due: Annotated[dt.date | None, says("When it must be serviced.")] = None
    return_by: Annotated[dt.date | None, says("When it must be sent back.")] = None


class SuppliesFile(Record, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """supplies.yaml: what runs out, and what must be serviced or sent back."""

    supplies: Annotated[tuple[Supply, ...], says("What runs out.")] = ()
    equipment: Annotated[tuple[Equipment, ...], says("What must be serviced or sent back.")] = ()


# --- approvals -------------------------------------------------------------------------------------------------------

Meaning = Literal["author", "reviewed", "approved", "client_agreed", "withdrawn"]
MEANINGS: Final[tuple[Meaning, ...]] = ("author", "reviewed", "approved", "client_agreed", "withdrawn")
PARTS: Final = ("care-plan", "medications", "allergies")
"""What an approval covers."""


class Approval(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """approvals/NUMBER.yaml: what somebody signed off, and what for. Written by `carectl approve`, never edited."""

    client: Annotated[Id, says("The client's id, as the folder has it.")]
    number: Annotated[int, says("The file's number: each approval of a client has the next one.")]
    by: Annotated[Id, says("Who it is from: a staff id, a contact id, or the word client.")]
    name: Annotated[Text, says("Their name, as it is printed.")]
    role: Annotated[Word, says("In what role: a profession, client, health_care_proxy …")]
    meaning: Annotated[
        Meaning,
        says("author (wrote it), reviewed (read it), approved, client_agreed, or withdrawn (it no longer holds)."),
    ]
    at: Annotated[OffsetMoment, says("When, by the clock of the machine.")]
    method: Annotated[Word | None, says("How, if not with a key of their own: paper, phone …")] = None
    witnessed_by: Annotated[Id | None, says("The staff member who saw or heard it, and signs in their place.")] = None
    reason: Annotated[Text | None, says("Why it was withdrawn, or anything else that belongs to it.")] = None
    acknowledged: Annotated[
        tuple[Text, ...], says("The high changes since the last approval that were looked at, by their fingerprints.")
    ] = ()
    content: Annotated[
        dict[Word, Digest],
        says("For each part that is covered the digest of what it says, whatever its layout, order and comments."),
    ]
    files: Annotated[dict[Text, Digest], says("For each file that holds it the digest of its bytes.")]
    commit: Annotated[Text | None, says("The last commit when it was made, in a repository.")] = None
    previous: Annotated[Digest | None, says("The digest of the client's approval before this one.")] = None
    key: Annotated[
        KeyDigest | None, says("The SSH key that signed it; the signature lies beside it. Absent: it is not signed.")
    ] = None

    @property
    def signer(self) -> str:
        """Whose key may sign it: the witness's, else their own."""
        return self.witnessed_by or self.by


class ApprovalFile(NamedTuple):
    """A file of a client's folder `approvals`, as far as it could be read."""

    path: str
    number: int
    """As its name says."""
    digest: str
    """Of its bytes."""
    has_signature: bool
    """Whether a file with a signature lies beside it."""
    record: Approval | None


class Covered(NamedTuple):
    """What an approval covers, as it is on file now."""

    files: dict[str, str]
    """The digests of the files' bytes, by their paths in the client's folder."""
    content: dict[str, str]
    """The digest of what each part says; a part that cannot be read is not there."""


# --- kinds and wholes ------------------------------------------------------------------------------------------------

CLIENT_KINDS: Final[dict[str, type[Record]]] = {
    "client": Client,
    "contacts": ContactsFile,
    "assessments": AssessmentsFile,
    "care-plan": CarePlan,
    "visits": VisitsFile,
    "medications": MedicationsFile,
    "notes": NotesFile,
    "tasks": TasksFile,
    "concerns": ConcernsFile,
    "measurements": MeasurementsFile,
    "supplies": SuppliesFile,
}
"""The file kinds of a client's folder, in the order of the format page."""

FILE_KINDS: Final[dict[str, type[Record]]] = {"practice": PracticeFile, "staff": StaffMember, **CLIENT_KINDS}
"""Every file kind: the names of the schemas."""


class Broken(NamedTuple):
    """A record that is there but could not be read well enough to use: it exists by its id, and no more."""

    name: str
    """The list it stands in: `visits`, `goals`, …"""
    id: str | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything on file about one client."""

    id: str
    """The client's id, which is the folder's name."""
    path: str
    """The folder, from the root of the caseload: clients/c-014."""
    client: Client | None = None
    contacts: tuple[Contact, ...] = ()
    assessments: tuple[Assessment, ...] = ()
    plan: CarePlan | None = None
    series: tuple[Series, ...] = ()
    visits: tuple[Visit, ...] = ()
    medications: tuple[Medication, ...] = ()
    no_medications: bool = False
    """Someone said that the client takes none (`medications: none`)."""
    notes: tuple[Note, ...] = ()
    tasks: tuple[Task, ...] = ()
    concerns: tuple[Concern, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    supplies: tuple[Supply, ...] = ()
    equipment: tuple[Equipment, ...] = ()
    files: tuple[str, ...] = ()
    """The files it was read from."""
    unread: frozenset[str] = frozenset()
    """Kinds and lists that are there but could not be read whole: `visits`, `care-plan`, …"""
    broken: tuple[Broken, ...] = ()
    approvals: tuple[ApprovalFile, ...] = ()
    """By number."""
    covered: Covered | None = None
    """What the approvals cover, as it is now; None if there is no approval."""

    def broken_ids(self, *names: str) -> frozenset[str]:
        """Ids of records in these lists that exist but could not be read."""
        return frozenset(item.id for item in self.broken if item.name in names and item.id is not None)


class Caseload(NamedTuple):
    """A practice with its staff and charts, each sorted by id."""

    practice: PracticeFile | None = None
    staff: tuple[StaffMember, ...] = ()
    charts: tuple[Chart, ...] = ()
    unread_staff: frozenset[str] = frozenset()
    """Staff ids whose files are there but could not be read."""
