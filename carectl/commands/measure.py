"""carectl measure: weights, blood pressures and whatever else is measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from carectl.commands import asking, completion, naming
from carectl.commands.naming import Here
from carectl.commands.options import OneClient
from carectl.commands.session import Session
from carectl.commands.writing import Commit, DryRun
from carectl.errors import UsageError

if TYPE_CHECKING:
    from carectl.care.measuring import Measured
    from carectl.caseload.records import Chart, Measurement

app = typer.Typer(rich_markup_mode=None)


@app.command()
def command(
    ctx: typer.Context,
    client: OneClient,
    values: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="KIND VALUE[UNIT]...", help="weight 61.2kg, blood_pressure 128/76, pulse 72.", show_default=False
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option("--at", "--date", metavar="MOMENT", help="When: 8:00, yesterday, 2026-11-20; else today."),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(metavar="PERSON", help=f"Who measured; {naming.NOT_ON_FILE}.", autocompletion=completion.people),
    ] = None,
    note: Annotated[str | None, typer.Option(metavar="TEXT", help="Anything else, such as: with shoes.")] = None,
    dry_run: DryRun = False,
    commit: Commit = False,
) -> None:
    """Record what was measured, one value or several at once.

    Example: carectl measure rosa weight 61.2kg blood_pressure 128/76 --by jo
    """
    from carectl.care.measuring import measured

    here = Here.of(Session.of(ctx), client)
    form = asking.Form(values or None)
    typed = " ".join(values or ()) or form.needs(
        "KIND VALUE", "What was measured, such as weight 61.2kg", None, asking.text
    )
    form.done()
    try:
        found = measured(values or typed.split(), here.chart.measurements)
    except ValueError as wanted:
        raise UsageError(f"measure takes {wanted}") from None
    when = asking.checked("--at", at, here.moment()) or here.today.isoformat()
    fields: dict[str, object] = {
        "by": here.person(by) if by else None,
        "note": asking.checked("--note", note, asking.text),
        "recorded": here.late(when),
    }
    _write(here, found, when, fields, dry_run=dry_run, commit=commit)


def _write(
    here: Here, found: list[Measured], when: str, fields: dict[str, object], *, dry_run: bool, commit: bool
) -> None:
    from carectl.care.entries import numbered, position_by_time
    from carectl.care.measuring import before
    from carectl.commands.entering import add, filled, taken
    from carectl.commands.writing import writing

    subject = f"{here.id} measurements: {len(found)} added"
    with writing(here.session, subject=subject, dry_run=dry_run, commit=commit) as work:
        work.say(str(here))
        for item in found:
            chart = work.chart(here.id)
            twin = _twin(chart, item, when)
            if twin is not None:
                work.say(f"{_capital(item)} of {here.said(when)} is there already: measurements/{twin.id}")
                continue
            last = before(chart.measurements, item.kind, when)
            name = numbered("m", taken(chart, "measurements"))
            entry = {"id": name, "date": when, "kind": item.kind, "value": item.value, "unit": item.unit}

            def place(path: str, chart: Chart = chart) -> int | None:
                return position_by_time([(m, str(m.date)) for m in chart.measurements], path, when, here.zone)

            add(work, here.id, "measurements", filled({**entry, **fields}), piece=when[:7], position=place)
            work.say(f"{_capital(item)}, {here.said(when)}{_last(here, last)}")
        if fields["recorded"]:
            work.say(here.late_words(when))


def _capital(item: Measured) -> str:
    words = str(item)
    return words[0].upper() + words[1:]


def _twin(chart: Chart, item: Measured, when: str) -> Measurement | None:
    same = (item.kind, item.value, item.unit, when)
    return next((m for m in chart.measurements if (m.kind, m.value, m.unit, str(m.date)) == same), None)


def _last(here: Here, last: Measurement | None) -> str:
    """What it was before: a slip of the finger shows at once."""
    if last is None:
        return " (the first)"
    unit = f" {last.unit}" if last.unit else ""
    return f" (before that {last.value}{unit}, {here.said(str(last.date))})"
