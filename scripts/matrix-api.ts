/**
 * `npm run matrix:api`: writes packages/homeserver/src/api.ts and src/federation/api.ts anew, the operations that are served to clients and to
 * servers with what their queries and bodies have to be, from the OpenAPI descriptions of the Matrix specification in SCOP_SUITES (default
 * ../shared/suites).
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { parse } from "yaml";
import { ROOT } from "../test/house.ts";

/** What is served to clients, by operationId. */
const TO_CLIENTS = [
  ...["getWellknown", "getVersions", "getLoginFlows", "login", "logout", "logout_all", "register", "getTokenOwner"],
  ...["getCapabilities", "createRoom", "getJoinedRooms", "joinRoom", "joinRoomById", "leaveRoom", "inviteUser", "kick"],
  ...["ban", "unban", "sendMessage", "setRoomStateWithKey", "getRoomStateWithKey", "getRoomState", "getMembersByRoom"],
  ...["getJoinedMembersByRoom", "getOneRoomEvent", "getRoomEvents", "defineFilter", "getFilter", "sync"],
  ...["setAccountData", "getAccountData", "setAccountDataPerRoom", "getAccountDataPerRoom", "getUserProfile"],
  ...["getProfileField", "setProfileField", "deleteProfileField", "getPushRules"],
  ...["getWellknownSupport", "checkUsernameAvailability", "refresh", "redactEvent", "getEventContext", "forgetRoom"],
  ...["getRoomTags", "setRoomTag", "deleteRoomTag", "setRoomAlias", "getRoomIdByAlias", "deleteRoomAlias"],
  ...["getLocalAliases", "getPublicRooms", "queryPublicRooms", "getRoomVisibilityOnDirectory"],
  ...["setRoomVisibilityOnDirectory", "knockRoom", "upgradeRoom", "uploadContent", "uploadContentToMXC"],
  ...["createContent", "getConfig", "getContentAuthed", "getContentOverrideNameAuthed", "getContentThumbnailAuthed"],
  ...["getUrlPreviewAuthed", "getConfigAuthed"],
  ...["getDevices", "getDevice", "updateDevice", "deleteDevice", "deleteDevices", "getPushRulesGlobal", "getPushRule"],
  ...["setPushRule", "deletePushRule", "isPushRuleEnabled", "setPushRuleEnabled", "getPushRuleActions"],
  ...["setPushRuleActions", "uploadKeys", "queryKeys", "claimKeys", "getKeysChanges", "sendToDevice"],
  ...["uploadCrossSigningKeys", "uploadCrossSigningSignatures", "postRoomKeysVersion", "getRoomKeysVersionCurrent"],
  ...["getRoomKeysVersion", "putRoomKeysVersion", "deleteRoomKeysVersion", "putRoomKeyBySessionId"],
  ...["getRoomKeyBySessionId", "deleteRoomKeyBySessionId", "putRoomKeysByRoomId", "getRoomKeysByRoomId"],
  ...["deleteRoomKeysByRoomId", "putRoomKeys", "getRoomKeys", "deleteRoomKeys"],
  ...["postReceipt", "setReadMarker", "setTyping", "setPresence", "getPresence", "searchUserDirectory", "search"],
  ...["getRelatingEvents", "getRelatingEventsWithRelType", "getRelatingEventsWithRelTypeAndEventType"],
  ...["getThreadRoots", "getSpaceHierarchy", "getRoomSummary", "getEventByTimestamp", "getPushers", "getTurnServer"],
  ...["getProtocols", "getNotifications", "reportEvent", "reportRoom", "reportUser", "changePassword"],
  ...["requestOpenIdToken"],
];
/** What is served to other servers. */
const TO_SERVERS = [
  ...["getWellKnown", "getServerKey", "perspectivesKeyQuery", "bulkPerspectivesKeyQuery", "getVersion"],
  ...["queryRoomDirectory", "getPublicRooms", "queryPublicRooms", "exchangeOpenIdToken"],
  ...["queryProfile", "makeJoin", "sendJoinV2", "makeLeave", "sendLeaveV2", "makeKnock", "sendKnock", "sendInviteV1"],
  ...["sendInviteV2", "sendTransaction", "backfillRoom", "getMissingPreviousEvents", "getEvent", "getRoomState"],
  ...["getRoomStateIds", "getEventAuth", "getUserDevices", "queryUserEncryptionKeys", "claimUserEncryptionKeys"],
  ...["getContent", "getContentThumbnail"],
];
/** Fields that are events or come in numbers: each is looked at alone, when it is read as what it is, so that a bad one takes nothing along. */
const LOOKED_AT_LATER: ReadonlyMap<string, readonly string[] | "body"> = new Map<string, readonly string[] | "body">([
  ...["sendJoinV2", "sendLeaveV2", "sendKnock", "sendInviteV1"].map(id => [id, "body"] as const),
  ["sendInviteV2", ["event", "invite_room_state"]],
  ["sendTransaction", ["pdus", "edus"]],
]);
const ANYTHING = { fields: [], others: "any" };
const DATA = resolve(ROOT, process.env["SCOP_SUITES"] ?? "../shared/suites", "matrix/spec/data/api");
const METHODS = ["get", "put", "post", "delete"];

/** A part of a description, as YAML gives it. */
interface Node {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly string[];
  readonly required?: readonly string[] | boolean;
  readonly allOf?: readonly Node[];
  readonly oneOf?: readonly Node[];
  readonly anyOf?: readonly Node[];
  readonly items?: Node;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node;
  readonly in?: string;
  readonly name?: string;
  readonly schema?: Node;
  readonly security?: readonly object[];
  readonly operationId?: string;
  readonly parameters?: readonly Node[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema: Node }>> };
}

/** One file. */
interface Description {
  readonly servers?: readonly { readonly variables: { readonly basePath?: { readonly default: string } } }[];
  readonly paths?: Readonly<Record<string, Readonly<Record<string, Node>> & { readonly parameters?: readonly Node[] }>>;
}

/** A node, and the file that it stands in. */
type Place = readonly [node: Node, file: string];

function load<File>(file: string): File {
  return parse(readFileSync(file, "utf8")) as File;
}

function followed([node, file]: Place): Place {
  if (typeof node.$ref !== "string") return [node, file];
  const [path, pointer = ""] = node.$ref.split("#");
  const target = path === "" ? file : join(dirname(file), path!);
  let found = load<Node>(target);
  for (const step of pointer.split("/").filter(each => each !== "")) found = (found as Record<string, Node>)[step]!;
  return followed([found, target]);
}

/** All parts of a schema that has to fulfil several. */
function partsOf(place: Place): readonly Place[] {
  const [node, file] = followed(place);
  return [[node, file], ...(node.allOf ?? []).flatMap(each => partsOf([each, file]))];
}

function schemaOf(place: Place, depth = 0): unknown {
  const [node, file] = followed(place);
  const choices = node.oneOf ?? node.anyOf;
  if (choices !== undefined) return { either: choices.map(each => schemaOf([each, file], depth + 1)) };
  if (Array.isArray(node.type)) {
    return { either: node.type.map((type: string) => schemaOf([{ ...node, type } as Node, file], depth + 1)) };
  }
  if (node.enum !== undefined && node.type === "string") return { words: node.enum };
  const parts = partsOf(place);
  if (parts.some(([part]) => part.properties !== undefined || part.type === "object")) return objectOf(parts, depth);
  if (node.type === "array") return { list: node.items ? schemaOf([node.items, file], depth + 1) : "any" };
  return typeof node.type === "string" && node.type !== "null" ? node.type : node.type === "null" ? "null" : "any";
}

function objectOf(parts: readonly Place[], depth: number): unknown {
  const required = new Set(parts.flatMap(([part]) => (Array.isArray(part.required) ? part.required : [])));
  const fields = new Map<string, unknown>();
  for (const [part, file] of parts) {
    for (const [name, each] of Object.entries(part.properties ?? {}).sort()) {
      const need = required.has(name) ? "needed" : "optional";
      fields.set(name, [name, depth > 8 ? "any" : schemaOf([each, file], depth + 1), need]);
    }
  }
  const more = parts.find(([part]) => typeof part.additionalProperties === "object");
  const others = more === undefined ? "any" : schemaOf([more[0].additionalProperties!, more[1]], depth + 1);
  return { fields: [...fields.values()], others };
}

function bodyOf(id: string, schema: unknown): unknown {
  const later = LOOKED_AT_LATER.get(id);
  if (later === undefined) return schema;
  if (later === "body") return ANYTHING;
  const { fields, others } = schema as { fields: [string, unknown, string][]; others: unknown };
  return { fields: fields.map(([name, each, need]) => [name, later.includes(name) ? "any" : each, need]), others };
}

function parametersOf(parameters: readonly Place[]): unknown {
  return parameters
    .map(each => followed(each))
    .filter(([each]) => each.in === "query")
    .map(([each, file]) => [each.name, schemaOf([each.schema!, file]), each.required === true ? "needed" : "optional"]);
}

/** An empty choice means that it goes without. */
function isTokenNeeded(choices: readonly object[] = [{}]): boolean {
  return choices.every(each => Object.keys(each).length > 0);
}

function operationsIn(file: string): readonly (readonly [id: string, operation: object])[] {
  const { servers, paths = {} } = load<Description>(file);
  const base = servers?.[0]?.variables.basePath?.default ?? "";
  return Object.entries(paths).flatMap(([path, methods]) =>
    METHODS.filter(method => methods[method] !== undefined).map(method => {
      const operation = methods[method]!;
      const parameters = operation.parameters ?? methods.parameters ?? [];
      const body = operation.requestBody?.content?.["application/json"]?.schema;
      return [
        String(operation.operationId),
        {
          id: operation.operationId,
          method: method.toUpperCase(),
          path: `${base}${path}`.trim().replace(/\/$/, ""),
          token: isTokenNeeded(operation.security) ? "needed" : "none",
          query: parametersOf(parameters.map(each => [each, file])),
          body: body === undefined ? "none" : bodyOf(String(operation.operationId), schemaOf([body, file])),
        },
      ] as const;
    }),
  );
}

/** Writes one table. `names`: what its type and its list are called. */
function write(
  folder: string,
  served: readonly string[],
  out: string,
  names: readonly [id: string, all: string],
): void {
  const described = new Map(
    readdirSync(join(DATA, folder))
      .filter(name => name.endsWith(".yaml"))
      .sort()
      .flatMap(name => operationsIn(join(DATA, folder, name))),
  );
  const operations = served.map(id => {
    const operation = described.get(id);
    if (operation === undefined) throw new Error(`the specification has no ${id}`);
    return operation;
  });
  const schema = relative(dirname(out), "packages/homeserver/src/schema.ts");
  writeFileSync(
    join(ROOT, out),
    `// Generated by \`npm run matrix:api\` from the Matrix specification: the operations that are served. Not to be changed by hand.
import type { Operation } from "${schema.startsWith(".") ? schema : `./${schema}`}";

/** What is served, by operationId of the specification. */
export type ${names[0]} = ${served.map(id => JSON.stringify(id)).join(" | ")};

export const ${names[1]}: readonly Operation[] = ${JSON.stringify(operations)};
`,
  );
  const formatted = spawnSync(join(ROOT, "node_modules/.bin/biome"), ["check", "--write", out], {
    cwd: ROOT,
    stdio: "inherit",
  });
  if (formatted.status !== 0) process.exitCode = 1;
}

write("client-server", TO_CLIENTS, "packages/homeserver/src/api.ts", ["OperationId", "OPERATIONS"]);
write("server-server", TO_SERVERS, "packages/homeserver/src/federation/api.ts", ["PeerOperationId", "PEER_OPERATIONS"]);
