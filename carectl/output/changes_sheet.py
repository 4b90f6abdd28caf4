"""What changed in care as a page of its own, for a browser or paper. It asks nobody for anything.

No template has a hand in it: a change that is under review must not decide what its reviewers see.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING, Final

from carectl.care.changes.review import Review, by_record, count, left_out
from carectl.care.changes.rules import SEVERITIES
from carectl.output.changes_page import (
    PRACTICE,
    UNREAD,
    Entry,
    besides,
    by_rule,
    called,
    counted,
    entries,
    others,
    outcome,
    redacted_name,
    remainder,
    unread,
)
from carectl.output.documents.words import clean

if TYPE_CHECKING:
    from carectl.care.changes.rules import Judged

MOST: Final = 5_000
"""So many changes a page shows; a browser would be slow with more."""
_STYLE: Final = """\
:root { --ink: #1c2422; --soft: #46524f; --line: #b9c6c2; --pale: #eef4f2; --deep: #14524a; --loud: #8a1f11;
  --warm: #6b4700; }
* { box-sizing: border-box; }
body { margin: 0; background: #e4eae8; color: var(--ink);
  font: 1rem/1.5 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
.mark { margin: 0; padding: .5rem 1rem; background: var(--loud); color: #fff; text-align: center; font-weight: 700; }
.page { max-width: 56rem; margin: 0 auto; padding: 1.5rem clamp(1rem, 4vw, 3rem) 2rem; background: #fff;
  overflow-wrap: anywhere; }
h1, h2 { line-height: 1.25; margin: 0; text-wrap: balance; }
h1 { font-size: 1.7rem; }
h2 { font-size: 1.25rem; color: var(--deep); border-bottom: 2px solid var(--deep); padding-bottom: .2rem;
  margin: 2.2rem 0 .4rem; break-after: avoid; }
h2 small { font-size: .9rem; font-weight: 400; color: var(--soft); display: inline-block; }
p { margin: .4rem 0; }
.fine { color: var(--soft); font-size: .92rem; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { text-align: left; padding: .3rem 1.4rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td { font-variant-numeric: tabular-nums; }
thead th { font-size: .88rem; color: var(--soft); }
a { color: var(--deep); }
.changes, .changes ul { list-style: none; margin: 0; padding: 0; }
.changes > li { margin: .9rem 0; }
.high, .medium, .low { display: grid; grid-template-columns: 4.6rem 1fr; gap: 0 .6rem;
  padding: .35rem 0 .35rem .7rem; border-left: .3rem solid var(--line); break-inside: avoid; }
.high { border-color: var(--loud); }
.medium { border-color: #b98a2b; }
.level { font-size: .82rem; line-height: 1.85; font-weight: 700; letter-spacing: .03em; color: var(--soft); }
.high .level { color: var(--loud); }
.medium .level { color: var(--warm); }
.high .said { font-weight: 600; }
.said { margin: 0; }
.changes ul.notes { margin: .15rem 0; padding-left: 1.1rem; list-style: disc; color: var(--warm); }
.where { margin: .1rem 0 0; color: var(--soft); font-size: .86rem; }
.alarm { border: 3px solid var(--loud); padding: .6rem .8rem; margin: 1rem 0; }
ul { padding-left: 1.3rem; }
@media (max-width: 34rem) { .high, .medium, .low { grid-template-columns: 1fr; } h1 { font-size: 1.4rem; } }
@page { margin: 14mm 15mm 16mm; @bottom-right { content: counter(page) " / " counter(pages); font: 9pt sans-serif; } }
@media print {
  body { background: none; font-size: 9.5pt; line-height: 1.4; }
  .page { max-width: none; padding: 0; }
  .mark { background: none; color: #000; border: 1.5pt solid #000; margin-bottom: 4mm; }
  .high, .medium, .low { print-color-adjust: exact; }
}
"""
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def as_page(review: Review, practice: str | None) -> str:
    """A review as a page of its own, which asks nobody for anything."""
    kept = sorted(review.changes, key=lambda item: SEVERITIES.index(item.severity))[:MOST]
    shown = set(map(id, kept))
    body = [*_top(review, practice)]
    left = left_out(review, kept)
    if left.all:
        said = f"{counted(left.all, 'change')} more ({left.words()}) did not fit on this page: carectl diff tells them."
        body.append(f'<p class="alarm"><strong>{said}</strong></p>')
    for number, client in enumerate(review.clients):
        mine = [item for item in review.of(client) if id(item) in shown]
        rest = remainder(review, client)
        if not mine and not rest:
            continue
        name = _html(called(review, client))
        body.append(f'<section aria-labelledby="s{number}">')
        body.append(
            f'<h2 id="s{number}">{name} <small>{count(review.of(client)).words() or "no change in care"}</small></h2>'
        )
        body += ['<ul class="changes">', *(_html_record(record) for record in by_record(mine)), "</ul>"]
        body += [f'<p class="fine">{_html(rest)}</p>'] if rest else []
        body.append("</section>")
    for number, (title, lines) in enumerate(besides(review)):
        body += [f'<section aria-labelledby="b{number}"><h2 id="b{number}">{_html(title)}</h2>', "<ul>"]
        body += [*(f"<li>{_html(line)}</li>" for line in lines), "</ul></section>"]
    return _page("Not for sharing: this shows clients' records", body)


def as_redacted_page(review: Review) -> str:
    """The same without content."""
    old, new = redacted_name(review.old.id), redacted_name(review.new.id)
    body = [f"<h1>{_html(outcome(review, by_id=True))}</h1>", f'<p class="fine">From {_html(old)} to {_html(new)}</p>']
    for number, (client, rules) in enumerate(by_rule(review)):
        body.append(f'<section aria-labelledby="s{number}"><h2 id="s{number}">{_html(client or PRACTICE)}</h2>')
        body += ["<ul>", *(f"<li>{severity.upper()} {rule}, {times}</li>" for severity, rule, times in rules)]
        body.append("</ul></section>")
    rest = [f"<li>{text}</li>" for text in others(review)]
    body += ['<section aria-labelledby="rest"><h2 id="rest">Besides</h2><ul>', *rest, "</ul></section>"] if rest else []
    body.append('<p class="fine">Counts and rules only: carectl diff in a clone tells what changed.</p>')
    return _page(None, body)


def _top(review: Review, practice: str | None) -> Iterator[str]:
    yield "<header>"
    if practice:
        yield f'<p class="fine">{_html(practice)}</p>'
    yield f"<h1>{_html(outcome(review))}</h1>"
    yield f"<p>From {_html(review.old.name)} to {_html(review.new.name)}</p>"
    yield "</header>"
    if review.unparsed:
        yield f'<div class="alarm"><p><strong>{UNREAD}</strong></p><ul>'
        yield from (f"<li>{_html(unread(item, review))}</li>" for item in review.unparsed)
        yield "</ul></div>"
    found = [(number, client, count(review.of(client))) for number, client in enumerate(review.clients)]
    if len(found) > 1 and review.changes:
        yield '<nav aria-label="Clients"><table><thead><tr><th scope="col">Client</th>'
        yield "".join(f'<th scope="col">{name.capitalize()}</th>' for name in SEVERITIES) + "</tr></thead><tbody>"
        for number, client, one in found:
            cells = "".join(f"<td>{times}</td>" for times in one)
            yield f'<tr><th scope="row"><a href="#s{number}">{_html(called(review, client))}</a></th>{cells}</tr>'
        yield "</tbody></table></nav>"


def _html_record(record: list[Judged]) -> str:
    """The changes of one record, which stand together."""
    return f"<li><ul>{''.join(map(_html_change, entries(record)))}</ul></li>"


def _html_change(entry: Entry) -> str:
    severity = entry.item.severity
    notes = "".join(f"<li>{_html(note)}</li>" for note in entry.item.notes)
    listed = f'<ul class="notes">{notes}</ul>' if notes else ""
    where = _html(" · ".join(entry.where))
    return (
        f'<li class="{severity}"><span class="level">{severity.upper()}</span><div>'
        f'<p class="said">{_html(entry.said)}</p>{listed}<p class="where">{where}</p></div></li>'
    )


def _page(mark: str | None, body: list[str]) -> str:
    said = f'<aside aria-label="{mark}"><p class="mark">{mark}</p></aside>\n' if mark else ""
    lines = "\n".join(body)
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="robots" content="noindex, nofollow">\n'
        '<meta name="format-detection" content="telephone=no">\n'
        f"<title>Review of care</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>\n{said}"
        f'<main class="page">\n{lines}\n</main>\n</body>\n</html>\n'
    )


def _html(text: str) -> str:
    """Text that a page shows as it is."""
    return escape(clean(text))
