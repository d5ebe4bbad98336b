export { defineConfig, type ScopConfig, type TransportConfig } from "./config.ts";
