/** The thread that `openSignerThread` starts: it alone reads private keys. */
import { parentPort, workerData } from "node:worker_threads";
import { folderSigner, type SignerAnswer, type SignerCall } from "./dkim-signer.ts";

const signer = folderSigner(workerData as string);

async function answer(call: SignerCall): Promise<SignerAnswer> {
  const { id } = call;
  try {
    if (call.call === "keys") return { id, value: await signer.keys(call.domain) };
    return { id, value: await signer.sign(call.domain, call.selector, call.digest) };
  } catch (error) {
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on("message", async (call: SignerCall) => parentPort?.postMessage(await answer(call)));
