"""What a practice copies: jobs for two forges, hooks for a framework; run here with programs that only write down."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from helpers_cli import Carectl
from helpers_clone import CARECTL, MEDICATIONS, edit, git
from helpers_clone import alone as alone
from helpers_clone import clone as clone

from carectl import __version__
from carectl.output.changes_comment import MARKER

ROOT = Path(__file__).resolve().parents[2]
GITHUB = yaml.safe_load((ROOT / "docs/ci/github.yml").read_text(encoding="utf-8"))
GITLAB = yaml.safe_load((ROOT / "docs/ci/gitlab.yml").read_text(encoding="utf-8"))
PRIVATE = ("vitamin", "dose", "tablet", "Johnson", "Charles", "medications.yaml")
"""What stands in the files, and may not be seen in a log or comment."""


def steps(job: str) -> dict[str, dict[str, Any]]:
    """The steps of a GitHub job that run something, by their names."""
    return {step["name"]: step for step in GITHUB["jobs"][job]["steps"] if "run" in step}


def scripts() -> Iterator[str]:
    for job in GITHUB["jobs"]:
        yield from (step["run"] for step in steps(job).values())
    for job in GITLAB.values():
        if isinstance(job, dict):
            yield from job.get("script", [])


PROGRAM = """\
#!/bin/sh
cd "$CALLS" || exit 1
number=$(ls | grep -c '^call')
printf '%s\\n' "$@" >"call$number"
for word in "$@"; do
  case $word in
    *body*@*) cp "$WORK/${word#*@}" "sent$number" ;;
    @*) cp "$WORK/${word#@}" header ;;
  esac
done
[ ! -e "fail$number" ] || exit 22
[ ! -e "answer$number" ] || cat "answer$number"
"""
"""Writes down how it is called and what is sent, and answers with a file, if there is one for this call."""


@pytest.fixture
def runner(clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pull request that changes a dose, checked out as a forge does; gh and curl write down what they are asked."""
    git(clone, "switch", "-qc", "change")
    edit(clone, MEDICATIONS, "dose: 2.5 tablets", "dose: 5 tablets")
    git(clone, "commit", "-qam", "c-001 medications: 1 file")
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("gh", "curl"):
        (programs / name).write_text(PROGRAM, encoding="utf-8")
        (programs / name).chmod(0o755)
    (tmp_path / "calls").mkdir()
    for key, value in {
        "PATH": f"{programs}:{CARECTL.parent}:{os.environ['PATH']}", "CALLS": str(tmp_path / "calls"),
        "WORK": str(clone), "CARECTL_CASELOAD": ".",
    }.items():  # fmt: skip
        monkeypatch.setenv(key, value)
    return tmp_path / "calls"


def run(script: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a script as both forges do."""
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script], cwd=cwd, env={**os.environ, **env}, capture_output=True, text=True,
        check=False, timeout=120,
    )  # fmt: skip


def calls(runner: Path) -> list[list[str]]:
    """What the forge was asked, call by call."""
    found = sorted(runner.glob("call*"), key=lambda path: int(path.name[4:]))
    return [path.read_text(encoding="utf-8").splitlines() for path in found]


# --- what they say of themselves -------------------------------------------------------------------------------------


def test_versions_are_pinned_and_rights_are_few() -> None:
    assert GITHUB["permissions"] == {}
    assert {name: job["permissions"] for name, job in GITHUB["jobs"].items()} == {
        "check": {"contents": "read"},
        "review": {"contents": "read", "pull-requests": "write"},
    }
    used = [step["uses"] for job in GITHUB["jobs"].values() for step in job["steps"] if "uses" in step]
    assert len(used) == 4
    assert all(re.fullmatch(r"actions/(checkout|setup-python)@[0-9a-f]{40}", name) for name in used)
    checkouts = [step["with"] for job in GITHUB["jobs"].values() for step in job["steps"] if "/checkout@" in str(step)]
    assert checkouts == [{"fetch-depth": 0, "persist-credentials": False}] * 2
    assert GITHUB["env"]["CARECTL_VERSION"] == GITLAB[".carectl"]["variables"]["CARECTL_VERSION"] == __version__
    assert re.fullmatch(r"python:\d+\.\d+\.\d+-\w+", GITLAB[".carectl"]["image"])
    assert True in GITHUB  # `on`, as YAML 1.1 reads it
    assert set(GITHUB[True]) == {"push", "pull_request"}


def test_scripts_are_sound_and_take_nothing_from_the_forge_but_by_variables() -> None:
    count = 0
    for script in scripts():
        count += 1
        assert "${{" not in script
        assert subprocess.run(["bash", "-n"], input=script, text=True, check=False).returncode == 0
        for line in re.findall(r"^\s*(carectl .*?)(?: >| \|\||$)", script, re.MULTILINE):
            assert line.split()[1] in ("check", "diff")
            assert "--redact" in line.split()
    assert count == 11
    text = (ROOT / "docs/ci/github.yml").read_text() + (ROOT / "docs/ci/gitlab.yml").read_text()
    assert f'"{MARKER}"' in text.replace("\\", "")
    assert text.count(MARKER) == 2


# --- GitHub ----------------------------------------------------------------------------------------------------------


def test_github_checks(runner: Path, clone: Path) -> None:
    script = steps("check")["Check the records"]["run"]
    assert run(script, clone).returncode == 0
    edit(clone, MEDICATIONS, "dose: 5 tablets", "dose: [")
    done = run(script, clone)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("c-001: error[yaml-syntax]\n")
    assert not any(word in done.stdout for word in PRIVATE)


def review_on_github(clone: Path) -> subprocess.CompletedProcess[str]:
    step = steps("review")["Comment on the pull request, or renew the comment"]
    env = {"GH_TOKEN": "t", "REPOSITORY": "team/x", "NUMBER": "7", "BASE": "main", "HEAD": "change"}
    assert set(env) == set(step["env"])
    return run(step["run"], clone, **env)


def test_github_comments_once_and_renews_the_comment(runner: Path, clone: Path) -> None:
    done = review_on_github(clone)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    listing, posted = calls(runner)
    assert listing[:3] == ["api", "--paginate", "repos/team/x/issues/7/comments"]
    assert posted == ["api", "--method", "POST", "repos/team/x/issues/7/comments", "-F", "body=@review.md", "--silent"]
    body = (runner / "sent1").read_text(encoding="utf-8")
    assert body.startswith(f"{MARKER}\n")
    assert "c-001" in body
    assert not any(word in body for word in PRIVATE if word != "dose")
    assert "5 tablets" not in body
    # The second time it is there.
    (runner / "answer2").write_text("91\n92\n", encoding="utf-8")
    assert review_on_github(clone).returncode == 0
    assert calls(runner)[3][:4] == ["api", "--method", "PATCH", "repos/team/x/issues/comments/91"]


def test_github_picks_the_jobs_own_comment(runner: Path) -> None:
    script = steps("review")["Comment on the pull request, or renew the comment"]["run"]
    (query,) = re.findall(r"--jq '(.*?)'", script, re.DOTALL)
    assert 'select(.user.login == "github-actions[bot]")' in query
    assert f'select(.body | startswith("{MARKER}"))' in query


def test_a_side_that_cannot_be_read_is_commented_and_fails(runner: Path, clone: Path) -> None:
    edit(clone, MEDICATIONS, "dose: 5 tablets", "dose: [")
    git(clone, "commit", "-qam", "x")
    assert review_on_github(clone).returncode == 1
    assert len(calls(runner)) == 2


def test_no_comment_if_there_is_nothing_to_compare(runner: Path, clone: Path) -> None:
    git(clone, "branch", "-qD", "main")
    assert review_on_github(clone).returncode == 3
    assert calls(runner) == []


def test_every_merge_of_a_push_is_looked_at(runner: Path, clone: Path, tmp_path: Path) -> None:
    before = git(clone, "rev-parse", "main").stdout.strip()
    git(clone, "switch", "-q", "main")
    git(clone, "commit", "-q", "--allow-empty", "-m", "meanwhile")
    git(clone, "merge", "-q", "--no-ff", "-m", "one", "change")
    git(clone, "commit", "-q", "--allow-empty", "-m", "later")
    after = git(clone, "rev-parse", "HEAD").stdout.strip()
    merge = git(clone, "rev-parse", "HEAD~1").stdout.strip()
    fake = tmp_path / "programs" / "carectl"
    fake.write_text(f'#!/bin/sh\necho "$@" >>{tmp_path}/asked\n[ ! -e {tmp_path}/bad ]\n', encoding="utf-8")
    fake.chmod(0o755)
    for script, names in (
        (steps("check")["Look at the merges of this push"]["run"], ("BEFORE", "AFTER")),
        (GITLAB["merges"]["script"][0], ("CI_COMMIT_BEFORE_SHA", "CI_COMMIT_SHA")),
    ):
        for start, end, wanted in (
            (before, after, [merge]),
            ("0" * 40, after, []),
            ("0" * 40, merge, [merge]),
            ("1" * 40, before, []),
        ):
            (tmp_path / "asked").write_text("", encoding="utf-8")
            assert run(script, clone, **dict(zip(names, (start, end), strict=True))).returncode == 0
            asked = (tmp_path / "asked").read_text(encoding="utf-8").splitlines()
            assert asked == [f"check --merge {one} --redact" for one in wanted]
        (tmp_path / "bad").touch()
        assert run(script, clone, **dict(zip(names, (before, after), strict=True))).returncode == 1
        (tmp_path / "bad").unlink()
    (clone / "merges").unlink()


def test_what_a_merge_would_have_to_ask(runner: Path, clone: Path) -> None:
    git(clone, "switch", "-q", "main")
    edit(clone, MEDICATIONS, "dose: 2.5 tablets", "dose: 1 tablet")
    git(clone, "commit", "-qam", "c-001 medications: 1 file")
    script = steps("check")["Look at what a merge of this branch would do"]["run"]
    done = run(script, clone, BASE="main", HEAD="change")
    assert done.returncode == 1
    assert "c-001: error[" in done.stdout
    assert not any(word in done.stdout + done.stderr for word in PRIVATE)


# --- GitLab ----------------------------------------------------------------------------------------------------------


def review_on_gitlab(clone: Path) -> subprocess.CompletedProcess[str]:
    (script,) = GITLAB["review"]["script"]
    return run(
        script, clone, CI_API_V4_URL="https://lab.example/api/v4", CI_PROJECT_ID="5", CI_MERGE_REQUEST_IID="7",
        CI_MERGE_REQUEST_DIFF_BASE_SHA="main", CI_COMMIT_SHA="change", CARECTL_REVIEW_TOKEN="hunter2",
    )  # fmt: skip


def note(number: int, author: int, body: str) -> dict[str, object]:
    return {"id": number, "author": {"id": author}, "body": body}


def test_gitlab_comments_once_and_renews_the_comment(runner: Path, clone: Path) -> None:
    others = [note(1, 8, f"{MARKER}\nsomebody pasted it"), note(2, 9, "something else")]
    answers = [{"id": 9}, others, []]
    for number, answer in enumerate(answers):
        (runner / f"answer{number}").write_text(json.dumps(answer), encoding="utf-8")
    done = review_on_gitlab(clone)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    me, first, second, posted = calls(runner)
    assert me[-1] == "https://lab.example/api/v4/user"
    assert first[-1].endswith("/projects/5/merge_requests/7/notes?sort=asc&order_by=created_at&per_page=100&page=1")
    assert second[-1].endswith("&page=2")
    assert posted[posted.index("--request") + 1] == "POST"
    assert (runner / "sent3").read_text(encoding="utf-8").startswith(f"{MARKER}\n")
    # The token is on no command line, and is gone afterwards.
    assert "hunter2" not in str(calls(runner))
    assert (runner / "header").read_text(encoding="utf-8") == "PRIVATE-TOKEN: hunter2\n"
    assert not (clone / "token").exists()
    # The second time it is on the second page.
    for number, answer in enumerate([{"id": 9}, others, [note(3, 9, f"{MARKER}\nours")]], start=4):
        (runner / f"answer{number}").write_text(json.dumps(answer), encoding="utf-8")
    assert review_on_gitlab(clone).returncode == 0
    renewed = calls(runner)[-1]
    assert renewed[renewed.index("--request") + 1] == "PUT"
    assert renewed[-1].endswith("/merge_requests/7/notes/3")


def test_a_forge_that_does_not_answer_fails_the_job(runner: Path, clone: Path) -> None:
    (runner / "answer0").write_text('{"id": 9}', encoding="utf-8")
    (runner / "fail1").touch()
    assert review_on_gitlab(clone).returncode == 22
    assert len(calls(runner)) == 2


# --- the pre-commit framework ----------------------------------------------------------------------------------------


def test_hooks_for_the_pre_commit_framework(clone: Path, carectl: Carectl, monkeypatch: pytest.MonkeyPatch) -> None:
    hooks = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
    assert {name: hook["stages"] for name, hook in hooks.items()} == {
        "carectl-check": ["pre-commit", "pre-merge-commit"],
        "carectl-message": ["commit-msg"],
    }
    assert all(hook["language"] == "system" for hook in hooks.values())
    assert hooks["carectl-check"]["pass_filenames"] is False
    monkeypatch.setenv("PATH", f"{CARECTL.parent}:{os.environ['PATH']}")
    edit(clone, MEDICATIONS, "dose: 2.5 tablets", "dose: [")
    git(clone, "add", "-A")
    (clone / "message").write_text("For Charles Johnson\n", encoding="utf-8")
    for name, words in (("carectl-check", []), ("carectl-message", ["message"])):
        done = subprocess.run([*shlex.split(hooks[name]["entry"]), *words], cwd=clone, capture_output=True, check=False)
        assert done.returncode == 1, done.stderr
        assert b"nothing was committed" in done.stderr
    git(clone, "reset", "-q", "--hard")
    done = subprocess.run(shlex.split(hooks["carectl-check"]["entry"]), cwd=clone, capture_output=True, check=False)
    assert done.returncode == 0
    assert shutil.which("carectl") == str(CARECTL)


def test_the_lines_in_the_docs_are_those_of_the_hooks() -> None:
    page = (ROOT / "docs/review-in-git.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```yaml\n(repos:.*?)```", page, re.DOTALL)
    own = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
    (repo,) = yaml.safe_load(block)["repos"]
    assert repo["repo"] == "local"
    for hook in repo["hooks"]:
        assert {key: value for key, value in own[hook["id"]].items() if key != "description"} == hook


def test_a_redacted_check_names_nobody(clone: Path, carectl: Carectl) -> None:
    edit(clone, MEDICATIONS, "dose: 2.5 tablets", "dosage: 2.5 tablets\n    doses: 3")
    (clone / "clients" / "Charles Johnson").mkdir()
    (clone / "clients" / "Charles Johnson" / "client.yaml").write_text("id: x\n", encoding="utf-8")
    done = carectl("check", "--redact")
    assert done.code == 1
    lines = done.out.splitlines()
    assert "c-001: error[schema-unknown-key] 2 times" in lines
    assert any(line.startswith("a client: ") for line in lines)
    assert " errors" in lines[-1]
    assert not any(word in done.out + done.err for word in (*PRIVATE, "dosage"))
    assert carectl("check", "--redact", "-f", "json").code == 2
