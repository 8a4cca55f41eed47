/**
 * The strongly connected components of a graph, each after those that it points to (Tarjan's algorithm, with a stack of
 * its own: a chain of 10,000 models must not overflow the call stack).
 *
 * @param edges the nodes that a node points to.
 */
export function stronglyConnectedComponents<Node>(
  nodes: Iterable<Node>,
  edges: (node: Node) => readonly Node[],
): Node[][] {
  const index = new Map<Node, number>();
  const low = new Map<Node, number>();
  const open = new Set<Node>();
  const path: Node[] = [];
  const components: Node[][] = [];

  for (const start of nodes) {
    if (index.has(start)) continue;
    const work: { node: Node; targets: readonly Node[]; next: number }[] = [];
    const enter = (node: Node) => {
      index.set(node, index.size);
      low.set(node, index.get(node)!);
      path.push(node);
      open.add(node);
      work.push({ node, targets: edges(node), next: 0 });
    };
    enter(start);
    while (work.length > 0) {
      const frame = work.at(-1)!;
      const target = frame.targets[frame.next++];
      if (target !== undefined) {
        if (!index.has(target)) enter(target);
        else if (open.has(target)) {
          low.set(frame.node, Math.min(low.get(frame.node)!, index.get(target)!));
        }
        continue;
      }
      work.pop();
      const parent = work.at(-1)?.node;
      if (parent !== undefined) low.set(parent, Math.min(low.get(parent)!, low.get(frame.node)!));
      if (low.get(frame.node) !== index.get(frame.node)) continue;
      const component = path.splice(path.lastIndexOf(frame.node));
      for (const node of component) open.delete(node);
      components.push(component);
    }
  }
  return components;
}
