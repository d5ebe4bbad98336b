import { styleText } from "node:util";

/** What a command says, to people or to machines. */
export interface Output {
  readonly json: boolean;
  /** A line for people; nothing with `--json`. */
  line(text: string): void;
  /** The result: pretty JSON with `--json`, else what `people` makes of it. */
  result<T>(value: T, people: (value: T) => string): void;
}

/** Output on standard output. */
export function createOutput(json: boolean): Output {
  return {
    json,
    line: text => {
      if (!json) process.stdout.write(`${text}\n`);
    },
    result: (value, people) => {
      const text = json ? JSON.stringify(value, null, 2) : people(value);
      if (text !== "") process.stdout.write(`${text}\n`);
    },
  };
}

type Style = "bold" | "dim" | "green" | "red" | "yellow" | "cyan";

/** Colour where there is a terminal that shows it. */
export function paint(style: Style, text: string): string {
  return styleText(style, text, { validateStream: true, stream: process.stdout });
}

/** Columns under a header, each as wide as its widest cell. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map(row => (row[column] ?? "").length)));
  const format = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return [paint("bold", format(header)), ...rows.map(format)].join("\n");
}

/** `2026-11-23 08:49:33Z`, to the second. */
export function instantText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")}Z`;
}
