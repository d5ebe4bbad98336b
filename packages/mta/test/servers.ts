import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { type Heard, type Script, scriptedServer } from "./scripted-server.ts";
import { code, give, type Machine, type MachineSetup, type World, world } from "./world.ts";

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

export const A = {
  hostname: "mx.a.test",
  address: "192.0.2.1",
  domains: ["a.test"],
  accounts: ["alice@a.test"],
  aliases: { "away@a.test": ["bob@b.test"], "lost@a.test": ["nobody@b.test"] },
} satisfies MachineSetup;

export const B = {
  hostname: "mx.b.test",
  address: "192.0.2.2",
  domains: ["b.test"],
  accounts: ["bob@b.test", "ben@b.test"],
} satisfies MachineSetup;

export async function started(here: World, setup: MachineSetup): Promise<Machine> {
  const machine = await here.machine(setup);
  machine.mta.start();
  return machine;
}

/** A world with our server and a scripted one that takes mail for c.test. */
export async function against(
  t: TestContext,
  script: Script,
  setup: Partial<MachineSetup> = {},
  begin: "now" | "later" = "now",
): Promise<{ readonly here: World; readonly a: Machine; readonly heard: Heard }> {
  const here = world(t);
  const { heard, accept } = scriptedServer(script);
  here.network.listen("192.0.2.3", 25, accept);
  here.zone.mx.set("c.test", [{ preference: 10, exchange: "mx.c.test" }]);
  here.zone.addresses.set("mx.c.test", ["192.0.2.3"]);
  const a = await here.machine({ ...A, ...setup });
  if (begin === "now") a.mta.start();
  return { here, a, heard };
}

export async function submit(
  machine: Machine,
  to: readonly string[],
  subject = "hello",
  body = "Hi\r\n",
): Promise<void> {
  const message = `From: alice@a.test\r\nDate: Thu, 01 Jan 2026 00:00:00 +0000\r\nMessage-ID: <1@a.test>\r\nSubject: ${subject}\r\n\r\n${body}`;
  const session = machine.session({ identity: "alice@a.test" });
  assert.equal(
    code(await give(machine.mta.receiver("submission"), session, { from: "alice@a.test", to, message })),
    "250 2.0.0",
  );
}

export function field(message: string | undefined, name: string): string | undefined {
  return new RegExp(`^${name}: ?(.*)\r$`, "imu").exec(message ?? "")?.[1];
}
