/**
 * What serverless.yml takes of each runbook: `${file(deploy/standard.js):runbooks.NAME.function}` and `….resources`, of all together `….js):shared}`, and `….js):dashboard}`
 * where the stack is to have one.
 * The framework loads variable files only by the names .js and .cjs; the work is done in deploy/standard/.
 */
export { dashboard, runbooks, shared } from './standard/runbooks.ts';
