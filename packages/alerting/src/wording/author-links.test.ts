import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hostileText } from "../testing/hostile.ts";
import { authorParts, plainAuthorText } from "./author-links.ts";

describe("the links of a policy's text", () => {
  test.each<[string, string, readonly unknown[]]>([
    [
      "a bare address",
      "Open https://w.example/a?b=1&c=2.",
      ["Open ", { url: "https://w.example/a?b=1&c=2" }, "."],
    ],
    ["one in brackets", "(https://w.example/a)", ["(", { url: "https://w.example/a" }, ")"]],
    ["one with brackets", "https://w.example/A_(b)!", [{ url: "https://w.example/A_(b)" }, "!"]],
    ["one in angle brackets", "<https://w.example/a>", [{ url: "https://w.example/a" }]],
    [
      "Markdown",
      "[the wiki](https://w.example/a), then",
      [{ url: "https://w.example/a", label: "the wiki" }, ", then"],
    ],
    ["Slack's form", "<https://w.example/a|third>", [{ url: "https://w.example/a", label: "third" }]],
    ["a mailbox", "mailto:a@example.com,", [{ url: "mailto:a@example.com" }, ","]],
    ["plain http", "http://w.example", [{ url: "http://w.example/" }]],
    [
      "a label that is an address itself",
      "[https://a.example](https://b.example)",
      [{ url: "https://b.example/" }],
    ],
    ["marks that could end a link", "https://w.example/a|b", [{ url: "https://w.example/a" }, "|b"]],
    [
      "no other scheme",
      "[x](javascript:alert(1)) ftp://w.example",
      ["[x](javascript:alert(1)) ftp://w.example"],
    ],
    ["no credentials", "https://a:b@w.example/", ["https://a:b@w.example/"]],
    ["no address that only seems one", "xhttps://w.example", ["xhttps://w.example"]],
    ["no empty mailbox", "mailto:, please", ["mailto:, please"]],
    ["text without any", "1. Ask.\n2. Act.", ["1. Ask.\n2. Act."]],
  ])("%s", (_, text, expected) => {
    expect(authorParts(text)).toEqual(expected);
  });

  test("law: nothing of the text is lost, and no link holds what could end it", () => {
    fc.assert(
      fc.property(fc.array(hostileText, { maxLength: 3 }), (texts) => {
        const text = texts.join(" https://w.example/a ");
        const parts = authorParts(text);
        const plain = parts.filter((part) => typeof part === "string");
        let at = 0;
        for (const part of plain) {
          const found = text.indexOf(part, at);
          expect(found).toBeGreaterThanOrEqual(at);
          at = found + part.length;
        }
        for (const part of parts) {
          if (typeof part !== "string") expect(part.url).toMatch(/^(?:https?:\/\/|mailto:)[^\s<>|"'`*\\]+$/);
        }
      }),
    );
  });

  test.each([
    ["[the wiki](https://w.example/a)", "the wiki <https://w.example/a>"],
    ["<https://w.example/a|third>", "third <https://w.example/a>"],
    ["https://w.example/a.", "https://w.example/a."],
    ["mailto:a@example.com", "a@example.com"],
  ])("are clickable in plain text: %s", (text, expected) => {
    expect(plainAuthorText(text)).toBe(expected);
  });
});
