// RFC 3492 5: the parameters of Punycode.
const BASE = 36;
const T_MIN = 1;
const T_MAX = 26;
const SKEW = 38;
const DAMP = 700;
const INITIAL_BIAS = 72;
const INITIAL_CODE = 0x80;
const CODE_MAX = 0x10ffff;

/** RFC 3492 6.1 */
function adapt(delta: number, points: number, first: boolean): number {
  let rest = first ? Math.floor(delta / DAMP) : delta >> 1;
  rest += Math.floor(rest / points);
  let k = 0;
  while (rest > ((BASE - T_MIN) * T_MAX) >> 1) {
    rest = Math.floor(rest / (BASE - T_MIN));
    k += BASE;
  }
  return k + Math.floor(((BASE - T_MIN + 1) * rest) / (rest + SKEW));
}

function threshold(k: number, bias: number): number {
  return Math.min(Math.max(k - bias, T_MIN), T_MAX);
}

function digitText(value: number): string {
  return String.fromCharCode(value < 26 ? value + 97 : value + 22);
}

/** The digit of a lower-case letter or a decimal digit, or -1. RFC 3492 5 */
function digitValue(code: number): number {
  if (code >= 97 && code <= 122) return code - 97;
  if (code >= 48 && code <= 57) return code - 22;
  return -1;
}

/** A generalised variable-length integer. RFC 3492 3.3 */
function integerText(value: number, bias: number): string {
  let text = "";
  let rest = value;
  for (let k = BASE; ; k += BASE) {
    const t = threshold(k, bias);
    if (rest < t) return text + digitText(rest);
    text += digitText(t + ((rest - t) % (BASE - t)));
    rest = Math.floor((rest - t) / (BASE - t));
  }
}

/** Punycode of code points, without the prefix `xn--`. For labels: its time grows with the square of their number. RFC 3492 6.3 */
export function punycodeEncode(points: readonly number[]): string {
  let text = "";
  for (const point of points) if (point < INITIAL_CODE) text += String.fromCharCode(point);
  const basic = text.length;
  let handled = basic;
  if (basic > 0) text += "-";
  let code = INITIAL_CODE;
  let delta = 0;
  let bias = INITIAL_BIAS;
  while (handled < points.length) {
    let next = CODE_MAX;
    for (const point of points) if (point >= code && point < next) next = point;
    delta += (next - code) * (handled + 1);
    code = next;
    for (const point of points) {
      if (point < code) delta += 1;
      if (point !== code) continue;
      text += integerText(delta, bias);
      bias = adapt(delta, handled + 1, handled === basic);
      delta = 0;
      handled += 1;
    }
    delta += 1;
    code += 1;
  }
  return text;
}

/** Code points of lower-case Punycode without the prefix, undefined where it is malformed. For labels as above. RFC 3492 6.2 */
export function punycodeDecode(text: string): readonly number[] | undefined {
  const points: number[] = [];
  const basic = text.lastIndexOf("-");
  for (let at = 0; at < basic; at += 1) points.push(text.charCodeAt(at));
  let code = INITIAL_CODE;
  let index = 0;
  let bias = INITIAL_BIAS;
  let at = basic < 0 ? 0 : basic + 1;
  while (at < text.length) {
    const before = index;
    let weight = 1;
    for (let k = BASE; ; k += BASE) {
      const digit = at < text.length ? digitValue(text.charCodeAt(at)) : -1;
      at += 1;
      if (digit < 0) return undefined;
      index += digit * weight;
      if (index > 0x7fffffff) return undefined;
      const t = threshold(k, bias);
      if (digit < t) break;
      weight *= BASE - t;
    }
    bias = adapt(index - before, points.length + 1, before === 0);
    code += Math.floor(index / (points.length + 1));
    index %= points.length + 1;
    if (code > CODE_MAX) return undefined;
    points.splice(index, 0, code);
    index += 1;
  }
  return points;
}
