import type { Command } from 'commander';
import pc from 'picocolors';
import { examine } from '../doctor/examination';
import type { Finding, FindingGroup } from '../doctor/finding';
import { print } from '../terminal/say';

const MORE = `
The exit code is 0 if training is possible, even without a data set or weights:
synthetic images and the embedded teacher stand in for them.

Examples:
  stfpm doctor
  stfpm doctor --json | jq .ready`;

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description(
      'say what is installed, what it runs on, which data and weights are found, and what is missing',
    )
    .option('--data <folder>', 'data set to look at (default: MVTEC_AD_ROOT)')
    .option(
      '--weights <file>',
      'weights to look at (default: RESNET18_WEIGHTS, else downloaded ones)',
    )
    .option('--json', 'print the findings as JSON, and nothing else')
    .addHelpText('after', MORE)
    .action(doctor);
}

/** The options of `stfpm doctor`. */
export interface DoctorOptions {
  data?: string;
  weights?: string;
  json?: boolean;
}

/** `stfpm doctor` */
async function doctor(options: DoctorOptions): Promise<void> {
  const groups = await examine(options);
  const missing = groups
    .flatMap(({ findings }) => findings)
    .filter(({ state }) => state === 'missing');
  if (options.json) {
    print(JSON.stringify(asJson(groups, missing.length === 0), null, 2));
  } else {
    print(asText(groups));
    if (missing.length === 0) print('\nTraining is possible.');
  }
  if (missing.length > 0) {
    const what = missing.map((finding) => finding.what).join(', ');
    throw new Error(`Training is not possible yet; see: ${what}.`);
  }
}

function asJson(groups: FindingGroup[], ready: boolean): object {
  const sections = groups.map(({ title, findings }) => [
    title.toLowerCase(),
    Object.fromEntries(
      findings.map(({ what, state, details, advice }) => [
        what,
        { state, ...details, ...(advice ? { advice } : {}) },
      ]),
    ),
  ]);
  return { ready, ...Object.fromEntries(sections) };
}

const MARKS: Record<Finding['state'], string> = {
  ok: pc.green('✓'),
  note: ' ',
  absent: pc.yellow('○'),
  missing: pc.red('✗'),
};

function asText(groups: FindingGroup[]): string {
  const findings = groups.flatMap((group) => group.findings);
  const width = Math.max(...findings.map(({ what }) => what.length));
  const indent = `\n${' '.repeat(width + 6)}`;
  return groups
    .map(({ title, findings: list }) => {
      const lines = list.map(({ what, state, found, advice }) => {
        const text = advice ? `${found}\n${pc.dim('→')} ${advice}` : found;
        return `  ${MARKS[state]} ${what.padEnd(width)}  ${text.split('\n').join(indent)}`;
      });
      return [pc.bold(title), ...lines].join('\n');
    })
    .join('\n\n');
}
