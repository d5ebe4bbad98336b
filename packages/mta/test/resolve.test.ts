import assert from "node:assert/strict";
import { test } from "node:test";
import { formatMailbox } from "@scop/address";
import { ALIAS_ADDRESSES_MAX, ALIAS_DEPTH_MAX } from "../src/limits.ts";
import { type Resolution, resolve, resolvePostmaster } from "../src/resolve.ts";
import { directory, mailbox } from "./fixtures.ts";

const RULES = {
  tagSeparator: "+",
  limits: { aliasDepthMax: ALIAS_DEPTH_MAX, aliasAddressesMax: ALIAS_ADDRESSES_MAX },
};

const HERE = directory(["a.test", "b.test"], ["alice@a.test", "bob@a.test", "carol+x@a.test", "postmaster@b.test"], {
  "team@a.test": ["alice@a.test", "bob@a.test"],
  "all@a.test": ["team@a.test", "bob@a.test", "eve@far.test", "Eve@far.test"],
  "ping@a.test": ["pong@a.test"],
  "pong@a.test": ["ping@a.test"],
  "loop@a.test": ["loop@a.test", "alice@a.test"],
  "half@a.test": ["gone@a.test", "alice@a.test", "not an address"],
  "dead@a.test": ["gone@a.test"],
  "away@a.test": ["me@far.test"],
  "list+one@a.test": ["bob@a.test"],
});

function text(resolution: Resolution): string {
  if (resolution.is !== "local") return resolution.is;
  return [...resolution.accounts.map(String), ...resolution.elsewhere.map(formatMailbox)].join(" ");
}

const ROWS: readonly (readonly [what: string, address: string, is: string])[] = [
  ["an account", "alice@a.test", "1"],
  ["letters in another case", "Alice@A.test", "1"],
  ["a tag", "alice+news@a.test", "1"],
  ["a tag in a tag", "alice+a+b@a.test", "1"],
  ["an account that has a plus sign of its own", "carol+x@a.test", "3"],
  ["its tag does not reach a user who is not there", "carol+y@a.test", "unknown"],
  ["a plus sign first is no tag", "+alice@a.test", "unknown"],
  ["an alias", "team@a.test", "1 2"],
  ["an alias with a tag", "team+x@a.test", "1 2"],
  ["an alias with a plus sign of its own", "list+one@a.test", "2"],
  ["an alias of aliases, nobody twice, foreign case kept", "all@a.test", "2 1 eve@far.test Eve@far.test"],
  ["a cycle without anybody", "ping@a.test", "unknown"],
  ["an alias that names itself", "loop@a.test", "1"],
  ["an alias with dead targets", "half@a.test", "1"],
  ["an alias with dead targets only", "dead@a.test", "unknown"],
  ["an alias that points elsewhere", "away@a.test", "me@far.test"],
  ["nobody", "nobody@a.test", "unknown"],
  ["an account's name under another domain", "alice@b.test", "unknown"],
  ["a foreign domain", "alice@far.test", "foreign"],
  ["a parent of a local domain", "alice@test", "foreign"],
  ["a subdomain of a local domain", "alice@x.a.test", "foreign"],
  ["a percent sign is no route", "alice%far.test@a.test", "unknown"],
  ["quotes that are not needed", '"alice"@a.test', "1"],
  ["quotes around an address", '"alice@far.test"@a.test', "unknown"],
  ["a domain's own postmaster", "PostMaster@b.test", "4"],
  ["a postmaster of nobody goes to the first account", "postmaster@a.test", "1"],
];

for (const [what, address, is] of ROWS) {
  test(`resolves ${what}: ${address}`, async () => {
    assert.equal(text(await resolve(HERE, RULES, mailbox(address))), is);
  });
}

test("without a separator a plus sign is an ordinary character", async () => {
  assert.equal(text(await resolve(HERE, { ...RULES, tagSeparator: "" }, mailbox("alice+x@a.test"))), "unknown");
});

test("targets that lead nowhere are counted", async () => {
  const resolution = await resolve(HERE, RULES, mailbox("half@a.test"));
  assert.equal(resolution.is === "local" && resolution.lost, 2);
});

test("<Postmaster> is the postmaster of the first domain, its first account, or nobody", async () => {
  assert.equal(text(await resolvePostmaster(directory(["a.test"], ["x@a.test", "postmaster@a.test"]), RULES)), "2");
  const alias = directory(["a.test"], ["x@a.test", "y@a.test"], { "postmaster@a.test": ["y@a.test"] });
  assert.equal(text(await resolvePostmaster(alias, RULES)), "2");
  assert.equal(text(await resolvePostmaster(directory(["a.test"], ["x@a.test"]), RULES)), "1");
  assert.equal(text(await resolvePostmaster(directory([], []), RULES)), "unknown");
});

function chain(levels: number): ReturnType<typeof directory> {
  const aliases = Object.fromEntries(
    Array.from({ length: levels }, (_, level) => [`l${level}@a.test`, [`l${level + 1}@a.test`]]),
  );
  return directory(["a.test"], [`l${levels}@a.test`], aliases);
}

test("aliases are followed to the depth limit and no further", async () => {
  assert.equal(text(await resolve(chain(ALIAS_DEPTH_MAX), RULES, mailbox("l0@a.test"))), "1");
  assert.equal(text(await resolve(chain(ALIAS_DEPTH_MAX + 1), RULES, mailbox("l0@a.test"))), "too-large");
});

test("an alias may stand for so many addresses and no more", async () => {
  const far = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `u${index}@far.test`);
  const here = directory(["a.test"], [], {
    "just@a.test": far(ALIAS_ADDRESSES_MAX),
    "more@a.test": far(ALIAS_ADDRESSES_MAX + 1),
  });
  const just = await resolve(here, RULES, mailbox("just@a.test"));
  assert.equal(just.is === "local" && just.elsewhere.length, ALIAS_ADDRESSES_MAX);
  assert.equal((await resolve(here, RULES, mailbox("more@a.test"))).is, "too-large");
});

test("aliases that all name each other end after bounded work", async () => {
  const names = Array.from({ length: 200 }, (_, index) => `n${index}@a.test`);
  let asked = 0;
  const here = directory(["a.test"], ["n0x@a.test"], Object.fromEntries(names.map(name => [name, names])));
  const alias = (key: string): ReturnType<typeof here.alias> => {
    asked += 1;
    return here.alias(key);
  };
  const counting = { ...here, alias };
  assert.equal((await resolve(counting, RULES, mailbox("n0@a.test"))).is, "unknown");
  assert.ok(asked <= ALIAS_DEPTH_MAX * names.length + 1, `${asked} questions`);
});
