import { PublishError } from "../errors.ts";

const loopbackHosts: ReadonlySet<string> = new Set(["127.0.0.1", "[::1]", "localhost"]);

export interface UrlRules {
  /** What the address is called in error messages. */
  readonly what: string;
  /** Hosts that may be posted to; undefined means any public name. */
  readonly hosts?: ReadonlySet<string>;
  /** Also allow plain http to this machine, for `npm start`. Default false. */
  readonly allowLoopback?: boolean;
}

/**
 * Reads the address of a webhook. Only https, no credentials in it, no literal IP address, and only allowed hosts:
 * an address from configuration must not reach the machine's own network. (Names that resolve to private addresses
 * are the network's to block.) The message never repeats the address, because it is a secret.
 *
 * @throws PublishError `publish-target-refused`
 */
export function webhookUrl(text: string, rules: UrlRules): URL {
  const rejected = (reason: string): PublishError =>
    new PublishError("publish-target-refused", `${rules.what} ${reason}. Nothing was sent.`);
  const url = URL.parse(text);
  if (url === null) throw rejected("is not a URL");
  if (url.username !== "" || url.password !== "") throw rejected("must not hold a user name or password");
  if (rules.allowLoopback === true && loopbackHosts.has(url.hostname)) {
    if (url.protocol === "http:" || url.protocol === "https:") return url;
  }
  if (url.protocol !== "https:") throw rejected("must begin with https://");
  if (rules.hosts !== undefined) {
    if (!rules.hosts.has(url.hostname)) throw rejected(`must be on ${[...rules.hosts].join(" or ")}`);
    if (url.port !== "") throw rejected("must not name a port");
    return url;
  }
  if (isLiteralOrLocal(url.hostname))
    throw rejected("must name a public host, not an address or a local name");
  return url;
}

function isLiteralOrLocal(host: string): boolean {
  return (
    host.startsWith("[") ||
    /^[\d.]+$/.test(host) ||
    !host.includes(".") ||
    /\.(?:localhost|local|internal|home\.arpa)\.?$/.test(host)
  );
}
