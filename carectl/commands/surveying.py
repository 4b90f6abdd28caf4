"""Who is shown what in the calendars that are published, and which of them are out of date."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from carectl.errors import CarectlError

if TYPE_CHECKING:
    import datetime as dt

    from carectl.care.schedule import Missing, Occurrence
    from carectl.care.setting import Setting
    from carectl.care.subscribers import Subscriber
    from carectl.caseload.load import Loader
    from carectl.caseload.records import Chart
    from carectl.caseload.subscriptions import Subscription
    from carectl.caseload.trees import Tree
    from carectl.commands.session import Session
    from carectl.output.calendar.audiences import Feed

_SHOWN = frozenset(("client", "contacts", "visits"))
"""The kinds of a client's records that a feed is made of."""


# --- what everybody is shown -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Share:
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
class Survey:
    """Who is shown what, by the records as they are."""

    clients: Collection[str] | None = None
    """The clients that were looked at; None: all."""
    subscribers: dict[str, Subscriber] = field(default_factory=dict)
    shares: dict[str, dict[str, Share]] = field(default_factory=dict)
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

    def feed(self, key: str) -> Share:
        """All that a subscriber is shown."""
        from carectl.output.calendar.audiences import joined

        shares = self.shares[key].values()
        first = next(iter(shares)).feed
        feed = joined(first.name, first.zone, (share.feed for share in shares))
        unclear = frozenset[str]().union(*(share.unclear for share in shares))
        return Share(feed, self.clouded or any(share.uncertain for share in shares), unclear)

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


def survey_of(
    loader: Loader,
    setting: Setting,
    days: tuple[dt.date, dt.date],
    *,
    clients: Collection[str] | None = None,
    wanted: Collection[str] | None = None,
) -> Survey:
    """Look through the charts (of all clients, or of some), one at a time.

    Feeds of these days are made for those subscribers (by their keys) who are wanted and may have one; None: all.
    """
    from carectl.care.subscribers import contacts_are_whole, contacts_of, team

    found = Survey(clients)
    staff = team(setting)
    readers = [one for one in staff if one.why_not is None and (wanted is None or one.key in wanted)]
    found.subscribers |= {one.key: one for one in staff}
    for reader in readers:
        found.shares[reader.key] = {"": Share(_feed(reader, None, (), setting))}
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
    chart: Chart, setting: Setting, days: tuple[dt.date, dt.date], readers: Sequence[Subscriber], found: Survey
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
        share = Share(feed, bool(expansion.missing), unclear_events(feed, singles))
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
        survey = survey_of(loader, setting, days, clients=clients, wanted=wanted)
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
        print(out_of_date(count))


def out_of_date(count: int) -> str:
    return f"{count} feed{'s' * (count != 1)} {'is' if count == 1 else 'are'} out of date: carectl calendar publish"


def _matters(path: str) -> bool:
    """Whether a file can have to do with what a feed shows."""
    parts = path.split("/")
    if parts[0] == "clients" and len(parts) > 2:
        return parts[2].removesuffix(".yaml") in _SHOWN
    return path == "carectl.yaml" or parts[0] == "staff"


def _is_stale(reader: Subscriber, known: Subscription | None, survey: Survey) -> bool:
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
