/** Services: the procedures and objects that a connection exposes. */

/** The connection as a service sees it. */
export interface ServiceConnection {
  /** The identity that the authenticator returned; `undefined` without an authenticator. */
  readonly credentials: unknown;
  /** The client's address; `undefined` if the transport has no addresses. */
  readonly peer: string | undefined;
  /** Returns the client's own root object (its service), for calls in the other direction. */
  root(): Promise<unknown>;
  /** Ends the connection. */
  close(): void;
}

/** The service of one connection. */
export interface RpycService {
  /** Name of the class, such as `CalcService`. With its module it must differ from Python's built-in classes. */
  readonly className: string;
  /** Names of the service in a registry; the first is its main name. */
  readonly aliases: readonly string[];
  readonly doc?: string | undefined;
  /** Returns the names of the exposed procedures and objects, without prefix. */
  names(): readonly string[];
  /** Returns a procedure, an object with further members (`conn.root.admin.version`) or a value; `undefined` if not found. */
  find(name: string): unknown;
  /** Returns a member that is not exposed, for clients that may use every public attribute. */
  findPublic?(name: string): unknown;
  onConnect?(connection: ServiceConnection): void | Promise<void>;
  onDisconnect?(connection: ServiceConnection): void | Promise<void>;
}

/** Creates the service of one connection. */
export type ServiceSource = (connection: ServiceConnection) => RpycService;

/** Names of a service. */
export interface ServiceNames {
  /** Name of the class that clients see. @default {the name of the service class, or else "PyrpcService"} */
  readonly className?: string;
  /** Names in a registry, in upper case. @default {the class name without `Service`} */
  readonly aliases?: readonly string[];
}

/** The class name of services without a class. */
export const DEFAULT_CLASS = "PyrpcService";

/** Returns rpyc's name of a service without aliases: `CALC` for `CalcService`. */
export function defaultAlias(className: string): string {
  const name = className.toUpperCase();
  return name.endsWith("SERVICE") && name !== "SERVICE" ? name.slice(0, -"SERVICE".length) : name;
}
