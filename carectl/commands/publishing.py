"""carectl calendar publish, list, rotate, revoke: feeds that families and staff subscribe to."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from carectl.commands import telling
from carectl.commands.session import Session
from carectl.errors import CarectlError, Refused, UsageError

if TYPE_CHECKING:
    import datetime as dt

    from carectl.care.schedule import Missing, Occurrence
    from carectl.care.setting import Setting
    from carectl.care.subscribers import Subscriber
    from carectl.caseload.load import Loader
    from carectl.caseload.records import Chart
    from carectl.caseload.subscriptions import Published, Subscription, Subscriptions
    from carectl.caseload.trees import Tree
    from carectl.findings import Finding
    from carectl.output.calendar.audiences import Feed
    from carectl.output.calendar.memory import Renewed
    from carectl.output.terminal import Line

WAIT = 60.0
"""Seconds that publishing waits for another command that writes."""
_SHOWN = frozenset(("client", "contacts", "visits"))
"""The kinds of a client's records that a feed is made of."""


class Format(StrEnum):
    """How it is printed."""

    TEXT = "text"
    JSON = "json"


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
Form = Annotated[Format, typer.Option("--format", "-f", help="How to print it.")]


# --- what everybody is shown -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Share:
    """What one client's records put into one feed."""

    feed: Feed
    uncertain: bool = False
    unclear: frozenset[str] = frozenset()

    def digest(self) -> str:
        """What it says, in one word."""
        from carectl.output.calendar.memory import digest

        return digest(self.feed, uncertain=self.uncertain, unclear=self.unclear)

    @property
    def is_empty(self) -> bool:
        """Whether it would make no difference if it were not there."""
        return not (self.feed.events or self.feed.hidden or self.uncertain)


@dataclass(slots=True)
class _Survey:
    """Who is shown what, by the records as they are."""

    clients: Collection[str] | None = None
    """The clients that were looked at; None: all."""
    subscribers: dict[str, Subscriber] = field(default_factory=dict)
    shares: dict[str, dict[str, _Share]] = field(default_factory=dict)
    """For each subscriber, what comes of each client; of none ("") what a feed is called."""
    missing: list[Missing] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)
    """The clients some of whose contacts could not be read."""
    clouded: bool = False
    """Whether there may be clients or staff who cannot be seen, for their files have impossible names."""

    def parts(self, key: str) -> dict[str, str]:
        """What a feed says, as it is remembered."""
        found = {client: share.digest() for client, share in self.shares.get(key, {}).items()}
        return {**found, "?": "unseen"} if self.clouded else found

    def feed(self, key: str) -> _Share:
        """All that a subscriber is shown."""
        from carectl.output.calendar.audiences import joined

        shares = self.shares[key].values()
        first = next(iter(shares)).feed
        feed = joined(first.name, first.zone, (share.feed for share in shares))
        unclear = frozenset[str]().union(*(share.unclear for share in shares))
        return _Share(feed, self.clouded or any(share.uncertain for share in shares), unclear)

    def add_gone(self, keys: Iterable[str], clients: Collection[str]) -> None:
        """Take in those who have a feed and are on file no more."""
        from carectl.care.subscribers import Subscriber

        for key in keys:
            client, _, person = key.partition("/")
            if key in self.subscribers:
                continue
            if client == "staff":
                words, unclear = "is not on the roster any more", self.clouded
            elif client in clients:
                words, unclear = f"is no contact of {client} any more", client in self.unread
            else:
                words, unclear = f"{client} is not on file any more", self.clouded
            kind = "staff" if client == "staff" else "contact"
            gone = Subscriber(key, kind, None if client == "staff" else client, person, person, "en")  # type: ignore[arg-type]
            self.subscribers[key] = gone.without("something could not be read" if unclear else words, unclear=unclear)


def _survey(
    loader: Loader,
    setting: Setting,
    days: tuple[dt.date, dt.date],
    *,
    clients: Collection[str] | None = None,
    wanted: Collection[str] | None = None,
) -> _Survey:
    """Look through the charts (of all clients, or of some), one at a time.

    Feeds of these days are made for those subscribers (by their keys) who are wanted and may have one; None: all.
    """
    from carectl.care.subscribers import contacts_are_whole, contacts_of, team

    found = _Survey(clients)
    staff = team(setting)
    readers = [one for one in staff if one.why_not is None and (wanted is None or one.key in wanted)]
    found.subscribers |= {one.key: one for one in staff}
    for reader in readers:
        found.shares[reader.key] = {"": _Share(_feed(reader, None, (), setting))}
    for client_id in loader.client_ids() if clients is None else clients:
        chart = loader.chart(client_id)
        contacts = contacts_of(chart, setting)
        found.subscribers |= {one.key: one for one in contacts}
        if not contacts_are_whole(chart):
            found.unread.add(client_id)
        family = [one for one in contacts if one.why_not is None and (wanted is None or one.key in wanted)]
        found.missing += _share(chart, setting, days, [*readers, *family], found)
    if clients is None:
        found.clouded = any(
            item.code in ("folder-name", "file-unknown") and item.path.count("/") == 1 for item in loader.met.findings
        )
    return found


def _share(
    chart: Chart, setting: Setting, days: tuple[dt.date, dt.date], readers: Sequence[Subscriber], found: _Survey
) -> Sequence[Missing]:
    """Put what comes of one chart into a survey; what of it could not be placed."""
    from carectl.care.schedule import occurrences
    from carectl.output.calendar.memory import unclear_events

    if not readers:
        return ()
    expansion = occurrences(chart, setting, *days)
    coming = {person for item in expansion.occurrences for person in item.staff}
    for reader in readers:
        visits = expansion.occurrences if reader.kind != "staff" or reader.person in coming else ()
        feed = _feed(reader, chart, visits, setting)
        singles = (partial(_feed, reader, chart, [item], setting) for item in visits)
        share = _Share(feed, bool(expansion.missing), unclear_events(feed, singles))
        if reader.kind == "contact" or not share.is_empty:
            found.shares.setdefault(reader.key, {})[chart.id] = share
    return expansion.missing


def _feed(reader: Subscriber, chart: Chart | None, visits: Sequence[Occurrence], setting: Setting) -> Feed:
    """What a subscriber is shown of one client's visits; of no client: only what their feed is called."""
    from carectl.care.sharing import live_topics
    from carectl.output.calendar import audiences

    practice = setting.practice
    if reader.kind == "contact":
        assert chart is not None
        contact = next(item for item in chart.contacts if item.id == reader.person)
        feed = audiences.family_feed(chart, visits, setting, contact, live_topics(contact, setting.today_at(chart)))
    elif reader.kind == "staff":
        feed = audiences.staff_feed(setting.staff[reader.person], [(chart, visits)] if chart else [], setting)
    elif chart is not None:
        feed = audiences.coordinator_feed(chart, visits, setting)
    else:
        feed = audiences.Feed("All visits", practice.timezone if practice else "UTC", ())
    return audiences.busy(feed, reader.language) if reader.only_times else feed


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
        survey = _survey(session.loader, setting, window(setting.today))
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
    survey: _Survey
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


def _tell_doubts(session: Session, survey: _Survey, outcomes: Sequence[_Outcome] = ()) -> bool:
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
    survey = _survey(session.loader, setting, window(setting.today))
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
    survey: _Survey,
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
        lines += [[], [(_out_of_date(stale) if stale else "All calendars are up to date.", "")]]
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


# --- out of date -----------------------------------------------------------------------------------------------------


def stale(session: Session, tree: Tree | None = None, *, touched: Iterable[str] | None = None) -> list[str]:
    """The subscribers whose published calendar is not what the records say now, by their keys.

    `tree` are the records as they are, or as they will be. With `touched` (paths of files that were written) only what
    these can have changed is looked at. Costs one look if nothing was ever published. Raises EnvironmentProblem.
    """
    from carectl.caseload.subscriptions import Subscriptions, were_published

    if not were_published(session.root):
        return []
    from carectl.caseload.load import Loader
    from carectl.caseload.trees import FolderTree

    memory = Subscriptions.of(session.root)
    loader = Loader(tree or FolderTree(session.root), session.memo)
    paths = None if touched is None else list(touched)
    clients = None if paths is None else _concerned(loader, paths)
    is_clients_only = paths is not None and all(path.startswith("clients/") for path in paths)
    setting = session.setting if is_clients_only else _setting(session, loader)
    found: set[str] = set()
    # Feeds that were published in another week hold other days. As a rule there is one week.
    weeks = {known.window(): None for known in memory.feeds.values() if known.is_published}
    for days in weeks:
        if days is None:
            continue
        wanted = frozenset(key for key, known in memory.feeds.items() if known.window() == days)
        survey = _survey(loader, setting, days, clients=clients, wanted=wanted)
        if clients is None:
            survey.add_gone(memory.feeds, loader.client_ids())
        found.update(key for key, one in survey.subscribers.items() if _is_stale(one, memory.feeds.get(key), survey))
    return sorted(found)


def tell_stale(session: Session, written: Iterable[str]) -> None:
    """Say how many published calendars are out of date because of the files that were written."""
    touched = [path for path in written if _matters(path)]
    if not touched:
        return
    try:
        count = len(stale(session, touched=touched))
    except CarectlError:
        return  # What was to be written is written. `calendar list` tells what is wrong with the memory of feeds.
    if count:
        print(_out_of_date(count))


def _out_of_date(count: int) -> str:
    return f"{count} feed{'s' * (count != 1)} {'is' if count == 1 else 'are'} out of date: carectl calendar publish"


def _matters(path: str) -> bool:
    """Whether a file can have to do with what a feed shows."""
    parts = path.split("/")
    if parts[0] == "clients" and len(parts) > 2:
        return parts[2].removesuffix(".yaml") in _SHOWN
    return path == "carectl.yaml" or parts[0] == "staff"


def _is_stale(reader: Subscriber, known: Subscription | None, survey: _Survey) -> bool:
    """Whether publishing would do something about a subscriber, as far as the survey has looked."""
    if known is not None and known.revoked is not None:
        return False
    if reader.why_not is not None:
        return known is not None and known.is_published and not reader.unclear
    if known is None or not known.is_published:
        return True
    if reader.key not in survey.shares:
        return False  # of another week
    now = survey.parts(reader.key)
    looked_at = {*now, *known.parts} if survey.clients is None else {"", *survey.clients}
    return any(now.get(client) != known.parts.get(client) for client in looked_at)


def _setting(session: Session, loader: Loader) -> Setting:
    """The setting with the practice and the staff as the loader's files have them."""
    from carectl.caseload.zones import zone

    file = loader.practice()
    practice = file.practice if file else None
    home = zone(practice.timezone) if practice else None
    members, unread = loader.staff()
    now = session.setting.now
    return replace(
        session.setting,
        now=now if home is None else now.astimezone(home),
        practice=practice,
        staff={member.id: member for member in members},
        unread_staff=unread,
    )


def _concerned(loader: Loader, touched: Sequence[str]) -> list[str]:
    """The clients whose visits may look different because of these files, sorted."""
    from carectl.caseload.shelves import pieces

    everybody = loader.client_ids()
    if "carectl.yaml" in touched:
        return everybody
    found = {path.split("/")[1] for path in touched if path.startswith("clients/")}
    names = [path.removeprefix("staff/").removesuffix(".yaml").encode() for path in touched if path[:6] == "staff/"]
    for client_id in everybody if names else ():
        raws = [loader.tree.read(path) for path in pieces(loader.tree, client_id, "visits")]
        # With a backslash a name could be written in a way that is not seen here.
        if any(not isinstance(raw, bytes) or b"\\" in raw or any(name in raw for name in names) for raw in raws):
            found.add(client_id)
    return sorted(found & set(everybody))
