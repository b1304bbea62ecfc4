/** One import or re-export of a module. */
export interface Import {
  readonly specifier: string;
  /** Nothing of it is left when the types are stripped. */
  readonly typeOnly: boolean;
  /** `import(…)` with a literal. */
  readonly dynamic: boolean;
}

/** Every import in TypeScript source, comments left out. Imports whose specifier is computed are not seen. */
export function readImports(source: string): readonly Import[] {
  const code = withoutComments(source);
  const statements = [...code.matchAll(/^[ \t]*(?:import|export)\b([^'";]*?)(?:\bfrom\s*)?(['"])([^'"\n]+)\2/gm)];
  const calls = [...code.matchAll(/\bimport\(\s*(['"])([^'"\n]+)\1/g)];
  return [
    ...statements
      .filter(([text, clause = '']) => clause.trim() === '' || /\bfrom\s*['"]/.test(text))
      .map(([, clause = '', , specifier = '']) => ({ specifier, typeOnly: isTypeOnly(clause), dynamic: false })),
    ...calls.map(([, , specifier = '']) => ({ specifier, typeOnly: false, dynamic: true })),
  ];
}

/** `import type …`, or braces in which every name is marked `type`. */
function isTypeOnly(clause: string): boolean {
  if (/^\s*type\b(?!\s*,|\s*from)/.test(clause)) return true;
  const names = /^\s*\{([^}]*)\}\s*$/
    .exec(clause)?.[1]
    ?.split(',')
    .filter(name => name.trim() !== '');
  return names !== undefined && names.length > 0 && names.every(name => /^\s*type\s/.test(name));
}

/** Comments blanked out; strings and templates kept, regular expressions taken as code. */
export function withoutComments(source: string): string {
  const tokens = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;
  return source.replaceAll(tokens, token => (token.startsWith('/*') || token.startsWith('//') ? ' ' : token));
}

/** Comments and the insides of plain strings blanked out: what is left of a word is code. */
export function codeOf(source: string): string {
  return withoutComments(source).replaceAll(/'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g, "''");
}
