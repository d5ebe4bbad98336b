import { type Domain, parseDomain } from "@scop/address";
import { type Diagnostic, failed, latin1, latin1Bytes, type Parsed, parsed } from "@scop/wire";
import { MAX_AGE_S_MAX, POLICY_NAMES_MAX, POLICY_OCTETS_MAX } from "./limits.ts";

/** Which mail exchangers a domain has: a host, or every host one label below a domain. */
export interface StsName {
  readonly is: "host" | "below";
  readonly domain: Domain;
}

/** The policy of a domain. RFC 8461 3.2 */
export interface StsPolicy {
  /** `enforce`: verified TLS to one of the hosts or no delivery. `testing`: failures are reported alone. `none`: there is no policy. */
  readonly mode: "enforce" | "testing" | "none";
  /** Seconds that it may be remembered, 0 to 31,557,600. */
  readonly maxAgeS: number;
  /** At least one, unless the mode is `none`. */
  readonly names: readonly StsName[];
}

const MODES: readonly StsPolicy["mode"][] = ["enforce", "testing", "none"];
const RULE = "RFC 8461 3.2";

interface Field {
  readonly key: string;
  readonly value: string;
  readonly offset: number;
}

/** The lines of a policy as keys and values. RFC 8461 3.2: they end in CRLF or LF. */
function fieldsOf(text: string): Parsed<readonly Field[]> {
  const fields: Field[] = [];
  let offset = 0;
  for (const line of text.split("\n")) {
    const bare = line.replace(/\r$/, "");
    const colon = bare.indexOf(":");
    if (colon < 1 && bare.trim() !== "") return failed("sts-field", offset, line.length, RULE);
    if (colon > 0) {
      const key = bare.slice(0, colon).replace(/[ \t]+$/, "");
      fields.push({ key, value: bare.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, ""), offset });
    }
    offset += line.length + 1;
  }
  return parsed(fields);
}

function nameOf(value: string): StsName | undefined {
  const isBelow = value.startsWith("*.");
  const domain = parseDomain(isBelow ? value.slice(2) : value);
  return domain.ok ? { is: isBelow ? "below" : "host", domain: domain.value } : undefined;
}

/**
 * A policy from its octets. Of a key that stands twice, `mx` aside, the first counts; unknown keys and hosts that are no names are left out,
 * the latter with a note. Refused: another version, no mode, no age, no host although the mode needs one, and more than
 * `POLICY_OCTETS_MAX` octets. An age above a year is a year. RFC 8461 3.2
 */
export function parseStsPolicy(bytes: Uint8Array): Parsed<StsPolicy> {
  if (bytes.length > POLICY_OCTETS_MAX) return failed("sts-length", POLICY_OCTETS_MAX, bytes.length, "RFC 8461 3.3");
  const read = fieldsOf(latin1(bytes));
  if (!read.ok) return read;
  const first = (key: string): Field | undefined => read.value.find(field => field.key === key);
  const missing = (code: string, field: Field | undefined): Parsed<never> =>
    failed(code, field?.offset ?? bytes.length, field?.value.length ?? 0, RULE);
  const [version, mode, age] = [first("version"), first("mode"), first("max_age")];
  if (version?.value !== "STSv1") return missing("sts-version", version);
  const known = MODES.find(each => each === mode?.value);
  if (known === undefined) return missing("sts-mode", mode);
  if (age === undefined || !/^[0-9]{1,10}$/.test(age.value)) return missing("sts-max-age", age);
  const notes: Diagnostic[] = [];
  const names: StsName[] = [];
  for (const { key, value, offset } of read.value) {
    if (key !== "mx") continue;
    const name = nameOf(value);
    if (name !== undefined && names.length < POLICY_NAMES_MAX) names.push(name);
    else if (notes.length < POLICY_NAMES_MAX) notes.push({ code: "sts-mx", offset, length: value.length, rule: RULE });
  }
  if (names.length === 0 && known !== "none") return missing("sts-mx", undefined);
  return parsed({ mode: known, maxAgeS: Math.min(Number(age.value), MAX_AGE_S_MAX), names }, notes);
}

/** A policy as its document has it, of type `text/plain`. */
export function formatStsPolicy(policy: StsPolicy): Uint8Array {
  const names = policy.names.map(({ is, domain }) => `mx: ${is === "below" ? "*." : ""}${domain}`);
  const lines = ["version: STSv1", `mode: ${policy.mode}`, ...names, `max_age: ${policy.maxAgeS}`];
  return latin1Bytes(lines.map(line => `${line}\r\n`).join(""));
}

/** Whether a mail exchanger is one of the policy's. A wildcard stands for one label. RFC 8461 4.1 */
export function isStsHost(policy: StsPolicy, host: string): boolean {
  const read = parseDomain(host);
  if (!read.ok) return false;
  const above = read.value.slice(read.value.indexOf(".") + 1);
  return policy.names.some(({ is, domain }) => domain === (is === "host" ? read.value : above));
}
