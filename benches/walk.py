#!/usr/bin/env python3
"""Draws when `up` creates each resource under a chaos profile of the local cloud, and compares the
time that it took with that of its longest chain of dependencies. Ends with 1 when it took more than a
tenth longer. Both times are of the same run, so this holds on fast and on slow machines.

    python3 benches/walk.py target/release/orders-lab [PROFILE] [SPEED]
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "foreign"))

import lab  # noqa: E402

WIDTH = 50
AT_MOST = 1.1


def draw(up):
    """Draws each resource as a bar in time, with a star for those of the longest chain."""
    timing = up["timing"]
    for one in sorted(up["resources"], key=lambda one: (one["began_seconds"], one["seconds"])):
        begin = int(one["began_seconds"] / timing["seconds"] * WIDTH)
        length = max(1, round(one["seconds"] / timing["seconds"] * WIDTH))
        name = f"{one['kind'].replace('_', ' ')} {one['name']}"
        mark = "*" if name in timing["longest_chain"] else " "
        print(f"{mark} {name[:46]:46} {' ' * begin}{'━' * length} {one['seconds']:.1f} s")


def main(program, profile="aws", speed="1"):
    with lab.local(program) as tool:
        tool.good("local", "start", "--speed", speed)
        tool.good("local", "chaos", profile, "--seed", "1")
        up = tool.good("up")
        tool.good("local", "chaos", "off")
        tool.good("down")
    assert {one["outcome"] for one in up["resources"]} == {"created"}, up["resources"]
    draw(up)
    walk, chain = up["timing"]["seconds"], up["timing"]["longest_chain_seconds"]
    print(f"* longest chain: {chain:.2f} s; the walk: {walk:.2f} s ({100 * walk / chain:.1f} %)")
    print(f"  before the walk, to connect and to look at what there is: {up['seconds'] - walk:.2f} s; "
          f"the whole command: {up['seconds']:.2f} s")
    if walk > chain * AT_MOST:
        sys.exit(f"the walk took more than {AT_MOST - 1:.0%} longer than its longest chain")


if __name__ == "__main__":
    main(*sys.argv[1:])
