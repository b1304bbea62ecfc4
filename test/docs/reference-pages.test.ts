import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pagesWithSections } from '../../docs/printed-sections.ts';
import { referencePages } from '../../docs/reference-pages.ts';
import { annotations, conditionReasons, eventReasons } from '../../src/plan/words.ts';

const folder = new URL('../../docs/reference/', import.meta.url);

test.each(Object.entries(referencePages()))(
  '%s is what the tables print: if not, run node docs/print-reference.ts',
  (name, text) => {
    expect(readFileSync(new URL(name, folder), 'utf8')).toBe(text);
  },
);

test.each(Object.entries(pagesWithSections()))(
  '%s has in it what the tables print: if not, run node docs/print-reference.ts',
  (path, text) => {
    expect(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')).toBe(text);
  },
);

test('no page is left that nothing prints', () => {
  expect(readdirSync(folder).toSorted()).toEqual(Object.keys(referencePages()).toSorted());
});

test('every row of a table has a meaning', () => {
  const pages = referencePages();
  for (const { key } of Object.values(annotations)) expect(pages['annotations.md']).toMatch(row(key));
  for (const reason of Object.keys(conditionReasons)) expect(pages['conditions.md']).toMatch(row(reason));
  for (const reason of Object.keys(eventReasons))
    expect(pages['events.md']).toMatch(
      new RegExp(`^\\| \`${reason}\` \\| (?:Normal|Warning) \\| [A-Z].+\\. \\|$`, 'm'),
    );
});

function row(word: string): RegExp {
  return new RegExp(`^\\| \`${word.replaceAll(/[./]/g, '\\$&')}\` \\| .+ \\|$`, 'm');
}
