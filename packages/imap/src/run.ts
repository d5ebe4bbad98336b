export { type ImapOptions, serveImap } from "./driver.ts";
