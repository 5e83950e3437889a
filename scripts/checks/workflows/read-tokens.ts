import { NoOperationTraceWriter } from "@actions/workflow-parser";
import { getActionSchema } from "@actions/workflow-parser/actions/action-schema";
import { TemplateContext, TemplateValidationErrors } from "@actions/workflow-parser/templates/template-context";
import { readTemplate } from "@actions/workflow-parser/templates/template-reader";
import { YamlObjectReader } from "@actions/workflow-parser/workflows/yaml-object-reader";
import type { Template } from "@forgebench/rehearsal";
import type { Problem } from "../source-tree.ts";
import { objection, type WorkflowText } from "./workflow-text.ts";

/** A YAML file with its lines, read by GitHub's parser; `definition` is what of its schema of actions it has to be. */
export function readTokens(
  source: WorkflowText,
  definition: "action-root-strict" | "any",
): { readonly root: Template | undefined; readonly problems: Problem[] } {
  const context = new TemplateContext(new TemplateValidationErrors(), getActionSchema(), new NoOperationTraceWriter());
  const fileId = context.getFileId(source.file);
  const reader = new YamlObjectReader(fileId, source.text);
  const root = reader.errors.length > 0 ? undefined : readTemplate(context, definition, reader, fileId);
  const found = [...reader.errors, ...context.errors.getErrors()];
  return {
    root,
    problems: found.map(({ message, range }) =>
      objection(source, range?.start.line ?? 1, message, "write it as it is documented"),
    ),
  };
}
