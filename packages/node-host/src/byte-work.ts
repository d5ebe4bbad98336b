import { type ByteWork, pureByteWork } from "@scop/wire";

/** Below this many octets a plain loop is faster than the call into native code. */
const NATIVE_OCTETS_MIN = 24;

function view(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Plain octets, without the pool behind small Buffers: what is kept does not hold on to its neighbours. */
function owned(text: string, encoding: "latin1" | "utf8"): Uint8Array {
  const bytes = new Uint8Array(encoding === "latin1" ? text.length : Buffer.byteLength(text, "utf8"));
  view(bytes).write(text, encoding);
  return bytes;
}

/** The byte loops of `@scop/wire` by Node's Buffer. `installByteWork(nodeByteWork)` is called once, at start. */
export const nodeByteWork: ByteWork = {
  latin1Text: (bytes, start, end) =>
    end - start < NATIVE_OCTETS_MIN
      ? pureByteWork.latin1Text(bytes, start, end)
      : view(bytes).toString("latin1", start, end),
  latin1Bytes: text => (text.length < NATIVE_OCTETS_MIN ? pureByteWork.latin1Bytes(text) : owned(text, "latin1")),
  utf8Text: (bytes, start, end) => view(bytes).toString("utf8", start, end),
  utf8Bytes: text => owned(text, "utf8"),
  find: (bytes, needle, from) => view(bytes).indexOf(needle, from),
  base64Encode: bytes => view(bytes).toString("base64"),
  base64Decode: text => new Uint8Array(Buffer.from(text, "base64")),
};
