"""Names what is wrong in PowerShell scripts, by the grammar of tree-sitter; silent where nothing is."""

import pathlib
import sys

import tree_sitter
import tree_sitter_powershell

parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))
for name in sys.argv[1:]:
    nodes = [parser.parse(pathlib.Path(name).read_bytes()).root_node]
    while nodes:
        node = nodes.pop()
        if node.is_error or node.is_missing:
            print(f"{name}:{node.start_point.row + 1}:{node.start_point.column + 1}: {node}")
        nodes += node.children
