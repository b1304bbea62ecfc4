/** What is wrong with a kubeconfig or its credentials, in one line that says what to do about it. Carries no secret and no cause. */
export class KubeConfigError extends Error {
  override readonly name = 'KubeConfigError';
}

/** A user of a kubeconfig, as far as errors speak of it. */
export interface NamedUser {
  readonly name: string;
  readonly exec?: { readonly command?: string } | null;
}

export function unreadable(file: string, error: unknown): KubeConfigError {
  return new KubeConfigError(
    `cannot read the kubeconfig ${file} (${codeOf(error)}): give the path of a readable one with --kubeconfig or in KUBECONFIG`,
  );
}

/** Never the parser's own text: it quotes the lines around the fault, and with them keys and tokens. */
export function malformed(file: string, error: unknown): KubeConfigError {
  const { name, mark, message } = error as { name?: string; mark?: { line?: number }; message?: string };
  const isFieldFault = /^(clusters|users|contexts)\[\d+\]\S* is missing$/.test(message ?? '');
  const fault =
    name === 'YAMLException'
      ? `it is no valid YAML near line ${(mark?.line ?? 0) + 1}`
      : isFieldFault
        ? message
        : 'it is empty or no kubeconfig';
  return new KubeConfigError(`the kubeconfig ${file} cannot be used: ${fault}; correct the file`);
}

/** Why there are no credentials: of a failed plugin its first words, but of its answer nothing. */
export function withoutCredentials(user: NamedUser | null, error: unknown): KubeConfigError {
  const { path, syscall } = error as { path?: string; syscall?: string };
  const plugin = user?.exec?.command;
  if (plugin === undefined) {
    if (path !== undefined) {
      return new KubeConfigError(
        `cannot read ${path} (${codeOf(error)}), which the kubeconfig names: put it there or correct the path`,
      );
    }
    return new KubeConfigError(
      `no credentials for user "${user?.name}" of the kubeconfig: correct the user, or log in again`,
    );
  }
  if (syscall?.startsWith('spawn') === true) {
    return new KubeConfigError(
      `the credential plugin "${plugin}" cannot be started (${codeOf(error)}): install it, or put it on PATH`,
    );
  }
  // Only what it wrote to stderr arrives as a plain Error; a SyntaxError or TypeError may quote its answer.
  const said =
    error instanceof Error && error.name === 'Error' ? (error.message.trim().split('\n')[0] ?? '').slice(0, 200) : '';
  const reason = said === '' ? 'gave nothing usable' : `failed (${said})`;
  return new KubeConfigError(`the credential plugin "${plugin}" ${reason}: run it by hand, or log in again`);
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : 'unknown error';
}
