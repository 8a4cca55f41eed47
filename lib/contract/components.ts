interface Visit<Node> {
  readonly node: Node;
  readonly targets: readonly Node[];
  /** Position in the order of first visits. */
  readonly index: number;
  /** The lowest index that the node can reach. */
  low: number;
  /** Index of the next target. */
  next: number;
  /** True until the component of the node is complete. */
  isOpen: boolean;
}

/**
 * Returns the strongly connected components of a graph, each after those that it points to. Tarjan's algorithm with an
 * explicit stack: a chain of 10,000 models would overflow the call stack.
 *
 * @param edges returns the nodes that a node points to
 */
export function stronglyConnectedComponents<Node>(
  nodes: Iterable<Node>,
  edges: (node: Node) => readonly Node[],
): Node[][] {
  const visits = new Map<Node, Visit<Node>>();
  const path: Visit<Node>[] = [];
  const stack: Visit<Node>[] = [];
  const components: Node[][] = [];
  const enter = (node: Node) => {
    const index = visits.size;
    const visit = { node, targets: edges(node), index, low: index, next: 0, isOpen: true };
    visits.set(node, visit);
    path.push(visit);
    stack.push(visit);
  };
  for (const start of nodes) {
    if (visits.has(start)) continue;
    enter(start);
    for (let visit = stack.at(-1); visit !== undefined; visit = stack.at(-1)) {
      const target = visit.targets[visit.next++];
      if (target !== undefined) {
        const known = visits.get(target);
        if (known === undefined) enter(target);
        else if (known.isOpen) visit.low = Math.min(visit.low, known.index);
        continue;
      }
      stack.pop();
      const parent = stack.at(-1);
      if (parent !== undefined) parent.low = Math.min(parent.low, visit.low);
      if (visit.low !== visit.index) continue;
      const component = path.splice(path.lastIndexOf(visit));
      for (const member of component) member.isOpen = false;
      components.push(component.map(({ node }) => node));
    }
  }
  return components;
}
