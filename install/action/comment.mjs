// Writes a report into one comment of the pull request: node comment.mjs REPORT.md
// A hidden marker in the comment identifies it, so that the next run updates the same comment.
import { readFileSync } from "node:fs";
import process from "node:process";

const { GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_EVENT_PATH, GITHUB_TOKEN, PYRPC_FOLDER } =
  process.env;
// A repository may check several folders.
const MARKER = `<!-- pyrpc-check ${(PYRPC_FOLDER ?? ".").replace(/[^\w./-]/g, "_")} -->`;
// GitHub refuses longer comments.
const MAX_LENGTH = 65_000;

const event = JSON.parse(readFileSync(GITHUB_EVENT_PATH, "utf8"));
const number = event.pull_request?.number ?? event.number;
if (number === undefined) {
  print("::notice title=pyrpc::Not a pull request: no comment was written");
} else {
  await comment(number).catch((error) => {
    // The token of a pull request from a fork cannot write; the annotations are there anyway.
    print(`::warning title=pyrpc::The comment was not written: ${oneLine(error.message)}`);
  });
}

async function comment(number) {
  const report = readFileSync(process.argv[2], "utf8").trim();
  const text = report.length > MAX_LENGTH ? `${report.slice(0, MAX_LENGTH)}\n\n(cut)` : report;
  const body = `${MARKER}\n${text}`;
  const own = await findComment(`/repos/${GITHUB_REPOSITORY}/issues/${number}/comments`);
  if (own !== undefined) {
    await request("PATCH", `/repos/${GITHUB_REPOSITORY}/issues/comments/${own.id}`, { body });
  } else {
    await request("POST", `/repos/${GITHUB_REPOSITORY}/issues/${number}/comments`, { body });
  }
}

async function findComment(path) {
  for (let page = 1; page <= 30; page++) {
    const comments = await request("GET", `${path}?per_page=100&page=${page}`);
    const own = comments.find(({ body }) => body?.startsWith(MARKER));
    if (own !== undefined || comments.length < 100) return own;
  }
}

async function request(method, path, body) {
  const response = await fetch(`${GITHUB_API_URL ?? "https://api.github.com"}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${GITHUB_TOKEN}`,
      accept: "application/vnd.github+json",
      "content-type": "application/json",
      "x-github-api-version": "2022-11-28",
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path.split("?")[0]} answers ${response.status}`);
  return await response.json();
}

function print(line) {
  process.stdout.write(`${line}\n`);
}

function oneLine(text) {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}
