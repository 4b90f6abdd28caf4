"""What the commands that show something have in common: names for ids, and saying aloud what could not be read."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from carectl.commands.session import Person, Session, choose, fail_unreadable
from carectl.errors import Refused

if TYPE_CHECKING:
    from carectl.care.schedule import Missing
    from carectl.care.setting import Setting
    from carectl.care.sharing import Withheld
    from carectl.caseload.records import Chart, Contact
    from carectl.findings import Spot
    from carectl.output.agenda_page import Names

_HIDES_RECORDS = frozenset({"file-unknown", "file-and-folder", "folder-name", "client-file-missing"})
"""Faults of names, because of which whole files of records are not read."""


def sound_setting(session: Session) -> Setting:
    """The setting, with hours that can be relied on. Raises EnvironmentProblem if the practice's zone is not known."""
    from carectl.caseload.zones import zone

    practice = session.practice
    if practice is None or zone(practice.practice.timezone) is None:
        raise fail_unreadable("the time zone in carectl.yaml")
    return session.setting


def width() -> int:
    """How wide pages are: 80 columns, or what a terminal has up to 100."""
    return min(100, max(50, shutil.get_terminal_size().columns)) if sys.stdout.isatty() else 80


def staff_id(session: Session, typed: str) -> str:
    """The id of the staff member who is meant, readable or not. Raises UsageError."""
    if typed in session.setting.unread_staff:
        return typed
    people = [Person(member.id, member.name.full) for member in session.staff]
    return choose(typed, people, "staff member", "staff: carectl staff list", loosely=True).id


def called(chart: Chart) -> str:
    """A client as every command echoes them: `c-014 Rosa Alvarez`."""
    return f"{chart.id} {chart.client.name.full if chart.client else ''}".rstrip()


def contact(chart: Chart, typed: str) -> Contact:
    """The contact of a client who is meant, by id or the start of a name.

    Raises UsageError, or Refused if it is not known who else is among the contacts.
    """
    people = [Person(item.id, item.name) for item in chart.contacts]
    only_known(chart, typed, people)
    found = choose(typed, people, "contact", f"contacts: carectl show {chart.id}", loosely=False)
    return next(item for item in chart.contacts if item.id == found.id)


def only_known(chart: Chart, typed: str, people: Iterable[Person]) -> None:
    """Refuse to look for somebody by a name as long as a contact of that name may be among those not read.

    An id that was read is sure: no other contact has it.
    """
    broken = [item for item in chart.broken if item.name == "contacts"]
    if not (broken or "contacts" in chart.unread) or any(person.id == typed.strip() for person in people):
        return
    path = broken[0].origin.path if broken else f"{chart.path}/contacts.yaml"
    raise Refused(
        f"{path} could not be read,\nso nobody can be found here by a name\n"
        f"hint: carectl check {chart.id} tells what is wrong"
    )


def names_of(session: Session, charts: Iterable[Chart]) -> Names:
    """What the ids in these charts are called."""
    from carectl.output.agenda_page import Names

    known = list(charts)
    return Names(
        clients={chart.id: chart.client.name.full for chart in known if chart.client},
        staff={member.id: member.name.full for member in session.staff},
        contacts={(chart.id, contact.id): contact.name for chart in known for contact in chart.contacts},
    )


def folded(sentence: str) -> str:
    """A sentence in lines of at most the page's width, the further ones indented under the first."""
    from carectl.output.terminal import width_of, wrap

    room = width()
    found = []
    for line in sentence.split("\n"):
        indent = " " * (len(line) - len(line.lstrip()))
        if width_of(line) <= room or line.lstrip().startswith("carectl "):
            found.append(line)  # a command stays in one piece, to be copied
            continue
        first, *rest = wrap(line, room - len(indent) - 2)
        found += [indent + first, *(f"{indent}  {more}" for more in rest)]
    return "\n".join(found)


def wrote(paths: Sequence[str]) -> None:
    """Say what was written, from the root of the caseload."""
    from carectl.output.report import visible

    folder, _, first = paths[0].rpartition("/")
    print(visible(f"Wrote {folder}/{first}" + "".join(f", {path.rpartition('/')[2]}" for path in paths[1:])))


def recovered(said: str | None) -> None:
    """Say on the standard error what became of an earlier command that was interrupted, if there was one."""
    if said:
        print(said, file=sys.stderr)


def place(session: Session, spot: Spot) -> str:
    """A place as `path:line`."""
    from carectl.caseload.places import Places

    span = Places(session.loader.tree).span(spot)
    return f"{span.path}:{span.line}"


def tell_missing(session: Session, missing: Sequence[Missing]) -> bool:
    """Say on the standard error which visits are not shown as they should be; whether there are any."""
    from carectl.output.report import visible

    lines = [f"{place_of(session, item)}: {_subject(item)}{item.why}" for item in missing]
    lines += _hidden(session)
    for text in dict.fromkeys(lines):
        print(f"carectl: not whole: {visible(text)}", file=sys.stderr)
    if missing:
        clients = {item.client for item in missing}
        one = f" {clients.pop()}" if len(clients) == 1 else ""
        print(f"hint: carectl check{one} tells what is wrong", file=sys.stderr)
    return bool(lines)


def place_of(session: Session, item: Missing) -> str:
    """Where something is missing, as `path:line`: of a whole file that could not be read, the line of the fault."""
    return (_fault_in(session, item.at.path) if not item.at.keys else None) or place(session, item.at)


def _fault_in(session: Session, path: str) -> str | None:
    """The first place in a file at which something could not be read; None if nothing is known of one."""
    from carectl.caseload.places import Places
    from carectl.findings import Severity, Span

    own = [f for f in session.loader.met.findings if f.path == path and f.severity is Severity.ERROR]
    lines = [found.at.line for found in Places(session.loader.tree).resolve(own) if isinstance(found.at, Span)]
    return f"{path}:{min(lines)}" if lines else None


def unread_file(session: Session, chart: Chart, *kinds: str) -> str | None:
    """The first of a client's files of these kinds that could not be read whole, as `path:line`; None: all were."""
    for kind in kinds:
        if kind not in chart.unread:
            continue
        stem = f"{chart.path}/{kind}"
        paths = [path for path in chart.files if path == f"{stem}.yaml" or path.startswith(f"{stem}/")]
        found = [place for path in paths if (place := _fault_in(session, path))]
        return found[0] if found else (paths or [f"{stem}.yaml"])[0]
    return None


def _subject(item: Missing) -> str:
    return f"{item.id}: " if item.id else ""


def _hidden(session: Session) -> list[str]:
    """Files and folders that are passed over because of their names."""
    found = session.loader.met.findings
    return [f"{item.path}: {item.message}" for item in found if item.code in _HIDES_RECORDS]


def faults_of(session: Session, chart: Chart, missing: Iterable[Missing]) -> list[str]:
    """What of a chart could not be read, each with its place, in words that hold nothing private."""
    from carectl.caseload.places import Places
    from carectl.findings import Span

    own = [f for f in session.loader.met.findings if f.path == chart.path or f.path.startswith(f"{chart.path}/")]
    told = []
    for finding in Places(session.loader.tree).resolve(own):
        line = f":{finding.at.line}" if isinstance(finding.at, Span) else ""
        told.append(f"{finding.path}{line}: {finding.message}")
    seen = {item.split(": ")[0] for item in told}
    for item in missing:
        where = place_of(session, item)
        elsewhere = not item.at.path.startswith(f"{chart.path}/")  # a staff file, of which nothing was said above
        if where not in seen and (elsewhere or item.trouble != "unreadable"):
            told.append(f"{where}: {_subject(item)}{item.why}")
    return list(dict.fromkeys(told))


def tell_withheld(session: Session, title: str, items: Sequence[Withheld]) -> bool:
    """Say on the standard error what stayed out and why; whether anything did because it could not be read."""
    from carectl.output.report import visible

    if items:
        print(title, file=sys.stderr)
    for item in items:
        print(visible(f"  {item} [{place(session, item.spot)}]"), file=sys.stderr)
    return any(item.why in ("unreadable", "incomplete") for item in items)
