"""The practice and its staff."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence

from carectl.care.checks.case import ends_before, found, meant, roster
from carectl.care.checks.client import NO_ZONE, zone_hint, zone_unknown
from carectl.care.checks.dates import date_in_future, end_before_start
from carectl.care.checks.references import id_reserved, slip, staff_unknown, word_misspelt
from carectl.care.setting import Setting
from carectl.care.travel import pair, postal_of
from carectl.caseload.records import ROLES, PracticeFile, StaffMember
from carectl.findings import Finding, Severity, code

PracticeCheck = Callable[[PracticeFile | None, Sequence[StaffMember], Setting], Iterator[Finding]]


def practice_zone(practice: PracticeFile | None, staff: Sequence[StaffMember], setting: Setting) -> Iterator[Finding]:
    """The practice's own time zone."""
    if practice is not None and setting.zones(practice.practice.timezone) is None:
        at = practice.origin.at("practice", "timezone")
        yield found(zone_unknown, at, NO_ZONE, zone_hint(practice.practice.timezone))


def coordinator(practice: PracticeFile | None, staff: Sequence[StaffMember], setting: Setting) -> Iterator[Finding]:
    """The coordinator is on the roster too."""
    who = practice.practice.coordinator if practice is not None else None
    if practice is None or who is None or who in roster(setting):
        return
    hint = meant(who, roster(setting)) or f"correct it, or add staff/{who}.yaml"
    message = f"`coordinator` names {who}, but nobody on the roster has this id"
    yield found(staff_unknown, practice.origin.at("practice", "coordinator"), message, hint)


def staff_ids(practice: PracticeFile | None, staff: Sequence[StaffMember], setting: Setting) -> Iterator[Finding]:
    """Nobody on the roster has the word for the client as an id."""
    for member in staff:
        if member.id == "client":
            message = "the id client is the word for the client"
            yield found(id_reserved, member.origin.at("id"), message, "give this person another id")


def staff_roles(practice: PracticeFile | None, staff: Sequence[StaffMember], setting: Setting) -> Iterator[Finding]:
    """Roles that are nearly one that carectl knows."""
    for member in staff:
        if near := slip(member.role, ROLES):
            message = f"`role` says {member.role}, which carectl does not know"
            yield found(word_misspelt, member.origin.at("role"), message, f"did you mean {near}?")


def staff_stretches(practice: PracticeFile | None, staff: Sequence[StaffMember], setting: Setting) -> Iterator[Finding]:
    """Stretches of time that run backwards."""
    zone = setting.now.tzinfo or dt.UTC
    for member in staff:
        stretches = [
            (away.origin.at("until"), "from", "until", away.from_, away.until) for away in member.away
        ]  # fmt: skip
        for at, first, last, start, until in stretches:
            if until is not None and ends_before(start, until, zone):
                yield found(end_before_start, at, f"`{last}` is before `{first}`", "correct one of the two dates")
        employed = member.employed
        if employed is not None and employed.until is not None and employed.until < employed.from_:
            at = member.origin.at("employed", "until")
            yield found(end_before_start, at, "`until` is before `from`", "correct one of the two dates")
        for item in member.credentials:
            if item.issued is not None and item.expires is not None and item.expires < item.issued:
                at = item.origin.at("expires")
                yield found(end_before_start, at, "`expires` is before `issued`", "correct one of the two dates")


def staff_future(practice: PracticeFile | None, staff: Sequence[StaffMember], setting: Setting) -> Iterator[Finding]:
    """Trainings and papers of days that have not come yet."""
    for member in staff:
        for training in member.training:
            if training.date > setting.today:
                yield found(date_in_future, training.origin.at("date"), "`date` has not come yet", "correct the date")
        for item in member.credentials:
            if item.issued is not None and item.issued > setting.today:
                yield found(date_in_future, item.origin.at("issued"), "`issued` has not come yet", "correct the date")


@code("availability-without-days", Severity.WARNING)
def availability_without_days(
    practice: PracticeFile | None, staff: Sequence[StaffMember], setting: Setting
) -> Iterator[Finding]:
    """Hours in which someone can work, on no day.

    The line says nothing, and the person is never asked for the hours that were meant. Name the days, or remove the
    line.

    Wrong:
        availability:
          - {days: [], from: "07:00", to: "16:00"}
    Right:
        availability:
          - {days: [mon, tue, wed, thu, fri], from: "07:00", to: "16:00"}
    """
    for member in staff:
        if "availability" in member.origin.unread:
            continue
        for position, hours in enumerate(member.availability):
            if not hours.days:
                at = member.origin.at("availability", position, "days")
                yield found(availability_without_days, at, "`days` names no day", "name the days")


@code("travel-way-unknown", Severity.WARNING)
def travel_way_unknown(
    practice: PracticeFile | None, staff: Sequence[StaffMember], setting: Setting
) -> Iterator[Finding]:
    """A travel time between places that no client has.

    It is never used: visits that lie too close together go unnoticed, or the way counts as long as any other. `between`
    names two places, each by the id of a client or by a postal code that stands in a client's address.

    Wrong:
        travel:
          table:
            - {between: [c-014, c-070], takes: 25m}
    Right:
        travel:
          table:
            - {between: [c-014, c-007], takes: 25m}
    """
    if practice is None or practice.travel is None:
        return
    for item in practice.travel.table:
        if "between" in item.origin.unread:
            continue
        at, names = item.origin.at("between"), item.between
        if len(names) != 2:
            count = "1 place" if len(names) == 1 else f"{len(names)} places" if names else "no place"
            message = f"`between` names {count}, and a way has two ends"
            yield found(travel_way_unknown, at, message, "name two clients or postal codes")
            continue
        if names[0] == names[1] and names[0] in setting.clients:
            message = f"`between` names {names[0]} twice, and nobody travels within one house"
            yield found(travel_way_unknown, at, message, "name two clients or postal codes")
            continue
        for position, name in enumerate(names):
            codes = setting.postal_codes
            if codes is not None and name not in setting.clients and postal_of(name) not in codes:
                message = "this is no client, and no client's address has such a postal code"
                hint = meant(name, setting.clients) or "correct it, or remove this way"
                yield found(travel_way_unknown, item.origin.at("between", position), message, hint)


@code("travel-way-twice", Severity.WARNING)
def travel_way_twice(
    practice: PracticeFile | None, staff: Sequence[StaffMember], setting: Setting
) -> Iterator[Finding]:
    """A way that stands twice in the travel table.

    Only the first of the two counts, in both directions: whoever changes the second one changes nothing. Remove one of
    them. A way takes the same time there and back; if it does not, write down the longer one.

    Wrong:
        travel:
          table:
            - {between: [c-014, c-007], takes: 25m}
            - {between: [c-007, c-014], takes: 35m}
    Right:
        travel:
          table:
            - {between: [c-014, c-007], takes: 35m}
    """
    known: set[frozenset[str]] = set()
    for item in practice.travel.table if practice is not None and practice.travel is not None else ():
        if len(item.between) != 2:
            continue
        ends = pair(item.between)
        if ends in known:
            message = "this way stands above already, and only the first of the two counts"
            yield found(travel_way_twice, item.origin.at("between"), message, "remove one of them")
        known.add(ends)


@code("review-rule-unknown", Severity.ERROR)
def review_rule_unknown(
    practice: PracticeFile | None, staff: Sequence[StaffMember], setting: Setting
) -> Iterator[Finding]:
    """A severity for a rule of review that there is not.

    Usually it is a slip of the keyboard, and then nothing is raised: the changes that you wanted to look at more
    closely weigh what they always did. Every rule stands in docs/review-rules.md, and beside each change that
    `carectl diff` shows.

    Wrong:
        review:
          severities: {goal-due-move: high}
    Right:
        review:
          severities: {goal-due-moved: high}
    """
    from carectl.care.changes.rules import RULES

    for rule in _severities(practice):
        if rule not in RULES and not rule.startswith("x-"):
            message = "no change is judged by a rule of this name"
            yield _at_rule(practice, rule, review_rule_unknown, message, meant(rule, RULES) or "remove it")


@code("review-severity-lowered", Severity.ERROR)
def review_severity_lowered(
    practice: PracticeFile | None, staff: Sequence[StaffMember], setting: Setting
) -> Iterator[Finding]:
    """A rule of review that is to weigh less than it does.

    A practice can let changes weigh more, never less: else the one change that hurts somebody could be made to look
    harmless beforehand. Such a line counts for nothing. Remove it, or raise the severity.

    Wrong:
        review:
          severities: {med-dose-changed: low}
    Right:
        review:
          severities: {goal-due-moved: high}
    """
    from carectl.care.changes.rules import RULES, SEVERITIES

    for rule, severity in _severities(practice).items():
        known = RULES.get(rule)
        if known is not None and SEVERITIES.index(severity) > SEVERITIES.index(known.severity):
            message = f"{rule} is {known.severity} by itself, and cannot be made {severity}"
            yield _at_rule(practice, rule, review_severity_lowered, message, "remove this line, or raise it")


def _severities(practice: PracticeFile | None) -> Mapping[str, str]:
    return practice.review.severities if practice is not None and practice.review is not None else {}


def _at_rule(practice: PracticeFile | None, rule: str, check: PracticeCheck, message: str, hint: str) -> Finding:
    assert practice is not None
    return found(check, practice.origin.at("review", "severities", rule), message, hint)


CHECKS: tuple[PracticeCheck, ...] = (
    practice_zone,
    coordinator,
    staff_ids,
    staff_roles,
    staff_stretches,
    staff_future,
    availability_without_days,
    travel_way_unknown,
    travel_way_twice,
    review_rule_unknown,
    review_severity_lowered,
)
