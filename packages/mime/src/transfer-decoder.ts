import { concat, type Diagnostic, EMPTY } from "@scop/wire";
import { base64Room, base64State, endBase64, readBase64 } from "./base64-body.ts";
import type { TransferEncoding } from "./model.ts";
import { quotedDiagnostics, quotedState, readQuoted } from "./quoted-printable.ts";

/** Decodes the body of a part that comes in pieces. What it gives is the same whatever the pieces. */
export interface TransferDecoder {
  /** The octets of the next piece; `offset` is its place in the message. A view of the piece where nothing is encoded. */
  decode(piece: Uint8Array, offset: number): Uint8Array;
  /** The octets that waited for more; the body ends at this place. */
  end(offset: number): Uint8Array;
  /** What was noted, once the body has ended. Offsets are those of the message. */
  diagnostics(): readonly Diagnostic[];
  /** Octets of the body that wait for more: at most three of base64, at most 1,000 of quoted-printable. */
  readonly held: number;
}

const identity: TransferDecoder = {
  decode: piece => piece,
  end: () => EMPTY,
  diagnostics: () => [],
  held: 0,
};

function base64Decoder(): TransferDecoder {
  const state = base64State();
  let found: readonly Diagnostic[] = [];
  return {
    decode: (piece, offset) => {
      const output = new Uint8Array(base64Room(piece.length));
      state.at = 0;
      state.octets = 0;
      readBase64(piece, piece.length, output, state, offset);
      return output.subarray(0, state.octets);
    },
    end: offset => {
      const output = new Uint8Array(base64Room(0));
      state.octets = 0;
      found = endBase64(output, state, offset);
      return output.subarray(0, state.octets);
    },
    diagnostics: () => found,
    get held() {
      return state.symbols;
    },
  };
}

function quotedDecoder(): TransferDecoder {
  const state = quotedState();
  let rest = EMPTY;
  const read = (piece: Uint8Array, offset: number, isLast: boolean): Uint8Array => {
    const bytes = concat([rest, piece]);
    const output = new Uint8Array(bytes.length);
    state.at = 0;
    state.octets = 0;
    readQuoted(bytes, bytes.length, isLast, output, state, offset - rest.length);
    rest = state.at < bytes.length ? bytes.slice(state.at) : EMPTY;
    return output.subarray(0, state.octets);
  };
  return {
    decode: (piece, offset) => read(piece, offset, false),
    end: offset => read(EMPTY, offset, true),
    diagnostics: () => quotedDiagnostics(state),
    get held() {
      return rest.length;
    },
  };
}

/** A decoder for a body in this encoding; any but base64 and quoted-printable is given as it is. RFC 2045 6 */
export function transferDecoder(encoding: TransferEncoding): TransferDecoder {
  if (encoding === "base64") return base64Decoder();
  return encoding === "quoted-printable" ? quotedDecoder() : identity;
}
