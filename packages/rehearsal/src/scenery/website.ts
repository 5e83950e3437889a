import { createServer } from "node:http";
import { execa } from "execa";

/** The page that a website makes of what its repository publishes, on loopback. */
interface Website {
  readonly url: string;
  stop(): void;
}

/** Shows the newest snapshot of a bare repository's `main`, and a link to itself. */
export async function startWebsite(bareFolder: () => string): Promise<Website> {
  const server = createServer((_, response) => {
    const shown = execa("git", ["show", "main:data/benchmarks/latest.json"], { cwd: bareFolder() });
    shown.then(
      ({ stdout }) => {
        const { snapshotId } = JSON.parse(stdout) as { readonly snapshotId: string };
        response.setHeader("content-type", "text/html");
        response.end(`<!doctype html><title>Benchmarks</title><p>Run ${snapshotId}</p><a href="/">newest</a>\n`);
      },
      () => {
        response.statusCode = 404;
        response.end("nothing is published\n");
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the website has no port");
  return { url: `http://127.0.0.1:${address.port}/`, stop: () => server.close() };
}
