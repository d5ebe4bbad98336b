"""What Synapse makes of events: a room version with an event as a line of JSON in; its redaction, hash, id and signature as a line out."""
import base64
import hashlib
import json
import sys

import synapse.server  # noqa: F401  what imports the parts in an order that works
from canonicaljson import encode_canonical_json
from signedjson.key import decode_signing_key_base64
from signedjson.sign import sign_json
from synapse.api.errors import SynapseError
from synapse.api.room_versions import KNOWN_ROOM_VERSIONS
from synapse.crypto.event_signing import compute_content_hash
from synapse.events import make_event_from_dict
from synapse.synapse_rust.events import redact_event_dict


def unpadded(octets):
    return base64.b64encode(octets).decode().rstrip("=")


def id_of(plain, version):
    """None where Synapse takes it for no event."""
    try:
        return make_event_from_dict(dict(plain), version).event_id
    except SynapseError:
        return None


def answer(question):
    version = KNOWN_ROOM_VERSIONS[question["version"]]
    plain = question["event"]
    key = decode_signing_key_base64("ed25519", "1", question["seed"])
    redacted = redact_event_dict(version, plain)
    # What redacting adds of its own is not part of the event.
    redacted.pop("unsigned", None)
    signed = sign_json({k: v for k, v in redacted.items() if k != "signatures"}, "domain", key)
    return {
        "canonical": encode_canonical_json(plain).decode(),
        "redacted": encode_canonical_json(redacted).decode(),
        "hash": unpadded(compute_content_hash(dict(plain), hashlib.sha256)[1]),
        "id": id_of(plain, version),
        "signature": signed["signatures"]["domain"]["ed25519:1"],
    }


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
