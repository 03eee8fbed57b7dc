export { type FuzzOptions, type FuzzResult, fuzzHttpServer } from "./fuzz-http-server.ts";
