"""Asking an assessment item by item on a terminal. Every answer is kept at once, so that whoever stops can go on."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import typer

from carectl.commands import asking, assessed, telling
from carectl.commands.naming import Here
from carectl.errors import Refused

if TYPE_CHECKING:
    import datetime as dt

    from carectl.care.assessment import Answer
    from carectl.care.assessment_entries import Draft
    from carectl.caseload.instrument_records import Instrument, Item
    from carectl.output.terminal import Line

KEYS: Final = "Keys: ? help   b back   - not answered   q stop, and keep the answers"
_FORM: Final = "Which form, if there are several, such as kg"


class Stopped(Exception):
    """Somebody stopped in the middle. `at_once` tells that it was with ^C or the end of the input."""

    def __init__(self, *, at_once: bool = False) -> None:
        super().__init__()
        self.at_once = at_once


@dataclass(slots=True)
class Interview:
    """The questions of some instruments, one after the other."""

    draft: Draft
    instruments: Sequence[Instrument]
    last: Mapping[str, Mapping[str, Answer]]
    """Earlier answers by instrument, offered to be confirmed; one by one, and never taken over by themselves."""
    keep: Callable[[], None]
    """Keeps the draft."""
    left_out: set[tuple[str, str]] = field(default_factory=set)
    """What was passed over, by instrument and item."""

    def ask(self) -> None:
        """Ask everything that has no answer yet. Raises Stopped."""
        from carectl.output import assessment_page as page

        steps: list[tuple[Instrument, Item | None]] = []
        for instrument in self.instruments:
            steps += [(instrument, item) for item in instrument.items] or [(instrument, None)]
        shown = ""
        told_keys = False
        at: int | None = self._open(steps, 0)
        while at is not None:
            instrument, item = steps[at]
            if shown != instrument.id:
                shown = instrument.id
                show(page.heading(instrument, telling.width()))
                if not told_keys:
                    print(f"  {KEYS}")
                    told_keys = True
            key = self._item(instrument, item) if item else self._score(instrument)
            if key == "b":
                if at == 0:
                    print("  This is the first question.")
                at = max(at - 1, 0)
                continue
            self.keep()
            following = self._open(steps, at + 1)
            at = self._open(steps, 0) if following is None else following

    def _open(self, steps: Sequence[tuple[Instrument, Item | None]], start: int) -> int | None:
        """The first question from there on that is neither answered nor passed over."""
        for number in range(start, len(steps)):
            instrument, item = steps[number]
            filled = self.draft.filled[instrument.id]
            done = filled.score is not None if item is None else item.id in filled.answers or filled.score is not None
            if not done and (instrument.id, item.id if item else "") not in self.left_out:
                return number
        return None

    def _item(self, instrument: Instrument, item: Item) -> str | None:
        """Ask one item; gives "b" if the one before is wanted."""
        from carectl.care.assessment import score
        from carectl.care.assessment_entries import answer_typed, urgent
        from carectl.output import assessment_page as page

        filled = self.draft.filled[instrument.id]
        number = instrument.items.index(item) + 1
        show(page.question(instrument, item, f"{number} of {len(instrument.items)}", telling.width()))
        before = filled.answers.get(item.id)
        hint = "" if before is None else f" [{page.answer_words(instrument, item, before)}]"
        last = self.last.get(instrument.id, {}).get(item.id)
        if before is None and last is not None:
            words = page.answer_words(instrument, item, last)
            if any(alert.item == item.id for alert in instrument.alerts):
                # What must not wait is asked anew each time: Enter is too quick an answer.
                hint = f" [last time {words}; type today's]"
            else:
                before, hint = last, f" [last time {words}; Enter: the same today]"
        while True:
            typed = typed_key(f"  Answer{hint}: ")
            if typed == "b":
                return "b"
            if typed == "?":
                self._help(instrument, item)
                continue
            if typed == "-":
                filled.answers.pop(item.id, None)
                self.left_out.add((instrument.id, item.id))
                self._say_left_out(instrument, item)
                return None
            try:
                answer = before if not typed and before is not None else answer_typed(instrument, item, typed)
            except ValueError as wanted:
                print(f"  Please give {wanted}, or - if it is not answered.")
                continue
            filled.answers[item.id] = answer
            self.left_out.discard((instrument.id, item.id))
            raised = [alert for alert in urgent(score(instrument, {item.id: answer})) if alert.item == item.id]
            if raised:
                self.keep()
                print()
                show(page.alarm(raised, telling.width()))
            return None

    @staticmethod
    def _say_left_out(instrument: Instrument, item: Item) -> None:
        if any(alert.item == item.id and alert.urgent for alert in instrument.alerts):
            print("  This question must not be left out: if it was not asked, ask. b goes back to it.")
        elif instrument.is_scored:
            print("  Left out: without it there is no score.")

    def _score(self, instrument: Instrument) -> str | None:
        """Ask the total of an official form; gives "b" if the question before is wanted."""
        from carectl.care.assessment_entries import score_typed
        from carectl.output import assessment_page as page

        filled = self.draft.filled[instrument.id]
        while True:
            hint = "" if filled.score is None else f" [{page.number(filled.score)}]"
            typed = typed_key(f"  Total of the official form{hint}: ")
            if typed == "b":
                return "b"
            if typed == "?":
                self._help(instrument, None)
                continue
            if typed == "-":
                filled.score = None
                self.left_out.add((instrument.id, ""))
                return None
            try:
                filled.score = (
                    filled.score if not typed and filled.score is not None else score_typed(instrument, typed)
                )
            except ValueError as wanted:
                print(f"  Please give {wanted}, or - if it was not done.")
                continue
            self.left_out.discard((instrument.id, ""))
            form = typed_key(f"  {_FORM} (Enter: not said): ")
            filled.form = form or filled.form
            return None

    def _help(self, instrument: Instrument, item: Item | None) -> None:
        from carectl.output import assessment_page as page

        width = telling.width()
        print("\n  The wording of the question is on the official form: read it from there.")
        if item is not None and item.task:
            print(f"  A yes brings the task: {item.task}")
        show(page.heading(instrument, width))
        print(f"  {KEYS}")
        if item is not None:
            show(page.question(instrument, item, "", width))


def typed_key(question: str) -> str:
    """What is typed, without blanks around it. Raises Stopped at q, ^C and the end of the input."""
    try:
        typed = input(question).strip()
    except (EOFError, KeyboardInterrupt):
        print()
        raise Stopped(at_once=True) from None
    if typed.lower() in ("q", "quit"):
        raise Stopped
    return typed.lower() if len(typed) == 1 else typed


def several(question: str, there: int, take: Callable[[str], None]) -> None:
    """Take answers until an empty one; `there` is how many were given before. Raises Stopped."""
    while typed := typed_key(f"{question} (Enter: {'no more' if there else 'none'}): "):
        try:
            take(asking.line(typed))
            there += 1
        except ValueError as wanted:
            print(f"  Please give {wanted}.")


def yes(question: str) -> bool:
    """A question of yes or no, to which Enter is no answer. Raises Stopped."""
    while True:
        typed = typed_key(f"{question} (yes or no): ").lower()
        if typed in ("y", "yes", "n", "no"):
            return typed in ("y", "yes")
        print("  Please give yes or no.")


def show(lines: Iterable[Line]) -> None:
    """Print lines on the terminal."""
    from carectl.output import terminal

    terminal.put(lines, sys.stdout, colour=False)


# --- the whole of it -------------------------------------------------------------------------------------------------


def tell_unfinished(here: Here) -> None:
    """Say that an assessment was begun and not finished, and what in it must not wait."""
    draft = kept(here)
    if draft is not None:
        print(f"\nUnfinished, begun for {here.said(draft.date)}.")
        print(f"Go on with it: carectl assess add {here.id} --resume")
        for line in alarm_of(here, draft):
            print(line)


def interview(
    here: Here, draft: Draft, instruments: Sequence[Instrument], *, dry_run: bool, ask_findings: bool
) -> None:
    """Ask what is open, and keep every answer. Whoever stops ends the command."""
    import contextlib

    from carectl.caseload import unfinished

    with contextlib.suppress(ImportError):
        import readline  # noqa: F401

    def keep() -> None:
        if not dry_run:
            unfinished.keep(here.session.root, here.id, draft.plain())

    try:
        keep()
        Interview(draft, instruments, _last_answers(here, draft, instruments), keep).ask()
        if ask_findings:
            _ask_findings(here, draft, keep)
    except Stopped as stopped:
        keep()
        for line in alarm_of(here, draft):
            print(line)
        if dry_run:
            print("Nothing was written, and nothing is kept: that was --dry-run.")
        else:
            print(f"\nNot in the records yet. Your answers are kept: carectl assess add {here.id} --resume")
        raise typer.Exit(130 if stopped.at_once else 0) from None


def _last_answers(here: Here, draft: Draft, instruments: Sequence[Instrument]) -> dict[str, Mapping[str, Answer]]:
    """The earlier answers that are offered with --forward: those that the instrument still takes."""
    from carectl.care.assessment import score as add_up
    from carectl.care.assessment_entries import earlier
    from carectl.caseload.records import InstrumentResult

    found: dict[str, Mapping[str, Answer]] = {}
    for one in instruments if draft.forward else ():
        marks: dict[str, Answer] = {} if one.version == 1 else {"x-version": one.version}
        last = earlier(here.chart.assessments, InstrumentResult(instrument=one.id, answers=marks), day_of(draft))
        if last is not None:
            wrong = {fault.item for fault in add_up(one, last.stored.answers).faults}
            found[one.id] = {item: value for item, value in last.stored.answers.items() if item not in wrong}
    return found


def _ask_findings(here: Here, draft: Draft, keep: Callable[[], None]) -> None:
    """What was found, what goes well, what the client wants. Earlier findings are asked one by one with --forward."""
    from carectl.care.assessment_entries import finding_typed, last_round
    from carectl.output.terminal import indented

    last = last_round(here.chart.assessments, day_of(draft)) if draft.forward else None
    taken = {item["id"] for item in draft.findings}
    earlier = [finding for finding in last.findings if finding.id not in taken] if last else []
    if last and earlier:
        print(f"\nWhat was found on {here.said(last.date)}. Is it still so?")
    for finding in earlier:
        need = f" -> {finding.need}" if finding.need else ""
        print()
        show(indented(f"{finding.domain.replace('_', ' ')}: {finding.finding}{need}", telling.width(), 2))
        if yes("  Still so today"):
            entry = {"id": finding.id, "domain": finding.domain, "finding": finding.finding}
            draft.findings.append({**entry, "need": finding.need} if finding.need else entry)
            keep()
    print('\nWhat was found, each as "falls: Fell twice since June -> A rail".')

    def found(typed: str) -> None:
        draft.findings.append(finding_typed(typed, {item["id"] for item in draft.findings}))
        keep()

    def into(texts: list[str]) -> Callable[[str], None]:
        def take(typed: str) -> None:
            texts.append(typed)
            keep()

        return take

    several("Finding", len(draft.findings), found)
    several("What goes well", len(draft.strengths), into(draft.strengths))
    print("What the client wants, in the client's words.")
    several("Wish", len(draft.client_goals), into(draft.client_goals))


def kept(here: Here) -> Draft | None:
    """The client's unfinished assessment. Raises EnvironmentProblem if it cannot be read."""
    from carectl.care.assessment_entries import Draft
    from carectl.caseload import unfinished

    content = unfinished.kept(here.session.root, here.id)
    if content is None:
        return None
    try:
        return Draft.of(content)
    except ValueError:
        raise unfinished.unusable(here.id, "it is damaged") from None


def resumed(here: Here) -> Draft:
    """The unfinished assessment to go on with; its day is asked for if it was begun on another one."""
    draft = kept(here)
    if draft is None:
        raise Refused(f"{here} has no unfinished assessment\nhint: begin one: carectl assess add {here.id}")
    from carectl.output.assessment_page import asked_so_far

    print(here)
    gone = draft.forget_impossible(here.session.setting.instruments)
    if gone:
        print(f"No longer possible, asked again: {', '.join(gone)}")
    print(f"Begun for {here.said(draft.date)}.")
    for name, filled in draft.filled.items():
        if filled.score is None:
            print(f"  {asked_so_far(assessed.instrument_of(here.session, name), filled.answers)}")
        else:
            print(f"  {name}: the score is there")
    for line in alarm_of(here, draft):
        print(line)
    if draft.date != here.today.isoformat():
        form = asking.Form(None)
        draft.date = form.needs("--date", "Date of the assessment", None, here.day(past=True), draft.date)
    return draft


def discard(here: Here) -> None:
    """Drop the unfinished assessment, and say so."""
    from carectl.caseload import unfinished

    gone = unfinished.drop(here.session.root, here.id)
    print(f"{here}: the unfinished assessment is gone" if gone else f"{here} has no unfinished assessment")


def alarm_of(here: Here, draft: Draft) -> list[str]:
    """What must not wait in an assessment that is not in the records: no task is open for it."""
    from carectl.care.assessment import score as add_up
    from carectl.care.assessment_entries import urgent
    from carectl.output.assessment_page import alarm

    known = here.session.setting.instruments
    results = [add_up(one, filled.answers) for name, filled in draft.filled.items() if (one := known.get(name))]
    raised = [alert for result in results for alert in urgent(result)]
    if not raised:
        return []
    tasks = [f'  carectl task add {here.id} "{alert.task}" --due today' for alert in raised]
    words = "This answer is not in the records yet, and no task is open for it. To open one now:"
    return ["", *assessed.plain(alarm(raised, telling.width())), words, *tasks]


def day_of(draft: Draft) -> dt.date:
    """The day of a draft."""
    import datetime as dt

    return dt.date.fromisoformat(draft.date)
