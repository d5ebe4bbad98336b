"""Synapse's functions for events, who may send them and states as an adapter; they are asked in a Python that has matrix-synapse."""
import base64
import hashlib
import json
import logging
import sys
from importlib import metadata

import synapse.server  # noqa: F401  what imports the parts in an order that works
from canonicaljson import encode_canonical_json
from synapse import event_auth
from synapse.api.room_versions import KNOWN_ROOM_VERSIONS
from synapse.crypto.event_signing import check_event_content_hash, compute_content_hash
from synapse.events import make_event_from_dict
from synapse.federation.federation_base import event_from_pdu_json
from synapse.state import v1, v2
from synapse.storage.databases.main.event_federation import StateDifference
from synapse.synapse_rust.events import redact_event_dict

logging.disable(logging.CRITICAL)


def run(coroutine):
    """The value of a coroutine that never has to wait."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    raise RuntimeError("it waits")


def allows(check):
    """Whether a check is content."""
    try:
        check()
        return True
    except Exception:
        return False


def event(octets, params):
    version = KNOWN_ROOM_VERSIONS[params["version"]]
    plain = json.loads(octets)
    made = event_from_pdu_json(dict(plain), version)
    event_auth._check_size_limits(made)
    redacted = redact_event_dict(version, plain)
    # What redacting adds of its own is not part of the event.
    redacted.pop("unsigned", None)
    digest = compute_content_hash(dict(plain), hashlib.sha256)[1]
    return {
        "id": made.event_id,
        "hash": base64.b64encode(digest).decode().rstrip("="),
        "intact": check_event_content_hash(made, hashlib.sha256),
        "redacted": encode_canonical_json(redacted).decode(),
    }


class Clock:
    async def sleep(self, duration):
        pass


class Room:
    """The events of a case, with ids in place of their names."""

    def __init__(self, params):
        self.version = KNOWN_ROOM_VERSIONS[params["version"]]
        self.rejected = set(params.get("rejected", []))
        self.events, self.ids, self.chains = {}, {}, {}
        for plain in params["events"]:
            made = self.made(plain)
            self.ids[plain["event_id"]] = made.event_id
            self.events[made.event_id] = made
            before = [self.chains.get(each, set()) for each in made.auth_event_ids()]
            self.chains[made.event_id] = {made.event_id}.union(*before)

    def made(self, plain):
        made = dict(plain)
        name = made.pop("event_id")
        if self.version.identifier in ("1", "2"):
            made["event_id"] = name
            refer = lambda names: [[each, {"sha256": ""}] for each in names]
        else:
            refer = lambda names: [self.ids[each] for each in names]
        made["auth_events"] = refer(plain["auth_events"])
        made["prev_events"] = refer(plain["prev_events"])
        if self.version.identifier == "12" and "room_id" in made:
            made["room_id"] = "!" + self.ids["$" + made["room_id"][1:]][1:]
        made.update(hashes={"sha256": ""}, signatures={})
        reason = "rejected" if name in self.rejected else None
        return make_event_from_dict(made, self.version, rejected_reason=reason)

    def state(self, names):
        return [self.events[self.ids[each]] for each in names]

    def names(self, ids):
        known = {v: k for k, v in self.ids.items()}
        return sorted(known[each] for each in ids)

    async def get_events(self, ids, redact_behaviour=None, allow_rejected=False):
        return {each: self.events[each] for each in ids if each in self.events}

    async def get_auth_chain_difference(self, room_id, sets, conflicted, further):
        chains = [set().union(*(self.chains[each] for each in ids)) for ids in sets]
        difference = set.union(*chains) - set.intersection(*chains)
        if conflicted is None:
            return StateDifference(difference, None)
        below = set().union(*(self.chains[each] for each in conflicted))
        return StateDifference(difference, {each for each in below if self.chains[each] & conflicted})


def auth(octets, params):
    room = Room(params)
    plain = json.loads(octets)
    made = room.made(plain)
    listed = allows(lambda: run(event_auth.check_state_independent_auth_rules(room, made)))
    allowed = allows(lambda: event_auth.check_state_dependent_auth_rules(made, room.state(params["state"])))
    if plain["type"] == "m.room.create":
        return {"listed": listed and allowed, "allowed": listed and allowed}
    return {"listed": listed, "allowed": allowed}


def resolve(octets, params):
    room = Room(params)
    sets = [{(e.type, e.state_key): e.event_id for e in room.state(names)} for names in params["sets"]]
    room_id = next(iter(room.events.values())).room_id
    if len(sets) == 1:
        return {"state": sorted(params["sets"][0])}
    if room.version.identifier == "1":
        found = run(v1.resolve_events_with_store(room_id, room.version, sets, None, room.get_events))
    else:
        found = run(v2.resolve_events_with_store(Clock(), room_id, room.version, sets, None, room))
    return {"state": room.names(found.values())}


OPERATIONS = {
    "matrix.event": (["id", "hash", "intact", "redacted"], event),
    "matrix.auth": (["listed", "allowed"], auth),
    "matrix.resolve": (["state"], resolve),
}

ops = {op: fields for op, (fields, _) in OPERATIONS.items()}
hello = {"name": "synapse", "version": metadata.version("matrix-synapse"), "language": "Python", "ops": ops}
print(json.dumps({"hello": hello}), flush=True)
for line in sys.stdin:
    question = json.loads(line)
    try:
        octets = base64.b64decode(question["input"]["base64"])
        value = OPERATIONS[question["op"]][1](octets, question.get("params", {}))
        answer = {"outcome": "accept", "value": value}
    except Exception as error:
        answer = {"outcome": "reject", "reason": (type(error).__name__ + ": " + str(error))[:200]}
    print(json.dumps({"id": question["id"], **answer}), flush=True)
