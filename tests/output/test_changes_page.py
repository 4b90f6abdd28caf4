"""A review on the screen, as JSON, as a comment and as a page: all of it, harmless; nothing of it where redacted."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from functools import partial
from html.parser import HTMLParser
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from carectl.care.changes.compare import Reordered
from carectl.care.changes.review import Review, Unparsed, Version, Waiver
from carectl.care.changes.rules import Judged
from carectl.output import changes_comment, changes_export, changes_page, changes_sheet
from carectl.output.terminal import put, width_of

COMMIT: Final = "3f2a1bc4d5e6f708192a3b4c5d6e7f8091a2b3c4"
OLD: Final = Version("HEAD (3f2a1bc4d)", COMMIT)
NEW: Final = Version("the files as they are now", "worktree")
HOSTILE: Final = (
    "<script>alert(1)</script>", "</details></section>", "@team please", "see #12, !7 and GH-3", "[x](https://x.example)",
    "www.x.example and https://y.example", "| a | b |", "``` code", "![](https://x.example/p.png)", "<!-- carectl -->",
    "/close", "line one\n\n# line two", "$x_1$ ~label %milestone", "*bold* _it_ **b**", "a@b.example", "&lt;b&gt; &#6;",
    "\x1b[31mred\x1b[0m \u202eturned", '" onmouseover="x', "1. one", "- one",
)  # fmt: skip


def change(message: str = "Dose changed", **more: Any) -> Judged:
    """A judged change."""
    known: dict[str, Any] = {
        "rule": "med-dose-changed", "severity": "high", "client": "c-014", "kind": "medications",
        "record": "furosemide", "title": "Furosemide", "field": "dose", "old": "1 tablet", "new": "2 tablets",
        "message": message, "fingerprint": "a3f8c21b9d04", "notes": (),
    }  # fmt: skip
    return Judged(**{**known, **more})


def review(*changes: Judged, **more: Any) -> Review:
    """A review of these changes."""
    names = {"c-014": "Rosa Alvarez", "c-002": "Stanisław O'Żak"}
    return Review(old=OLD, new=NEW, **{"names": names, "changes": changes, **more})


def text(found: Review, *, redact: bool = False, width: int = 80) -> str:
    """What stands on the screen."""
    stream = io.StringIO()
    put((changes_page.redacted if redact else changes_page.changes)(found, width), stream, colour=False)
    return stream.getvalue()


MANY: Final = review(
    change("Staff: 32 hours a week at most instead of 40", client=None, kind="staff", record="jo-park", severity="low",
           rule="staff-hours-changed"),
    change("Medicine Furosemide (furosemide): dose doubled", notes=("No entry in `changed` says why",)),
    change("Goal moved", kind="care-plan", record="alone/mass", severity="medium", rule="goal-due-moved"),
    change("Medicine Furosemide (furosemide): indication is now Heart failure", severity="medium",
           rule="med-indication-changed", field="indication"),
    change("Note edited", client="c-002", kind="notes", record="n-1", severity="low", rule="note-changed"),
    unchanged={"c-014": {"Medication": 2, "Series": 1, "Goal": 1}, "c-002": {}},
    reordered=(Reordered("c-014", "medications", None, "medications"), Reordered("c-014", "visits", "care", "does")),
)  # fmt: skip


def test_the_screen() -> None:
    assert (
        text(MANY)
        == """\
Changes from HEAD (3f2a1bc4d) to the files as they are now
5 changes of 2 clients: 1 HIGH, 2 MEDIUM, 2 LOW

Practice and staff                                                         1 LOW

  LOW     Staff: 32 hours a week at most instead of 40
          staff/jo-park · staff-hours-changed

c-002 Stanisław O'Żak                                                      1 LOW

  LOW     Note edited
          notes/n-1 · note-changed

c-014 Rosa Alvarez                                              1 HIGH, 2 MEDIUM

  HIGH    Medicine Furosemide (furosemide): dose doubled
          ! No entry in `changed` says why
          medications/furosemide · med-dose-changed · a3f8c21b9d04
  MEDIUM  … indication is now Heart failure
          med-indication-changed

  MEDIUM  Goal moved
          care-plan/alone/mass · goal-due-moved

  Unchanged: 1 goal, 2 medicines, 1 series. Reordered only: medications,
  visits/care does.
"""
    )


BROKEN: Final = Unparsed("new", "c-014", "care-plan", "clients/c-014/care-plan.yaml", 12, "this key stands twice")


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (review(), "No change in care"),
        (review(formatting=("clients/c-014/notes.yaml",)), "No change in care: only the order or the layout"),
        (
            review(reordered=(Reordered("c-014", "medications", None, "medications"),)),
            "No change in care: only the order",
        ),
        (review(change()), "1 change of 1 client: 1 HIGH"),
        (review(asked=("c-014",)), "No change in care of c-014"),
        (review(change(), asked=("c-002", "c-014")), "1 change of 1 client: 1 HIGH; none of c-002"),
        # What cannot be read comes first, and is never put as if nothing had changed.
        (review(unparsed=(BROKEN,)), "NOT ALL COULD BE READ; the rest says the same as before"),
        (review(change(), unparsed=(BROKEN,)), "NOT ALL COULD BE READ; of what could: 1 change of 1 client: 1 HIGH"),
        (review(change(client=None, kind="practice", record=None, severity="low")), "1 change: 1 LOW"),
    ],
)
def test_the_second_line_says_what_came_of_it(found: Review, said: str) -> None:
    assert text(found).splitlines()[1].startswith(said)
    assert said in changes_comment.as_comment(found)
    assert said in changes_sheet.as_page(found, None)


@pytest.mark.parametrize("changes", [(), (change(),)])
def test_what_cannot_be_read_is_never_no_change(changes: tuple[Judged, ...]) -> None:
    found = review(*changes, unparsed=(BROKEN,))
    for said in (text(found), changes_comment.as_comment(found), changes_sheet.as_page(found, None)):
        assert "No change" not in said
        assert "clients/c-014/care-plan.yaml:12" in said
        assert "COULD NOT BE READ" in said
    redacted = (text(found, redact=True), changes_comment.as_redacted_comment(found),
                changes_sheet.as_redacted_page(found))  # fmt: skip
    for said in redacted:
        assert "No change" not in said
        assert "Could not be read: 1" in said
    assert json.loads(changes_export.as_data(found))["unparsed"] == [
        {"side": "new", "client": "c-014", "kind": "care-plan", "path": "clients/c-014/care-plan.yaml", "line": 12,
         "reason": "this key stands twice"}]  # fmt: skip


def test_besides_changes_of_care() -> None:
    found = review(
        formatting=("clients/c-014/notes.yaml",),
        waivers=(Waiver("clients/c-014/tasks.yaml", 3, "late-entry", "paper note", is_added=True),
                 Waiver("clients/c-014/tasks.yaml", 9, "goal-overdue", "", is_added=False)),
        approvals=("clients/c-014/approvals/a.yaml",),
        other=("README.md",),
    )  # fmt: skip
    for said in (text(found), changes_comment.as_comment(found), changes_sheet.as_page(found, None)):
        for part in ("clients/c-014/notes.yaml", "clients/c-014/tasks.yaml:3: late-entry, written: paper note",
                     "goal-overdue, taken away, without a reason", "approvals/a.yaml", "README.md"):  # fmt: skip
            assert part in said


def test_json_has_the_keys_of_the_contract_in_their_order() -> None:
    found = json.loads(changes_export.as_data(MANY))
    keys = "format old new changes reordered unparsed formatting waivers approvals other clients"
    assert list(found) == keys.split()
    assert (found["format"], found["old"], found["new"]) == (1, COMMIT, "worktree")
    keys = "rule severity client kind record title field old new message fingerprint notes"
    assert list(found["changes"][0]) == keys.split()
    assert found["reordered"][1] == {"client": "c-014", "kind": "visits", "record": "care", "field": "does"}
    assert changes_export.as_data(MANY) == changes_export.as_data(MANY)


LETTERS: Final = st.text(max_size=40)


@given(st.lists(st.tuples(LETTERS, st.sampled_from(["high", "medium", "low"])), max_size=6), st.integers(50, 100))
def test_the_screen_loses_nothing_and_fits(said: list[tuple[str, str]], width: int) -> None:
    changes = [
        change(message, severity=severity, record=f"r{number}") for number, (message, severity) in enumerate(said)
    ]
    shown = text(review(*changes), width=width)
    assert all(width_of(line) <= width for line in shown.splitlines())
    assert all(f"medications/r{number}" in shown for number in range(len(said)))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", shown)


# --- the comment -----------------------------------------------------------------------------------------------------


def test_a_comment_begins_with_its_marker_and_the_summary() -> None:
    lines = changes_comment.as_comment(MANY).splitlines()
    assert lines[0] == changes_comment.MARKER
    assert lines[1] == "## 5 changes of 2 clients: 1 HIGH, 2 MEDIUM, 2 LOW"
    assert "| c-014 | 1 | 2 | 0 |" in lines
    assert changes_comment.as_redacted_comment(MANY).splitlines()[0] == changes_comment.MARKER


def test_a_comment_names_no_client() -> None:
    assert "Rosa" not in changes_comment.as_comment(MANY)
    assert "Rosa Alvarez" in changes_sheet.as_page(MANY, None)


@pytest.mark.parametrize("said", HOSTILE)
def test_a_comment_shows_text_and_nothing_else(said: str) -> None:
    harmless = changes_comment.as_comment(everywhere("x"))
    hostile = changes_comment.as_comment(everywhere(said))
    assert shape(hostile) == shape(harmless)
    for mention in ("@team", "#12", "!7", "GH-3", "https://", "www.", "a@b", "$x", "%milestone"):
        # In code, as places and rules stand there, a forge makes nothing of anything.
        assert mention not in re.sub(r"`[^`\n]*`", "", hostile)


def everywhere(said: str) -> Review:
    """A review that shows a text wherever it can show one."""
    return review(
        change(said, notes=(said,), record=said, fingerprint=said),
        unparsed=(Unparsed("old", "c-014", "notes", said, 1, said),),
        waivers=(Waiver(said, 1, "late-entry", said, is_added=True),),
        approvals=(said,), formatting=(said,), other=(said,), names={"c-014": said},
        reordered=(Reordered("c-014", "notes", said, said),),
    )  # fmt: skip


def shape(markdown: str) -> list[tuple[str, str, str]]:
    """What Markdown is made of, without its words."""
    found = []
    for token in MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(markdown):
        found.append((token.type, token.tag, token.content if token.type == "html_block" else ""))
        # A sign that had to be taken its meaning from stands by itself.
        words = ("text", "text_special", "entity")
        inner = [part for part in token.children or () if part.type not in words]
        found += [(part.type, part.tag, part.content if part.type == "html_inline" else "") for part in inner]
    return found


@pytest.mark.parametrize("letter", ["a", "é", "王"])
def test_a_comment_fits_and_leaves_out_what_weighs_least(letter: str) -> None:
    changes = [change(letter * 90, severity=severity, record=f"{severity}-{number}", fingerprint=f"{number:012x}",
                      client=f"c-{number % 40:03}")
               for number in range(400) for severity in ("low", "high", "medium")]  # fmt: skip
    found = changes_comment.as_comment(review(*changes))
    assert len(found.encode()) <= changes_comment.LIMIT < 65_536
    assert len(found.encode()) > changes_comment.LIMIT * 0.97
    shown = [found.count(f"**{word}**") for word in ("HIGH", "MEDIUM", "LOW")]
    assert shown[2] == 0
    assert shown[1] == 0 or shown[0] == 400
    left = re.search(r"\*\*(\d+) changes did not fit here \((.*)\)", found)
    assert left is not None
    assert int(left[1]) == 1200 - sum(shown)
    parts = [
        f"{400 - count} {word}" for count, word in zip(shown, ("high", "medium", "low"), strict=True) if count < 400
    ]
    assert left[2] == ", ".join(parts)
    assert "| c-000 | 10 | 10 | 10 |" in found
    assert found.count("<details") == found.count("</details>")


def test_a_comment_of_files_alone_fits_too() -> None:
    found = changes_comment.as_comment(review(other=tuple(f"{'x' * 3_000}/{n}" for n in range(60))))
    assert len(found.encode()) <= changes_comment.LIMIT
    assert "This is not all of it" in found
    assert "- and 10 more" in changes_comment.as_comment(review(other=tuple(f"f{n}" for n in range(60))))


# --- the page --------------------------------------------------------------------------------------------------------


class Outline(HTMLParser):
    """The elements of a page, and whether each is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []
        self.open: list[str] = []
        self.ids: list[str | None] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(sorted(name for name, _ in attrs))))
        self.ids += [value for name, value in attrs if name == "id"]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def outline(page: str) -> Outline:
    """What a page is made of."""
    found = Outline()
    found.feed(page)
    assert found.open == []
    assert len(set(found.ids)) == len(found.ids)
    return found


@pytest.mark.parametrize("said", HOSTILE)
def test_a_page_shows_text_and_nothing_else(said: str) -> None:
    page = changes_sheet.as_page(everywhere(said), said)
    assert outline(page).found == outline(changes_sheet.as_page(everywhere("x"), "x")).found


@pytest.mark.parametrize("make", [partial(changes_sheet.as_page, practice="Lakeside"), changes_sheet.as_redacted_page])
def test_a_page_asks_for_nothing_and_has_its_landmarks(make: Callable[[Review], str]) -> None:
    page = make(MANY)
    tags = [tag for tag, _ in outline(page).found]
    assert "default-src 'none'" in page
    assert '<html lang="en">' in page
    assert (tags.count("main"), tags.count("h1"), tags.count("title")) == (1, 1, 1)
    assert not {"script", "link", "img", "form", "iframe", "object"} & set(tags)
    assert "url(" not in page
    assert "http" not in page.replace("http-equiv", "")


def test_a_page_shows_every_change_by_client() -> None:
    shown = outline(changes_sheet.as_page(MANY, "Lakeside")).text
    for item in MANY.changes:
        assert item.message.removeprefix("Medicine Furosemide (furosemide): ") in shown
        assert item.rule in shown
    assert shown.index("Practice and staff") < shown.index("c-002") < shown.index("c-014")


def test_a_page_with_too_much_says_what_is_left_out() -> None:
    many = range(changes_sheet.MOST + 10)
    changes = [change(f"m{n}", severity="high" if n % 2 else "low", record=f"r{n}") for n in many]
    page = changes_sheet.as_page(review(*changes), None)
    assert "10 changes more (10 low) did not fit on this page" in page
    assert page.count('<li class="high">') == len(changes) // 2


# --- redacted --------------------------------------------------------------------------------------------------------


def test_nothing_of_the_records_stands_in_what_is_redacted() -> None:
    canary = "zqcanary"
    changes = [change(canary, record=canary, title=canary, field=canary, old=canary, new={canary: canary},
                      fingerprint=canary, notes=(canary,), severity=severity, client=client)
               for severity in ("high", "low") for client in ("c-014", None)]  # fmt: skip
    found = Review(
        old=Version(canary, COMMIT), new=Version(canary, "index"), names={"c-014": canary}, changes=tuple(changes),
        reordered=(Reordered("c-014", "notes", canary, canary),),
        unparsed=(Unparsed("old", "c-014", "notes", canary, 1, canary),), formatting=(canary,),
        waivers=(Waiver(canary, 1, canary, canary, is_added=True),), approvals=(canary,), other=(canary,),
        unchanged={"c-014": {canary: 1}},
    )  # fmt: skip
    shown = [text(found, redact=True), changes_export.as_redacted_data(found),
             changes_comment.as_redacted_comment(found), changes_sheet.as_redacted_page(found)]  # fmt: skip
    for said in shown:
        assert canary not in said
        assert "med-dose-changed" in said
        assert "c-014" in said
        assert COMMIT[:12] in said


def test_redacted_counts() -> None:
    assert (
        text(MANY, redact=True)
        == """\
Changes from 3f2a1bc4d5e6 to the files as they are now
5 changes of 2 clients: 1 HIGH, 2 MEDIUM, 2 LOW

Practice and staff                                                         1 LOW
  LOW     staff-hours-changed, 1

c-002                                                                      1 LOW
  LOW     note-changed, 1

c-014                                                           1 HIGH, 2 MEDIUM
  HIGH    med-dose-changed, 1
  MEDIUM  goal-due-moved, 1
  MEDIUM  med-indication-changed, 1

Reordered only: 2
"""
    )
    assert json.loads(changes_export.as_redacted_data(MANY))["changes"][1] == {
        "rule": "note-changed", "severity": "low", "client": "c-002", "count": 1}  # fmt: skip


@pytest.mark.parametrize("reached", ["high", "high medium", "high medium low"])
def test_how_far_a_review_reaches(reached: str) -> None:
    levels = reached.split()
    found = [one for one in ("high", "medium", "low") if review(change(severity=one)).reaches(levels[-1])]
    assert found == levels
    assert not review().reaches("low")
