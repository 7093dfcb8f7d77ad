import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Writes a committed configuration with its `{{name}}` places filled. Throws when a place has no value, so that a renamed place
 * cannot leave a peer with a configuration that nobody meant.
 */
export function fillTemplate(template: URL, target: string, values: Readonly<Record<string, string | number>>): void {
  const filled = readFileSync(template, 'utf8').replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`${template.pathname}: no value for {{${name}}}`);
    return String(value);
  });
  writeFileSync(target, filled);
}
