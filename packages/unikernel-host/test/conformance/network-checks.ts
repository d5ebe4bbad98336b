import { type Connection, TlsFailed } from "@scop/platform";
import { latin1, latin1Bytes } from "@scop/wire";
import {
  type Check,
  ensure,
  type HostIo,
  NAME,
  type PortName,
  readOctets,
  rejection,
  same,
  type There,
} from "./check.ts";

const CONNECT_MS_MAX = 5_000;
/** More than a window of any host. */
const MANY_OCTETS = 300_000;

function connectTo({ net }: HostIo, { address, ports }: There, name: PortName): Promise<Connection> {
  return net.connect({ address, port: ports[name], timeoutMs: CONNECT_MS_MAX });
}

function pattern(octets: number): Uint8Array {
  return new Uint8Array(octets).map((_, at) => (at * 7) % 251);
}

/** What is said to the echo comes back. */
async function echoes(connection: Connection, octets: Uint8Array): Promise<void> {
  const [back] = await Promise.all([readOctets(connection, octets.length), connection.write(octets)]);
  same(back.length, octets.length, "octets that came back");
  ensure(
    back.every((octet, at) => octet === octets[at]),
    "they are those that were sent",
  );
}

/** The certificates that a client may meet, and what it is told of them. */
const CERTIFICATES: readonly (readonly [port: PortName, serverName: string, fault: string | undefined])[] = [
  ["secure", NAME, undefined],
  ["secure", "other.test", "host"],
  ["stranger", NAME, "untrusted"],
];

const TLS_CHECKS = CERTIFICATES.flatMap(([port, serverName, fault]): readonly Check[] => [
  {
    name: `tls: a certificate that has to be good, ${fault ?? "and is"}`,
    run: async (io, there) => {
      const connection = await connectTo(io, there, port);
      const started = connection.startTls({ role: "client", serverName, verify: "require" });
      if (fault !== undefined) {
        const error = await rejection(started, "the handshake");
        ensure(error instanceof TlsFailed, `${error.name} is thrown`);
        same(error.fault, fault, "the fault");
        same(await connection.read(), undefined, "what is read after it");
        return;
      }
      const { protocol, cipher, verified } = await started;
      same([protocol, verified, cipher.startsWith("TLS_")], ["TLSv1.3", true, true], cipher);
      same(connection.tls?.protocol, "TLSv1.3", "what the connection says");
      await echoes(connection, pattern(MANY_OCTETS));
      await connection.close();
    },
  },
  {
    name: `tls: a certificate that may be any, ${fault ?? "good"}`,
    run: async (io, there) => {
      const connection = await connectTo(io, there, port);
      const info = await connection.startTls({ role: "client", serverName, verify: "opportunistic" });
      same([info.verified, info.fault], [fault === undefined, fault], "verified, and the fault");
      await echoes(connection, latin1Bytes("over TLS"));
      await connection.close();
    },
  },
]);

/** What needs servers around. */
export const NETWORK_CHECKS: readonly Check[] = [
  {
    name: "net: octets go and come in their order, and the ends are known",
    run: async (io, there) => {
      const connection = await connectTo(io, there, "echo");
      same([connection.remote.address, connection.remote.port], [there.address, there.ports.echo], "the other end");
      ensure(connection.local.port > 0 && connection.tls === undefined, "a port of its own, without TLS");
      await echoes(connection, pattern(MANY_OCTETS));
      await connection.writeParts([latin1Bytes("a"), latin1Bytes("b"), latin1Bytes("c")]);
      same(latin1(await readOctets(connection, 3)), "abc", "parts");
      await connection.close();
      same(await connection.read(), undefined, "what is read after the end");
      await connection.write(latin1Bytes("nobody hears this"));
    },
  },
  {
    name: "net: a connection that was dropped is over for who reads and who writes",
    run: async (io, there) => {
      const connection = await connectTo(io, there, "echo");
      const reading = connection.read();
      connection.abort();
      same(await reading, undefined, "what was being read");
      await connection.write(latin1Bytes("nobody hears this"));
      await connection.close();
    },
  },
  {
    name: "net: the end of the other side is the end of what is read",
    run: async (io, there) => {
      const connection = await connectTo(io, there, "talker");
      same(latin1(await readOctets(connection, 100)), "220 hello\r\n", "all that it said");
      await connection.close();
    },
  },
  {
    name: "net: where nobody listens nothing is connected to",
    run: async (io, there) =>
      same((await rejection(connectTo(io, there, "nobody"), "it")).name, "ConnectFailed", "the error"),
  },
  ...TLS_CHECKS,
  {
    name: "tls: octets that came before the handshake are an attack, and the end",
    run: async (io, there) => {
      const connection = await connectTo(io, there, "talker");
      // Time for what it says to arrive, unread.
      await new Promise<void>(resolve => io.timers.set(200, resolve));
      await rejection(
        connection.startTls({ role: "client", serverName: NAME, verify: "opportunistic" }),
        "the handshake",
      );
      same(await connection.read(), undefined, "what is read after it");
    },
  },
  {
    name: "tls: as a server, with the certificate that it was given",
    run: async (io, there, accept) => {
      const caller = await connectTo(io, there, "caller");
      await caller.write(latin1Bytes("call\n"));
      const connection = await accept();
      const { protocol } = await connection.startTls({ role: "server" });
      same(latin1(await readOctets(connection, 4)), "ping", "the first words");
      await connection.write(latin1Bytes("pong"));
      same(latin1(await readOctets(caller, 21)), `TLSv1.3 trusted pong\n`, "what the caller saw");
      same(protocol, "TLSv1.3", "what we saw");
      await Promise.all([connection.close(), caller.close()]);
    },
  },
  {
    name: "datagrams: go and come, and after the end nothing does",
    run: async (io, there) => {
      const socket = io.datagrams.open({ address: there.address as never, port: there.ports.datagrams });
      for (const octets of [1, 512, 1232]) {
        socket.send(pattern(octets));
        const back = await socket.receive();
        ensure(
          back !== undefined && back.length === octets && back.at(-1) === pattern(octets).at(-1),
          `${octets} octets`,
        );
      }
      const waiting = socket.receive();
      socket.close();
      same(await waiting, undefined, "what was waited for");
      same(await socket.receive(), undefined, "what is asked for after the end");
      socket.send(latin1Bytes("nobody hears this"));
      socket.close();
    },
  },
  {
    name: "dns: records, a name without them, and one that is not there",
    run: async ({ dns }) => {
      const found = await dns.txt("There.test");
      ensure(found.found === "records", found.found);
      same(found.records, ["v=one", "x".repeat(400)], "records");
      same((await dns.mx("there.test")).found, "no-data", "no record of this type");
      same((await dns.txt("nowhere.test")).found, "no-name", "no name");
    },
  },
];
