import { enableCompileCache } from 'node:module';
import { UserError } from './cli/user-error.ts';
import { chooseCommand } from './config/choose-command.ts';
import { helpText } from './config/help.ts';
import type { Command } from './config/option.ts';
import type { Config } from './config/options.ts';
import { parseConfig } from './config/parse-config.ts';

/** Exit codes: 0 done, 1 failed or replaced by another leader, 2 wrong use or a cluster that cannot be reached. */
type ExitCode = 0 | 1 | 2;

/** One role per subcommand, each loaded only when chosen. */
const roles: Readonly<Record<Command, (config: Config, argv: readonly string[]) => Promise<ExitCode>>> = {
  controller: async config => (await import('./cli/run-controller.ts')).runController(config),
  speaker: async config => (await import('./cli/run-speaker.ts')).runSpeaker(config),
  drain: async config => (await import('./cli/drain.ts')).drain(config),
  migrate: async config => (await import('./cli/migrate-metallb/migrate-metallb.ts')).migrateMetallb(config),
  uninstall: async config => (await import('./cli/uninstall.ts')).uninstall(config),
  destroy: async config => (await import('./cli/destroy/destroy.ts')).destroy(config),
  demo: async (_, argv) => (await import('./cli/demo.ts')).demo(argv),
  version: async () => (await import('./cli/version.ts')).printVersion(),
};

async function main(argv: readonly string[]): Promise<ExitCode> {
  const choice = chooseCommand(argv);
  if (choice.kind === 'help') {
    process.stdout.write(helpText(choice.command));
    return 0;
  }
  if (choice.kind === 'error') return refuse([choice.message]);
  const parsed = parseConfig(choice.command === 'demo' ? [] : choice.argv, process.env, choice.command);
  if (!parsed.ok) return refuse(parsed.errors);
  try {
    return await roles[choice.command](parsed.config, choice.argv);
  } catch (error) {
    if (error instanceof UserError) return refuse([error.message]);
    throw error;
  }
}

function refuse(errors: readonly string[]): ExitCode {
  for (const error of errors) process.stderr.write(`fairlead: ${error}\n`);
  return 2;
}

enableCompileCache();
process.exitCode = await main(process.argv.slice(2));
