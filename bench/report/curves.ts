import { escaped, shown } from "./bars.ts";

/** One line, scaled to its own highest value. */
interface Line {
  readonly name: string;
  readonly values: readonly number[];
}

/** Some lines over the same time. */
export interface Curve {
  readonly title: string;
  /** What the plot says in words: the last value of each line, and where it stood still. */
  readonly note: string;
  /** Of each value, in seconds, rising. */
  readonly times: readonly number[];
  readonly lines: readonly Line[];
}

const WIDTH = 360;
const HEIGHT = 110;
const TOP = 8;
const FOOT = 18;

/** A curve as a figure with an inline picture; the last value of each line stands beside its name. */
export function drawnCurve(curve: Curve): string {
  const span = Math.max(curve.times.at(-1) ?? 0, Number.MIN_VALUE);
  const lines = curve.lines.map((line, index) => {
    const most = Math.max(...line.values, Number.MIN_VALUE);
    const points = line.values.map((value, at) => {
      const x = ((curve.times[at] ?? 0) / span) * WIDTH;
      const y = TOP + (1 - value / most) * (HEIGHT - TOP);
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    });
    return `<polyline class="l${index}" points="${points.join(" ")}"/>`;
  });
  const keys = curve.lines
    .map(({ name, values }, index) => `<tspan class="c${index}">${escaped(name)} ${shown(values.at(-1) ?? 0)}</tspan>`)
    .join("   ");
  const picture = [
    `<line class="base" x1="0" y1="${HEIGHT}" x2="${WIDTH}" y2="${HEIGHT}"/>`,
    ...lines,
    `<text x="0" y="${HEIGHT + FOOT - 4}" xml:space="preserve">${keys}</text>`,
    `<text class="note" text-anchor="end" x="${WIDTH}" y="${HEIGHT + FOOT - 4}">${shown(span)} CPU s</text>`,
  ].join("");
  const said = `${curve.title}: ${curve.lines.map(({ name, values }) => `${name} ${shown(values.at(-1) ?? 0)}`).join(", ")}; ${curve.note}`;
  return `<figure><figcaption><b>${escaped(curve.title)}</b> <span>${escaped(curve.note)}</span></figcaption><svg viewBox="0 0 ${WIDTH} ${HEIGHT + FOOT}" role="img" aria-label="${escaped(said)}">${picture}</svg></figure>`;
}
