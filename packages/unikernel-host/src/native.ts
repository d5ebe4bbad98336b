/** What can be known of a connection, as bits of `Native.status`. */
export const Status = {
  connecting: 1,
  readable: 2,
  writable: 4,
  /** Nothing more will come. */
  ended: 8,
  /** Nothing can be sent any more. */
  closed: 16,
  /** TLS is being agreed on. */
  securing: 32,
} as const;

/** The words of the base: what a role can do, and nothing else. Connections are numbers. */
export interface Native {
  commandLine(): string;
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds since the start. */
  monotonic(): number;
  random(octets: number): Uint8Array;
  /** Writes a line on the console. */
  say(line: string): void;
  /** Writes why on the console, and ends the machine. */
  stop(why: string): never;
  /** The address of the machine, the length of its network's prefix, and the way to the rest. Called once. */
  network(address: number, prefix: number, gateway: number): void;
  listen(port: number, acceptedMax: number): void;
  /** The next connection, or -1. */
  accept(): number;
  /** A connection on its way, or -1 where there is no room. */
  connect(address: number, port: number): number;
  status(id: number): number;
  /** `ADDRESS:PORT ADDRESS:PORT`, theirs and ours. */
  ends(id: number): string | undefined;
  /** What has come; undefined where nothing waits. */
  read(id: number): Uint8Array | undefined;
  /** How many of the octets behind `from` were taken. */
  write(id: number, bytes: Uint8Array, from: number): number;
  /** Lets go of a connection: closed when all is sent, or with `drop` 1 at once. */
  release(id: number, drop: 0 | 1): void;
  /** The names of the parts of the boot file that came beside the image, with spaces between. */
  bootParts(): string;
  /** Takes the parts `certificate` and `key`, or `trust`, which are wiped; answers what is wrong with them, or nothing. */
  loadServer(): string;
  loadTrust(): string;
  /** Begins TLS: as a server with an empty name, else as a client of that server. False where octets came before it, and where it can't be. */
  startTls(id: number, serverName: string, required: 0 | 1): boolean;
  /** `ok PROTOCOL CIPHER VERDICT` or `failed VERDICT WHY`, with the verdict's number of `tls.ts`; undefined while it is being agreed on. */
  tlsReport(id: number): string | undefined;
  /** Takes the parts `key` and `secret`, which are wiped; answers what is wrong with them, or nothing. */
  loadSigner(): string;
  /** `rsa OCTETS` or `ed25519 OCTETS`, those of a signature. */
  signerKind(): string;
  /** The signature of what is to be signed, which is hashed there; undefined where that failed. */
  sign(octets: Uint8Array): Uint8Array | undefined;
  /** HMAC-SHA-256 by the key of what is answered. */
  prove(octets: Uint8Array): Uint8Array;
  /** Whether that is the HMAC-SHA-256 by the key of what callers say. */
  isProven(octets: Uint8Array, proof: Uint8Array): boolean;
  /** Octets of the heap in use; the most that ever were; all of it. */
  memory(): number;
  memoryPeak(): number;
  memoryTotal(): number;
  sha256(bytes: Uint8Array): Uint8Array;
  sha512(bytes: Uint8Array): Uint8Array;
  /** The state of a hash of nothing yet, which `hashUpdate` changes; `hashDigest` leaves it as it is. */
  hashOpen(): Uint8Array;
  hashUpdate(state: Uint8Array, bytes: Uint8Array): void;
  hashDigest(state: Uint8Array): Uint8Array;
  /** The size of a public key in bits, RSA with 0 and Ed25519 with 1; 0 where the octets are none. */
  keyBits(kind: number, octets: Uint8Array): number;
  verifies(kind: number, key: Uint8Array, signed: Uint8Array, signature: Uint8Array): boolean;
  /** A socket for datagrams to and from one peer, or -1 where there is no room. */
  openDatagrams(address: number, port: number): number;
  sendDatagram(id: number, octets: Uint8Array): void;
  /** Undefined where nothing waits. */
  receiveDatagram(id: number): Uint8Array | undefined;
  closeDatagrams(id: number): void;
  hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array;
  latin1(bytes: Uint8Array, start: number, end: number): string;
  latin1Bytes(text: string): Uint8Array;
  utf8(bytes: Uint8Array, start: number, end: number): string;
  isAscii(bytes: Uint8Array, start: number, end: number): boolean;
  isUtf8(bytes: Uint8Array, start: number, end: number): boolean;
  /** As `ByteWork.plainLines` of `@scop/wire`. */
  plainLines(bytes: Uint8Array, start: number, end: number, octetsMax: number): number;
  /** As `BodyWork.findBlankChange` of `@scop/dkim`. */
  blankChange(bytes: Uint8Array, from: number, end: number): number;
  find(bytes: Uint8Array, needle: Uint8Array, from: number): number;
  /** Is called after whatever happened; answers for how many milliseconds nothing is due. */
  onPoll(poll: () => number): void;
}
