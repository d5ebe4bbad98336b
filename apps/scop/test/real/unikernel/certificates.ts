import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** Paths of PEM files. */
export interface Certificates {
  readonly authority: string;
  /** Issued by the authority for `mx.scop.test`, RSA. */
  readonly certificate: string;
  readonly key: string;
  /** The key of the authority, which fits no other certificate. */
  readonly otherKey: string;
}

/** Makes an authority and what it issues, in this folder. */
export function makeCertificates(folder: string): Certificates {
  const at = (name: string): string => join(folder, name);
  const openssl = (...words: readonly string[]): void => {
    const { status, stderr } = spawnSync("openssl", words, { encoding: "utf8" });
    if (status !== 0) throw new Error(`openssl ${words[0]}: ${stderr}`);
  };
  const made = {
    authority: at("authority.pem"),
    certificate: at("certificate.pem"),
    key: at("key.pem"),
    otherKey: at("authority.key"),
  };
  const request = ["req", "-x509", "-nodes", "-days", "30", "-newkey"];
  openssl(...request, "rsa:2048", "-subj", "/CN=Test", "-keyout", made.otherKey, "-out", made.authority);
  const issued = ["-CA", made.authority, "-CAkey", made.otherKey, "-subj", "/CN=mx.scop.test"];
  const extensions = ["-addext", "subjectAltName=DNS:mx.scop.test", "-addext", "basicConstraints=critical,CA:FALSE"];
  openssl(...request, "rsa:2048", ...issued, ...extensions, "-keyout", made.key, "-out", made.certificate);
  return made;
}
