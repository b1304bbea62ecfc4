import { permissionsPage } from '../providers/gcp/iam/role.ts';
import { optionsPage } from '../src/config/help.ts';
import {
  annotations,
  announcementObstacles,
  conditionReasons,
  conditionTypes,
  eventReasons,
} from '../src/plan/words.ts';
import { checks } from '../src/provider/conformance.ts';
import { providerErrors } from '../src/provider/provider-error.ts';
import { metricsPage } from '../src/telemetry/metric-table.ts';
import { code, table } from './markdown.ts';

/** File name → text of every page in docs/reference. A test holds the files equal to this. */
export function referencePages(): Readonly<Record<string, string>> {
  const pages = {
    'options.md': optionsPage(),
    'metrics.md': metricsPage(),
    'annotations.md': annotationsPage(),
    'conditions.md': conditionsPage(),
    'events.md': eventsPage(),
    'announcing.md': announcingPage(),
    'errors.md': errorsPage(),
    'conformance.md': conformancePage(),
    'gcp-permissions.md': permissionsPage(),
  };
  return Object.fromEntries(Object.entries(pages).map(([name, text]) => [name, `${note}\n\n${text}`]));
}

const note = '<!-- Printed from the tables in src by `node docs/print-reference.ts`: change them, not this page. -->';

function annotationsPage(): string {
  const rows = Object.values(annotations).map(({ key, help }) => [code(key), help]);
  const intro = 'On a Service. A provider’s own annotations are on its page.';
  return page('Annotations', intro, table(['annotation', 'meaning'], rows));
}

function conditionsPage(): string {
  const types = Object.values(conditionTypes).map(({ type, help }) => [code(type), help]);
  const reasons = Object.entries(conditionReasons).map(([reason, help]) => [code(reason), help]);
  const intro = 'In `status.conditions` of a Service.';
  return page(
    'Conditions',
    intro,
    table(['type', 'meaning'], types),
    '## Reasons',
    table(['reason', 'meaning'], reasons),
  );
}

function eventsPage(): string {
  const rows = Object.entries(eventReasons).map(([reason, help]) => {
    const [, type = '', meaning = ''] = /^(Normal|Warning): (.*)$/.exec(help) ?? [];
    return [code(reason), type, sentence(meaning)];
  });
  const intro = 'On a Service, where nothing else is said. A provider’s warnings add reasons of their own.';
  return page('Events', intro, table(['reason', 'type', 'meaning'], rows));
}

function announcingPage(): string {
  const rows = Object.entries(announcementObstacles).map(([reason, help]) => [code(reason), help]);
  const intro =
    'Why a node may not announce an address: `status.refusals` of its Speaker object, and Events `NobodyAnnounces`. What the provider itself finds on a node adds reasons of its own.';
  return page('Announcing', intro, table(['reason', 'meaning'], rows));
}

function errorsPage(): string {
  const rows = Object.entries(providerErrors).map(([name, { meaning, core }]) => [code(name), meaning, core]);
  const other = ['anything else', 'Unknown or transient.', 'Exponential back-off with jitter; the cause is logged.'];
  return page(
    'Provider errors',
    'The `code` of a `ProviderError`.',
    table(['code', 'meaning', 'what fairlead does'], [...rows, other]),
  );
}

function conformancePage(): string {
  const rows = checks.map(({ name, hooks, traits }) => [name, hooks.map(code).join(', '), traits.map(code).join(', ')]);
  const intro =
    'What `fairlead/conformance` judges. A check whose hook or trait is missing is reported as skipped, by name.';
  return page(
    'Conformance',
    intro,
    table(['a provider', 'needs of the test’s world', 'judged where the provider'], rows),
  );
}

function page(title: string, ...parts: readonly string[]): string {
  return `${[`# ${title}`, ...parts].join('\n\n')}\n`;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
