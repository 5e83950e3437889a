import { data, Evaluator, Lexer, Parser } from "@actions/expressions";
import type { Binary, Expr, ExprVisitor, FunctionCall, IndexAccess, Logical, Unary } from "@actions/expressions/ast";
import { TokenType } from "@actions/expressions/lexer";
import { isBasicExpression } from "@actions/workflow-parser";
import type { Json } from "./evaluate.ts";
import { inOrder } from "./rehearse-workflow.ts";
import { ancestorsOf, type Workflow, type WorkflowJob } from "./workflow.ts";

/**
 * Whether a job can come to run when this event starts the workflow, whatever jobs, variables and the event itself say: what
 * is not known for certain is taken both ways, so that no title or label lets in what was thought to be shut out.
 */
export function mayRunOn(eventName: string, workflow: Workflow, job: WorkflowJob): boolean {
  const running = new Set<string>();
  for (const one of inOrder(workflow.jobs)) {
    const isHeldUp = ancestorsOf(one, workflow.jobs).some(({ id }) => !running.has(id));
    const known = (path: string) => knownValue(path, eventName, running);
    if (mayHold(one, known, isHeldUp)) running.add(one.id);
  }
  return running.has(job.id);
}

/** What is the same in every run that this event starts; undefined for all else. */
function knownValue(path: string, eventName: string, running: ReadonlySet<string>): Json | undefined {
  if (path === "github.event_name") return eventName;
  if (path.startsWith("inputs.") && !eventName.startsWith("workflow_")) return null;
  const [, id = "", what] = /^needs\.([\w-]+)\.(result|outputs)/.exec(path) ?? [];
  if (what === undefined || running.has(id)) return undefined;
  return what === "result" ? "skipped" : null;
}

function mayHold({ condition }: WorkflowJob, known: Known, isHeldUp: boolean): boolean {
  if (!isBasicExpression(condition)) return true;
  const contexts = ["github", "needs", "inputs", "vars"];
  const functions = ["always", "success", "failure", "cancelled"].map((name) => ({
    name,
    minArgs: 0,
    maxArgs: 0,
    call: (): data.ExpressionData => {
      if (name === "always") return new data.BooleanData(true);
      if (name === "success" && isHeldUp) return new data.BooleanData(false);
      throw new UnknownValue();
    },
  }));
  const tree = new Parser(new Lexer(condition.expression).lex().tokens, contexts, functions).parse();
  const byName = new Map(functions.map((one) => [one.name, one]));
  return tree.accept(new Possibilities((expr) => new KnownOnly(expr, new data.Dictionary(), byName, known))).canHold;
}

type Known = (path: string) => Json | undefined;

class UnknownValue extends Error {}

/** GitHub's evaluator over what is known; whatever else is read ends it. */
class KnownOnly extends Evaluator {
  private readonly known: Known;

  constructor(expr: Expr, none: data.Dictionary, functions: Map<string, FunctionInfo>, known: Known) {
    super(expr, none, functions);
    this.known = known;
  }

  override visitContextAccess(): data.ExpressionData {
    throw new UnknownValue();
  }

  override visitIndexAccess(access: IndexAccess): data.ExpressionData {
    const value = this.known(pathOf(access));
    if (value === undefined) throw new UnknownValue();
    return typeof value === "string" ? new data.StringData(value) : new data.Null();
  }
}

type FunctionInfo = ConstructorParameters<typeof Evaluator>[2] extends Map<string, infer Info> | undefined
  ? Info
  : never;

/** `github.event_name` of how it is written, also of `github['event_name']`; names are the same in any case. */
function pathOf(expr: Expr): string {
  const { name, expr: of, index } = expr as Partial<IndexAccess & { name: { lexeme: string } }>;
  if (name !== undefined) return name.lexeme.toLowerCase();
  const { literal } = (index ?? {}) as { literal?: data.ExpressionData };
  if (of === undefined || literal === undefined) return "";
  return `${pathOf(of)}.${literal.coerceString().toLowerCase()}`;
}

interface Possible {
  readonly canHold: boolean;
  readonly canFail: boolean;
}

const EITHER: Possible = { canHold: true, canFail: true };

/** What a condition can come to, with what is not known taken both ways. */
class Possibilities implements ExprVisitor<Possible> {
  private readonly evaluator: (expr: Expr) => Evaluator;

  constructor(evaluator: (expr: Expr) => Evaluator) {
    this.evaluator = evaluator;
  }

  visitLogical({ operator, args }: Logical): Possible {
    const all = args.map((one) => one.accept(this));
    return operator.type === TokenType.AND
      ? { canHold: all.every(({ canHold }) => canHold), canFail: all.some(({ canFail }) => canFail) }
      : { canHold: all.some(({ canHold }) => canHold), canFail: all.every(({ canFail }) => canFail) };
  }

  visitUnary({ expr }: Unary): Possible {
    const { canHold, canFail } = expr.accept(this);
    return { canHold: canFail, canFail: canHold };
  }

  visitGrouping({ group }: { group: Expr }): Possible {
    return group.accept(this);
  }

  visitLiteral(expr: Expr): Possible {
    return this.evaluated(expr);
  }

  visitBinary(expr: Binary): Possible {
    return this.evaluated(expr);
  }

  visitContextAccess(expr: Expr): Possible {
    return this.evaluated(expr);
  }

  visitIndexAccess(expr: IndexAccess): Possible {
    return this.evaluated(expr);
  }

  visitFunctionCall(expr: FunctionCall): Possible {
    return this.evaluated(expr);
  }

  private evaluated(expr: Expr): Possible {
    try {
      const holds = isTruthy(this.evaluator(expr).evaluate());
      return { canHold: holds, canFail: !holds };
    } catch (error) {
      if (error instanceof UnknownValue) return EITHER;
      throw error;
    }
  }
}

function isTruthy(value: data.ExpressionData): boolean {
  return Boolean(JSON.parse(JSON.stringify(value, data.replacer) ?? "null"));
}
