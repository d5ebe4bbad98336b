"""What Synapse makes of events: a room version with an event and a user id as a line of JSON in; the redaction, hash, id and signature of one and the age of the other as a line out."""
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
from synapse.types import UserID, contains_invalid_mxid_characters, is_compliant_user_id_localpart


def unpadded(octets):
    return base64.b64encode(octets).decode().rstrip("=")


def id_of(plain, version):
    """None where Synapse takes it for no event."""
    try:
        return make_event_from_dict(dict(plain), version).event_id
    except SynapseError:
        return None


def form_of(user):
    """How old a user id is; None where it is none."""
    if len(user.encode("utf-8", "surrogatepass")) > 255 or not UserID.is_valid(user):
        return None
    localpart = UserID.from_string(user).localpart
    if localpart and not contains_invalid_mxid_characters(localpart):
        return "current"
    return "historical" if is_compliant_user_id_localpart(localpart) else "other"


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
        "user": form_of(question["user"]),
        "signature": signed["signatures"]["domain"]["ed25519:1"],
    }


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
