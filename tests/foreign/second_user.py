"""Another user of the machine against the local cloud: what that user can read, reach and hold up.

Usage: second_user.py PATH-TO-ORDERS-LAB

Needs root, to become another user with setpriv, and Linux; without them it says so and checks nothing. Prints a
line for each check and `N passed, N failed`; exits 1 when one failed.
"""

import contextlib
import datetime
import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import lab

OTHER = 65534
AS_OTHER = ["setpriv", f"--reuid={OTHER}", f"--regid={OTHER}", "--clear-groups"]
CONNECTIONS = 1000

# Holds many connections open, and opens each again that is closed. Says how long the first one lasted.
HOLDER = r"""
import resource, select, socket, sys, time
port, count, first, drip = int(sys.argv[1]), int(sys.argv[2]), bytes.fromhex(sys.argv[3]), bytes.fromhex(sys.argv[4])
_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
poll, held, began, told = select.poll(), {}, time.monotonic(), False
def hold():
    one = socket.create_connection(("127.0.0.1", port), timeout=30)
    with __import__("contextlib").suppress(OSError):
        one.sendall(first)
    held[one.fileno()] = one
    poll.register(one, select.POLLIN | select.POLLHUP)
    return one
watched = hold().fileno()
for _ in range(count - 1):
    hold()
print("ready", flush=True)
dripped = time.monotonic()
while True:
    for number, _ in poll.poll(100):
        one = held[number]
        with __import__("contextlib").suppress(OSError):
            if one.recv(65536):
                continue
        poll.unregister(number)
        del held[number]
        one.close()
        if number == watched and not told:
            told = True
            print(time.monotonic() - began, flush=True)
        time.sleep(0.001)
        hold()
    if drip and time.monotonic() - dripped > 0.5:
        dripped = time.monotonic()
        for one in list(held.values()):
            with __import__("contextlib").suppress(OSError):
                one.send(drip)
"""


def as_other(*command, **options):
    return subprocess.run([*AS_OTHER, *command], capture_output=True, text=True, timeout=120, **options)


@contextlib.contextmanager
def holding(port, count, first, drip=b"", user=AS_OTHER):
    """Connections that are held meanwhile."""
    command = [*user, sys.executable, "-c", HOLDER, str(port), str(count), first.hex(), drip.hex()]
    holder = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd="/")
    try:
        line = holder.stdout.readline()
        assert line == "ready\n", f"the connections could not be opened: {line!r}"
        yield holder
    finally:
        holder.kill()
        holder.wait()


class Attacks:
    """Kinds of connections that hold a server up."""

    def __init__(self, variables):
        self.port = int(variables["AWS_ENDPOINT_URL"].rsplit(":", 1)[1])
        self.host = f"Host: 127.0.0.1:{self.port}\r\n".encode()
        now = datetime.datetime.now(datetime.timezone.utc)
        key = variables["AWS_ACCESS_KEY_ID"]
        # The key's id is no secret. With it, the head of a request passes until its body is there.
        self.known = (self.host + f"X-Amz-Date: {now:%Y%m%dT%H%M%SZ}\r\nX-Amz-Target: AmazonSQS.ListQueues\r\n"
                      f"Authorization: AWS4-HMAC-SHA256 Credential={key}/{now:%Y%m%d}/us-east-1/sqs/aws4_request, "
                      f"SignedHeaders=host;x-amz-target, Signature={'0' * 64}\r\n".encode())

    def kinds(self):
        """What they are called, what is sent first, and what is sent again and again."""
        line = b"POST / HTTP/1.1\r\n"
        return [
            ("idle", b"", b""),
            ("a head that stalls", line + self.host, b""),
            ("a head that drips", line + self.host, b"X"),
            ("a body that stalls", line + self.known + b"Content-Length: 1000000\r\n\r\n{", b""),
            ("a body that drips", line + self.known + b"Content-Length: 1000000\r\n\r\n{", b" "),
            ("chunks without end", line + self.known + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
            ("a body of somebody unknown", line + self.host + b"Content-Length: 1000000\r\n\r\n", b" "),
            ("a body for no function", b"POST /_runtime/0/x HTTP/1.1\r\n" + self.host + b"Content-Length: 9\r\n\r\n", b""),
            ("requests without reading", (b"GET /_runtime/0/x HTTP/1.1\r\n" + self.host + b"\r\n") * 50, b""),
        ]


def send(port, method, path, body=b"", headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, body, headers or {})
    reply = connection.getresponse()
    return reply.status, reply.read().decode()


def status(cloud, times=3):
    """The longest time that `status` took."""
    longest = 0
    for _ in range(times):
        began = time.monotonic()
        cloud.good("status")
        longest = max(longest, time.monotonic() - began)
    return longest


def held_up(check, cloud, attacks):
    print(f"      alone, `status` takes {status(cloud):.2f} s")
    for name, first, drip in attacks.kinds():

        def answers():
            with holding(attacks.port, CONNECTIONS, first, drip):
                print(f"      {status(cloud):.2f} s", end=" ")

        check(f"{CONNECTIONS} connections, {name}: `status` answers", answers)

    def answers_under_all():
        with contextlib.ExitStack() as all:
            for _, first, drip in attacks.kinds():
                all.enter_context(holding(attacks.port, CONNECTIONS // 4, first, drip))
            print(f"      {status(cloud):.2f} s", end=" ")

    check("all of them at once: `status` answers", answers_under_all)

    def answers_under_our_own():
        with holding(attacks.port, 3 * CONNECTIONS, b"", user=[]):
            print(f"      {status(cloud):.2f} s", end=" ")

    check("the same by a program of ours: `status` answers", answers_under_our_own)

    def ends(first, drip):
        with holding(attacks.port, 1, first, drip) as holder:
            lasted = float(holder.stdout.readline())
            print(f"      {lasted:.1f} s", end=" ")
            assert lasted < 30, lasted

    for name, first, drip in attacks.kinds()[:6]:
        check(f"one connection, {name}: it is closed in seconds", lambda: ends(first, drip))


def kept_out(check, cloud, attacks, program):
    directory = cloud.home / "cloud"

    def key_is_secret():
        for path in [directory / "owner.json", directory / "state.db", cloud.home]:
            done = as_other("ls" if path == cloud.home else "cat", path)
            assert done.returncode != 0 and not done.stdout, done

    def is_not_served():
        lab.same(send(attacks.port, "POST", "/", b"{}", {"X-Amz-Target": "AmazonSQS.ListQueues"})[0], 403)
        lab.same(send(attacks.port, "POST", "/_runtime/0/2018-06-01/runtime/init/error", b"{}")[0], 403)

    def tool_refuses(home):
        environment = {"ORDERS_LAB_HOME": str(home), "HOME": "/", "PATH": os.environ["PATH"]}
        done = as_other(program, "status", "--json", env=environment)
        assert done.returncode == 3, done
        lab.same(json.loads(done.stdout)["error"]["kind"], "environment")

    check("another user reads neither the key nor the state", key_is_secret)
    check("without a key nobody is served", is_not_served)
    check("the tool refuses our state directory to another user", lambda: tool_refuses(cloud.home))


def foreign_directories(check, program):
    """State directories of another user, offered to us."""

    def refused(prepare, word):
        with tempfile.TemporaryDirectory(prefix="orders-lab-") as folder:
            home = prepare(Path(folder))
            tool = lab.Tool(program, folder, ORDERS_LAB_HOME=str(home))
            for command in (["status"], ["local", "start"], ["local", "serve"], ["up"], ["env"]):
                code, document = tool.ended(*command)
                lab.same((code, document["error"]["kind"]), (3, "environment"))
                assert word in document["error"]["message"], document
            code, report = tool.ended("doctor")
            assert code == 1 and word in json.dumps(report), report

    def whole(folder):
        (home := folder / "home").mkdir(0o700)
        os.chown(home, OTHER, OTHER)
        return home

    def above(folder):
        (home := folder / "above" / "home").mkdir(0o700, parents=True)
        os.chown(folder / "above", OTHER, OTHER)
        return home

    def link(folder):
        (folder / "home").mkdir(0o700)
        (folder / "link").symlink_to(folder / "home")
        os.chown(folder / "link", OTHER, OTHER, follow_symlinks=False)
        return folder / "link"

    def key(folder):
        (cloud := folder / "home" / "cloud").mkdir(0o700, parents=True)
        (folder / "home").chmod(0o700)
        (cloud / "owner.json").write_text(json.dumps({"access_key": "AKIA", "secret_key": "known"}))
        (cloud / "owner.json").chmod(0o600)
        os.chown(cloud / "owner.json", OTHER, OTHER)
        return folder / "home"

    for name, prepare in [("directory", whole), ("directory above it", above), ("link to it", link), ("key in it", key)]:
        check(f"a state directory is refused: another user's {name}", lambda: refused(prepare, str(OTHER)))

    def shared(folder):
        (home := folder / "home").mkdir()
        home.chmod(0o777)
        return home

    check("a state directory is refused: everybody can write to it", lambda: refused(shared, "changed by other"))


def reachable(program, folder):
    """The program, where another user may run it."""
    if as_other("test", "-x", program).returncode == 0:
        return Path(program).resolve()
    folder.chmod(0o755)
    return Path(shutil.copy(program, folder / "orders-lab"))


if sys.platform != "linux" or os.geteuid() != 0 or not shutil.which("setpriv"):
    print("NOT CHECKED: another user. It needs Linux, root and setpriv.")
    sys.exit(0)
check = lab.Checks()
with lab.local(sys.argv[1]) as cloud, tempfile.TemporaryDirectory(prefix="orders-lab-") as folder:
    cloud.good("up")
    program = reachable(sys.argv[1], Path(folder))
    attacks = Attacks(cloud.variables())
    kept_out(check, cloud, attacks, program)
    foreign_directories(check, sys.argv[1])
    held_up(check, cloud, attacks)
sys.exit(check.code())
