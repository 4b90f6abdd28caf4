"""The long fuzz of calendar imports: `python -m tests.fuzz.fuzz_calendar --count 200000 --seed 1`.

Calendar files as programs, people and enemies write them: whole ones, and such with lines dropped, doubled, cut and
changed. Whatever comes, a file is read or refused in words; what is planned keeps the laws of an import; and the same
file again changes nothing. Prints how many ran, and what became of their events.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any, Final

import msgspec

from carectl.care.imports import Plan, Terms, plan
from carectl.care.setting import Setting
from carectl.caseload.records import Chart, Client, Imported, Name, Visit, VisitStatus
from carectl.caseload.zones import zone
from carectl.errors import Refused
from carectl.output.calendar.incoming import read

CLIENT_ZONES: Final = ("America/Chicago", "Pacific/Apia", "Europe/London", "America/St_Johns", "UTC")
NOW: Final = dt.datetime(2026, 10, 20, 12, tzinfo=zone("America/Chicago"))
BRIEF: Final = Terms("clinic", dt.date(2026, 10, 20), dt.date(2026, 11, 30), "dr-lee")
LONG: Final = Terms("clinic", dt.date(2026, 10, 20), dt.date(2027, 3, 20), "dr-lee")
"""Both changes of the clocks are in it."""
TOO_LONG: Final = 10.0

TZIDS: Final = (
    "America/Chicago", "America/New_York", "Europe/Berlin", "Asia/Kathmandu", "UTC", "Central Standard Time",
    "W. Europe Standard Time", "/mozilla.org/20050126_1/America/Chicago", "Own Time", "Broken Time", "Nowhere/Town",
    "../../etc/passwd", "", '"', "America/" + "x" * 300,
)  # fmt: skip
DAYS: Final = (
    "20261101", "20261102", "20261125", "20270314", "20270328", "20261025", "20261024", "20200101", "19700101",
    "16010101", "00010101", "99991231", "20270230", "20261020", "20271231",
)  # fmt: skip
HOURS: Final = ("T090000", "T013000", "T023000", "T235959", "T000000", "T143000", "T010000", "T240000", "T250000", "")
RULES: Final = (
    "FREQ=DAILY", "FREQ=DAILY;COUNT=5", "FREQ=WEEKLY;BYDAY=MO,WE", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;WKST=SU",
    "FREQ=MONTHLY;BYDAY=2TU", "FREQ=MONTHLY;BYMONTHDAY=31", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=SECONDLY",
    "FREQ=DAILY;COUNT=999999", "FREQ=DAILY;COUNT=99999999999999", "FREQ=DAILY;UNTIL=20261120", "FREQ=YEARLY",
    "FREQ=WEEKLY;UNTIL=20261120T120000Z", "FREQ=WEEKLY;UNTIL=20261120T120000", "FREQ=MONTHLY;BYDAY=-1FR;BYSETPOS=1",
    "FREQ=DAILY;BYHOUR=9,10", "FREQ=DAILY;BYHOUR=9;BYMINUTE=0", "FREQ=DAILY;INTERVAL=0", "FREQ=HOURLY;INTERVAL=24",
    "FREQ=DAILY;UNTIL=00010101", "FREQ=DAILY;UNTIL=99991231T235959Z", "RSCALE=HEBREW;FREQ=YEARLY", "", "FREQ",
)  # fmt: skip
LENGTHS: Final = ("PT45M", "PT0S", "P1D", "-PT1H", "PT30M59S", "P1W", "P99999999999D", "1h", "PT8H")
TEXTS: Final = (
    "Cardiology\\, follow-up", "Eye \\\\ ear\\nnose", "", "Canceled: Lab", "é 😀 שלום", "\x07\x1b[31m", "\u202eabc",
    "x" * 3000, "- a: b # c", "null", "\u200b", "\ufdd0 \ue000",
)  # fmt: skip
OWN: Final = """BEGIN:VTIMEZONE
TZID:Own Time
BEGIN:STANDARD
DTSTART:16010101T020000
TZOFFSETFROM:-0500
TZOFFSETTO:-0600
RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:-0600
TZOFFSETTO:-0500
RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VTIMEZONE
TZID:Broken Time
BEGIN:STANDARD
DTSTART:20260101T020000
TZOFFSETFROM:+9999
TZOFFSETTO:-0600
RRULE:FREQ=SECONDLY
END:STANDARD
END:VTIMEZONE"""


def moment(rng: random.Random, name: str) -> str:
    """A line with a day, or a day and time."""
    value = rng.choice(DAYS[:6] if rng.random() < 0.7 else DAYS)
    hour = rng.choice(HOURS[:6] if rng.random() < 0.8 else HOURS)
    form = rng.random()
    if not hour or form < 0.05:
        return f"{name};VALUE=DATE:{value}"
    if form < 0.35:
        return f"{name}:{value}{hour}Z"
    if form < 0.5:
        return f"{name}:{value}{hour}"
    return f"{name};TZID={rng.choice(TZIDS[:7] if rng.random() < 0.8 else TZIDS)}:{value}{hour}"


def event(rng: random.Random, uid: str) -> list[str]:
    """The lines of an event: mostly sound, and odd in a place or two."""
    start = moment(rng, "DTSTART")
    lines = [f"UID:{uid}", start]
    if rng.random() < 0.5:
        head, _, value = start.partition(":")
        hour = f"{value[:9]}{rng.randrange(24):02}{rng.choice(('00', '30', '59'))}{value[13:]}"
        lines.append(f"{head.replace('DTSTART', 'DTEND')}:{hour}")
    elif rng.random() < 0.9:
        lines.append(f"DURATION:{LENGTHS[0] if rng.random() < 0.7 else rng.choice(LENGTHS)}")
    if rng.random() < 0.35:
        lines.append(f"RRULE:{rng.choice(RULES)}")
        lines += [moment(rng, rng.choice(("EXDATE", "RDATE"))) for _ in range(rng.randrange(3))]
    if rng.random() < 0.15:
        lines.append(moment(rng, rng.choice(("RECURRENCE-ID", "RECURRENCE-ID;RANGE=THISANDFUTURE"))))
    lines += [f"SUMMARY:{rng.choice(TEXTS)}", f"LOCATION:{rng.choice(TEXTS)}"][: rng.randrange(3)]
    if rng.random() < 0.2:
        lines.append(rng.choice(("STATUS:CANCELLED", "STATUS:CONFIRMED", "CLASS:PRIVATE", "EXRULE:FREQ=DAILY")))
    rng.shuffle(lines)
    return [
        "BEGIN:VEVENT",
        *lines,
        *(["BEGIN:VALARM", "DTSTART:1", "END:VALARM"] if rng.random() < 0.1 else []),
        "END:VEVENT",
    ]


def events(rng: random.Random) -> list[list[str]]:
    """Some events, now and then two of one UID."""
    return [event(rng, rng.choice("abcdefghijklmnop")) for _ in range(rng.randrange(1, 4))]


def later(rng: random.Random, old: list[list[str]]) -> list[list[str]]:
    """The events some time later: most are as they were, some are others under the same UID, some are gone."""
    found = []
    for lines in old:
        uid = next(line[4:] for line in lines if line.startswith("UID:"))
        chance = rng.random()
        if chance < 0.6:
            found.append(lines)
        elif chance < 0.8:
            found.append(event(rng, uid))
    return [*found, *(events(rng) if rng.random() < 0.3 else [])]


def calendar(rng: random.Random, contents: list[list[str]], damaged: float) -> bytes:
    """A calendar file; with the chance of `damaged` something was done to it."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0"]
    lines += rng.choice(([], ["METHOD:PUBLISH"], ["X-WR-TIMEZONE:Europe/Berlin"]))
    lines += [rng.choice(("METHOD:CANCEL", "METHOD:REPLY", "VERSION:1.0"))] if rng.random() < 0.05 else []
    lines += OWN.split("\n")
    for part in contents:
        lines += part
    lines.append("END:VCALENDAR")
    if rng.random() < damaged:
        for _ in range(rng.randrange(1, 4)):
            at = rng.randrange(len(lines))
            match rng.randrange(5):
                case 0:
                    del lines[at]
                case 1:
                    lines.insert(at, lines[rng.randrange(len(lines))])
                case 2:
                    lines[at] = lines[at][: rng.randrange(len(lines[at]) + 1)]
                case 3:
                    lines[at] = f"{lines[at][:5]}\r\n {lines[at][5:]}"
                case _:
                    lines.insert(
                        at, rng.choice(("garbage", "X-A;B=C;D:E", ":", ";", "BEGIN:", "BEGIN:VEVENT", "\0", " "))
                    )
            lines = lines or [""]
    raw = "\r\n".join(lines).encode() + b"\r\n"
    if rng.random() < damaged / 4:
        at = rng.randrange(len(raw))
        raw = raw[:at] + bytes([rng.randrange(256)]) + raw[at + rng.randrange(2) :]
    return raw


@dataclass
class Figures:
    """How much ran."""

    files: int = 0
    refused: int = 0
    found: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0

    def __str__(self) -> str:
        counts = ", ".join(f"{count:,} {name}" for name, count in sorted(self.found.items()))
        return f"calendar files: {self.files:,} ran, {self.refused:,} refused; {counts}; slowest {self.slowest:.2f} s"


def applied(chart: Chart, found: Plan) -> Chart:
    """The chart with what an import adds, changes and cancels."""
    names = {"with": "with_"}
    visits = {visit.id: visit for visit in chart.visits}
    changes = [(item.visit, item.fields) for item in found.changed] + [(item.visit, item.fields) for item in found.gone]
    for old, fields in changes:
        visits[old.id] = Visit(**{**_values(old), **_read(fields), "id": old.id})
    for item in found.new:
        assert item.id not in visits, "an id is used twice"
        visits[item.id] = Visit(**{names.get(name, name): value for name, value in _read(item.fields).items()})
    return replace(chart, visits=tuple(visits.values()))


def _values(visit: Visit) -> dict[str, Any]:
    return {name: getattr(visit, name) for name in visit.__struct_fields__}


def _read(fields: dict[str, Any]) -> dict[str, Any]:
    """Fields as they are read again from a file."""
    found: dict[str, Any] = dict(fields)
    if "date" in found:
        found["date"] = dt.date.fromisoformat(found["date"])
    if "imported" in found:
        found["imported"] = Imported(**found["imported"])
    if found.get("status", "") is None:
        found["status"] = "planned"
    return found


def lived_in(chart: Chart, rng: random.Random) -> Chart:
    """The chart after people have worked with it."""
    statuses: tuple[VisitStatus, ...] = ("planned", "planned", "planned", "confirmed", "done", "cancelled", "missed")
    return replace(
        chart, visits=tuple(msgspec.structs.replace(visit, status=rng.choice(statuses)) for visit in chart.visits)
    )


def try_file(raw: bytes, before: bytes, chart: Chart, setting: Setting, figures: Figures, rng: random.Random) -> None:
    """Import a file after another one, and hold what is planned to the laws."""
    figures.files += 1
    terms = LONG if rng.random() < 0.3 else BRIEF
    try:
        chart = lived_in(applied(chart, plan(chart, setting, read(before, zone), terms)), rng)
        incoming = read(raw, zone)
        found = plan(chart, setting, incoming, terms)
    except Refused:
        figures.refused += 1
        return
    lost = {item.uid for item in found.not_taken}
    for arrival in found.new:
        item = arrival.appointment
        assert terms.first <= item.start.date() <= terms.last
        assert dt.timedelta() < item.end.astimezone(dt.UTC) - item.start.astimezone(dt.UTC) < dt.timedelta(1, 60)
        assert not item.cancelled
        assert (item.title + item.place).isprintable() or "\u200c" in item.title or "\u200d" in item.title
        assert len(item.title) <= 200
    for departure in found.gone:
        assert departure.visit.imported is not None
        assert str(departure.fields["reason"]).startswith("Cancelled") or departure.visit.imported.uid not in lost
        assert departure.start.astimezone(dt.UTC) > setting.now.astimezone(dt.UTC)
    again = plan(applied(chart, found), setting, incoming, terms)
    assert again.count == 0, f"a second import changes something: {again}"
    figures.found.update(
        new=len(found.new), changed=len(found.changed), gone=len(found.gone), same=found.same,
        not_taken=len(found.not_taken), left_alone=len(found.disagreements),
    )  # fmt: skip


def run(count: int, seed: int) -> Figures:
    """Import files, each after an earlier one of the same calendar."""
    rng = random.Random(seed)
    figures = Figures()
    setting = Setting(now=NOW, zones=zone)
    charts = [
        Chart(
            "c-001",
            "clients/c-001",
            Client(id="c-001", name=Name(given="A", family="B"), status="active", timezone=name),
        )
        for name in CLIENT_ZONES
    ]
    while figures.files < count:
        contents = events(rng)
        before, raw = calendar(rng, contents, 0.0), calendar(rng, later(rng, contents), 0.3)
        start = time.monotonic()
        try:
            try_file(raw, before, rng.choice(charts), setting, figures, rng)
        except BaseException:
            print(f"--- before\n{before!r}\n--- file\n{raw.decode('utf-8', 'replace')}\n{raw!r}")
            raise
        figures.slowest = max(figures.slowest, time.monotonic() - start)
    return figures


def main() -> None:
    """Run the fuzz and print its figures."""
    parser = argparse.ArgumentParser(description="Fuzz the import of calendars.")
    parser.add_argument("--count", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    start = time.monotonic()
    figures = run(options.count, options.seed)
    print(f"{figures}\n  {time.monotonic() - start:.0f} s (seed {options.seed})")
    if figures.slowest > TOO_LONG:
        raise SystemExit("one of them took too long")


if __name__ == "__main__":
    main()
