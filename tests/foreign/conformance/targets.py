"""Starts and stops the targets: the local cloud, and moto's server."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from recorder import REGION, Target

MOTO = Path(sys.executable).parent / "moto_server"


@contextlib.contextmanager
def local_cloud(program):
    """The local cloud of a binary, in a state directory of its own, as `orders-lab env` shows it."""
    home = tempfile.mkdtemp(prefix="orders-lab-conformance-")
    base = {"ORDERS_LAB_HOME": home, "HOME": home, "PATH": os.environ["PATH"]}
    try:
        subprocess.run([program, "local", "start", "--speed", "1", "--quiet"], env=base, check=True, capture_output=True)
        script = f'eval "$({program} env --quiet)" && env -0'
        done = subprocess.run(["bash", "-c", script], env=base, capture_output=True, text=True, check=True)
        environment = dict(line.split("=", 1) for line in done.stdout.split("\0") if "=" in line)
        yield Target("local", environment["AWS_ENDPOINT_URL"], environment["AWS_ACCESS_KEY_ID"],
                     environment["AWS_SECRET_ACCESS_KEY"], environment, program)
    finally:
        subprocess.run([program, "local", "stop", "--force"], env=base, capture_output=True)
        shutil.rmtree(home, ignore_errors=True)


@contextlib.contextmanager
def moto(account="000000000000"):
    """moto's server on a free port of 127.0.0.1, by default with the local cloud's account id."""
    port = free_port()
    environment = {"PATH": os.environ["PATH"], "HOME": tempfile.gettempdir(), "MOTO_ACCOUNT_ID": account,
                   "AWS_DEFAULT_REGION": REGION, "MOTO_IAM_LOAD_MANAGED_POLICIES": "true"}
    server = subprocess.Popen([MOTO, "-H", "127.0.0.1", "-p", str(port)], env=environment,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield Target("moto", f"http://127.0.0.1:{port}", "AKIAIOSFODNN7EXAMPLE", "secret", environment)
    finally:
        server.terminate()
        server.wait()


@contextlib.contextmanager
def ministack(program, account="123456789012"):
    """ministack's server on a free port of 127.0.0.1. It runs functions as processes."""
    with tempfile.TemporaryDirectory(prefix="ministack-", ignore_cleanup_errors=True) as home:
        port = free_port()
        environment = {"PATH": os.environ["PATH"], "HOME": home, "TMPDIR": home, "BIND_HOST": "127.0.0.1",
                       "GATEWAY_PORT": str(port), "MINISTACK_ACCOUNT_ID": account}
        server = subprocess.Popen([program], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                  start_new_session=True)
        try:
            wait_for(port)
            yield Target("ministack", f"http://127.0.0.1:{port}", "testing", "testing", environment)
        finally:
            # It does not end the processes of the functions.
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def wait_for(port):
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
