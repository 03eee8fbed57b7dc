import { LineCounter, parseAllDocuments } from "yaml";
import { type Position, type Problem, ProblemList } from "../problems/problem.ts";
import type { ProblemCode } from "../problems/problem-codes.ts";
import { reportControlCharacters } from "../yaml/control-characters.ts";
import { firstCauses, sentence, unknownAliasHint } from "../yaml/syntax-errors.ts";
import { YamlSource } from "../yaml/yaml-source.ts";
import type { SigmaDocument } from "./document.ts";
import { readDocument } from "./read-document.ts";

/** A file: where it is (for messages) and what it says. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** In characters. A larger file is not a collection of rules, and reading takes up to a second per megabyte. */
const largestFile = 4 * 1024 * 1024;

export interface ParseResult {
  /** The documents without errors, in the order of the files. */
  readonly documents: SigmaDocument[];
  /** All problems of all files. A document with an error is not among `documents`. */
  readonly problems: Problem[];
}

/** The YAML parser is recursive. Nothing that a person writes overflows its stack. */
const tooDeep = "The file is nested too deeply to be read.";

/** What a document of a Sigma 1 collection lacks, because an earlier one of its file has it: that one is reported. */
const leftToCollection: ReadonlySet<ProblemCode> = new Set([
  "legacy-action",
  "missing-title",
  "missing-logsource",
  "missing-detection",
]);

/** Reads Sigma files. Never throws: whatever is wrong is a problem with its place. */
export function parse(files: readonly SourceFile[]): ParseResult {
  const documents: SigmaDocument[] = [];
  const problems: Problem[] = [];
  for (const file of files) {
    const result = parseFile(file);
    append(documents, result.documents);
    append(problems, result.problems);
  }
  return { documents, problems };
}

/** Without spreading into a call, whose arguments overflow the stack where a file has many problems. */
function append<T>(list: T[], more: readonly T[]): void {
  for (const item of more) {
    list.push(item);
  }
}

function parseFile({ path, text: written }: SourceFile): ParseResult {
  // Also within the text, where files that begin with it were put together.
  const text = written.replace(/^\ufeff/gm, "");
  const documents: SigmaDocument[] = [];
  const problems: Problem[] = [];
  const lines = new LineCounter();
  const start: Position = { path, line: 1, column: 1 };
  if (text.length > largestFile) {
    const list = new ProblemList();
    list.add(
      "too-large",
      start,
      `The file has ${text.length} characters; the limit is ${largestFile}.`,
      "Split it into several files.",
    );
    return { documents: [], problems: list.problems };
  }
  let isEmpty = true;
  let isCollection = false;
  try {
    const sources = parseAllDocuments(text, {
      lineCounter: lines,
      prettyErrors: false,
      logLevel: "silent",
      // The library compares every key with all others; the survey of the document finds the same in one walk.
      uniqueKeys: false,
    });
    for (const yaml of Array.isArray(sources) ? sources : []) {
      const source = new YamlSource(path, text, lines, yaml);
      const list = new ProblemList();
      reportYaml(source, list);
      if (!list.hasErrors && yaml.contents !== null && !isNothing(source)) {
        isEmpty = false;
        const document = readDocument(source, list);
        reportControlCharacters(source, list);
        if (document !== undefined && !list.hasErrors) {
          documents.push(document);
        }
      }
      if (isCollection && list.problems.some(({ code }) => leftToCollection.has(code))) {
        continue;
      }
      isCollection ||= list.problems.some(({ code }) => code === "legacy-action");
      isEmpty &&= !list.hasErrors;
      append(problems, list.problems);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) {
      throw error;
    }
    const list = new ProblemList();
    list.add("yaml-syntax", start, tooDeep);
    return { documents: [], problems: [...problems, ...list.problems] };
  }
  if (isEmpty) {
    const list = new ProblemList();
    list.add("empty-file", start, "The file holds no document.");
    append(problems, list.problems);
  }
  return { documents, problems };
}

function isNothing(source: YamlSource): boolean {
  return source.scalar(source.document.contents)?.value === null;
}

function reportYaml(source: YamlSource, problems: ProblemList): void {
  // What the library says after its stack overflowed is only about what it did not read.
  const overflow = source.document.errors.find(({ message }) => message.includes("call stack"));
  if (overflow !== undefined) {
    problems.add("yaml-syntax", source.atOffset(overflow.pos[0]), tooDeep);
    return;
  }
  const errors = firstCauses(source.document.errors, source.text);
  for (const { message, offset, hint } of errors) {
    problems.add("yaml-syntax", source.atOffset(offset), message, hint);
  }
  if (errors.length > 0) {
    // What else is wrong with a text that was read in another way than it was meant would mislead.
    return;
  }
  for (const { name, offset } of source.unknownAliases) {
    const message = `\`*${name}\` is an alias in YAML, and nothing before it is named \`&${name}\`.`;
    problems.add("yaml-syntax", source.atOffset(offset), message, unknownAliasHint(name));
  }
  for (const at of source.repeatedKeys) {
    problems.add("duplicate-key", at, "The map has this key twice; only one of the two would count.");
  }
  for (const warning of source.document.warnings) {
    problems.add("yaml-warning", source.atOffset(warning.pos[0]), sentence(warning.message));
  }
  if (!problems.hasErrors && source.isAliasBomb()) {
    problems.add(
      "alias-bomb",
      source.at(source.document.contents),
      "The aliases of this document expand without end.",
    );
  }
}
