import type {
  CallExpression,
  Expression,
  Identifier,
  Node,
  Program,
  Statement,
  SwitchCase,
  SwitchStatement,
} from "acorn";
import { parse } from "acorn";
import { type SimpleVisitors, simple } from "acorn-walk";
import MagicString from "magic-string";
import { reserveEdges } from "./counters.ts";

/** A module in another form. */
interface Instrumented {
  readonly code: string;
  /** Texts that the module has as constants: words of what it reads. */
  readonly words: readonly string[];
}

const WORD_MAX = 40;
/** Methods whose first argument is compared with what they are called on. */
const SEARCHES = new Set(["startsWith", "endsWith", "includes", "indexOf", "has", "get"]);

function read(source: string): Program {
  return parse(source, { ecmaVersion: "latest", sourceType: "module" });
}

/**
 * The module with a counter at every edge: functions, branches, cases, loop bodies, right sides of `&&`, `||` and `??`. Takes JavaScript
 * and the URL of the module with the counters. No line is added, so places in stack traces stay right; throws a SyntaxError as the parser does.
 */
export function countEdges(source: string, countersUrl: string): Instrumented {
  const program = read(source);
  const text = new MagicString(source);
  const words = new Set<string>();
  const word = (constant: unknown): void => {
    const written = typeof constant === "number" && constant > 255 ? String(constant) : constant;
    if (typeof written === "string" && written !== "" && written.length <= WORD_MAX) words.add(written);
  };
  let count = 0;
  // Numbers are reserved when all are known, so places are remembered first.
  const first = reserveEdges(0);
  const tick = (): string => `$scop_c[${first + count++}]++`;
  // Inner nodes are visited first: closing text goes after what is there, opening text before it.
  const wrap = (node: Node, before: string, after: string): void => {
    text.appendLeft(node.end, after);
    text.prependRight(node.start, before);
  };
  const value = (node: Expression): void => wrap(node, `(${tick()},`, ")");
  const statement = (node: Statement): void => {
    if (node.type === "BlockStatement") text.appendLeft(node.start + 1, `${tick()};`);
    else wrap(node, `{${tick()};`, "}");
  };
  const called = ({ body }: { readonly body: Statement | Expression }): void => {
    if (body.type === "BlockStatement") statement(body);
    else value(body as Expression);
  };
  const loop = (node: { readonly body: Statement }): void => statement(node.body);
  const visitors: SimpleVisitors<unknown> = {
    FunctionDeclaration: called,
    FunctionExpression: called,
    ArrowFunctionExpression: called,
    IfStatement: node => {
      statement(node.consequent);
      if (node.alternate) statement(node.alternate);
      else text.appendLeft(node.end, ` else{${tick()};}`);
    },
    ForStatement: loop,
    ForInStatement: loop,
    ForOfStatement: loop,
    WhileStatement: loop,
    DoWhileStatement: loop,
    CatchClause: node => statement(node.body),
    SwitchStatement: node => {
      for (const each of node.cases) text.appendLeft(caseStart(each), `${tick()};`);
    },
    ConditionalExpression: node => {
      value(node.consequent);
      value(node.alternate);
    },
    LogicalExpression: node => value(node.right),
    Literal: node => word(node.value),
    Property: ({ key, computed }) => {
      if (!computed) word(key.type === "Literal" ? key.value : key.type === "Identifier" ? key.name : undefined);
    },
  };
  simple(program, visitors);
  reserveEdges(count);
  text.prepend(`import { counters as $scop_c } from ${JSON.stringify(countersUrl)};`);
  return { code: text.toString(), words: [...words] };
}

function caseStart(node: SwitchCase): number {
  return node.consequent[0]?.start ?? node.end;
}

/**
 * The module with its comparisons reported: `===` and `!==`, the cases of `switch`, and the searching methods of texts, lists, maps and sets.
 * It answers what the original answers and is slower; takes JavaScript and the URL of the module that records.
 */
export function traceComparisons(source: string, comparisonsUrl: string): string {
  const program = read(source);
  const text = new MagicString(source);
  const open = (node: Node, before: string): void => void text.prependRight(node.start, before);
  simple(program, {
    BinaryExpression: node => {
      if (!/^[!=]==$/.test(node.operator)) return;
      const at = source.lastIndexOf(node.operator, node.right.start);
      text.update(at, at + 3, ",");
      text.appendLeft(node.end, ")");
      open(node, `$scop_t.${node.operator === "===" ? "eq" : "ne"}(`);
    },
    SwitchStatement: node => {
      const values = constantCases(node, source);
      if (values.length === 0) return;
      text.appendLeft(node.discriminant.end, `, [${values}])`);
      open(node.discriminant, "$scop_t.cases(");
    },
    CallExpression: node => {
      const method = searchOf(node);
      if (method === undefined) return;
      // The call keeps its last parenthesis, and its first one moves to the front.
      text.update(source.lastIndexOf(".", method.start), source.indexOf("(", method.end) + 1, ",");
      open(node, `$scop_t.call(${JSON.stringify(method.name)},`);
    },
  });
  text.prepend(`import { traced as $scop_t } from ${JSON.stringify(comparisonsUrl)};`);
  return text.toString();
}

/** Cases that are literals or members of a table, as they stand; others may have effects. */
function constantCases(node: SwitchStatement, source: string): readonly string[] {
  return node.cases.flatMap(({ test }) =>
    test && (test.type === "Literal" || (test.type === "MemberExpression" && !test.computed))
      ? [source.slice(test.start, test.end)]
      : [],
  );
}

/** The name `includes` in a call such as `a.includes(b)`; undefined for other calls and within `a?.b`, which may stop earlier. */
function searchOf(node: CallExpression): Identifier | undefined {
  const { callee, arguments: given } = node;
  if (callee.type !== "MemberExpression" || callee.property.type !== "Identifier" || callee.computed) return undefined;
  if (!SEARCHES.has(callee.property.name) || given.length === 0) return undefined;
  return callee.object.type === "Super" || isOptional(node) ? undefined : callee.property;
}

function isOptional(node: Node): boolean {
  let here: Node | undefined = node;
  while (here) {
    const { optional, object, callee }: { optional?: unknown; object?: Node; callee?: Node } = here as never;
    if (optional === true) return true;
    here = object ?? callee;
  }
  return false;
}
