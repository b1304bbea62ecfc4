const plainIntervalMs = 20_000;

/**
 * Says on stderr what is being done and for how long: a line that counts seconds on a terminal; elsewhere, as in a CI log,
 * a line now and then.
 * @template Result
 * @param {string} label
 * @param {() => Promise<Result>} work
 * @returns {Promise<Result>}
 */
export async function withProgress(label, work) {
  const started = performance.now();
  const { stderr } = process;
  const [before, after] = stderr.isTTY ? ['\r', ''] : ['', '\n'];
  const show = () => stderr.write(`${before}${label}: ${Math.round((performance.now() - started) / 1000)} s${after}`);
  stderr.write(stderr.isTTY ? label : `${label}\n`);
  const timer = setInterval(show, stderr.isTTY ? 1_000 : plainIntervalMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    show();
    if (stderr.isTTY) stderr.write('\n');
  }
}
