"""ARC with dkimpy. `verify FOLDER INPUT` prints the status of the chain of each message of an input as JSON; `seal SELECTOR DOMAIN KEYFILE`
puts a set before the message on standard input, which has an Authentication-Results field of that domain."""

import json
import os
import sys

import dkim


def verify(folder, name):
    with open(os.path.join(folder, "zone.txt"), "rb") as file:
        zone = dict(line.rstrip(b"\n").split(b"\t", 1) for line in file)

    def look_up(asked, timeout=5):
        asked = asked if isinstance(asked, bytes) else asked.encode()
        return zone.get(asked.rstrip(b"."))

    words = []
    path = os.path.join(folder, name)
    for each in sorted(os.listdir(path)):
        with open(os.path.join(path, each), "rb") as file:
            status = dkim.arc_verify(file.read(), dnsfunc=look_up)[0]
        words.append(status.decode() if status else "none")
    print(json.dumps(words))


def seal(selector, domain, key_file):
    message = sys.stdin.buffer.read()
    with open(key_file, "rb") as file:
        key = file.read()
    fields = dkim.arc_sign(message, selector.encode(), domain.encode(), key, domain.encode())
    sys.stdout.buffer.write(b"".join(fields) + message)


if sys.argv[1] == "seal":
    seal(*sys.argv[2:])
else:
    verify(*sys.argv[2:])
