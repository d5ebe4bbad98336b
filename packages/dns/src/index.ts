export type { Edns, EdnsOption } from "./edns.ts";
export { dnsOf, type Lookup } from "./lookup.ts";
export { decodeMessage, encodeMessage, type Flags, type Message, type Question, Rcode } from "./message.ts";
export { type Name, parseName, reverseName, sameName } from "./name.ts";
export {
  CLASS_IN,
  type DataOf,
  type RecordData,
  type RecordType,
  type ResourceRecord,
  type ServiceParameter,
  TYPE_CODES,
} from "./record.ts";
export { stepResolver } from "./resolver.ts";
export { parseResolver, resolversOf } from "./resolver-servers.ts";
export {
  openResolver,
  type ResolverEffect,
  type ResolverInput,
  type ResolverServer,
  type ResolverState,
} from "./resolver-state.ts";
