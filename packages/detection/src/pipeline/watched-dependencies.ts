import type { Dependency, PipelineOptions } from "./context.ts";

type Dependencies = Pick<PipelineOptions, "store" | "publisher" | "scheduleTimer">;

/**
 * Tells the observer what each dependency did where it did it: whoever catches the failure later only knows that a
 * step failed, not whether the table, the topic or the queue was the cause.
 */
export function watchDependencies(
  { store, publisher, scheduleTimer }: Dependencies,
  observer: NonNullable<PipelineOptions["observer"]>,
): Dependencies {
  const watch = async <T>(dependency: Dependency, call: () => Promise<T>): Promise<T> => {
    try {
      const answer = await call();
      observer.dependencyAnswered?.(dependency);
      return answer;
    } catch (error) {
      observer.dependencyFailed?.(dependency, error);
      throw error;
    }
  };
  return {
    store: {
      async read(key) {
        try {
          return await store.read(key);
        } catch (error) {
          observer.dependencyFailed?.("state", error);
          throw error;
        }
      },
      async update(key, ttlSeconds, change) {
        let isWrite = false;
        const noting: typeof change = (current) => {
          const next = change(current);
          isWrite = next !== current;
          return next;
        };
        try {
          const document = await store.update(key, ttlSeconds, noting);
          // A table that can be read but not written still fails: only a write proves that it is well again.
          if (isWrite) observer.dependencyAnswered?.("state");
          return document;
        } catch (error) {
          observer.dependencyFailed?.("state", error);
          throw error;
        }
      },
    },
    publisher: {
      publish: (alert) => watch("topic", () => publisher.publish(alert)),
      publishDigest: (digest) => watch("topic", () => publisher.publishDigest(digest)),
    },
    scheduleTimer: (timer, hops) => watch("timers", () => scheduleTimer(timer, hops)),
  };
}
