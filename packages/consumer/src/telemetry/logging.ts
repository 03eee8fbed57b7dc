import { redactText } from "@streamwarden/cloudtrail";
import { type DestinationStream, type Logger, pino } from "pino";
import { PinoPretty } from "pino-pretty";

export type { Logger } from "pino";

const maximumTextLength = 2000;
/** How far beyond the cut a secret may reach and still be recognised by its form. */
const windowBeyondCut = 4096;

/**
 * JSON lines in production, readable lines on a terminal. Whatever is logged passes through redaction by value,
 * because an error message of AWS may quote what an attacker sent.
 */
export function createLogger(options: {
  readonly level: string;
  /** Whether a person reads along: readable lines instead of JSON. */
  readonly pretty: boolean;
  readonly color?: boolean;
  readonly destination?: DestinationStream;
}): Logger {
  const destination =
    options.destination ??
    (options.pretty
      ? PinoPretty({
          colorize: options.color ?? false,
          translateTime: "SYS:HH:MM:ss",
          ignore: "pid,hostname,service",
          sync: true,
        })
      : pino.destination({ dest: 1, sync: true }));
  return pino(
    {
      level: options.level,
      base: { service: "streamwarden" },
      // Errors are cleaned by the formatter; pino's own serializer would add the stack.
      serializers: { err: (error: unknown) => error },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => clean(fields, 0) as typeof fields,
      },
      hooks: {
        logMethod(args, method) {
          const [first] = args as unknown[];
          // An error alone would lend its message, uncleaned, to the line.
          const given = first instanceof Error && args.length === 1 ? [{ err: first }, first.message] : args;
          method.apply(
            this,
            given.map((arg) => (typeof arg === "string" ? cleanText(arg) : arg)) as typeof args,
          );
        },
      },
    },
    destination,
  );
}

/** Redacts beyond the cut, so that a secret which the cut would halve is recognised whole. */
function cleanText(text: string): string {
  return redactText(text.slice(0, maximumTextLength + windowBeyondCut)).slice(0, maximumTextLength);
}

function clean(value: unknown, depth: number): unknown {
  if (typeof value === "string") return cleanText(value);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Error) {
    const code = "code" in value && typeof value.code === "string" ? { code: value.code } : {};
    return { name: value.name, message: cleanText(value.message), ...code };
  }
  if (depth >= 8) return "[deeper]";
  if (Array.isArray(value)) return value.slice(0, 50).map((item) => clean(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, 50)
      .map(([key, item]) => [key, clean(item, depth + 1)]),
  );
}
