import { defined } from "../defined.ts";
import { ExitCode, ToolError } from "../errors.ts";
import { rpcUrl } from "../rpc_url.ts";
import type { LoadContext, LoadedSource, LoadOptions } from "./types.ts";
import { answeredWithHtml, withAnswer } from "./errors.ts";
import { decodeDocument } from "./parse_document.ts";
import { parseSource } from "./parse_source.ts";

/** The contract of a server, or the news that it has not changed. */
export type FetchedContract = LoadedSource | { readonly notModified: true; readonly where: string };

/**
 * Sends `GET /rpc` to a server. With `etag` the request is conditional.
 *
 * @throws ToolError exit code 5 for every answer that is not a contract
 */
export async function loadUrl(
  text: string,
  options: LoadOptions,
  context: LoadContext,
  etag?: string,
): Promise<FetchedContract> {
  const target = rpcUrl(text);
  const conditional = etag === undefined ? undefined : [["if-none-match", etag]] as const;
  const { answerError, askServer, firstWords, secretsOf } = await import("../http/mod.ts");
  const answer = await askServer(
    {
      method: "GET",
      target,
      ...defined({ headers: conditional }),
    },
    options,
    context,
  );
  const { where } = answer;
  if (answer.status === 304 && etag !== undefined) return { notModified: true, where };
  const secrets = secretsOf(target, options);
  if (answer.status !== 200) throw answerError(answer, secrets, "contract");
  const words = firstWords(answer, secrets);
  if (words.isHtml) throw answeredWithHtml(where, words.lines);
  try {
    const { marksFloats = false } = options;
    const parsing = { where, exitCode: ExitCode.Server, marksFloats };
    const parsed = parseSource(decodeDocument(answer.body, parsing), parsing);
    return { kind: "url", where, ...parsed, ...defined({ etag: answer.headers["etag"] }) };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    // The status and the beginning of the body show which other service answered.
    throw withAnswer(error, [`status ${answer.status}`, ...words.lines]);
  }
}
