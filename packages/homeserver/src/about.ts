import type { Answered, Context } from "./context.ts";
import { ROOM_VERSION_DEFAULT, ROOM_VERSIONS } from "./pdu.ts";

/** Versions of the specification whose clients find what they need, as far as it is served: the README says what is not. */
const VERSIONS_MAX = 11;

/** `GET /.well-known/matrix/client` */
export async function getWellknown({ options }: Context): Answered {
  return { "m.homeserver": { base_url: options.baseUrl() } };
}

/** `GET /.well-known/matrix/support`: whom every mail server has. RFC 5321 4.5.1 */
export async function getWellknownSupport({ options }: Context): Answered {
  return { contacts: [{ role: "m.role.admin", email_address: `postmaster@${options.serverName}` }] };
}

/** `GET /versions` */
export async function getVersions(): Answered {
  return {
    versions: Array.from({ length: VERSIONS_MAX }, (_none, index) => `v1.${index + 1}`),
    unstable_features: { "org.matrix.simplified_msc3575": true },
  };
}

/** `GET /capabilities` */
export async function getCapabilities(): Answered {
  const off = { enabled: false };
  return {
    capabilities: {
      "m.room_versions": {
        default: ROOM_VERSION_DEFAULT,
        available: Object.fromEntries(ROOM_VERSIONS.map(version => [version, "stable"])),
      },
      "m.change_password": off,
      "m.3pid_changes": off,
      "m.get_login_token": off,
      "m.profile_fields": { enabled: true },
    },
  };
}
