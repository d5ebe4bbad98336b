import { failed, type Parsed, parsed } from "@scop/wire";

/** Unicode's general category Zs without SP. RFC 8265 4.2.1 */
function isOtherSpace(code: number): boolean {
  if (code === 0xa0 || code === 0x1680 || code === 0x202f || code === 0x205f || code === 0x3000) return true;
  return code >= 0x2000 && code <= 0x200a;
}

function isControl(code: number): boolean {
  return code < 32 || (code >= 127 && code < 160);
}

/**
 * A user name or password in the form in which it is compared: spaces of other scripts become SP, then normalisation form C, as
 * the OpaqueString profile says (RFC 8265 4.2.1). Empty text, controls and lone surrogates are refused. Partial: code points
 * that Unicode has not assigned are let through, because no tables are carried for them.
 */
export function prepareText(text: string): Parsed<string> {
  if (text.length === 0) return failed("empty-text", 0, 0, "RFC 8265 4.2.1");
  let spaced = "";
  let from = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.codePointAt(index)!;
    if (isControl(code)) return failed("control-character", index, 1, "RFC 8265 4.2.1");
    if (code >= 0xd800 && code <= 0xdfff) return failed("lone-surrogate", index, 1, "RFC 8265 4.2.1");
    if (isOtherSpace(code)) {
      spaced += `${text.slice(from, index)} `;
      from = index + 1;
    }
    if (code > 0xffff) index += 1;
  }
  return parsed((spaced + text.slice(from)).normalize("NFC"));
}
