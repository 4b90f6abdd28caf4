"""The text message that a change of one visit needs: what is so now, beside what was due.

No calendar is quick enough for the same day. A contact gets what `schedule` covers and no more: first names of staff,
day and time; never a surname, address, service, reason or note, nor that the client is away. Nobody is told that
someone comes of whom it could not be read whether they are away.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from carectl.care.coverage import instants, is_known, team, together_of
from carectl.care.moments import earlier, later
from carectl.care.schedule import Occurrence, is_due, occurrences, series_fault, span
from carectl.care.setting import Setting
from carectl.care.sharing import NotShared, Reader, barred, base, live_topics, why_not
from carectl.caseload.records import Chart, Contact, Series

LENGTH: Final = 160
"""How many characters one text message takes; a longer one is sent as several."""

RECENT: Final = dt.timedelta(days=14)
"""How long before and after it begins a changed series is news: until then people expect what the earlier one said."""

_SETTLED: Final = ("cancelled", "missed", "refused", "done")


@dataclass(frozen=True, slots=True)
class Notice:
    """A text message about one visit."""

    language: str
    visit: str
    """Whose visit it is, as it stands before the day: "Visit to Mom on "."""
    when: str
    """The day and time on which the reader expects it."""
    state: str
    """How it stands."""
    signature: str
    """Who writes, and where to call."""
    promise: str = ""
    """That the reader will hear more; left out where it would make two messages of one."""
    remarks: tuple[str, ...] = ()
    """What the coordinator should know before sending it."""

    @property
    def text(self) -> str:
        """The whole message."""
        short = f"{self.visit}{self.when}: {self.state} {self.signature}"
        whole = f"{self.visit}{self.when}: {self.state} {self.promise} {self.signature}"
        return whole if self.promise and len(whole) <= LENGTH else short


class Due(NamedTuple):
    """A visit as somebody expects it."""

    start: dt.datetime
    end: dt.datetime
    staff: tuple[str, ...]
    sure: bool = True
    """Whether it is known that it was planned so. Only then can something be said to be as planned."""


def joined(notices: Sequence[Notice]) -> str:
    """One message of several to the same reader: a line for visits that stand alike, signed once."""
    if len(notices) == 1:
        return notices[0].text
    lines: dict[tuple[str, str, str], list[str]] = {}
    for item in notices:
        lines.setdefault((item.visit, item.state, item.promise), []).append(item.when)
    said = [f"{visit}{'; '.join(when)}: {state} {more}".rstrip() for (visit, state, more), when in lines.items()]
    return "\n".join([*said, notices[0].signature])


# --- words -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Language:
    """The words of one language; of two forms the second is for several people."""

    code: str
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    day: str
    day_of_year: str
    halves: tuple[str, str] | None
    """What follows a time before noon and after it; None: the day has 24 hours."""
    local: str
    and_: str
    visit: str
    visit_to: str
    your_visit: str
    head: str
    when: str
    was: str
    moved: str
    new_time: str
    cancelled: str
    not_held: str
    took_place: str
    was_there: tuple[str, str]
    nobody: str
    not_coming: tuple[str, str]
    not_replaced: tuple[str, str]
    we_tell: str
    instead: tuple[str, str]
    somebody: str
    beside: str
    without: tuple[str, str]
    coming: tuple[str, str]
    as_planned: tuple[str, str]
    takes_place: str
    as_it_is: str
    """That it takes place, where nobody knows what was planned before."""


_ENGLISH: Final = _Language(
    code="en",
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    months=("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
            "November", "December"),
    day="{weekday}, {month} {day}",
    day_of_year="{weekday}, {month} {day}, {year}",
    halves=("am", "pm"),
    local="{time} local time",
    and_="and",
    visit="Visit",
    visit_to="Visit to {client}",
    your_visit="Your visit",
    head="{visit} on ",
    when="{day}, {time}",
    was="{when} (was {due})",
    moved="moved to {day}, {time}.",
    new_time="new time {time}.",
    cancelled="cancelled.",
    not_held="it did not take place.",
    took_place="it took place.",
    was_there=("it took place; {who} was there.", "it took place; {who} were there."),
    nobody="nobody is confirmed yet.",
    not_coming=("{gone} is not coming, and nobody is confirmed yet.",
                "{gone} are not coming, and nobody is confirmed yet."),
    not_replaced=("{gone} is not coming, and nobody is confirmed in their place yet.",
                  "{gone} are not coming, and nobody is confirmed in their place yet."),
    we_tell="We will let you know.",
    instead=("{who} is coming instead of {gone}.", "{who} are coming instead of {gone}."),
    somebody="somebody else",
    beside="{who}, with {others},",
    without=("{who} is coming without {gone}.", "{who} are coming without {gone}."),
    coming=("{who} is coming.", "{who} are coming."),
    as_planned=("{who} is coming as planned.", "{who} are coming as planned."),
    takes_place="it takes place as planned.",
    as_it_is="it takes place.",
)  # fmt: skip
_SPANISH: Final = _Language(
    code="es",
    weekdays=("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    months=("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
            "noviembre", "diciembre"),
    day="{weekday} {day} de {month}",
    day_of_year="{weekday} {day} de {month} de {year}",
    halves=("a. m.", "p. m."),
    local="{time} hora local",
    and_="y",
    visit="Visita",
    visit_to="Visita a {client}",
    your_visit="Su visita",
    head="{visit}, ",
    when="{day}, {time}",
    was="{when} (antes: {due})",
    moved="pasa al {day}, {time}.",
    new_time="nueva hora {time}.",
    cancelled="cancelada.",
    not_held="no se realizó.",
    took_place="se realizó.",
    was_there=("se realizó; estuvo {who}.", "se realizó; estuvieron {who}."),
    nobody="todavía no hay nadie confirmado.",
    not_coming=("no viene {gone}, y todavía no hay nadie confirmado.",
                "no vienen {gone}, y todavía no hay nadie confirmado."),
    not_replaced=("no viene {gone}, y todavía no hay nadie confirmado en su lugar.",
                  "no vienen {gone}, y todavía no hay nadie confirmado en su lugar."),
    we_tell="Le avisaremos.",
    instead=("viene {who} en lugar de {gone}.", "vienen {who} en lugar de {gone}."),
    somebody="otra persona",
    beside="{who}, con {others},",
    without=("viene {who} sin {gone}.", "vienen {who} sin {gone}."),
    coming=("viene {who}.", "vienen {who}."),
    as_planned=("viene {who}, como estaba previsto.", "vienen {who}, como estaba previsto."),
    takes_place="se realiza como estaba previsto.",
    as_it_is="se realiza.",
)  # fmt: skip
_WORDS: Final = {
    "en": _ENGLISH,
    "en-GB": replace(
        _ENGLISH, halves=None, day="{weekday} {day} {month}", day_of_year="{weekday} {day} {month} {year}"
    ),
    "es": _SPANISH,
    "es-ES": replace(_SPANISH, halves=None),
}


@dataclass(frozen=True, slots=True)
class _ToStaff:
    """What staff are told, in English, the language in which the practice works."""

    head: str = "{client}, "
    head_where: str = "{client}, {where}, "
    cancelled: str = "cancelled, please do not go."
    cancelled_for: str = "cancelled for {client}: please go, only for {others}."
    not_yours_for: str = "you do not come for {client}: please go, only for {others}."
    uncertain: str = "it does not take place for {client}. The visit to {others} on your calendar stands."
    not_yours_uncertain: str = "you do not come for {client}. The visit to {others} on your calendar stands."
    not_held: str = "it did not take place."
    took_place: str = "it took place."
    yours: str = "you come. Please confirm."
    yours_instead: str = "you come instead of {gone}. Please confirm."
    not_yours: str = "you do not come."
    beside: tuple[str, str] = ("{who} comes too.", "{who} come too.")
    alone: tuple[str, str] = (
        "{gone} is not coming, and nobody else is confirmed yet.",
        "{gone} are not coming, and nobody else is confirmed yet.",
    )
    replaced: tuple[str, str] = (
        "{who} comes with you instead of {gone}.", "{who} come with you instead of {gone}.",
    )  # fmt: skip
    as_planned: str = "as planned."


_STAFF: Final = _ToStaff()


# --- to a contact, or to the client ----------------------------------------------------------------------------------


def notice(
    chart: Chart, item: Occurrence, contact: Contact, setting: Setting, was: Due | None = None
) -> Notice | NotShared:
    """The message about a visit that a contact may have today, or why there is none.

    `was` is the visit as the contact knows it; else it is taken as it was due in its series. In the contact's language
    if there are words for it, else in English with a remark.
    """
    if bar := barred(chart, contact, setting):
        return bar
    today = setting.today_at(chart)
    if "schedule" not in live_topics(contact, today):
        return NotShared("nothing_shared", f"schedule: {why_not(contact, 'schedule', today)}")
    words = words_for(contact.language)
    visit = words.visit_to.format(client=contact.calls_client) if contact.calls_client else words.visit
    return _told(chart, item, contact, setting, was, visit)


def notice_to_client(chart: Chart, item: Occurrence, setting: Setting, was: Due | None = None) -> Notice | NotShared:
    """The message about a visit to the client themselves, in their language; or why there is none."""
    if chart.client is None:
        return NotShared("unreadable", "client.yaml could not be read")
    language = chart.client.language
    oneself = Contact(id="client", name=chart.client.name.full, relationship="client", language=language)
    if bar := barred(chart, oneself, setting):
        return bar
    return _told(chart, item, oneself, setting, was, words_for(language).your_visit)


def words_for(language: str | None) -> _Language:
    """The words for a language: its own, or English."""
    wanted = language or "en"
    return _WORDS.get(wanted) or _WORDS.get(base(wanted)) or _ENGLISH


def as_due(chart: Chart, item: Occurrence, today: dt.date) -> Due:
    """A visit as it was due in its series; one of no series as it is written down.

    Where the series took over from another lately, as it was due in that one.
    """
    rule, visit = item.rule, item.visit
    if rule is None or item.due is None:
        return Due(item.start, item.end, team(visit.staff) if visit is not None else item.staff, sure=False)
    known = _before(chart, rule, item.due, today)
    start, end = span(item.due, known.at, known.duration, known.to, item.start.tzinfo or dt.UTC)
    return Due(start, end, team(known.staff), sure=rule.follows is None)


def _before(chart: Chart, rule: Series, due: dt.date, today: dt.date) -> Series:
    """The series by which people expect a visit: the one that was followed lately, if it was due on that day too."""
    known, passed = rule, {rule.id}
    while known.follows is not None and known.follows not in passed and abs(known.from_ - today) <= RECENT:
        passed.add(known.follows)
        former = next((one for one in chart.series if one.id == known.follows), None)
        if former is None or former.origin.unread or series_fault(former) is not None:
            break
        fields = {name: getattr(former, name) for name in former.__struct_fields__}
        # It has ended by now: what counts is whether it would have been due.
        if not is_due(Series(**{**fields, "until": None}), due) or due in former.except_:
            break
        known = former
    return known


def _told(
    chart: Chart, item: Occurrence, reader: Contact, setting: Setting, was: Due | None, visit: str
) -> Notice | NotShared:
    if setting.practice is None:
        return NotShared("unreadable", "the practice in carectl.yaml could not be read")
    if found := Reader(chart, reader).occurrence(item):
        return NotShared("unreadable" if found.why == "unreadable" else "nothing_shared", str(found), (found,))
    if item.suspended == "end_of_care":
        return NotShared("nothing_to_say", "care has ended by then: that is for a person to tell")
    upcoming = item.status not in _SETTLED
    if upcoming and (doubtful := _doubtful(item.staff, setting)):
        return NotShared("unreadable", f"it could not be read whether {doubtful} is away then")
    words, was = words_for(reader.language), was or as_due(chart, item, setting.today_at(chart))
    clock = _Clock(words, setting, was.start)
    sentences = clock.moved(item, was) if upcoming else []
    return Notice(
        language=words.code,
        visit=words.head.format(visit=visit),
        when=clock.when(was.start) if upcoming else clock.both((item.start, None), (was.start, None)),
        state=_sentences([*sentences, *_state(item, was, setting, words, moved=bool(sentences))]),
        signature=signature_of(setting),
        promise=words.we_tell if upcoming and not item.staff and (item.open or item.opened) else "",
        remarks=tuple(_remarks(item, reader, words, setting)),
    )


def _remarks(item: Occurrence, reader: Contact, words: _Language, setting: Setting) -> Iterable[str]:
    if reader.language and base(reader.language) != words.code:
        yield f"there are no words in {reader.language} yet, so the text is in English"
    for person in item.staff:
        if person not in setting.staff:
            yield f"{person} is not on file, so the text does not name them"


def _doubtful(staff: Iterable[str], setting: Setting) -> str | None:
    """Somebody of whom it could not be read when they are away."""
    for person in staff:
        member = setting.staff.get(person)
        if person in setting.unread_staff or (member is not None and not is_known(member)):
            return person
    return None


def _state(item: Occurrence, was: Due, setting: Setting, words: _Language, *, moved: bool) -> list[str]:
    """How it stands: who comes, that nobody does yet, that it is off."""
    if item.status == "cancelled":
        return [words.cancelled]
    if item.status in ("missed", "refused"):
        return [words.not_held]
    people = _Names(setting, words.and_)
    here, came = people.of(item.staff), people.of(p for p in item.staff if p not in was.staff)
    gone = people.of(_gone(item, was))
    if item.status == "done":
        return [people.say(words.was_there, who=here)] if here else [words.took_place]
    if item.open:
        return [people.say(words.not_coming, gone=gone)] if gone else [words.nobody]
    if gone and set(item.staff) - set(was.staff):
        stay = people.of(p for p in item.staff if p in was.staff)
        who = people.join(came) or words.somebody
        if stay:
            who = words.beside.format(who=who, others=people.join(stay))
        return [words.instead[len(came) > 1].format(who=who, gone=people.join(gone))]
    if gone and here:
        return [words.without[len(here) > 1].format(who=people.join(here), gone=people.join(gone))]
    if gone:
        return [people.say(words.not_replaced, gone=gone)]
    if item.opened and not item.staff:
        return [words.nobody]  # Whoever is away is not on file by name.
    if not here:
        return [] if moved else [words.takes_place if was.sure else words.as_it_is]
    return [people.say(words.as_planned if was.sure and not (came or moved) else words.coming, who=here)]


def _gone(item: Occurrence, was: Due) -> list[str]:
    """Who was expected and does not come; else who is down for it and is away."""
    expected = [person for person in was.staff if person not in item.staff]
    return expected or [person for person in item.opened if person not in item.staff]


class _Names:
    """First names of those who are on file; an id may hold a surname."""

    def __init__(self, setting: Setting, and_: str) -> None:
        self._setting, self._and = setting, and_

    def of(self, staff: Iterable[str]) -> list[str]:
        known = self._setting.staff
        return [known[person].name.called for person in staff if person in known]

    def join(self, names: Sequence[str]) -> str:
        *most, last = [*names] or [""]
        return f"{', '.join(most)} {self._and} {last}" if most else last

    def say(self, forms: tuple[str, str], **names: Sequence[str]) -> str:
        (key, who), *_ = names.items()
        return forms[len(who) > 1].format(**{key: self.join(who)})


_Stretch = tuple[dt.datetime, dt.datetime | None]


class _Clock:
    """Days and times in one language, on the client's clock; their year only if it is not this one."""

    def __init__(self, words: _Language, setting: Setting, start: dt.datetime) -> None:
        self._words, self._setting = words, setting
        home = setting.now.tzinfo
        self._elsewhere = home is not None and start.astimezone(home).utcoffset() != start.utcoffset()

    def day(self, moment: dt.datetime) -> str:
        words = self._words
        pattern = words.day if moment.year == self._setting.now.astimezone(moment.tzinfo).year else words.day_of_year
        month, weekday = words.months[moment.month - 1], words.weekdays[moment.weekday()]
        return pattern.format(weekday=weekday, day=moment.day, month=month, year=moment.year)

    def bare(self, moment: dt.datetime) -> str:
        if self._words.halves is None:
            return f"{moment:%H:%M}"
        return f"{moment.hour % 12 or 12}:{moment:%M} {self._words.halves[moment.hour >= 12]}"

    def time(self, start: dt.datetime, end: dt.datetime | None = None) -> str:
        """A time or a stretch; that it is the client's local one, where the practice's clocks show another."""
        text = self.bare(start) if end is None else f"{self.bare(start)}–{self.bare(end)}"
        return self._words.local.format(time=text) if self._elsewhere else text

    def when(self, start: dt.datetime, end: dt.datetime | None = None) -> str:
        """A day and a time, or a stretch."""
        return self._words.when.format(day=self.day(start), time=self.time(start, end))

    def both(self, now: _Stretch, due: _Stretch) -> str:
        """When it is by the record; and when it was due, if that is another time: a reader may know either."""
        if now == due:
            return self.when(*now)
        before = self.time(*due) if now[0].date() == due[0].date() else self.when(*due)
        return self._words.was.format(when=self.when(*now), due=before)

    def moved(self, item: Occurrence, was: Due) -> list[str]:
        """That a visit is at another time than it was due; nothing if it is not."""
        longer = item.end - item.start != was.end - was.start
        time = self.time(item.start, item.end if longer else None)
        if item.start.date() != was.start.date():
            return [_ended(self._words.moved.format(day=self.day(item.start), time=time))]
        return [_ended(self._words.new_time.format(time=time))] if longer or item.start != was.start else []


def _ended(sentence: str) -> str:
    """A sentence with one full stop, also behind "p. m."."""
    return f"{sentence.rstrip('.')}."


def _sentences(parts: Sequence[str]) -> str:
    """Sentences behind a colon: only the first one begins small."""
    first, *more = [*parts] or [""]
    return " ".join([first, *(part[:1].upper() + part[1:] for part in more)])


def signature_of(setting: Setting) -> str:
    """Who writes, and where to call: the practice."""
    practice = setting.practice
    return ", ".join(part for part in (practice.name, practice.phone) if part) if practice else ""


# --- to staff --------------------------------------------------------------------------------------------------------


def notice_to_staff(
    chart: Chart, item: Occurrence, person: str, setting: Setting, was: Due | None = None,
    partners: Sequence[Chart] = (),
) -> Notice | NotShared:  # fmt: skip
    """The message about a visit to a staff member who comes to it, was due to, or cannot; or why there is none.

    The client by id and first name; whoever goes there gets the street and the town, or where else it is. `partners`
    are the charts of the clients who are seen in the same visit: where it falls away for one of them only, the staff
    member still goes. One that is not among them counts as not known.
    """
    was = was or as_due(chart, item, setting.today_at(chart))
    if chart.client is None:
        return NotShared("unreadable", "client.yaml could not be read")
    if setting.practice is None:
        return NotShared("unreadable", "the practice in carectl.yaml could not be read")
    if person not in (*item.staff, *item.opened, *was.staff):
        return NotShared("nothing_to_say", f"{person} has nothing to do with this visit")
    goes = person in item.staff and item.status not in _SETTLED
    told = was
    if person not in was.staff:
        # Whoever did not expect it hears one time only: the one at which it is.
        told = was._replace(start=item.start, end=item.end)
    clock = _Clock(replace(_ENGLISH, local=f"{{time}} {told.start:%Z}"), setting, told.start)
    address = chart.client.address
    home = ", ".join(part for part in (address.street, address.city) if part) if address else ""
    where = (item.where or home) if goes else ""
    moved = clock.moved(item, told) if goes else []
    falls_away = item.status == "cancelled" or (item.status not in _SETTLED and not goes)
    state = _other_half(chart, item, person, setting, told, partners) if falls_away else None
    return Notice(
        language="en",
        visit=(_STAFF.head_where if where else _STAFF.head).format(
            client=f"{chart.id} {chart.client.name.called}", where=where
        ),
        when=clock.when(told.start, told.end) if goes else clock.both((item.start, item.end), (told.start, told.end)),
        state=state or _sentences([*moved, *_state_for(person, item, told, setting, moved=bool(moved))]),
        signature=signature_of(setting),
    )


def _other_half(
    chart: Chart, item: Occurrence, person: str, setting: Setting, was: Due, partners: Sequence[Chart]
) -> str | None:
    """What a staff member is told of a visit that falls away for one of a couple; None if for all of them."""
    goes: list[str] = []
    unknown: list[str] = []
    charts = {partner.id: partner for partner in partners}
    for name in together_of(item):
        partner = charts.get(name)
        on = _still_goes(partner, item, person, setting, was) if partner is not None else None
        called = f"{name} {partner.client.name.called}" if partner is not None and partner.client else name
        if on is not False:
            (goes if on else unknown).append(called)
    if not (goes or unknown):
        return None
    if item.status == "cancelled":
        form = _STAFF.uncertain if unknown else _STAFF.cancelled_for
    else:
        form = _STAFF.not_yours_uncertain if unknown else _STAFF.not_yours_for
    client = chart.client.name.called if chart.client else chart.id
    return form.format(client=client, others=_Names(setting, _ENGLISH.and_).join([*goes, *unknown]))


def _still_goes(partner: Chart, item: Occurrence, person: str, setting: Setting, was: Due) -> bool | None:
    """Whether a staff member has a visit to the other one of a couple at that time; None if that is not known."""
    first, last = min(item.start, was.start).date(), max(item.end, was.end).date()
    # The partner's records may be in another zone.
    found = occurrences(partner, setting, earlier(first, 1), later(last, 1))
    if found.missing or partner.client is None:
        return None
    for other in found.occurrences:
        if person not in other.staff or other.status in _SETTLED:
            continue
        start, end = instants(other)
        times = (instants(item), (was.start.astimezone(dt.UTC), was.end.astimezone(dt.UTC)))
        if any(start < ends and begins < end for begins, ends in times):
            return True
    return False


def _state_for(person: str, item: Occurrence, was: Due, setting: Setting, *, moved: bool) -> list[str]:
    if item.status == "cancelled":
        return [_STAFF.cancelled]
    if item.status in ("missed", "refused"):
        return [_STAFF.not_held]
    if item.status == "done":
        return [_STAFF.took_place]
    if person not in item.staff:
        return [_STAFF.not_yours]
    people = _Names(setting, _ENGLISH.and_)
    others = [p for p in item.staff if p != person]
    gone = people.of(_gone(item, was))
    if person not in was.staff:
        yours = _STAFF.yours_instead.format(gone=people.join(gone)) if gone else _STAFF.yours
        return [yours, *([people.say(_STAFF.beside, who=people.of(others))] if people.of(others) else [])]
    came = people.of(p for p in others if p not in was.staff)
    if gone:
        if not came:
            return [people.say(_STAFF.alone, gone=gone)]
        return [_STAFF.replaced[len(came) > 1].format(who=people.join(came), gone=people.join(gone))]
    if came:
        return [people.say(_STAFF.beside, who=came)]
    if not was.sure and not moved:
        return [_STAFF.yours, *([people.say(_STAFF.beside, who=people.of(others))] if people.of(others) else [])]
    return [] if moved else [_STAFF.as_planned]
