#!/usr/bin/env python3
"""Draws how `up` walks the lab under a weather of the local cloud, and compares the time that it
took with that of its longest chain of dependencies.

    python3 benches/walk.py target/release/orders-lab [WEATHER] [SPEED]
"""

import json
import os
import subprocess
import sys
import tempfile

WIDTH = 50


def main(tool, weather="aws", speed="1"):
    with tempfile.TemporaryDirectory() as home:
        environment = {"ORDERS_LAB_HOME": home, "HOME": home, "PATH": os.environ["PATH"]}

        def lab(*arguments):
            done = subprocess.run([tool, *arguments, "--json"], env=environment, text=True, capture_output=True)
            if done.returncode != 0:
                sys.exit(f"{arguments} ended with {done.returncode}: {done.stdout}{done.stderr}")
            return json.loads(done.stdout)

        lab("local", "start", "--speed", speed)
        lab("local", "weather", weather, "--seed", "1")
        up = lab("up")
        lab("local", "weather", "calm")
        lab("down")
    walk = up["walk"]
    longest = max(walk["seconds"], 0.001)
    for one in sorted(up["resources"], key=lambda one: (one["began"], one["seconds"])):
        begin = int(one["began"] / longest * WIDTH)
        length = max(1, round(one["seconds"] / longest * WIDTH))
        name = f"{one['kind'].replace('_', ' ')} {one['name']}"
        mark = "*" if name in walk["longest_chain"] else " "
        print(f"{mark} {name[:46]:46} {' ' * begin}{'━' * length} {one['seconds']:.1f} s")
    print(f"* longest chain: {walk['longest_chain_seconds']:.2f} s; the walk: {walk['seconds']:.2f} s "
          f"({100 * walk['seconds'] / max(walk['longest_chain_seconds'], 0.001):.1f} %); "
          f"the whole command: {up['seconds']:.2f} s")


if __name__ == "__main__":
    main(*sys.argv[1:])
