"""The official Python client against `pyrpc mcp`: prints what it was answered, as JSON."""

import asyncio
import json
import sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client


async def main() -> None:
    command, *args = sys.argv[1:]
    async with stdio_client(StdioServerParameters(command=command, args=args)) as (read, write):
        async with ClientSession(read, write) as session:
            started = await session.initialize()
            tools = (await session.list_tools()).tools
            added = await session.call_tool("check_call", {"name": "add", "arguments": [1, "x"]})
            called = await session.call_tool("call_procedure", {"name": "add", "arguments": [20, 22]})
            resources = (await session.list_resources()).resources
            print(
                json.dumps(
                    {
                        "server": (getattr(started, "server_info", None) or started.serverInfo).name,
                        "tools": [tool.name for tool in tools],
                        "check": structured(added),
                        "called": structured(called),
                        "resources": len(resources),
                    }
                )
            )


def structured(result):
    return getattr(result, "structured_content", None) or result.structuredContent


asyncio.run(main())
