// Starts sync-site-benchmark.ts with plain Node, as the runbook types it: node scripts/bench/sync-site-benchmark.mjs FLAGS
// The compiler that tsx starts is a child: secrets are taken out of the environment before, and given to the script alone.
const env = { ...process.env };
for (const name of Object.keys(env)) {
  if (
    /TOKEN|SECRET|PASSWORD|_KEY$/i.test(name) ||
    process.argv.some((arg) => arg.replace(/^--token-env=/, "") === name)
  ) {
    delete process.env[name];
  }
}

const { register } = await import("tsx/esm/api");
register();
const [{ runInProcess }, { main }] = await Promise.all([import("@forgebench/io"), import("./sync-site-benchmark.ts")]);
await runInProcess((argv, io) => main(argv, { ...io, env }));
