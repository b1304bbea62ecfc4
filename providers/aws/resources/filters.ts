/**
 * Filters as EC2's describes take them: all must fit. Pure.
 *
 * | given                                       | →                                                     |
 * |---------------------------------------------|-------------------------------------------------------|
 * | `{ 'vpc-id': ['vpc-1'], 'group-id': undefined }` | `vpc-id` in (vpc-1)                              |
 * | tags `{ a: ['x', 'y'] }`                    | `tag:a` in (x, y)                                     |
 * | tags `{ a: [] }`                            | `tag-key` in (a)                                      |
 */
export function toFilters(
  fields: Readonly<Record<string, readonly string[] | undefined>>,
  tags: Readonly<Record<string, readonly string[]>> = {},
): { Name: string; Values: string[] }[] {
  const asked = Object.entries(fields).flatMap(([Name, values]) =>
    values === undefined ? [] : [{ Name, Values: [...values] }],
  );
  const tagged = Object.entries(tags).map(([key, values]) =>
    values.length === 0 ? { Name: 'tag-key', Values: [key] } : { Name: `tag:${key}`, Values: [...values] },
  );
  return [...asked, ...tagged];
}
