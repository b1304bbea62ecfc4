import { UserError } from './errors.mjs';
import { spawnGuarded } from './guarded-process.mjs';
import { withProgress } from './progress.mjs';

const [headLines, tailLines] = [8, 25];

/**
 * Runs a command that takes its time: shows what runs and for how long; its output only when it fails.
 * @param {string} label what is done, for people: "Building etcd"
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<string>} its standard output
 */
export async function runLong(label, command, args, options = {}) {
  const { code, stdout, output } = await withProgress(label, () => collected(command, args, options));
  if (code === 0) return stdout;
  throw new UserError(`${label} failed (${[command, ...args].join(' ')}):\n${ends(output)}`);
}

/**
 * The end of an output, where compilers say what is wrong, and its beginning, where npm does.
 * @param {string} output
 */
function ends(output) {
  const lines = output.trimEnd().split('\n');
  if (lines.length <= headLines + tailLines) return lines.join('\n');
  return [...lines.slice(0, headLines), '…', ...lines.slice(-tailLines)].join('\n');
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 * @returns {Promise<{ code: number | null, stdout: string, output: string }>} `output` is both streams, interleaved
 */
function collected(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawnGuarded(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, output] = ['', ''];
    child.stdout?.setEncoding('utf8').on('data', text => {
      stdout += text;
      output += text;
    });
    child.stderr?.setEncoding('utf8').on('data', text => {
      output += text;
    });
    child.once('error', reject);
    child.once('close', code => resolve({ code, stdout, output }));
  });
}
