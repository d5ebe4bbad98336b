import type { Crypto, Hasher } from "@scop/platform";
import { assert } from "@scop/wire";
import { type BodyCanonicalizer, canonicalBody, canonicalPart } from "./canonical-body.ts";
import { FREE_ROOMS_MAX, HELD_BODY_OCTETS_MAX, ROOM_OCTETS_MIN } from "./limits.ts";
import type { Canonicalization } from "./signature.ts";

/** The hash of a body, once all of it has come. */
export interface BodyHash {
  /** 32 octets. */
  readonly hash: Uint8Array;
  /** Octets of the canonical body, and how many of them were not hashed because of `l=`. */
  readonly octets: number;
  readonly unhashedOctets: number;
}

/** Hashes of one body for all of its signatures: DKIM and ARC share one of these. */
export interface BodyHashes {
  /** Asks for a hash before the first octets come; `limit` is `l=`. What it answers gives the hash after the end of the body. */
  request(form: Canonicalization, limit: number | undefined): () => BodyHash;
  /** Octets of the body in their order, in any pieces. */
  feed(bytes: Uint8Array): void;
  end(): void;
  /** All of the body at once, in place of `feed` and `end`: the same hashes, and faster. */
  whole(body: Uint8Array): void;
}

/** One hash of one form. */
class Digest {
  readonly limit: number;
  readonly #hasher: Hasher;
  octets = 0;
  result: BodyHash | undefined;

  constructor(crypto: Pick<Crypto, "hasher">, limit: number) {
    this.limit = limit;
    this.#hasher = crypto.hasher();
  }

  take(bytes: Uint8Array): void {
    const room = this.limit - this.octets;
    this.octets += bytes.length;
    if (room > 0) this.#hasher.update(bytes.length <= room ? bytes : bytes.subarray(0, room));
  }

  end(): BodyHash {
    const unhashedOctets = Math.max(0, this.octets - this.limit);
    return { hash: this.#hasher.digest(), octets: this.octets, unhashedOctets };
  }
}

/** One form of the body and the hashes of it, by their limit. */
interface Form {
  readonly form: Canonicalization;
  readonly results: Map<number, BodyHash | undefined>;
  digests: readonly Digest[];
  body: BodyCanonicalizer | undefined;
}

type Hashes = Pick<Crypto, "hasher" | "sha256">;

function opened(crypto: Hashes, form: Form): BodyCanonicalizer {
  if (form.body !== undefined) return form.body;
  const digests = [...form.results.keys()].map(limit => new Digest(crypto, limit));
  form.digests = digests;
  form.body = canonicalBody(form.form, bytes => {
    for (const digest of digests) digest.take(bytes);
  });
  return form.body;
}

function end(crypto: Hashes, form: Form): void {
  opened(crypto, form).end();
  for (const digest of form.digests) form.results.set(digest.limit, digest.end());
}

function whole(crypto: Hashes, form: Form, body: Uint8Array): void {
  const part = canonicalPart(form.form, body);
  if (part === undefined) {
    opened(crypto, form).feed(body);
    end(crypto, form);
  } else for (const limit of form.results.keys()) form.results.set(limit, hashOf(crypto, part, limit));
}

/** Rooms for first pieces that no body has now: new memory costs ten times what a copy does. */
const freeRooms: Uint8Array[] = [];

/** A copy of octets, at most `HELD_BODY_OCTETS_MAX`; few of them are not given so much room. */
function heldCopy(bytes: Uint8Array): Uint8Array {
  if (bytes.length < ROOM_OCTETS_MIN) return bytes.slice();
  const room = freeRooms.pop() ?? new Uint8Array(HELD_BODY_OCTETS_MAX);
  room.set(bytes);
  return room.subarray(0, bytes.length);
}

/** Gives the room of a copy that nobody looks at any more to the next body. */
function release(copy: Uint8Array): void {
  if (copy.length >= ROOM_OCTETS_MIN && freeRooms.length < FREE_ROOMS_MAX) freeRooms.push(new Uint8Array(copy.buffer));
}

/** Opens the hashes of one body. Each form is made once, and each hash once, in one pass over its octets. */
export function openBodyHashes(crypto: Hashes): BodyHashes {
  const forms: Form[] = [];
  let phase: "asked" | "fed" | "over" = "asked";
  /** A copy of the first piece, until it is known whether it is all: a hash at once costs less than one that is opened. */
  let held: Uint8Array | undefined;

  return {
    request(form, limit = Number.POSITIVE_INFINITY) {
      assert(phase === "asked", "hashes are asked for before the body comes");
      let known = forms.find(each => each.form === form);
      if (known === undefined) {
        known = { form, results: new Map(), digests: [], body: undefined };
        forms.push(known);
      }
      const { results } = known;
      results.set(limit, undefined);
      return () => {
        const result = results.get(limit);
        assert(result !== undefined, "a hash is known after the end of the body");
        return result;
      };
    },
    feed(bytes) {
      assert(phase !== "over", "nothing comes after the end of a body");
      if (phase === "asked" && bytes.length <= HELD_BODY_OCTETS_MAX && forms.length > 0) held = heldCopy(bytes);
      else {
        for (const each of forms) {
          if (held !== undefined) opened(crypto, each).feed(held);
          opened(crypto, each).feed(bytes);
        }
        if (held !== undefined) release(held);
        held = undefined;
      }
      phase = "fed";
    },
    end() {
      assert(phase !== "over", "a body ends once");
      phase = "over";
      for (const each of forms) {
        if (held === undefined) end(crypto, each);
        else whole(crypto, each, held);
      }
      if (held !== undefined) release(held);
      held = undefined;
    },
    whole(body) {
      assert(phase === "asked", "a whole body comes alone");
      phase = "over";
      for (const each of forms) whole(crypto, each, body);
    },
  };
}

function hashOf(crypto: Pick<Crypto, "sha256">, part: Uint8Array, limit: number): BodyHash {
  const octets = part.length;
  if (limit >= octets) return { hash: crypto.sha256(part), octets, unhashedOctets: 0 };
  return { hash: crypto.sha256(part.subarray(0, limit)), octets, unhashedOctets: octets - limit };
}
