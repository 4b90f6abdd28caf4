"""The record of a building block of care plans: what a block's file says, from which its schema and page come too.

The built-in files are in `care/blocks/`, a practice's own in its folder `blocks/`; docs/blocks.md tells how one is
written.
"""

# As in `records`, annotations are read as they stand.
from typing import Annotated, Final, Literal

from carectl.caseload.instrument_records import SCHEMA_KINDS as _KINDS
from carectl.caseload.records import ROLES, Day, Every, Id, Number, Period, Placed, Record, Text, Topic, Word, says


class Condition(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Something in an assessment that leads to a block. It names an instrument, or domains, or the client's wishes.

    What else it names (diagnoses, precautions) must be on file too.
    """

    instrument: Annotated[Word | None, says("An instrument, by id: its newest result counts.")] = None
    bands: Annotated[tuple[Text, ...], says("What the score is called, as the instrument's file says it.")] = ()
    items: Annotated[tuple[Id, ...], says("Items of which one counts more than `above` or less than `below`.")] = ()
    above: Annotated[Number | None, says("Of an item: more points than this.")] = None
    below: Annotated[Number | None, says("Of an item: fewer points than this.")] = None
    hazards: Annotated[bool, says("Any item that was answered yes and brings a task.")] = False
    alerts: Annotated[tuple[Id, ...], says("Answers that count by themselves, by their items.")] = ()
    domains: Annotated[tuple[Word, ...], says("Domains of an assessment's findings, such as falls.")] = ()
    wishes: Annotated[bool, says("Whatever the client wants, in the client's words.")] = False
    diagnoses: Annotated[tuple[Text, ...], says("Only with one of these diagnoses: what its code begins with.")] = ()
    precautions: Annotated[tuple[Word, ...], says("Only with one of these precautions.")] = ()
    not_with: Annotated[tuple[Word, ...], says("Only without any of these precautions.")] = ()


class BlockGoal(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A goal that is proposed. Of several with the same id the first is taken that has something to begin from."""

    id: Annotated[Id, says("The goal's id in the plan.")]
    text: Annotated[Text, says("The goal. May hold {wish}, {baseline}, {target} and {unit}.")]
    measure: Annotated[Text, says("What is counted or measured. May hold {unit}.")]
    least: Annotated[Number | None, says("Only if it begins from this value or more.")] = None
    score_of: Annotated[Word | None, says("Begins from the score of this instrument, if it led here.")] = None
    measured: Annotated[Word | None, says("Begins from the newest measurement of this kind, such as weight.")] = None
    concerns: Annotated[Word | None, says("Begins from how many concerns of this kind the last 3 months had.")] = None
    target: Annotated[int | float | str | None, says("The value to be reached.")] = None
    change: Annotated[Number | None, says("Instead of target: how much more or less than at the start.")] = None
    due: Annotated[Period | None, says("By when, from the day of the draft; absent: that same day.")] = None
    topic: Annotated[Topic | None, says("Who may be told of progress: contacts who share this topic.")] = None


class BlockIntervention(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What is proposed to be done: by whom, and how often."""

    id: Annotated[Id, says("The intervention's id in the plan.")]
    text: Annotated[Text, says("What is done.")]
    who: Annotated[
        tuple[Word, ...], says("Roles, or the word client: the first who comes to the client, else is on the staff.")
    ]
    days: Annotated[tuple[Day, ...], says("On which days; as many of the days on which that role comes.")] = ()
    every: Annotated[Every | None, says("Every how many weeks.")] = None
    as_needed: Annotated[bool, says("Done when needed instead of on days.")] = False
    when: Annotated[tuple[Condition, ...], says("Proposed only if one of these holds.")] = ()
    not_with: Annotated[tuple[Word, ...], says("Not proposed with any of these precautions: it could do harm.")] = ()


class Block(Placed, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A building block of care plans: a problem area with what is usually aimed at and done about it."""

    id: Annotated[Id, says("The block's id; the file has the same name.")]
    title: Annotated[Text, says("The problem area, in a few words.")]
    source: Annotated[Text, says("Where it comes from.")]
    why: Annotated[Text, says("Why these goals and interventions, in a sentence or two.")]
    when: Annotated[tuple[Condition, ...], says("What leads to it: any one of these.")]
    statement: Annotated[Text, says("The problem in one sentence. May hold {names}.")]
    names: Annotated[dict[Id, Text], says("What {names} of the statement are, by item.")] = {}  # noqa: RUF012  msgspec copies it
    otherwise: Annotated[Text | None, says("What stands for {names} if no single item led here.")] = None
    priority: Annotated[Literal["high", "medium", "low"], says("How urgent it is as a rule.")]
    high_when: Annotated[tuple[Condition, ...], says("High if any one of these holds.")] = ()
    urgent: Annotated[bool, says("Whether somebody must act today: it stands above everything else.")] = False
    private: Annotated[bool, says("Whether what is proposed never leaves the coordinator.")] = False
    goals: Annotated[tuple[BlockGoal, ...], says("What is aimed at.")] = ()
    interventions: Annotated[tuple[BlockIntervention, ...], says("What is done about it.")] = ()


DOERS: Final = frozenset({*ROLES, "client"})
"""Who can do an intervention of a block."""

SCHEMA_KINDS: Final[dict[str, type[Record]]] = {**_KINDS, "block": Block}
"""Every kind of file that has a schema: those of a caseload, and the knowledge beside them."""
