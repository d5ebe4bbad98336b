/** Elements whose content nobody reads. */
const HIDDEN = new Set(["script", "style", "head", "title", "template"]);
/** Elements that begin a line. */
const BLOCKS = new Set(
  "address article blockquote br dd div dl dt figure footer form h1 h2 h3 h4 h5 h6 header hr li main ol p pre section table tr ul".split(
    " ",
  ),
);
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["apos", "'"],
  ["copy", "©"],
  ["euro", "€"],
  ["gt", ">"],
  ["hellip", "…"],
  ["laquo", "«"],
  ["ldquo", "“"],
  ["lt", "<"],
  ["mdash", "—"],
  ["nbsp", " "],
  ["ndash", "–"],
  ["quot", '"'],
  ["raquo", "»"],
  ["rdquo", "”"],
  ["rsquo", "’"],
]);
/** Characters of the longest entity that is looked for. */
const ENTITY_CHARACTERS_MAX = 12;

/**
 * The text of HTML, for where no HTML is shown: elements go, blocks begin lines, white space is one space. It makes no claim to show what a
 * browser shows. One pass, linear in the input; nothing of it is ever markup again.
 */
export function textOfHtml(html: string): string {
  const pieces: string[] = [];
  let at = 0;
  let hidden: string | undefined;
  while (at < html.length) {
    const open = html.indexOf("<", at);
    const end = open < 0 ? html.length : open;
    if (hidden === undefined && end > at) pieces.push(decoded(html.slice(at, end)));
    if (open < 0) break;
    if (html.startsWith("<!--", open)) {
      const close = html.indexOf("-->", open + 4);
      at = close < 0 ? html.length : close + 3;
      continue;
    }
    const close = html.indexOf(">", open);
    if (close < 0) break;
    const { name, isEnd } = nameOf(html.slice(open + 1, Math.min(close, open + 20)));
    if (hidden === undefined && !isEnd && HIDDEN.has(name)) hidden = name;
    else if (isEnd && name === hidden) hidden = undefined;
    else if (hidden === undefined && BLOCKS.has(name)) pieces.push("\n");
    at = close + 1;
  }
  return tidy(pieces.join(""));
}

function nameOf(tag: string): { readonly name: string; readonly isEnd: boolean } {
  const isEnd = tag.startsWith("/");
  const name = /^[a-z0-9]*/.exec((isEnd ? tag.slice(1) : tag).toLowerCase())?.[0] ?? "";
  return { name, isEnd };
}

/** Character references decoded once, white space folded; a line end of HTML is a space. */
function decoded(text: string): string {
  const folded = text.replaceAll(/[ \t\r\n\f]+/g, " ");
  if (!folded.includes("&")) return folded;
  const [first, ...others] = folded.split("&");
  return first + others.map(decodedReference).join("");
}

/** What begins behind an ampersand. */
function decodedReference(text: string): string {
  const semicolon = text.slice(0, ENTITY_CHARACTERS_MAX).indexOf(";");
  if (semicolon < 1) return `&${text}`;
  const name = text.slice(0, semicolon);
  const known = name.startsWith("#") ? ofNumber(name.slice(1)) : ENTITIES.get(name);
  return known === undefined ? `&${text}` : known + text.slice(semicolon + 1);
}

function ofNumber(digits: string): string | undefined {
  const isHex = /^[xX][0-9a-fA-F]{1,6}$/.test(digits);
  if (!isHex && !/^[0-9]{1,7}$/.test(digits)) return undefined;
  const code = isHex ? Number.parseInt(digits.slice(1), 16) : Number(digits);
  const isText = code >= 32 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  return isText ? String.fromCodePoint(code) : " ";
}

/** At most one empty line, no space at the ends of lines. */
function tidy(text: string): string {
  const lines: string[] = [];
  for (const line of text.split("\n")) {
    const trimmed = line.trim();
    if (trimmed !== "" || (lines.length > 0 && lines.at(-1) !== "")) lines.push(trimmed);
  }
  while (lines.at(-1) === "") lines.pop();
  return lines.join("\n");
}
