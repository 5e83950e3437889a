// @ts-check
/** Variables that a compiler or an installer of packages, which are children of their own, must not inherit. */
const SECRET = /TOKEN|SECRET|PASSWORD|CREDENTIAL|_KEY$/i;

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {readonly string[]} [argv] the arguments of a script, which may name a variable: `--token-env NAME`
 * @returns {NodeJS.ProcessEnv} without what looks like a secret, and without what a flag names as one
 */
export function withoutSecrets(env, argv = []) {
  const named = new Set(argv.map((arg) => arg.replace(/^--[\w-]*env=/, "")));
  return Object.fromEntries(Object.entries(env).filter(([name]) => !SECRET.test(name) && !named.has(name)));
}
