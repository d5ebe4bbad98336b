"""Prints what Python's email package reads of each message of a folder, one line of JSON each: see `bench/differences/answer.ts`."""
import email
import email.policy
import json
import os
import sys


def fnv(octets):
    value = 0x811C9DC5
    for octet in octets:
        value = ((value ^ octet) * 0x01000193) & 0xFFFFFFFF
    return value


def leaves(message):
    types, texts, pages, files = [], [], [], []
    for part in message.walk():
        if part.is_multipart():
            continue
        kind, name = part.get_content_type(), part.get_filename()
        types.append(kind)
        is_file = name is not None or part.get_content_disposition() == "attachment"
        if kind in ("text/plain", "text/html") and not is_file:
            (texts if kind == "text/plain" else pages).append(part.get_content())
        else:
            octets = part.get_payload(decode=True) or b""
            files.append([name, len(octets), fnv(octets)])
    return {"types": types, "texts": texts, "pages": pages, "files": files}


def answer(octets):
    message = email.message_from_bytes(octets, policy=email.policy.default)
    sender, subject, date = message["from"], message["subject"], message["date"]
    mailboxes = [] if sender is None else [[each.display_name, each.addr_spec] for each in sender.addresses]
    moment = None if date is None or date.datetime is None else int(date.datetime.timestamp())
    return {"from": mailboxes, "subject": None if subject is None else str(subject), "date": moment, **leaves(message)}


for file in sorted(os.listdir(sys.argv[1])):
    with open(os.path.join(sys.argv[1], file), "rb") as stream:
        octets = stream.read()
    try:
        print(json.dumps(answer(octets)))
    except Exception as fault:
        print(json.dumps({"error": f"{type(fault).__name__}: {fault}"[:200]}))
