/**
 * IAM's evaluation of identity policies, as far as this project's policies go. What it does not understand it throws on, so that no
 * policy is judged by half. Source: IAM user guide, "Policy evaluation logic" and "IAM JSON policy elements: Condition operators".
 */

/** A statement whose references are resolved: every list is a list, every ARN is text. */
export interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  /** Operator → key → values. */
  readonly Condition: { readonly [operator: string]: { readonly [key: string]: readonly string[] } };
}

/** One question to IAM. A request that touches several resources asks several. */
export interface Authorization {
  readonly action: string;
  /** An ARN; `*` for an action that knows no resources. */
  readonly resource: string;
  /** Condition keys with their values; a key that is not there was not sent. */
  readonly context: { readonly [key: string]: readonly string[] };
}

/** The answer. `by`: Sids of the statements that allow it. */
export interface Verdict {
  readonly allowed: boolean;
  readonly by: readonly string[];
}

/** Few patterns are held against very many values. */
const compiled = new Map<string, RegExp>();

function expressionOf(pattern: string): RegExp {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/gu, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const expression = new RegExp(`^${source}$`, 'su');
  compiled.set(pattern, expression);
  return expression;
}

/** IAM's wildcards: `*` any characters, `?` one. */
export function like(pattern: string, value: string): boolean {
  return /[*?]/u.test(pattern) ? expressionOf(pattern).test(value) : pattern === value;
}

/** Compares ARNs part by part: a wildcard does not reach over a colon, save in the last of the six parts. */
export function arnLike(pattern: string, arn: string): boolean {
  const parts = (text: string): string[] => {
    const all = text.split(':');
    return [...all.slice(0, 5), all.slice(5).join(':')];
  };
  const values = parts(arn);
  return parts(pattern).every((part, index) => like(part, values[index] ?? ''));
}

const sameText = (wanted: string, value: string): boolean => wanted === value;

interface Comparison {
  readonly matches: (wanted: string, value: string) => boolean;
  readonly negated: boolean;
}

const COMPARISONS = new Map<string, Comparison>([
  ['StringEquals', { matches: sameText, negated: false }],
  ['StringNotEquals', { matches: sameText, negated: true }],
  ['StringLike', { matches: like, negated: false }],
  ['StringNotLike', { matches: like, negated: true }],
  ['ArnEquals', { matches: arnLike, negated: false }],
  ['ArnLike', { matches: arnLike, negated: false }],
  ['ArnNotLike', { matches: arnLike, negated: true }],
  ['Bool', { matches: sameText, negated: false }],
]);

function valuesOf(context: Authorization['context'], key: string): readonly string[] {
  // Keys of conditions, tag keys among them, are not case-sensitive; their values are.
  const found = Object.entries(context).find(([name]) => name.toLowerCase() === key.toLowerCase());
  return found?.[1] ?? [];
}

const USER_ID = '${aws:userid}';

function withVariables(value: string, context: Authorization['context']): string | undefined {
  if (!value.includes('${')) return value;
  const [userId] = valuesOf(context, 'aws:userid');
  if (value.replace(USER_ID, '').includes('${')) throw new Error(`the variable in ${value} is not understood`);
  return userId === undefined ? undefined : value.replace(USER_ID, () => userId);
}

/** Whether one key of one condition operator holds. */
function holds(operator: string, key: string, wanted: readonly string[], context: Authorization['context']): boolean {
  const values = valuesOf(context, key);
  if (operator === 'Null') return wanted.every((absent) => (absent === 'true') === (values.length === 0));
  const colon = operator.indexOf(':');
  const set = colon < 0 ? undefined : operator.slice(0, colon);
  const plain = operator.slice(colon + 1);
  const ifExists = plain.endsWith('IfExists');
  const comparison = COMPARISONS.get(plain.replace(/IfExists$/u, ''));
  if (comparison === undefined || (set !== undefined && set !== 'ForAllValues' && set !== 'ForAnyValue'))
    throw new Error(`the condition operator ${operator} is not understood`);
  if (values.length === 0 && ifExists) return true;
  // A variable of which the request says nothing is no value: the condition does not hold.
  const known = wanted.flatMap((one) => withVariables(one, context) ?? []);
  const passes = (value: string): boolean => known.some((one) => comparison.matches(one, value)) !== comparison.negated;
  if (set === 'ForAllValues') return values.every(passes);
  if (set === 'ForAnyValue') return values.some(passes);
  if (values.length > 1) throw new Error(`${key} has several values: ${operator} needs ForAllValues or ForAnyValue`);
  return values.length === 0 ? comparison.negated : values.every(passes);
}

/** Whether a statement speaks of this request: action, resource and every condition. */
export function applies(statement: PolicyStatement, { action, resource, context }: Authorization): boolean {
  return (
    statement.Action.some((one) => like(one.toLowerCase(), action.toLowerCase())) &&
    statement.Resource.some((one) => one === '*' || arnLike(one, resource)) &&
    Object.entries(statement.Condition).every(([operator, keys]) =>
      Object.entries(keys).every(([key, wanted]) => holds(operator, key, wanted, context)),
    )
  );
}

/** An explicit Deny wins, then any Allow; nothing said means no. */
export function evaluate(statements: readonly PolicyStatement[], authorization: Authorization): Verdict {
  const spoken = statements.filter((statement) => applies(statement, authorization));
  const by = spoken.filter(({ Effect }) => Effect === 'Allow').map(({ Sid }) => Sid);
  return { allowed: by.length > 0 && by.length === spoken.length, by };
}
