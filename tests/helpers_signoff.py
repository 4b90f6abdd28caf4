"""A small caseload in git whose people have keys: plans to sign off, and a history to tamper with."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest
from helpers_cli import Carectl, Done

SSH_KEYGEN: Final = shutil.which("ssh-keygen") or pytest.skip(
    "ssh-keygen is not installed: on Debian and Ubuntu, apt install openssh-client", allow_module_level=True
)
FIRST: Final = "2026-11-02T09:00:00-06:00"
"""When everything was committed first."""
APPROVED: Final = "2026-11-20T10:00:00-06:00"
LATER: Final = "2026-11-21T10:00:00-06:00"
NOW: Final = "2026-11-22T12:00:00-06:00"

FILES: Final = {
    "carectl.yaml": "practice: {name: Lakeside, coordinator: dana, timezone: America/Chicago}\n",
    "staff/dana.yaml": (
        "id: dana\nname: {given: Dana, family: Whitcomb}\nrole: registered_nurse\nemail: dana@lakeside.example\n"
    ),
    "staff/jo-park.yaml": (
        "id: jo-park\nname: {given: Jo, family: Park}\nrole: home_health_aide\nemail: jo@lakeside.example\n"
    ),
    "clients/c-001/client.yaml": """\
# Rosa
id: c-001
name: {given: Rosa, family: Alvarez}
status: active
birth_date: 1941-03-09
start_of_care: 2026-08-03
allergies: [{substance: Penicillin, reaction: hives}]
code_status: dnr
""",
    "clients/c-001/contacts.yaml": """\
contacts:
  - id: maria
    name: Maria Alvarez
    relationship: daughter
    roles: [emergency, health_care_proxy]
    authority: [{kind: financial_power_of_attorney}, {kind: health_care_power_of_attorney, from: 2025-11-02}]
  - {id: daniel, name: Daniel Alvarez, relationship: grandson, roles: [health_care_proxy]}
""",
    "clients/c-001/care-plan.yaml": """\
period: {from: 2026-08-05}   # agreed on at the table
problems:
  - id: falls
    statement: Risk of falls at night
    status: active
    goals: [{id: no-falls, text: No fall, measure: falls, target: 0, due: 2027-02-05, status: active}]
    interventions: [{id: light, text: Check the night lights, who: jo-park, status: active}]
""",
    "clients/c-001/medications.yaml": """\
medications:
  - {id: furosemide, name: Furosemide, strength: 40 mg, dose: 1 tablet, times: ["08:00"], from: 2026-08-03}
  - {id: apixaban, name: Apixaban, strength: 5 mg, dose: 1 tablet, times: ["08:00"], from: 2026-08-03}
""",
    "clients/c-002/client.yaml": "id: c-002\nname: {given: Otis, family: Brandt}\nstatus: inquiry\n",
}
PLAN: Final = "clients/c-001/care-plan.yaml"
MEDICINES: Final = "clients/c-001/medications.yaml"
FIRST_APPROVAL: Final = "clients/c-001/approvals/0001.yaml"


@dataclass
class Desk:
    """The caseload, the keys of its people beside it, and both command lines."""

    root: Path
    keys: Path
    carectl: Carectl
    seen: list[Done] = field(default_factory=list)

    def git(self, *words: str, who: str = "dana", at: str = FIRST, fails: bool = False) -> str:
        """What git prints, with somebody as the one who commits at a time."""
        people = {"dana": ("Dana", "dana@lakeside.example"), "jo": ("Jo", "jo@lakeside.example")}
        name, address = people[who]
        told = {
            f"GIT_{part}_{what}": value
            for part in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", name), ("EMAIL", address), ("DATE", at))
        }
        done = subprocess.run(
            ["git", *words], cwd=self.root, env={**os.environ, **told}, capture_output=True, text=True, check=False
        )
        assert (done.returncode != 0) == fails, done.stderr
        return done.stdout.strip()

    def commit(self, subject: str = "x", *, who: str = "dana", at: str = FIRST, more: tuple[str, ...] = ()) -> str:
        """Commit all there is; gives the id."""
        self.git("add", "-A", who=who, at=at)
        self.git("commit", "-qm", subject, *more, who=who, at=at)
        return self.git("rev-parse", "HEAD")

    def run(self, *words: str, now: str = NOW) -> Done:
        """What carectl does at a time."""
        done = self.carectl(*words, "--now", now)
        self.seen.append(done)
        return done

    def approve(self, *words: str, client: str = "c-001", now: str = APPROVED, commit: bool = True) -> Done:
        """An approval that succeeds, committed a minute later."""
        done = self.run("approve", client, *words, now=now)
        assert done.code == 0, done.err
        if commit:
            self.commit(f"{client} approvals: 1 added", at=now.replace(":00:00", ":01:00"))
        return done

    def rules(self, *words: str, now: str = NOW) -> dict[str, list[str]]:
        """What verify says, as JSON has it: the rules by level."""
        import json

        done = self.run("verify", "--format", "json", *words, now=now)
        found: dict[str, list[str]] = {}
        for item in json.loads(done.out)["remarks"]:
            found.setdefault(item["level"], []).append(item["rule"])
        assert done.code == (1 if found.get("wrong") else 0)
        return found

    def write(self, path: str, old: str, new: str) -> None:
        """Replace some text in a file."""
        file = self.root / path
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1, (path, old)
        file.write_text(text.replace(old, new), encoding="utf-8")

    @property
    def signers(self) -> Path:
        """The list of keys."""
        return self.keys / "allowed_signers"

    def sign_with(self, name: str) -> None:
        """Have git, and so carectl, sign with somebody's key."""
        self.git("config", "gpg.format", "ssh")
        self.git("config", "user.signingkey", str(self.keys / name))


def make_key(folder: Path, name: str, kind: str = "ed25519", passphrase: str = "") -> str:
    """A new key; gives its public line without the comment."""
    words = [SSH_KEYGEN, "-q", "-t", kind, "-N", passphrase, "-C", name, "-f", str(folder / name)]
    subprocess.run(words, check=True, capture_output=True)
    return " ".join((folder / f"{name}.pub").read_text(encoding="utf-8").split()[:2])


@pytest.fixture(scope="session")
def key_ring(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys of Dana, Jo and a stranger, and the list that says whose are whose."""
    folder = tmp_path_factory.mktemp("keys")
    lines = [
        f'dana,dana@lakeside.example namespaces="git,carectl-approval" {make_key(folder, "dana")}',
        f'jo-park,jo@lakeside.example namespaces="git,carectl-approval" {make_key(folder, "jo")}',
        f'dana valid-before="20261101",namespaces="carectl-approval" {make_key(folder, "dana-old")}',
        f'dana namespaces="file" {make_key(folder, "dana-mail")}',
    ]
    make_key(folder, "stranger")
    (folder / "allowed_signers").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def bare_desk(tmp_path: Path, key_ring: Path, carectl: Carectl, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """The caseload in git, committed; nobody signs, and no list of keys is known."""
    root = tmp_path / "caseload"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(root)
    desk = Desk(root, key_ring, carectl)
    desk.git("init", "-q", "-b", "main")
    for name, value in (("user.name", "Dana"), ("user.email", "dana@lakeside.example"), ("commit.gpgsign", "false")):
        desk.git("config", name, value)
    desk.commit("all")
    return (yield desk)


@pytest.fixture
def desk(bare_desk: Desk) -> Desk:
    """The same with Dana's key to sign with, and the list of keys outside of the repository."""
    bare_desk.sign_with("dana")
    bare_desk.git("config", "gpg.ssh.allowedSignersFile", str(bare_desk.signers))
    return bare_desk
