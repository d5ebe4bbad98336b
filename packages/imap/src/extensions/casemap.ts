/**
 * Text in the form in which it is compared: without regard to case, with composed characters taken apart. RFC 5051 2. Deviation: letters
 * that become several in upper case are compared as those, so that `ß` equals `ss`.
 */
export function casemap(text: string): string {
  for (let index = 0; index < text.length; index += 1) {
    // What is not ASCII is rare, and the way through it is long.
    if (text.charCodeAt(index) > 127) return text.toUpperCase().normalize("NFKD").toUpperCase();
  }
  return text.toUpperCase();
}
