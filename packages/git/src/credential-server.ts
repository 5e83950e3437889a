import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { codeOf } from "@forgebench/errors";
import type { Credential } from "@forgebench/io";

/** What lets one git child ask for a token. */
interface CredentialServer {
  /** Values for `git -c`: nobody's saved passwords, then ours. */
  readonly settings: readonly string[];
  close(): Promise<void>;
}

const HELPER = fileURLToPath(new URL("./credential-helper.mjs", import.meta.url));
/** Of a question; git's are a few lines. */
const MAX_QUESTION_LENGTH = 10_000;

/**
 * Answers git's question for a password through a socket in a folder that only this user can open. The token is in no
 * file, argument or environment; it is given for its own origin alone, and gone when the server is closed or killed.
 */
export async function serveCredential(credential: Credential): Promise<CredentialServer> {
  const folder = await mkdtemp(path.join(tmpdir(), "git-"));
  const socketPath = path.join(folder, "s");
  const sockets = new Set<Socket>();
  // allowHalfOpen: git closes its side when it has asked.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket.on("close", () => sockets.delete(socket)));
    answer(socket, credential);
  });
  try {
    await listen(server, socketPath);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  const command = [process.execPath, HELPER, socketPath].map(quoteForShell).join(" ");
  return {
    settings: ["credential.helper=", `credential.helper=!${command}`],
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function listen(server: Server, socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      // The system's limit for such a path is about a hundred bytes.
      const isLong = codeOf(error) === "EINVAL";
      reject(isLong ? new Error(`the path of the temporary folder is too long: "${socketPath}"`) : error);
    });
    server.listen(socketPath, resolve);
  });
}

function answer(socket: Socket, credential: Credential): void {
  let question = "";
  socket.setEncoding("utf8");
  socket.on("error", () => socket.destroy());
  socket.on("data", (text: string) => {
    question += text;
    if (question.length > MAX_QUESTION_LENGTH) socket.destroy();
  });
  socket.on("end", () => socket.end(answerTo(question, credential)));
}

/** The answer in git's credential format; none for another place than the token's. */
export function answerTo(question: string, { value, origin }: Pick<Credential, "value" | "origin">): string {
  const fields = new Map(
    question.split("\n").map((line) => {
      const at = line.indexOf("=");
      return [line.slice(0, at), line.slice(at + 1)] as const;
    }),
  );
  const asked = `${fields.get("protocol")}://${fields.get("host")}`;
  return asked === origin ? `username=x-access-token\npassword=${value}\n` : "";
}

function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
