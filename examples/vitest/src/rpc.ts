import { createClient } from "@pyrpc/client";
import type { Types } from "@pyrpc/types";

export const rpc = createClient<Types>({ baseUrl: "http://localhost:8000" });
export type Rpc = typeof rpc;
