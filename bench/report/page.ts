import { drawn, escaped, median, type Plot, shown } from "./bars.ts";
import { drawnCurve } from "./curves.ts";
import { curvesOf, plotsOf } from "./plots.ts";
import type { Result } from "./results.ts";

/** What each kind shows, in the order of the page. */
const SECTIONS: Readonly<Record<string, { readonly title: string; readonly about: string }>> = {
  accept: {
    title: "Accepting mail",
    about: "10 KB messages over reused connections; SCoP and Postfix answer 250 after a sync.",
  },
  deliver: { title: "Delivering mail", about: "A full queue of 10 KB messages to one host that takes everything." },
  client: { title: "Sending from a program", about: "10 KB messages over connections that stay open." },
  queue: {
    title: "A queue with dead destinations",
    about: "1,000 destinations, half of which refuse connections or say nothing.",
  },
  hostile: { title: "Slow and hostile peers", about: "A normal client beside connections that are of no use." },
  imap: { title: "Reading mail", about: "Large mailboxes over IMAP." },
  fuzz: {
    title: "Fuzzing",
    about: "What each target did, and how edges and executions grew; a curve that lies flat has found what it can.",
  },
  mime: { title: "Parsing and composing messages", about: "Real messages, decoded whole." },
  crash: {
    title: "Killed again and again",
    about: "SIGKILL under load; every acknowledged message is looked for afterwards.",
  },
  power: { title: "Power cut", about: "The file system is shut down under load; what was not synced is gone." },
};

const STYLE = `
:root{color-scheme:light dark;--page:#fbfbfa;--card:#fff;--ink:#1c1f23;--soft:#5d6670;--line:#dfe2e5;
--c0:#1464c0;--c1:#c2571a;--c2:#2e8a57;--c3:#8a56ac;--c4:#9a8412;--c5:#5f6b76;--c6:#0e8a96;--c7:#b0447a;--good:#1d7a45;--bad:#b3261e}
@media(prefers-color-scheme:dark){:root{--page:#15181b;--card:#1d2125;--ink:#e8eaec;--soft:#a2abb4;--line:#343a40;
--c0:#5aa5f5;--c1:#f08b4f;--c2:#5fc48c;--c3:#c08be0;--c4:#d6bf3e;--c5:#8d98a3;--c6:#4cc3cf;--c7:#e583b0;--good:#5fc48c;--bad:#ff8a80}}
*{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:1080px;margin:auto;padding:24px 16px 64px}h1{font-size:28px;margin:8px 0}h2{font-size:20px;margin:0}
p{margin:4px 0 12px}.soft,figcaption span,dt,footer{color:var(--soft)}
nav{display:flex;flex-wrap:wrap;gap:6px 16px;margin:12px 0 28px}a{color:var(--c0)}
section{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:20px;margin:0 0 20px}
.plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,400px),1fr));gap:16px 32px;margin:12px 0}
figure{margin:0;min-width:0;max-width:560px}figcaption{margin:0 0 4px;line-height:1.3}svg{display:block;width:100%;height:auto;font:12px system-ui,sans-serif}
svg text{fill:var(--ink)}svg .group{font-weight:600}svg .value{font-variant-numeric:tabular-nums}svg .note{fill:var(--soft);font-size:10px}
svg circle{fill:var(--ink);opacity:.45}.goal{stroke:var(--bad);stroke-dasharray:3 3}
.c0{fill:var(--c0)}.c1{fill:var(--c1)}.c2{fill:var(--c2)}.c3{fill:var(--c3)}.c4{fill:var(--c4)}.c5{fill:var(--c5)}.c6{fill:var(--c6)}.c7{fill:var(--c7)}
polyline{fill:none;stroke-width:2;vector-effect:non-scaling-stroke}.l0{stroke:var(--c0)}.l1{stroke:var(--c1)}.base{stroke:var(--line)}
svg tspan.c0{fill:var(--c0)}svg tspan.c1{fill:var(--c1)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 12px;margin:12px 0 0;font-size:14px}dd{margin:0;min-width:0;overflow-wrap:anywhere}
code{font:13px ui-monospace,monospace}.verdict{font-weight:600;margin:8px 0}.held{color:var(--good)}.lost{color:var(--bad)}
hr{border:0;border-top:1px solid var(--line);margin:20px 0}details{margin-top:12px;font-size:14px}summary{cursor:pointer;color:var(--soft)}.wide{overflow-x:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}td,th{text-align:left;padding:2px 16px 2px 0}td:last-child{text-align:right}
`;

/** The whole page. */
export function page(results: readonly Result[], time: string): string {
  const order = Object.keys(SECTIONS);
  const kinds = [...new Set(results.map(result => result.kind))].sort(
    (one, other) => place(order, one) - place(order, other),
  );
  const links = kinds.map(kind => `<a href="#${escaped(kind)}">${escaped(titleOf(kind))}</a>`).join("");
  const sections = kinds.map(kind =>
    section(
      kind,
      results.filter(result => result.kind === kind),
    ),
  );
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>SCoP: what was measured</title><style>${STYLE}</style></head><body><main>
<h1>SCoP: what was measured</h1><p class="soft">Bars are medians, dots are single runs. Each command prints the same figures and can be run again.</p>
<nav>${links}</nav>${sections.join("\n")}<footer>Drawn ${escaped(time.slice(0, 16).replace("T", " "))} UTC from the newest result of each kind.</footer></main></body></html>
`;
}

function place(order: readonly string[], kind: string): number {
  const found = order.indexOf(kind);
  return found < 0 ? order.length : found;
}

function titleOf(kind: string): string {
  return SECTIONS[kind]?.title ?? kind;
}

function section(kind: string, results: readonly Result[]): string {
  const about = SECTIONS[kind]?.about ?? "";
  const parts = results.map(result => {
    const plots = plotsOf(result);
    return [
      verdict(result),
      `<div class="plots">${plots.map(drawn).join("")}${curvesOf(result).map(drawnCurve).join("")}</div>`,
      origin(result),
      figures(result, plots),
    ].join("");
  });
  return `<section id="${escaped(kind)}"><h2>${escaped(titleOf(kind))}</h2><p class="soft">${escaped(about)}</p>${parts.join("<hr>")}</section>`;
}

function verdict({ body, server }: Result): string {
  const { verdict: text } = body;
  if (typeof text !== "string") return "";
  const isHeld = /: held$/.test(text);
  const who = server === undefined ? "" : `${escaped(server)}: `;
  return `<p class="verdict ${isHeld ? "held" : "lost"}">${who}${escaped(text)}</p>`;
}

function origin({ command, time, commit, machine }: Result): string {
  const rows = [
    ["Command", `<code>${escaped(command)}</code>`],
    ["Machine", escaped(machine)],
    ["When", `${escaped(time.slice(0, 16).replace("T", " "))} UTC, sources ${escaped(commit)}`],
  ];
  return `<dl>${rows.map(([name, text]) => `<dt>${name}</dt><dd>${text}</dd>`).join("")}</dl>`;
}

/** Every number of the plots, or of a count of crashes, as a table. */
function figures({ body }: Result, plots: readonly Plot[]): string {
  const counted = Object.entries((body["figures"] ?? {}) as Readonly<Record<string, number>>);
  const rows = [
    ...counted.map(([name, value]) => [name, String(value)]),
    ...plots.flatMap(({ title, groups }) =>
      groups.flatMap(({ label, rows: bars }) =>
        bars.map(({ name, values }) => [
          [title, label, name].filter(each => each !== "").join(", "),
          shown(median(values)),
        ]),
      ),
    ),
  ];
  if (rows.length === 0) return "";
  const lines = rows.map(([name, value]) => `<tr><td>${escaped(name!)}</td><td>${escaped(value!)}</td></tr>`);
  return `<details><summary>All figures</summary><div class="wide"><table>${lines.join("")}</table></div></details>`;
}
