import assert from "node:assert/strict";
import { parseForwardPath, parseReversePath } from "@scop/address";
import {
  type ClientConfig,
  type ClientInput,
  type ClientState,
  clientTimeouts,
  type OutgoingEnvelope,
  openClient,
  type RecipientOutcome,
  stepClient,
} from "@scop/smtp";
import { latin1, latin1Bytes } from "@scop/wire";

const config: ClientConfig = {
  protocol: "smtp",
  hostname: "client.example",
  tls: "none",
  auth: "no",
  timeouts: clientTimeouts,
};

export function to(...addresses: readonly string[]): OutgoingEnvelope {
  const sender = parseReversePath("<a@example.org>");
  assert(sender.ok);
  const recipients = addresses.map(address => {
    const read = parseForwardPath(`<${address}>`);
    assert(read.ok);
    return read.value.path;
  });
  return { reversePath: sender.value.path, recipients, eightBit: false, utf8: false, size: undefined };
}

/** Runs a client machine over inputs, writing bodies at once, and notes what it did. */
export function converse(inputs: readonly (string | ClientInput)[], given: Partial<ClientConfig> = {}, chunks = 0) {
  let state: ClientState = openClient({ ...config, ...given });
  const wrote: string[] = [];
  const outcomes: RecipientOutcome[][] = [];
  let failure: unknown;
  const feed = (input: ClientInput): void => {
    const step = stepClient(state, input);
    state = step.state;
    for (const effect of step.effects) {
      if (effect.do === "write") wrote.push(latin1(effect.bytes));
      else if (effect.do === "outcomes") outcomes.push([...effect.outcomes]);
      else if (effect.do === "close") failure = effect.failure;
      else if (effect.do === "body") {
        wrote.push(`BODY${latin1(effect.behind)}`);
        feed({ on: "body-sent", chunks });
      } else if (effect.do === "start-tls") wrote.push("TLS");
      else if (effect.do === "sasl-start") wrote.push(`SASL ${effect.mechanism}`);
    }
  };
  feed({ on: "connected" });
  for (const input of inputs) feed(typeof input === "string" ? { on: "bytes", bytes: latin1Bytes(input) } : input);
  return { wrote, outcomes: outcomes.flat(), failure, state };
}

/** One word for each outcome: `delivered`, or its kind with the code or what it happened during. */
export function words(outcomes: readonly RecipientOutcome[]): readonly string[] {
  return outcomes.map(each => {
    if (each.outcome === "delivered") return `delivered ${each.reply.code}`;
    const { failure } = each;
    if (failure.kind === "reply") return `${each.outcome} ${failure.reply.code}`;
    if (failure.kind === "unsupported") return `${each.outcome} ${failure.extension}`;
    if (failure.kind === "message" || failure.kind === "protocol") return `${each.outcome} ${failure.detail.code}`;
    return `${each.outcome} ${failure.kind} ${failure.during}`;
  });
}

export const PLAIN_HELLO = "220 mx ESMTP\r\n250 mx\r\n";
export const PIPELINING = "220 mx ESMTP\r\n250-mx\r\n250-SIZE 1000\r\n250 PIPELINING\r\n";
export const send = (...addresses: readonly string[]): ClientInput => ({ on: "send", envelope: to(...addresses) });
