"""carectl letter sbar, appointment, hospital, visit-sheet and discharge: papers for professionals."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple, NoReturn

import typer

from carectl.commands import asking, completion, saving, scheduling, telling
from carectl.commands.naming import Here
from carectl.commands.options import OneClient, Output
from carectl.commands.session import Person, Session, choose, parse_day
from carectl.commands.writing import Commit, DryRun
from carectl.errors import Refused, UsageError

if TYPE_CHECKING:
    import datetime as dt

    from carectl.care.papers.desk import Desk, Recipient
    from carectl.care.schedule import Occurrence
    from carectl.care.sharing import NotShared
    from carectl.caseload.records import Chart


class Format(StrEnum):
    """What is written."""

    MD = "md"
    TXT = "txt"
    HTML = "html"
    PDF = "pdf"
    EML = "eml"


class Basis(StrEnum):
    """Why somebody who is not on file may have a paper."""

    EMERGENCY = "emergency"
    TREATMENT = "treatment"
    AUTHORIZATION = "authorization"


KINDS: Final = {
    "sbar": "SBAR",
    "appointment": "appointment sheet",
    "hospital": "hospital packet",
    "visit-sheet": "visit sheet",
    "discharge": "discharge summary",
}
"""The papers, as notes and messages call them."""

To = Annotated[
    str | None,
    typer.Option("--to", metavar="PERSON", help="Who gets it: a contact.", autocompletion=completion.people),
]
ToName = Annotated[str | None, typer.Option(metavar="NAME", help="Instead: somebody who is not on file.")]
WhyTo = Annotated[
    Basis | None, typer.Option("--basis", help="With --to-name: why they may have it, as the note will say.")
]
Since = Annotated[
    str | None,
    typer.Option(
        metavar="DATE", help="From when on changes are told; else since the last contact with them, or 14 days."
    ),
]
Question = Annotated[list[str] | None, typer.Option("--question", metavar="TEXT", help="What you ask (repeat it).")]
Situation = Annotated[str | None, typer.Option(metavar="TEXT", help="What it is about, in your words.")]
Tongue = Annotated[str | None, typer.Option("--language", metavar="CODE", help="en or es; else the reader's.")]
Sent = Annotated[
    bool, typer.Option("--sent", help="Write down in the notes that it went out, to whom and on what basis; with -o.")
]
Form = Annotated[Format | None, typer.Option("--format", "-f", help="What to write; else by the name after -o, or md.")]


def register(app: typer.Typer) -> None:
    """Put the commands of this module on the letters'."""
    for name, command in (
        ("sbar", sbar), ("appointment", appointment), ("hospital", hospital), ("visit-sheet", visit_sheet),
        ("discharge", discharge),
    ):  # fmt: skip
        app.command(name)(command)


# --- the papers ------------------------------------------------------------------------------------------------------


def sbar(
    ctx: typer.Context, client: OneClient, to: To = None, to_name: ToName = None, basis: WhyTo = None,
    since: Since = None, situation: Situation = None, question: Question = None, language: Tongue = None,
    form: Form = None, output: Output = None, sent: Sent = False, dry_run: DryRun = False, commit: Commit = False,
    no_cache: saving.NoCache = False,
) -> None:  # fmt: skip
    """Write an SBAR to a physician: what it is about, the background, what changed, and what you ask.

    It holds measurements and scores with what they were before, falls, and medicines with their changes. What was said
    in notes stays in the chart: say in --situation what the physician must know. What was withheld, and why, is told
    on the standard error, for you alone.

    Example: carectl letter sbar rosa --to dr-lee --question "Is 40 mg enough?"
    """
    from carectl.care.papers.sbar import sbar as paper

    job = _Job.of(ctx, "sbar", client, to, to_name, basis, form, output, sent=sent, dry_run=dry_run, commit=commit)
    said = _said(situation, question)
    desk = job.desk(since, language)
    job.finish(desk, paper(desk, *said), no_cache=no_cache)


def appointment(
    ctx: typer.Context, client: OneClient, to: To = None, to_name: ToName = None, basis: WhyTo = None,
    since: Since = None, situation: Situation = None, question: Question = None, language: Tongue = None,
    form: Form = None, output: Output = None, sent: Sent = False, dry_run: DryRun = False, commit: Commit = False,
    no_cache: saving.NoCache = False,
) -> None:  # fmt: skip
    """Write the sheet that goes along to an appointment: questions, changes, medicines, and room for the answers.

    The appointment is the next one with that contact. A staff member who is down for it may have the sheet too.

    Example: carectl letter appointment rosa --to dr-lee --question "Shoes or insoles?" -o sheet.html
    """
    from carectl.care.papers.appointment import appointment_sheet, next_appointment

    job = _Job.of(ctx, "appointment", client, to, to_name, basis, form, output, sent=sent, dry_run=dry_run,
                  commit=commit, staff_too=True)  # fmt: skip
    said = _said(situation, question)
    desk = job.desk(since, language)
    if job.recipient.staff and next_appointment(desk) is None:
        raise Refused(f"{job.whom}: no {job.kind}: they are not down for a coming appointment of this client")
    job.finish(desk, appointment_sheet(desk, *said), no_cache=no_cache)


def hospital(
    ctx: typer.Context, client: OneClient, to: To = None, to_name: ToName = None, basis: WhyTo = None,
    situation: Situation = None, question: Question = None, language: Tongue = None, form: Form = None,
    output: Output = None, sent: Sent = False, dry_run: DryRun = False, commit: Commit = False,
    no_cache: saving.NoCache = False,
) -> None:  # fmt: skip
    """Write the packet for an emergency room or ward: one page for somebody who has never met the client.

    It holds who it is, code status, allergies, risks, medicines, whom to call and who decides, usual abilities, and
    insurance. What was never said stands there as not stated. With --to-name and no --basis, it goes out as an
    emergency.

    Example: carectl letter hospital rosa --to-name "Evanston ER" -o packet.html --sent
    """
    from carectl.care.papers.hospital import hospital_packet

    if to_name is not None and basis is None:
        basis = Basis.EMERGENCY
    job = _Job.of(ctx, "hospital", client, to, to_name, basis, form, output, sent=sent, dry_run=dry_run, commit=commit)
    said = _said(situation, question)
    desk = job.desk(None, language)
    job.finish(desk, hospital_packet(desk, *said), no_cache=no_cache)


def visit_sheet(
    ctx: typer.Context,
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="VISIT", help="CLIENT DAY [TIME], such as rosa wed 9:00; or CLIENT/ID.",
            autocompletion=completion.clients, show_default=False,
        ),
    ],
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="STAFF", help="Who comes.", autocompletion=completion.staff),
    ] = None,
    date: Annotated[str | None, typer.Option(metavar="DATE", help="The day, if not named behind the client.")] = None,
    with_access: Annotated[bool, typer.Option("--with-access", help="Print how to get in, too.")] = False,
    language: Tongue = None, form: Form = None, output: Output = None, sent: Sent = False, dry_run: DryRun = False,
    commit: Commit = False, no_cache: saving.NoCache = False,
) -> None:  # fmt: skip
    """Write the sheet for one visit: what to do, what to mind, whom to call, and room to write.

    Only somebody who is down for that visit gets one. How to get in stays out unless you say --with-access.

    Example: carectl letter visit-sheet rosa wed --to jo -o sheet.html
    """
    from carectl.care.papers.visit_sheet import visit_sheet as paper
    from carectl.care.papers.visit_sheet import why_not_for
    from carectl.care.sharing import Withheld

    session = Session.of(ctx)
    client, where = scheduling.aim(session, [*words, date] if date else words)
    job = _Job.of(ctx, "visit-sheet", client, to, None, None, form, output, sent=sent, dry_run=dry_run, commit=commit,
                  staff_too=True, session=session)  # fmt: skip
    member = job.recipient.staff
    if member is None:
        raise Refused(f"{job.whom}: a visit sheet is for the staff member who comes to that visit")

    def refusal(visit: Occurrence) -> str | None:
        why = why_not_for(visit, member.id)
        return f"{job.whom}: no visit sheet for {scheduling.brief(session, job.chart, visit)}: {why}" if why else None

    visit, remark = scheduling.find(session, job.chart, where, "coming", refusal, "visit-sheet", "letter")
    desk = job.desk(None, language)
    sheet = paper(desk, visit, with_access=with_access)
    if isinstance(sheet, Withheld):
        telling.tell_withheld(session, "Withheld:", [sheet])
        raise Refused(f"{job.whom}: no visit sheet: the visit is not for them to know of, or could not be read")
    if remark:
        print(remark, file=sys.stderr)
    job.finish(desk, sheet, no_cache=no_cache, about=scheduling.brief(session, job.chart, visit))


def discharge(
    ctx: typer.Context, client: OneClient, to: To = None, to_name: ToName = None, basis: WhyTo = None,
    situation: Situation = None, question: Question = None,
    takes_over: Annotated[
        list[str] | None, typer.Option(metavar="TEXT", help="Who takes over, and from when (repeat it).")
    ] = None,
    language: Tongue = None, form: Form = None, output: Output = None, sent: Sent = False, dry_run: DryRun = False,
    commit: Commit = False, no_cache: saving.NoCache = False,
) -> None:  # fmt: skip
    """Write the summary at the end of care: why, how long, what was reached, what is taken, what is still open.

    While care goes on it says DRAFT, and --sent is refused.

    Example: carectl letter discharge solveig --to dr-abebe --takes-over "Dr. Abebe, check-up in January"
    """
    from carectl.care.papers.discharge import discharge_summary

    job = _Job.of(ctx, "discharge", client, to, to_name, basis, form, output, sent=sent, dry_run=dry_run, commit=commit)
    said = _said(situation, question)
    next_ = tuple(_line("--takes-over", text) for text in takes_over or ())
    desk = job.desk(None, language)
    paper = discharge_summary(desk, *said, next_)
    if paper.draft and sent:
        raise Refused(
            f"{job.whom}: care has not ended yet, so this is a draft and nothing to send\n"
            f"hint: carectl client discharge {job.chart.id} writes down the end of care"
        )
    job.finish(desk, paper, no_cache=no_cache)


# --- what they do alike ----------------------------------------------------------------------------------------------


def _said(situation: str | None, questions: list[str] | None) -> tuple[str | None, tuple[str, ...]]:
    """What the coordinator says in the paper."""
    asked = tuple(_line("--question", text) for text in questions or ())
    return None if situation is None else _line("--situation", situation), asked


def _line(option: str, typed: str) -> str:
    """One line of text that says something. Raises UsageError."""
    found = asking.checked(option, typed, asking.line)
    if not found:
        raise UsageError(f"{option} takes some text")
    return found


class _Job(NamedTuple):
    """One paper to one reader."""

    session: Session
    chart: Chart
    recipient: Recipient
    name: str
    form: str
    output: Path | None
    sent: bool
    dry_run: bool
    commit: bool

    @classmethod
    def of(
        cls, ctx: typer.Context, name: str, client: str, to: str | None, to_name: str | None, basis: Basis | None,
        form: Format | None, output: Path | None, *, sent: bool, dry_run: bool, commit: bool, staff_too: bool = False,
        session: Session | None = None,
    ) -> _Job:  # fmt: skip
        """The client and the reader who are meant. Raises UsageError, or Refused for a staff member who gets none."""
        session = session or Session.of(ctx)
        chosen = saving.format_of(output, form, [*Format])
        if sent and (output is None or str(output) == "-"):
            raise UsageError("--sent goes with a file, so that what went out can be looked at: add -o FILE")
        if (dry_run or commit) and not sent:
            raise UsageError("--dry-run and --commit belong to --sent: nothing else is written in the caseload")
        if (to is None) == (to_name is None):
            other = "" if name == "visit-sheet" else ', or --to-name "Evanston ER" for somebody who is not on file'
            raise UsageError(f"say who gets it: --to PERSON{other}")
        if basis is not None and to_name is None:
            raise UsageError("--basis goes with --to-name: for a contact, their sharing says it")
        telling.sound_setting(session)
        chart = session.chart(client, loosely=False)
        recipient = _not_on_file(to_name, basis) if to_name is not None else _on_file(session, chart, to or "")
        job = cls(session, chart, recipient, name, chosen, output, sent, dry_run, commit)
        if recipient.staff and not staff_too:
            raise Refused(f"{job.whom}: no {job.kind}: it is for people outside; staff get a visit sheet")
        if chosen == Format.EML and not recipient.is_contact:
            raise UsageError("an .eml file is a message to a contact with an address")
        return job

    @property
    def kind(self) -> str:
        """What the paper is called."""
        return KINDS[self.name]

    @property
    def whom(self) -> str:
        """The client and the reader, as they are echoed."""
        contact = self.recipient.contact
        return f"{telling.called(self.chart)}, to {contact.id or '(not on file)'} {contact.name}"

    def desk(self, since: str | None, language: str | None) -> Desk:
        """Where the paper is made. Raises Refused if nothing may go to this reader."""
        from carectl.care.papers.desk import desk_for
        from carectl.care.sharing import NotShared
        from carectl.output.documents import languages

        setting = self.session.setting
        today = setting.today_at(self.chart)
        first = self._day(since, today) if since else None
        if language is not None and language not in languages():
            raise UsageError(f"--language takes one of {', '.join(sorted(languages()))}")
        found = desk_for(self.chart, self.recipient, setting, first, languages(), language)
        if isinstance(found, NotShared):
            self._refuse(found)
        return found

    def _day(self, since: str, today: dt.date) -> dt.date:
        day = parse_day(since, "--since", today, leaning="past")
        if day > today:
            raise UsageError("--since lies in the future")
        return day

    def _refuse(self, found: NotShared) -> NoReturn:
        telling.tell_withheld(self.session, "Withheld:", found.withheld)
        raise Refused(f"{self.whom}: no {self.kind}: {found.words}")

    def finish(self, desk: Desk, paper: Any, *, no_cache: bool, about: str | None = None) -> None:
        """Write the paper, tell the coordinator what is not in it, and write down that it went out."""
        contact = self.recipient.contact
        if not self.dry_run:
            saving.document(
                self.session, f"letter-{self.name}", {"letter": paper}, language=paper.language, today=paper.date,
                form=self.form, output=self.output, to=contact if self.recipient.is_contact else None,
                mark=f"{self.name}.draft" if getattr(paper, "draft", False) else None, no_cache=no_cache,
            )  # fmt: skip
        print(f"{self.whom}: {self.kind}{f', {about}' if about else ''}, {self.on_what(desk)}", file=sys.stderr)
        lost = telling.tell_withheld(self.session, "Withheld, or to be looked at:", desk.told())
        if self.sent:
            self._record(desk)
        if lost:
            raise typer.Exit(1)

    def on_what(self, desk: Desk) -> str:
        """Why the reader may have it, in words."""
        if self.recipient.is_contact:
            from carectl.care.sharing import is_live

            entries = [e for e in self.recipient.contact.sharing if is_live(e, desk.today)]
            used = [e.basis for e in entries if "all" in e.topics or desk.used & set(e.topics)]
            return "shared as " + " and ".join(dict.fromkeys(used)) if used else "shared"
        return f"as {self.recipient.basis}" if not self.recipient.staff else "down for the visit"

    def _record(self, desk: Desk) -> None:
        """Write into the notes that the paper went out: to whom, what, of which topics, on what basis."""
        from carectl.care.entries import numbered, position_by_time
        from carectl.caseload.records import TOPICS
        from carectl.commands.entering import add, filled, taken
        from carectl.commands.writing import writing

        here = Here(self.session, self.chart)
        moment = here.this_moment().text
        contact = self.recipient.contact
        who: object = contact.id or {"name": contact.name}
        fields = {
            "at": moment,
            "with": who,
            "channel": "letter",
            "topics": [topic for topic in TOPICS if topic in desk.used],
            "text": f"Sent: {self.kind}, {self.on_what(desk)}.",
            "author": here.coordinator,
        }
        with writing(
            self.session, subject=f"{here.id} notes: 1 added", dry_run=self.dry_run, commit=self.commit
        ) as work:
            chart = work.chart(here.id)
            note_id = numbered(f"n-{moment[:10]}", taken(chart, "notes"))
            add(
                work, here.id, "notes", filled({"id": note_id, **fields}), piece=moment[:7],
                position=lambda path: position_by_time([(n, n.at) for n in chart.notes], path, moment, here.zone),
            )  # fmt: skip
            work.say(f"Note {note_id}, {here.said(moment)}, with {here.who(who)}: {fields['text']}")  # type: ignore[arg-type]


def _not_on_file(name: str, basis: Basis | None) -> Recipient:
    """Somebody who is not on file. Raises UsageError if nobody said on what basis they may have it."""
    from carectl.care.papers.desk import to_name

    if basis is None:
        raise UsageError(f"--to-name wants --basis {'|'.join(Basis)}: why they may have it")
    return to_name(_line("--to-name", name), basis.value)


def _on_file(session: Session, chart: Chart, typed: str) -> Recipient:
    """The contact or staff member who is meant. Raises UsageError."""
    from carectl.care.papers.desk import to_contact, to_staff

    contacts = {item.id: item for item in chart.contacts}
    people = [Person(item.id, item.name) for item in chart.contacts]
    people += [Person(m.id, m.name.full) for m in session.staff if m.id not in contacts]
    where = f"carectl show {chart.id} lists the contacts; --to-name for somebody who is not on file"
    found = choose(typed, people, "person", where, loosely=False).id
    if found in contacts:
        return to_contact(contacts[found])
    return to_staff(session.setting.staff[found])
