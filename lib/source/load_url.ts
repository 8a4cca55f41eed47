import { ExitCode, ToolError } from "../errors.ts";
import { parseContract } from "../contract/mod.ts";
import { serverError } from "../errors.ts";
import type { LoadContext, LoadedSource, LoadOptions } from "./load_source.ts";
import { parseDocument } from "./parse_document.ts";
import { rpcUrl } from "../rpc_url.ts";

/** What a server answered that may not have changed. */
export type FetchedContract = LoadedSource | { readonly notModified: true; readonly where: string };

/**
 * `GET /rpc` of a server. With `etag` the server may answer that nothing has changed.
 *
 * @throws ToolError with exit code 5 for everything that is not a contract.
 */
export async function loadUrl(
  text: string,
  options: LoadOptions,
  context: LoadContext,
  etag?: string,
): Promise<FetchedContract> {
  const target = rpcUrl(text);
  const { answerError, askServer, firstWords, secretsOf } = await import("../http/mod.ts");
  const answer = await askServer(
    {
      method: "GET",
      target,
      ...(etag === undefined ? {} : { headers: [["if-none-match", etag]] as const }),
    },
    options,
    context,
  );
  const { where } = answer;
  if (answer.status === 304 && etag !== undefined) return { notModified: true, where };
  const secrets = secretsOf(target, options);
  if (answer.status !== 200) throw answerError(answer, secrets);
  const words = firstWords(answer, secrets);
  if (words.isHtml) {
    throw serverError({
      code: "SERVER_NOT_JSON",
      message: `Expected a contract as JSON, the server answered with HTML (status 200)`,
      where,
      details: words.lines,
      fix: "Is this the backend's address, or the frontend's? pyRPC answers at /rpc",
    });
  }
  try {
    const document = parseDocument(answer.body, { where, exitCode: ExitCode.Server });
    const contract = parseContract(document, { where });
    const newEtag = answer.headers["etag"];
    return {
      kind: "url",
      where,
      contract,
      ...(newEtag === undefined ? {} : { etag: newEtag }),
    };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    // A server that answers something else does not speak the wire, and its words say what it is.
    throw new ToolError({
      code: error.code,
      message: error.message,
      where: error.where,
      fix: error.fix,
      position: error.position,
      details: [`status ${answer.status}`, ...words.lines],
      exitCode: ExitCode.Server,
      cause: error,
    });
  }
}
