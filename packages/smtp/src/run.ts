export { type Admission, type ConnectionCaps, connectionCaps, createConnectionLimits, peerKey } from "./admission.ts";
export { type ClientOptions, type ClientTls, openSmtpClient, type SmtpClient } from "./client-driver.ts";
export { type ServeOptions, serveSmtp } from "./server-driver.ts";
