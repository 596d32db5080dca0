"""The task URL and the JSON-RPC API of Kanboard, over HTTP."""
