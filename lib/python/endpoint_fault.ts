import { JOIN_ROUTES, JOINED_ROUTES } from "../django_urls.ts";
import type { ModuleAnswer } from "./protocol.ts";

/** An application that does not answer `GET /rpc`, and the line that fixes it. */
export interface EndpointFault {
  /** True if `pyrpc dev` answers for the application, which fails in production only. */
  readonly isAnsweredByDev: boolean;
  readonly message: string;
  readonly fix: readonly string[];
  /** Source text to paste. */
  readonly snippet?: readonly string[];
}

/** Django's adapter registers two routes at one path. */
export const SPLIT_ROUTES: EndpointFault = {
  isAnsweredByDev: true,
  message: "Django's adapter answers GET /rpc with 405 and batches with 500 outside of pyrpc dev",
  fix: [JOIN_ROUTES],
  snippet: JOINED_ROUTES,
};

/** The entry of a project, as far as a fault names it. */
export interface FaultContext {
  readonly entrypoint: string;
  readonly framework: string;
  /** True if `pyrpc dev` serves the application, which answers GET for Django's adapter. */
  readonly isServedByDev: boolean;
}

/** Finds out if an application has no `GET /rpc`; undefined if it has one, or if only a request can show that. */
export function endpointFault(
  { app }: Pick<ModuleAnswer, "app">,
  { entrypoint, framework, isServedByDev }: FaultContext,
): EndpointFault | undefined {
  const endpoints = app?.endpoints ?? null;
  if (app === null || endpoints === null) return undefined;
  const { paths, fault, urls } = endpoints;
  const module = entrypoint.split(":")[0] ?? "";
  const name = urls ?? (entrypoint.includes(":") ? entrypoint : `${module}:${app.name}`);
  const router = endpoints.ownRouter ? ", YOUR_ROUTER" : "";
  if (fault === "router") {
    return {
      isAnsweredByDev: false,
      message: `${name} has no router: GET /rpc answers 500`,
      fix: [
        `Pass one: PyRPCAsgiApp(default_router), with: from pyrpc_core import default_router`,
      ],
    };
  }
  if (fault === "split" && !isServedByDev) {
    return SPLIT_ROUTES;
  }
  const target = `${appName(entrypoint, app.name)}${router}`;
  const mount = mountLine(urls === null ? framework : "django", target, router);
  if (fault === "shadowed") {
    return {
      isAnsweredByDev: false,
      message:
        `In ${name}, another route ("${endpoints.shadow}") answers /rpc before that of pyRPC`,
      fix: [`Move this line above that route: ${mount}`],
    };
  }
  if (paths.includes("/rpc")) return undefined;
  const [other] = paths;
  if (other !== undefined) {
    return {
      isAnsweredByDev: false,
      message: `${name} answers at ${other}, not at /rpc`,
      fix: [
        `Clients use the full address: --server-url http://HOST:PORT${other}`,
        `or mount it at /rpc: ${mount}`,
      ],
    };
  }
  return { isAnsweredByDev: false, message: `${name} has no /rpc`, fix: [`Add ${mount}`] };
}

// A factory mounts inside: the name of its application is unknown.
function appName(entrypoint: string, name: string): string {
  const given = entrypoint.split(":")[1] ?? name;
  return /^(create|make|build|get)_|\(/.test(given) ? "app" : given;
}

function mountLine(framework: string, target: string, router: string): string {
  switch (framework) {
    case "fastapi":
    case "flask":
      return `mount_${framework}(${target}), with: from pyrpc_${framework} import mount_${framework}`;
    case "django":
      return `mount_django(urlpatterns${router}), with: from pyrpc_django import mount_django`;
    default:
      return `PyRPCAsgiApp(default_router) for the path /rpc, with: from pyrpc_core import PyRPCAsgiApp, default_router`;
  }
}
