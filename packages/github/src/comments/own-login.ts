import { type GitHub, send } from "../client/client.ts";
import { describing } from "../client/describe-failure.ts";
import { isStatus } from "../client/failure.ts";
import { recordOf, textOf } from "../releases/release-fields.ts";

/** The author of comments that are made with the token of a workflow's job. */
const ACTIONS_LOGIN = "github-actions[bot]";

/**
 * The login of the token. The token of a job may not ask for it, and is recognised by that.
 * @throws {OperationError}
 */
export async function ownLogin(github: GitHub, repository: string): Promise<string> {
  return describing(
    { action: "ask for the token's own login, for comments", repository, needs: "a token" },
    async () => {
      try {
        return textOf(recordOf((await send(github, "GET /user", {})).data, "an account"), "login");
      } catch (error) {
        if (isStatus(error, 403)) return ACTIONS_LOGIN;
        throw error;
      }
    },
  );
}
