import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectFailed, createClosing, Overloaded, type Platform, silent } from "@scop/platform";
import { simulation } from "@scop/sim";

test("errors that a caller tells apart have names", () => {
  assert.equal(new Overloaded("the pool is full").name, "Overloaded");
  assert.equal(new ConnectFailed("refused").name, "ConnectFailed");
  assert.ok(new ConnectFailed("refused") instanceof Error);
});

test("the silent log and metrics take everything and say nothing", () => {
  assert.equal(silent.log.write("error", "a message was lost", { queue: 1 }), undefined);
  assert.equal(silent.metrics.count("messages", { result: "lost" }, 2), undefined);
  assert.equal(silent.metrics.gauge("queue_length", 3), undefined);
});

test("a shutdown begins once and tells each listener that is still there", () => {
  const closing = createClosing();
  const told: string[] = [];
  closing.watch(() => told.push("first"));
  const forget = closing.watch(() => told.push("second"));
  closing.watch(() => told.push("third"));
  assert.equal(closing.closing, false);
  forget();
  closing.close();
  closing.close();
  closing.watch(() => told.push("late"));
  assert.equal(closing.closing, true);
  assert.deepEqual(told, ["first", "third"]);
});

test("README example", () => {
  function greet(io: Pick<Platform, "clock" | "log">): string {
    const greeting = `220 mx.example.org ${new Date(io.clock.now()).toISOString()}\r\n`;
    io.log.write("info", "greeted", { octets: greeting.length });
    return greeting;
  }
  const world = simulation();
  assert.equal(greet(world.platform("192.0.2.1")), "220 mx.example.org 2026-01-01T00:00:00.000Z\r\n");

  assert.deepEqual(world.logged, [{ level: "info", event: "greeted", fields: { octets: 45 } }]);
});
