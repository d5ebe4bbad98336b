/** One bar: the median of its values is its length, and each value a dot on it. */
interface Row {
  readonly name: string;
  readonly values: readonly number[];
}

/** Some bars that are compared with each other. */
interface Group {
  readonly label: string;
  readonly rows: readonly Row[];
}

/** One plot. */
export interface Plot {
  readonly title: string;
  /** What the numbers are, and which end is the good one: "messages/s, more is better". */
  readonly unit: string;
  readonly groups: readonly Group[];
  /** A line across all bars that the median should not cross, or should reach. */
  readonly goal?: { readonly value: number; readonly label: string };
}

/** A plot is as wide as a phone shows it without making it smaller; a page may make it larger. */
const WIDTH = 360;
const VALUE_WIDTH = 58;
/** Names may take so much of it, and a character takes so much of a name. */
const LABEL_WIDTH_MAX = 150;
const CHARACTER_WIDTH = 7.2;
const ROW_HEIGHT = 22;
const BAR_HEIGHT = 13;
const GROUP_HEIGHT = 22;
/** Colours of the page, the first for ours. */
const COLOURS = 8;

/** The middle of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** A number with three figures that count, or a whole one. */
export function shown(value: number): string {
  if (Number.isNaN(value)) return "–";
  if (Number.isInteger(value) || Math.abs(value) >= 100) return Math.round(value).toLocaleString("en-GB");
  return value.toPrecision(3);
}

/** Text where a document has text. */
export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** Where bars begin and how long the longest is, and what that one stands for. */
interface Scale {
  readonly left: number;
  readonly span: number;
  readonly most: number;
}

/** A plot as a figure with an inline picture. */
export function drawn(plot: Plot): string {
  const rows = plot.groups.flatMap(group => group.rows);
  const names = [...new Set(rows.map(row => row.name))];
  const longest = Math.max(...names.map(name => name.length));
  const left = Math.min(LABEL_WIDTH_MAX, longest * CHARACTER_WIDTH + 10);
  const most = Math.max(plot.goal?.value ?? 0, ...rows.flatMap(row => row.values), Number.MIN_VALUE);
  const scale = { left, span: WIDTH - left - VALUE_WIDTH, most };
  const parts: string[] = [];
  let top = 4;
  for (const group of plot.groups) {
    if (group.label !== "") parts.push(`<text class="group" x="0" y="${top + 14}">${escaped(group.label)}</text>`);
    if (group.label !== "") top += GROUP_HEIGHT;
    for (const row of group.rows) {
      parts.push(bar(row, top, scale, names.indexOf(row.name) % COLOURS));
      top += ROW_HEIGHT;
    }
    top += 6;
  }
  if (plot.goal !== undefined) {
    parts.push(goalLine(plot.goal, top, scale));
    top += 14;
  }
  const picture = `<svg viewBox="0 0 ${WIDTH} ${top}" role="img" aria-label="${escaped(spoken(plot))}">${parts.join("")}</svg>`;
  return `<figure><figcaption><b>${escaped(plot.title)}</b> <span>${escaped(plot.unit)}</span></figcaption>${picture}</figure>`;
}

function goalLine({ value, label }: NonNullable<Plot["goal"]>, bottom: number, { left, span, most }: Scale): string {
  const x = left + (value / most) * span;
  const anchor = x > WIDTH / 2 ? "end" : "start";
  return [
    `<line class="goal" x1="${fixed(x)}" y1="0" x2="${fixed(x)}" y2="${bottom}"/>`,
    `<text class="note" text-anchor="${anchor}" x="${fixed(x)}" y="${bottom + 10}">${escaped(label)}</text>`,
  ].join("");
}

function bar(row: Row, top: number, { left, span, most }: Scale, colour: number): string {
  const value = median(row.values);
  const width = Number.isNaN(value) ? 0 : (value / most) * span;
  const middle = top + BAR_HEIGHT / 2;
  return [
    `<text class="name" text-anchor="end" x="${fixed(left - 8)}" y="${middle + 4}">${escaped(row.name)}</text>`,
    `<rect class="c${colour}" x="${fixed(left)}" y="${top}" width="${fixed(Math.max(width, 1))}" height="${BAR_HEIGHT}" rx="2"/>`,
    ...(row.values.length > 1 ? row.values : []).map(
      dot => `<circle cx="${fixed(left + (dot / most) * span)}" cy="${middle}" r="2"/>`,
    ),
    `<text class="value" text-anchor="end" x="${WIDTH}" y="${middle + 4}">${shown(value)}</text>`,
  ].join("");
}

function fixed(value: number): string {
  return value.toFixed(1);
}

/** The plot for those who hear it. */
function spoken({ title, unit, groups }: Plot): string {
  const texts = groups.map(
    ({ label, rows }) => `${label} ${rows.map(row => `${row.name} ${shown(median(row.values))}`).join(", ")}`,
  );
  return `${title}, ${unit}: ${texts.join("; ")}`;
}
