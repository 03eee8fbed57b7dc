export { type Clock, type SleepingClock, systemClock } from "./clock.ts";
export { shortDigest } from "./digest.ts";
export { errorMessage } from "./error-message.ts";
export {
  decodeText,
  FileError,
  type FileErrorCode,
  readRegularFile,
  readTextFile,
  statRegularFile,
} from "./text-file.ts";
