import { Refusal } from "./answers.ts";

/** The body of a request. Getters refuse values of another type with the words that GitHub uses (422). */
export class Fields {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#values, name);
  }

  /** Undefined when absent or null. */
  text(name: string): string | undefined {
    const value = this.#values[name] ?? undefined;
    if (value === undefined || typeof value === "string") return value;
    throw wrongType(name, value, "string");
  }

  requiredText(name: string): string {
    if (!this.has(name)) throw new Refusal(422, `Invalid request.\n\n"${name}" wasn't supplied.`);
    const value = this.text(name);
    if (value === undefined) throw wrongType(name, null, "string");
    return value;
  }

  flag(name: string): boolean | undefined {
    const value = this.#values[name] ?? undefined;
    if (value === undefined || typeof value === "boolean") return value;
    throw wrongType(name, value, "boolean");
  }

  texts(name: string): string[] {
    const value = this.#values[name] ?? [];
    if (!Array.isArray(value)) throw wrongType(name, value, "array");
    const wrong = value.find((entry) => typeof entry !== "string");
    if (wrong !== undefined) throw wrongType(`${name}/items`, wrong, "string");
    return value;
  }

  oneOf<T extends string>(name: string, allowed: readonly T[]): T | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const found = allowed.find((one) => one === value);
    if (found !== undefined) return found;
    const list = allowed.map((one) => `"${one}"`).join(", ");
    throw new Refusal(
      422,
      `Invalid request.\n\nNo subschema in "anyOf" matched.\n${JSON.stringify(value)} is not one of [${list}].`,
    );
  }
}

function wrongType(name: string, value: unknown, type: string): Refusal {
  const shown = value === null ? "nil" : JSON.stringify(value);
  return new Refusal(
    422,
    `Invalid request.\n\nFor 'properties/${name}', ${shown} is not ${type === "array" ? "an" : "a"} ${type}.`,
  );
}

/** @throws {Refusal} 400 for what is no JSON object. */
export function parseFields(text: string): Fields {
  if (text.trim() === "") return new Fields({});
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refusal(400, "Problems parsing JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Refusal(400, "Body should be a JSON object");
  }
  return new Fields({ ...value });
}
