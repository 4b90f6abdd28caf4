"""What can be wrong with a file before anyone asks what it means: one function per code, its docstring is its page.

The words are for someone who knows her clients and not YAML. No message carries a value of the file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from carectl.findings import Finding, Severity, Span, code, code_of

if TYPE_CHECKING:
    from collections.abc import Callable

MERGE_MARK: Final = "# carectl merge:"
"""Begins every line of the words that a merge leaves for a person."""

_FIELD_NAME = re.compile(r"[a-z][a-z0-9_-]{0,40}")


def _finding(fault: Callable[..., Finding], at: Span, message: str, hint: str) -> Finding:
    return code_of(fault).finding(at, message, hint)


@code("yaml-syntax", Severity.ERROR)
def syntax(at: Span, message: str, hint: str) -> Finding:
    """The file cannot be read from this place on.

    carectl draws no conclusion at all from a file that it cannot read to its end: half a medication list looks just
    like a short one. Most often a quotation mark or a bracket is not closed, a line does not begin below its
    neighbours, or a text that contains a colon followed by a space stands without quotation marks.
    Mend the line that is named, or the one just above it, and check again.

    Wrong:

        note: Told the nurse: left ankle swollen

    Right:

        note: "Told the nurse: left ankle swollen"
    """
    return _finding(syntax, at, message, hint)


@code("merge-unresolved", Severity.ERROR)
def merge_unresolved(at: Span, message: str, hint: str) -> Finding:
    """Two versions of a record stand here, or lines that a merge left, and a person must say what holds.

    Two people changed the same record, and no program may decide which of them is right: a dose raised by one and
    times doubled by the other would be four times the daily dose. carectl draws no conclusion from the file until it
    is answered. Above the first marker, comment lines say what each side did. Keep the lines of the version that
    holds, or write what really holds, and ask whoever ordered it if you are not sure. Then delete the lines that begin
    with <<<<<<<, |||||||, ======= and >>>>>>>, with what stands between ||||||| and =======, and the comment lines.

    Wrong:

        # carectl merge: Furosemide (furosemide): the medicine furosemide was changed on both sides.
        <<<<<<< ours
          - {id: furosemide, strength: 40 mg, times: ["08:00"]}
        ||||||| before
          - {id: furosemide, strength: 20 mg, times: ["08:00"]}
        =======
          - {id: furosemide, strength: 20 mg, times: ["08:00", "14:00"]}
        >>>>>>> theirs

    Right:

          - {id: furosemide, strength: 40 mg, times: ["08:00"]}
    """
    return _finding(merge_unresolved, at, message, hint)


class MergeLine(NamedTuple):
    """What a line, or a few together, have of a merge that nobody has answered."""

    line: int
    last: int
    message: str
    hint: str


_MERGE_LINE: Final = re.compile(
    r"^(?:(?P<marker>[<|=>])(?P=marker){6,}(?:[ ].*)?|[ \t]*#[ \t]*carectl merge:.*)$", re.M
)
_UNANSWERED: Final = (
    "two versions of a record stand here, and one of them must be chosen",
    "keep the lines that hold; delete the other version, the marker lines (<<<<<<< ======= >>>>>>>)"
    f" and the lines {MERGE_MARK}",
)
_HALF: Final = (
    "this marker line is left over from a merge: the other version may still stand beside it",
    "see whether a record stands here twice or is missing, keep what holds, and delete this line",
)
_WORDS_LEFT: Final = (
    "the words of a merge still stand here",
    f"once the record says what holds, delete the lines {MERGE_MARK}",
)


def merge_lines(text: str) -> list[MergeLine]:
    """What in a text (lines end with a line feed) a merge left for a person; one for each conflict. Lines from 1."""
    found: list[MergeLine] = []
    opened: int | None = None
    words: tuple[int, int] | None = None
    strays: list[MergeLine] = []
    at, line = 0, 1
    for match in _MERGE_LINE.finditer(text):
        line += text.count("\n", at, match.start())
        at = match.start()
        marker = match["marker"]
        if marker is None:
            if opened is None:
                first = words[0] if words is not None and words[1] == line - 1 else line
                if words is not None and first == line:
                    found.append(MergeLine(*words, *_WORDS_LEFT))
                words = (first, line)
            continue
        if words is not None and (marker != "<" or words[1] != line - 1):
            found.append(MergeLine(*words, *_WORDS_LEFT))
        words = None
        if marker == "<":
            found += strays
            opened, strays = line, [MergeLine(line, line, *_HALF)]
        elif marker == ">" and opened is not None and len(strays) > 1:
            found.append(MergeLine(opened, line, *_UNANSWERED))
            opened, strays = None, []
        else:
            strays.append(MergeLine(line, line, *_HALF))
            if opened is None or marker == ">":
                found += strays
                opened, strays = None, []
    found += strays
    if words is not None:
        found.append(MergeLine(*words, *_WORDS_LEFT))
    return found


@code("yaml-key-twice", Severity.ERROR)
def key_twice(at: Span, key: str, first_line: int) -> Finding:
    """One field is written twice in the same entry.

    Two answers to one question: which of them is true, no program can know, and most programs silently drop one.
    carectl reads the first, concludes nothing from it, and reports the second. Keep one of the two. If these are two
    entries, begin the second with a dash.

    Wrong:

        strength: 20 mg
        strength: 40 mg

    Right:

        strength: 40 mg
    """
    # A key may be a person's own words when a line went wrong; only what looks like a field is repeated here.
    name = f"`{key}`" if _FIELD_NAME.fullmatch(key) else "this field"
    return _finding(
        key_twice,
        at,
        f"{name} is already written on line {first_line} of the same entry",
        "keep one of the two; if this is another entry, begin it with a dash",
    )


@code("yaml-anchor", Severity.ERROR)
def anchor(at: Span) -> Finding:
    """A text begins with `&`, which gives this place a hidden name (an "anchor").

    Anchors let one line be reused elsewhere, so that mending one record changes another that nobody looked at. A
    record says all it means in its own place. Remove the `&` and the word behind it; if the text really
    begins with `&`, put it in quotation marks.

    Wrong:

        phone: &home "+1 847 555 0119"

    Right:

        phone: "+1 847 555 0119"
    """
    return _finding(
        anchor,
        at,
        "a text that begins with & gives this place a hidden name, which records may not have",
        "remove the & and the word behind it, or put the whole text in quotation marks",
    )


@code("yaml-alias", Severity.ERROR)
def alias(at: Span) -> Finding:
    """A text begins with `*`, which stands for something written elsewhere (an "alias").

    Whoever reads this record would have to search the file for what it says, and a change over there would change
    it unseen. The value is not read. Write out what is meant; if the text really begins with `*`, put
    it in quotation marks.

    Wrong:

        instruction: *as-above

    Right:

        instruction: Weigh before breakfast
    """
    return _finding(
        alias,
        at,
        "a text that begins with * points to another place of the file, which records may not do",
        "write out what is meant, or put the whole text in quotation marks",
    )


@code("yaml-merge-key", Severity.ERROR)
def merge_key(at: Span) -> Finding:
    """The field `<<` copies another entry into this one.

    What an entry says must be readable in the entry itself, in five years too and by every program; copies made
    behind the scenes are read differently by different programs. Write the fields out.

    Wrong:

        <<: {at: "09:00"}
        day: 2026-11-18

    Right:

        at: "09:00"
        day: 2026-11-18
    """
    return _finding(
        merge_key,
        at,
        "the field << would copy another entry into this one, which records may not do",
        "write the fields out in this entry",
    )


@code("yaml-tag", Severity.ERROR)
def tag(at: Span) -> Finding:
    """A text begins with `!`, which tells programs to treat it as something special (a "tag").

    A tag can turn a text into a number, a date or worse, and every program does so differently. The value is not
    read. Remove the `!` and the word behind it; if the text really begins with `!`, put it in quotation marks.

    Wrong:

        note: !important Call the pharmacy

    Right:

        note: "!important Call the pharmacy"
    """
    return _finding(
        tag,
        at,
        "a text that begins with ! asks for special treatment, which records may not do",
        "remove the ! and the word behind it, or put the whole text in quotation marks",
    )


@code("yaml-directive", Severity.ERROR)
def directive(at: Span) -> Finding:
    """A line begins with `%`, which changes how the rest of the file is to be read (a "directive").

    A caseload file always means the same, whatever reads it, so there is nothing to switch. Remove the line.

    Wrong:

        %YAML 1.1
        ---
        status: active

    Right:

        status: active
    """
    return _finding(
        directive,
        at,
        "a line that begins with % would change how the file is read, which records may not do",
        "remove this line",
    )


@code("yaml-several-documents", Severity.ERROR)
def several_documents(at: Span) -> Finding:
    """A line of three dashes or dots divides the file in two, and only one part would be read.

    What stands in the other part would be lost without a word, so carectl draws no conclusion from the file. Remove
    the line, or move what follows it into a file of its own. Within a text, indent the line.

    Wrong:

        status: active
        ---
        language: es

    Right:

        status: active
        language: es
    """
    return _finding(
        several_documents,
        at,
        "this line divides the file into several documents; a file holds one",
        "remove the line --- (or ...), or move what follows into a file of its own",
    )


@code("yaml-too-large", Severity.ERROR)
def too_large(at: Span, limit: str) -> Finding:
    """The file is larger than carectl reads.

    Such a file is usually no record: a photo or a backup under a wrong name, or one that a program keeps adding to.
    Nothing of it was read. Split a long list by month: `visits/2026-11.yaml` instead of one `visits.yaml`.

    Wrong:

        # clients/c-014/visits.yaml, 12 MiB

    Right:

        # clients/c-014/visits/2026-11.yaml, 40 KiB
    """
    return _finding(
        too_large,
        at,
        f"the file is too large: a file holds at most {limit}",
        "split it, for example one file a month in a folder of the same name",
    )


@code("yaml-too-deep", Severity.ERROR)
def too_deep(at: Span, limit: int) -> Finding:
    """Lists and entries stand inside each other more deeply than any record needs.

    Nobody can read that, and reading it can stop a program; it is a slip of the keyboard or not meant
    for carectl. Nothing of the file was read. Look for brackets that are opened again and again.

    Wrong:

        days: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[mon]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]

    Right:

        days: [mon]
    """
    return _finding(
        too_deep,
        at,
        f"lists and entries stand inside each other more than {limit} deep here",
        "remove the brackets or the indentation that nobody needs",
    )


@code("yaml-control-character", Severity.ERROR)
def control_character(at: Span, name: str) -> Finding:
    """The text contains a character that cannot be seen and does not belong into a record.

    Invisible characters come along when text is pasted from other programs. They can blank a terminal, change the
    order in which a line is shown, or hide the difference between two names. The text that contains one is not read.
    Delete it: retype the few letters around the place that is named.

    Wrong:

        note: "Slept\\x07 well"

    Right:

        note: "Slept well"
    """
    return _finding(
        control_character,
        at,
        f"there is a character here that cannot be seen ({name})",
        "retype the letters around this place, or paste the text without formatting",
    )


@code("yaml-encoding", Severity.ERROR)
def encoding(at: Span) -> Finding:
    """The file is not saved as UTF-8, so letters such as é cannot be told for certain.

    A name that is read wrongly is a wrong name on a care plan. Nothing of the file was read. Open it in the program
    that wrote it, choose "Save as", and choose the encoding UTF-8.

    Wrong:

        # family: Irène, saved as Latin-1 or Windows-1252

    Right:

        # family: Irène, saved as UTF-8
    """
    return _finding(
        encoding,
        at,
        "the file is not saved as UTF-8: this letter cannot be read",
        'save the file as UTF-8 (in most editors: "Save with encoding")',
    )


@code("yaml-key-not-text", Severity.ERROR)
def key_not_text(at: Span) -> Finding:
    """What stands before the colon is not a word: it is empty, or a list or an entry itself.

    The word before the colon names the field. Without it, nobody can tell what the value is about, and it is not
    read. Write the field's name before the colon, or put the text in quotation marks if no field was meant.

    Wrong:

        : active

    Right:

        status: active
    """
    return _finding(
        key_not_text,
        at,
        "what stands before the colon is not a word, so it names no field",
        "write the name of the field before the colon",
    )


@code("yaml-comment-cuts", Severity.WARNING)
def comment_cuts(at: Span) -> Finding:
    """A # in the middle of a line hides the rest of it.

    A blank and a # begin a comment, and nobody reads comments: of `418 Elm St #2` only the street is left, and the aide
    rings at the wrong door. If it belongs to the text, put the whole text in quotation marks. If it is meant as a
    comment, put a blank behind the #.

    Wrong:

        street: 418 Elm St #2

    Right:

        street: "418 Elm St #2"
        city: Evanston   # since May
    """
    return _finding(
        comment_cuts,
        at,
        "everything from this # on is a comment, and is not read",
        "if it belongs to the text, put the whole text in quotation marks; if not, put a blank behind the #",
    )


@code("file-unreadable", Severity.ERROR)
def unreadable(at: Span, message: str, hint: str) -> Finding:
    """The file is there, or is named, but its content cannot be had.

    carectl draws no conclusion from what it could not read. Check that the file exists, that a link leads somewhere,
    and that you may read it; on a shared drive, that the drive is connected.

    Wrong:

        # clients/c-014/visits.yaml belongs to someone else

    Right:

        # clients/c-014/visits.yaml can be opened in your editor
    """
    return _finding(unreadable, at, message, hint)


@code("file-not-a-file", Severity.ERROR)
def not_a_file(at: Span, what: str) -> Finding:
    """Where a file should be there is a folder, a device or the like.

    A record is an ordinary file. A folder that holds the pieces of a long list has no `.yaml` in its name.

    Wrong:

        # clients/c-014/visits.yaml/2026-11.yaml

    Right:

        # clients/c-014/visits/2026-11.yaml
    """
    return _finding(
        not_a_file,
        at,
        f"there is {what} here where a file should be",
        "rename it or move it out of the caseload",
    )


@code("file-outside", Severity.ERROR)
def outside(at: Span) -> Finding:
    """The path leads out of the caseload.

    What lies outside is not backed up, reviewed or protected with the caseload, and may be somebody else's.
    It was not read. Put the file itself into the caseload instead of a link to it.

    Wrong:

        # clients/c-014/visits.yaml -> /mnt/share/visits.yaml

    Right:

        # clients/c-014/visits.yaml
    """
    return _finding(
        outside,
        at,
        "this leads to a file outside of the caseload, which is not read",
        "put the file itself here instead of a link to it",
    )


@code("file-changing", Severity.ERROR)
def changing(at: Span) -> Finding:
    """The file was changed again and again while it was read.

    Half of the old and half of the new record would be neither. Another program is writing the file: wait until it
    has finished, then check again.

    Wrong:

        # clients/c-014/visits.yaml, being synchronised

    Right:

        # clients/c-014/visits.yaml, at rest
    """
    return _finding(
        changing,
        at,
        "the file was being changed while it was read",
        "wait until the other program has finished, then try again",
    )


_QUOTES = "if this belongs to a text, put the whole text in quotation marks"
_BELOW = "let the line begin exactly below its neighbours: the spaces at the beginning of a line count"
_BRACKETS = "close the bracket, and put a comma between the parts inside it"
_BACKSLASH = r"inside double quotation marks write \\ for one backslash, or use single quotation marks"
_BLOCK = "after | or > begin a new line, and indent the text below it"
_NO_FIT = "this line does not fit the lines above it"

# What libyaml says, by its first words, and what we say.
_PHRASES: Final = (
    ("could not find expected ':'", "this line has no colon and space after the name of a field",
     "write `field: value`, with a space after the colon; a text over several lines is indented"),
    ("block sequence entries are not allowed", "a list cannot begin here",
     "begin each - on a line of its own, exactly below the one above it"),
    ("mapping keys are not allowed", "a text cannot begin with a question mark and a space", _QUOTES),
    ("found character that cannot start any token", "a text cannot begin with this sign", _QUOTES),
    ("found a tab character", "a tab stands here where spaces are needed", "replace the tab by spaces"),
    ("found unexpected end of stream", "a quotation mark is opened here and never closed",
     "close it; an apostrophe inside single quotation marks is written twice"),
    ("found unexpected document indicator", "a quoted text begins here that holds a line --- or ...",
     "indent that line, or close the quotation mark before it"),
    ("found unknown escape character", r"the letter after the backslash \ means nothing there", _BACKSLASH),
    ("did not find expected hexdecimal number", r"the number after the backslash \ is not finished", _BACKSLASH),
    ("found invalid Unicode character escape code", r"the number after the backslash \ is no character", _BACKSLASH),
    ("did not find expected alphabetic or numeric character",
     "a text cannot begin with & or *, which have a meaning of their own", _QUOTES),
    ("did not find expected comment or line break", "nothing may follow | or > on the same line", _BLOCK),
    ("found an indentation indicator equal to 0", "nothing may follow | or > on the same line", _BLOCK),
    ("did not find expected ',' or ']'", "a bracket [ is not closed, or a comma is missing", _BRACKETS),
    ("did not find expected ',' or '}'", "a bracket { is not closed, or a comma is missing", _BRACKETS),
    ("did not find expected key", _NO_FIT, _BELOW),
    ("did not find expected '-' indicator", _NO_FIT, f"begin it with a dash, or: {_BELOW}"),
    ("did not find expected <document start>", _NO_FIT, _BELOW),
    ("did not find expected node content", "a value is missing before this sign", _QUOTES),
)  # fmt: skip


def syntax_words(problem: str, before: str, sign: str) -> tuple[str, str]:
    """A message and a hint in plain words for what libyaml says about a syntax error.

    `before` is what stands before it on its line, `sign` the character where it stopped.
    """
    if sign == "\t":
        return "a tab stands here where spaces are needed", "replace the tab by spaces"
    if problem.startswith("mapping values are not allowed"):
        if ": " in before:
            return (
                "a colon and a space inside a text: this looks like a second field on one line",
                "put the whole text in quotation marks",
            )
        return "the field on this line cannot begin here", f"{_BELOW}; a text above it may need quotation marks"
    for phrase, message, hint in _PHRASES:
        if problem.startswith(phrase):
            if hint.endswith(_BELOW) and before.strip(" -"):
                return (
                    "something follows here where the value has already ended",
                    "a quotation mark on a line above may never be closed; inside double ones use single ones",
                )
            return message, hint
    return "this line cannot be read", _QUOTES
