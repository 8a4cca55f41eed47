import { ToolError } from "../errors.ts";
import { connectServer, type HttpContext } from "../http/mod.ts";
import type { RpcUrl } from "../rpc_url.ts";
import type { Diagnosis } from "./diagnosis.ts";

/** Origin of a page in Vite's development server. */
const ORIGIN = "http://localhost:5173";
const TIMEOUT_MS = 5000;

/** The answer to a preflight request. */
export interface PreflightAnswer {
  readonly status: number;
  /** Value of `access-control-allow-origin`. */
  readonly origin: string | undefined;
}

/** Probes whether pages of another origin can call a server. */
export async function probeCors(target: RpcUrl, context: HttpContext): Promise<Diagnosis> {
  return diagnoseCors(await preflight(target, context));
}

/** Diagnoses the answer to a preflight request; undefined if the server did not answer. */
export function diagnoseCors(answer: PreflightAnswer | undefined): Diagnosis {
  const isAllowed = answer?.origin === "*" || answer?.origin === ORIGIN;
  if (answer !== undefined && answer.status < 300 && isAllowed) {
    return { check: "cors", status: "ok", message: `a browser at ${ORIGIN} may call it` };
  }
  return {
    check: "cors",
    status: "warning",
    message: answer === undefined
      ? "the server does not answer a browser's preflight request"
      : `a browser at another origin may not call it (OPTIONS answers ${answer.status})`,
    details: ["Only needed if the page has another origin and no proxy forwards its calls"],
    fix: [
      'FastAPI: app.add_middleware(CORSMiddleware, allow_origins=["http://localhost:5173"], allow_methods=["*"], allow_headers=["*"])',
      "Flask: pip install flask-cors, then CORS(app)",
      'Django: pip install django-cors-headers, add its app and its middleware, CORS_ALLOWED_ORIGINS = ["http://localhost:5173"]',
      "or a proxy in the frontend's dev server for /rpc",
    ],
  };
}

// Browsers send preflight requests without credentials and do not follow redirects.
async function preflight(
  target: RpcUrl,
  context: HttpContext,
): Promise<PreflightAnswer | undefined> {
  const server = await connectServer(target, { timeoutMs: TIMEOUT_MS }, context);
  try {
    const { status, headers } = await server.send({
      method: "OPTIONS",
      headers: [
        ["origin", ORIGIN],
        ["access-control-request-method", "POST"],
        ["access-control-request-headers", "content-type"],
      ],
    });
    return { status, origin: headers["access-control-allow-origin"] };
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return undefined;
  } finally {
    server.close();
  }
}
