"""Judges events and resolves states with Synapse: a room as a line of JSON in, ids, verdicts and resolved states as a line out."""
import json
import logging
import sys

import synapse.server  # noqa: F401  what imports the parts in an order that works
from synapse import event_auth
from synapse.api.room_versions import KNOWN_ROOM_VERSIONS
from synapse.events import make_event_from_dict
from synapse.state import v1, v2
from synapse.storage.databases.main.event_federation import StateDifference


def run(coroutine):
    """The value of a coroutine that never has to wait."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    raise RuntimeError("it waits")


logging.disable(logging.CRITICAL)


class Clock:
    async def sleep(self, duration):
        pass


class Store:
    def __init__(self):
        self.events = {}
        self.chains = {}

    def add(self, event):
        chain = {event.event_id}
        for auth_id in event.auth_event_ids():
            chain |= self.chains.get(auth_id, set())
        self.events[event.event_id] = event
        self.chains[event.event_id] = chain

    async def get_events(self, ids, redact_behaviour=None, allow_rejected=False):
        return {i: self.events[i] for i in ids if i in self.events}

    async def get_auth_chain_difference(self, room_id, sets, conflicted, further):
        chains = [set().union(*(self.chains[i] for i in ids)) for ids in sets]
        difference = set.union(*chains) - set.intersection(*chains)
        if conflicted is None:
            return StateDifference(difference, None)
        below = set().union(*(self.chains[i] for i in conflicted))
        between = {i for i in below if self.chains[i] & conflicted}
        return StateDifference(difference, between)


def made(plain, version, ids, rejected=()):
    """The event, with ids in place of the names that others have."""
    event = dict(plain)
    name = event.pop("event_id")
    if version.identifier in ("1", "2"):
        event["event_id"] = name
        refer = lambda names: [[n, {"sha256": ""}] for n in names]
    else:
        refer = lambda names: [ids[n] for n in names]
    event["auth_events"] = refer(plain["auth_events"])
    event["prev_events"] = refer(plain["prev_events"])
    if version.identifier == "12" and "room_id" in event:
        event["room_id"] = "!" + ids["$" + event["room_id"][1:]][1:]
    event.update(hashes={"sha256": ""}, signatures={})
    reason = "rejected" if name in rejected else None
    return make_event_from_dict(event, version, rejected_reason=reason)


def attempt(work):
    """What comes of it; None where it refuses, or ends in an error over what is malformed."""
    try:
        return work()
    except Exception:
        return None


def allows(check):
    """Whether a check is content."""
    return attempt(lambda: check() or True) is not None


def judge(judged, store, ids, version):
    """Whether the auth events of an event may be what they are, and whether the state allows it."""
    state = [store.events[ids[n]] for n in judged["state"]]
    event = made(judged["plain"], version, ids)
    return [
        allows(lambda: run(event_auth.check_state_independent_auth_rules(store, event))),
        allows(lambda: event_auth.check_state_dependent_auth_rules(event, state)),
    ]


def resolve(room):
    version = KNOWN_ROOM_VERSIONS[room["version"]]
    store, ids = Store(), {}
    for plain in room["events"]:
        event = made(plain, version, ids, room["rejected"])
        ids[plain["event_id"]] = event.event_id
        store.add(event)
    room_id = next(iter(store.events.values())).room_id
    answers = []
    for states in room["problems"]:
        sets = []
        for names in states:
            events = [store.events[ids[n]] for n in names]
            sets.append({(e.type, e.state_key): e.event_id for e in events})
        if room["version"] == "1":
            found = attempt(lambda: run(v1.resolve_events_with_store(room_id, version, sets, None, store.get_events)))
        else:
            found = attempt(lambda: run(v2.resolve_events_with_store(Clock(), room_id, version, sets, None, store)))
        answers.append(None if found is None else sorted(found.values()))
    judged = [judge(each, store, ids, version) for each in room["judged"]]
    return {"ids": ids, "resolved": answers, "judged": judged}


for line in sys.stdin:
    print(json.dumps(resolve(json.loads(line))), flush=True)
