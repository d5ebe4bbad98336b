/** A tag and its value, in the order of the record. */
type Tag = readonly [name: string, value: string];

/**
 * The tags of a TXT record that begins with this version; undefined where it does not, or where a field is no tag. White space around names,
 * values and semicolons is left out; a semicolon may end the record.
 *
 * sts-text-record = sts-version 1*(sts-field-delim sts-field) [sts-field-delim]   RFC 8461 3.1, RFC 8460 3
 */
export function tagsOf(record: string, version: string): readonly Tag[] | undefined {
  const [first = "", ...fields] = record.split(";");
  if (first.trimEnd() !== `v=${version}`) return undefined;
  const tags: Tag[] = [];
  for (const [index, field] of fields.entries()) {
    const text = field.replace(/^[ \t]+|[ \t]+$/g, "");
    if (text === "" && index === fields.length - 1) break;
    const at = text.indexOf("=");
    if (at < 1) return undefined;
    tags.push([text.slice(0, at).trimEnd(), text.slice(at + 1).trimStart()]);
  }
  return tags;
}

/** The value of the first tag with this name. */
export function tagValue(tags: readonly Tag[], name: string): string | undefined {
  return tags.find(([each]) => each === name)?.[1];
}
