export { type ImapClosing, type ImapOptions, serveImap } from "./driver.ts";
