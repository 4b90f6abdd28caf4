"""Assessment instruments: those that come with carectl, and a practice's own from its folder `instruments/`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from carectl.caseload.load import Loader, folder_name, id_not_file_name, unknown_file
from carectl.caseload.trees import FolderTree, Tree, is_id
from carectl.errors import EnvironmentProblem
from carectl.findings import Finding, Severity, Spot, code, code_of

if TYPE_CHECKING:
    # Every command has the instruments at hand and few look into one: what describes them is loaded when one is read.
    from carectl.caseload.block_records import Block
    from carectl.caseload.instrument_records import Instrument, Item

    Own = TypeVar("Own", Instrument, Block)

FOLDER: Final = "instruments"
BUILT_IN: Final = Path(__file__).resolve().parents[1] / "care" / "instruments"


# --- the faults ------------------------------------------------------------------------------------------------------


@code("instrument-built-in", Severity.ERROR)
def built_in(at: Spot, name: str) -> Finding:
    """A practice's own instrument has the name of one that comes with carectl, items and all.

    A PHQ-9 of 12 must mean the same in every caseload, so the file is passed over. Give yours another id, and the file
    the same name. Only an instrument of which carectl keeps no more than the score can be replaced by a practice that
    has the right to use its items.

    Wrong:
        # instruments/phq-9.yaml
        id: phq-9
    Right:
        # instruments/phq-9-with-interview.yaml
        id: phq-9-with-interview
    """
    return code_of(built_in).finding(at, f"{name} comes with carectl, items and all", "give yours another id")


@code("instrument-unusable", Severity.ERROR)
def unusable(at: Spot, message: str, hint: str | None = None) -> Finding:
    """An instrument that cannot be scored as its file stands: what it says does not go together.

    A score that means something else than its form says is worse than none, so nothing is scored by it until it is
    mended. Items need points, bands begin at the lowest score and go up, and every name must be one of an item.
    docs/instruments.md tells how an instrument is written.

    Wrong:
        bands:
          - {from: 4, label: at risk}
          - {from: 0, label: not at risk}
    Right:
        bands:
          - {from: 0, label: not at risk}
          - {from: 4, label: at risk}
    """
    return code_of(unusable).finding(at, message, hint)


def faults_of(instrument: Instrument) -> Iterator[Finding]:
    """What in an instrument does not go together, each at its place."""
    yield from _faults_of_scoring(instrument)
    seen: set[str] = set()
    for item in instrument.items:
        if item.id in seen:
            yield unusable(item.origin.at("id"), "there is an item of this id above", "give each item its own id")
        seen.add(item.id)
        yield from _faults_of_item(instrument, item)
    for alert in instrument.alerts:
        if alert.item not in seen:
            yield unusable(alert.origin.at("item"), "there is no such item", "write the id of an item")
    if instrument.is_scored and (instrument.mode == "score_only" or instrument.items):
        yield from _faults_of_bands(instrument)


def _faults_of_scoring(instrument: Instrument) -> Iterator[Finding]:
    scoring = instrument.scoring
    if instrument.mode == "score_only":
        if instrument.items:
            hint = "write `mode: full`, or take the items out"
            yield unusable(instrument.origin.at("items"), "of this instrument only the score is kept", hint)
        if not instrument.is_scored or scoring.min is None or scoring.max is None or scoring.max <= scoring.min:
            message = "an instrument of which only the score is kept must say which scores there can be"
            yield unusable(scoring.origin.at(), message, "add the lowest and the highest: `min: 0` and `max: 30`")
        if scoring.step <= 0:
            yield unusable(scoring.origin.at("step"), "`step` must be a number above 0")
    else:
        if not instrument.items:
            hint = "add the items, or write `mode: score_only`"
            yield unusable(instrument.origin.at(), "this instrument has no items", hint)
        if scoring.min is not None or scoring.max is not None or scoring.step != 1:
            message = "`min`, `max` and `step` are for instruments of which only the score is kept"
            yield unusable(scoring.origin.at(), message, "take them out: the items say it")
    if instrument.is_scored and scoring.higher_is is None:
        hint = "add `higher_is: worse` or `higher_is: better`"
        yield unusable(scoring.origin.at(), "it does not say what a higher score means", hint)
    if not instrument.is_scored and instrument.bands:
        yield unusable(instrument.origin.at("bands"), "an instrument without a score has no bands", "take them out")


def _faults_of_item(instrument: Instrument, item: Item) -> Iterator[Finding]:
    ways = bool(item.choices) + (item.range is not None) + item.is_yes_no
    if ways > 1:
        message = "this item can be answered in more than one way"
        yield unusable(item.origin.at(), message, "keep `choices`, or `range`, or `points_if_yes` and `points_if_no`")
    points = [choice.points for choice in instrument.choices_of(item)]
    if len(set(points)) != len(points):
        hint = "answers are written down by their points: join the two, or give each its own number"
        yield unusable(item.origin.at("choices"), "two choices have the same points", hint)
    span = item.range
    if span is not None:
        if span.max is not None and span.max < span.min:
            yield unusable(item.origin.at("range"), "the highest number is below the lowest")
        starts = [step.from_ for step in span.points]
        if starts and (starts[0] > span.min or any(b <= a for a, b in pairwise(starts))):
            message = "what a number counts must begin at the lowest number and go up"
            yield unusable(item.origin.at("range"), message)
    counted = instrument.points_of(item)
    if instrument.is_scored and ways <= 1 and len(set(counted)) < 2:
        message = "whatever the answer is, this item counts the same"
        yield unusable(item.origin.at(), message, "say what it counts: `points_if_yes: 1`, `choices` or a `range`")
    if item.task and (points or span is not None):
        yield unusable(item.origin.at("task"), "only an item that is answered yes or no can bring a task")


def _faults_of_bands(instrument: Instrument) -> Iterator[Finding]:
    last: float | None = None
    by_norm = [band for band in instrument.bands if band.from_ == "norm"]
    for band in instrument.bands:
        at = band.origin.at("from")
        if isinstance(band.from_, str):
            if band is not instrument.bands[-1] or len(instrument.bands) == 1:
                yield unusable(at, "the band that begins at the norm must be the last of several")
        elif last is None and band.from_ != instrument.lowest:
            yield unusable(at, f"the first band must begin at the lowest score, which is {instrument.lowest}")
        elif last is not None and band.from_ <= last:
            yield unusable(at, "each band must begin above the one before it")
        elif band.from_ > instrument.highest:
            yield unusable(at, f"no score reaches this band: the highest is {instrument.highest}")
        last = band.from_ if not isinstance(band.from_, str) else last
    if bool(by_norm) != bool(instrument.norms):
        at = by_norm[0].origin.at("from") if by_norm else instrument.origin.at("norms")
        message = "the table `norms` and a band `from: norm` belong together"
        yield unusable(at, message, "add the other, or take this out")
    oldest: int | None = None
    for norm in instrument.norms:
        if norm.to_age < norm.from_age or (oldest is not None and norm.from_age <= oldest):
            yield unusable(norm.origin.at(), "the ages of the table must go up, and no age may stand in two lines")
        if last is not None and min(norm.female, norm.male) <= last:
            yield unusable(norm.origin.at(), "the band `norm` must begin above the one before it")
        oldest = norm.to_age


# --- loading ---------------------------------------------------------------------------------------------------------


class Instruments(Mapping[str, "Instrument | None"]):
    """Every instrument of a caseload by id, each file read when it is first asked for.

    None stands for one that is there and cannot be used: nothing is concluded from it. A practice's own takes the place
    of a built-in one only if of that no more than the score is kept.
    """

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._read: dict[str, Instrument | None] = {}

    @cached_property
    def _built_in(self) -> frozenset[str]:
        names = FolderTree(BUILT_IN.parent).names(BUILT_IN.name)
        if isinstance(names, Finding) or not names:
            raise EnvironmentProblem(
                "carectl's own instruments are missing: this installation is not whole, install carectl again"
            )
        return frozenset(name.removesuffix(".yaml") for name, _ in names if name.endswith(".yaml"))

    @cached_property
    def _own(self) -> frozenset[str]:
        return frozenset(own_names(self._tree, FOLDER))

    def __getitem__(self, name: str) -> Instrument | None:
        if name not in self._read:
            if name not in self._built_in and name not in self._own:
                raise KeyError(name)
            self._read[name] = self._find(name)
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._built_in | self._own))

    def __len__(self) -> int:
        return len(self._built_in | self._own)

    def is_settled(self, name: str) -> bool:
        """Whether an instrument comes with carectl, items and all: no file of a practice takes its place."""
        shipped = _shipped(name) if name in self._built_in else None
        return shipped is not None and shipped.mode == "full"

    def _find(self, name: str) -> Instrument | None:
        if name in self._own and not self.is_settled(name):
            return _own(Loader(self._tree), name)
        return _shipped(name)


def _shipped(name: str) -> Instrument | None:
    """A built-in instrument. That all of them are sound is tested, and not looked at again."""
    from carectl.caseload.instrument_records import Instrument

    found = Loader(FolderTree(BUILT_IN)).file(f"{name}.yaml", Instrument)
    return found if isinstance(found, Instrument) else None


def _own(loader: Loader, name: str) -> Instrument | None:
    from carectl.caseload.instrument_records import Instrument

    return own_record(loader, FOLDER, name, Instrument, faults_of)


def examine_own(loader: Loader) -> None:
    """Read every file in a practice's folder of instruments, and tell the loader what is wrong with them."""
    known = Instruments(loader.tree)

    def examine(name: str) -> None:
        if known.is_settled(name):
            loader.met.findings.append(built_in(Spot(f"{FOLDER}/{name}.yaml"), name))
        else:
            _own(loader, name)

    examine_folder(loader, FOLDER, examine)


# --- a practice's own files, of instruments and of whatever else it may bring ----------------------------------------


def own_names(tree: Tree, folder: str) -> list[str]:
    """What a practice has of its own in a folder, by the names of the files."""
    names = tree.names(folder)
    if isinstance(names, Finding):
        return []
    return [name[:-5] for name, is_folder in names if not is_folder and name.endswith(".yaml")]


def own_record(
    loader: Loader, folder: str, name: str, kind: type[Own], faults: Callable[[Own], Iterable[Finding]]
) -> Own | None:
    """A practice's own record, if nothing is wrong with it; what is wrong is told to the loader."""
    before = len(loader.met.findings)
    found = loader.file(f"{folder}/{name}.yaml", kind)
    loader.met.records += 1
    if isinstance(found, kind):
        if found.id != name and is_id(name):
            loader.met.findings.append(id_not_file_name(found.origin.at("id"), name))
        # What could not be read is a finding already, and would only look like a contradiction.
        if all(item.severity < Severity.ERROR for item in loader.met.findings[before:]):
            loader.met.findings += faults(found)
    faulty = any(item.severity == Severity.ERROR for item in loader.met.findings[before:])
    return found if isinstance(found, kind) and not faulty else None


def examine_folder(loader: Loader, folder: str, examine: Callable[[str], object]) -> None:
    """Look into every file of a practice's folder by its name, and tell the loader which do not belong there."""
    names = loader.tree.names(folder)
    if isinstance(names, Finding):
        loader.met.findings.append(names)
        return
    for name, is_folder in names:
        path = f"{folder}/{name}"
        stem = name.rsplit(".", 1)[0]
        if is_folder or not name.endswith(".yaml"):
            if name.lower().endswith((".yaml", ".yml")):
                loader.met.findings.append(unknown_file(path, f"{folder}/{stem}.yaml"))
            continue
        if not is_id(stem):
            loader.met.findings.append(folder_name(path))
        examine(stem)
