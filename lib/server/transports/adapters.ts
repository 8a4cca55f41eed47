import { asgiFace, type CorsOrigins, type HttpFace } from "./http_faces.ts";

/** The servers of pyRPC that can be imitated. */
export type AdapterName = "asgi" | "fastapi" | "flask";

/** The face of an adapter. */
export function faceOf(_adapter: AdapterName, origins: CorsOrigins): HttpFace {
  return asgiFace(origins);
}
