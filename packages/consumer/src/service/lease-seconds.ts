const longestLeaseSeconds = 30;

/**
 * How long a batch may take to publish what it leased. A message whose consumer died comes again after the visibility
 * timeout: by then the lease must have lapsed, or the message would come back a second time for nothing.
 */
export function leaseSecondsFor(visibilitySeconds: number): number {
  return Math.min(longestLeaseSeconds, visibilitySeconds / 2);
}
