import type { Login, SdkClient } from "./matrix-sdk.ts";
import { newClient, optionsOf, start, until } from "./matrix-sdk.ts";
import { PASSWORD } from "./server.ts";

interface SecretKey {
  readonly privateKey: Uint8Array<ArrayBuffer>;
}
interface Sas {
  readonly sas: { readonly emoji?: readonly (readonly [string, string])[] };
  confirm(): Promise<void>;
}
interface Verifier {
  on(event: "show_sas", listener: (sas: Sas) => void): void;
  verify(): Promise<void>;
}

/** Two devices that want to know each other. */
interface VerificationRequest {
  /** Of the specification: 2 is requested, 3 is ready, 4 is started, 6 is done. */
  readonly phase: number;
  readonly verifier: Verifier | undefined;
  accept(): Promise<void>;
  startVerification(method: string): Promise<Verifier>;
}

/** The part of the client that encrypts. */
export interface SdkCrypto {
  bootstrapCrossSigning(options: object): Promise<void>;
  bootstrapSecretStorage(options: object): Promise<void>;
  createRecoveryKeyFromPassphrase(): Promise<SecretKey>;
  isCrossSigningReady(): Promise<boolean>;
  checkKeyBackupAndEnable(): Promise<object | null>;
  getActiveSessionBackupVersion(): Promise<string | null>;
  loadSessionBackupPrivateKeyFromSecretStorage(): Promise<void>;
  restoreKeyBackup(): Promise<{ readonly total: number; readonly imported: number }>;
  requestOwnUserVerification(): Promise<VerificationRequest>;
  requestVerificationDM(user: string, room: string): Promise<VerificationRequest>;
  getUserVerificationStatus(user: string): Promise<{ isCrossSigningVerified(): boolean }>;
  getDeviceVerificationStatus(user: string, device: string): Promise<{ readonly crossSigningVerified: boolean } | null>;
}

/** A device that encrypts; what it knows is in memory. */
export interface CryptoDevice {
  readonly login: Login;
  readonly client: SdkClient;
  readonly crypto: SdkCrypto;
  /** What others asked of it. */
  readonly asked: VerificationRequest[];
}

/** The key to what an account keeps encrypted on the server: devices that are given it can read that. */
export interface Recovery {
  key: Uint8Array<ArrayBuffer> | undefined;
}

/** Starts a device of a login. */
export async function startDevice(port: number, login: Login, recovery: Recovery): Promise<CryptoDevice> {
  const cryptoCallbacks = {
    getSecretStorageKey: async ({ keys }: { readonly keys: Readonly<Record<string, object>> }) => {
      const [id] = Object.keys(keys);
      return id === undefined || recovery.key === undefined ? null : [id, recovery.key];
    },
    cacheSecretStorageKey: (_id: string, _info: object, key: Uint8Array<ArrayBuffer>) => {
      recovery.key = key;
    },
  };
  const client = newClient(port, { ...optionsOf(login), cryptoCallbacks });
  await client.initRustCrypto({ useIndexedDB: false });
  const asked: VerificationRequest[] = [];
  client.on("crypto.verificationRequestReceived", (request: VerificationRequest) => void asked.push(request));
  await start(client);
  const crypto = client.getCrypto();
  if (crypto === undefined) throw new Error("the client does not encrypt");
  return { login, client, crypto, asked };
}

/** Gives an account its keys for cross-signing and a backup. Answers how often the server wanted the password. */
export async function setUp({ crypto, login }: CryptoDevice, isNew: boolean): Promise<number> {
  let asked = 0;
  const authUploadDeviceSigningKeys = async (makeRequest: (auth: object | null) => Promise<object>): Promise<void> => {
    try {
      await makeRequest(null);
    } catch (error) {
      const { data } = error as { readonly data: { readonly session: string } };
      asked += 1;
      const identifier = { type: "m.id.user", user: login.user_id };
      await makeRequest({ type: "m.login.password", identifier, password: PASSWORD, session: data.session });
    }
  };
  await crypto.bootstrapCrossSigning({ authUploadDeviceSigningKeys, setupNewCrossSigning: isNew });
  await crypto.bootstrapSecretStorage({
    createSecretStorageKey: () => crypto.createRecoveryKeyFromPassphrase(),
    setupNewSecretStorage: true,
    setupNewKeyBackup: true,
  });
  return asked;
}

/** Two devices of one user compare emoji. Answers what each of them showed. */
export async function verify(asking: CryptoDevice, other: CryptoDevice): Promise<readonly string[]> {
  // A request by a device that is not known yet is passed over.
  const knows = async (one: CryptoDevice, { login }: CryptoDevice): Promise<boolean> =>
    (await one.crypto.getDeviceVerificationStatus(login.user_id, login.device_id)) !== null;
  await until("they know of each other", async () => (await knows(asking, other)) && (await knows(other, asking)));
  return compare(await asking.crypto.requestOwnUserVerification(), other);
}

/** Two users compare emoji, in a room that they are in. Answers what each of them was shown. */
export async function verifyUser(asking: CryptoDevice, other: CryptoDevice, room: string): Promise<readonly string[]> {
  return compare(await asking.crypto.requestVerificationDM(other.login.user_id, room), other);
}

async function compare(request: VerificationRequest, other: CryptoDevice): Promise<readonly string[]> {
  const shown: string[] = [];
  const confirmed = (verifier: Verifier): Promise<void> => {
    verifier.on("show_sas", sas => {
      shown.push((sas.sas.emoji ?? []).map(([emoji]) => emoji).join(""));
      void sas.confirm();
    });
    return verifier.verify();
  };
  await until("the other device is asked", () => other.asked.length > 0);
  const received = other.asked.pop()!;
  await received.accept();
  await until("both are ready", () => request.phase === 3);
  const first = confirmed(await request.startVerification("m.sas.v1"));
  await until("the other device begins", () => received.verifier !== undefined);
  await Promise.all([first, confirmed(received.verifier!)]);
  return shown;
}
