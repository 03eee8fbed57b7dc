import fc from "fast-check";

/** Laws with the same cases for each mutant, and a short time for them: a mutant that survives is run against all of them. */
fc.configureGlobal({ seed: 1, interruptAfterTimeLimit: 200 });
