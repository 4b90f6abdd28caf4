"""Where records may be pushed to: the same place in many spellings, other places that look alike, and real pushes."""

from __future__ import annotations

import ipaddress
import json
import os
import shlex
import socket
import subprocess
from pathlib import Path

import pytest
from helpers_cli import Carectl
from helpers_clone import CARECTL, git, gone
from helpers_clone import alone as alone
from helpers_clone import clone as clone

from carectl.caseload import remotes
from carectl.caseload.remotes import Unclear, place
from carectl.errors import EnvironmentProblem

SAME = [
    (
        "ssh://git@forge.example/~/team/records",
        ["git@forge.example:team/records", "git@forge.example:team/records.git", "git@forge.example:team/records.git/",
         "git@FORGE.Example:team/records", "git@forge.example:~/team/records", "ssh://git@forge.example/~/team/records",
         "git@[forge.example:22]:team/records"],
    ),
    (
        "ssh://git@forge.example/team/records",
        ["ssh://git@forge.example/team/records", "ssh://git@forge.example:22/team/records.git", "git@forge.example:/team/records",
         "ssh://git@Forge.Example/team/records/", "git+ssh://git@forge.example/team/records", "ssh+git://git@forge.example/team/records",
         "ssh://git@forge.example:/team/records", "ssh://git@forge.example/te%61m/records"],
    ),
    ("ssh://forge.example:2222/x", ["ssh://forge.example:2222/x.git", "[forge.example:2222]:/x"]),
    ("ssh://git@[2001:db8::1]/x", ["ssh://git@[2001:db8::1]/x", "ssh://git@[2001:DB8:0:0::1]:22/x", "git@[2001:db8::1]:/x"]),
    (
        "https://forge.example/team/records",
        ["https://forge.example/team/records", "https://forge.example/team/records.git", "https://forge.example/team/records.git/",
         "https://forge.example:443/team/records", "https://FORGE.example/team/records", "https://dana@forge.example/team/records",
         "https://dana:secret@forge.example/team/records", "https://secret-token@forge.example/team/records",
         "https://forge.example/te%61m/records"],
    ),
    ("https://forge.example:8443/~dana/x", ["https://forge.example:8443/~dana/x", "https://forge.example:8443/%7Edana/x.git"]),
    ("https://forge.example/a%2Fb", ["https://forge.example/a%2fb", "https://forge.example/a%2Fb.git"]),
]  # fmt: skip
"""Places, and the ways in which they can be written."""

OTHERS = [
    "git@forge.example:team/record", "git@forge.example:team/records2", "git@forge.example:Team/records",
    "jo@forge.example:team/records", "forge.example:team/records", "git@forge.example.evil.example:team/records",
    "ssh://git@forge.example:2222/team/records", "ssh://git@forge.example/records", "https://forge.example/records",
    "https://forge.example:8443/team/records", "https://forge.example.evil.example/team/records",
    "https://evil.example/forge.example/team/records", "https://forge.example@evil.example/team/records",
    "https://forge.example:secret@evil.example/team/records", "https://forge-example/team/records",
    "https://forge.example/team/records.git.git", "https://forge.example/team%2Frecords", "https://xn--forge.example/team/records",
    "ssh://git@[2001:db8::2]/x", "ssh://[2001:db8::1]/x", "ssh://git@forge.example/%74eam/records/x",
    "ssh://forge.example/x", "/srv/records", "file:///team/records",
]  # fmt: skip
"""Other places, however much they look like one of those."""

UNCLEAR = [
    "", " https://forge.example/x", "https://forge.example/x ", "https://forge.example/x\n", "https://forge.example/\u202ex",
    "http://forge.example/team/records", "git://forge.example/team/records", "ftp://forge.example/x", "HTTPS://forge.example/x",
    "rsync://forge.example/x", "ext::sh -c cat% >/tmp/x", "transport::https://forge.example/x", "gcrypt::ssh://forge.example/x",
    "https://forge.example", "https://forge.example/", "https://forge.example//team/records", "https:///team/records",
    "https://forge.example/team/../team/records", "https://forge.example/team/%2e%2e/records", "https://forge.example/./x",
    "https://forge.example/team/records?x=secret", "https://forge.example/team/records#secret", "https://forge.example?@evil.example/x",
    "https://a:b@evil.example@forge.example/x", "https://evil.example\\@forge.example/x", "https://forge.example\\x", "https://forge%2eexample/x", "https://förge.example/x",
    "https://forge.example:0/x", "https://forge.example:99999/x", "https://forge.example:443x/x", "https://[::1/x", "https://[nonsense]/x",
    "ssh://forge.example/%00x", "ssh://forge.example/%ff", "ssh://git%40evil@forge.example/x", "ssh://-oProxyCommand=x/x",
    "ssh://git@forge.example/../x", "ssh://forge.example/~", "git@forge.example:", "git@forge.example:x~dana/y", "git@forge.example:../x",
    "ssh://git:secret@forge.example/x", "ssh://git:@forge.example/x", "ssh://@forge.example/x", "@forge.example:x",
    "ssh://git:x%40evil.example%2f@forge.example/x/y", "ssh://git%3ax%40evil.example%2f@forge.example/x/y",
    "ssh://evil.example%2f@forge.example/x", "ssh://forge.example%2f@evil.example/x", "ssh://a@git@forge.example/x",
    "ssh://git@forge.example/x@[evil.example]/y", "ssh://git@forge.example/x@%5bevil.example%5d/y",
    "git@forge.example:x@[evil.example]:y", "git@forge.example:x/y@[evil.example:22]:y", "ssh://forge.example/%41%ff",
    "file:///srv/good@[x]/evil.git", "file:///srv/good%40%5Bx]/evil.git", "/srv/good@[x]/evil.git", "[x]/srv/evil.git",
    "-oProxyCommand=x:y", "[jo@forge.example]:x", "file://forge.example/x", "file://localhost/x",
]  # fmt: skip
"""Addresses of which nobody can tell where they lead, or which lead there in clear text."""


def test_the_same_place_in_many_spellings(tmp_path: Path) -> None:
    for wanted, addresses in SAME:
        assert {address: place(address, tmp_path) for address in addresses} == dict.fromkeys(addresses, wanted)
        # What is on the list is read back as what it is.
        assert place(wanted, tmp_path) == wanted
        assert "secret" not in wanted
    count = sum(len(addresses) for _, addresses in SAME) + len(OTHERS) + len(UNCLEAR)
    print(f"{count} addresses")
    assert count > 100


def test_every_spelling_is_allowed_by_its_own_place_alone(tmp_path: Path, carectl: Carectl, alone: Path) -> None:
    every = {wanted for wanted, _ in SAME}
    for wanted, addresses in SAME:
        for mine in (True, False):
            remotes.write_list({wanted} if mine else every - {wanted}, os.environ)
            for address in addresses:
                done = carectl("git", "hook", "pre-push", "--", "origin", address)
                assert done.code == (0 if mine else 1), (address, done)
                assert "secret" not in done.out + done.err


@pytest.mark.parametrize("address", OTHERS)
def test_what_looks_alike_is_another_place(address: str, alone: Path, carectl: Carectl) -> None:
    remotes.write_list([wanted for wanted, _ in SAME], os.environ)
    done = carectl("git", "hook", "pre-push", "--", address, address)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("carectl: nothing was pushed: records may not go to ")
    assert "secret" not in done.err
    assert done.err.endswith("carectl git allow URL\n")


@pytest.mark.parametrize("address", UNCLEAR)
def test_what_is_not_clear_is_refused_and_cannot_be_allowed(address: str, alone: Path, carectl: Carectl) -> None:
    with pytest.raises(Unclear) as problem:
        place(address, Path("/"))
    assert "secret" not in str(problem.value)
    assert carectl("git", "hook", "pre-push", "--", "origin", address).code == 1
    if any(sign in address for sign in ":/"):
        assert carectl("git", "allow", "--", address).code == 2
    assert remotes.allowed(os.environ) == []


def test_folders(tmp_path: Path) -> None:
    for name in ("plain", "bare.git", "odd name.git", "work/.git", "both", "both.git"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "bare.git")
    here = f"file://{tmp_path.resolve()}"
    for address, wanted in {
        "plain": "/plain",
        "./plain/": "/plain",
        "work/../plain": "/plain",
        f"{tmp_path}/plain": "/plain",
        f"file://{tmp_path}/plain/": "/plain",
        "bare": "/bare.git",
        "bare.git": "/bare.git",
        "link": "/bare.git",
        f"file://{tmp_path}/odd%20name": "/odd name.git",
        "work": "/work/.git",
        "both": "/both",
        "both.git": "/both.git",
        "not/there": "/not/there",
        "a/b:c": "/a/b:c",
    }.items():
        assert place(address, tmp_path) == here + wanted, address


# --- what git makes of them ------------------------------------------------------------------------------------------


def called(log: Path) -> str | None:
    """The place that ssh was called for, as ssh reads its arguments: all before the last @ is the user."""
    if not log.exists():
        return None
    *options, target, command = log.read_text(encoding="utf-8").removesuffix("\0").split("\0")
    log.unlink()
    user, at, host = target.rpartition("@")
    host = f"[{ipaddress.IPv6Address(host).compressed}]" if host.count(":") > 1 else host.lower()
    port = int(options[options.index("-p") + 1]) if "-p" in options else 22
    path = shlex.split(command)[1].rstrip("/").removesuffix(".git")
    path = path if path.startswith(("/", "~")) else f"~/{path}"
    return f"ssh://{user}{at}{host}{f':{port}' * (port != 22)}/{path.removeprefix('/')}"


@pytest.fixture
def fake_ssh(clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every ssh ends in one repository here, and writes down what it was called with: the file of that."""
    git(tmp_path, "init", "-q", "--bare", "there.git")
    script, log = tmp_path / "ssh", tmp_path / "ssh.log"
    script.write_text(
        f"#!/bin/sh\nprintf '%s\\0' \"$@\" >'{log}'\nexec git-receive-pack '{tmp_path}/there.git'\n", encoding="utf-8"
    )
    script.chmod(0o755)
    monkeypatch.setenv("GIT_SSH_COMMAND", str(script))
    monkeypatch.setenv("GIT_SSH_VARIANT", "ssh")
    monkeypatch.setenv("PATH", f"/usr/lib/git-core:{os.environ['PATH']}")
    return log


def test_git_calls_ssh_for_the_place_that_was_told(clone: Path, fake_ssh: Path) -> None:
    count = 0
    for address in [*(address for _, many in SAME for address in many), *OTHERS, *UNCLEAR]:
        if address.startswith(("-", "/", "http")) or "::" in address.partition("[")[0] or not address:
            continue
        try:
            told = place(address, clone)
        except Unclear:
            continue
        # Nothing is sent: a dry run asks ssh only what is there.
        git(clone, "push", "-q", "--dry-run", "--no-verify", address, "main", code=None)
        if told.startswith("ssh:"):
            assert called(fake_ssh) == told, address
            count += 1
    print(f"{count} calls of ssh")
    assert count > 20


@pytest.mark.parametrize("address", [one for one in UNCLEAR if "evil" in one and not one.startswith("http")])
def test_no_spelling_leads_a_push_elsewhere(address: str, clone: Path, fake_ssh: Path, carectl: Carectl) -> None:
    carectl("git", "setup")
    good = ["ssh://git@forge.example/x/y", "ssh://git@forge.example/x", "ssh://forge.example/x", "/srv/evil.git"]
    remotes.write_list([place(one, clone) for one in good], os.environ)
    git(clone, "push", "-q", good[0], "main")
    assert heads(fake_ssh.parent / "there.git") == "refs/heads/main\n"
    assert git(clone, "push", "-q", address, "main:evil", code=None).returncode != 0
    assert heads(fake_ssh.parent / "there.git") == "refs/heads/main\n"
    git(clone, "remote", "add", "origin", address)
    (row,) = json.loads(carectl("git", "status", "-f", "json").out)["remotes"]
    assert (row["allowed"], row["place"]) == (False, None)


def test_git_asks_the_web_host_that_was_told(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy is told the host, and sees nothing else."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{server.getsockname()[1]}")
        monkeypatch.setenv("no_proxy", "")
        monkeypatch.setenv("GIT_TERMINAL_PROMPT", "0")
        server.settimeout(10)
        for address in (
            "https://forge.example/x", "https://dana:secret@forge.example:8443/x",
            "https://git:x%40evil.example%2f@forge.example/x", "https://forge.example@evil.example/x",
            "https://forge.example:secret@evil.example/x", "https://FORGE.example/x@[evil.example]/y",
        ):  # fmt: skip
            with subprocess.Popen(["git", "push", "-q", address, "main"], stderr=subprocess.DEVNULL):
                connection, _ = server.accept()
                with connection:
                    asked = connection.recv(4096).split()[1].decode()
            host = place(address, clone).split("/")[2]
            assert asked.lower() == (host if ":" in host else f"{host}:443"), address


# --- the list --------------------------------------------------------------------------------------------------------


def test_the_list_is_the_users_alone(clone: Path, alone: Path, carectl: Carectl) -> None:
    assert carectl("git", "allow").out == "Nowhere yet: carectl git allow REMOTE adds a place\n"
    done = carectl("git", "allow", "https://dana:secret@forge.example/x.git")
    assert (done.code, done.out) == (0, "Records may now be pushed to https://forge.example/x\n")
    path = alone / ".config/carectl/remotes"
    assert path.stat().st_mode & 0o777 == 0o600
    assert "secret" not in path.read_text(encoding="utf-8")
    git(clone, "remote", "add", "origin", "git@forge.example:team/x.git")
    assert carectl("git", "allow", "origin").code == 0
    assert carectl("git", "allow", "--list").out == "https://forge.example/x\nssh://git@forge.example/~/team/x\n"
    assert carectl("git", "allow", "--remove", "https://forge.example/y").code == 1
    assert carectl("git", "allow", "--remove", "https://forge.example/x").code == 0
    assert carectl("git", "allow", "--list").out == "ssh://git@forge.example/~/team/x\n"
    done = carectl("git", "allow", "orign")
    assert done.code == 2
    assert "it has origin" in done.err
    assert carectl("git", "allow", "--list", "origin").code == 2
    assert git(clone, "status", "--porcelain").stdout == ""


def test_a_list_that_cannot_be_read_allows_nothing(alone: Path, carectl: Carectl) -> None:
    path = alone / ".config/carectl/remotes"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"https://forge.example/x\n\xff\n")
    assert carectl("git", "hook", "pre-push", "--", "origin", "https://forge.example/x").code == 3
    with pytest.raises(EnvironmentProblem):
        remotes.list_file({"HOME": "", "XDG_CONFIG_HOME": "relative"})


# --- real pushes -----------------------------------------------------------------------------------------------------


@pytest.fixture
def backup(clone: Path, tmp_path: Path, carectl: Carectl) -> Path:
    """A remote called origin, of a clone that is set up."""
    git(tmp_path, "init", "-q", "--bare", "backup.git")
    git(clone, "remote", "add", "origin", "../backup.git")
    assert "Nothing can be pushed from here yet" in carectl("git", "setup").out
    return tmp_path / "backup.git"


def heads(remote: Path) -> str:
    return git(remote, "for-each-ref", "--format=%(refname)").stdout


def test_a_push_goes_only_where_it_may(clone: Path, backup: Path, carectl: Carectl) -> None:
    done = git(clone, "push", "-q", "origin", "main", code=1)
    assert f"records may not go to file://{backup.resolve()}" in done.stderr
    assert "hint: if they may, put it on your list: carectl git allow origin" in done.stderr
    assert heads(backup) == ""
    status = json.loads(carectl("git", "status", "-f", "json").out)
    assert status["remotes"] == [
        {"name": "origin", "place": f"file://{backup.resolve()}", "allowed": False, "why": None}
    ]
    assert carectl("git", "allow", "origin").code == 0
    assert "allowed" in carectl("git", "status").out
    git(clone, "push", "-q", "origin", "main")
    # From a folder inside, by its address, and through a name that git writes another address for.
    git(clone / "clients", "push", "-q", "origin", "main:two")
    git(clone, "push", "-q", f"file://{backup}", "main:three")
    git(clone, "config", f"url.{backup.parent}/.insteadOf", "bk:")
    git(clone, "push", "-q", "bk:backup", "main:four")
    assert heads(backup).split() == [f"refs/heads/{name}" for name in ("four", "main", "three", "two")]
    carectl("git", "allow", "--remove", "origin")
    git(clone, "push", "-q", "origin", "main:five", code=1)


def test_the_address_that_is_pushed_to_is_what_counts(
    clone: Path, backup: Path, carectl: Carectl, tmp_path: Path
) -> None:
    git(tmp_path, "init", "-q", "--bare", "evil.git")
    carectl("git", "allow", "origin")
    git(clone, "config", f"url.{tmp_path}/evil.git.pushInsteadOf", "../backup.git")
    assert "evil.git" in git(clone, "push", "-q", "origin", "main", code=1).stderr
    git(clone, "config", "--remove-section", f"url.{tmp_path}/evil.git")
    git(clone, "config", "--add", "remote.origin.pushurl", "../evil.git")
    git(clone, "config", "--add", "remote.origin.pushurl", "../backup.git")
    assert "evil.git" in git(clone, "push", "-q", "origin", "main", code=1).stderr
    assert heads(tmp_path / "evil.git") == ""
    rows = json.loads(carectl("git", "status", "-f", "json").out)["remotes"]
    assert [row["allowed"] for row in rows] == [False, True]
    # An address that was typed is taken for what git makes of it.
    git(clone, "config", "url.https://forge.example/.insteadOf", "fx:")
    assert "https://forge.example/team/x" in carectl("git", "allow", "fx:team/x").out


def test_no_password_is_ever_printed(clone: Path, carectl: Carectl) -> None:
    carectl("git", "setup")
    git(clone, "remote", "add", "origin", "https://dana:hunter2@forge.example/x.git?key=hunter2")
    git(clone, "remote", "add", "other", "https://hunter2@forge.example/x.git")
    for words in (["setup"], ["status"], ["status", "-f", "json"], ["allow", "origin"], ["allow", "other"], ["allow"]):
        done = carectl("git", *words)
        assert "hunter2" not in done.out + done.err, words
    # As git calls it: once it has reached the other side, before anything is sent.
    address = "https://dana:hunter2@elsewhere.example/x.git"
    for name, where in (("origin", f"{address}?key=hunter2"), (address, address)):
        hook = subprocess.run([".git/hooks/pre-push", name, where], capture_output=True, text=True, check=False)
        assert hook.returncode == 1
        assert "hunter2" not in hook.stdout + hook.stderr


@pytest.mark.parametrize("script", [None, "#!/nowhere/python\n", "#!/bin/sh\nexit 2\n"])
def test_without_carectl_nothing_is_pushed(
    script: str | None, clone: Path, carectl: Carectl, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    git(tmp_path, "init", "-q", "--bare", "backup.git")
    git(clone, "remote", "add", "origin", "../backup.git")
    carectl("git", "allow", "origin")
    program = tmp_path / "carectl"
    if script:
        program.write_text(script, encoding="utf-8")
        program.chmod(0o755)
    gone(monkeypatch, str(program))
    carectl("git", "setup")
    done = git(clone, "push", "-q", "origin", "main", code=1)
    assert ("nothing is pushed" in done.stderr) == (script is None or "nowhere" in script)
    assert heads(tmp_path / "backup.git") == ""
    if script != "#!/bin/sh\nexit 2\n":
        monkeypatch.setenv("PATH", f"{CARECTL.parent}:/usr/bin:/bin")
        git(clone, "push", "-q", "origin", "main")
