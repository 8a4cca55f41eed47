// What a client written against examples/shop.schema.json looks like: `deno task demo` type-checks it.
import { createClient } from "./pyrpc-client.js";
import type { Order, OrderLine, Types } from "./api.js";

const rpc = createClient<Types>({ baseUrl: "http://localhost:8000" });

export async function buy(lines: OrderLine[]): Promise<Order> {
  // A union with a discriminator: `method` decides which fields there are.
  const order = await rpc.place_order(lines, { method: "transfer", iban: "DE02120300000000202051" });
  return order;
}

export async function catalogue(): Promise<string[]> {
  // By name or by position; what has a default may be left out.
  const page = await rpc.list_products({ limit: 5 });
  const [low, high] = await rpc.price_range("ABC-0001");
  const { name } = await rpc.categories();
  return [name, `${low}–${high}`, ...page.items.map((product) => product.name)];
}
