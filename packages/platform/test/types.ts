import type { Connection, IpText, Log, Platform, TlsRole } from "@scop/platform";
import { Secret } from "@scop/wire";

declare const io: Pick<Platform, "clock" | "log">;
declare const log: Log;
declare const connection: Connection;

/** What must not compile. */
export function refused(): void {
  // @ts-expect-error a stage that was not given the network has none
  io.net.connect;
  // @ts-expect-error a secret is not logged
  log.write("info", "authenticated", { password: new Secret(new Uint8Array(0)) });
  // @ts-expect-error bytes are not logged
  log.write("info", "received", { body: new Uint8Array(0) });
  // @ts-expect-error any text is not an address
  const address: IpText = "192.0.2.1";
  // @ts-expect-error a client says what to verify
  const role: TlsRole = { role: "client", serverName: "mx.example.org" };
  // @ts-expect-error what is known about TLS is absent before it starts
  connection.tls.protocol;
  void [address, role];
}
