"""carectl calendar publish, list, rotate, revoke: feeds that families and staff subscribe to."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from carectl.commands import telling
from carectl.commands.options import Form, Format
from carectl.commands.session import Session
from carectl.commands.surveying import Survey, out_of_date, survey_of
from carectl.errors import CarectlError, Refused, UsageError

if TYPE_CHECKING:
    import datetime as dt

    from carectl.care.setting import Setting
    from carectl.care.subscribers import Subscriber
    from carectl.caseload.subscriptions import Published, Subscription, Subscriptions
    from carectl.findings import Finding
    from carectl.output.calendar.memory import Renewed
    from carectl.output.terminal import Line

WAIT = 60.0
"""Seconds that publishing waits for another command that writes."""


class Cancelled(StrEnum):
    """What becomes of cancelled visits."""

    MARK = "mark"
    DROP = "drop"


def add_to(app: typer.Typer) -> None:
    """Give a group the commands of this module."""
    app.command()(publish)
    app.command("list")(list_)
    app.command()(rotate)
    app.command()(revoke)


def _keys(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """What the shell offers: subscribers by their keys."""
    from carectl.caseload.subscriptions import Subscriptions

    try:
        session = Session(ctx.find_root().params.get("caseload") or os.environ.get("CARECTL_CASELOAD"), None)
        return [(key, "") for key in Subscriptions.of(session.root).feeds if key.startswith(incomplete)]
    except CarectlError:
        return []


Who = Annotated[
    list[str],
    typer.Argument(
        metavar="SUBSCRIBER", help="CLIENT/CONTACT, or CLIENT CONTACT, or a staff member.", autocompletion=_keys
    ),
]


# --- publish ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of one subscriber's feed."""

    reader: Subscriber
    state: str
    """new, changed, unchanged, removed, kept (nobody knows whether it is right), none or revoked."""
    visits: int = 0
    renewed: Renewed | None = None
    why: str | None = None


def publish(
    ctx: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[DIR]", help="Where to; else calendar.publish_to in carectl.yaml.", show_default=False),
    ] = None,
    cancelled: Annotated[
        Cancelled,
        typer.Option("--cancelled", help="mark: shown as cancelled until a week after; drop: taken off at once."),
    ] = Cancelled.MARK,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and write nothing.")] = False,
    form: Form = Format.TEXT,
) -> None:
    """Write a calendar for everybody who may have one: contacts, staff and the coordinator.

    Each lies in a folder of its own with a name that nobody can guess, beside a page that tells how to subscribe.
    What did not change is not touched. Who may have none any more loses it, and that is said.

    Example: carectl calendar publish ../feeds
    """
    from carectl.care.subscribers import window
    from carectl.caseload.store import Store
    from carectl.caseload.subscriptions import Published, Subscriptions, settle
    from carectl.output.documents import own_folder
    from carectl.output.report import as_text

    session = Session.of(ctx)
    # Nothing is read before whoever is writing has finished: what is published must be what is written.
    with Store(session.root, wait=WAIT).transaction(command="calendar publish", dry_run=dry_run) as change:
        telling.recovered(change.recovered)
        setting = telling.sound_setting(session)
        place = Published.at(_folder(session, folder), session.root)
        site = _site(session)
        memory = Subscriptions.of(session.root)
        place.check(memory.tokens)
        survey = survey_of(session.loader, setting, window(setting.today))
        survey.add_gone(memory.feeds, session.client_ids)
        for key, reader in survey.subscribers.items():
            if reader.why_not is None and key not in memory.feeds:
                memory.feeds[key] = _subscription(setting)
        before = _before(memory, place)
        own = own_folder(session.root)
        press = _Press(setting, survey, memory, place, before, cancelled.value, site, dry_run, own)
        if not dry_run:
            place.begin()
            memory.folder = memory.folder or str(place.place)
            # This saves the links. Whatever happens then, nobody will ever be given a second one by mistake.
            settle(memory, press.before or place)
        outcomes = [press.renew(reader) for key, reader in sorted(survey.subscribers.items())]
        if not dry_run:
            memory.folder = str(place.place)
            memory.save()
    told = [outcome for outcome in outcomes if outcome is not None]
    if form is Format.JSON:
        sys.stdout.write(_published_as_json(press, told))
    else:
        _print_outcomes(session, press, told)
    if press.before is not None:
        print(f"carectl: what was published to {press.before.place} before is not renewed any more", file=sys.stderr)
    if press.faults:
        print("carectl: the pages beside the feeds are carectl's own: yours have a fault", file=sys.stderr)
        sys.stderr.write(as_text(sorted(press.faults, key=lambda fault: fault.sort_key)))
    if _tell_doubts(session, survey, told) or press.faults:
        raise typer.Exit(1)


def _folder(session: Session, named: Path | None) -> Path:
    """The folder to publish to. Raises UsageError."""
    if named is not None:
        if not str(named).strip() or str(named) == ".":
            raise UsageError("name a folder to publish to")
        return named
    settings = session.practice.calendar if session.practice else None
    if settings is None or not settings.publish_to:
        raise UsageError("name a folder, or give one in carectl.yaml\nhint: calendar: {publish_to: ../feeds}")
    return session.root / settings.publish_to


def _site(session: Session) -> str | None:
    """Where the folder is on the web, if carectl.yaml says so."""
    from carectl.output.subscribing import site

    settings = session.practice.calendar if session.practice else None
    return site(settings.url) if settings else None


def _subscription(setting: Setting) -> Subscription:
    """A new subscriber's entry, with a link that nobody can guess."""
    from carectl.caseload.subscriptions import Subscription

    return Subscription(secrets.token_hex(16), str(setting.today))


def _before(memory: Subscriptions, place: Published) -> Published | None:
    """The folder that was published to until now, if it is another one and still there."""
    from carectl.caseload.subscriptions import Published

    if memory.folder is None or Path(memory.folder) == place.place or not Path(memory.folder).is_dir():
        return None
    return Published(Path(memory.folder))


@dataclass(slots=True)
class _Press:
    """Publishes one feed after the other."""

    setting: Setting
    survey: Survey
    memory: Subscriptions
    place: Published
    before: Published | None
    cancelled: str
    site: str | None
    dry_run: bool
    own: Path | None = None
    """The practice's own templates."""
    faults: set[Finding] = field(default_factory=set)
    """What is wrong with these."""

    def renew(self, reader: Subscriber) -> _Outcome | None:
        """Bring one subscriber's feed up to date, or take it away. None: there is nothing to say."""
        known = self.memory.feeds.get(reader.key)
        if known is not None and known.revoked is not None:
            return None if reader.why_not else _Outcome(reader, "revoked", why=f"revoked on {known.revoked}")
        if reader.why_not is None:
            assert known is not None
            return self._put(reader, known)
        if reader.unclear:
            if known is None or not known.is_published:
                return _Outcome(reader, "none", why=reader.why_not)
            self._carry_over(known)
            return _Outcome(reader, "kept", why=reader.why_not)
        if known is None or known.token is None:
            return None
        is_there = self.place.read(known.token, "calendar.ics") is not None
        if not self.dry_run:
            self.place.remove(known.token)
            known.withdraw()
        return _Outcome(reader, "removed", why=reader.why_not) if is_there else None

    def _put(self, reader: Subscriber, known: Subscription) -> _Outcome:
        from carectl.care.subscribers import window
        from carectl.caseload.subscriptions import CALENDAR, digest
        from carectl.output.calendar.memory import renew

        assert known.token is not None
        # Of somebody who sees only times, a visit that is off is no time at all.
        cancelled = "drop" if reader.only_times else self.cancelled
        there = self.place.read(known.token, CALENDAR)
        last = there
        if last is None and self.before is not None:
            last = self.before.read(known.token, CALENDAR)
        days, parts = window(self.setting.today), self.survey.parts(reader.key)
        same = (known.window(), known.parts, known.cancelled) == (days, parts, cancelled)
        if same and there is not None and known.content == digest(there):
            self._put_page(reader, known)
            return _Outcome(reader, "unchanged", there.count(b"BEGIN:VEVENT\r\n"))
        share = self.survey.feed(reader.key)
        renewed = renew(
            share.feed, last, self.setting.now, self.setting.today, language=reader.language,
            cancelled="drop" if cancelled == "drop" else "mark", uncertain=share.uncertain, unclear=share.unclear,
            sequence=known.sequence,
        )  # fmt: skip
        if not self.dry_run:
            if renewed.content != there:
                self.place.put(known.token, CALENDAR, renewed.content)
            if renewed.content != there or known.published is None:
                known.published = self.setting.now.isoformat(timespec="seconds")
            known.content, known.parts, known.cancelled = digest(renewed.content), parts, cancelled
            known.start, known.until, known.sequence = str(days[0]), str(days[1]), renewed.sequence
            self._put_page(reader, known)
        state = "new" if last is None else "unchanged" if renewed.content == there else "changed"
        return _Outcome(reader, state, renewed.events, renewed)

    def _carry_over(self, known: Subscription) -> None:
        """Have a feed that cannot be renewed in the new folder too, as it was in the old one."""
        from carectl.caseload.subscriptions import CALENDAR, PAGE

        if self.before is None or known.token is None or self.dry_run:
            return
        for name in (CALENDAR, PAGE):
            raw = self.before.read(known.token, name)
            if raw is not None and self.place.read(known.token, name) is None:
                self.place.put(known.token, name, raw)

    def _put_page(self, reader: Subscriber, known: Subscription) -> None:
        from carectl.caseload.subscriptions import CALENDAR, PAGE
        from carectl.output.documents import TemplateFault
        from carectl.output.subscribing import page

        assert known.token is not None
        practice = self.setting.practice
        link = f"{self.site}/{known.token}/{CALENDAR}" if self.site else None
        words = (practice.name if practice else None, practice.phone if practice else None, reader.language, link)
        try:
            text = page(*words, self.own)
        except TemplateFault as fault:
            # A calendar that is out of date does more harm than a page that looks otherwise.
            self.faults.add(fault.finding)
            text = page(*words)
        if not self.dry_run and self.place.read(known.token, PAGE) != text:
            self.place.put(known.token, PAGE, text)


_STATES = {
    "new": "new", "changed": "changed", "unchanged": "unchanged", "removed": "removed", "kept": "left as it was",
    "none": "not made", "revoked": "no calendar",
}  # fmt: skip
"""What became of a feed, in words."""


def _print_outcomes(session: Session, press: _Press, outcomes: Sequence[_Outcome]) -> None:
    from carectl.output import terminal

    rows = [_row(outcome) for outcome in outcomes]
    terminal.put(terminal.columns(rows, telling.width(), whole=(0,)), sys.stdout, colour=session.colour)
    new = [outcome.reader for outcome in outcomes if outcome.state == "new"]
    if new and not press.dry_run:
        print("\nHow to subscribe. Each link is a secret, for this one person alone:")
        for reader in new:
            print(f"  {reader.key} {reader.name}\n    {_link(press, reader.key)}")
    counts = [f"{n} {words}" for state, words in _STATES.items() if (n := sum(o.state == state for o in outcomes))]
    said = ", ".join(counts) or "nobody may have a calendar"
    print(f"{chr(10) * bool(outcomes)}{'Nothing was written. It would be: ' if press.dry_run else ''}{said}")


def _link(press: _Press, key: str, name: str = "index.html") -> str:
    """Where something of a subscriber's is on the web, or on the disk if nobody said where it is on the web."""
    return f"{press.site or press.place.place}/{press.memory.feeds[key].token}/{name}"


def _row(outcome: _Outcome) -> list[str]:
    """One line of what was published: whose feed, how many visits, what changed."""
    has_feed = outcome.state in ("new", "changed", "unchanged")
    visits = f"{outcome.visits} visit{'s' * (outcome.visits != 1)}" if has_feed else ""
    return [outcome.reader.key, outcome.reader.name, visits, _words(outcome)]


def _words(outcome: _Outcome) -> str:
    done = outcome.renewed
    if done is None or outcome.state == "new":
        return _STATES[outcome.state] + (f": {outcome.why}" if outcome.why else "")
    counts = (
        (done.new, "new"), (done.changed, "changed"), (done.cancelled, "cancelled"), (done.dropped, "taken off"),
        (done.kept, "left as before"),
    )  # fmt: skip
    return ", ".join(f"{count} {word}" for count, word in counts if count) or _STATES[outcome.state]


def _published_as_json(press: _Press, outcomes: Sequence[_Outcome]) -> str:
    from carectl.care.subscribers import window
    from carectl.output.export import as_json

    first, last = window(press.setting.today)
    return as_json({
        "dry_run": press.dry_run,
        "folder": str(press.place.place),
        "from": str(first),
        "until": str(last),
        "feeds": [
            {
                **_person(outcome.reader),
                "state": outcome.state,
                "why": outcome.why,
                "visits": outcome.visits,
                **{
                    name: getattr(outcome.renewed, name) if outcome.renewed else 0
                    for name in ("new", "changed", "cancelled", "dropped", "kept")
                },
            }
            for outcome in outcomes
        ],
    })  # fmt: skip


def _person(reader: Subscriber) -> dict[str, Any]:
    """A subscriber for JSON."""
    return {
        "subscriber": reader.key,
        "kind": reader.kind,
        "client": reader.client,
        "person": reader.person,
        "name": reader.name,
    }


def _tell_doubts(session: Session, survey: Survey, outcomes: Sequence[_Outcome] = ()) -> bool:
    """Say on the error output what could not be read, and what that means for the feeds; whether there was anything."""
    from carectl.care.sharing import in_order

    lost = telling.tell_missing(session, survey.missing)
    items = in_order(
        item for shares in survey.shares.values() for share in shares.values() for item in share.feed.unreadable
    )
    lost |= telling.tell_withheld(session, "Held back because something could not be read:", items)
    for outcome in outcomes:
        if outcome.renewed is not None and outcome.renewed.damaged:
            print(
                f"carectl: the calendar of {outcome.reader.key} was damaged; it is written anew, and what was marked "
                "as cancelled in it is lost",
                file=sys.stderr,
            )
    unclear = [reader for reader in survey.subscribers.values() if reader.unclear]
    for reader in unclear:
        print(f"carectl: not renewed: {reader.key} {reader.name}: {reader.why_not}", file=sys.stderr)
    if kept := sum(outcome.renewed.kept for outcome in outcomes if outcome.renewed):
        print(
            f"carectl: {kept} visit{'s' * (kept != 1)} stay{'s' * (kept == 1)} on calendars as before: nobody can tell "
            "what becomes of them\nhint: carectl check tells what to mend; then publish again",
            file=sys.stderr,
        )
    return bool(lost or unclear or survey.clouded)


# --- list, rotate, revoke --------------------------------------------------------------------------------------------


def list_(
    ctx: typer.Context,
    links: Annotated[bool, typer.Option("--links", help="Print the links too: each is a secret.")] = False,
    form: Form = Format.TEXT,
) -> None:
    """List who has a calendar since when, whether it is up to date, and who has none and why.

    Example: carectl calendar list --links
    """
    from carectl.care.subscribers import window
    from carectl.caseload.subscriptions import Published, Subscriptions
    from carectl.output import terminal
    from carectl.output.export import as_json

    session = Session.of(ctx)
    setting = telling.sound_setting(session)
    memory = Subscriptions.of(session.root)
    survey = survey_of(session.loader, setting, window(setting.today))
    survey.add_gone(memory.feeds, session.client_ids)
    site = _site(session)
    place = Published(Path(memory.folder)) if memory.folder else None
    feeds: list[dict[str, Any]] = []
    none: list[dict[str, Any]] = []
    for key, reader in sorted(survey.subscribers.items()):
        known = memory.feeds.get(key)
        state, why = _standing(reader, known, survey, window(setting.today), place)
        if state == "none":
            none.append({**_person(reader), "why": why})
            continue
        feeds.append({
            **_person(reader),
            "shows": "busy" if reader.only_times else "visits",
            "state": state,
            "why": why,
            "since": known.since if known and known.token else None,
            "published": known.published if known else None,
        })  # fmt: skip
        if links:
            has_link = known is not None and known.token is not None and known.is_published
            where = site or (place.place if place else "")
            feeds[-1]["link"] = f"{where}/{known.token}/calendar.ics" if known and has_link else None
    if form is Format.JSON:
        sys.stdout.write(as_json({"folder": memory.folder, "url": site, "feeds": feeds, "none": none}))
    else:
        terminal.put(_listing(feeds, none, telling.width()), sys.stdout, colour=session.colour)
    if _tell_doubts(session, survey):
        raise typer.Exit(1)


_OUT_OF_DATE = ("out of date", "not published yet", "to be removed")


def _standing(
    reader: Subscriber,
    known: Subscription | None,
    survey: Survey,
    days: tuple[dt.date, dt.date],
    place: Published | None,
) -> tuple[str, str | None]:
    """How it stands with a subscriber's feed, and why, in words; `none`: they have none and get none."""
    from carectl.caseload.subscriptions import CALENDAR, digest

    if known is not None and known.revoked is not None:
        return "none", f"revoked on {known.revoked}; rotate gives a new link"
    is_published = known is not None and known.is_published
    if reader.why_not is not None:
        if not is_published:
            return "none", reader.why_not
        return ("not known" if reader.unclear else "to be removed"), reader.why_not
    if known is None or known.token is None or not is_published:
        return "not published yet", None
    there = place.read(known.token, CALENDAR) if place else None
    if there is None or digest(there) != known.content:
        return "out of date", "what was published is gone or was changed by somebody else"
    if known.window() == days and known.parts == survey.parts(reader.key):
        return "up to date", None
    return "out of date", None


def _listing(feeds: Sequence[Mapping[str, Any]], none: Sequence[Mapping[str, Any]], width: int) -> list[Line]:
    """The list for people."""
    from carectl.output import terminal

    rows = []
    for feed in feeds:
        state = feed["state"] + (" (only times)" if feed["shows"] == "busy" else "")
        words = f"{state}: {feed['why']}" if feed["why"] else state
        rows.append([feed["subscriber"], feed["name"], feed["since"] or "", (feed["published"] or "")[:10], words])
    head = ("subscriber", "name", "since", "last change", "")
    lines = terminal.columns(rows, width, head=head, whole=(0, 2, 3)) if rows else []
    links = [(feed["subscriber"], feed["link"]) for feed in feeds if feed.get("link")]
    if links:
        lines += [[], [("Links. Each is a secret, for this one person alone:", "title")]]
        for key, link in links:
            lines += [[(f"  {key}", "")], [(f"    {link}", "")]]
    if none:
        lines += [[], [("No calendar", "title")]]
        lines += terminal.columns([[one["subscriber"], one["name"], one["why"]] for one in none], width, whole=(0,))
    stale = sum(feed["state"] in _OUT_OF_DATE for feed in feeds)
    if feeds:
        lines += [[], [(out_of_date(stale) if stale else "All calendars are up to date.", "")]]
    return lines


def rotate(ctx: typer.Context, subscriber: Who) -> None:
    """Give somebody a new link. The old one leads nowhere from now on.

    Example: carectl calendar rotate rosa maria
    """
    from carectl.caseload.store import Store
    from carectl.caseload.subscriptions import Subscriptions, settle

    session = Session.of(ctx)
    with Store(session.root, wait=WAIT).transaction(command="calendar rotate") as change:
        telling.recovered(change.recovered)
        memory = Subscriptions.of(session.root)
        key, name = _whose(session, memory, subscriber)
        feed = memory.feeds.get(key)
        if feed is None:
            raise Refused(f"{key} {name}: there is no link yet\nhint: carectl calendar publish")
        place = _published(memory)
        was_revoked = feed.revoked is not None
        settle(memory, place)
        feed.token, feed.former, feed.revoked = secrets.token_hex(16), feed.token, None
        memory.save()
        settle(memory, place)
    where = f"{_site(session) or place.place}/{feed.token}/index.html"
    print(f"{key} {name}: " + ("a link again" if was_revoked else "a new link; the old one leads nowhere now"))
    if feed.is_published:
        print(f"  {where}")
        print("Hand it to them: their calendar program does not learn of it by itself.")
    else:
        print("It leads somewhere after the next carectl calendar publish, if they may have a calendar then.")


def revoke(ctx: typer.Context, subscriber: Who) -> None:
    """Take somebody's calendar away, whatever they may be told, until they are given a new link.

    Example: carectl calendar revoke rosa maria
    """
    from carectl.caseload.store import Store
    from carectl.caseload.subscriptions import Subscription, Subscriptions, settle

    session = Session.of(ctx)
    with Store(session.root, wait=WAIT).transaction(command="calendar revoke") as change:
        telling.recovered(change.recovered)
        memory = Subscriptions.of(session.root)
        key, name = _whose(session, memory, subscriber)
        today = str(session.setting.today)
        feed = memory.feeds.setdefault(key, Subscription(None, today))
        if feed.revoked is not None:
            print(f"{key} {name}: the calendar was taken away on {feed.revoked} already")
            return
        place = _published(memory) if feed.token is not None else None
        if place is not None:
            settle(memory, place)
        feed.token, feed.former, feed.revoked = None, feed.token, today
        feed.withdraw()
        memory.save()
        if place is not None:
            settle(memory, place)
    print(f"{key} {name}: the calendar is taken away, and the link leads nowhere now")
    client, _, person = key.partition("/")
    hint = "calendar: none in the staff file" if client == "staff" else f"carectl contact revoke {client} {person}"
    print("What their calendar program has fetched, it may keep.")
    print(f"What they may be told stays as it was; if that is to end too: {hint}")


def _published(memory: Subscriptions) -> Published:
    """The folder in which a link can be taken away. Raises EnvironmentProblem if it is not there."""
    from carectl.caseload.subscriptions import Published
    from carectl.errors import EnvironmentProblem

    if memory.folder is None or not Path(memory.folder).is_dir():
        raise EnvironmentProblem(
            f"the folder {memory.folder} is not there, so the old link cannot be taken away; nothing was changed"
        )
    return Published(Path(memory.folder))


def _whose(session: Session, memory: Subscriptions, words: Sequence[str]) -> tuple[str, str]:
    """The key and name of the subscriber who is meant. Raises UsageError."""
    from carectl.care.subscribers import contact_key, staff_key
    from carectl.commands.session import Person, choose

    if len(words) > 2:
        raise UsageError("name one subscriber: CLIENT/CONTACT, or CLIENT CONTACT, or a staff member")
    one, _, other = "/".join(words).partition("/")
    if one == "staff" or not other:
        people = [Person(member.id, member.name.full) for member in session.staff]
        known = [key.partition("/")[2] for key in memory.feeds if key.startswith("staff/")]
        people += [Person(left, "") for left in known if left not in {person.id for person in people}]
        person = choose(other or one, people, "staff member", "carectl calendar list", loosely=False)
        return staff_key(person.id), person.name
    if contact_key(one, other) in memory.feeds and one not in session.client_ids:
        return contact_key(one, other), ""  # a client who is on file no more
    chart = session.chart(one, loosely=False)
    people = [Person(contact.id, contact.name) for contact in chart.contacts]
    known = [key.partition("/")[2] for key in memory.feeds if key.startswith(f"{chart.id}/")]
    people += [Person(left, "") for left in known if left not in {person.id for person in people}]
    person = choose(other, people, "contact", "carectl calendar list", loosely=False)
    return contact_key(chart.id, person.id), person.name
