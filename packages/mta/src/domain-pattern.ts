/**
 * What a table says about a domain (lower case, A-labels): its own entry, or that of the nearest `.parent`, which stands for every name under
 * the parent.
 */
export function entryFor<Value>(table: ReadonlyMap<string, Value>, domain: string): Value | undefined {
  const own = table.get(domain);
  if (own !== undefined) return own;
  for (let dot = domain.indexOf("."); dot >= 0; dot = domain.indexOf(".", dot + 1)) {
    const parent = table.get(domain.slice(dot));
    if (parent !== undefined) return parent;
  }
  return undefined;
}

/** Whether a pattern of the same form stands for a domain. */
export function matchesDomain(pattern: string, domain: string): boolean {
  return pattern.startsWith(".") ? domain.endsWith(pattern) : domain === pattern;
}
