/**
 * Rejects the project's former private language in strings, comments and identifiers; in tests, in comments and names of
 * tests; and in scripts, workflows and examples. `tests/scripts/check_wording_test.ts` runs it.
 *
 * Comments must start with a subject or a verb, texts must use the field's standard terms, and identifiers must not carry
 * a private word. The rules are data: a row with the pattern and the wording to use instead.
 *
 * @module
 */

import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import process from "node:process";
import ts from "typescript";

interface Rule {
  readonly pattern: RegExp;
  /** Wording to use instead. */
  readonly instead: string;
}

/** Phrases that no string and no comment may contain. */
const PHRASES: readonly Rule[] = [
  { pattern: /\b(un)?mend(s|ed|ing)?\b/i, instead: "fix, recover" },
  {
    pattern: /\bh(o|e)lds? (it|them|its|their|all|the|a|every)\b.{0,30}\bagainst\b/i,
    instead: "validate against",
  },
  { pattern: /\b(held|hold|holds|holding) against\b/i, instead: "validated against" },
  {
    pattern: /\b(everything|nothing|\d+ things? do(es)?( not)?) holds?\b/i,
    instead: "all checks passed",
  },
  { pattern: /\bdoes not hold\b/i, instead: "failed, is not met" },
  {
    pattern:
      /(?<!\bthere )\b(is|are|was|were|be) (no|none) (?!longer|more|matter|less|fewer|such|other|sooner|way|one|reason|need|point|use)[a-z]/i,
    instead: "is not a …, no … was found",
  },
  { pattern: /\b(is|are|was|were) none\b/i, instead: "does not exist, was not found" },
  { pattern: /\bnobody\b/i, instead: "no client, no one; name the subject" },
  { pattern: /\bwhoever\b/i, instead: "the client, the user; name the subject" },
  { pattern: /\ball the same\b/i, instead: "anyway, still" },
  {
    pattern: /\b(made|written|drawn|read|built|compiled|asked|begun|started) anew\b/i,
    instead: "recreated, rewritten",
  },
  { pattern: /\bgo(es|ing)? on with\b/i, instead: "keep, continue" },
  { pattern: /\bhearkens?\b|\bheeds?\b|\bheeded\b|\bunheeded\b/i, instead: "handle, respect" },
  { pattern: /\b(exactly|entirely) true\b/i, instead: "match exactly" },
  { pattern: /\b(makes|make) other values\b/i, instead: "seed for the generated values" },
  { pattern: /\bmade[- ]up\b/i, instead: "generated, sample" },
  { pattern: /\btold apart\b/i, instead: "distinguished; message framing" },
  { pattern: /\btwo looks\b|\bwatch a moment\b/i, instead: "polling interval" },
  { pattern: /\bwords to standard error\b|\bin (its|our|their) own words\b/i, instead: "message" },
  { pattern: /\bcannot say\b.*\bsays?\b/i, instead: "cannot express" },
  { pattern: /\b(has|have|had|given|gives|give) a turn\b/i, instead: "yield to the event loop" },
  {
    pattern: /\bcan be what it could not be\b/i,
    instead: "may contain values it could not contain before",
  },
  { pattern: /\bin a way that it should not\b/i, instead: "unexpected internal error" },
  { pattern: /\barguments? (is|are) taken\b/i, instead: "unexpected argument" },
  {
    pattern: /\bstand(s)? before a real server\b|\bthe real server\b/i,
    instead: "the upstream server",
  },
  { pattern: /\bwhat is wrong with\b/i, instead: "diagnose" },
  { pattern: /\bsee, try and watch\b/i, instead: "browse, call and trace" },
  { pattern: /\b(find|found) each other by\b/i, instead: "service registry" },
  { pattern: /\bNothing is broken\b|^\d+ broken$|\b1 broken\b/, instead: "no problems found" },
  { pattern: /\bno manifest names\b/i, instead: "package.json does not list it" },
  { pattern: /\bcomes? from Debian\b/i, instead: "Debian packages" },
  { pattern: /\bnot a plain choice\b|\bhas to hear\b/i, instead: "not an enum flag, so that …" },
  { pattern: /\bone memory is for\b/i, instead: "create one per dispatcher" },
  {
    pattern:
      /\bwhat is (told|said)\b|\b(is|are|was|were|be|been) told (of|that|by|what|when|where|which|how|once|each|to)\b/i,
    instead: "printed, reported, notified",
  },
  { pattern: /\b(says|said|tells)\b/i, instead: "prints, reports, distinguishes" },
  { pattern: /\bknows\b/i, instead: "stores, supports, recognizes" },
  { pattern: /\bg(i|a)ves? up\b/i, instead: "fails, times out, releases" },
  { pattern: /\btakes no value\b/i, instead: "does not accept" },
  { pattern: /\bno (file|folder|program) that\b/i, instead: "no file in …, no file with …" },
  {
    pattern: /\bwhole (answer|traceback)\b|\banswer (is|was) whole\b/i,
    instead: "complete, full",
  },
  {
    pattern: /^\s*(Give|Leave out)\b|^\s*Name (the|a|an|it|them|one|another)\b/,
    instead: "Pass, Use, Specify, Remove",
  },
];

/** Phrases that no name of a test may contain. */
const TEST_PHRASES: readonly Rule[] = [
  { pattern: /\b(says|said|tells|knows)\b/i, instead: "reports, distinguishes, supports" },
  { pattern: /\bg(i|a)ves? up\b/i, instead: "fails, times out" },
  { pattern: /\b(un)?mend(s|ed|ing)?\b/i, instead: "fix, recover" },
  { pattern: /\bwhat is wrong\b/i, instead: "the fault, the error" },
  {
    pattern: /(?<!\bthere )\b(is|are|was|were) none\b|\bnobody\b|\bwhoever\b/i,
    instead: "name the subject",
  },
  { pattern: /\btakes\b.*\bfor (a|an|the)\b|\btold apart\b/i, instead: "treats as, distinguishes" },
];

/** First words of a comment that start with a relative clause instead of a subject. */
const OPENERS = /^(What|Whether|Where|Of|Who|Whose|Whom)\b/;

/** Private words: no part of an identifier may equal one. */
const WORDS: Readonly<Record<string, string>> = {
  mend: "fix",
  mends: "fix",
  mended: "fixed",
  speaker: "reporter",
  speakers: "reporters",
  says: "prints",
  tells: "reports",
  told: "notified",
  said: "printed",
  spoken: "reported",
  faces: "response styles",
  face: "response style",
  door: "public entry point",
  flawless: "valid",
  judge: "validate",
  judges: "validates",
  judged: "validated",
  oddity: "warning",
  odd: "malformed",
  nobody: "no one",
  anew: "again",
  seldom: "rare",
  heed: "handle",
  heeds: "handles",
  heeded: "handled",
};

/** Private sequences: no identifier may contain one, whatever its case. */
const SEQUENCES: Readonly<Record<string, string>> = {
  world: "session, state",
  speaker: "reporter",
  looking: "polling",
  payoff: "score",
  hasten: "fast path",
  lasting: "cacheable",
  oddities: "warnings",
  lefttypes: "staleOutput",
  openkinds: "untypedValues",
  openkind: "untypedValue",
  startedagain: "workerEntry",
  startagain: "startWorker",
  stayawake: "busyPoll",
  staysawake: "busyPoll",
  madeup: "sample",
  realserver: "upstream",
  knowncall: "cachedCall",
  knownanswer: "cachedAnswer",
  unheeded: "ignored",
};

/** Identifiers that other people's interfaces force on us, and standard terms that contain a private word. */
const ALLOWED_IDENTIFIERS = new Set<string>([
  "kind",
  "kinds",
  "layer",
  "layers",
  "everlasting",
  "openWorldHint",
]);

const TEST_FUNCTION = /^(test|it|describe)(\.\w+)?$/;

/** One rejected wording. */
export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** The rule that a text of a string or comment breaks, if any. */
export function rejectedPhrase(text: string): string | undefined {
  return brokenRule(text, PHRASES);
}

function brokenRule(text: string, rules: readonly Rule[]): string | undefined {
  const flat = text.replace(/\s+/g, " ");
  for (const { pattern, instead } of rules) {
    const found = pattern.exec(flat);
    if (found !== null) return `"${found[0]}": write ${instead}`;
  }
  return undefined;
}

/** The rule that the beginning of a comment breaks, if any. */
export function rejectedOpener(comment: string): string | undefined {
  const found = OPENERS.exec(comment.trim());
  return found === null
    ? undefined
    : `comment starts with "${found[0]}": start with the subject or a verb`;
}

/** The rule that an identifier breaks, if any. */
export function rejectedIdentifier(name: string): string | undefined {
  if (ALLOWED_IDENTIFIERS.has(name)) return undefined;
  const parts = name.split(/[_$\d]+|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/)
    .map((part) => part.toLowerCase());
  for (const part of parts) {
    if (Object.hasOwn(WORDS, part)) return `\`${name}\`: write "${WORDS[part]}" for "${part}"`;
  }
  const flat = parts.join("");
  for (const [sequence, instead] of Object.entries(SEQUENCES)) {
    if (flat.includes(sequence)) return `\`${name}\`: write "${instead}" for "${sequence}"`;
  }
  return undefined;
}

/**
 * Checks one TypeScript file.
 *
 * @param file Path that the findings carry.
 * @param quoted Texts quoted from documents that bind the project; allowed letter for letter.
 */
export function checkWording(
  file: string,
  text: string,
  quoted: ReadonlySet<string> = new Set(),
): Finding[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const findings: Finding[] = [];
  const report = (position: number, message: string | undefined) => {
    if (message === undefined) return;
    const line = source.getLineAndCharacterOfPosition(position).line + 1;
    findings.push({ file, line, message });
  };
  for (const { pos, body } of commentsOf(source, text)) {
    report(pos, rejectedOpener(body) ?? rejectedPhrase(body));
  }
  const seen = new Set<string>();
  const visit = (node: ts.Node) => {
    if (
      ts.isStringLiteralLike(node) || ts.isTemplateHead(node) ||
      ts.isTemplateMiddleOrTemplateTail(node)
    ) {
      if (!quoted.has(node.text)) report(node.getStart(), rejectedPhrase(node.text));
    } else if ((ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) && !seen.has(node.text)) {
      seen.add(node.text);
      report(node.getStart(), rejectedIdentifier(node.text.replace(/^#/, "")));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  const path = rejectedIdentifier(file.split("/").at(-1)!.replace(/\.ts$/, ""));
  if (path !== undefined) report(0, `file name ${path}`);
  return findings;
}

/**
 * Checks the names of the tests in one file.
 *
 * @param file Path that the findings carry.
 */
export function checkTestNames(file: string, text: string): Finding[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const findings: Finding[] = [];
  const visit = (node: ts.Node) => {
    const name = ts.isCallExpression(node) && TEST_FUNCTION.test(node.expression.getText(source))
      ? node.arguments[0]
      : undefined;
    if (name !== undefined && (ts.isStringLiteralLike(name) || ts.isTemplateExpression(name))) {
      const message = brokenRule(name.getText(source).slice(1, -1), TEST_PHRASES);
      if (message !== undefined) {
        const line = source.getLineAndCharacterOfPosition(name.getStart(source)).line + 1;
        findings.push({ file, line, message: `name of a test: ${message}` });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return findings;
}

/** Checks the comments of a test: they may state that there is nothing, and quote texts of the servers that they compare with. */
export function checkTestComments(file: string, text: string): Finding[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  return [...commentsOf(source, text)].flatMap(({ pos, body }) => {
    const message = rejectedOpener(body) ?? brokenRule(body, TEST_PHRASES);
    const line = source.getLineAndCharacterOfPosition(pos).line + 1;
    return message === undefined ? [] : [{ file, line, message }];
  });
}

/** Checks a file that is not TypeScript, line by line. */
export function checkLines(file: string, text: string): Finding[] {
  return text.split("\n").flatMap((line, index) => {
    const message = rejectedPhrase(line.replace(/\bis (not )?None\b/g, ""));
    return message === undefined ? [] : [{ file, line: index + 1, message }];
  });
}

/** Comments with their text; consecutive `//` lines are one comment, tags of a doc comment begin a new one. */
function* commentsOf(
  source: ts.SourceFile,
  text: string,
): Generator<{ pos: number; body: string }> {
  const seen = new Set<number>();
  const ranges: ts.CommentRange[] = [];
  const collect = (node: ts.Node) => {
    for (const range of ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []) {
      if (!seen.has(range.pos)) ranges.push(range);
      seen.add(range.pos);
    }
    for (const range of ts.getTrailingCommentRanges(text, node.getEnd()) ?? []) {
      if (!seen.has(range.pos)) ranges.push(range);
      seen.add(range.pos);
    }
    node.getChildren(source).forEach(collect);
  };
  collect(source);
  ranges.sort((a, b) => a.pos - b.pos);
  for (let i = 0; i < ranges.length; i++) {
    const range = ranges[i]!;
    const raw = text.slice(range.pos, range.end);
    if (raw.startsWith("/*")) {
      const body = raw.replace(/^\/\*+|\*\/$/g, "").replace(/^\s*\* ?/gm, "");
      for (const part of body.split(/^@\w+(?: \w+(?= [A-Z]))?/m)) {
        yield { pos: range.pos, body: part };
      }
      continue;
    }
    let body = raw.slice(2);
    while (
      i + 1 < ranges.length && /^\s*$/.test(text.slice(ranges[i]!.end, ranges[i + 1]!.pos)) &&
      text.slice(ranges[i]!.end, ranges[i + 1]!.pos).split("\n").length === 2 &&
      text.startsWith("//", ranges[i + 1]!.pos)
    ) {
      i++;
      body += ` ${text.slice(ranges[i]!.pos + 2, ranges[i]!.end)}`;
    }
    yield { pos: range.pos, body };
  }
}

/** A text that a document which binds the project prescribes letter for letter. */
export interface QuotedText {
  readonly text: string;
  /** The document, in words. */
  readonly source: string;
}

/** Reads the texts that the founding documents prescribe. */
export async function readQuotedTexts(root: string): Promise<QuotedText[]> {
  const path = join(root, "tests/specs/founding/quoted.json");
  return JSON.parse(await readFile(path, "utf8")) as QuotedText[];
}

/** Checks the files of the project below `root`. */
export async function checkTree(root: string): Promise<Finding[]> {
  const quoted = new Set((await readQuotedTexts(root)).map(({ text }) => text));
  const findings: Finding[] = [];
  const check = async (path: string) => {
    const file = relative(root, path).replaceAll("\\", "/");
    // The rules quote what they reject; the page is generated.
    if (file === "scripts/check_wording.ts" || file.endsWith(".generated.ts")) return;
    findings.push(...checkWording(file, await readFile(path, "utf8"), quoted));
  };
  await check(join(root, "main.ts"));
  for (const top of ["commands", "lib", "scripts"]) {
    const entries = await readdir(join(root, top), { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      if (entry.isFile() && entry.name.endsWith(".ts")) {
        await check(join(entry.parentPath, entry.name));
      }
    }
  }
  for (
    const entry of await readdir(join(root, "tests"), { recursive: true, withFileTypes: true })
  ) {
    if (!entry.isFile() || !entry.name.endsWith(".ts")) continue;
    const path = join(entry.parentPath, entry.name);
    const file = relative(root, path).replaceAll("\\", "/");
    if (file === "tests/scripts/check_wording_test.ts") continue;
    if (/^tests\/(fixtures|golden|specs)\//.test(file)) continue;
    const text = await readFile(path, "utf8");
    findings.push(...checkTestComments(file, text));
    if (file.endsWith("_test.ts")) findings.push(...checkTestNames(file, text));
  }
  for (const top of ["install", ".github", ".ci", "examples", "lib/python/pyrpc_worker"]) {
    const entries = await readdir(join(root, top), { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      const path = join(entry.parentPath, entry.name);
      const file = relative(root, path).replaceAll("\\", "/");
      const isText = /\.(sh|ps1|yml|yaml|md|js|py|tsx?|vue)$|^\.ci\//.test(file);
      if (!entry.isFile() || !isText || file.includes("node_modules/")) continue;
      findings.push(...checkLines(file, await readFile(path, "utf8")));
    }
  }
  return findings.sort((a, b) => a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line);
}

if (import.meta.main) {
  const findings = await checkTree(join(import.meta.dirname ?? ".", ".."));
  for (const { file, line, message } of findings) {
    process.stderr.write(`${file}:${line} ${message}\n`);
  }
  process.stderr.write(
    findings.length === 0 ? "wording: ok\n" : `wording: ${findings.length} rejected\n`,
  );
  process.exitCode = findings.length === 0 ? 0 : 1;
}
