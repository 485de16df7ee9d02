"""The function that the cases upload. It does what its event says."""

import io
import zipfile

# The system's interpreter, not this one: a confined function cannot run programs of the user.
PROGRAM = '''#!/usr/bin/env -S python3 -I
import json, os, signal, sys, time, urllib.request

api = os.environ["AWS_LAMBDA_RUNTIME_API"]
base = (api if "://" in api else "http://" + api) + "/2018-06-01/runtime"


def post(path, body):
    urllib.request.urlopen(urllib.request.Request(base + path, body.encode())).read()


while True:
    with urllib.request.urlopen(base + "/invocation/next") as call:
        request, event = call.headers["Lambda-Runtime-Aws-Request-Id"], json.load(call)
    do = event.get("do") if isinstance(event, dict) else None
    print("EVENT", json.dumps(event), flush=True)
    if do == "fail":
        post(f"/invocation/{request}/error", '{"errorType": "Broken", "errorMessage": "as told"}')
    elif do == "exit":
        sys.exit(3)
    elif do == "leave":
        sys.exit(0)
    elif do == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    elif do == "sleep":
        time.sleep(60)
    else:
        if do == "wait":
            time.sleep(event["seconds"])
        post(f"/invocation/{request}/response", json.dumps(event))
'''


def package(name="bootstrap", content=PROGRAM):
    """A zip with one executable file, the same bytes each time."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        entry = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
        entry.external_attr = 0o100755 << 16
        archive.writestr(entry, content)
    return written.getvalue()


def bomb():
    """A small zip of more than 250 MiB."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("bootstrap", b"\\0" * (251 << 20))
    return written.getvalue()
