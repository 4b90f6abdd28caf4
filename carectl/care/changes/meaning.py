"""What a change means for a person: the rule that tells it best, and what can be worked out about it.

Each function looks at the changes of one sort of record. It is given the rule that the place has by itself (`rules`),
and says nothing where nothing can be told for sure: then the rule stands, and the sentence only names old and new.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any, Final, NamedTuple

from carectl.care.changes import disclosure
from carectl.care.changes.compare import Change, Way
from carectl.care.changes.doses import difference, shown
from carectl.care.changes.hours import Weekly, day_in, in_words, runs_on, together, weekly
from carectl.care.changes.rules import RULES, base
from carectl.care.changes.scene import Entry, Scene, day_of_entry
from carectl.care.changes.wording import (
    added_and_removed,
    count,
    day,
    field_words,
    listed,
    quoted,
    shortened,
    sorted_days,
    value,
)


class Meaning(NamedTuple):
    """What is to be said of a change."""

    rule: str
    says: str | None = None
    """Instead of `FIELD from OLD to NEW`: what happened."""
    more: str | None = None
    """What follows from it, behind a semicolon."""
    notes: tuple[str, ...] = ()


Reader = Callable[[Scene, Change, str], Meaning]


def meaning(scene: Scene, change: Change) -> Meaning:
    """The rule of a change, and what can be worked out about it."""
    if not change.way:
        return Meaning("client-added" if change.old is None else "client-removed")
    rules = base(change.kind, change.way)
    rule = rules.added if change.old is None else rules.removed if change.new is None else rules.changed
    if rule in _ANYWHERE:
        return _ANYWHERE[rule](scene, change, rule)
    if rule == "other-change":
        return Meaning(rule)
    if len(change.way) == 2 and change.old is None and isinstance(change.new, dict) and change.new.get("amends"):
        return _correction(scene, change, rule)
    reader = _READERS.get((change.kind, str(change.way[0])))
    return reader(scene, change, rule) if reader else Meaning(rule)


# --- any entry -------------------------------------------------------------------------------------------------------


def _private(scene: Scene, change: Change, rule: str) -> Meaning:
    if change.new is True:
        return Meaning("private-set", "is private from now on: it does not leave the coordinator")
    return Meaning("private-lifted", "is no longer private: it may leave the coordinator")


def _about(scene: Scene, change: Change, rule: str) -> Meaning:
    gone, come = gone_and_come(change)
    said = [f"no longer says that it is about {listed(map(scene.person, gone))}"] if gone else []
    said += [f"is also about {listed(map(scene.person, come))}"] if come else []
    return Meaning("about-removed" if gone else "about-added", listed(said) or None)


def _provenance(scene: Scene, change: Change, rule: str) -> Meaning:
    return Meaning("provenance-added" if change.old is None else rule)


def _feed(scene: Scene, change: Change, rule: str) -> Meaning:
    order = ("none", "busy", "visits")
    words = {"none": "none", "busy": "busy times only", "visits": "the visits"}
    old, new = (side if side in order else "visits" for side in (change.old, change.new))
    is_wider = order.index(new) >= order.index(old)
    says = f"published calendar from {words[old]} to {words[new]}"
    return Meaning("feed-widened" if is_wider else "feed-narrowed", says)


def gone_and_come(change: Change) -> tuple[list[Any], list[Any]]:
    """What of a plain list went and what came."""
    old = change.old if isinstance(change.old, list) else [] if change.old is None else [change.old]
    new = change.new if isinstance(change.new, list) else [] if change.new is None else [change.new]
    return _less(old, new), _less(new, old)


def _less(one: list[Any], other: list[Any]) -> list[Any]:
    rest = list(other)
    found = []
    for item in one:
        if item in rest:
            rest.remove(item)
        else:
            found.append(item)
    return found


# --- medicines -------------------------------------------------------------------------------------------------------

_ORDER: Final = ("dose", "strength", "times", "schedule", "as_needed")
"""What a day's total hangs on, the most telling first."""
_IN_CHANGED: Final = ("name", *_ORDER, "route")
"""Changes of an order, which belong into `changed`."""
_TEN: Final = (Fraction(10), Fraction(1, 10))
_THOUSAND: Final = (Fraction(1000), Fraction(1, 1000))


def _medication(scene: Scene, change: Change, rule: str) -> Meaning:
    old, new = scene.entry(change, depth=2)
    field = str(change.way[2]) if len(change.way) > 2 else ""
    if change.way[1] == ():
        says = f"now says that there are none ({change.new})" if change.new else "no longer says that there are none"
        return Meaning(rule, says)
    if not field:
        return _medication_whole(scene, change, rule)
    if field == "until":
        return _medication_end(scene, change, new)
    if field == "held":
        return _hold(scene, change, rule)
    if field not in _IN_CHANGED:
        return Meaning(rule)
    more, notes = None, list(_unexplained(change, field, old, new))
    if field in _ORDER:
        leader = scene.is_first(change, _ORDER)
        if leader is None:
            more, factor = difference(old, new)
            if factor in _TEN or factor in _THOUSAND:
                slip = "a decimal point" if factor in _TEN else "the unit"
                notes.append(f"Exactly {shown(max(_factors(factor)))} times {'more' if factor > 1 else 'less'}: "
                             f"has {slip} slipped?")  # fmt: skip
        else:
            notes.append(f"The day's total stands at `{leader}`.")
    return Meaning(rule, None, more, tuple(notes))


def _factors(factor: Fraction | None) -> tuple[Fraction, Fraction]:
    assert factor is not None
    return factor, 1 / factor


def _unexplained(change: Change, field: str, old: Entry, new: Entry) -> list[str]:
    """What `changed` lacks or has wrong about a change of an order."""
    known = _dicts(old.get("changed"))
    fresh = [item for item in _dicts(new.get("changed")) if item not in known]
    named = [item for item in fresh if isinstance(item.get("was"), dict) and field in item["was"]]
    if not named:
        return [f"`changed` has no new entry with `{field}` in it: who ordered this, and why?"]
    # What is not one plain value is written there in words, which nobody can compare.
    was = named[-1]["was"][field]
    before = old.get(field)
    notes = []
    if not isinstance(before, dict) and _alike(was) != _alike(before):
        notes.append(f"The new entry in `changed` says it was {value(was)}; it was {value(before)}.")
    if not named[-1].get("reason"):
        notes.append("The new entry in `changed` gives no reason.")
    return notes


def _alike(what: Any) -> Any:
    if isinstance(what, list):
        return sorted(str(item).zfill(5) for item in what)
    return " ".join(str(what).split()) if what is not None else None


def _dicts(items: Any) -> list[Mapping[str, Any]]:
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _medication_whole(scene: Scene, change: Change, rule: str) -> Meaning:
    entry: Entry = change.new if change.old is None else change.old
    if change.new is None:
        until = day_in(entry, "until")
        if until is not None and scene.is_past(until):
            return Meaning(rule, f"is gone from the list; it was stopped on {day(until)}")
        return Meaning(rule, "is gone from the list", None, ("Nothing says when and why it was stopped.",))
    notes = tuple(_replaced(scene, entry.get("indication")))
    if entry.get("until"):
        return Meaning(rule, f"is new on the list: {_given(entry)}, until {value(entry['until'])}", None, notes)
    return Meaning(rule, f"begins on {value(entry.get('from'))}: {_given(entry)}", None, notes)


def _replaced(scene: Scene, purpose: Any) -> Iterator[str]:
    """The medicines for the same purpose that ended or went as this one came. What is private is not named."""
    way: Way = ("medications",)
    now = {str(item.get("id")): item for item in scene.new.rows("medications", way)}
    for before in scene.old.rows("medications", way) if purpose else ():
        name, after = str(before.get("id")), now.get(str(before.get("id")))
        if before.get("private") is True or before.get("until") or _alike(before.get("indication")) != _alike(purpose):
            continue
        if after is None:
            yield f"{value(before.get('name'))} ({name}), for the same, is gone from the list."
        elif after.get("until") and after.get("private") is not True:
            yield f"{value(before.get('name'))} ({name}), for the same, ends on {value(after['until'])}."


def _given(entry: Entry) -> str:
    """How a medicine is taken: 40 mg, 1 tablet, at 08:00, for Heart failure."""
    times, needed, purpose = entry.get("times"), entry.get("as_needed"), entry.get("indication")
    parts = [value(entry[name]) for name in ("strength", "dose", "route") if entry.get(name)]
    parts += [f"at {value(times)}"] if times else []
    if isinstance(needed, dict):
        parts.append(f"as needed for {value(needed.get('reason'))}")
        parts += [f"at most {value(needed['max_per_day'])} a day"] if needed.get("max_per_day") else []
    parts += [value(entry["schedule"])] if entry.get("schedule") else []
    parts += [f"for {value(purpose)}"] if purpose else []
    return ", ".join(parts)


def _medication_end(scene: Scene, change: Change, new: Entry) -> Meaning:
    if change.new is None:
        return Meaning("med-resumed", f"goes on: it had {value(change.old)} as its last day")
    if change.old is None:
        notes = () if new.get("reason") else ("`reason` does not say why.",)
        return Meaning("med-stopped", f"stopped: last day {value(change.new)}", _reason(new), notes)
    return Meaning("med-stopped", None, _moved_days(change))


def _hold(scene: Scene, change: Change, rule: str) -> Meaning:
    if len(change.way) == 4:
        entry: Entry = change.new if change.old is None else change.old
        ends = f" until {value(entry['until'])}" if entry.get("until") else " until further notice"
        if change.old is None:
            notes = () if entry.get("reason") else ("The hold gives no reason.",)
            return Meaning("med-hold-begun", f"held from {value(entry.get('from'))}{ends}", _reason(entry), notes)
        until = day_in(entry, "until")
        if scene.is_past(until):
            says = f"the hold from {value(entry.get('from'))}{ends} is gone from the file"
            return Meaning("med-history-rewritten", says)
        return Meaning("med-hold-ended", f"no longer held (from {value(entry.get('from'))}{ends})")
    if change.way[-1] == "until" and change.old is None:
        return Meaning("med-hold-ended", f"the hold ends: last day {value(change.new)}")
    return Meaning(rule)


def _reason(entry: Entry) -> str | None:
    return f"reason: {value(entry['reason'])}" if entry.get("reason") else None


# --- days ------------------------------------------------------------------------------------------------------------


def _moved_days(change: Change) -> str | None:
    """By how many days a date moved: 28 days later."""
    old, new = (_date(side) for side in (change.old, change.new))
    if old is None or new is None or old == new:
        return None
    return f"{count(abs((new - old).days), 'day')} {'later' if new > old else 'earlier'}"


def _date(what: Any) -> dt.date | None:
    return day_in({"day": what}, "day") if isinstance(what, str) else None


def _dates(scene: Scene, change: Change, rule: str) -> Meaning:
    return Meaning(rule, None, _moved_days(change))


# --- the care plan ---------------------------------------------------------------------------------------------------

_CLOSED: Final = ("resolved", "inactive")
_RUNNING: Final = ("proposed", "active", "on_hold")


def _plan(scene: Scene, change: Change, rule: str) -> Meaning:
    lists = [step for step in change.way if step in ("goals", "interventions")]
    if not lists:
        return _problem(scene, change, rule)
    if len(change.way) == 4:
        return _whole(scene, change, rule)
    return (_goal if lists[0] == "goals" else _intervention)(scene, change, rule)


def _whole(scene: Scene, change: Change, rule: str) -> Meaning:
    status = (change.old or change.new).get("status")
    said = f"is gone; it was {_word(status)}" if change.new is None else f"is new ({_word(status)})"
    return Meaning(rule, said)


def _word(what: Any) -> str:
    return str(what or "planned").replace("_", " ")


def _problem(scene: Scene, change: Change, rule: str) -> Meaning:
    if len(change.way) == 2:
        return _whole(scene, change, rule)
    if change.way[2] != "status":
        return Meaning(rule)
    _, new = scene.record(change)
    reopened = change.old in _CLOSED and change.new not in _CLOSED
    if change.new not in _CLOSED or change.old in _CLOSED:
        return Meaning("problem-reopened" if reopened else rule, f"is {_word(change.new)} (was {_word(change.old)})")
    going = [item for name in ("goals", "interventions") for item in _dicts(new.get(name))
             if item.get("status") in _RUNNING]  # fmt: skip
    notes = [f"Still going on under it: {listed(str(item.get('id')) for item in going)}."] if going else []
    if not new.get("reason"):
        says = f"closed as {_word(change.new)} without a reason"
        return Meaning("problem-closed-without-reason", says, None, tuple(notes))
    return Meaning("problem-closed", f"closed as {_word(change.new)}", _reason(new), tuple(notes))


def _goal(scene: Scene, change: Change, rule: str) -> Meaning:
    old, new = scene.record(change)
    field = change.way[4]
    if field == "status":
        rule = {"completed": "goal-completed", "cancelled": "goal-cancelled"}.get(change.new, rule)
        says = f"is {_word(change.new)} (was {_word(change.old)})"
        if change.new not in ("cancelled", "on_hold"):
            return Meaning(rule, says)
        return Meaning(rule, says, _reason(new), () if new.get("reason") else ("`reason` does not say why.",))
    if field == "target":
        return Meaning(rule, None, _asked(change, old, new))
    if field == "due":
        return Meaning(rule, None, _moved_days(change))
    if field == "progress":
        return _progress(scene, change, rule)
    return Meaning(rule)


def _asked(change: Change, old: Entry, new: Entry) -> str | None:
    """Whether a target moved nearer to where the goal started, or farther from it."""
    start = new.get("baseline")
    if not all(_is_number(side) for side in (start, change.old, change.new)):
        return None
    if old.get("baseline") != start:
        return "the baseline changed too, so whether more or less is asked is not told"
    before, after = change.old - start, change.new - start
    if before * after < 0:
        return f"the other way from where it started ({value(start)})"
    if abs(after) == abs(before):
        return None
    where = "farther from" if abs(after) > abs(before) else "nearer to"
    return f"{where} where it started ({value(start)}): {'more' if where[0] == 'f' else 'less'} is asked"


def _is_number(what: Any) -> bool:
    return isinstance(what, int | float) and not isinstance(what, bool)


def _progress(scene: Scene, change: Change, rule: str) -> Meaning:
    entry = scene.entry(change)
    on = day_in(entry[0] or entry[1], "date") or day_in(change.old if isinstance(change.old, dict) else {}, "date")
    if rule == "goal-progress-rewritten" and on is not None and not scene.is_past(on):
        rule = "goal-changed"
    return Meaning(rule)


def _intervention(scene: Scene, change: Change, rule: str) -> Meaning:
    if change.way[4] != "status":
        return Meaning(rule)
    _, new = scene.record(change)
    named = {"stopped": "intervention-stopped", "on_hold": "intervention-held", "completed": "intervention-completed"}
    says = f"is {_word(change.new)} (was {_word(change.old)})"
    if change.new == "stopped":
        says = f"stopped{' on ' + value(new['stopped']) if new.get('stopped') else ''} (was {_word(change.old)})"
    notes = []
    if change.new in ("stopped", "on_hold"):
        wanted = ("stopped", "reason") if change.new == "stopped" else ("reason",)
        lacks = [name for name in wanted if not new.get(name)]
        notes += [f"It lacks {listed(f'`{name}`' for name in lacks)}."] if lacks else []
        does = [item for item in scene.new.rows("visits", ("series",))
                if new.get("id") in (item.get("does") or []) and not scene.is_past(day_in(item, "until"))]  # fmt: skip
        notes += [f"Still among what is done in {listed(str(item.get('id')) for item in does)}."] if does else []
    return Meaning(named.get(change.new, rule), says, _reason(new) if change.new != "active" else None, tuple(notes))


# --- contacts --------------------------------------------------------------------------------------------------------


def _contact(scene: Scene, change: Change, rule: str) -> Meaning:
    if change.way[1] == ():
        return Meaning(rule, f"are called in another order: {', '.join(map(scene.person, change.new or []))}")
    if len(change.way) == 2:
        return _contact_whole(scene, change, rule)
    if change.way[2] == "sharing":
        return _sharing(scene, change)
    if rule == "contact-renamed":
        note = "If this is another person, end this entry and add a new one: what is shared does not pass on."
        return Meaning(rule, None, None, (note,))
    if change.way[2] in ("roles", "call_for"):
        return _set(change, rule)
    return Meaning(rule)


def _contact_whole(scene: Scene, change: Change, rule: str) -> Meaning:
    entry: Entry = change.new if change.old is None else change.old
    told = disclosure.since(disclosure.cover(_dicts(entry.get("sharing"))), scene.today)
    if change.old is None and told:
        return Meaning("contact-added-with-sharing", f"is new and {_may_be_told(told)}")
    roles = f" ({_text_list(entry['roles'])})" if entry.get("roles") else ""
    if change.old is None:
        return Meaning(rule, f"is new{roles}, and is told nothing yet")
    return Meaning(rule, f"is gone{roles}")


def _may_be_told(told: disclosure.Cover) -> str:
    _, last = disclosure.span(told)
    until = f" until {day(last)}" if last else ", without an end"
    return f"may be told about {listed(disclosure.topics(told))}{until}"


def _sharing(scene: Scene, change: Change) -> Meaning:
    """Who may be told what on which days, before and after: the whole entry counts, beside the contact's others."""
    old, new = scene.entry(change, depth=4)
    before, after = (_dicts(side.get("sharing")) for side in scene.entry(change, depth=2))
    own_old, own_new = (disclosure.cover([side] if side else []) for side in (old, new))
    gained = disclosure.less(own_new, disclosure.cover(before))
    lost = disclosure.less(own_old, disclosure.cover(after))
    more, less = (disclosure.since(side, scene.today) for side in (gained, lost))
    says = _sharing_whole(change) if len(change.way) == 4 else None
    if change.way[-1] == "revoked" and change.old is None:
        says = f"{field_words(change.way[2:4])} taken back on {value(change.new)}"
    said = "; ".join(part for part in (_told_more(scene, more), _told_less(scene, less)) if part)
    notes: tuple[str, ...] = ()
    leader = scene.is_first(change, _SHARED)
    if leader is not None:
        said, notes = "", (f"What it comes to stands at `{leader}`.",)
    if more:
        return Meaning("sharing-widened", says, said, notes)
    if less:
        revoked = bool(new.get("revoked")) and not old.get("revoked")
        return Meaning("sharing-revoked" if revoked else "sharing-narrowed", says, said, notes)
    if disclosure.before(gained, scene.today):
        return Meaning("sharing-backdated", says, "days that are over are now covered")
    if disclosure.before(lost, scene.today):
        return Meaning("sharing-history-removed", says, "days that were covered no longer are, and are over")
    return Meaning("sharing-changed", says, "nothing more or less may be told by it")


_SHARED: Final = ("topics", "expires", "revoked", "continues")


def _told_more(scene: Scene, told: disclosure.Cover) -> str:
    """What may be told in addition: from now on, or only later, when it would have ended."""
    at_once = {topic: stretches for topic, stretches in told.items() if stretches[0].first <= scene.today.toordinal()}
    later = {topic: stretches for topic, stretches in told.items() if topic not in at_once}
    parts = [f"may now {_may_be_told(at_once).removeprefix('may ')}"] if at_once else []
    if later:
        parts.append(f"{'' if parts else 'may be told '}about {listed(disclosure.topics(later))} also from "
                     f"{day(disclosure.span(later)[0])} on{_through(later)}")  # fmt: skip
    return "; ".join(parts)


def _told_less(scene: Scene, told: disclosure.Cover) -> str:
    """What may no longer be told, and from when on."""
    if not told:
        return ""
    first, last = disclosure.span(told)
    since = "now on" if first <= scene.today else f"{day(first)} on"
    was = f" (it was until {day(last)})" if last else ""
    return f"not told about {listed(disclosure.topics(told))} from {since}{was}"


def _sharing_whole(change: Change) -> str:
    entry: Entry = change.new if change.old is None else change.old
    what = (f"an agreement of {value(entry.get('given'))} ({_word(entry.get('basis'))}) to share "
            f"{_text_list(entry.get('topics'))}")  # fmt: skip
    return f"{'has' if change.old is None else 'no longer has'} {what}"


def _text_list(items: Any) -> str:
    return listed(_word(item) for item in items) if isinstance(items, list) else value(items)


def _through(told: disclosure.Cover) -> str:
    _, last = disclosure.span(told)
    return f", until {day(last)}" if last else ", without an end"


def _set(change: Change, rule: str) -> Meaning:
    """A plain list, by what went and what came."""
    gone, come = gone_and_come(change)
    return Meaning(rule) if not gone and not come else Meaning(rule, _gone_come_words(change, gone, come))


def _gone_come_words(change: Change, gone: list[Any], come: list[Any]) -> str:
    in_week = [sorted_days(side) for side in (come, gone)]
    return added_and_removed(field_words(change.way[-1:]), *([value(item) for item in side] for side in in_week))


# --- visits that repeat ----------------------------------------------------------------------------------------------

_RHYTHM: Final = ("days", "every", "rrule", "duration", "to", "at")
"""What the hours a week of a series hang on, the most telling first."""


def _series(scene: Scene, change: Change, rule: str) -> Meaning:
    old, new = scene.entry(change, depth=2)
    if len(change.way) == 2:
        return _series_whole(scene, change, rule)
    field = str(change.way[2])
    if field == "until":
        return _series_end(scene, change)
    if field == "except":
        gone, come = gone_and_come(change)
        rule = "series-days-off-added" if come else "series-days-off-removed"
        return Meaning(rule, _gone_come_words(change, gone, come))
    if field in _RHYTHM:
        return _rhythm(scene, change, rule, old, new)
    notes = _rewrites(scene, old) if field in ("from", "staff", "with", "service") else ()
    if field in ("staff", "with"):
        rule = "series-unstaffed" if _is_open(new) and not _is_open(old) else rule
        if field == "with":
            return Meaning(rule, f"with {scene.person(change.new)}{_before(scene, change.old)}", None, notes)
        return Meaning(rule, f"{_comes(scene, change.new)}{_before(scene, change.old)}", None, notes)
    if field == "does":
        gone, come = gone_and_come(change)
        return Meaning("series-task-dropped" if gone else rule, _gone_come_words(change, gone, come))
    if field == "needs":
        return _set(change, rule)
    return Meaning(rule, None, _moved_days(change) if field == "from" else None, notes)


def _is_open(entry: Entry) -> bool:
    return not entry.get("staff") and not entry.get("with")


def _before(scene: Scene, who: Any) -> str:
    return f" (before: {scene.person(who)})" if who else " (before: nobody)"


def _comes(scene: Scene, staff: Any) -> str:
    return f"{scene.person(staff)} comes" if staff else "nobody is down for it"


def _rewrites(scene: Scene, old: Entry) -> tuple[str, ...]:
    """What must be said if a series is changed in place that has begun: its past changes with it."""
    first = day_in(old, "from")
    if not scene.is_past(first):
        return ()
    return (f"It began on {day(first)}: visits of the past without an entry of their own now read differently too."
            if first else "",)  # fmt: skip


def _series_whole(scene: Scene, change: Change, rule: str) -> Meaning:
    entry: Entry = change.new if change.old is None else change.old
    hours = weekly(entry)
    often = f", {hours} a week" if hours else ""
    ends = f" until {value(entry['until'])}" if entry.get("until") else ""
    follows = f"; it follows {entry['follows']}" if entry.get("follows") else ""
    notes = _all_together(scene)
    if change.old is None:
        who = f", {_comes(scene, entry.get('staff'))}" if entry.get("staff") or not entry.get("with") else ""
        return Meaning(rule, f"begins on {value(entry.get('from'))}{ends}{often}{who}{follows}", None, notes)
    return Meaning(rule, f"is gone{often} from {value(entry.get('from'))}{ends}", None, notes)


def _series_end(scene: Scene, change: Change) -> Meaning:
    old, new = (_date(side) for side in (change.old, change.new))
    notes = _all_together(scene)
    after = [item for item in scene.new.rows("visits", ("series",)) if item.get("follows") == change.record]
    goes_on = f"{after[0].get('id')} follows it from {value(after[0].get('from'))}" if after else "nothing follows it"
    if change.new is None or (old is not None and new is not None and new > old):
        longer = "goes on without an end" if change.new is None else f"goes on until {value(change.new)}"
        return Meaning("series-extended", f"{longer} (it was until {value(change.old)})", _moved_days(change), notes)
    return Meaning("series-ended", f"ends on {value(change.new)}"
                   + (f" (it was until {value(change.old)})" if change.old else ""), goes_on, notes)  # fmt: skip


def _rhythm(scene: Scene, change: Change, rule: str, old: Entry, new: Entry) -> Meaning:
    field, notes = str(change.way[2]), _rewrites(scene, old)
    before, after = weekly(old), weekly(new)
    moved = _clock_moved(change) if field == "at" else None
    if field == "at" and old.get("duration") and new.get("duration"):
        return Meaning(rule, None, moved, notes)
    if before is None or after is None:
        return Meaning("series-hours-changed", None, "the hours a week are not worked out", notes)
    if after.minutes < before.minutes:
        rule = "series-hours-cut"
    elif after.minutes > before.minutes:
        rule = "series-hours-raised"
    else:
        rule = rule if field == "at" else "series-days-changed"
    leader = scene.is_first(change, _RHYTHM)
    if leader is not None:
        return Meaning(rule, None, moved, (*notes, f"The hours a week stand at `{leader}`."))
    hours = _weeks(before, after)
    return Meaning(rule, None, f"{moved}; {hours}" if moved else hours, (*notes, *_all_together(scene)))


def _weeks(before: Weekly, after: Weekly) -> str:
    if before.minutes == after.minutes:
        return f"{after} a week as before"
    more = after.minutes > before.minutes
    apart = in_words(abs(after.minutes - before.minutes))
    return f"{before} a week become {after}, {apart} {'more' if more else 'less'}"


def _all_together(scene: Scene) -> tuple[str, ...]:
    """The hours a week of all series, before and after, on the first day on which every change has taken effect."""
    sides = [scene.old.rows("visits", ("series",)), scene.new.rows("visits", ("series",))]
    touched = {one.way[1] for one in scene.comparison.changes if one.kind == "visits" and one.way[0] == "series"}
    days = [scene.today]
    for entries in sides:
        for entry in entries:
            if (str(entry.get("id")),) in touched:
                days += [first for first in [day_in(entry, "from")] if first]
    for entry in sides[1]:
        last, was = day_in(entry, "until"), scene.old.named("visits", "series", entry.get("id"))
        if last is not None and last < dt.date.max and was and was.get("until") != entry.get("until"):
            days.append(last + dt.timedelta(days=1))
    on = max(days)
    before, after = (together(entries, on) for entries in sides)
    if before is None or after is None or before.minutes == after.minutes:
        return ()
    when = f"from {day(on)} on" if on > scene.today else "now"
    if len({entry.get("id") for entries in sides for entry in entries if runs_on(entry, on)}) < 2:
        return ()  # the sentence says it already
    return (f"All series together, {when}: {before} a week become {after}.",)


def _clock_moved(change: Change) -> str | None:
    """By how much a time of day moved."""
    old, new = (_minutes(side) for side in (change.old, change.new))
    if old is None or new is None or old == new:
        return None
    return f"{in_words(Fraction(abs(new - old)))} {'later' if new > old else 'earlier'}"


def _minutes(clock: Any) -> int | None:
    hour, mark, minute = clock.partition(":") if isinstance(clock, str) else ("", "", "")
    return int(hour) * 60 + int(minute) if mark and hour.isdecimal() and minute.isdecimal() else None


# --- single visits ---------------------------------------------------------------------------------------------------

_SETTLED: Final = ("done", "missed", "refused", "cancelled")
_OWN: Final = ("amends-changed", "family-words-changed")
"""Rules of any entry that tell more than that it was changed."""
_BY_STATUS: Final = {
    "done": ("visit-delivered", "took place"),
    "missed": ("visit-missed", "was missed: nobody came"),
    "refused": ("visit-refused", "was refused"),
    "confirmed": ("visit-confirmed", "is confirmed"),
}
_WHEN: Final = ("date", "at")
_FILLED_IN: Final = ("actual", "did", "note", "travel", "reason", "where", "imported", "needs", "does", "together")
"""What may be missing of a visit; without any other field it is as its series says, so that adding one changes it."""


def _visit(scene: Scene, change: Change, rule: str) -> Meaning:
    old, new = scene.entry(change, depth=2)
    if len(change.way) == 2:
        entry: Entry = change.new if change.old is None else change.old
        return (_visit_added if change.old is None else _visit_removed)(scene, change, entry, rule)
    field = str(change.way[2])
    on = _day_of_visit(old)
    if rule in _OWN:
        return Meaning(rule)
    if scene.is_past(on) and old.get("status") in _SETTLED:
        if change.old is None and field in _FILLED_IN:
            return Meaning("past-entry-completed")
        return Meaning("past-visit-rewritten")
    if field == "status":
        return _status(new, f" (was {_word(change.old)})")
    # A reason that was there before is that of something else.
    why = _reason(new) if new.get("reason") != old.get("reason") else None
    if field in _WHEN:
        leader = scene.is_first(change, _WHEN)
        if leader is not None:
            return Meaning(rule, None, None, (f"Where it moved stands at `{leader}`.",))
        says = _moved(_start(scene.old, old), _start(scene.new, new))
        return Meaning(rule, says, why if says else None)
    if field in ("staff", "with"):
        rule = "visit-unstaffed" if new.get("staff") == [] and not new.get("with") else rule
        return Meaning(rule, f"{_who(scene, new, field)} (before: {_who(scene, old, field)})", why)
    if field in ("needs", "does"):
        return _set(change, rule)
    return Meaning(rule)


def _day_of_visit(entry: Entry) -> dt.date | None:
    return day_in(entry, "date") or day_in(entry, "day")


def _who(scene: Scene, entry: Entry, field: str) -> str:
    if field == "with":
        return f"with {scene.person(entry.get('with'))}"
    staff = entry.get("staff")
    return "who is due comes" if staff is None else _comes(scene, staff)


def _status(entry: Entry, was: str = "") -> Meaning:
    status = entry.get("status", "planned")
    if status == "cancelled":
        if not entry.get("reason"):
            return Meaning("visit-cancelled-without-reason", f"is cancelled without a reason{was}")
        return Meaning("visit-cancelled", f"is cancelled{was}", _reason(entry))
    rule, says = _BY_STATUS.get(status, ("visit-reinstated", f"is {_word(status)} again"))
    return Meaning(rule, f"{says}{was}", _reason(entry) if status in ("missed", "refused") else None)


def _visit_added(scene: Scene, change: Change, entry: Entry, rule: str) -> Meaning:
    if entry.get("status", "planned") not in ("planned", "confirmed"):
        return _status(entry)
    if not entry.get("series"):
        length = f", {entry['duration']}" if entry.get("duration") else f" to {entry['to']}" if entry.get("to") else ""
        who = scene.person(entry["with"]) if entry.get("with") else scene.person(entry.get("staff") or "nobody yet")
        return Meaning(rule, f"is new: {_word(entry.get('service'))}{length}, with {who}")
    says = _moved(_due(scene.new, entry), _start(scene.new, entry))
    if says:
        return Meaning("visit-moved", says, _reason(entry))
    if entry.get("duration") or entry.get("to"):
        length = f"takes {entry['duration']}" if entry.get("duration") else f"ends at {entry['to']}"
        return Meaning("visit-length-changed", f"{length}, other than its series", _reason(entry))
    if "staff" in entry:
        open_now = entry["staff"] == [] and not entry.get("with")
        who = _comes(scene, entry["staff"])
        rule = "visit-unstaffed" if open_now else "visit-staff-changed"
        return Meaning(rule, f"{who}, other than its series", _reason(entry))
    if entry.get("status") == "confirmed":
        return _status(entry)
    return Meaning("visit-changed", "has an entry of its own, and is when its series says")


def _visit_removed(scene: Scene, change: Change, entry: Entry, rule: str) -> Meaning:
    status = entry.get("status", "planned")
    if scene.is_past(_day_of_visit(entry)):
        return Meaning("past-visit-removed", f"is gone from the file; it was {_word(status)}")
    if entry.get("series"):
        return Meaning("visit-change-withdrawn", f"is as its series says again; it was {_word(status)}",
                       _moved(_start(scene.old, entry), _due(scene.old, entry)))  # fmt: skip
    return Meaning(rule, f"is gone; it was {_word(status)}")


class _Start(NamedTuple):
    """When a visit starts by the clock on the wall."""

    day: dt.date
    clock: int

    @property
    def time(self) -> str:
        """The time of day."""
        return f"{self.clock // 60:02}:{self.clock % 60:02}"

    def __str__(self) -> str:
        return f"{day(self.day)} {self.time}"


def _due(side: Any, entry: Entry) -> _Start | None:
    """When a visit is due by its series."""
    on, clock = day_in(entry, "day"), _minutes(side.named("visits", "series", entry.get("series")).get("at"))
    return None if on is None or clock is None else _Start(on, clock)


def _start(side: Any, entry: Entry) -> _Start | None:
    """When a visit starts: by its own words, else by its series."""
    due = _due(side, entry)
    on = _day_of_visit(entry)
    clock = _minutes(entry.get("at")) if entry.get("at") else due.clock if due else None
    return None if on is None or clock is None else _Start(on, clock)


def _moved(old: _Start | None, new: _Start | None) -> str | None:
    """From when to when, and by how much; None if it did not move, or nobody can tell."""
    if old is None or new is None or old == new:
        return None
    days, minutes = (new.day - old.day).days, new.clock - old.clock
    if days == 0:
        apart = f"{in_words(Fraction(abs(minutes)))} {'later' if minutes > 0 else 'earlier'}"
    else:
        apart = f"{count(abs(days), 'day')} {'later' if days > 0 else 'earlier'}"
        apart += f" at {new.time} instead of {old.time}" if minutes else ""
    return f"moved from {old} to {new}, {apart}"


# --- what was written down -------------------------------------------------------------------------------------------


def _written(scene: Scene, change: Change, rule: str) -> Meaning:
    """Notes, assessments, concerns and measurements: of the past they are not edited, but corrected by new entries."""
    old, _ = scene.entry(change, depth=2)
    if len(change.way) == 2 and change.old is None:
        return Meaning(rule, f"is new: {_gist(change.new)}" if _gist(change.new) else "is new")
    if len(change.way) == 2:
        if scene.is_past(day_of_entry(change.old)):
            return Meaning("past-entry-removed", "is gone from the file")
        return Meaning(rule, "is gone")
    if rule in _OWN or (rule.startswith("concern-") and rule != "concern-changed"):
        return Meaning(rule)
    if not scene.is_past(day_of_entry(old)):
        return Meaning(rule)
    return Meaning("past-entry-completed" if change.old is None else "past-entry-rewritten")


_NOT_CORRECTED: Final = ("id", "amends", "author", "recorded")


def _correction(scene: Scene, change: Change, rule: str) -> Meaning:
    """An entry that corrects an earlier one: which, and what of it is another. What weighs heavily stays as heavy."""
    rule = rule if RULES[rule].severity == "high" else "entry-corrected"
    corrects, name = str(change.new["amends"]), str(change.way[0])
    says = f"is a correction of {corrects}"
    before, now = (side.named(change.kind, name, corrects.rpartition("/")[2]) for side in (scene.old, scene.new))
    before = now or before
    if not before:
        return Meaning(rule, says)
    old, new = _fields_of(before), _fields_of(change.new)
    differing = [_differing(way, old.get(way), new.get(way)) for way in (old | new) if old.get(way) != new.get(way)]
    return Meaning(rule, says, "; ".join(differing) or None)


def _fields_of(entry: Entry) -> dict[tuple[str, ...], Any]:
    """What an entry says itself, by the names that lead to it."""
    found: dict[tuple[str, ...], Any] = {}
    for name, inner in entry.items():
        if name in _NOT_CORRECTED:
            continue
        if isinstance(inner, dict):
            found |= {(name, *way): leaf for way, leaf in _fields_of(inner).items()}
        else:
            found[name,] = inner
    return found


def _differing(way: tuple[str, ...], old: Any, new: Any) -> str:
    words = field_words(way)
    if isinstance(old, str) and isinstance(new, str) and new.startswith(old):
        return f"added to {words}: “{value(new.removeprefix(old))}”"
    return f"{words} from {quoted(value(old))} to {quoted(value(new))}"


def _gist(entry: Entry) -> str:
    """What an entry says in one line; nothing of a private one."""
    if entry.get("private") is True:
        return "private"
    for name in ("text", "facts", "summary"):
        if isinstance(entry.get(name), str):
            return shortened(str(entry[name]))
    if "value" in entry:
        return f"{value(entry['value'])} {value(entry['unit']) if entry.get('unit') else ''}".strip()
    return ""


# --- the client, tasks, staff ----------------------------------------------------------------------------------------


def _precautions(scene: Scene, change: Change, rule: str) -> Meaning:
    gone, come = gone_and_come(change)
    return Meaning("precautions-removed" if gone else rule, _gone_come_words(change, gone, come))


def _plain_list(scene: Scene, change: Change, rule: str) -> Meaning:
    return _set(change, rule)


def _allergies(scene: Scene, change: Change, rule: str) -> Meaning:
    if change.way[-1] == ():
        return Meaning(rule, f"now says of allergies: {_word(change.new)}" if change.new else
                       "no longer says that no allergies are known")  # fmt: skip
    return Meaning(rule)


def _task(scene: Scene, change: Change, rule: str) -> Meaning:
    if rule == "task-done":
        _, new = scene.record(change)
        outcome = f"outcome: {value(new['outcome'])}" if new.get("outcome") else None
        return Meaning(rule, f"is done ({value(change.new)})", outcome)
    if rule == "task-reopened":
        return Meaning(rule, f"is open again; it was done on {value(change.old)}")
    return Meaning(rule, None, _moved_days(change) if rule == "task-due-moved" else None)


def _staff(scene: Scene, change: Change, rule: str) -> Meaning:
    if len(change.way) < 3:
        return Meaning(rule)
    if change.way[2] in ("skills", "languages"):
        return _set(change, rule)
    notes: tuple[str, ...] = ()
    if change.way[2] == "credentials":
        entry: Entry = change.new if isinstance(change.new, dict) else scene.entry(change)[1]
        expires = day_in(entry, "expires")
        if scene.is_past(expires) and expires is not None:
            notes = (f"It lapsed on {day(expires)}.",)
    return Meaning(rule, None, _moved_days(change), notes)


_ANYWHERE: Final[Mapping[str, Reader]] = {
    "private-set": _private,
    "about-added": _about,
    "provenance-rewritten": _provenance,
    "feed-widened": _feed,
}
_READERS: Final[Mapping[tuple[str, str], Reader]] = {
    ("medications", "medications"): _medication,
    ("care-plan", "problems"): _plan,
    ("care-plan", "review_due"): _dates,
    ("care-plan", "period"): _dates,
    ("contacts", "contacts"): _contact,
    ("visits", "series"): _series,
    ("visits", "visits"): _visit,
    ("assessments", "assessments"): _written,
    ("notes", "notes"): _written,
    ("concerns", "concerns"): _written,
    ("measurements", "measurements"): _written,
    ("client", "precautions"): _precautions,
    ("client", "preferences"): _plain_list,
    ("client", "phones"): _plain_list,
    ("client", "allergies"): _allergies,
    ("client", "end_of_care"): _dates,
    ("client", "start_of_care"): _dates,
    ("tasks", "tasks"): _task,
    ("supplies", "equipment"): _dates,
    ("staff", "staff"): _staff,
    ("practice", "rules"): _plain_list,
}
"""Who looks at the changes of a list or field."""
