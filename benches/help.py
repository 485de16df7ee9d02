"""Prints how long `--help` takes.

Usage: help.py [PATH-TO-ORDERS-LAB] [--runs N] [--at-most MILLISECONDS]

Build first with `cargo build --release`. Ends with 1 when even the fastest run takes longer than allowed:
other load on the machine makes runs slower, never faster.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("program", nargs="?", default="target/release/orders-lab")
parser.add_argument("--runs", type=int, default=200)
parser.add_argument("--at-most", type=float, default=20.0)
options = parser.parse_args()
program = Path(options.program).resolve()
slow = False
for arguments in (["--help"], ["up", "--help"], ["local", "chaos", "--help"], ["--version"], ["__labs"]):
    times = []
    for _ in range(options.runs):
        began = time.perf_counter()
        done = subprocess.run([program, *arguments], env={"PATH": os.environ["PATH"], "ORDERS_LAB_HOME": "/nonexistent"}, stdout=subprocess.DEVNULL)
        times.append((time.perf_counter() - began) * 1000)
        if done.returncode != 0:
            sys.exit(f"{arguments} ended with {done.returncode}")
    median = statistics.median(times)
    slow |= min(times) > options.at_most
    name = f"`{' '.join(['orders-lab', *arguments])}`, {options.runs} runs"
    print(f"{name:<58} median {median:.1f} ms, least {min(times):.1f} ms", flush=True)
sys.exit(slow)
