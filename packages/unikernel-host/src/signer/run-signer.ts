import type { KeyType } from "@scop/platform";
import type { Native } from "../native.ts";
import { stopOnBootError } from "../options.ts";
import { unikernelPlatform } from "../platform.ts";
import { readSignerBoot } from "./boot.ts";
import { RateAlarm, type SigningUnit, serveSigning } from "./serve.ts";

/** The role `signer`: signs headers for one domain with one key, for callers that prove that they know the secret. */
export function runSigner(native: Native): void {
  const io = unikernelPlatform(native);
  const boot = stopOnBootError(native, () => readSignerBoot(native.commandLine(), native.bootParts()));
  const wrong = native.loadSigner();
  if (wrong !== "") native.stop(wrong);
  const [type, octets] = native.signerKind().split(" ");
  const { domain, selector, ratePerMinute, connections } = boot;
  const unit: SigningUnit = {
    key: { domain, selector, type: type as KeyType, signatureOctets: Number(octets) },
    perMinuteMax: ratePerMinute,
    sign: header => native.sign(header),
    prove: said => native.prove(said),
    isProven: (said, proof) => native.isProven(said, proof),
  };
  const alarm = new RateAlarm(io, unit.perMinuteMax);
  native.network(boot.address, boot.prefix, boot.gateway);
  io.listen(boot.port, connections, (connection, place) => {
    if (place === "held") void serveSigning(io, connection, unit, alarm);
    else connection.abort();
  });
  native.say("listening");
}
