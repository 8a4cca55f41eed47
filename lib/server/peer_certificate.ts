import type { Socket } from "node:net";
import type { Credentials } from "./authenticator.ts";

/** The peer's verified certificate; `undefined` without TLS, or if the engine does not provide it. */
export function certificateOf(socket: Socket): Credentials["certificate"] {
  const { getPeerCertificate } = socket as Socket & {
    getPeerCertificate?: () => Partial<NonNullable<Credentials["certificate"]>> | undefined;
  };
  const subject = getPeerCertificate?.call(socket)?.subject;
  return subject === undefined ? undefined : { subject };
}
