import type { Contract } from "../contract/mod.ts";
import type { Diagnosis } from "./diagnosis.ts";

/** Diagnoses the pyRPC version of a server. The wire has no version number; each version added a member. */
export function diagnoseWire({ procedures, document }: Contract): Diagnosis {
  return { check: "wire", status: "ok", message: versionOf(procedures.size, document) };
}

function versionOf(count: number, document: Contract["document"]): string {
  if (count === 0) return "the wire format is unknown without a procedure";
  const has = (key: string) =>
    Object.values(document).some((each) =>
      typeof each === "object" && each !== null && Object.hasOwn(each, key)
    );
  if (has("kind")) {
    return "the wire format of pyRPC 0.9 or newer (distinguishes queries and mutations)";
  }
  if (has("is_async")) return "the wire format of pyRPC 0.7 or 0.8 (no kinds)";
  return "the wire format of pyRPC 0.6 or older (no kinds)";
}
