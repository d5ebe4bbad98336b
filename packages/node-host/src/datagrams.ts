import { createSocket } from "node:dgram";
import type { Datagrams, Endpoint } from "@scop/platform";

/** Datagrams of one socket that are kept until they are asked for. */
const KEPT_MAX = 32;

/** A connected UDP socket: the kernel chooses a port by chance and drops what others send. */
function openSocket(to: Endpoint): ReturnType<Datagrams["open"]> {
  const socket = createSocket(to.address.includes(":") ? "udp6" : "udp4");
  const kept: Uint8Array[] = [];
  const unsent: Uint8Array[] = [];
  let phase: "connecting" | "open" | "closed" = "connecting";
  let wake: (() => void) | undefined;
  const close = (): void => {
    if (phase === "closed") return;
    phase = "closed";
    socket.close();
    wake?.();
  };
  socket.on("message", octets => {
    if (kept.length < KEPT_MAX) kept.push(octets);
    wake?.();
  });
  socket.on("error", close);
  socket.on("connect", () => {
    phase = "open";
    for (const octets of unsent.splice(0)) socket.send(octets);
  });
  socket.connect(to.port, to.address);
  return {
    send: octets => {
      if (phase === "open") socket.send(octets);
      else if (phase === "connecting") unsent.push(octets);
    },
    receive: async () => {
      while (kept.length === 0 && phase !== "closed") {
        await new Promise<void>(resolve => {
          wake = resolve;
        });
      }
      return phase === "closed" ? undefined : kept.shift();
    },
    close,
  };
}

/** UDP. */
export const nodeDatagrams: Datagrams = { open: openSocket };
