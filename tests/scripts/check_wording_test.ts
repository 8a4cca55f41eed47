// Runs under Deno only: it tests a script of developers, who have Deno

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  checkLines,
  checkTestComments,
  checkTestNames,
  checkTree,
  checkWording,
  readQuotedTexts,
  rejectedIdentifier,
} from "../../scripts/check_wording.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Texts as the project once wrote them. */
const BEFORE: readonly string[] = [
  "Stand before a real server and hold its calls against the contract",
  "Look for what is wrong with this project and say how to mend it",
  "See, try and watch the procedures of a real server in a browser",
  "Run a registry that rpyc's servers and clients find each other by, or ask one",
  "Another text makes other values",
  "With --watch: seconds between two looks (2)",
  "How messages of a stream are told apart",
  "Exit 1, writing nothing, when the types cannot say something that the schema says",
  "Data goes to standard output, words to standard error.",
  "whose types are exactly true",
  "Everything holds",
  "1 thing does not hold",
  "Nothing is broken",
  "1 broken",
  "the result can be what it could not be",
  "going on with the old",
  "Mend this line",
  "pyrpc failed in a way that it should not",
  'No arguments are taken, but there is "x"',
  "the next installation removes @pyrpc/types, which no manifest names",
  "Milliseconds after which the event loop has a turn, however many messages come",
  "Nobody can tell by what is answered or observed. One memory is for one dispatcher.",
  "What comes from Debian: where it may not be installed, the tests that need it say so.",
  "The schema says which values are valid",
  "A worker that knows its port",
  "The reader gives up after 5 s",
  "The flag takes no value",
  "no file that tsconfig.json includes",
  "No whole answer within 5 s",
  "Give the authority's certificate",
  "Name the folder of the client",
  "Not a plain choice: who comes with Django has to hear what works instead.",
];

/** The same texts as the project writes them now. */
const AFTER: readonly string[] = [
  "Proxy a server and validate its calls against the contract",
  "Diagnose the project and suggest fixes",
  "Browse, call and trace a server's procedures in the browser",
  "Run or query an RPyC service registry",
  "Seed for the generated values",
  "Polling interval with --watch (default: 2)",
  "Message framing on stream transports",
  "Fail without writing if the schema cannot be expressed exactly",
  "Results go to stdout, messages to stderr.",
  "whose types match the backend exactly",
  "All checks passed",
  "1 check failed",
  "No problems found",
  "1 problem found",
  "the result may contain values it could not contain before",
  "keeping the previous version",
  "Fix this line",
  "Unexpected internal error",
  'Unexpected argument "x"',
  "`npm install` will remove @pyrpc/types because package.json does not list it",
  "Maximum time (ms) spent draining messages before yielding to the event loop",
  "Transparent to clients and observers. Create one per dispatcher.",
  "Debian packages. Tests that need a missing package are skipped and say why.",
  "The schema restricts the values",
  "Name of the package",
  "Names in order",
  "Given values",
  "Not an enum flag, so that Django users get a specific hint.",
];

for (const text of BEFORE) {
  test(`checkWording() rejects in strings and comments: ${text}`, () => {
    const inString = checkWording("lib/x.ts", `const text = ${JSON.stringify(text)};`);
    assert.equal(inString.length, 1);
    assert.equal(checkWording("lib/x.ts", `// ${text}\nconst x = 1;`).length, 1);
    assert.equal(checkWording("lib/x.ts", `/** ${text} */\nconst x = 1;`).length, 1);
    const inTemplate = checkWording("lib/x.ts", `const x = \`${text} \${1}\`;`);
    assert.equal(inTemplate.length, 1);
  });
}

for (const text of AFTER) {
  test(`checkWording() accepts: ${text}`, () => {
    assert.deepEqual(
      checkWording("lib/x.ts", `// ${text}\nconst text = ${JSON.stringify(text)};`),
      [],
    );
  });
}

for (const opener of ["What", "Whether", "Where", "Of", "Who"]) {
  test(`checkWording() rejects comments that start with ${opener}`, () => {
    const rest = `${opener} a file is.`;
    for (
      const comment of [
        `// ${rest}`,
        `/** ${rest} */`,
        `/**\n * Reads.\n *\n * @returns ${rest}\n */`,
      ]
    ) {
      assert.equal(checkWording("lib/x.ts", `${comment}\nconst x = 1;`).length, 1, comment);
    }
    assert.deepEqual(checkWording("lib/x.ts", `// Reads.\n// ${opener} again.\nconst x = 1;`), []);
  });
}

const REJECTED_NAMES = [
  "mendIt",
  "mend_it",
  "World",
  "loadWorld",
  "speaker",
  "Speaker",
  "looking",
  "payoff",
  "hastenSocket",
  "isLasting",
  "oddities",
  "handleLeftTypes",
  "OpenKind",
  "compileOpenKinds",
  "STARTED_AGAIN",
  "staysAwake",
  "realServer",
];
const ACCEPTED_NAMES = [
  "kind",
  "kinds",
  "layer",
  "layers",
  "commend",
  "surface",
  "recommended",
  "interface",
  "doorstep",
  "everlasting",
];

for (const name of REJECTED_NAMES) {
  test(`rejectedIdentifier() rejects ${name}`, () => assert.ok(rejectedIdentifier(name)));
}

for (const name of ACCEPTED_NAMES) {
  test(`rejectedIdentifier() accepts ${name}`, () => {
    assert.equal(rejectedIdentifier(name), undefined);
  });
}

test("checkWording() rejects file names", () => {
  assert.equal(checkWording("lib/x/speaker.ts", "").length, 1);
});

test("checkWording() allows a text that a founding document prescribes", () => {
  const text = "Everything holds";
  const source = `const text = ${JSON.stringify(text)};`;
  assert.deepEqual(checkWording("lib/x.ts", source, new Set([text])), []);
});

test("the source contains each text that a founding document prescribes, letter for letter", async () => {
  const sources: string[] = [];
  for (const top of ["commands", "lib"]) {
    const entries = await readdir(join(ROOT, top), { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      if (!entry.isFile() || !entry.name.endsWith(".ts")) continue;
      sources.push(await readFile(join(entry.parentPath, entry.name), "utf8"));
    }
  }
  const all = sources.join("\n");
  const missing = (await readQuotedTexts(ROOT)).filter(({ text }) => !all.includes(text));
  assert.deepEqual(missing, []);
});

test("checkTree() rejects nothing in this project", async () => {
  assert.deepEqual(await checkTree(ROOT), []);
});

for (
  const name of [
    "loadSource() says what a server answered",
    "the client knows its server",
    "a reader gives up after a second",
    "parse() names what is wrong",
    "nobody is asked",
    "an address that is none",
  ]
) {
  test(`checkTestNames() rejects: ${JSON.stringify(name).replaceAll(/[aeiou]/g, "*")}`, () => {
    for (const call of ["test", "it", "describe", "test.skip"]) {
      const text = `${call}(${JSON.stringify(name)}, () => {});\n`;
      assert.equal(checkTestNames("tests/x_test.ts", text).length, 1, call);
    }
    assert.deepEqual(checkTestNames("tests/x_test.ts", `print(${JSON.stringify(name)});`), []);
  });
}

test("checkTestNames() accepts a subject and a verb, and templates", () => {
  const names = ['"there is none"', '"loadSource() reports the answer"', "`${x} fails ${y}`"];
  for (const name of names) {
    assert.deepEqual(checkTestNames("tests/x_test.ts", `test(${name}, () => {});`), []);
  }
  const broken = checkTestNames("tests/x_test.ts", "test(`${x} tells ${y}`, () => {});");
  assert.equal(broken.length, 1);
});

test("checkTestComments() rejects private phrases and relative clauses at the start", () => {
  const broken = [
    "// What a run did",
    "/** Whether it runs */",
    "// The server says so",
    "// Nobody waits",
  ];
  for (const text of broken) {
    assert.equal(checkTestComments("tests/x.ts", `${text}\nf();\n`).length, 1, text);
  }
  assert.deepEqual(
    checkTestComments("tests/x.ts", "// There is no server.\nf('it says so');\n"),
    [],
  );
});

test("checkLines() rejects private phrases in scripts, not Python's None", () => {
  assert.deepEqual(
    checkLines("install.sh", '# Fine\nfail "$x is no file"\n# It tells\n').map(({ line }) => line),
    [2, 3],
  );
  assert.deepEqual(checkLines("a.py", "if name is None or name is not None:\n"), []);
});
