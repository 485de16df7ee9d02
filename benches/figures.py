"""Prints the figures of the tool: size, time to ready, throughput, and what idling costs.

Usage: figures.py [PATH-TO-ORDERS-LAB] [--count N] [--idle SECONDS]

Build first with `cargo build --release`. Figures of one run on one machine compare with each
other, not with those of another machine.
"""

import argparse
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("program", nargs="?", default="target/release/orders-lab")
parser.add_argument("--count", type=int, default=20_000)
parser.add_argument("--idle", type=int, default=60)
options = parser.parse_args()
program = Path(options.program).resolve()
home = tempfile.mkdtemp(prefix="orders-lab-figures-")
environment = {"ORDERS_LAB_HOME": home, "HOME": home, "PATH": os.environ["PATH"]}


def lab(*arguments):
    """Runs the tool; its document and the seconds it took."""
    began = time.monotonic()
    done = subprocess.run([program, *arguments, "--json"], env=environment, capture_output=True, text=True)
    took = time.monotonic() - began
    if done.returncode != 0:
        raise SystemExit(f"{arguments} ended with {done.returncode}: {done.stdout}{done.stderr}")
    return json.loads(done.stdout), took


def ticks(pid):
    """A process's CPU time in clock ticks."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def resident(pid):
    """A process's resident memory in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def figure(name, value):
    print(f"{name:<58} {value}", flush=True)


try:
    figure("size of the program", f"{program.stat().st_size / 1e6:.1f} MB")
    figure("`up` with nothing running, until ready", f"{lab('up')[1]:.2f} s")
    figure("`up` again, everything unchanged", f"{lab('up')[1]:.2f} s")
    run, took = lab("simulate", "--count", str(options.count), "--fault-rate", "0")
    figure(f"`simulate --count {options.count} --fault-rate 0`", f"{options.count / took:.0f} orders/s")
    run, took = lab("simulate", "--count", str(options.count))
    figure(f"`simulate --count {options.count}`, its dead letters included", f"{options.count / took:.0f} orders/s")
    figure("`audit` of both runs", f"{lab('audit')[1]:.2f} s")
    pid = lab("local", "status")[0]["pid"]
    # Logs are written a moment after the last order; then nothing is left to do.
    time.sleep(5)
    before = ticks(pid)
    time.sleep(options.idle)
    spent = (ticks(pid) - before) * 1000 // os.sysconf("SC_CLK_TCK")
    figure(f"the local cloud's CPU time in {options.idle} idle seconds, a lab up", f"{spent} ms")
    figure("its resident memory then", f"{resident(pid):.1f} MB")
    figure("`down`", f"{lab('down')[1]:.2f} s")
finally:
    subprocess.run([program, "local", "stop", "--force"], env=environment, capture_output=True)
    shutil.rmtree(home, ignore_errors=True)
