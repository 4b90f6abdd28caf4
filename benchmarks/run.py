"""Measure carectl against its budgets, and against hledger and beancount on the same number of records.

    python benchmarks/run.py [--smoke | --full]

What is measured is the wheel in an environment of its own, called by the path of its program, with compiled modules.
Two commands are run in turn, A B A B, after one run of each that does not count; the figure is the median of the
ratios of the pairs. Peak memory is what the system says about the ended process. Times alone are shown for
orientation only: they belong to the machine. 10k is 14 clients over a year, 73k is 100, with two visits a day.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import median
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
PLACE: Final = ROOT / "build" / "bench"
PEERS: Final = ROOT / "build" / "tools" / "beancount" / "bin"
NOW: Final = ("--now", "2026-11-22")
OPENED: Final = 12
"""How many files have a fault in the damaged copy."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured, and how often."""

    small: tuple[int, int]
    """Clients and days of the caseload called 10k."""
    large: tuple[int, int]
    """… of the one called 73k."""
    long: tuple[int, int]
    """… of one like the first, with ten times the history."""
    shared: tuple[int, int]
    """… of one for whose families and staff a hundred feeds are published."""
    quick: int
    """How many pairs for commands of some milliseconds."""
    pairs: int
    """How many pairs on the small caseload."""
    long_pairs: int
    """How many pairs on the large one."""


SCALES: Final = {
    "smoke": Scale((2, 40), (4, 70), (2, 400), (2, 10), 1, 1, 1),
    "usual": Scale((14, 365), (100, 365), (14, 3650), (66, 60), 15, 7, 3),
    "full": Scale((14, 365), (100, 365), (14, 3650), (66, 60), 41, 21, 9),
}


@dataclass(frozen=True, slots=True)
class Command:
    """Something that is run again and again."""

    words: tuple[str, ...]
    code: int = 0
    """The exit code that shows that it did its work."""
    before: Callable[[], object] | None = None
    """What is done before each run, and not measured."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What one run took."""

    seconds: float
    mib: float


@dataclass(frozen=True, slots=True)
class Pairs:
    """Two commands run in turn."""

    first: list[Ran]
    second: list[Ran]

    @property
    def time(self) -> float:
        """The median of the ratios of their times."""
        return median(a.seconds / b.seconds for a, b in zip(self.first, self.second, strict=True))

    @property
    def memory(self) -> float:
        """The median of the ratios of their peaks."""
        return median(a.mib / b.mib for a, b in zip(self.first, self.second, strict=True))

    @property
    def words(self) -> str:
        """Both medians, for orientation."""
        return f"{_both(self.first)} against {_both(self.second)}"


def _both(runs: list[Ran]) -> str:
    peak, own = median(run.mib for run in runs), mib(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    # What a process needed before it became the program counts too: that much cannot be told apart from this one.
    return f"{median(run.seconds for run in runs):.3f} s {'under ' if peak <= own + 1 else ''}{peak:.0f} MiB"


def mib(peak: int) -> float:
    """The system's figure of a peak in MiB."""
    return peak * (1 if sys.platform == "darwin" else 1024) / 2**20


@dataclass
class Table:
    """The rows, printed as they come."""

    judges: bool
    over: int = 0

    def add(self, name: str, figure: float, budget: float | None, reach: float | None, note: str) -> None:
        """A row with its figure."""
        verdict = "" if budget is None or not self.judges else "ok" if figure <= budget else "OVER"
        self.over += verdict == "OVER"
        self._print(name, f"{figure:.2f}", _figure(budget), _figure(reach), verdict, note)

    def skip(self, name: str, why: str) -> None:
        """A row that could not be measured."""
        self._print(name, "–", "", "", "", why)

    def head(self) -> None:
        """The names of the columns."""
        self._print("ratio", "measured", "budget", "reach for", "", "medians: time and peak memory")

    def _print(self, *cells: str) -> None:
        name, figure, budget, reach, verdict, note = cells
        print(f"{name:<44} {figure:>8} {budget:>7} {reach:>9}  {verdict:<4}  {note}", flush=True)


def _figure(number: float | None) -> str:
    return "" if number is None else f"{number:g}"


class Bench:
    """One run of the benchmarks."""

    def __init__(self, scale: Scale) -> None:
        self.scale = scale
        self.table = Table(judges=scale is not SCALES["smoke"])
        self.env = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(PLACE / "home"),
            "XDG_CACHE_HOME": str(PLACE / "cache"),
            "LC_ALL": "C.UTF-8",
        }

    # --- what is measured, and with what -----------------------------------------------------------------------------

    def prepare(self) -> None:
        """Install the wheel, and write the caseloads."""
        shutil.rmtree(PLACE, ignore_errors=True)
        (PLACE / "home").mkdir(parents=True)
        (PLACE / "cache").mkdir()
        quiet = ("--quiet", "--disable-pip-version-check")
        pip = (sys.executable, "-m", "pip")
        ours = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        build = ("wheel", *quiet, "--no-deps", "--no-build-isolation", "--wheel-dir", str(PLACE), str(ROOT))
        subprocess.run([*pip, *build], check=True, env=ours)
        venv.create(PLACE / "env", symlinks=True)
        (wheel,) = PLACE.glob("*.whl")
        lock = ROOT / "requirements" / "dev.txt"
        install = ("install", *quiet, "--compile", "--constraint", str(lock), str(wheel))
        subprocess.run([*pip, "--python", str(PLACE / "env" / "bin" / "python"), *install], check=True, env=ours)
        sizes = {
            "10k": self.scale.small,
            "73k": self.scale.large,
            "long": self.scale.long,
            "shared": self.scale.shared,
        }
        for name, (clients, days) in sizes.items():
            print(f"{name}: ", end="", flush=True)
            words = (str(PLACE / name), "--clients", str(clients), "--days", str(days), "--damaged", str(OPENED))
            # In a process of its own: this one stays small, or the memory of what it starts could not be told from it.
            subprocess.run([sys.executable, str(ROOT / "benchmarks" / "caseload.py"), *words], check=True)
            # Nothing is measured before it is known that the caseload is sound in every way.
            self.once(self.carectl("check", "--strict", *NOW, caseload=f"{name}/caseload"))

    def carectl(self, *words: str, caseload: str = "", code: int = 0) -> Command:
        """A call of the installed carectl."""
        where = ("--caseload", str(PLACE / caseload)) if caseload else ()
        return Command((str(PLACE / "env" / "bin" / "carectl"), *words, *where), code)

    def check(self, size: str, *, folder: str = "caseload", code: int = 0) -> Command:
        """A cold check: nothing is remembered from the last one."""
        cold = ("--no-cache",) if self.has_cache else ()
        return self.carectl("check", *cold, *NOW, caseload=f"{size}/{folder}", code=code)

    @property
    def empty_python(self) -> Command:
        """A Python of the same environment that does nothing."""
        return Command((str(PLACE / "env" / "bin" / "python"), "-c", "pass"))

    def hledger(self, size: str) -> Command | None:
        """`hledger check` on the same number of records."""
        program = shutil.which("hledger")
        return Command((program, "check", "-f", str(PLACE / size / "visits.journal"))) if program else None

    def bean_check(self, size: str) -> Command | None:
        """`bean-check` on the same number of records, with nothing remembered."""
        program = shutil.which("bean-check", path=f"{PEERS}{os.pathsep}{os.environ.get('PATH', '')}")
        return Command((program, "--no-cache", str(PLACE / size / "visits.beancount"))) if program else None

    @cached_property
    def has_cache(self) -> bool:
        """Whether `check` remembers verdicts."""
        return "--no-cache" in self.output(self.carectl("check", "--help"))

    def has(self, command: str) -> bool:
        """Whether carectl has a command."""
        words = self.carectl(command, "--help").words
        return subprocess.run(words, env=self.env, capture_output=True, check=False).returncode == 0

    def output(self, command: Command) -> str:
        """What a command prints, complaints included."""
        done = subprocess.run(
            command.words, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        return done.stdout

    # --- measuring ---------------------------------------------------------------------------------------------------

    def once(self, command: Command) -> Ran:
        """Run a command, and see what it took."""
        if command.before:
            command.before()
        with tempfile.TemporaryFile() as said:
            began = time.perf_counter()
            process = subprocess.Popen(
                command.words, cwd="/", env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said
            )
            _, status, used = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - began
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode != command.code:
                said.seek(0)
                words = said.read().decode(errors="replace")
                sys.exit(
                    f"{' '.join(command.words)}\nended with {process.returncode} instead of {command.code}\n{words}"
                )
        return Ran(seconds, mib(used.ru_maxrss))

    def pairs(self, first: Command, second: Command, count: int) -> Pairs:
        """Run two commands in turn."""
        self.once(first)
        self.once(second)
        ran = [(self.once(first), self.once(second)) for _ in range(count)]
        return Pairs([a for a, _ in ran], [b for _, b in ran])

    def row(
        self, name: str, first: Command, second: Command, count: int, budget: float | None, reach: float | None
    ) -> Pairs:
        """A row of the table: how much longer one command takes than another."""
        pairs = self.pairs(first, second, count)
        self.table.add(name, pairs.time, budget, reach, pairs.words)
        return pairs

    # --- the rows ----------------------------------------------------------------------------------------------------

    def start_up(self) -> None:
        """What carectl takes before it does anything."""
        quick = self.scale.quick
        self.row("carectl --version / python -c pass", self.carectl("--version"), self.empty_python, quick, 6.5, 5.5)
        self.row("carectl --help / python -c pass", self.carectl("--help"), self.empty_python, quick, None, 5.7)

    def cold_checks(self) -> None:
        """Reading and judging everything."""
        budgets = {"10k": (0.85, 0.35, 0.45, 0.20), "73k": (0.75, 0.28, 0.36, 0.14)}
        for size, (hledger_budget, hledger_reach, bean_budget, bean_reach) in budgets.items():
            count = self.scale.pairs if size == "10k" else self.scale.long_pairs
            if peer := self.hledger(size):
                pairs = self.row(
                    f"cold check / hledger check, {size}", self.check(size), peer, count, hledger_budget, hledger_reach
                )
                if size == "73k":
                    self.table.add("peak memory / hledger check, 73k", pairs.memory, 0.25, 0.10, pairs.words)
            else:
                self.table.skip(f"cold check / hledger check, {size}", "hledger is not installed")
            if peer := self.bean_check(size):
                self.row(f"cold check / bean-check, {size}", self.check(size), peer, count, bean_budget, bean_reach)
            else:
                self.table.skip(f"cold check / bean-check, {size}", "beancount is not installed")
        self.row("cold check, 73k / 10k", self.check("73k"), self.check("10k"), self.scale.long_pairs, 6, 5)
        damaged = self.check("10k", folder="damaged", code=1)
        self.row(f"{OPENED} faulty files / none, 10k", damaged, self.check("10k"), self.scale.pairs, 1.35, 1.2)

    def warm_checks(self) -> None:
        """Checking again when little or nothing has changed."""
        if not self.has_cache:
            self.table.skip("warm check / python -c pass", "check remembers nothing yet")
            self.table.skip("check after one edit / cold check", "check remembers nothing yet")
            return
        for size, budget, reach in (("10k", 9, 7), ("73k", 14, 9)):
            warm = self.carectl("check", *NOW, caseload=f"{size}/caseload")
            self.row(f"warm check / python -c pass, {size}", warm, self.empty_python, self.scale.pairs, budget, reach)
        edited = PLACE / "73k" / "caseload" / "clients" / "c-001" / "visits" / "2026-11.yaml"

        def edit() -> None:
            with edited.open("a", encoding="utf-8") as file:
                file.write("# looked at\n")

        warm = self.carectl("check", *NOW, caseload="73k/caseload")
        after_edit = Command(warm.words, before=edit)
        self.row(
            "check after one edit / cold check, 73k", after_edit, self.check("73k"), self.scale.long_pairs, 0.5, 0.25
        )

    def one_edit(self) -> None:
        """One edit in the large caseload, against the start-up and a bare reading of the files that it needs."""
        if not self.has("task"):
            self.table.skip("one edit / start-up + reading its files, 73k", "there is no such command yet")
            return
        edit = self.carectl("task", "add", "c-001", "Call PT", "--due", "2026-11-27", *NOW, caseload="73k/caseload")
        read = (
            "from pathlib import Path; from carectl.caseload.load import Loader; from carectl.caseload.trees import "
            f"FolderTree; Loader(FolderTree(Path({str(PLACE / '73k' / 'caseload')!r}))).chart('c-001')"
        )
        bare = f'"$0" --version && "$1" -c "{read}"'
        programs = (str(PLACE / "env" / "bin" / name) for name in ("carectl", "python"))
        name = "one edit / start-up + reading its files, 73k"
        self.row(name, edit, Command(("sh", "-c", bare, *programs)), self.scale.pairs, 1.5, None)

    def every_day(self) -> None:
        """The commands of every morning."""
        for name, words in (("today", ("today",)), ("agenda of a week", ("agenda", "--week"))):
            row = f"{name} / python -c pass, 10k"
            if self.has(words[0]):
                command = self.carectl(*words, *NOW, caseload="10k/caseload")
                self.row(row, command, self.empty_python, self.scale.pairs, 11, 7)
            else:
                self.table.skip(row, "there is no such command yet")
        today, long = (self.carectl("today", *NOW, caseload=f"{size}/caseload") for size in ("10k", "long"))
        self.row("today with ten times the history / today", long, today, self.scale.pairs, 1.2, 1.05)

    def review(self) -> None:
        """What changed in care, against what changed in the files and the start-up."""
        if not self.has("diff"):
            self.table.skip("diff / git diff + start-up", "there is no such command yet")
            return
        root = PLACE / "reviewed"
        shutil.copytree(PLACE / "73k" / "caseload", root)
        git = ("git", "-C", str(root), "-c", "user.name=Bench", "-c", "user.email=bench@example.org")
        for words in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "--message", "All of it")):
            subprocess.run([*git, *words], check=True, env=self.env)
        edits = (
            ("care-plan.yaml", "target: 6", "target: 8"),
            ("medications.yaml", "dose: 1 tablet", "dose: 2 tablets"),
            ("visits/2026-11.yaml", 'note: "', 'note: "Said so herself. '),
        )
        for number in range(OPENED):
            name, old, new = edits[number % len(edits)]
            file = root / "clients" / f"c-{number % self.scale.large[0] + 1:03}" / name
            text = file.read_text(encoding="utf-8")
            file.write_text(text.replace(old, new, 1), encoding="utf-8")
        diff = self.carectl("diff", *NOW, caseload="reviewed")
        told = self.output(diff)
        if not told.startswith("Changes from") or f"{OPENED} changes of" not in told:
            sys.exit(f"diff does not tell of {OPENED} changes\n{told}")
        program = str(PLACE / "env" / "bin" / "carectl")
        bare = Command(("sh", "-c", 'git -C "$0" diff && "$1" --version', str(root), program))
        self.row(f"diff, {OPENED} files / git diff + start-up, 73k", diff, bare, self.scale.pairs, 3, None)

    def calendars(self) -> None:
        """A feed and many, against what icalendar alone takes to write the same events."""
        feed, folder = PLACE / "year.ics", PLACE / "feeds"
        year = ("--from", "2026-01-01", "--until", "2026-12-31")
        export = self.carectl("calendar", "export", "c-001", "--to", "son", *year, *NOW, caseload="10k/caseload")
        export = Command((*export.words, "--output", str(feed)), before=lambda: feed.unlink(missing_ok=True))
        self.once(export)
        self.row(
            "feed of a year, one client / icalendar alone", export, self.icalendar(feed), self.scale.pairs, None, None
        )

        publish = self.carectl("calendar", "publish", str(folder), *NOW, caseload="shared/caseload")

        def forget() -> None:
            shutil.rmtree(folder, ignore_errors=True)
            shutil.rmtree(PLACE / "shared" / "caseload" / ".carectl", ignore_errors=True)

        first = Command(publish.words, before=forget)
        self.once(first)
        feeds = sorted(folder.rglob("*.ics"))
        alone, name = self.icalendar(*feeds), f"{len(feeds)} feeds"
        self.row(f"{name} published / icalendar alone", first, alone, self.scale.long_pairs, None, None)
        self.row(f"{name} again, unchanged / icalendar alone", publish, alone, self.scale.long_pairs, None, None)

    def icalendar(self, *feeds: Path) -> Command:
        """icalendar alone, which writes the events of these feeds."""
        script = (str(PLACE / "env" / "bin" / "python"), str(ROOT / "benchmarks" / "feeds.py"))
        events = str(PLACE / f"{feeds[0].stem}.json")
        self.once(Command((*script, "take", events, *map(str, feeds))))
        return Command((*script, "write", events, str(PLACE / "alone")))

    def documents(self) -> None:
        """A care plan, against the start-up and what importing jinja2 adds to an empty Python."""
        base = (
            self.carectl("--version"),
            Command((str(PLACE / "env" / "bin" / "python"), "-c", "import jinja2")),
            self.empty_python,
        )
        for form in ("md", "html"):
            plan = self.carectl("plan", "render", "c-001", "--format", form, *NOW, caseload="10k/caseload")
            # The first run compiles the templates, and keeps them.
            self.once(plan)
            ran = [[self.once(command).seconds for command in (plan, *base)] for _ in range(self.scale.pairs)]
            ratio = median(whole / (start + jinja2 - empty) for whole, start, jinja2, empty in ran)
            seconds = median(run[0] for run in ran)
            self.table.add(f"plan as {form} / start-up + jinja2, 10k", ratio, 2, None, f"{seconds:.3f} s")

    def versions(self) -> str:
        """What was measured with what."""
        said = [f"Python {platform.python_version()}", f"{os.cpu_count()} cores"]
        peers = [peer for peer in (self.hledger("10k"), self.bean_check("10k")) if peer]
        said += [self.output(Command((peer.words[0], "--version"))).strip().partition("\n")[0] for peer in peers]
        return ", ".join(said)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmarks and print the table. Ends with 1 if a command fails; over budget is only said."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--smoke", dest="size", action="store_const", const="smoke", help="once, on little data: a test")
    size.add_argument("--full", dest="size", action="store_const", const="full", help="three times as many runs")
    scale = SCALES[parser.parse_args(arguments).size or "usual"]
    bench = Bench(scale)
    bench.prepare()
    print(bench.versions(), end="\n\n")
    bench.table.head()
    bench.start_up()
    bench.cold_checks()
    bench.warm_checks()
    bench.one_edit()
    bench.every_day()
    bench.review()
    bench.calendars()
    bench.documents()
    if not bench.table.judges:
        print("\nA smoke run: everything ran, the figures mean nothing.")
    else:
        print(f"\n{bench.table.over} over budget." if bench.table.over else "\nAll within budget.")


if __name__ == "__main__":
    main()
