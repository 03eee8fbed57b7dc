import { gunzipSync, type ZlibOptions } from "node:zlib";

/**
 * The content of gzip data. Undefined where something other than padding stands behind zeros, which zlib passes over in
 * silence.
 *
 * @throws what zlib says of data that is damaged or unpacks to more than `maxOutputLength`.
 */
export function gunzipWhole(bytes: Buffer, options: ZlibOptions): Buffer | undefined {
  // The types do not know of `info`, which tells how far the data went.
  const { buffer, engine } = gunzipSync(bytes, { ...options, info: true }) as unknown as {
    readonly buffer: Buffer;
    readonly engine: { readonly bytesWritten: number };
  };
  return bytes.subarray(engine.bytesWritten).every((byte) => byte === 0) ? buffer : undefined;
}
