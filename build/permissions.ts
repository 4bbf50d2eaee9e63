/** Writes the table of permissions into SECURITY.md: `npm run permissions`. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './cloudformation.ts';
import {
  conditionKeys,
  enforcement,
  operatorStatements,
  readFunctionFile,
  rolesOf,
  type Role,
  type Statement,
} from './function-file.ts';

/** The page with the table, relative to the root. */
export const SECURITY_PAGE = 'SECURITY.md';

const BEGIN = '<!-- permissions: written by npm run permissions -->';
const END = '<!-- end of permissions -->';

function resourceText(resource: Statement['Resource'][number]): string {
  if (typeof resource === 'string') return resource === '*' ? 'every resource' : resource;
  const sub = resource['Fn::Sub'];
  if (typeof sub === 'string')
    return sub.replace(
      /^arn:\$\{AWS::Partition\}:([\w-]+):(?:\$\{AWS::Region\}|us-east-1):\$\{AWS::AccountId\}:/u,
      '$1 ',
    );
  const att = resource['Fn::GetAtt'];
  return Array.isArray(att) ? String(att[0]) : JSON.stringify(resource);
}

/** What the deployment derives from parameters, in the words of the page. */
const DERIVED: { readonly [variable: string]: string } = { '${deploy:vpcArns}': 'each VPC of `--param vpcId`' };

function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.map(valueText).join(', ');
  if (typeof value === 'string') return DERIVED[value] ?? value;
  const sub: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'Fn::Sub') : undefined;
  return typeof sub === 'string' ? sub.replace(/^arn:.*\$\{AWS::AccountId\}:/u, '') : JSON.stringify(value);
}

function row(whose: string, statement: Statement): string {
  const conditions = [...conditionKeys(statement)].map(([key, value]) => `\`${key}\` = ${valueText(value)}`);
  const cells = [
    whose,
    statement.Action.map((action) => `\`${action}\``).join(' '),
    statement.Resource.map(resourceText).join(', '),
    conditions.join('; '),
    enforcement(statement.Sid) ?? '',
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** Whose role it is, in the words of the table. */
function holder(runbook: string, { principals }: Role): string {
  return principals.includes('lambda.amazonaws.com') ? runbook : `${runbook} (schedule)`;
}

/** The table of every statement of every role, in the order of the files, and of the policy of people on call. */
export function permissionsTable(): string {
  const rows = readdirSync(join(ROOT, 'functions'))
    .toSorted()
    .flatMap((name) =>
      rolesOf(readFunctionFile(name)).flatMap((role) =>
        role.statements.map((statement) => row(holder(name, role), statement)),
      ),
    );
  const ofPeople = operatorStatements().map((statement) => row('people on call', statement));
  return ['| role of | may | on | only if | opt-in enforced by |', '|---|---|---|---|---|', ...rows, ...ofPeople].join(
    '\n',
  );
}

/** The page with `table` between its two marks. Throws when a mark is missing. */
export function withTable(page: string, table: string): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`${SECURITY_PAGE}: expected the marks "${BEGIN}" and "${END}"`);
  return `${page.slice(0, begin + BEGIN.length)}\n\n${table}\n\n${page.slice(end)}`;
}

if (import.meta.main) {
  const path = join(ROOT, SECURITY_PAGE);
  writeFileSync(path, withTable(readFileSync(path, 'utf8'), permissionsTable()));
}
