import type { MxRecord, SrvRecord, TlsaRecord } from "@scop/platform";
import type { IpText } from "@scop/wire";
import type { Name } from "./name.ts";

/** One key and value of a service binding. RFC 9460 2.2 */
export interface ServiceParameter {
  readonly key: number;
  readonly value: Uint8Array;
}

/** A record type that is understood, by its mnemonic, and what its data holds. */
interface DataByType {
  /** RFC 1035 3.4.1 */
  readonly A: { readonly address: IpText };
  /** RFC 3596 2.2; an IPv4-mapped address is shown as the IPv4 address that it maps. */
  readonly AAAA: { readonly address: IpText };
  /** RFC 1035 3.3.9; the exchange is the root for a null MX (RFC 7505 3). */
  readonly MX: MxRecord & { readonly exchange: Name };
  /** RFC 1035 3.3.14: at least one string, each of at most 255 octets. */
  readonly TXT: { readonly strings: readonly Uint8Array[] };
  /** RFC 1035 3.3.1 */
  readonly CNAME: { readonly target: Name };
  /** RFC 1035 3.3.11 */
  readonly NS: { readonly target: Name };
  /** RFC 1035 3.3.12 */
  readonly PTR: { readonly target: Name };
  /** RFC 2782 */
  readonly SRV: SrvRecord & { readonly target: Name };
  /** RFC 6698 2.1 */
  readonly TLSA: TlsaRecord;
  /** RFC 8659 4.1; `tag` is 1 to 255 letters and digits. */
  readonly CAA: { readonly flags: number; readonly tag: string; readonly value: Uint8Array };
  /** RFC 1035 3.3.13; times in seconds. */
  readonly SOA: {
    readonly primary: Name;
    readonly mailbox: Name;
    readonly serial: number;
    readonly refreshS: number;
    readonly retryS: number;
    readonly expireS: number;
    /** For how long an absence may be remembered. RFC 2308 4 */
    readonly minimumS: number;
  };
  /** RFC 9460 2.2; keys rise. */
  readonly SVCB: { readonly priority: number; readonly target: Name; readonly parameters: readonly ServiceParameter[] };
  /** RFC 9460 9.1 */
  readonly HTTPS: DataByType["SVCB"];
  /** RFC 4034 5.1 */
  readonly DS: {
    readonly keyTag: number;
    readonly algorithm: number;
    readonly digestType: number;
    readonly digest: Uint8Array;
  };
  /** RFC 4034 2.1 */
  readonly DNSKEY: {
    readonly flags: number;
    readonly protocol: number;
    readonly algorithm: number;
    readonly publicKey: Uint8Array;
  };
  /** RFC 4034 3.1; times in seconds since 1970, modulo 2^32. */
  readonly RRSIG: {
    readonly covered: number;
    readonly algorithm: number;
    readonly labels: number;
    readonly originalTtlS: number;
    readonly expirationS: number;
    readonly inceptionS: number;
    readonly keyTag: number;
    readonly signer: Name;
    readonly signature: Uint8Array;
  };
}

/** The mnemonics of the types that are understood. */
export type RecordType = keyof DataByType;

/** The data of a record of one type. */
export type DataOf<T extends RecordType> = { readonly [K in T]: { readonly type: K } & DataByType[K] }[T];

/** The data of a record. `other`: of a type that is not understood, of another class than IN, or malformed; its octets as they came. RFC 3597 */
export type RecordData =
  | DataOf<RecordType>
  | { readonly type: "other"; readonly code: number; readonly octets: Uint8Array };

/** The numbers of the types. */
export const TYPE_CODES: { readonly [T in RecordType]: number } = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  DS: 43,
  RRSIG: 46,
  DNSKEY: 48,
  TLSA: 52,
  SVCB: 64,
  HTTPS: 65,
  CAA: 257,
};

/** The Internet. RFC 1035 3.2.4 */
export const CLASS_IN = 1;

/** A record as it stands in a message. */
export interface ResourceRecord {
  readonly name: Name;
  readonly class: number;
  /** Seconds that it may be kept: 0 to 2^31 - 1. RFC 2181 8 */
  readonly ttlS: number;
  readonly data: RecordData;
}

/** Whether data is of a type. */
export function isOfType<T extends RecordType>(data: RecordData, type: T): data is RecordData & DataOf<T> {
  return data.type === type;
}
