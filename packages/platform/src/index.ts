export type { IpText } from "@scop/wire";
export type { Https, HttpsAnswer, HttpsFailure, HttpsPost, HttpsReceipt, HttpsRequest } from "./https.ts";

import type { Gzip } from "./compression.ts";
import type { Crypto } from "./crypto.ts";
import type { Datagrams } from "./datagrams.ts";
import type { Dns } from "./dns.ts";
import type { Https } from "./https.ts";
import type { Net } from "./net.ts";
import type { Log, Metrics } from "./observe.ts";
import type { Random } from "./random.ts";
import type { Clock, Timers } from "./time.ts";

export { type Closing, createClosing } from "./closing.ts";
export type { Compression, Gzip } from "./compression.ts";
export { type Crypto, type Hasher, type KeyType, Overloaded, type PublicKey } from "./crypto.ts";
export type { DatagramSocket, Datagrams } from "./datagrams.ts";
export type { Dns, DnsAnswer, MxRecord, SrvRecord, TlsaRecord } from "./dns.ts";
export {
  type CertificateFault,
  ConnectFailed,
  type Connection,
  type Endpoint,
  type Net,
  type PeerCertificates,
  TlsFailed,
  type TlsInfo,
  type TlsRole,
} from "./net.ts";
export { type Log, type LogFields, type LogLevel, type MetricLabels, type Metrics, silent } from "./observe.ts";
export type { Random } from "./random.ts";
export type { Clock, Instant, Timer, Timers } from "./time.ts";

/** Everything a stage may be given. Each takes the smallest set: `Pick<Platform, "clock" | "dns">`. */
export interface Platform {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly crypto: Crypto;
  readonly dns: Dns;
  readonly net: Net;
  readonly datagrams: Datagrams;
  readonly https: Https;
  readonly gzip: Gzip;
  readonly log: Log;
  readonly metrics: Metrics;
}
