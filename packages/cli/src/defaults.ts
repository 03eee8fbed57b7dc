/** Port of local AWS on 127.0.0.1, where `streamwarden up` listens and `streamwarden send` looks. */
export const defaultPort = 4610;

export const defaultEndpoint = `http://127.0.0.1:${defaultPort}`;
