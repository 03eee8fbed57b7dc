import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseConfig } from "@streamwarden/config";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { holdsNoSigma } from "./holds-no-sigma.ts";
import { loadPolicies } from "./load-policies.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "policy-files-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function at(path: string): string {
  return join(folder, path);
}
function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), content);
}
function rule(name: string): string {
  return `title: ${name}\nname: ${name}\nlevel: low\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n  a: {eventName: CreateChannel}\n  condition: a\n`;
}
function load(...paths: string[]) {
  const set = loadPolicies({ paths: paths.map(at) }, parseConfig("", "streamwarden.yml"));
  const short = (path: string): string => path.replace(`${folder}/`, "");
  return {
    names: set.policies.map(({ name }) => name),
    leftOut: set.leftOut.map(({ path, reason }) => `${short(path)} ${reason}`),
    problems: set.problems.map(({ severity, code, path }) => `${short(path)} ${severity} ${code}`),
    messages: set.problems.map(({ line, column, message }) => `${line}:${column} ${message}`),
  };
}

describe("a folder", () => {
  test("gives its .yml and .yaml files, to the bottom", () => {
    for (const path of ["a.yml", "B.YML", "deep/er/c.yaml", "sub dir/d.yml"])
      write(`r/${path}`, rule(path.replaceAll(/\W/g, "-")));
    write("r/e", rule("no-ending"));
    write("r/f.yml.bak", rule("backup"));
    write("r/g.test.yml", "tests: []");
    write("r/README.md", "# Rules");
    const { names, leftOut, problems } = load("r");
    expect(names.toSorted()).toEqual(["B-YML", "a-yml", "deep-er-c-yaml", "sub-dir-d-yml"]);
    expect([leftOut, problems]).toEqual([[], []]);
  });

  test.each([
    ["a workflow", ".github/workflows/ci.yml", "on: push\njobs: {}\n", ".github hidden"],
    ["git", ".git/config", "[core]\n", ".git hidden"],
    ["a rule that is hidden", ".drafts/x.yml", rule("draft"), ".drafts hidden"],
    ["a hidden file", ".pre-commit-config.yaml", "repos: []\n", ".pre-commit-config.yaml hidden"],
    ["a hidden folder deep below", "a/b/.venv/x.yml", rule("venv"), "a/b/.venv hidden"],
    ["a site", "mkdocs.yml", "site_name: Rules\nnav:\n  - Home: index.md\n", "mkdocs.yml not-sigma"],
    [
      "a site with tags of its own",
      "mkdocs.yml",
      "site_name: x\nx: !!python/name:a.b\n",
      "mkdocs.yml not-sigma",
    ],
    [
      "a compose file",
      "docker-compose.yaml",
      "services:\n  a: {image: b}\n",
      "docker-compose.yaml not-sigma",
    ],
    [
      "a page's settings",
      "_config.yml",
      "title: Our rules\ndescription: x\ntheme: y\n",
      "_config.yml not-sigma",
    ],
    [
      "a template that is no YAML",
      "chart/values.yaml",
      "name: x\nvalue: {{ .Values.x }}\n",
      "chart/values.yaml not-sigma",
    ],
    [
      "a manifest",
      "k8s.yaml",
      "---\napiVersion: v1\nkind: ConfigMap\n---\nkind: Pod\n",
      "k8s.yaml not-sigma",
    ],
  ])("leaves out %s, and says so", (_, path, content, leftOut) => {
    write("r/good.yml", rule("good"));
    write(`r/${path}`, content);
    expect(load("r")).toMatchObject({ names: ["good"], leftOut: [`r/${leftOut}`], problems: [] });
  });

  test.each([
    ["a slip in a key", "detecton: {}\ntitle: x\n"],
    ["a rule without its detection", "title: x\nlevel: high\nstatus: test\n"],
    ["a rule that is damaged", `${rule("x")}  : : [`],
    ["a rule in braces", "{title: x}"],
    ["rules in a list", "- title: x\n  detection: {}\n"],
    ["nothing but a comment", "# soon\n"],
    ["a correlation", "title: x\ncorrelation: {}\n"],
    ["a rule behind another document", "a: b\n---\ndetection: {}\n"],
  ])("does not leave out %s", (_, content) => {
    write("r/good.yml", rule("good"));
    write("r/bad.yml", content);
    const { names, leftOut } = load("r");
    expect([names, leftOut]).toEqual([["good"], []]);
  });

  test("that holds no policy is an error, or a warning beside one that does", () => {
    write("empty/README.md", "");
    write("other/mkdocs.yml", "site_name: x\n");
    write("good/good.yml", rule("good"));
    expect(load("empty").problems).toEqual(["empty error no-policies"]);
    expect(load("other").problems).toEqual(["other error no-policies"]);
    expect(load("empty", "good").problems).toEqual(["empty warning no-policies"]);
  });

  test("is read through links, each real folder once", () => {
    write("..data/a.yml", rule("a"));
    mkdirSync(at("r"));
    symlinkSync("../..data/a.yml", at("r/a.yml"));
    write("elsewhere/b.yml", rule("b"));
    symlinkSync("../elsewhere", at("r/linked"));
    symlinkSync("..", at("elsewhere/up"));
    symlinkSync(".", at("r/self"));
    expect(load("r")).toMatchObject({ problems: [] });
    expect(load("r").names.toSorted()).toEqual(["a", "b"]);
  });

  test("and a file in it that are both named are read once", () => {
    write("r/a.yml", rule("a"));
    expect(load("r", "r/a.yml", "r/../r")).toMatchObject({ names: ["a"], problems: [] });
  });
});

describe("a file that is named", () => {
  test("is a policy, whatever it is called and wherever it stands", () => {
    write(".hidden/x.yml", rule("x"));
    write("y.sigma", rule("y"));
    expect(load(".hidden", "y.sigma")).toMatchObject({ names: ["x", "y"], problems: [] });
    write("mkdocs.yml", "site_name: x\n");
    expect(load("mkdocs.yml").problems.length).toBeGreaterThan(0);
  });
});

describe("a path that is no regular file", () => {
  test.each([
    [
      "a FIFO",
      (path: string) => execFileSync("/usr/bin/env", ["mkfifo", path]),
      "this path is a FIFO, not a regular file.",
    ],
    [
      "a device",
      (path: string) => symlinkSync("/dev/zero", path),
      "this path is a device, not a regular file.",
    ],
    [
      "too large",
      (path: string) => {
        writeFileSync(path, "");
        truncateSync(path, 5e9);
      },
      "this path has 4.7 GiB, but at most 16 MiB are read.",
    ],
    ["a link to nothing", (path: string) => symlinkSync("nothing", path), "this path does not exist."],
  ] as const)(
    "such as %s is an error, alone and in a folder, and the others are read",
    (_, make, message) => {
      write("r/good.yml", rule("good"));
      make(at("r/odd.yml"));
      for (const loaded of [load("r"), load("r/odd.yml", "r/good.yml")]) {
        expect(loaded).toMatchObject({ names: ["good"], problems: ["r/odd.yml error unreadable-path"] });
        expect(loaded.messages).toEqual([`1:1 The policies cannot be read: ${message}`]);
      }
    },
  );

  test("such as a folder with the name of a file is a folder", () => {
    write("r/x.yml/good.yml", rule("good"));
    expect(load("r")).toMatchObject({ names: ["good"], problems: [] });
    expect(load("r/x.yml")).toMatchObject({ names: ["good"], problems: [] });
  });
});

describe("the encoding of a file", () => {
  const text = rule("kanal").replace("title: kanal", "title: Kanal gelöscht");
  const utf16be = (value: string): Buffer => Buffer.from(value, "utf16le").swap16();
  test.each([
    ["UTF-8", Buffer.from(text)],
    ["UTF-8 with a mark", Buffer.from(`\ufeff${text}`)],
    ["UTF-16LE with a mark", Buffer.from(`\ufeff${text}`, "utf16le")],
    ["UTF-16BE with a mark", utf16be(`\ufeff${text}`)],
    ["UTF-16LE", Buffer.from(text, "utf16le")],
    ["UTF-16BE", utf16be(text)],
    ["UTF-16LE with line ends of Windows", Buffer.from(`\ufeff${text.replaceAll("\n", "\r\n")}`, "utf16le")],
  ])("may be %s", (_, bytes) => {
    write("r/x.yml", bytes);
    expect(load("r")).toMatchObject({ names: ["kanal"], problems: [] });
  });

  test("is named where it is another, with the place", () => {
    write("r/x.yml", Buffer.from(text, "latin1"));
    expect(load("r").messages[0]).toBe(
      "1:17 The policies cannot be read: this path is neither UTF-8 nor UTF-16 (byte 0xF6): save it as UTF-8.",
    );
  });
});

describe("holdsNoSigma", () => {
  test.each([
    ["title: x\nfilter: {}\n", false],
    ['"title": x\n"detection": {}\n', false],
    ["  title: x\n  logsource: {}\n", false],
    ["title: x\nlevels: a\n", true],
    ["nested:\n  detection: x\n", true],
    ["- hosts: all\n  tasks: []\n", true],
    ["- a\n", true],
    ["file: x\nsection: y\nsource: z\n", true],
    ["", false],
  ])("of %j is %s", (text, expected) => expect(holdsNoSigma(text)).toBe(expected));

  test("takes time that grows with the length", () => {
    expect(holdsNoSigma("a: b\n".repeat(200_000))).toBe(true);
    expect(holdsNoSigma(`${" ".repeat(500_000)}x`)).toBe(true);
  });
});
