import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { activeMarkup } from "../testing/check-slack.ts";
import { hostileText } from "../testing/hostile.ts";
import { slackCode, slackLines, slackPlain, slackText } from "./slack-text.ts";

describe("slackText", () => {
  test.each([
    ["a broadcast", "<!channel>", "&lt;!channel&gt;"],
    ["a disguised link", "<https://evil.example|AWS>", "&lt;https∶//evil.example|AWS&gt;"],
    ["an entity", "&lt;!channel&gt;", "&amp;lt;!channel&amp;gt;"],
    ["bold, italic, strike, code", "*a* _b_ ~c~ `d` e_f", "∗a∗ ＿b＿ ∼c∼ ˋdˋ e_f"],
    ["an emoji", ":rotating_light:", "∶rotating_light:"],
    ["a time, which is no emoji that exists but is not worth the risk", "20:57:46", "20∶57:46"],
    ["a mention", "@here", "＠here"],
    ["lines", "a\nb", "a ⏎ b"],
  ])("keeps %s text", (_, text, expected) => {
    expect(slackText(text, 200)).toBe(expected);
  });

  test("never splits an entity when it cuts", () => {
    expect(slackText("&&&&&&", 12)).toBe("&amp;&amp;…");
  });

  test("never leaves a mark at the end that was harmless inside a word", () => {
    expect(slackText("&&a_b&&&&", 13)).toBe("&amp;&amp;a…");
  });
});

describe("slackCode", () => {
  test.each([
    ["a value as it is", "arn:aws:iam::1:role/my_role*", "`arn:aws:iam::1:role/my_role*`"],
    ["no way out of the code", "a` <!channel> `b", "`aˋ &lt;!channel&gt; ˋb`"],
    ["an empty value", "", "`(empty)`"],
  ])("shows %s", (_, text, expected) => {
    expect(slackCode(text, 200)).toBe(expected);
  });
});

describe("slackLines", () => {
  test.each([
    [
      "a bare address",
      "See (https://wiki.example/run?a=1&b=2).",
      "See (<https://wiki.example/run?a=1&amp;b=2>).",
    ],
    ["http", "Then http://x.example", "Then <http://x.example/>"],
    ["Markdown", "[the wiki](https://w.example/a) now", "<https://w.example/a|the wiki> now"],
    ["Slack's form", "<https://w.example/a|a *page*>", "<https://w.example/a|a ∗page∗>"],
    ["a mailbox", "mailto:a@example.com", "<mailto:a@example.com|a@example.com>"],
  ])("links %s of a policy's author", (_, text, expected) => {
    expect(slackLines(text, 300)).toBe(expected);
  });

  test.each([
    ["ftp", "ftp://x.example/a"],
    ["script", "[click](javascript:alert(1))"],
    ["credentials", "https://user:secret@x.example/"],
    ["a broadcast", "<!channel|https://x.example>"],
  ])("makes no link of %s", (_, text) => {
    expect(activeMarkup(slackLines(text, 300))).toBeUndefined();
  });

  test("cuts between words and never within a link", () => {
    expect(slackLines("a https://w.example/abcdefghij b", 20)).toBe("a …");
  });
});

test.each([
  ["slackText", slackText],
  ["slackCode", slackCode],
  ["slackLines", (text: string, length: number) => slackLines(text.slice(0, length), length)],
] as const)("%s leaves no markup in any text, and keeps to its length", (name, render) => {
  const links = name === "slackLines" ? "author" : "own";
  fc.assert(
    fc.property(hostileText, fc.integer({ min: 20, max: 300 }), (text, length) => {
      expect(activeMarkup(render(text, length), links)).toBeUndefined();
      expect(render(text, length).length).toBeLessThanOrEqual(length);
    }),
    { numRuns: 500 },
  );
});

test("slackPlain escapes entities and keeps to its length", () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      expect(slackPlain(text, 150)).not.toMatch(/[<>\n]/);
      expect(slackPlain(text, 150).length).toBeLessThanOrEqual(150);
    }),
  );
});
