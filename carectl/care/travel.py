"""How long the way takes from one visit to the next, as far as the practice says so.

Two clients named in the table count before a client and a postal code, those before two postal codes, and all of them
before the default. Nobody travels within one house.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import cached_property
from typing import Final, NamedTuple

from carectl.care.moments import duration_of
from carectl.caseload.records import Client, TravelTimes

NO_TIME: Final = dt.timedelta()
_ZIP_PLUS_FOUR: Final = re.compile(r"([0-9]{5})-[0-9]{4}")


class Place(NamedTuple):
    """Where a visit is, as far as the way there is concerned."""

    client: str
    """Whose home it is; empty: nobody's."""
    postal: str
    """Its postal code as the table is asked for it; empty: not known."""
    address: tuple[str, ...]
    """What is the same for two visits at one address; empty: not known."""


def postal_of(text: str) -> str:
    """A postal code without what people write differently; of ZIP+4 the five digits that count."""
    found = "".join(text.split()).casefold()
    match = _ZIP_PLUS_FOUR.fullmatch(found)
    return match[1] if match else found


def home(client: Client | None) -> Place | None:
    """A client's home; None if the address could not be read, so that nothing is concluded from it."""
    if client is None or "address" in client.origin.unread:
        return None
    address = client.address
    if address is None:
        return Place(client.id, "", ())
    street, city, postal = _folded(address.street), _folded(address.city), postal_of(address.postal_code or "")
    # The same street name alone is found in many towns.
    return Place(client.id, postal, (street, city, postal) if street and (city or postal) else ())


def elsewhere(where: str) -> Place:
    """A place that is described in words only, such as a clinic."""
    return Place("", "", (_folded(where),))


def _folded(text: str | None) -> str:
    return " ".join((text or "").replace(",", " ").replace(".", " ").split()).casefold()


class Ways:
    """The practice's travel times."""

    def __init__(self, times: TravelTimes) -> None:
        self._default = duration_of(times.default) if times.default else NO_TIME
        self._table: dict[frozenset[str], dt.timedelta] = {}
        for item in times.table:
            ends = pair(item.between)
            if len(item.between) == 2 and "" not in ends:
                # The first of two entries for one way counts; that there are two is a finding.
                self._table.setdefault(ends, duration_of(item.takes))

    @cached_property
    def longest(self) -> dt.timedelta:
        """No way takes longer."""
        return max((self._default, *self._table.values()))

    def between(self, one: Place | None, other: Place | None) -> dt.timedelta:
        """How long the way takes; no time where nothing is known of it."""
        if one is None or other is None or (one.client and one.client == other.client):
            return NO_TIME
        if one.address and one.address == other.address:
            return NO_TIME
        known = self._table.get
        if (found := known(frozenset((one.client, other.client)))) is not None:
            return found
        # Two entries can fit here: then the longer way is the safe one.
        mixed = (known(frozenset((one.client, other.postal))), known(frozenset((one.postal, other.client))))
        if any(mixed):
            return max(time for time in mixed if time is not None)
        return known(frozenset((one.postal, other.postal)), self._default)


def pair(names: tuple[str, ...]) -> frozenset[str]:
    """The two ends of a way as the table knows them, in no order."""
    return frozenset(map(postal_of, names))


def ways_of(times: TravelTimes | None) -> Ways | None:
    """The practice's travel times; None if it gives none, or not all of them could be read."""
    if times is None or times.origin.unread or any(item.origin.unread for item in times.table):
        return None
    return Ways(times)
