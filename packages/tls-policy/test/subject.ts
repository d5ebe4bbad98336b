import type { DaneSubject } from "@scop/tls-policy";

/** A mail exchanger of example.org, found by answers that a resolver vouches for. */
export const SUBJECT: DaneSubject = {
  domain: "example.org",
  host: "mx.example.org",
  port: 25,
  exchangers: "authentic",
  addresses: "authentic",
};
