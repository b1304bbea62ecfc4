import { type Command, commands, envOf, flagOf, type Option } from './option.ts';
import { optionEntries, takes } from './options.ts';

/** The text of `fairlead --help`, or of `fairlead <command> --help`. */
export function helpText(command?: Command): string {
  if (command === undefined) {
    const lines = Object.entries(commands).map(([name, help]) => `  ${name.padEnd(12)}${help}`);
    return [
      'fairlead: working addresses for Kubernetes Services of type LoadBalancer',
      '',
      'Usage: fairlead <command> [options]',
      '',
      ...lines,
      '',
      'fairlead <command> --help shows the options.',
      '',
    ].join('\n');
  }
  const argument = optionEntries.find(([, option]) => option.argumentOf === command)?.[1].placeholder;
  const usage = ['Usage: fairlead', command, ...(argument === undefined ? [] : [argument]), '[options]'].join(' ');
  const lines = [`fairlead ${command}: ${commands[command]}`, '', usage];
  for (const [group, entries] of grouped(([, option]) => takes(command, option))) {
    lines.push('', group, ...entries.flatMap(([key, option]) => optionLines(key, option)));
  }
  return `${lines.join('\n')}\n`;
}

function optionLines(key: string, option: Option<unknown>): readonly string[] {
  const isArgument = option.argumentOf !== undefined;
  const notes = `${option.repeatable ? 'Repeatable. ' : ''}Default: ${option.defaultText || 'none'}. ${envOf(key)}`;
  return [
    isArgument ? `  ${option.placeholder}` : `  ${flagOf(key)} ${option.placeholder}`.trimEnd(),
    ...wrapped(isArgument ? option.help : `${option.help} ${notes}`, 92).map(line => `      ${line}`),
  ];
}

function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

type Entry = (typeof optionEntries)[number];

function grouped(wanted: (entry: Entry) => boolean): ReadonlyMap<string, readonly Entry[]> {
  return Map.groupBy(optionEntries.filter(wanted), ([, option]) => option.group);
}

/** docs/reference/options.md. */
export function optionsPage(): string {
  const lines = [
    '# Options',
    '',
    'A flag wins over its variable. A repeatable option takes one value a line in its variable. Durations: `500ms`, `90s`, `10m`, `1h30m`.',
  ];
  for (const [group, entries] of grouped(() => true)) {
    lines.push(
      '',
      `## ${group}`,
      '',
      '| flag, variable | default | what it does | commands |',
      '|---|---|---|---|',
      ...entries.map(([key, option]) => row(key, option)),
    );
  }
  return `${lines.join('\n')}\n`;
}

function row(key: string, option: Option<unknown>): string {
  if (option.argumentOf !== undefined)
    return `| \`${option.placeholder}\` | ${option.defaultText} | ${option.help} | ${option.argumentOf} |`;
  const flag = `\`${`${flagOf(key)} ${option.placeholder}`.trimEnd()}\``.replaceAll('|', '\\|');
  const also = option.alsoEnv === undefined ? '' : `, else \`${option.alsoEnv}\``;
  const help = `${option.help}${option.repeatable ? ' Repeatable.' : ''}`.replaceAll('|', '\\|');
  return `| ${flag}<br>\`${envOf(key)}\`${also} | ${option.defaultText || 'none'} | ${help} | ${(option.commands ?? ['controller']).join(', ')} |`;
}
