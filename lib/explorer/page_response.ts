import { createHash } from "node:crypto";
import { PAGE_HTML, PAGE_SCRIPT, PAGE_STYLE } from "./page.generated.ts";

const hashOf = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

let made: { readonly body: string; readonly headers: Readonly<Record<string, string>> } | undefined;

/** The page and its headers. Only its own script and style are allowed, and requests to its own server. */
export function explorerPage(): {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
} {
  return made ??= {
    // Functions, because `$` in a replacement text has a meaning.
    body: PAGE_HTML.replace("/*STYLE*/", () => PAGE_STYLE).replace("/*SCRIPT*/", () => PAGE_SCRIPT),
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": [
        "default-src 'none'",
        `script-src ${hashOf(PAGE_SCRIPT)}`,
        `style-src ${hashOf(PAGE_STYLE)}`,
        "connect-src 'self'",
        // The icon of the page.
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
      ].join("; "),
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "cache-control": "no-cache",
    },
  };
}
