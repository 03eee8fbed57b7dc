import { fstatSync, type Stats } from "node:fs";

/** Descriptors of this process, such as those that a shell opens for `<(zcat ...)`: somebody writes to their pipes. */
const openDescriptor = /^\/(?:dev\/(?:fd\/\d+|stdin)|proc\/(?:self|\d+)\/fd\/\d+)$/;

/** Whether a path leads to something that has an end: a regular file, or a pipe that is open already. */
export function isReadable(path: string, stats: Stats): boolean {
  return stats.isFile() || (stats.isFIFO() && openDescriptor.test(path));
}

/** Why what a path leads to is not read, and what to do instead. */
export function notReadable(stats: Stats): string {
  if (stats.isFIFO())
    return "This is a named pipe, which may never end. Send its content to standard input instead: `... -`.";
  if (stats.isSocket()) return "This is a socket and no file.";
  return stats.isDirectory() ? "This is a folder." : "This is a device, which has no end, and no file.";
}

/** Why standard input is not read: undefined where it is a file, a pipe, a connection or a terminal. */
export function standardInputFault(stream: NodeJS.ReadableStream): string | undefined {
  const { fd, isTTY } = stream as { readonly fd?: unknown; readonly isTTY?: unknown };
  if (typeof fd !== "number" || isTTY === true) return undefined;
  const stats = fstatSync(fd);
  if (stats.isDirectory()) return "Standard input is a folder.";
  if (stats.isBlockDevice()) return "Standard input is a device and no file.";
  return stats.isCharacterDevice() && stats.rdev !== nullDevice
    ? "Standard input is a device, which has no end."
    : undefined;
}

/** `/dev/null` on Linux, which is what services are started with. */
const nullDevice = 0x103;
