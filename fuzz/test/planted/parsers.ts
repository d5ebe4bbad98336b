/** Parsers that answer true at one input alone, each behind another kind of comparison. */

const KEYWORDS = new Map([
  ["frobnicate", 1],
  ["defenestrate", 2],
]);

function textOf(data: Uint8Array): string {
  return String.fromCharCode(...data.subarray(0, 2_000));
}

export function literal(data: Uint8Array): boolean {
  return textOf(data).startsWith("[IPv6:");
}

export function keyword(data: Uint8Array): boolean {
  return KEYWORDS.get(textOf(data)) === 1;
}

export function octets(data: Uint8Array): boolean {
  if (data[0] !== 0x7f) return false;
  if (data[1] !== 0x45) return false;
  if (data[2] !== 0x4c) return false;
  return data[3] === 0x46;
}

export function word(data: Uint8Array): boolean {
  switch (textOf(data).toUpperCase()) {
    case "MAIL":
      return true;
    case "RCPT":
      return false;
    default:
      return false;
  }
}

/** Never true: something with many edges. */
export function tree(data: Uint8Array): boolean {
  let depth = 0;
  for (const octet of data) {
    if (octet === 0x28) depth++;
    else if (octet === 0x29) depth--;
    else if (octet === 0x2c && depth > 3) depth = 1;
    if (depth < 0) return false;
  }
  return depth > 1_000_000;
}

/** Never true, and slow where there are many commas. */
export function quadratic(data: Uint8Array): boolean {
  let same = 0;
  for (const one of data) {
    if (one !== 0x2c) continue;
    for (const other of data) if (other === one) same++;
  }
  return same < 0;
}

/** Never comes back from inputs that begin with `loop`. */
export function endless(data: Uint8Array): boolean {
  let turns = 0;
  while (textOf(data.subarray(0, 4)) === "loop") turns++;
  return turns < 0;
}
