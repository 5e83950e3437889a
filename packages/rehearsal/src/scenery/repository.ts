import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { OperationError } from "@forgebench/errors";
import { execa } from "execa";

/** The change of the newest commit to the measured program. */
export interface HeadChange {
  readonly workMs?: number;
  readonly exitCode?: number;
  /** The commit before it cannot be built. */
  readonly isBaseBroken?: boolean;
}

/** A bare repository with the work tree of a project, two commits on `main`: the base, and the head. */
export interface RehearsalRepository {
  readonly bareFolder: string;
  readonly baseSha: string;
  readonly headSha: string;
  /** As fast as the base again; on no branch yet. */
  readonly mendedSha: string;
}

/** In the place of the suite that everything runs on unless it is told otherwise. */
const SUITE_PATH = "suites/imageforge.yaml";
const SCENERY = fileURLToPath(new URL("../../scenery/", import.meta.url));
const SUBJECT_PATH = "packages/imageforge/src/cli.ts";

const GIT_ENV = {
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "Rehearsal",
  GIT_AUTHOR_EMAIL: "rehearsal@example.org",
  GIT_COMMITTER_NAME: "Rehearsal",
  GIT_COMMITTER_EMAIL: "rehearsal@example.org",
};

/** Copies the project, including changes that are not committed, with a subject that takes a known time. */
export async function makeRepository(
  projectRoot: string,
  folder: string,
  change: HeadChange,
): Promise<RehearsalRepository> {
  const work = path.join(folder, "work");
  await mkdir(work, { recursive: true });
  const git = async (...args: string[]) => (await execa("git", args, { cwd: work, env: GIT_ENV })).stdout.trim();
  await copyProject(projectRoot, work);
  await cp(path.join(SCENERY, "suite.yaml"), path.join(work, SUITE_PATH));
  const subject = await readFile(path.join(SCENERY, "subject.ts"), "utf8");
  await writeFile(path.join(work, SUBJECT_PATH), subject);
  await git("init", "-q", "-b", "main");
  const commit = async (message: string) => {
    await git("add", "-A");
    await git("commit", "-q", "-m", message);
    return git("rev-parse", "HEAD");
  };
  if (change.isBaseBroken) await writeFile(path.join(work, SUBJECT_PATH), 'import "./what-is-not-there.ts";\n');
  const baseSha = await commit("The base");
  await git("tag", "v1.0.0");
  await writeFile(path.join(work, SUBJECT_PATH), changed(subject, change));
  const headSha = await commit("The head");
  await writeFile(path.join(work, SUBJECT_PATH), `${subject}// It is mended.\n`);
  const mendedSha = await commit("Mend it");
  const bareFolder = path.join(folder, "bare.git");
  await git("clone", "-q", "--bare", work, bareFolder);
  await git("-C", bareFolder, "update-ref", "refs/heads/main", headSha);
  return { bareFolder, baseSha, headSha, mendedSha };
}

function changed(subject: string, { workMs = 100, exitCode = 0 }: HeadChange): string {
  return `${subject
    .replace("WORK_MS = 100", `WORK_MS = ${workMs}`)
    .replace("EXIT_CODE = 0", `EXIT_CODE = ${exitCode}`)}// The newest commit.\n`;
}

/** Files that no step of a workflow reads are left out: every job checks the repository out again. */
const NOT_OF_A_NIGHT = /^fixtures\/|\.test\.ts$|^docs\/images\//;

async function copyProject(projectRoot: string, work: string): Promise<void> {
  const listed = await execa("git", ["ls-files", "-co", "--exclude-standard", "-z"], { cwd: projectRoot }).catch(
    (cause: unknown) => {
      throw new OperationError("data", `Cannot rehearse "${projectRoot}": git does not know its files`, {
        details: [{ label: "try", text: "a clone of the project instead of a copy" }],
        cause,
      });
    },
  );
  for (const file of new Set(listed.stdout.split("\0"))) {
    if (file === "" || NOT_OF_A_NIGHT.test(file)) continue;
    const copied = cp(path.join(projectRoot, file), path.join(work, file), { verbatimSymlinks: true });
    // A file that was deleted but not committed is listed and not there.
    await copied.catch((error: unknown) => {
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    });
  }
}
