/** Port of local AWS on 127.0.0.1, where `streamwarden up` listens and `streamwarden send` looks. */
export const defaultPort = 4610;

/** Port of the page that `streamwarden up` shows alerts on. */
export const defaultPreviewPort = 4611;

export const defaultEndpoint = `http://127.0.0.1:${defaultPort}`;
