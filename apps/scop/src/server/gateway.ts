import { createGateway, type Gateway } from "@scop/gateway";
import { whatwgCharsets } from "@scop/mime";
import type { Mta } from "@scop/mta";
import type { Platform } from "@scop/platform";
import type { Store } from "@scop/store";
import { utf8Bytes } from "@scop/wire";
import { installationSecret } from "./certificate.ts";
import type { Matrix } from "./matrix.ts";

/** What a gateway on this machine is made of. */
interface GatewayOn {
  readonly io: Platform;
  readonly store: Store;
  readonly mta: Mta;
  readonly matrix: Matrix;
  readonly hostname: string;
  readonly data: string;
  readonly tagSeparator: string | undefined;
}

/** The gateway of a data folder: the same secret at every start, so that answers find their way for years. */
export function openGateway({ io, store, mta, matrix, hostname, data, tagSeparator = "+" }: GatewayOn): Gateway {
  const { server: homeserver, serverName } = matrix;
  const secret = io.crypto.hmacSha256(installationSecret(data), utf8Bytes("scop gateway"));
  const charsets = whatwgCharsets(TextDecoder);
  return createGateway({
    io,
    store,
    homeserver,
    mta,
    options: { serverName, hostname, secret, tagSeparator, charsets },
  });
}
