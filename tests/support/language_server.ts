import { Buffer } from "node:buffer";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { findOnPath } from "./external.ts";
import { tscFolder } from "./typescript.ts";

/** A definition that a language server answers with: the path, the line (from 1) and its text from the start to the end. */
export interface Definition {
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

/** A running language server of TypeScript. */
export interface LanguageServer extends AsyncDisposable {
  /** Opens a file again with its present text, and returns the definitions of what `mark` begins with there, each once. */
  definitions(path: string, mark: string): Promise<readonly Definition[]>;
  /** Reports changed files as an editor does whose server does not watch them itself. */
  filesChanged(paths: readonly string[]): void;
}

/**
 * Starts `tsserver` of TypeScript 5.9, or the native server of 7.0.
 *
 * @param ownPackage The package `typescript` of a project with version 5.9, whose `tsserver` loads the project's plugins.
 */
export async function startLanguageServer(
  version: "5.9" | "7.0",
  folder: string,
  ownPackage: string = tscFolder("5.9"),
): Promise<LanguageServer> {
  return version === "5.9" ? startTsserver(ownPackage) : await startNative(folder);
}

interface Point {
  readonly line: number;
  readonly character: number;
}

async function definitionOf(path: string, start: Point, end: Point): Promise<Definition> {
  const lines = (await readFile(path, "utf8")).split("\n");
  const last = start.line === end.line ? end.character : undefined;
  const text = (lines[start.line] ?? "").slice(start.character, last);
  return { path, line: start.line + 1, text };
}

function eachOnce(definitions: readonly Definition[]): Definition[] {
  return [...new Map(definitions.map((each) => [JSON.stringify(each), each])).values()];
}

function pointOf(text: string, mark: string): Point {
  const before = text.slice(0, text.indexOf(mark)).split("\n");
  return { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
}

function startTsserver(typescript: string): LanguageServer {
  const args = [
    join(typescript, "lib", "tsserver.js"),
    "--disableAutomaticTypingAcquisition",
  ];
  const connection = connect(args, (text) => {
    const end = text.indexOf("\n");
    if (end === -1) return undefined;
    const line = text.subarray(0, end).toString().trim();
    return {
      message: line.startsWith("{") ? JSON.parse(line) : {},
      rest: text.subarray(end + 1),
    };
  });
  let seq = 0;
  const request = async (command: string, args: unknown) => {
    const own = ++seq;
    const { body } = await connection.ask(
      `${JSON.stringify({ seq: own, type: "request", command, arguments: args })}\n`,
      (message) => message.type === "response" && message.request_seq === own,
    );
    return body;
  };
  return {
    async definitions(file, mark) {
      const fileContent = await readFile(file, "utf8");
      const { line, character } = pointOf(fileContent, mark);
      await request("updateOpen", { openFiles: [{ file, fileContent }] });
      const at = { file, line: line + 1, offset: character + 1 };
      const found = await request("definitionAndBoundSpan", at);
      const point = ({ line, offset }: { line: number; offset: number }) => ({
        line: line - 1,
        character: offset - 1,
      });
      // deno-lint-ignore no-explicit-any
      const all = (found.definitions as any[]).map(({ file, start, end }) =>
        definitionOf(file, point(start), point(end))
      );
      return eachOnce(await Promise.all(all));
    },
    filesChanged: () => {},
    [Symbol.asyncDispose]: connection.end,
  };
}

async function startNative(folder: string): Promise<LanguageServer> {
  const args = [join(tscFolder("7.0"), "bin", "tsc"), "--lsp", "--stdio"];
  const connection = connect(args, (text) => {
    const head = /^Content-Length: (\d+)\r\n(?:.+\r\n)*\r\n/.exec(text.toString("latin1"));
    if (head === null) return undefined;
    const end = head[0].length + Number(head[1]);
    if (text.length < end) return undefined;
    return {
      message: JSON.parse(text.subarray(head[0].length, end).toString()),
      rest: text.subarray(end),
    };
  });
  const format = (message: unknown) => {
    const text = JSON.stringify({ jsonrpc: "2.0", ...message as object });
    return `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
  };
  connection.answer = ({ id, method, params }) =>
    id === undefined || method === undefined
      ? undefined
      // deno-lint-ignore no-explicit-any
      : format({ id, result: params?.items?.map((_: any) => null) ?? null });
  let id = 0;
  const request = async (method: string, params: unknown) => {
    const own = ++id;
    const answer = await connection.ask(
      format({ id: own, method, params }),
      (message) => message.id === own && message.method === undefined,
    );
    return answer.result;
  };
  await request("initialize", {
    processId: null,
    rootUri: pathToFileURL(folder).href,
    capabilities: {
      textDocument: { definition: { linkSupport: true } },
      // The server then asks for events below the project's folder, `node_modules` included.
      workspace: { didChangeWatchedFiles: { dynamicRegistration: true } },
    },
  });
  connection.send(format({ method: "initialized", params: {} }));
  return {
    async definitions(file, mark) {
      const text = await readFile(file, "utf8");
      const uri = pathToFileURL(file).href;
      const textDocument = { uri, languageId: "typescript", version: 1, text };
      connection.send(format({ method: "textDocument/didOpen", params: { textDocument } }));
      const at = { textDocument: { uri }, position: pointOf(text, mark) };
      const found = await request("textDocument/definition", at);
      connection.send(
        format({ method: "textDocument/didClose", params: { textDocument: { uri } } }),
      );
      // deno-lint-ignore no-explicit-any
      const all = (found as any[]).map(({ targetUri, targetSelectionRange: { start, end } }) =>
        definitionOf(fileURLToPath(targetUri), start, end)
      );
      return eachOnce(await Promise.all(all));
    },
    filesChanged(paths) {
      const changes = paths.map((path) => ({ uri: pathToFileURL(path).href, type: 2 }));
      const method = "workspace/didChangeWatchedFiles";
      connection.send(format({ method, params: { changes } }));
    },
    [Symbol.asyncDispose]: connection.end,
  };
}

// deno-lint-ignore no-explicit-any
type Message = any;

function connect(
  args: readonly string[],
  parse: (text: Buffer) => { readonly message: Message; readonly rest: Buffer } | undefined,
) {
  const server = spawn(findOnPath("node") ?? process.execPath, args, {
    stdio: ["pipe", "pipe", "ignore"],
  });
  const waiting: {
    isAnswer: (message: Message) => boolean;
    resolve: (message: Message) => void;
  }[] = [];
  let text = Buffer.alloc(0);
  const connection = {
    answer: (_: Message): string | undefined => undefined,
    send: (message: string) => void server.stdin.write(message),
    ask: (message: string, isAnswer: (message: Message) => boolean) =>
      new Promise<Message>((resolve) => {
        waiting.push({ isAnswer, resolve });
        server.stdin.write(message);
      }),
    end: async () => {
      server.stdin.end();
      server.kill();
      if (server.exitCode === null && server.signalCode === null) await once(server, "exit");
    },
  };
  server.stdout.on("data", (bytes: Buffer) => {
    text = Buffer.concat([text, bytes]);
    for (let parsed = parse(text); parsed !== undefined; parsed = parse(text)) {
      const { message } = parsed;
      text = Buffer.from(parsed.rest);
      const reply = connection.answer(message);
      if (reply !== undefined) connection.send(reply);
      const index = waiting.findIndex(({ isAnswer }) => isAnswer(message));
      if (index !== -1) waiting.splice(index, 1)[0]?.resolve(message);
    }
  });
  return connection;
}
