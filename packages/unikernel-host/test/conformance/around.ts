import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { connect as connectTls, createServer as createTlsServer } from "node:tls";
import { NAME, type PortName } from "./check.ts";

/** Files in PEM. */
interface Identity {
  readonly certificate: string;
  readonly key: string;
}

/** What is around a host: servers on loopback. */
export interface Around {
  readonly ports: Readonly<Record<PortName, number>>;
  /** Where the host under test listens, as seen from here: who calls it goes there. */
  callAt(port: number): void;
  close(): void;
}

/**
 * Starts the servers. `secure` has a certificate of `authority`, a file; `stranger` one that it did not issue. `names` is the port of a DNS server
 * with TXT records for `there.test`.
 */
export async function startAround(
  secure: Identity,
  stranger: Identity,
  authority: string,
  names: number,
): Promise<Around> {
  const read = ({ certificate, key }: Identity) => ({ cert: readFileSync(certificate), key: readFileSync(key) });
  let callPort = 0;
  const echo = (socket: Socket): void => {
    socket.on("error", () => socket.destroy());
    socket.pipe(socket);
  };
  const call = (socket: Socket): void => {
    socket.on("error", () => socket.destroy());
    socket.once("data", () => {
      const options = { port: callPort, host: "127.0.0.1", servername: NAME, ca: readFileSync(authority) };
      const secured = connectTls({ ...options, rejectUnauthorized: false }, () => secured.write("ping"));
      secured.on("error", error => socket.end(`${error.message}\n`));
      secured.once("data", heard => {
        socket.end(`${secured.getProtocol()} ${secured.authorized ? "trusted" : "unknown"} ${heard}\n`);
        secured.end();
      });
    });
  };
  const servers: Readonly<Record<"echo" | "talker" | "secure" | "stranger" | "caller", Server>> = {
    echo: createServer(echo),
    talker: createServer(socket => {
      socket.on("error", () => socket.destroy());
      socket.end("220 hello\r\n");
    }),
    secure: createTlsServer(read(secure), echo).on("tlsClientError", () => undefined),
    stranger: createTlsServer(read(stranger), echo).on("tlsClientError", () => undefined),
    caller: createServer(call),
  };
  const datagrams = createSocket("udp4");
  datagrams.on("message", (octets, from) => datagrams.send(octets, from.port, from.address));
  datagrams.bind(0, "127.0.0.1");
  await once(datagrams, "listening");
  const [nobody, ...opened] = [createServer(), ...Object.values(servers)];
  for (const each of [nobody, ...opened]) await once(each.listen(0, "127.0.0.1"), "listening");
  const portOf = (server: Server): number => (server.address() as { readonly port: number }).port;
  const nobodyPort = portOf(nobody);
  nobody.close();
  const numbers = Object.fromEntries(Object.entries(servers).map(([name, server]) => [name, portOf(server)]));
  return {
    ports: { ...numbers, nobody: nobodyPort, datagrams: datagrams.address().port, names } as Record<PortName, number>,
    callAt: port => {
      callPort = port;
    },
    close: () => {
      for (const each of opened) each.close();
      datagrams.close();
    },
  };
}
