import { fileURLToPath } from "node:url";

/** One policy alone, so that what the fault tests count does not change when the pack grows. */
export const faultConfig = fileURLToPath(new URL("../faults/config/streamwarden.yml", import.meta.url));
