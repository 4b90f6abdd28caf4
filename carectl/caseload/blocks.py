"""Building blocks of care plans: those that come with carectl, and a practice's own from its folder `blocks/`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from carectl.caseload.instruments import examine_folder, own_names, own_record
from carectl.caseload.load import Loader
from carectl.caseload.trees import FolderTree, Tree
from carectl.errors import EnvironmentProblem
from carectl.findings import Finding, Severity, Spot, code, code_of

if TYPE_CHECKING:
    # Every check names this module, and few caseloads have blocks of their own.
    from carectl.caseload.block_records import Block, Condition
    from carectl.caseload.instrument_records import Instrument

    Known = Mapping[str, Instrument | None]

FOLDER: Final = "blocks"
BUILT_IN: Final = Path(__file__).resolve().parents[1] / "care" / "blocks"
_HOLDER: Final = re.compile(r"\{([^{}]*)\}")


@code("block-unusable", Severity.ERROR)
def unusable(at: Spot, message: str, hint: str | None = None) -> Finding:
    """A building block from which no plan can be drafted as its file stands: what it says does not go together.

    A draft that leaves out half of what was meant looks complete and is not, so nothing is drafted from it until it is
    mended. Every condition needs an instrument, domains or wishes; every goal a target; every intervention somebody
    who does it, and days or `as_needed`. docs/blocks.md tells how a block is written.

    Wrong:
        interventions:
          - {id: walk, text: A walk around the block, who: [companion]}
    Right:
        interventions:
          - {id: walk, text: A walk around the block, who: [companion], days: [tue, thu]}
    """
    return code_of(unusable).finding(at, message, hint)


def faults_of(block: Block, instruments: Known) -> Iterator[Finding]:
    """What in a block does not go together, each at its place."""
    if not block.when:
        yield unusable(block.origin.at("when"), "nothing leads to this block", "say in `when` what does")
    if not block.goals or not block.interventions:
        lost = "goals" if not block.goals else "interventions"
        yield unusable(block.origin.at(), f"this block has no {lost}", "add one at least")
    for condition in (*block.when, *block.high_when, *(one for item in block.interventions for one in item.when)):
        yield from _faults_of_condition(condition, instruments)
    yield from _faults_of_words(block)
    yield from _faults_of_goals(block, instruments)
    yield from _faults_of_interventions(block)


def _faults_of_condition(condition: Condition, instruments: Known) -> Iterator[Finding]:
    at = condition.origin.at()
    if (condition.instrument is not None) + bool(condition.domains) + condition.wishes != 1:
        message = "a condition names one of three: an instrument, domains of findings, or the client's wishes"
        yield unusable(at, message, "write one condition for each")
        return
    ways = bool(condition.bands) + bool(condition.items) + condition.hazards + bool(condition.alerts)
    limits = (condition.above is not None) + (condition.below is not None)
    if condition.instrument is None:
        if ways or limits:
            yield unusable(at, "bands, items, hazards and alerts belong to an instrument", "name the instrument")
        return
    if ways != 1:
        hint = "write `bands`, or `items`, or `hazards: true`, or `alerts`"
        yield unusable(at, "it does not say in one way which result is meant", hint)
    if limits != bool(condition.items):
        yield unusable(at, "items go with `above` or `below`, and with one of them", "write `below: 1`, or such")
    if condition.instrument not in instruments:
        yield unusable(condition.origin.at("instrument"), "there is no such instrument", "write its id")
        return
    instrument = instruments[condition.instrument]
    if instrument is None:
        return  # what is wrong with it is told there
    for field, named, known in (
        ("bands", condition.bands, {band.label for band in instrument.bands}),
        ("items", condition.items, {item.id for item in instrument.items}),
        ("alerts", condition.alerts, {alert.item for alert in instrument.alerts}),
    ):
        if not set(named) <= known:
            hint = f"write them as the file of {instrument.id} does"
            yield unusable(condition.origin.at(field), f"{instrument.id} has no such {field}", hint)


def _faults_of_words(block: Block) -> Iterator[Finding]:
    texts = [(block.origin.at("statement"), block.statement, {"names"})]
    for goal in block.goals:
        begins = {"wish"} if any(condition.wishes for condition in block.when) else set()
        if goal.score_of or goal.measured or goal.concerns:
            begins |= {"baseline", "target"}
        if goal.measured:
            begins |= {"unit"}
        texts += [(goal.origin.at("text"), goal.text, begins), (goal.origin.at("measure"), goal.measure, begins)]
    texts += [(item.origin.at("text"), item.text, set()) for item in block.interventions]
    for at, text, known in texts:
        if set(_HOLDER.findall(text)) - known or "{" in _HOLDER.sub("", text) or "}" in _HOLDER.sub("", text):
            hint = "docs/blocks.md tells what may stand in braces where"
            yield unusable(at, "something stands in braces that nothing is put in for here", hint)
    if "{names}" in block.statement and block.otherwise is None:
        yield unusable(block.origin.at(), "`otherwise` is missing: it stands for {names} if no item led here")


def _faults_of_goals(block: Block, instruments: Known) -> Iterator[Finding]:
    for goal in block.goals:
        sources = [name for name in ("score_of", "measured", "concerns") if getattr(goal, name) is not None]
        if len(sources) > 1:
            yield unusable(goal.origin.at(), "a goal begins from one thing", f"keep `{sources[0]}`, or another")
        if (goal.target is None) == (goal.change is None):
            yield unusable(goal.origin.at(), "a goal has a `target`, or a `change` from where it begins", "write one")
        if goal.change is not None and not sources:
            yield unusable(goal.origin.at("change"), "nothing says where this begins", "write a `target`")
        if goal.score_of is not None and goal.score_of not in instruments:
            yield unusable(goal.origin.at("score_of"), "there is no such instrument", "write its id")


def _faults_of_interventions(block: Block) -> Iterator[Finding]:
    from carectl.caseload.block_records import DOERS

    seen: set[str] = set()
    for item in block.interventions:
        if item.id in seen:
            yield unusable(item.origin.at("id"), "there is an intervention of this id above", "give it its own id")
        seen.add(item.id)
        if not item.who or not set(item.who) <= DOERS:
            hint = "write roles such as home_health_aide, or the word client"
            yield unusable(item.origin.at("who"), "it does not say which role does this", hint)
        if bool(item.days) == item.as_needed:
            hint = "write `days`, or `as_needed: true`"
            yield unusable(item.origin.at(), "it does not say how often this is done", hint)


# --- loading ---------------------------------------------------------------------------------------------------------


def every(tree: Tree, instruments: Known) -> list[Block]:
    """Every block of a caseload by id, those left out that cannot be used: `unusable_in` names them.

    A practice's own takes the place of a built-in one of the same id.
    """
    own = {name: _own(Loader(tree), name, instruments) for name in own_names(tree, FOLDER)}
    names = own_names(FolderTree(BUILT_IN.parent), FOLDER)
    if not names:
        raise EnvironmentProblem(
            "carectl's own building blocks are missing: this installation is not whole, install carectl again"
        )
    found = [own[name] if name in own else _shipped(name) for name in sorted({*own, *names})]
    return [block for block in found if block is not None]


def unusable_in(tree: Tree, instruments: Known) -> list[str]:
    """The files of a practice's own blocks that cannot be used."""
    return [
        f"{FOLDER}/{name}.yaml" for name in own_names(tree, FOLDER) if _own(Loader(tree), name, instruments) is None
    ]


def _shipped(name: str) -> Block | None:
    """A built-in block. That all of them are sound is tested, and not looked at again."""
    from carectl.caseload.block_records import Block

    found = Loader(FolderTree(BUILT_IN)).file(f"{name}.yaml", Block)
    return found if isinstance(found, Block) else None


def _own(loader: Loader, name: str, instruments: Known) -> Block | None:
    from carectl.caseload.block_records import Block

    return own_record(loader, FOLDER, name, Block, lambda block: faults_of(block, instruments))


def examine_own(loader: Loader, instruments: Known) -> None:
    """Read every file in a practice's folder of blocks, and tell the loader what is wrong with them."""
    examine_folder(loader, FOLDER, lambda name: _own(loader, name, instruments))
