import { createClient } from "@pyrpc/client";
import { createQuery } from "@pyrpc/client/query";
import type { Types } from "./api";

// Without a baseUrl, calls go to the page's own origin. Vite forwards /rpc to the backend.
export const rpc = createClient<Types>();
export const api = createQuery(rpc);
