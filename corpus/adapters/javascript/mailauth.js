import { createRequire } from "node:module";
import { accept, resolverOf, serve, versionOf } from "./protocol.js";

const require = createRequire(import.meta.url);
const { arc } = require("mailauth/lib/arc");
const { dkimVerify } = require("mailauth/lib/dkim/verify");
const { dmarc } = require("mailauth/lib/dmarc");
const { spf } = require("mailauth/lib/spf");

/** The signatures of a message at the moment of the case. */
function verified(bytes, { zone, now }) {
  return dkimVerify(bytes, { resolver: resolverOf(zone), curTime: new Date(now * 1000) });
}

await serve("mailauth", versionOf("mailauth"), {
  "dkim.verify": {
    fields: ["result", "signatures"],
    run: async (bytes, params) => {
      const { results } = await verified(bytes, params);
      const signatures = results.map(({ status }) => ({ result: status.result }));
      const words = signatures.map(({ result }) => result);
      return accept({ result: words.includes("pass") ? "pass" : (words[0] ?? "none"), signatures });
    },
  },
  "arc.verify": {
    fields: ["result"],
    run: async (bytes, params) => {
      const found = await arc((await verified(bytes, params)).arc, { resolver: resolverOf(params.zone) });
      return accept({ result: found?.status?.result ?? "none" });
    },
  },
  "spf.check": {
    fields: ["result"],
    run: async (_, { ip, helo, mailFrom, zone }) => {
      const { status } = await spf({ resolver: resolverOf(zone), ip, helo, sender: mailFrom, mta: "mx.example.net" });
      return accept({ result: status.result });
    },
  },
  "dmarc.author": {
    fields: ["domains"],
    run: async bytes => {
      const { headerFrom } = await dkimVerify(bytes, { resolver: resolverOf() });
      const domains = [...new Set((headerFrom ?? []).map(each => each.split("@").at(-1).toLowerCase()))];
      return domains.length === 1 ? accept({ domains }) : { outcome: "reject", reason: `${domains.length} domains` };
    },
  },
  "dmarc.evaluate": {
    fields: ["result", "policy"],
    run: async (_, params) => {
      const found = await dmarc({
        resolver: resolverOf(params.zone),
        headerFrom: [params.from],
        spfDomains: params.spf.result === "pass" ? [params.spf.domain] : [],
        dkimDomains: params.dkim.filter(({ result }) => result === "pass").map(({ domain }) => ({ id: 1, domain })),
      });
      return accept({ result: found?.status?.result ?? "none", policy: found?.policy ?? "none" });
    },
  },
});
