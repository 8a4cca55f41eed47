import { defined } from "../../defined.ts";
import { notANatsUrl } from "../errors.ts";

/** A subject of a NATS server, and the queue group that serves it. */
export interface NatsAddress {
  /** `host:port`. */
  readonly server: string;
  /** Requires TLS. */
  readonly secure: boolean;
  readonly subject: string;
  /** Each request goes to one member of this group. */
  readonly queue: string;
  /** Credentials of the URL, which precede those of the environment. */
  readonly credentials?: NatsCredentials;
}

/** Login at a NATS server. */
export type NatsCredentials =
  | { readonly user: string; readonly password: string }
  | { readonly token: string }
  /** The text of a `.creds` file: a JWT and the seed of its key. */
  | { readonly creds: string };

const PORT = "4222";
const QUEUE = "pyrpc";
// Words with dots between them. Wildcards would match several subjects, but a server has one.
const WORDS = /^[^\s.*>\p{Cc}]+(?:\.[^\s.*>\p{Cc}]+)*$/u;

/**
 * Parses `nats://host:4222/subject?queue=NAME`, `nats+tls://user:password@host/subject`, `nats://token@host/subject`.
 *
 * @throws ToolError `USAGE`, without any secret
 */
export function parseNatsUrl(text: string): NatsAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const [subject, user, password, queue] = [
    url?.pathname.slice(1),
    url?.username,
    url?.password,
    url?.searchParams.get("queue") ?? QUEUE,
  ].map(decoded);
  const isKnown = [...url?.searchParams.keys() ?? []].every((name) => name === "queue");
  if (
    url === undefined || url.hostname === "" || !isKnown || url.hash !== "" ||
    !isSubject(subject) || !isSubject(queue) || user === undefined || password === undefined
  ) {
    throw notANatsUrl(withoutSecret(text));
  }
  const credentials = password !== ""
    ? { user, password }
    : user !== ""
    ? { token: user }
    : undefined;
  return {
    server: `${url.hostname}:${url.port || PORT}`,
    secure: url.protocol === "nats+tls:",
    subject,
    queue,
    ...defined({ credentials }),
  };
}

/** The URL of an address, without credentials. */
export function natsUrl({ server, secure, subject, queue }: NatsAddress): string {
  const group = queue === QUEUE ? "" : `?queue=${encodeURIComponent(queue)}`;
  return `${secure ? "nats+tls" : "nats"}://${server}/${subject}${group}`;
}

/** A URL with user, password and token masked. */
export function withoutSecret(text: string): string {
  return text.replace(/^([a-z+]+:\/\/)[^/?#]*@/i, "$1***@");
}

function isSubject(text: string | undefined): text is string {
  return text !== undefined && WORDS.test(text) && !text.includes("/");
}

function decoded(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
