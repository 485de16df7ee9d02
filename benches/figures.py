"""Prints the figures of the tool: size, time until ready, throughput, and the cost of idling.

Usage: figures.py [PATH-TO-ORDERS-LAB] [--count N] [--idle SECONDS]

Build first with `cargo build --release`. Figures of one run on one machine compare with each
other, not with those of another machine.
"""

import argparse
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "foreign"))

import lab  # noqa: E402


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


def timed(tool, *arguments):
    """The seconds that a command takes."""
    began = time.monotonic()
    tool.good(*arguments)
    return time.monotonic() - began


def main(options, tool):
    count = str(options.count)
    figure("size of the program", f"{tool.program.stat().st_size / 1e6:.1f} MB")
    figure("`up` with nothing running, until ready", f"{timed(tool, 'up'):.2f} s")
    figure("`up` again, everything unchanged", f"{timed(tool, 'up'):.2f} s")
    took = timed(tool, "simulate", "--count", count, "--fault-rate", "0")
    figure(f"`simulate --count {count} --fault-rate 0`", f"{options.count / took:.0f} orders/s")
    took = timed(tool, "simulate", "--count", count)
    figure(f"`simulate --count {count}`, its dead letters included", f"{options.count / took:.0f} orders/s")
    figure("`audit` of both runs", f"{timed(tool, 'audit'):.2f} s")
    pid = tool.good("local", "status")["pid"]
    # Logs are written a moment after the last order. Then the cloud is idle.
    time.sleep(5)
    before = ticks(pid)
    time.sleep(options.idle)
    spent = (ticks(pid) - before) * 1000 // os.sysconf("SC_CLK_TCK")
    figure(f"the local cloud's CPU time in {options.idle} idle seconds, a lab up", f"{spent} ms")
    figure("its resident memory then", f"{resident(pid):.1f} MB")
    figure("`down`", f"{timed(tool, 'down'):.2f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("program", nargs="?", default="target/release/orders-lab")
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--idle", type=int, default=60)
    chosen = parser.parse_args()
    with lab.local(chosen.program) as local:
        main(chosen, local)
