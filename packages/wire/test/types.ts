import { type Brand, failed, type Parsed, Secret, unreachable } from "@scop/wire";

type Domain = Brand<string, "Domain">;
type Mailbox = Brand<string, "Mailbox">;
declare const domain: Domain;
declare const read: Parsed<number>;
declare const color: "red" | "green";

/** What must not compile. */
export function refused(): void {
  // @ts-expect-error a string is not a domain before it was parsed
  const fromText: Domain = "example.org";
  // @ts-expect-error one brand is not another
  const fromOther: Mailbox = domain;
  // @ts-expect-error a value is there only where it was read
  const value: number = read.value;
  // @ts-expect-error a failure has no value
  failed("bare-lf", 0, 1, "RFC 5322 2.3").value;
  // @ts-expect-error green is missing
  if (color !== "red") unreachable(color);
  // @ts-expect-error the octets are private
  new Secret(new Uint8Array(0)).bytes;
  void [fromText, fromOther, value];
}

/** What must compile. */
export const isText: string = domain;
