export type { GitHub, GitHubAccess } from "./client/client.ts";
