/** The packaged template, parsed. */

import { readFileSync } from 'node:fs';
import { packageTemplate } from '../../build/packaged-template.ts';
import { templateSchema, type Template } from './iam/template.ts';

export { PACKAGING_TIMEOUT_MS } from '../../build/packaged-template.ts';

/** The stack as it is by default, which is said: then its code is not bundled, for that is what `npm run package` does. */
export const DEFAULTS: readonly string[] = ['approval=never'];

/** The template that would be deployed, with these parameters of the stack. */
export async function packagedTemplate(parameters: readonly string[] = []): Promise<Template> {
  return templateSchema.parse(JSON.parse(readFileSync(await packageTemplate(parameters), 'utf8')));
}
