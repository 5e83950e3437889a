/**
 * What git starts to be given a password: `node credential-helper.mjs SOCKET get`, with what it wants to know on stdin.
 * It asks the process that started git, through a socket that only that user can open, and knows no secret itself.
 */
import { connect } from "node:net";

const [, , socketPath = "", action] = process.argv;
// `store` and `erase` concern passwords that are kept; this one is not.
if (action === "get") {
  const socket = connect(socketPath);
  socket.on("error", () => {
    process.exitCode = 1;
  });
  process.stdin.pipe(socket).pipe(process.stdout);
}
