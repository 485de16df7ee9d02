"""Tries the completion scripts in real shells, and the tool in a real terminal.

Usage: check.py [PATH-TO-ORDERS-LAB]

Needs bash (with bash-completion), zsh and fish. bash and zsh run in a terminal, in which a command
line is typed and completed with the tab key; fish is asked for what it would offer.
"""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROGRAM = Path(sys.argv[1] if len(sys.argv) > 1 else "target/debug/orders-lab").resolve()
SCRIPTS = Path(__file__).resolve().parents[2] / "completions"
# The longest wait for expected output, in seconds.
TIMEOUT = 20
ESCAPES = re.compile(rb"\x1b(\[[0-9;?]*[a-zA-Z]|[=>()][B0]?|\][^\x07]*\x07)|[\x00\x07\x08]")

# What is typed, what must be offered, and what must not be offered.
CASES = [
    ("orders-lab st", ["status"], []),
    ("orders-lab ", ["simulate", "status", "redrive", "doctor", "completions"], ["__labs"]),
    ("orders-lab local ", ["fast-forward", "chaos", "start"], []),
    ("orders-lab local st", ["start", "status", "stop"], []),
    ("orders-lab up --target ", ["local", "aws"], []),
    ("orders-lab up --target=", ["local", "aws"], []),
    ("orders-lab up --lab ", ["ann", "ben", "default"], []),
    ("orders-lab up --lab=", ["ann", "ben", "default"], []),
    ("orders-lab --lab a", ["ann"], []),
    ("orders-lab audit --run ", ["20261123-182642-7e9d"], ["lock"]),
    ("orders-lab simulate --faults ", ["price_err", "broken_json", "all"], []),
    ("orders-lab simulate --faults price_err,wr", ["wrong_type"], []),
    ("orders-lab simulate --faults price_err,wrong_type,", ["broken_json"], []),
    ("orders-lab simulate --faults=price_err,wr", ["wrong_type"], []),
    ("orders-lab status --progress ", ["plain", "none"], []),
    ("orders-lab local chaos ", ["off", "severe"], []),
    ("orders-lab simulate --fault", ["--fault-rate", "--faults"], []),
    ("orders-lab provision --sp", ["--speed"], []),
    ("orders-lab logs --fo", ["--follow"], []),
    ("orders-lab completions ", ["powershell", "elvish"], []),
    ("orders-lab local serve --", ["--speed", "--port"], ["--announce", "--insist"]),
]

passed = 0
failed = []


def check(name, good, seen=""):
    global passed
    if good:
        passed += 1
    else:
        failed.append(name)
        print(f"FAILED {name}\n  seen: {seen!r}", flush=True)


class Terminal:
    """A program in a terminal of its own."""

    def __init__(self, command, environment):
        self.shown = b""
        self.pid, self.handle = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], command, environment)

    def type(self, text):
        os.write(self.handle, text.encode())

    def read(self, seconds):
        """Reads what is shown next. Returns `False` at the end."""
        ready, _, _ = select.select([self.handle], [], [], seconds)
        if not ready:
            return True
        try:
            piece = os.read(self.handle, 65536)
        except OSError:
            return False
        self.shown += piece
        return bool(piece)

    def text(self):
        return ESCAPES.sub(b"", self.shown).decode(errors="replace")

    def wait_for(self, *wanted):
        """Waits until all of this is shown. Returns what is shown then."""
        ends = time.monotonic() + TIMEOUT
        while time.monotonic() < ends and not all(word in self.text() for word in wanted):
            if not self.read(0.1):
                break
        return self.text()

    def close(self):
        os.close(self.handle)
        os.waitpid(self.pid, 0)


def offered(text, word):
    """Whether a word is shown by itself."""
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text) is not None


def in_terminal(shell, command, setup, environment):
    """Completes every case in an interactive shell."""
    terminal = Terminal(command, environment)
    terminal.type(setup)
    terminal.type("echo rea''dy\r")
    check(f"{shell}: starts", "ready\r" in terminal.wait_for("ready\r"), terminal.text())
    for number, (line, wanted, unwanted) in enumerate(CASES):
        terminal.shown = b""
        terminal.type(line + "\t\t")
        terminal.wait_for(*wanted)
        # Discard the line. When the next one is done, everything has been shown.
        terminal.type(f"\x15echo en''d-{number}\r")
        text = terminal.wait_for(f"end-{number}\r")
        for word in wanted:
            check(f"{shell}: {line!r} offers {word}", offered(text, word), text)
        for word in unwanted:
            check(f"{shell}: {line!r} does not offer {word}", not offered(text, word), text)
    terminal.close()


def in_bash(environment, home):
    installed = home / ".local/share/bash-completion/completions"
    installed.mkdir(parents=True)
    shutil.copy(SCRIPTS / "orders-lab.bash", installed / "orders-lab")
    setup = (
        "PS1='$ '; source /usr/share/bash-completion/bash_completion; "
        "bind 'set enable-bracketed-paste off' 'set page-completions off' 'set completion-query-items 0'\r"
    )
    in_terminal("bash", ["bash", "--norc", "--noprofile", "-i"], setup, environment)


def in_zsh(environment, home):
    folder = home / "zsh"
    folder.mkdir()
    shutil.copy(SCRIPTS / "_orders-lab", folder)
    setup = (
        f"PS1='$ '; unset zle_bracketed_paste; fpath=({folder} $fpath); autoload -U compinit; "
        "compinit -u -D; unsetopt list_ambiguous auto_menu; LISTMAX=10000\r"
    )
    in_terminal("zsh", ["zsh", "-f", "-i"], setup, environment)


def in_fish(environment, home):
    folder = home / ".config/fish/completions"
    folder.mkdir(parents=True)
    shutil.copy(SCRIPTS / "orders-lab.fish", folder)
    for line, wanted, unwanted in CASES:
        command = ["fish", "-c", f"complete -C '{line}'"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=TIMEOUT)
        # To `--target=` it offers `--target=aws`, and to `a,` `a,b`.
        offers = [re.split("[=,]", offer.split("\t")[0])[-1] for offer in done.stdout.splitlines()]
        for word in wanted:
            check(f"fish: {line!r} offers {word}", word in offers, done.stdout + done.stderr)
        for word in unwanted:
            check(f"fish: {line!r} does not offer {word}", word not in offers, done.stdout)


def in_elvish(environment):
    """Asks elvish, if it is installed, what it would offer: it completes commands and flags."""
    if not shutil.which("elvish"):
        print("not tried: elvish is not on this machine")
        return
    terminal = Terminal(["elvish", "-norc"], environment | {"TERM": "xterm"})
    script = SCRIPTS / "orders-lab.elv"
    terminal.type(
        f"eval (slurp < {script}); $edit:completion:arg-completer[orders-lab] orders-lab local '' "
        "| each {|offer| echo off''ers-$offer[stem] }\r"
    )
    text = terminal.wait_for("offers-start", "offers-chaos", "offers---lab")
    for word in ("start", "chaos", "--lab"):
        check(f"elvish offers {word}", f"offers-{word}" in text, text)
    terminal.type("\x04")
    terminal.close()


def by_syntax():
    """Each shell can read its script; PowerShell is tried if it is installed."""
    readers = [
        ["bash", "-n", "orders-lab.bash"],
        ["zsh", "-n", "_orders-lab"],
        ["fish", "-n", "orders-lab.fish"],
        ["pwsh", "-NoProfile", "-Command", "$null = [ScriptBlock]::Create((Get-Content -Raw _orders-lab.ps1))"],
    ]
    for command in readers:
        if command[0] == "pwsh" and not shutil.which("pwsh"):
            print("not tried: PowerShell is not on this machine")
            continue
        done = subprocess.run(command, cwd=SCRIPTS, capture_output=True, text=True)
        check(f"{command[0]} reads its script", done.returncode == 0, done.stderr)


def interrupted(environment):
    """Ctrl-C in a terminal ends a run with its own exit code, and with the bars intact."""
    terminal = Terminal([PROGRAM, "simulate", "--count", "500", "--fault-rate", "0.5"], environment | {"TERM": "xterm"})
    terminal.wait_for("dead-lettered")
    terminal.type("\x03")
    while terminal.read(TIMEOUT):
        pass
    _, status = os.waitpid(terminal.pid, 0)
    os.close(terminal.handle)
    text = terminal.text()
    check("an interruption is exit 130", os.waitstatus_to_exitcode(status) == 130, text)
    check("an interruption says so", "Interrupted" in text, text)
    check("an interruption leaves the bars alone", "^C" not in text, text)


def typing(environment):
    """What is typed while bars are drawn does not show, and is there for the shell afterwards; Ctrl-Z, `fg`
    and a signal leave the terminal as it was."""
    terminal = Terminal(["bash", "--norc", "--noprofile", "-i"], environment | {"TERM": "xterm"})
    terminal.type("PS1='$ '; bind 'set enable-bracketed-paste off'; echo rea''dy\r")
    terminal.wait_for("ready\r")

    def begin():
        terminal.shown = b""
        terminal.type("orders-lab simulate --fault-rate 0.5\r")
        terminal.wait_for("being retried")
        terminal.shown = b""

    def check_echo(when):
        terminal.shown = b""
        terminal.type("stty -a; echo sho''wn\r")
        text = terminal.wait_for("shown\r")
        check(f"typing is shown {when}", " echo " in text and "stty -a" in text, text)

    begin()
    terminal.type("\r\recho la''ter\r")
    text = terminal.wait_for("later\r")
    during, _, after = text.partition("Next: ")
    check("typing does not show beside bars", "echo" not in during and after, text)
    check("typing is kept for the shell", "later\r" in after, text)
    check_echo("afterwards")

    begin()
    terminal.type("\x1a")
    terminal.wait_for("Stopped")
    check_echo("while suspended")
    terminal.shown = b""
    terminal.type("fg\r")
    terminal.wait_for("being retried")
    terminal.type("echo no''w\r")
    text = terminal.wait_for("now\r")
    check("a suspended command goes on", "Next: " in text, text)
    _, _, frames = terminal.shown.partition(b"orders-lab simulate --fault-rate 0.5\r\n")
    up = re.search(rb"\x1b\[(\d+)A", frames)
    drawn = frames[: up.start()].count(b"\n") if up else 0
    check("what the shell printed is not drawn over", up and int(up[1]) <= drawn, frames[:500])
    check("typing does not show after fg", "echo" not in text.partition("Next: ")[0], text)

    begin()
    terminal.type("\x1c")
    terminal.wait_for("Quit")
    check_echo("after a signal")
    terminal.type("exit\r")
    terminal.close()


def main():
    home = Path(tempfile.mkdtemp(prefix="orders-lab-shells-"))
    state = home / "state"
    programs = home / "bin"
    programs.mkdir()
    (programs / "orders-lab").symlink_to(PROGRAM)
    environment = {
        "HOME": str(home),
        "ORDERS_LAB_HOME": str(state),
        "PATH": f"{programs}:{os.environ['PATH']}",
        "TERM": "dumb",
        "COLUMNS": "80",
        "LC_ALL": "C.UTF-8",
    }
    try:
        (state / "targets").mkdir(parents=True)
        (state / "targets/ann.json").write_text("{}")
        (state / "labs/local/ben/runs").mkdir(parents=True)
        (state / "labs/local/ben/runs/20261123-182642-7e9d.ndjson").write_text("")
        (state / "labs/local/ben/runs/lock").write_text("")
        by_syntax()
        in_bash(environment, home)
        in_zsh(environment, home)
        in_fish(environment, home)
        in_elvish(environment)
        subprocess.run([PROGRAM, "up", "--quiet"], env=environment, capture_output=True, check=True)
        interrupted(environment)
        typing(environment)
    finally:
        subprocess.run([PROGRAM, "local", "stop", "--force"], env=environment, capture_output=True)
        shutil.rmtree(home, ignore_errors=True)
    print(f"{passed} checks passed, {len(failed)} failed: bash, zsh, fish and the terminal")
    sys.exit(bool(failed))


main()
