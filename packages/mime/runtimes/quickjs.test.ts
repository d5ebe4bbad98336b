import assert from "node:assert/strict";
import { test } from "node:test";
import { BENCH_MISSING, bundle, fromBench, hasEsbuild } from "./bundle.ts";
import { questions } from "./inputs.ts";

/** A value within QuickJS. */
interface Handle {
  dispose(): void;
}
interface Context {
  evalCode(code: string): object;
  unwrapResult(result: object): Handle;
  callFunction(callee: Handle, self: Handle, ...args: readonly Handle[]): object;
  getProp(of: Handle, name: string): Handle;
  getString(value: Handle): string;
  newString(text: string): Handle;
  readonly global: Handle;
  readonly undefined: Handle;
  dispose(): void;
}
interface QuickJs {
  getQuickJS(): Promise<{ newContext(): Context }>;
}

const quickJs = fromBench<QuickJs>("quickjs-emscripten");
const skip = quickJs !== undefined && hasEsbuild ? false : BENCH_MISSING;

test("QuickJS reads and composes what Node does", { skip }, async () => {
  const context = (await quickJs!.getQuickJS()).newContext();
  context.unwrapResult(context.evalCode(bundle(`export * from "./work.ts";`, "work"))).dispose();
  const work = context.getProp(context.global, "work");
  for (const { read, input, answer } of questions()) {
    const callee = context.getProp(work, read);
    const given = context.newString(input);
    const result = context.unwrapResult(context.callFunction(callee, context.undefined, given));
    assert.equal(context.getString(result), answer);
    for (const handle of [callee, given, result]) handle.dispose();
  }
  work.dispose();
  context.dispose();
});
