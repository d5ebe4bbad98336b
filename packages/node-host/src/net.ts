import { connect } from "node:net";
import { ConnectFailed, type Net } from "@scop/platform";
import { NodeConnection } from "./connection.ts";
import { sharedRead } from "./shared-read.ts";

/** TCP connections out, on which TLS believes `trust` (PEM) where it is given. `address` is an IP address; a name is looked up by the system. */
export function nodeNet(trust: string | undefined): Net {
  return { connect: to => connectSocket(to, trust) };
}

function connectSocket(to: Parameters<Net["connect"]>[0], trust: string | undefined): ReturnType<Net["connect"]> {
  return new Promise((resolve, reject) => {
    // It is there before anything can be read.
    let connection: NodeConnection | undefined;
    const onread = sharedRead(bytes => connection?.received(bytes) ?? true);
    const socket = connect({ host: to.address, port: to.port, timeout: to.timeoutMs, onread });
    const fail = (reason: string): void => {
      socket.destroy();
      reject(new ConnectFailed(`${to.address}:${to.port}: ${reason}`));
    };
    socket.once("timeout", () => fail("no answer in time"));
    socket.once("error", error => fail("code" in error ? String(error.code) : error.message));
    socket.once("connect", () => {
      socket.setTimeout(0).removeAllListeners("timeout").removeAllListeners("error");
      connection = new NodeConnection(socket, "shared", undefined, trust);
      resolve(connection);
    });
  });
}
