/**
 * In the user agent of a program that plays an AWS service, such as `streamwarden send`. Has an entry of its own in
 * package.json, so that such a program does not load the servers.
 */
export const serviceUserAgent = "streamwarden-local-service";
