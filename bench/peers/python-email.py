"""Parses messages with Python's email package: the folder of the inputs is its argument, one task a line its input."""
import email
import email.policy
import json
import os
import sys
import time


def read(folder, name):
    path = os.path.join(folder, name)
    found = []
    for file in sorted(os.listdir(path)):
        with open(os.path.join(path, file), "rb") as stream:
            found.append(stream.read())
    return found


def full(octets):
    message = email.message_from_bytes(octets, policy=email.policy.default)
    fields = [message[name] for name in ("from", "to", "cc", "subject", "date", "message-id")]
    parts = []
    for part in message.walk():
        if part.is_multipart():
            continue
        text = part.get_content_maintype() == "text"
        parts.append((part.get_content() if text else part.get_payload(decode=True), part.get_filename()))
    return [str(field) for field in fields], parts


inputs = {}
for line in sys.stdin:
    task = json.loads(line)
    name = task["input"]
    if name not in inputs:
        inputs[name] = read(sys.argv[1], name)
    start, wall = time.process_time(), time.perf_counter()
    count = answers = 0
    while True:
        errors = 0
        for message in inputs[name]:
            count += len(message)
            try:
                answers += len(full(message))
            except Exception:
                errors += 1
        cpu_ms = (time.process_time() - start) * 1000
        if cpu_ms >= task["cpuMsMin"]:
            break
    wall_ms = (time.perf_counter() - wall) * 1000
    result = {"octets": count, "cpuMs": cpu_ms, "wallMs": wall_ms, "errors": errors, "answers": answers}
    print(json.dumps(result), flush=True)
