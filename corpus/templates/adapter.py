"""An adapter in Python: python3 adapter.py. Replace parse_date by what you test."""
import base64, json, sys
from email.utils import parsedate_to_datetime


def parse_date(octets, params):
    return {"epoch": int(parsedate_to_datetime(octets.decode()).timestamp())}


OPERATIONS = {"header.date": (["epoch"], parse_date)}


def write(line):
    print(json.dumps(line), flush=True)


ops = {op: fields for op, (fields, _) in OPERATIONS.items()}
write({"hello": {"name": "template-py", "version": "1", "language": "Python", "ops": ops}})
for line in sys.stdin:
    question = json.loads(line)
    octets = base64.b64decode(question["input"]["base64"])
    try:
        value = OPERATIONS[question["op"]][1](octets, question["params"])
        write({"id": question["id"], "outcome": "accept", "value": value})
    except Exception as error:
        write({"id": question["id"], "outcome": "reject", "reason": str(error)})
