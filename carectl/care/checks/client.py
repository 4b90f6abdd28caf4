"""Who the client is: what must be said before care begins, and when it ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from carectl.care.checks.case import Case, is_read, meant
from carectl.findings import Finding, Severity, code

COMMON_ZONES: Final = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
    "America/Anchorage", "Pacific/Honolulu", "America/Detroit", "America/Indiana/Indianapolis", "America/Puerto_Rico",
    "America/Toronto", "America/Vancouver", "America/Halifax", "America/Mexico_City", "Europe/London", "Europe/Dublin",
    "Europe/Berlin", "Europe/Paris", "Europe/Madrid", "Europe/Rome", "Europe/Zurich", "Asia/Kolkata", "Asia/Tokyo",
    "Australia/Sydney", "Pacific/Auckland",
)  # fmt: skip
"""Zones that a did-you-mean offers; every zone of the tz database is known."""

UNDER_CARE: Final = ("active", "on_hold")


@code("client-incomplete", Severity.ERROR)
def client_incomplete(case: Case) -> Iterator[Finding]:
    """A client under care without a date of birth or a start of care.

    Hospitals and pharmacies find people by their date of birth, and every review counts from the start of care. Add
    the line to client.yaml. While a client is only an inquiry, neither is wanted.

    Wrong:
        status: active
    Right:
        status: active
        birth_date: 1941-03-09
        start_of_care: 2026-08-03
    """
    client = case.chart.client
    if client is None or client.status not in UNDER_CARE:
        return
    for field in ("birth_date", "start_of_care"):
        if getattr(client, field) is None and is_read(client.origin, field):
            message = f"`{field}` is missing, and the client is {_status(client.status)}"
            yield case.say(client_incomplete, client.origin.at(), message, f"add `{field}: YYYY-MM-DD`")


@code("allergies-not-stated", Severity.ERROR)
def allergies_not_stated(case: Case) -> Iterator[Finding]:
    """Nobody said whether a client under care has allergies.

    An empty line looks just like "none", and someone will give a medicine because of it. List the allergies, or write
    the words none_known after you have asked: said, never assumed.

    Wrong:
        allergies: []
    Right:
        allergies: none_known
    """
    client = case.chart.client
    if client is None or client.status not in UNDER_CARE or client.allergies or not is_read(client.origin, "allergies"):
        return
    at = client.origin.at() if client.allergies is None else client.origin.at("allergies")
    message = "`allergies` is not stated: nobody can tell whether there are none"
    yield case.say(allergies_not_stated, at, message, "list them, or write `allergies: none_known` after asking")


@code("code-status-not-stated", Severity.ERROR)
def code_status_not_stated(case: Case) -> Iterator[Finding]:
    """Nobody wrote down what is to be done if the heart of a client under care stops.

    Whoever is there will have to decide within seconds, perhaps against the client's will. Ask, and write one of full,
    dnr, dni or comfort; unknown says that you asked and could not find out.

    Wrong:
        status: active
    Right:
        status: active
        code_status: dnr
    """
    client = case.chart.client
    if client is None or client.status not in UNDER_CARE or client.code_status is not None:
        return
    if is_read(client.origin, "code_status"):
        message = "`code_status` is not stated: nobody can tell what is to be done if the heart stops"
        hint = "add `code_status:` full, dnr, dni, comfort or unknown"
        yield case.say(code_status_not_stated, client.origin.at(), message, hint)


@code("code-status-against-directive", Severity.ERROR)
def code_status_against_directive(case: Case) -> Iterator[Finding]:
    """The code status is full, and a paper on file says that the client is not to be resuscitated or intubated.

    One paramedic reads the status, another one the paper, and what is done within seconds cannot be undone. Ask the
    client or whoever decides. If the paper holds, write its code status. If it was withdrawn, take it out of
    `advance_directives` and fetch it from where it hangs: git keeps what was on file. Only if it must stay on file,
    waive this with the day on which it was withdrawn.

    Wrong:
        code_status: full
        advance_directives:
          - {kind: dnr, date: 2025-11-02, where: On the fridge}
    Right:
        code_status: dnr
        advance_directives:
          - {kind: dnr, date: 2025-11-02, where: On the fridge}
    """
    client = case.chart.client
    if client is None or client.status not in UNDER_CARE or client.code_status != "full":
        return
    if any(paper.kind in _AGAINST_FULL for paper in client.advance_directives):
        message = "`code_status` is full, but a paper in `advance_directives` speaks against it"
        hint = "ask which of them holds: write its code status, or take out a paper that was withdrawn"
        yield case.say(code_status_against_directive, client.origin.at("code_status"), message, hint)


_AGAINST_FULL: Final = frozenset({"dnr", "dnr_order", "out_of_hospital_dnr", "dni", "comfort_care_order"})
"""Sorts of papers that say by their name that not everything is to be done. A polst may say either."""


@code("medications-not-stated", Severity.WARNING)
def medications_not_stated(case: Case) -> Iterator[Finding]:
    """Nobody said which medicines an active client takes, or that there are none.

    An empty list reads like "none" to a paramedic. List every medicine, those without prescription too, or write
    `medications: none` after you have looked into the cabinet.

    Wrong:
        # medications.yaml
        medications: []
    Right:
        # medications.yaml
        medications: none
    """
    chart = case.chart
    if case.is_active and not chart.medications and not chart.no_medications and case.intact("medications"):
        message = "the client is active, and no medicines are stated"
        hint = "list them in medications.yaml, or write `medications: none` there after asking"
        yield case.say(medications_not_stated, case.file("medications"), message, hint)


@code("end-of-care-missing", Severity.ERROR)
def end_of_care_missing(case: Case) -> Iterator[Finding]:
    """A client who was discharged or has died, without the last day of care.

    Without that day, nobody can tell which visits were still to be made and which are to be left out, and no letter
    can say when care ended. Add `end_of_care`, the last day on which there was care.

    Wrong:
        status: discharged
    Right:
        status: discharged
        end_of_care: 2026-11-15
    """
    client = case.chart.client
    if client is not None and case.has_ended and client.end_of_care is None and is_read(client.origin, "end_of_care"):
        message = f"`end_of_care` is missing, and the client is {_status(client.status)}"
        yield case.say(end_of_care_missing, client.origin.at(), message, "add `end_of_care: YYYY-MM-DD`, the last day")


@code("care-ended-status", Severity.ERROR)
def care_ended_status(case: Case) -> Iterator[Finding]:
    """Care ended on a day that is over, but the client's status says otherwise.

    Visits after that day are left out of every calendar, while everybody takes the client for one under care: nobody
    comes, and nobody misses it. Change the status to discharged or deceased, or take the end of care away.

    Wrong:
        status: active
        end_of_care: 2026-11-15
    Right:
        status: discharged
        end_of_care: 2026-11-15
    """
    client = case.chart.client
    if client is None or case.has_ended or client.end_of_care is None:
        return
    if client.end_of_care < case.first_open_day:
        message = f"care ended on {client.end_of_care}, but `status` is {client.status}"
        hint = "change the status to discharged or deceased, or remove `end_of_care`"
        yield case.say(care_ended_status, client.origin.at("status"), message, hint)


@code("zone-unknown", Severity.ERROR)
def zone_unknown(case: Case) -> Iterator[Finding]:
    """A time zone that does not exist.

    Every visit would be shown at the wrong hour, or not at all. Write the name as the tz database has it: a continent
    or ocean and a city, such as America/Chicago. Abbreviations such as CST mean several things and know no daylight
    saving time.

    Wrong:
        timezone: America/Chigaco
    Right:
        timezone: America/Chicago
    """
    client = case.chart.client
    if client is not None and client.timezone is not None and case.setting.zones(client.timezone) is None:
        yield case.say(zone_unknown, client.origin.at("timezone"), NO_ZONE, zone_hint(client.timezone))


NO_ZONE: Final = "`timezone` names no time zone that exists"


def zone_hint(typed: str) -> str:
    """How to write the zone that was probably meant."""
    return meant(typed.title(), COMMON_ZONES) or "write a name such as America/Chicago"


def _status(status: str) -> str:
    return status.replace("_", " ")


CHECKS = (
    client_incomplete,
    allergies_not_stated,
    code_status_not_stated,
    code_status_against_directive,
    medications_not_stated,
    end_of_care_missing,
    care_ended_status,
    zone_unknown,
)
