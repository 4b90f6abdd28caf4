"""Who gets a calendar feed of their own, of what, and why the others get none; and which days a feed holds."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Final, Literal

from carectl.care.moments import earlier
from carectl.care.setting import Setting
from carectl.care.sharing import barred, lists_with_losses, live_topics, why_not
from carectl.caseload.records import Chart, Contact, StaffMember

Kind = Literal["contact", "staff", "coordinator"]

STAFF: Final = "staff"
"""How the keys of staff begin."""
BACK: Final = dt.timedelta(30)
AHEAD: Final = dt.timedelta(120)
LINGERS: Final = dt.timedelta(7)
"""How long a visit that was cancelled stays on a calendar after it would have ended, at the least."""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Somebody who gets a feed, or would but for a reason."""

    key: str
    """c-014/maria for a contact of a client, staff/jo-park for staff. A contact of two clients is two subscribers."""
    kind: Kind
    client: str | None
    """The client whose visits a contact is shown; None: those of any client."""
    person: str
    """The contact's or staff member's id."""
    name: str
    language: str
    only_times: bool = False
    """Whether they are shown nothing but when there is something."""
    why_not: str | None = None
    """Why there is no feed for them, in words that hold nothing private; None if there is one."""
    unclear: bool = False
    """Whether that is only because something could not be read: then a feed that they have stays as it is."""

    def without(self, words: str, *, unclear: bool = False) -> Subscriber:
        """The same person without a feed."""
        return replace(self, why_not=words, unclear=unclear)


def contact_key(client_id: str, contact_id: str) -> str:
    """The key of a client's contact."""
    return f"{client_id}/{contact_id}"


def staff_key(staff_id: str) -> str:
    """The key of a staff member."""
    return f"{STAFF}/{staff_id}"


def window(today: dt.date) -> tuple[dt.date, dt.date]:
    """The days that feeds hold, both included: at least from 30 days ago until 120 days ahead, in whole weeks.

    Both ends move on Mondays, so that a feed of records that do not change changes once a week at most.
    """
    monday = _monday(today).toordinal()
    first = monday - BACK.days
    last = monday + 6 + AHEAD.days
    # 1 January of the year 1 was a Monday.
    first -= (first - 1) % 7
    last += (7 - last % 7) % 7
    return dt.date.fromordinal(max(first, 1)), dt.date.fromordinal(min(last, dt.date.max.toordinal()))


def cancelled_since(today: dt.date) -> dt.date:
    """The first day of which cancelled visits are still shown. It moves on Mondays, too."""
    monday = _monday(today)
    return earlier(monday, LINGERS)


def _monday(day: dt.date) -> dt.date:
    return dt.date.fromordinal(day.toordinal() - day.weekday())


# --- contacts --------------------------------------------------------------------------------------------------------


def contacts_of(chart: Chart, setting: Setting) -> tuple[Subscriber, ...]:
    """The contacts of a client, each with or without a feed. Sharing alone decides (`carectl.care.sharing`).

    Those of a client with the id `staff` are none, for they could be taken for the staff.
    """
    if chart.id == STAFF:
        return ()
    return tuple(_contact(chart, contact, setting) for contact in chart.contacts)


def contacts_are_whole(chart: Chart) -> bool:
    """Whether somebody who is not among the contacts of a chart is known to be none."""
    return "contacts" not in lists_with_losses(chart)


def _contact(chart: Chart, contact: Contact, setting: Setting) -> Subscriber:
    of = Subscriber(
        contact_key(chart.id, contact.id), "contact", chart.id, contact.id, contact.name, contact.language or "en",
        contact.calendar == "busy",
    )  # fmt: skip
    if bar := barred(chart, contact, setting):
        return of.without(bar.words, unclear=bar.reason == "unreadable")
    today = setting.today_at(chart)
    if "schedule" not in live_topics(contact, today):
        # A slip in an entry must not take the calendar away from somebody who may have it.
        return of.without(why_not(contact, "schedule", today), unclear=_sharing_is_unread(contact))
    if lost := contact.origin.unread & {"calendar", "calls_client", "language"}:
        return of.without(f"{min(lost)} could not be read", unclear=True)
    if contact.calendar == "none":
        return of.without("contacts.yaml says calendar: none")
    client = chart.client
    if client is not None and client.status == "discharged":
        over = client.end_of_care
        if over is None:
            return of.without("care has ended")
        if over < window(setting.today)[0]:
            return of.without(f"care ended on {over}")
    return of


def _sharing_is_unread(contact: Contact) -> bool:
    """Whether what could not be read of a contact's sharing may be about the schedule."""
    return "sharing" in contact.origin.unread or any(
        entry.origin.unread and ("topics" in entry.origin.unread or {"schedule", "all"} & set(entry.topics))
        for entry in contact.sharing
    )


# --- staff -----------------------------------------------------------------------------------------------------------


def team(setting: Setting) -> tuple[Subscriber, ...]:
    """The staff, each with or without a feed; the coordinator's shows every client. Those who are unreadable too."""
    found = [_member(member, setting) for member in setting.staff.values()]
    for staff_id in setting.unread_staff - setting.staff.keys():
        of = Subscriber(staff_key(staff_id), _kind(staff_id, setting), None, staff_id, staff_id, "en")
        found.append(of.without("the staff file could not be read", unclear=True))
    return tuple(sorted(found, key=lambda subscriber: subscriber.key))


def _member(member: StaffMember, setting: Setting) -> Subscriber:
    of = Subscriber(
        staff_key(member.id), _kind(member.id, setting), None, member.id, member.name.full, "en",
        member.calendar == "busy",
    )  # fmt: skip
    if lost := member.origin.unread & {"calendar", "employed", "name"}:
        return of.without(f"{min(lost)} could not be read", unclear=True)
    today, employed = setting.today, member.employed
    if employed is not None and employed.until is not None and employed.until < today:
        return of.without(f"left on {employed.until}")
    if employed is not None and today < employed.from_:
        return of.without(f"begins on {employed.from_}")
    if member.calendar == "none":
        return of.without("the staff file says calendar: none")
    return of


def _kind(staff_id: str, setting: Setting) -> Kind:
    return "coordinator" if setting.practice is not None and setting.practice.coordinator == staff_id else "staff"
