import { Choices } from "@scop/wire/arbitrary";
import type { Macro, MacroLetter, MacroString } from "./macro.ts";
import type { Directive, Mechanism, Qualifier, SpfRecord } from "./record.ts";

const NAMES = ["example.org", "a.test", "_spf.Example.net", "x--y.a-b.test", "foo:bar/baz.example.com", "100%.test"];
const LETTERS: readonly MacroLetter[] = ["s", "l", "o", "d", "i", "p", "h", "v"];
const QUALIFIERS: readonly Qualifier[] = ["pass", "fail", "softfail", "neutral"];

function macro(choices: Choices): Macro {
  return {
    letter: choices.of(LETTERS),
    parts: choices.maybe(() => 1 + choices.below(128)),
    order: choices.of(["as-is", "reversed"]),
    delimiters: choices.of(["", "-", ".-+,/_="]),
    escaping: choices.of(["none", "url"]),
  };
}

function domain(choices: Choices): MacroString {
  const name = choices.of(NAMES);
  return choices.of([[name], [macro(choices), `.${name}`], [`${name}.`, macro(choices)]]);
}

function network(choices: Choices, type: "ip4" | "ip6"): Mechanism {
  const octets = Uint8Array.from({ length: type === "ip4" ? 4 : 16 }, () => choices.of([0, 1, 127, 255]));
  return { type, network: octets, bits: choices.below(octets.length * 8 + 1) };
}

function mechanism(choices: Choices): Mechanism {
  const type = choices.of(["all", "include", "exists", "a", "mx", "ptr", "ip4", "ip6"] as const);
  switch (type) {
    case "all":
      return { type };
    case "include":
    case "exists":
      return { type, domain: domain(choices) };
    case "ptr":
      return { type, domain: choices.maybe(() => domain(choices)) };
    case "a":
    case "mx": {
      const bits = { v4: choices.below(33), v6: choices.below(129) };
      return { type, domain: choices.maybe(() => domain(choices)), bits };
    }
    case "ip4":
    case "ip6":
      return network(choices, type);
  }
}

/** The record that octets choose: any octets choose one, and fewer choose a simpler one. `text` and `offset` of its directives are empty. */
export function recordOf(octets: Uint8Array): SpfRecord {
  const choices = new Choices(octets);
  const directives = choices.list(12, (): Directive => {
    return { qualifier: choices.of(QUALIFIERS), mechanism: mechanism(choices), text: "", offset: 0 };
  });
  const redirect = choices.maybe(() => domain(choices));
  return { directives, redirect, explanation: choices.maybe(() => domain(choices)) };
}
