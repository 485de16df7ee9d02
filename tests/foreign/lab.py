"""What the scripts that check the tool from outside share. Needs only Python."""

import contextlib
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path


class Checks:
    """Runs checks, prints a line for each, and counts them."""

    def __init__(self):
        self.passed = self.failed = 0

    def __call__(self, name, test):
        began = time.monotonic()
        try:
            test()
            self.passed += 1
            print(f"ok    {name} ({time.monotonic() - began:.1f} s)", flush=True)
        except Exception as problem:  # a check that raises anything has failed
            self.failed += 1
            print(f"FAIL  {name}: {type(problem).__name__}: {problem}", flush=True)

    def code(self):
        """Prints the counts; the exit code of the script."""
        print(f"{self.passed} passed, {self.failed} failed")
        return int(self.failed != 0)


def same(found, wanted):
    assert found == wanted, f"{found!r}, not {wanted!r}"


class Tool:
    """The tool with these flags, a home of its own and nothing of the user's environment."""

    def __init__(self, program, home, *flags, **environment):
        self.program = Path(program).resolve()
        self.home = Path(home)
        self.flags = flags
        self.environment = {"HOME": str(home), "PATH": os.environ["PATH"], **environment}
        # What the last command printed on stderr.
        self.progress = ""

    def ended(self, *arguments):
        """Runs a command. Returns its exit code and document."""
        command = [self.program, *arguments, *self.flags, "--json"]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=600)
        self.progress = done.stderr
        try:
            return done.returncode, json.loads(done.stdout)
        except json.JSONDecodeError:
            raise AssertionError(f"{arguments} ({done.returncode}): {done.stdout}{done.stderr}") from None

    def told(self, *arguments, codes=(0, 1)):
        """The document of a command that may report problems."""
        code, document = self.ended(*arguments)
        assert code in codes, f"{arguments} ended with {code}: {json.dumps(document, indent=1)}"
        assert "error" not in document, document
        return document

    def good(self, *arguments):
        return self.told(*arguments, codes=(0,))

    def outcomes(self, *arguments, codes=(0,)):
        """The outcome of each resource, by its kind and name."""
        resources = self.told(*arguments, codes=codes)["resources"]
        return {(one["kind"], one["name"]): one["outcome"] for one in resources}

    def variables(self):
        """The variables that `env` exports for the local cloud."""
        return self.good("env")["variables"]


@contextlib.contextmanager
def local(program, **environment):
    """The tool with a local cloud of its own, which is stopped at the end."""
    with tempfile.TemporaryDirectory(prefix="orders-lab-", ignore_cleanup_errors=True) as home:
        tool = Tool(program, home, ORDERS_LAB_HOME=home, **environment)
        try:
            yield tool
        finally:
            command = [tool.program, "local", "stop", "--force"]
            subprocess.run(command, env=tool.environment, capture_output=True)
