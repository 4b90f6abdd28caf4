"""The rules of review: what can change about a person's care, what that means, and how much it weighs.

Every change has exactly one rule. `base` says which one a value has before one looks at what happened to it; `meaning`
looks, and may name a more telling one. What has no rule of its own has the general one of its kind; what carectl does
not know (keys of the user's own) is an `other-change`. Nothing is passed over: free text can hold a clinical change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, NamedTuple

from carectl.care.changes.compare import ITSELF, Way
from carectl.caseload.identities import Group, Leaf, State

Severity = Literal["high", "medium", "low"]
SEVERITIES: Final[tuple[Severity, ...]] = ("high", "medium", "low")
"""The heaviest first. High: someone may be hurt, told what is not theirs, or the past reads differently afterwards.
Medium: care goes on in another way. Low: the record says more, or says it better."""

HIGH: Final = "high"
MEDIUM: Final = "medium"
LOW: Final = "low"


class Rule(NamedTuple):
    """One sort of change."""

    id: str
    severity: Severity
    means: str
    """What it means for a person, and why it weighs that much."""


class Judged(NamedTuple):
    """A change with what it means."""

    rule: str
    severity: Severity
    client: str | None
    kind: str
    record: str | None
    """The ids that lead to the record: falls/no-falls. None for the file itself."""
    title: str
    """What the record is called: Furosemide; a goal by its text."""
    field: str | None
    """Which field of the record; None for the record as a whole."""
    old: Any
    new: Any
    """Plain data; what is never shown is `NOT_SHOWN`."""
    message: str
    """One sentence for a coordinator, in which the record stands by its name and its id."""
    fingerprint: str
    """The same for the same change in every later commit. It is made of the values, and a short value can be guessed
    from it: where values must not be shown, the fingerprint must not be either."""
    notes: tuple[str, ...] = ()
    """What else somebody should know who looks at it."""


NOT_SHOWN: Final = "(not shown)"
"""Stands for a value that nobody needs to see in a review."""

_TABLE: Final[Mapping[str, tuple[tuple[str, Severity, str], ...]]] = {
    "Medicines": (
        ("med-started", HIGH, "A medicine begins. Everyone who gives medicines must know from the first dose on."),
        ("med-stopped", HIGH, "A medicine ends, or ends on another day. Given on by mistake, it may do harm."),
        ("med-resumed", HIGH, "A medicine that had a last day goes on."),
        ("med-removed", HIGH, "A medicine is gone from the list without a trace of when and why it was stopped."),
        ("med-name-changed", HIGH,
         "The same entry now names another medicine. An id stands for one medicine for ever."),
        ("med-dose-changed", HIGH, "How much is taken at a time. The whole of a day is worked out where it can be."),
        ("med-strength-changed", HIGH, "How strong the medicine is: with the same dose, more or less of it is taken."),
        ("med-times-changed", HIGH, "When, or how often a day, a medicine is taken."),
        ("med-as-needed-changed", HIGH,
         "Whether a medicine is taken only when needed, for what, or how often at most."),
        ("med-schedule-changed", HIGH, "The words that tell when a medicine is taken: a taper, once a week."),
        ("med-route-changed", HIGH, "The way a medicine is taken. By the wrong way it may not work, or do harm."),
        ("med-hold-begun", HIGH, "A medicine is not given for a time."),
        ("med-hold-ended", HIGH, "A medicine that was held is given again, or will be from a day on."),
        ("med-hold-changed", HIGH, "The days on which a medicine is not given, or why."),
        ("med-history-rewritten", HIGH,
         "What a medicine was before reads differently, or is gone. Nobody can tell any longer what was ordered."),
        ("med-change-recorded", LOW, "What a medicine was before, and why it changed, is written down."),
        ("med-from-changed", MEDIUM, "The day since when a medicine is taken."),
        ("med-indication-changed", MEDIUM, "What a medicine is for."),
        ("med-prescriber-changed", MEDIUM, "Who prescribed a medicine: whom one asks about it."),
        ("med-changed", MEDIUM, "Anything else about a medicine: what sort it is, why it was stopped."),
        ("medications-none", HIGH, "It is said that the client takes no medicines, or no longer said."),
    ),
    "Allergies, code status, safety": (
        ("allergy-added", HIGH, "An allergy. Everyone who gives food or medicines must know."),
        ("allergy-removed", HIGH, "An allergy is no longer on the list. By mistake, it may cost a life."),
        ("allergy-changed", HIGH, "What happens with an allergy, or how bad it is."),
        ("allergies-none-known", HIGH, "It is said that no allergies are known."),
        ("allergies-none-known-withdrawn", HIGH, "It is no longer said that no allergies are known."),
        ("code-status-changed", HIGH, "What is to be done if the heart stops."),
        ("directive-changed", HIGH, "A paper that says what the client wants, or where it is kept."),
        ("precautions-added", MEDIUM, "Something more that everyone who comes must know."),
        ("precautions-removed", HIGH, "Something that everyone who comes had to know is no longer said."),
        ("emergency-plan-changed", HIGH, "The hospital, or who steps in if a visit falls through."),
        ("diagnosis-added", MEDIUM, "A diagnosis more."),
        ("diagnosis-removed", HIGH, "A diagnosis is gone: what is done because of it may look needless."),
        ("diagnosis-changed", MEDIUM, "What a diagnosis says, or since when."),
    ),
    "The client": (
        ("client-added", MEDIUM, "A client is new in the caseload: everything on file about them is one change."),
        ("client-removed", HIGH, "Everything on file about a client is gone."),
        ("client-id-changed", HIGH, "The id in the client's file: calendars, history and sign-offs hang on it."),
        ("client-name-changed", HIGH, "The client's name. Under another name somebody may be taken for another."),
        ("client-birth-date-changed", HIGH, "The date of birth, by which clinics and pharmacies know a person."),
        ("client-status-changed", HIGH, "Where the client stands: active, on hold, discharged, deceased."),
        ("client-zone-changed", HIGH, "The time zone: every visit moves with it."),
        ("start-of-care-changed", MEDIUM, "The first day of care."),
        ("end-of-care-changed", HIGH, "The last day of care: no visit takes place after it."),
        ("client-away-changed", HIGH, "A time away. The client's visits on these days do not take place."),
        ("client-address-changed", HIGH, "Where the client lives: staff and ambulance go there."),
        ("client-access-changed", HIGH, "How to get in. What it says is not shown."),
        ("client-phone-changed", MEDIUM, "The client's phone numbers."),
        ("client-language-changed", MEDIUM, "The language that the client is at home in."),
        ("living-situation-changed", MEDIUM, "Whom the client lives with: whether anyone is there at night."),
        ("insurance-changed", MEDIUM, "Who pays. Member numbers are not shown."),
        ("skilled-care-changed", MEDIUM, "Whether skilled care is delivered: other rules may apply."),
        ("preferences-changed", LOW, "How the client likes things done."),
        ("client-changed", LOW, "Anything else about the client: pronouns, referral, why care ended."),
    ),
    "Contacts and what they may be told": (
        ("contact-added", MEDIUM, "A contact more, who is told nothing yet."),
        ("contact-added-with-sharing", HIGH, "A contact more, who may be told something from now on."),
        ("contact-removed", HIGH,
         "A contact is gone, and with them who may be called and who was allowed to know what."),
        ("contact-renamed", HIGH, "Another name under the same id: whatever is shared is now shared with that person."),
        ("contact-role-changed", HIGH, "Whether a contact is called in an emergency, decides, pays, or holds a key."),
        ("authority-changed", HIGH, "Who may decide for the client, since when and until when."),
        ("contact-call-for-changed", MEDIUM, "What a contact wants a call about."),
        ("contact-phone-changed", MEDIUM, "The number at which a contact is called."),
        ("contact-address-changed", HIGH, "Where letters, faxes and calendars to a contact go."),
        ("contact-relationship-changed", MEDIUM, "Who a contact is to the client."),
        ("contacts-reordered", MEDIUM, "The order in which contacts are called."),
        ("contact-changed", LOW, "Anything else about a contact: organization, language, a remark."),
        ("sharing-widened", HIGH, "A contact may be told more than before, or for longer."),
        ("sharing-narrowed", MEDIUM, "A contact may be told less than before, or not for as long."),
        ("sharing-revoked", MEDIUM,
         "What a contact could be told was taken back. Calendars they hold must be renewed."),
        ("sharing-backdated", HIGH, "Days that are over are now covered: what was told then looks allowed."),
        ("sharing-history-removed", HIGH, "What a contact was allowed to know in the past is no longer on file."),
        ("sharing-changed", MEDIUM,
         "An agreement to share reads differently, and lets nobody know more or less by it."),
        ("feed-widened", HIGH, "A calendar tells more than before: visits instead of times, or any calendar at all."),
        ("feed-narrowed", MEDIUM, "A calendar tells less than before, or there is none any longer."),
    ),
    "The care plan": (
        ("plan-period-changed", MEDIUM, "From when until when the plan holds."),
        ("review-due-moved", MEDIUM, "By when the plan is looked at again."),
        ("agreement-added", LOW, "Someone agreed to the plan."),
        ("agreement-removed", HIGH, "That someone agreed to the plan is no longer on file."),
        ("agreement-changed", HIGH, "How someone agreed to the plan reads differently."),
        ("problem-added", MEDIUM, "A problem more, with all its goals and interventions."),
        ("problem-removed", HIGH,
         "A problem is gone with all its goals and interventions, and nobody said it is solved."),
        ("problem-closed", MEDIUM, "A problem is no longer worked on, and the reason is on file."),
        ("problem-closed-without-reason", HIGH, "A problem is no longer worked on, and nobody said why."),
        ("problem-reopened", MEDIUM, "A problem that was closed is worked on again."),
        ("problem-status-changed", MEDIUM, "Whether a problem is proposed or worked on."),
        ("problem-statement-changed", MEDIUM, "What the problem is."),
        ("problem-priority-changed", MEDIUM, "How urgent a problem is."),
        ("problem-changed", LOW, "Anything else about a problem: its evidence, why it was closed."),
        ("goal-added", MEDIUM, "A goal more."),
        ("goal-removed", HIGH, "A goal is gone with its progress, and nobody said it is reached or given up."),
        ("goal-text-changed", MEDIUM, "What is to be reached, in words."),
        ("goal-measure-changed", MEDIUM, "What is counted: earlier values may no longer be comparable."),
        ("goal-baseline-changed", MEDIUM, "Where a goal started: progress is measured from there."),
        ("goal-target-changed", MEDIUM, "The value at which a goal is reached: more or less is asked."),
        ("goal-due-moved", MEDIUM, "By when a goal is to be reached."),
        ("goal-topic-changed", HIGH, "The topic decides which contacts are told how the goal goes."),
        ("goal-completed", MEDIUM, "A goal counts as reached and is no longer pursued."),
        ("goal-cancelled", MEDIUM, "A goal was given up."),
        ("goal-status-changed", MEDIUM, "Whether a goal is pursued: proposed, active, on hold."),
        ("goal-achievement-changed", MEDIUM, "How a goal goes: improving, worsening, reached."),
        ("goal-progress-added", LOW, "How a goal stood on a day."),
        ("goal-progress-rewritten", HIGH, "How a goal stood on a day reads differently afterwards, or is gone."),
        ("goal-changed", LOW, "Anything else about a goal: why it was put on hold or given up."),
        ("intervention-added", MEDIUM, "Something more that is done."),
        ("intervention-removed", HIGH,
         "Something that was done is gone from the plan, and nobody said it was stopped."),
        ("intervention-stopped", HIGH, "Something that was done for the client is no longer done."),
        ("intervention-held", HIGH, "Something that was done for the client is not done for the time being."),
        ("intervention-completed", MEDIUM, "Something that was to be done has been done."),
        ("intervention-status-changed", MEDIUM, "Whether something is done: proposed, active again."),
        ("intervention-text-changed", MEDIUM,
         "What is done. An instruction may hold a clinical change: read the words."),
        ("intervention-who-changed", MEDIUM, "Who does it."),
        ("intervention-frequency-changed", MEDIUM, "On which days, every how many weeks, or only when needed."),
        ("intervention-changed", LOW, "Anything else about an intervention: when and why it was stopped."),
    ),
    "Visits that repeat": (
        ("series-added", MEDIUM, "Visits begin to repeat."),
        ("series-removed", HIGH,
         "A series is gone, with it when it took place in the past. A series is ended instead."),
        ("series-ended", HIGH, "Visits end, or end earlier: afterwards nobody comes."),
        ("series-extended", MEDIUM, "Visits go on for longer."),
        ("series-from-changed", MEDIUM, "The first day of a series, from which its weeks are counted."),
        ("series-hours-cut", HIGH, "Fewer hours a week than before."),
        ("series-hours-raised", MEDIUM, "More hours a week than before."),
        ("series-hours-changed", HIGH,
         "How long or how often somebody comes, and the hours a week cannot be worked out."),
        ("series-days-changed", MEDIUM, "Other days or another length, and as many hours a week as before."),
        ("series-time-changed", MEDIUM, "The time of day at which visits start."),
        ("series-staff-changed", MEDIUM, "Somebody else comes."),
        ("series-unstaffed", HIGH, "Nobody is down for visits that somebody was down for."),
        ("series-needs-changed", MEDIUM, "What whoever comes must be able to do."),
        ("series-tasks-changed", MEDIUM, "What is done at these visits."),
        ("series-task-dropped", HIGH, "Something is no longer done at these visits."),
        ("series-days-off-added", HIGH, "Days on which nobody comes although a visit would be due."),
        ("series-days-off-removed", MEDIUM, "Days on which visits take place after all."),
        ("series-service-changed", MEDIUM, "What sort of visit it is."),
        ("series-place-changed", MEDIUM, "Where visits take place."),
        ("series-changed", LOW, "Anything else about a series: why it ended, what it follows."),
    ),
    "Single visits": (
        ("visit-added", MEDIUM, "A visit of no series."),
        ("visit-removed", HIGH, "A visit is gone without being cancelled: nobody comes, and nothing says why."),
        ("visit-moved", MEDIUM, "A visit takes place on another day or at another time."),
        ("visit-length-changed", MEDIUM, "A visit takes longer, or not as long."),
        ("visit-cancelled", MEDIUM, "A visit does not take place, and the reason is on file."),
        ("visit-cancelled-without-reason", HIGH, "A visit does not take place, and nobody said why."),
        ("visit-reinstated", MEDIUM, "A visit that was not to take place does after all."),
        ("visit-change-withdrawn", MEDIUM, "What was different about a visit is taken back: it is as its series says."),
        ("visit-confirmed", LOW, "A visit is confirmed."),
        ("visit-delivered", LOW, "A visit took place, and what was done is written down."),
        ("visit-missed", MEDIUM, "Nobody came to a visit."),
        ("visit-refused", MEDIUM, "The client did not want a visit."),
        ("visit-staff-changed", MEDIUM, "Somebody else comes to a visit."),
        ("visit-unstaffed", HIGH, "Nobody is down for a visit that somebody was down for."),
        ("visit-tasks-changed", MEDIUM, "What is to be done at a visit, or what whoever comes must be able to do."),
        ("visit-service-changed", MEDIUM, "What sort of visit it is."),
        ("visit-place-changed", MEDIUM, "Where a visit takes place."),
        ("visit-occurrence-changed", HIGH,
         "An entry now stands for another visit: the one before is as it was due again."),
        ("visit-changed", LOW,
         "Anything else about a visit: a remark, the way there, what is written down the same day."),
        ("past-visit-rewritten", HIGH, "What is on file about a visit of the past reads differently afterwards."),
        ("past-visit-removed", HIGH, "What happened at a visit of the past is no longer on file."),
    ),
    "Assessments, notes, concerns, measurements": (
        ("past-entry-rewritten", HIGH,
         "An entry of the past reads differently. A correction is a new entry that `amends` it; the old one stays."),
        ("past-entry-removed", HIGH, "An entry of the past is gone. What was wrong is corrected by a new entry."),
        ("past-entry-completed", MEDIUM, "Something was filled in afterwards in an entry of the past."),
        ("assessment-added", MEDIUM, "An assessment: scores and findings that a plan rests on."),
        ("assessment-removed", HIGH, "An assessment is gone; a plan may rest on it."),
        ("assessment-changed", MEDIUM, "An assessment of today, or of a day to come, reads differently."),
        ("note-added", LOW, "What was said to whom."),
        ("note-removed", MEDIUM, "A note of today is gone."),
        ("note-changed", MEDIUM, "A note of today reads differently."),
        ("concern-added", MEDIUM, "A fall, a complaint, a worry: someone should look at it."),
        ("concern-removed", HIGH, "A concern is gone: what is not on file is not followed up."),
        ("concern-changed", MEDIUM, "A concern of today reads differently."),
        ("concern-harm-changed", HIGH, "What harm came of it."),
        ("concern-told", MEDIUM, "Someone was told of a concern."),
        ("concern-told-rewritten", HIGH,
         "Who was told of a concern, when or on what basis reads differently, or is gone."),
        ("concern-closed", MEDIUM, "A concern counts as settled."),
        ("concern-reopened", MEDIUM, "A concern that was settled is open again."),
        ("concern-actions-changed", MEDIUM, "The tasks that a concern led to, or how it was settled."),
        ("measurement-added", LOW, "Something was measured."),
        ("measurement-removed", MEDIUM, "A measurement of today is gone."),
        ("measurement-changed", MEDIUM, "A measurement of today reads differently."),
    ),
    "Tasks, supplies, equipment": (
        ("task-added", LOW, "A follow-up more that somebody has to do."),
        ("task-removed", MEDIUM, "A follow-up is gone without being done."),
        ("task-done", LOW, "A follow-up is done."),
        ("task-reopened", MEDIUM, "A follow-up that was done is open again."),
        ("task-due-moved", MEDIUM, "By when a follow-up is to be done."),
        ("task-who-changed", MEDIUM, "Who does a follow-up."),
        ("task-changed", LOW, "Anything else about a follow-up: its words, what came of it."),
        ("supply-added", LOW, "Something that runs out."),
        ("supply-removed", LOW, "Something that runs out is no longer watched."),
        ("supply-changed", LOW, "How much there is, how fast it goes, where it comes from."),
        ("equipment-added", LOW, "Something that must be serviced or sent back."),
        ("equipment-removed", MEDIUM, "Something is no longer watched that must be serviced or sent back."),
        ("equipment-due-moved", MEDIUM, "By when something must be serviced or sent back."),
        ("equipment-changed", LOW, "Anything else about equipment."),
    ),
    "Any entry": (
        ("private-lifted", HIGH, "An entry that never left the coordinator may do so from now on."),
        ("private-set", MEDIUM, "An entry no longer leaves the coordinator: letters and plans go without it."),
        ("about-removed", HIGH, "Somebody whom an entry is about may now be shown it."),
        ("about-added", MEDIUM, "Somebody is not shown an entry, for it is about them."),
        ("family-words-changed", MEDIUM, "The words that reach the family."),
        ("entry-corrected", MEDIUM, "A new entry corrects an earlier one, which counts for nothing from then on."),
        ("amends-changed", HIGH, "Which entry another one corrects: the corrected one counts for nothing."),
        ("provenance-added", LOW, "Who wrote an entry down, or when, is filled in."),
        ("provenance-rewritten", HIGH, "Who wrote an entry down, or when, reads differently afterwards."),
    ),
    "Staff": (
        ("staff-added", MEDIUM, "Somebody more who delivers care."),
        ("staff-removed", HIGH, "Somebody who delivers care is gone from the roster."),
        ("staff-id-changed", HIGH, "The id in a staff member's file: visits and history name it."),
        ("staff-renamed", HIGH, "Another name under the same id: past visits seem to be that person's."),
        ("staff-role-changed", HIGH, "The person's profession: what they may do."),
        ("staff-skills-changed", MEDIUM, "What the person has shown they can do."),
        ("staff-employment-changed", MEDIUM, "From when until when somebody works here."),
        ("staff-availability-changed", MEDIUM, "When somebody can work."),
        ("staff-away-changed", MEDIUM, "A time away: on these days somebody else must come."),
        ("staff-hours-changed", MEDIUM, "How many hours a week somebody works at most."),
        ("credential-added", MEDIUM, "A licence or certificate more."),
        ("credential-removed", HIGH, "A licence or certificate is gone."),
        ("credential-changed", HIGH, "When a licence or certificate was issued, or until when it is valid."),
        ("training-added", LOW, "A training that was attended."),
        ("training-changed", MEDIUM, "A training of the past reads differently, or is gone."),
        ("staff-changed", LOW, "Anything else about somebody: phone, e-mail, languages."),
    ),
    "The practice": (
        ("practice-zone-changed", HIGH, "The practice's time zone: the visits of all clients without their own move."),
        ("practice-rules-changed", HIGH, "Which rules apply: profile, state, rule packs, what counts as late."),
        ("review-severities-changed", HIGH, "How much changes weigh in a review."),
        ("publishing-changed", HIGH, "Where calendars are published to: client data goes there."),
        ("travel-changed", MEDIUM, "How long the way takes: which visits can both be kept."),
        ("practice-changed", MEDIUM, "Anything else about the practice: name, coordinator, how families reach it."),
    ),
    "Everything else": (
        ("other-change", LOW, "What carectl does not know: keys of your own. It is shown all the same."),
    ),
}  # fmt: skip

GROUPS: Final[Mapping[str, tuple[Rule, ...]]] = {
    title: tuple(Rule(*row) for row in rows) for title, rows in _TABLE.items()
}
"""The rules as a page shows them."""
RULES: Final[Mapping[str, Rule]] = {rule.id: rule for rules in GROUPS.values() for rule in rules}
"""Every rule by its id."""
OTHER: Final = "other-change"


# --- which rule a value has ------------------------------------------------------------------------------------------


class Base(NamedTuple):
    """The rules of a value when it is added, removed, and changed."""

    added: str
    removed: str
    changed: str


def _fields(rule: str, *names: str) -> Iterator[tuple[str, Base]]:
    """Fields that have one rule, whatever happens to them."""
    for name in names:
        yield name, Base(rule, rule, rule)


def _entries(
    name: str, added: str, removed: str, changed: str, *fields: tuple[str, Base], own: bool = True
) -> Iterator[tuple[str, Base]]:
    """A list of entries and their fields. `own`: entries with an id, which carry what every entry may."""
    yield f"{name}[]", Base(added, removed, changed)
    for field, base in (*fields, *(_SHARED if own else ())):
        yield f"{name}[].{field}", base


_SHARED: Final = (
    *_fields("provenance-rewritten", "author", "author.name", "recorded"),
    *_fields("amends-changed", "amends"),
    *_fields("family-words-changed", "for_family"),
    *_fields("private-set", "private"),
    *_fields("about-added", "about"),
)

_BASES: Final[Mapping[str, Mapping[str, Base]]] = {
    "practice": dict((
        *_fields("practice-changed", "", "practice", "practice.name", "practice.coordinator", "practice.email",
                 "practice.phone", "practice.currency"),
        *_fields("practice-zone-changed", "practice.timezone"),
        *_fields("practice-rules-changed", "practice.profile", "practice.state", "practice.hipaa_covered",
                 "practice.late_after", "rules"),
        *_fields("publishing-changed", "calendar", "calendar.publish_to", "calendar.url"),
        *_fields("travel-changed", "travel", "travel.default"),
        *_entries("travel.table", "travel-changed", "travel-changed", "travel-changed",
                  *_fields("travel-changed", "takes"), own=False),
        *_fields("review-severities-changed", "review", "review.severities"),
    )),
    "staff": dict((
        *_entries(
            "staff", "staff-added", "staff-removed", "staff-changed",
            *_fields("staff-id-changed", "id"),
            *_fields("staff-renamed", "name", "name.given", "name.family"),
            *_fields("staff-role-changed", "role"),
            *_fields("staff-skills-changed", "skills"),
            *_fields("staff-changed", "name.preferred", "languages", "phone", "email"),
            *_fields("staff-employment-changed", "employed", "employed.from", "employed.until"),
            *_fields("staff-availability-changed", "availability"),
            *_entries("away", "staff-away-changed", "staff-away-changed", "staff-away-changed",
                      *_fields("staff-away-changed", "until", "where", "reason"), own=False),
            *_fields("staff-hours-changed", "max_hours_per_week"),
            *_entries("credentials", "credential-added", "credential-removed", "credential-changed",
                      *_fields("credential-changed", "issued", "expires"), own=False),
            *_entries("training", "training-added", "training-changed", "training-changed",
                      *_fields("training-changed", "topic", "hours"), own=False),
            *_fields("feed-widened", "calendar"),
            own=False,
        ),
    )),
    "client": dict((
        *_fields("client-changed", "", "name.preferred", "sex", "pronouns", "end_reason", "referral", "referral.date",
                 "referral.by", "referral.by.name", "referral.reason", "emergency"),
        *_fields("client-id-changed", "id"),
        *_fields("client-name-changed", "name", "name.given", "name.family"),
        *_fields("client-status-changed", "status"),
        *_fields("client-birth-date-changed", "birth_date"),
        *_fields("client-language-changed", "language"),
        *_fields("client-zone-changed", "timezone"),
        *_fields("start-of-care-changed", "start_of_care"),
        *_fields("end-of-care-changed", "end_of_care"),
        *_entries("away", "client-away-changed", "client-away-changed", "client-away-changed",
                  *_fields("client-away-changed", "until", "where", "reason"), own=False),
        *_fields("client-address-changed", "address", "address.street", "address.city", "address.state",
                 "address.postal_code"),
        *_fields("client-access-changed", "address.access"),
        *_fields("client-phone-changed", "phones"),
        *_fields("living-situation-changed", "living_situation"),
        *_entries("insurance", "insurance-changed", "insurance-changed", "insurance-changed",
                  *_fields("insurance-changed", "phone"), own=False),
        *_fields("skilled-care-changed", "receives_skilled"),
        *_entries("diagnoses", "diagnosis-added", "diagnosis-removed", "diagnosis-changed",
                  *_fields("diagnosis-changed", "code", "text", "system", "since"), own=False),
        *_entries("allergies", "allergy-added", "allergy-removed", "allergy-changed",
                  *_fields("allergy-changed", "reaction", "severity"), own=False),
        ("allergies()", Base("allergies-none-known", "allergies-none-known-withdrawn", "allergies-none-known")),
        # A word that is none of the format's, or an empty list, stands there as a value.
        *_fields("allergies-none-known", "allergies"),
        *_fields("code-status-changed", "code_status"),
        *_entries("advance_directives", "directive-changed", "directive-changed", "directive-changed",
                  *_fields("directive-changed", "where"), own=False),
        *_fields("precautions-added", "precautions"),
        *_fields("preferences-changed", "preferences"),
        *_fields("emergency-plan-changed", "emergency.hospital", "emergency.backup_plan"),
    )),
    "contacts": dict((
        *_entries(
            "contacts", "contact-added", "contact-removed", "contact-changed",
            *_fields("contact-renamed", "name"),
            *_fields("contact-relationship-changed", "relationship"),
            *_fields("contact-role-changed", "roles"),
            *_fields("contact-call-for-changed", "call_for"),
            *_fields("contact-phone-changed", "phone"),
            *_fields("contact-address-changed", "email", "address", "fax"),
            *_fields("contact-changed", "calls_client", "language", "organization", "note"),
            *_entries("authority", "authority-changed", "authority-changed", "authority-changed",
                      *_fields("authority-changed", "until", "where"), own=False),
            *_entries("sharing", "sharing-widened", "sharing-narrowed", "sharing-changed",
                      *_fields("sharing-changed", "topics", "expires", "revoked", "continues"), own=False),
            *_fields("feed-widened", "calendar"),
        ),
        ("contacts()", Base("contacts-reordered", "contacts-reordered", "contacts-reordered")),
    )),
    "assessments": dict((
        *_entries(
            "assessments", "assessment-added", "assessment-removed", "assessment-changed",
            *_fields("assessment-changed", "kind", "date", "assessor", "assessor.name", "informants", "strengths",
                     "client_goals", "summary"),
            *_entries("instruments", "assessment-changed", "assessment-changed", "assessment-changed",
                      *_fields("assessment-changed", "answers", "score"), own=False),
            *_entries("findings", "assessment-changed", "assessment-changed", "assessment-changed",
                      *_fields("assessment-changed", "domain", "finding", "need"), own=False),
        ),
    )),
    "care-plan": dict((
        *_fields("plan-period-changed", "", "period", "period.from", "period.until"),
        *_fields("review-due-moved", "review_due"),
        *_entries("agreed", "agreement-added", "agreement-removed", "agreement-changed",
                  *_fields("agreement-changed", "how"), own=False),
        *_entries(
            "problems", "problem-added", "problem-removed", "problem-changed",
            *_fields("problem-statement-changed", "statement"),
            *_fields("problem-status-changed", "status"),
            *_fields("problem-priority-changed", "priority"),
            *_fields("problem-changed", "evidence", "reason", "block"),
            *_entries(
                "goals", "goal-added", "goal-removed", "goal-changed",
                *_fields("goal-text-changed", "text"),
                *_fields("goal-status-changed", "status"),
                *_fields("goal-measure-changed", "measure"),
                *_fields("goal-baseline-changed", "baseline"),
                *_fields("goal-target-changed", "target"),
                *_fields("goal-due-moved", "due"),
                *_fields("goal-topic-changed", "topic"),
                *_fields("goal-achievement-changed", "achievement"),
                *_fields("goal-changed", "reason"),
                *_entries("progress", "goal-progress-added", "goal-progress-rewritten", "goal-progress-rewritten",
                          *_fields("goal-progress-rewritten", "value", "note"),
                          *_fields("family-words-changed", "for_family"), own=False),
            ),
            *_entries(
                "interventions", "intervention-added", "intervention-removed", "intervention-changed",
                *_fields("intervention-text-changed", "text"),
                *_fields("intervention-status-changed", "status"),
                *_fields("intervention-who-changed", "who"),
                *_fields("intervention-frequency-changed", "days", "every", "as_needed"),
                *_fields("intervention-changed", "stopped", "reason"),
            ),
        ),
    )),
    "visits": dict((
        *_entries(
            "series", "series-added", "series-removed", "series-changed",
            *_fields("series-service-changed", "service"),
            *_fields("series-from-changed", "from"),
            *_fields("series-ended", "until"),
            *_fields("series-time-changed", "at"),
            *_fields("series-hours-changed", "days", "every", "rrule", "duration", "to"),
            *_fields("series-staff-changed", "staff", "with"),
            *_fields("series-needs-changed", "needs"),
            *_fields("series-tasks-changed", "does"),
            *_fields("series-days-off-added", "except"),
            *_fields("series-place-changed", "where"),
            *_fields("series-changed", "follows", "together", "reason"),
        ),
        *_entries(
            "visits", "visit-added", "visit-removed", "visit-changed",
            *_fields("visit-occurrence-changed", "series", "day"),
            *_fields("visit-service-changed", "service"),
            *_fields("visit-staff-changed", "staff", "with"),
            *_fields("visit-tasks-changed", "needs", "does"),
            *_fields("visit-moved", "date", "at"),
            *_fields("visit-length-changed", "duration", "to"),
            *_fields("visit-reinstated", "status"),
            *_fields("visit-place-changed", "where"),
            *_fields("visit-changed", "reason", "actual", "actual.in", "actual.out", "did", "note", "travel",
                     "travel.minutes", "travel.miles", "travel.km", "together", "imported", "imported.calendar",
                     "imported.uid", "imported.recurrence"),
        ),
    )),
    "medications": dict((
        *_entries(
            "medications", "med-started", "med-removed", "med-changed",
            *_fields("med-name-changed", "name"),
            *_fields("med-dose-changed", "dose"),
            *_fields("med-strength-changed", "strength"),
            *_fields("med-route-changed", "route"),
            *_fields("med-times-changed", "times"),
            *_fields("med-as-needed-changed", "as_needed", "as_needed.reason", "as_needed.max_per_day"),
            *_fields("med-schedule-changed", "schedule"),
            *_fields("med-indication-changed", "indication"),
            *_fields("med-prescriber-changed", "prescriber", "prescriber.name"),
            *_fields("med-from-changed", "from"),
            *_fields("med-stopped", "until"),
            *_fields("med-changed", "kind", "reason"),
            *_entries("held", "med-hold-begun", "med-hold-ended", "med-hold-changed",
                      *_fields("med-hold-changed", "until", "reason"), own=False),
            *_entries("changed", "med-change-recorded", "med-history-rewritten", "med-history-rewritten",
                      *_fields("med-history-rewritten", "was", "reason", "ordered_by", "ordered_by.name", "read_back"),
                      own=False),
        ),
        ("medications()", Base("medications-none", "medications-none", "medications-none")),
        *_fields("medications-none", "medications"),
    )),
    "notes": dict(_entries(
        "notes", "note-added", "note-removed", "note-changed",
        *_fields("note-changed", "at", "text", "with", "with.name", "channel", "minutes", "topics", "billable"),
    )),
    "tasks": dict(_entries(
        "tasks", "task-added", "task-removed", "task-changed",
        *_fields("task-changed", "text", "from", "outcome"),
        *_fields("task-due-moved", "due"),
        *_fields("task-who-changed", "who", "who.name"),
        ("done", Base("task-done", "task-reopened", "task-changed")),
    )),
    "concerns": dict(_entries(
        "concerns", "concern-added", "concern-removed", "concern-changed",
        *_fields("concern-changed", "kind", "at", "facts"),
        *_fields("concern-harm-changed", "harm"),
        *_entries("told", "concern-told", "concern-told-rewritten", "concern-told-rewritten",
                  *_fields("concern-told-rewritten", "basis"), own=False),
        *_fields("concern-actions-changed", "actions", "outcome"),
        ("closed", Base("concern-closed", "concern-reopened", "concern-closed")),
    )),
    "measurements": dict(_entries(
        "measurements", "measurement-added", "measurement-removed", "measurement-changed",
        *_fields("measurement-changed", "date", "kind", "value", "unit", "by", "by.name", "note"),
    )),
    "supplies": dict((
        *_entries(
            "supplies", "supply-added", "supply-removed", "supply-changed",
            *_fields("supply-changed", "item", "on_hand", "counted", "use_per_day", "reorder_at", "supplier",
                     "ordered"),
        ),
        *_entries(
            "equipment", "equipment-added", "equipment-removed", "equipment-changed",
            *_fields("equipment-changed", "item", "supplier", "owner", "from", "until"),
            *_fields("equipment-due-moved", "service_due", "return_by"),
        ),
    )),
}  # fmt: skip
"""By kind and place, the rules of a value. A place is a way in which an entry is just `[]`: medications[].dose."""


def place_of(way: Way) -> str:
    """A way without what tells one entry from another: medications[].held[].until; `()` is a list itself."""
    place = ""
    for step in way:
        if isinstance(step, tuple):
            place += "()" if step == ITSELF else "[]"
        else:
            place += f".{step}" if place else step
    return place


def base(kind: str, way: Way) -> Base:
    """The rules of the value at a way. A place without rules has those of the nearest one above it."""
    if any(isinstance(step, str) and step.startswith("x-") for step in way):
        return Base(OTHER, OTHER, OTHER)
    known = _BASES[kind]
    for length in range(len(way), -1, -1):
        found = known.get(place_of(way[:length]))
        if found is not None:
            # Below an entry or field that is known, something has changed about that.
            return found if length == len(way) else Base(found.changed, found.changed, found.changed)
    return Base(OTHER, OTHER, OTHER)


def places(kind: str) -> Mapping[str, Base]:
    """Every place of a kind that has rules."""
    return _BASES[kind]


# --- how much a practice lets them weigh -----------------------------------------------------------------------------


def heavier(one: Severity, other: Severity) -> Severity:
    """The heavier of two severities."""
    return min(one, other, key=SEVERITIES.index)


def severities(old: State, new: State) -> Mapping[str, Severity]:
    """How much every rule weighs, by the practice's own settings before and after (states of the practice).

    Settings only ever raise, and the higher one of both sides counts: a change cannot make itself look harmless.
    """
    found = {rule.id: rule.severity for rule in RULES.values()}
    for side in (old, new):
        for rule_id, severity in _set(side):
            found[rule_id] = heavier(found[rule_id], severity)
    return found


def _set(practice: State) -> Iterator[tuple[str, Severity]]:
    """The severities that a practice sets, those that mean something."""
    node = practice.kinds.get("practice")
    for name in ("review", "severities"):
        node = node.fields.get(name) if isinstance(node, Group) else None  # type: ignore[assignment]
    for rule_id, leaf in node.fields.items() if isinstance(node, Group) else ():
        if rule_id in RULES and isinstance(leaf, Leaf) and leaf.value in SEVERITIES:
            yield rule_id, leaf.value


# --- the page --------------------------------------------------------------------------------------------------------


def reference() -> Iterator[str]:
    """The table of rules as Markdown, line by line, for docs/review-rules.md."""
    for title, rules in GROUPS.items():
        yield f"## {title}"
        yield ""
        yield "| rule | weighs | what it means |"
        yield "|---|---|---|"
        for rule in rules:
            yield f"| `{rule.id}` | {rule.severity} | {rule.means} |"
        yield ""
