import { isJsonObject, type JsonLimits, type JsonObject, type JsonValue, parseJson } from "@scop/matrix/json";
import { hexValue, latin1Bytes, utf8 } from "@scop/wire";
import { OPERATIONS, type OperationId } from "./api.ts";
import { PEER_OPERATIONS, type PeerOperationId } from "./federation/api.ts";
import { bodyOctetsMaxOf, type HttpRequest, MatrixFault } from "./http.ts";
import { type Field, faultOf, type Operation, type Schema } from "./schema.ts";
import { UNSTABLE_OPERATIONS, type UnstableOperationId } from "./sliding/operation.ts";

/** Where a request leads. */
interface Routed {
  readonly operation: Operation & { readonly id: OperationId | UnstableOperationId | PeerOperationId };
  readonly path: ReadonlyMap<string, string>;
}

/** What came with a request, looked at. */
interface Brought {
  readonly query: ReadonlyMap<string, readonly string[]>;
  /** Empty where the operation has none. */
  readonly body: JsonObject;
}

/** What stands behind one segment. */
interface Step {
  readonly words: Map<string, Step>;
  /** Any segment, and the name that it has then. */
  any: Step | undefined;
  readonly names: Map<string, readonly string[]>;
  readonly operations: Map<string, Operation>;
}

const NO_FIELDS: JsonObject = new Map();
/** Segments of the longest path and some more. */
const SEGMENTS_MAX = 16;

function newStep(): Step {
  return { words: new Map(), any: undefined, names: new Map(), operations: new Map() };
}

function treeOf(operations: readonly Operation[]): Step {
  const root = newStep();
  for (const operation of operations) {
    const names: string[] = [];
    let step = root;
    for (const segment of operation.path.slice(1).split("/")) {
      if (segment.startsWith("{")) {
        names.push(segment.slice(1, -1));
        step.any ??= newStep();
        step = step.any;
      } else {
        const next = step.words.get(segment) ?? newStep();
        step.words.set(segment, next);
        step = next;
      }
    }
    step.operations.set(operation.method, operation);
    step.names.set(operation.method, names);
    // The state key may be left out with its slash. Client-server API, getting and sending state
    if (names.at(-1) === "stateKey") addWithoutStateKey(root, operation, names);
  }
  return root;
}

function addWithoutStateKey(root: Step, operation: Operation, names: readonly string[]): void {
  let step = root;
  for (const segment of operation.path.slice(1).split("/").slice(0, -1)) {
    const next = segment.startsWith("{") ? step.any : step.words.get(segment);
    step = next ?? root;
  }
  step.operations.set(operation.method, operation);
  step.names.set(operation.method, names.slice(0, -1));
}

const TREE = treeOf([...OPERATIONS, ...UNSTABLE_OPERATIONS, ...PEER_OPERATIONS]);

/** Which operation a request asks for. Throws `MatrixFault` where there is none. */
export function route({ method, target }: Pick<HttpRequest, "method" | "target">): Routed {
  const { step, segments } = follow(target.split("?", 1)[0]!);
  const operation = step?.operations.get(method);
  if (step === undefined || step.operations.size === 0)
    throw new MatrixFault(404, "M_UNRECOGNIZED", "Nothing is there.");
  if (operation === undefined) throw new MatrixFault(405, "M_UNRECOGNIZED", "Not with this method.");
  const names = step.names.get(method)!;
  return {
    operation: operation as Routed["operation"],
    path: new Map(names.map((name, index) => [name, segments[index] ?? ""])),
  };
}

/** Query and body of a request, decoded and looked at. Throws `MatrixFault`. */
export function brought({ target, body }: Pick<HttpRequest, "target" | "body">, { operation }: Routed): Brought {
  const question = target.indexOf("?");
  const query = queryOf(question < 0 ? "" : target.slice(question + 1));
  checkQuery(query, operation.query);
  return { query, body: bodyOf(body, bodyOctetsMaxOf(target), operation.body) };
}

/** Whether something is at the path of a request, with whatever method: for `OPTIONS`, and to know what is ours. */
export function isKnownPath(target: string): boolean {
  return (follow(target.split("?", 1)[0]!).step?.operations.size ?? 0) > 0;
}

function follow(path: string): { readonly step: Step | undefined; readonly segments: readonly string[] } {
  const found: string[] = [];
  let step: Step | undefined = TREE;
  const parts = path.slice(1).split("/", SEGMENTS_MAX);
  // A slash at the end is an empty state key, and means nothing elsewhere.
  if (parts.at(-1) === "") parts.pop();
  for (const part of parts) {
    const word: Step | undefined = step.words.get(part);
    if (word === undefined) found.push(part);
    step = word ?? step.any;
    if (step === undefined) return { step, segments: [] };
  }
  return { step, segments: found.map(each => decoded(each)) };
}

/** Percent signs decoded once, as UTF-8. RFC 3986 2.1 */
function decoded(text: string): string {
  if (!text.includes("%")) return text;
  const octets: number[] = [];
  const bytes = latin1Bytes(text);
  for (let at = 0; at < bytes.length; at += 1) {
    if (bytes[at] !== 37) {
      octets.push(bytes[at]!);
      continue;
    }
    const [high, low] = [hexValue(bytes[at + 1] ?? 0), hexValue(bytes[at + 2] ?? 0)];
    if (high < 0 || low < 0)
      throw new MatrixFault(
        400,
        "M_INVALID_PARAM",
        "A percent sign in the path is not followed by two hexadecimal digits.",
      );
    octets.push(high * 16 + low);
    at += 2;
  }
  const read = utf8(Uint8Array.from(octets));
  if (!read.ok) throw new MatrixFault(400, "M_INVALID_PARAM", "The path or the query is not UTF-8.");
  return read.value;
}

function queryOf(text: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const part of text === "" ? [] : text.split("&")) {
    const equals = part.indexOf("=");
    const name = decoded((equals < 0 ? part : part.slice(0, equals)).replaceAll("+", " "));
    const value = equals < 0 ? "" : decoded(part.slice(equals + 1).replaceAll("+", " "));
    const values = found.get(name);
    if (values === undefined) found.set(name, [value]);
    else values.push(value);
  }
  return found;
}

function checkQuery(query: ReadonlyMap<string, readonly string[]>, fields: readonly Field[]): void {
  for (const [name, schema, need] of fields) {
    const values = query.get(name);
    if (values === undefined && need === "needed") {
      throw new MatrixFault(400, "M_MISSING_PARAM", `The query needs ${name}.`);
    }
    if (values === undefined) continue;
    const isList = typeof schema === "object" && "list" in schema;
    const fault = isList ? faultOf(values, schema) : faultOf(queryValue(values[0]!, schema), schema);
    if (fault !== undefined)
      throw new MatrixFault(400, "M_INVALID_PARAM", `${name} in the query is not what it has to be.`);
  }
}

/** What a text of a query says, where it has to be a number or a truth. */
function queryValue(text: string, schema: Schema): JsonValue {
  if (schema === "integer" && /^-?[0-9]{1,15}$/.test(text)) return Number(text);
  if (schema === "boolean" && (text === "true" || text === "false")) return text === "true";
  return text;
}

function bodyOf(bytes: Uint8Array, octetsMax: number, schema: Operation["body"]): JsonObject {
  if (bytes.length > octetsMax) throw new MatrixFault(413, "M_TOO_LARGE", `A body has at most ${octetsMax} octets.`);
  if (schema === "none") return NO_FIELDS;
  // Clients leave out a body that has nothing to say.
  // What stands in an event is looked at again when it is made: account data may have fractions.
  const limits: JsonLimits = { octetsMax, numbers: "any" };
  const read = bytes.length === 0 ? undefined : parseJson(bytes, limits);
  if (read?.ok === false)
    throw new MatrixFault(400, "M_NOT_JSON", `The body is no JSON: ${read.error.code} at ${read.error.offset}.`);
  const body = read?.value ?? NO_FIELDS;
  const fault = faultOf(body, schema);
  if (fault?.fault === "missing") throw new MatrixFault(400, "M_MISSING_PARAM", `${fault.at} is missing.`);
  if (fault !== undefined)
    throw new MatrixFault(400, "M_BAD_JSON", `${fault.at || "The body"} is not what it has to be.`);
  return isJsonObject(body) ? body : NO_FIELDS;
}
