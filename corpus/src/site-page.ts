/** The look of the page. */
export const SITE_STYLE = `
:root { color-scheme: light dark; --line: #8884; --good: #1a7f37; --some: #9a6700; --bad: #cf222e; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 1900px; padding: 0 1rem; }
nav { display: flex; flex-wrap: wrap; gap: 1rem; margin: 1rem 0; }
select, input { font: inherit; max-width: 16rem; }
section { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { border: 1px solid var(--line); padding: .2rem .5rem; text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
td.good { color: var(--good); } td.some { color: var(--some); } td.bad { color: var(--bad); font-weight: 600; }
td a { color: inherit; }
article { border: 1px solid var(--line); border-radius: 6px; margin: .6rem 0; padding: .4rem .8rem; }
article:target { border-color: var(--good); border-width: 2px; }
summary { cursor: pointer; } summary code { font-weight: 600; }
pre { background: #8881; overflow-x: auto; padding: .5rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.tag { border: 1px solid var(--line); border-radius: 1em; font-size: .85em; padding: 0 .5em; }
.pass { color: var(--good); } .tolerant, .unsupported { color: var(--some); }
.fail, .crash, .timeout, .garbage { color: var(--bad); }
`;

/** What the page does: filters, a matrix of what is left, and the cases, each under its anchor. */
export const SITE_SCRIPT = `
"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const at = id => document.getElementById(id);
const unsupported = data.verdicts.indexOf("unsupported");
const names = data.implementations.map(each => each.name + " " + each.version);
const SHOWN = 200;
function element(tag, text, attributes = {}) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}
function fill(id, values) {
  for (const value of ["", ...values]) at(id).append(element("option", value === "" ? "all" : value, { value }));
  at(id).addEventListener("change", show);
}
fill("area", [...new Set(data.cases.map(each => each.area))].sort());
fill("flag", [...new Set(data.cases.flatMap(each => each.flags))].sort());
fill("who", names);
fill("verdict", data.verdicts);
at("text").addEventListener("input", show);
function chosen() {
  const [area, flag, who, verdict] = ["area", "flag", "who", "verdict"].map(id => at(id).value);
  const words = at("text").value.toLowerCase();
  const one = names.indexOf(who);
  const wanted = data.verdicts.indexOf(verdict);
  return data.cases.filter(each =>
    (area === "" || each.area === area) &&
    (flag === "" || each.flags.includes(flag)) &&
    (one < 0 || verdict !== "" || each.verdicts[one] !== unsupported) &&
    (wanted < 0 || (one < 0 ? each.verdicts.includes(wanted) : each.verdicts[one] === wanted)) &&
    (words === "" || (each.id + " " + each.about).toLowerCase().includes(words)));
}
function cell(cases, index) {
  const tried = cases.filter(each => each.verdicts[index] !== unsupported);
  if (tried.length === 0) return element("td", "-");
  const passed = tried.filter(each => each.verdicts[index] === 0).length;
  const tolerant = tried.filter(each => each.verdicts[index] === 1).length;
  const failing = tried.find(each => each.verdicts[index] > 1);
  const kind = passed === tried.length ? "good" : failing === undefined ? "some" : "bad";
  const made = element("td", undefined, { class: kind, title: tolerant + " as only a tolerant reader may" });
  const text = passed + (tolerant > 0 ? "+" + tolerant : "") + "/" + tried.length;
  if (failing === undefined) made.textContent = text;
  else {
    const link = element("a", text, { href: "#" + failing.id });
    link.addEventListener("click", () => {
      at("who").value = names[index];
      at("verdict").value = data.verdicts[failing.verdicts[index]];
      if (made.dataset.suite) at("text").value = made.dataset.suite.replace("/", ".");
      show();
    });
    made.append(link);
  }
  return made;
}
function matrix(cases) {
  const table = element("table");
  const head = element("tr");
  for (const text of ["suite", "cases", ...names]) head.append(element("th", text));
  table.append(head);
  const suites = [...new Set(cases.map(each => each.suite))].sort();
  for (const suite of suites) {
    const own = cases.filter(each => each.suite === suite);
    const row = element("tr");
    row.append(element("td", suite), element("td", own.length));
    names.forEach((_, index) => row.append(cell(own, index)));
    table.append(row);
  }
  const row = element("tr");
  row.append(element("th", "all"), element("th", cases.length));
  names.forEach((_, index) => row.append(cell(cases, index)));
  table.append(row);
  at("matrix").replaceChildren(table);
}
function article(each) {
  const made = element("article", undefined, { id: each.id });
  const details = element("details");
  const summary = element("summary");
  summary.append(element("code", each.id), " " + each.about + " ", element("span", each.result, { class: "tag" }));
  for (const flag of each.flags) summary.append(" ", element("span", flag, { class: "tag", title: data.flags[flag] || "" }));
  details.append(summary, element("p", each.op + ", " + each.spec.join(", ")), element("pre", each.input));
  const list = element("ul");
  names.forEach((name, index) => {
    const verdict = data.verdicts[each.verdicts[index]];
    if (verdict === "unsupported") return;
    const item = element("li", name + ": ");
    item.append(element("span", verdict, { class: verdict }), each.why[index] === "" ? "" : ": " + each.why[index]);
    list.append(item);
  });
  details.append(list);
  if (each.params) details.append(element("pre", "params " + JSON.stringify(each.params)));
  details.append(element("pre", "expect " + JSON.stringify(each.expect, null, 1)));
  made.append(details);
  return made;
}
const SERIOUS = /^(AUTH_BYPASS|SMUGGLING|CONTENT_HIDING|INJECTION|SPOOFED_DISPLAY|DOS)/;
function trophies(cases) {
  const list = element("ul");
  names.forEach((name, index) => {
    const found = cases.filter(each => each.verdicts[index] > 1 && each.verdicts[index] !== unsupported &&
      (each.verdicts[index] > 2 || each.flags.some(flag => SERIOUS.test(data.flags[flag] || ""))));
    if (found.length === 0) return;
    const item = element("li", name + ": ");
    for (const each of found.slice(0, 12)) item.append(element("a", each.id, { href: "#" + each.id, title: each.about }), " ");
    if (found.length > 12) item.append("and " + (found.length - 12) + " more");
    list.append(item);
  });
  at("trophy").replaceChildren(list);
}
function show() {
  const cases = chosen();
  at("sum").textContent = data.cases.length + " cases, " + names.length + " implementations; " + cases.length +
    " cases fit. A cell is passed/tried; +n are read as only a tolerant reader may; - is not offered.";
  at("note").textContent = data.flags[at("flag").value] || "";
  matrix(cases);
  trophies(cases);
  at("cases").replaceChildren(...cases.slice(0, SHOWN).map(article));
  if (cases.length > SHOWN) at("cases").append(element("p", (cases.length - SHOWN) + " more: choose an area or a flag."));
  open();
}
function open() {
  const id = decodeURIComponent(location.hash.slice(1));
  const each = data.cases.find(one => one.id === id);
  if (each === undefined) return;
  if (at(id) === null) at("cases").prepend(article(each));
  at(id).querySelector("details").open = true;
  at(id).scrollIntoView();
}
addEventListener("hashchange", open);
show();
`;
