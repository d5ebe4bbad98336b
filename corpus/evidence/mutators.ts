import { type Node, parse } from "acorn";
import { type AncestorVisitors, ancestor } from "acorn-walk";
import MagicString from "magic-string";
import { classOf } from "./mutant-classes.ts";
import { type mutation, OPERATORS } from "./mutation.ts";

/** One change of a source. */
export interface Mutant {
  readonly path: string;
  readonly line: number;
  /** The number of the first change of the same node. */
  readonly node: number;
  /** What stands there, shortened, and what it becomes. */
  readonly from: string;
  readonly to: string;
  /** Why it is not counted, as `mutant-classes.ts` names it; empty where it is. */
  readonly class: string;
}

/** A module with its changes, all of them off. The first has the number `first`. */
interface Mutated {
  readonly code: string;
  readonly mutants: readonly Mutant[];
}

/** A node with whatever its type has. */
type Shape = Node & Readonly<Record<string, unknown>>;

/** Methods that answer nearly the same when another takes their place. */
const TWINS = new Map<string, string>([
  ["startsWith", "endsWith"],
  ["endsWith", "startsWith"],
  ["toLowerCase", "toUpperCase"],
  ["toUpperCase", "toLowerCase"],
  ["some", "every"],
  ["every", "some"],
  ["min", "max"],
  ["max", "min"],
  ["indexOf", "lastIndexOf"],
  ["lastIndexOf", "indexOf"],
]);
/** Methods without which what they are called on is of use too. */
const REMOVED = new Set(["trim", "trimStart", "trimEnd", "slice", "subarray", "filter", "sort", "reverse"]);
const SHORT = { "&&": "both", "||": "either", "??": "present" } as const satisfies Record<
  string,
  keyof typeof mutation
>;
const SHOWN_CHARACTERS_MAX = 60;

/** Whether the node waits within its own function, so that it can't be moved into another. */
function waits(source: string, { start, end }: Node): boolean {
  return /\b(?:await|yield|super|arguments)\b/.test(source.slice(start, end));
}

/** Whether the text of the node may stand twice: a name, or members of one. */
function isSimple(node: Shape): boolean {
  let here = node;
  while (here.type === "MemberExpression" && !here["computed"]) here = here["object"] as Shape;
  return here.type === "Identifier" || here.type === "ThisExpression";
}

/** Puts all changes into one module. */
class Mutator {
  readonly mutants: Mutant[] = [];
  readonly text: MagicString;
  readonly #source: string;
  readonly #path: string;
  readonly #first: number;
  ancestors: readonly Node[] = [];

  constructor(source: string, path: string, first: number) {
    this.#source = source;
    this.#path = path;
    this.#first = first;
    this.text = new MagicString(source);
  }

  /** Numbers for the changes of a node; answers the first. */
  add(node: Node, ...changes: readonly string[]): number {
    const from = this.#source.slice(node.start, node.end).replace(/\s+/g, " ").slice(0, SHOWN_CHARACTERS_MAX);
    const line = this.#source.slice(0, node.start).split("\n").length;
    const id = this.#first + this.mutants.length;
    for (const to of changes)
      this.mutants.push({
        path: this.#path,
        line,
        node: id,
        from,
        to,
        class: classOf(this.#path, node, this.ancestors, to),
      });
    return id;
  }

  /** Inner nodes are visited first: closing text goes behind what is there, opening text before it. */
  wrap({ start, end }: Node, before: string, after: string): void {
    this.text.prependRight(start, before);
    this.text.appendLeft(end, after);
  }

  operator(left: Node, right: Node, operator: string, instead: string): void {
    const at = this.#source.indexOf(operator, left.end);
    if (at < 0 || at >= right.start) throw new Error(`${this.#path}: no ${operator} at ${left.end}`);
    this.text.update(at, at + operator.length, instead);
  }

  body(node: Shape, isRemoved: boolean): void {
    const body = node["body"] as Shape;
    if (body.type !== "BlockStatement") {
      if (body.type.endsWith("Statement")) this.wrap(body, "{$m.tick();", "}");
      return;
    }
    this.text.appendLeft(body.start + 1, "$m.tick();");
    if (!isRemoved || (body["body"] as readonly Node[]).length === 0) return;
    const id = this.add(body, "{}");
    this.text.appendLeft(body.start + 1, `if(!$m.on(${id})){`);
    this.text.prependRight(body.end - 1, "}");
  }

  condition(test: Node | null): void {
    if (test !== null) this.wrap(test, `$m.condition(${this.add(test, "false", "true")},`, ")");
  }

  binary(node: Shape): void {
    const { left, right, operator } = node as unknown as Record<"left" | "right", Shape> & {
      readonly operator: string;
    };
    const [name, ...changes] = OPERATORS[operator] ?? [];
    if (name === undefined) return;
    const isText = [left, right].some(
      each => each.type === "TemplateLiteral" || typeof (each as { readonly value?: unknown }).value === "string",
    );
    if (operator === "+" && isText) return;
    if (left.type === "PrivateIdentifier") return;
    this.operator(left, right, operator, ",");
    this.wrap(node, `$m.${name}(${this.add(node, ...changes)},`, ")");
  }

  logical(node: Shape): void {
    const { left, right, operator } = node as unknown as Record<"left" | "right", Shape> & {
      readonly operator: keyof typeof SHORT;
    };
    if (waits(this.#source, right)) return;
    this.operator(left, right, operator, ",()=>(");
    const id = this.add(node, operator === "&&" ? "||" : "&&");
    this.wrap(node, `$m.${SHORT[operator]}(${id},`, "))");
  }

  assignment(node: Shape): void {
    const { left, right, operator } = node as unknown as Record<"left" | "right", Shape> & {
      readonly operator: string;
    };
    const [name, ...changes] = OPERATORS[operator.slice(0, -1)] ?? [];
    const isText =
      right.type === "TemplateLiteral" || typeof (right as { readonly value?: unknown }).value === "string";
    if (operator === "=" || name === undefined || isText || !isSimple(left)) return;
    const id = this.add(node, ...changes.map(each => `${each}=`));
    this.operator(left, right, operator, `= $m.${name}(${id},${this.#source.slice(left.start, left.end)},`);
    this.text.appendLeft(node.end, ")");
  }

  update(node: Shape): void {
    const { argument, operator, prefix } = node as unknown as {
      readonly argument: Shape;
      readonly operator: string;
      readonly prefix: boolean;
    };
    if (!isSimple(argument)) return;
    const name = this.#source.slice(argument.start, argument.end);
    const other = operator === "++" ? "--" : "++";
    const id = this.add(node, other);
    this.wrap(node, `($m.on(${id})?${prefix ? other + name : name + other}:`, ")");
  }

  value(node: Shape, other: string): void {
    this.wrap(node, `$m.instead(${this.add(node, other)},`, `,${other})`);
  }

  call(node: Shape): void {
    const callee = node["callee"] as Shape;
    if (callee.type !== "MemberExpression" || callee["computed"] || callee["optional"] || node["optional"]) return;
    const name = (callee["property"] as unknown as { readonly name: string }).name;
    const property = callee["property"] as Node;
    const twin = TWINS.get(name);
    const dot = this.#source.lastIndexOf(".", property.start);
    if (twin !== undefined) {
      const id = this.add(property, twin);
      this.text.update(dot, property.end, `[$m.instead(${id},"${name}","${twin}")]`);
    } else if (REMOVED.has(name) && !waits(this.#source, node) && this.ancestors.at(-2)?.type !== "ChainExpression") {
      const id = this.add(node, `without .${name}()`);
      this.text.update(dot, property.end, `,$v=>$v.${name}`);
      this.wrap(node, `$m.without(${id},`, ")");
    }
  }
}

/** Whether a text is data: no key, no name of a module, no directive. */
function isData(node: Shape, parent: Shape | undefined): boolean {
  if (typeof node["value"] !== "string") return false;
  if (parent === undefined || /^(?:Import|Export)/.test(parent.type) || parent["directive"] !== undefined) return false;
  return !((parent.type === "Property" || parent.type.endsWith("Definition")) && parent["key"] === node);
}

function visitorsOf(mutator: Mutator): AncestorVisitors<unknown> {
  const visit =
    (run: (node: Shape, parent: Shape | undefined) => void) =>
    (node: Node, _: unknown, ancestors: readonly Node[]): void => {
      mutator.ancestors = ancestors;
      run(node as Shape, ancestors.at(-2) as Shape | undefined);
    };
  const fn = visit((node, parent) => {
    mutator.body(node, parent?.["kind"] !== "constructor");
  });
  const loop = visit(node => {
    const test = node["test"] as Node | null | undefined;
    if (test) mutator.wrap(test, `$m.loop(${mutator.add(test, "false")},`, ")");
    mutator.body(node, true);
  });
  return {
    FunctionDeclaration: fn,
    FunctionExpression: fn,
    ArrowFunctionExpression: fn,
    ForStatement: loop,
    WhileStatement: loop,
    DoWhileStatement: visit(node => mutator.body(node, false)),
    ForOfStatement: visit(node => mutator.body(node, true)),
    ForInStatement: visit(node => mutator.body(node, true)),
    IfStatement: visit(node => mutator.condition(node["test"] as Node)),
    ConditionalExpression: visit(node => mutator.condition(node["test"] as Node)),
    BinaryExpression: visit(node => mutator.binary(node)),
    LogicalExpression: visit(node => mutator.logical(node)),
    AssignmentExpression: visit(node => mutator.assignment(node)),
    UpdateExpression: visit(node => mutator.update(node)),
    UnaryExpression: visit(node => {
      if ((node["operator"] as string) !== "!") return;
      mutator.text.update(node.start, node.start + 1, "");
      mutator.wrap(node, `$m.not(${mutator.add(node, "without !")},`, ")");
    }),
    Literal: visit((node, parent) => {
      if (typeof node["value"] === "boolean") mutator.value(node, String(!node["value"]));
      else if (isData(node, parent)) mutator.value(node, node["value"] === "" ? '"?"' : '""');
    }),
    TemplateLiteral: visit((node, parent) => {
      if (parent?.type !== "TaggedTemplateExpression") mutator.value(node, '""');
    }),
    ArrayExpression: visit(node => {
      if ((node["elements"] as readonly unknown[]).length > 0) mutator.value(node, "[]");
    }),
    CallExpression: visit(node => mutator.call(node)),
  } as AncestorVisitors<unknown>;
}

/**
 * A module with all its changes, each behind a switch of `mutation.ts`. Takes JavaScript and the path of its source, for what is told; the lines stay
 * where they are. Operators, conditions, loops, texts, lists, `true` and `false`, `++` and `--`, methods and whole bodies are changed, as StrykerJS does.
 */
export function mutate(source: string, path: string, first: number, switchUrl: string): Mutated {
  const program = parse(source, { ecmaVersion: "latest", sourceType: "module" });
  const mutator = new Mutator(source, path, first);
  ancestor(program, visitorsOf(mutator));
  mutator.text.prepend(`import { mutation as $m } from ${JSON.stringify(switchUrl)};`);
  return { code: mutator.text.toString(), mutants: mutator.mutants };
}
