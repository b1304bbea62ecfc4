/** Words that YAML reads as something else than a text. */
const reserved = /^(?:true|false|yes|no|on|off|y|n|null|~|)$/i;
const plain = /^[A-Za-z][\w./-]*$/;

/** JSON-like values as YAML that every reader understands alike: texts that could be anything else are quoted. Pure. */
export function toYaml(value: unknown, indent = ''): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]\n';
    return value.map(one => `${indent}- ${nested(one, `${indent}  `).trimStart()}`).join('');
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, one]) => one !== undefined);
    if (entries.length === 0) return '{}\n';
    return entries
      .map(([key, one]) => `${indent}${scalar(key)}:${isInline(one) ? ' ' : '\n'}${nested(one, `${indent}  `)}`)
      .join('');
  }
  return `${scalar(value)}\n`;
}

function nested(value: unknown, indent: string): string {
  return isInline(value) ? toYaml(value) : toYaml(value, indent);
}

function isInline(value: unknown): boolean {
  return typeof value !== 'object' || value === null || Object.keys(value).length === 0;
}

function scalar(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  return plain.test(value) && !reserved.test(value) ? value : JSON.stringify(value);
}
