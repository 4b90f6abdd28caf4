"""The record of an assessment instrument: what an instrument file says, from which its schema and page come too.

The built-in files are in `care/instruments/`, a practice's own in its folder `instruments/`; docs/instruments.md tells
how one is written.
"""

# As in `records`, annotations are read as they stand.
import math
from typing import Annotated, Final, Literal

from carectl.caseload.records import FILE_KINDS, Approval, Id, Number, Period, Placed, Record, Text, Word, says


class Choice(Record, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """One of the answers to choose from."""

    points: Annotated[Number, says("What it counts, and how it is written down as an answer.")]
    label: Annotated[Text, says("What it means, in a few words.")]


class Step(Record, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What a number counts from some value on, up to the next step."""

    from_: Annotated[Number, says("The first value that counts so.")]
    points: Annotated[Number, says("What it counts.")]


class Range(Record, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Which numbers can be an answer."""

    min: Annotated[Number, says("The lowest.")]
    max: Annotated[Number | None, says("The highest; absent: there is none.")] = None
    whole: Annotated[bool, says("Whether only whole numbers can be: stands, days. Seconds need not be.")] = True
    unit: Annotated[Text | None, says("What is counted, such as seconds.")] = None
    points: Annotated[tuple[Step, ...], says("What the number counts, from the lowest up; absent: itself.")] = ()

    def points_of(self, number: Number) -> Number:
        """What a number of this range counts."""
        return next((step.points for step in reversed(self.points) if step.from_ <= number), number)


class Item(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A question of an instrument, by a short label. With neither choices nor a range it is answered yes or no."""

    id: Annotated[Id, says("The item, as answers name it.")]
    label: Annotated[Text, says("What it asks about, in a few words of your own: the wording is on the official form.")]
    choices: Annotated[tuple[Choice, ...], says("The answers to choose from, if not those of the instrument.")] = ()
    range: Annotated[Range | None, says("If it is answered by a number.")] = None
    points_if_yes: Annotated[Number | None, says("If it is answered yes or no: what yes counts.")] = None
    points_if_no: Annotated[Number | None, says("If it is answered yes or no: what no counts.")] = None
    task: Annotated[Text | None, says("What is to be done if it is answered yes.")] = None

    @property
    def is_yes_no(self) -> bool:
        """Whether it says of itself that it is answered yes or no."""
        return self.points_if_yes is not None or self.points_if_no is not None


class Suggests(Record, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What a score suggests. The coordinator decides."""

    finding: Annotated[Text | None, says("What to write down as found.")] = None
    need: Annotated[Text | None, says("What the finding calls for.")] = None
    tasks: Annotated[tuple[Text, ...], says("What is to be done.")] = ()
    instruments: Annotated[tuple[Word, ...], says("Instruments that come next, by id.")] = ()


class Band(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What the scores from one value on are called, up to where the next band begins."""

    from_: Annotated[
        Number | Literal["norm"],
        says("The lowest score of the band, or the word norm: then the table `norms` says it by age and sex."),
    ]
    label: Annotated[Text, says("What it is called.")]
    suggests: Annotated[Suggests | None, says("What it suggests.")] = None


class Norm(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Where the band `norm` begins for some ages."""

    from_age: Annotated[int, says("The first age, in years.")]
    to_age: Annotated[int, says("The last age, in years.")]
    female: Annotated[Number, says("The lowest score of that band for women.")]
    male: Annotated[Number, says("The lowest score of that band for men.")]


class Alert(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """An answer that counts by itself, whatever the score is."""

    item: Annotated[Id, says("The item.")]
    above: Annotated[Number, says("More points than this.")] = 0
    finding: Annotated[Text, says("What to write down as found.")]
    need: Annotated[Text | None, says("What the finding calls for.")] = None
    task: Annotated[Text, says("What is to be done.")]
    urgent: Annotated[bool, says("Whether it must be done today; a check then wants the task on file.")] = False


class Scoring(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """How the score comes about."""

    method: Annotated[
        Literal["sum", "none"],
        says("sum: the points of all items. none: there is no score, each answer is for itself."),
    ] = "sum"
    higher_is: Annotated[Literal["worse", "better"] | None, says("What a higher score means.")] = None
    min: Annotated[Number | None, says("Score only: the lowest score there can be.")] = None
    max: Annotated[Number | None, says("Score only: the highest score there can be.")] = None
    step: Annotated[Number, says("Score only: scores are this far apart.")] = 1


class Instrument(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """An assessment instrument: its items by short labels, how they add up, and what the score is called."""

    id: Annotated[Id, says("The instrument's id; the file has the same name.")]
    version: Annotated[int, says("Counted up when items, points or bands change.")]
    title: Annotated[Text, says("What it is called.")]
    mode: Annotated[
        Literal["full", "score_only"],
        says("full: the items are here and are added up. score_only: only the total of the official form is kept."),
    ]
    domain: Annotated[Word, says("What its findings belong to: falls, function, mood, cognition, pain …")]
    source: Annotated[Text, says("Where it comes from: authors, year.")]
    read_in: Annotated[tuple[Text, ...], says("Where points and bands were read.")] = ()
    unverified: Annotated[
        tuple[Text, ...], says("What could not be read at its source. It is shown wherever the instrument is.")
    ] = ()
    licence: Annotated[Text, says("What its owner permits, and what is therefore here.")]
    official_form: Annotated[Text | None, says("Where the official form with its wording is.")] = None
    administered_by: Annotated[
        tuple[Literal["staff", "client", "informant"], ...], says("Who fills it in or carries it out.")
    ] = ()
    interval: Annotated[Period | None, says("After what time it is due again; absent: no rule says.")] = None
    note: Annotated[Text | None, says("What to mind when it is used.")] = None
    scoring: Annotated[Scoring, says("How the score comes about.")]
    choices: Annotated[tuple[Choice, ...], says("The answers to choose from, the same for every item.")] = ()
    items: Annotated[tuple[Item, ...], says("The items, in the order of the official form.")] = ()
    bands: Annotated[tuple[Band, ...], says("What scores are called, from the lowest up.")] = ()
    norms: Annotated[tuple[Norm, ...], says("Where the band `norm` begins, by age and sex.")] = ()
    alerts: Annotated[tuple[Alert, ...], says("Answers that count by themselves.")] = ()

    @property
    def is_scored(self) -> bool:
        """Whether there is a score at all."""
        return self.scoring.method == "sum"

    def choices_of(self, item: Item) -> tuple[Choice, ...]:
        """The answers to choose from for an item; none if it is answered by a number, or yes or no."""
        return item.choices or (() if item.range or item.is_yes_no else self.choices)

    def points_of(self, item: Item) -> tuple[Number, ...]:
        """Every number of points that an item can count; of a range that counts itself its ends, infinity included."""
        if item.range and item.range.points:
            reached = [step for step in item.range.points if item.range.max is None or step.from_ <= item.range.max]
            return tuple(step.points for step in reached)
        if item.range:
            return item.range.min, math.inf if item.range.max is None else item.range.max
        choices = self.choices_of(item)
        return tuple(choice.points for choice in choices) or (item.points_if_yes or 0, item.points_if_no or 0)

    @property
    def lowest(self) -> Number:
        """The lowest score there can be."""
        if self.mode == "score_only":
            return -math.inf if self.scoring.min is None else self.scoring.min
        return sum(min(self.points_of(item)) for item in self.items)

    @property
    def highest(self) -> Number:
        """The highest score there can be; infinity if there is none."""
        if self.mode == "score_only":
            return math.inf if self.scoring.max is None else self.scoring.max
        return sum(max(self.points_of(item)) for item in self.items)

    @property
    def step(self) -> Number | None:
        """How far scores are apart; None if any number can be one."""
        if self.mode == "score_only":
            return self.scoring.step
        whole = all(
            (item.range is None or item.range.whole or item.range.points)
            and all(number == math.inf or number == int(number) for number in self.points_of(item))
            for item in self.items
        )
        return 1 if whole else None


SCHEMA_KINDS: Final[dict[str, type[Record]]] = {**FILE_KINDS, "approval": Approval, "instrument": Instrument}
"""Every kind of file that has a schema: those of a caseload, and the knowledge beside them."""
