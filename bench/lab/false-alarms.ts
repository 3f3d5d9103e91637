/**
 * What thresholds promise and what they keep: splits the scores of good images at random into those that a threshold is
 * set from and those that its false alarms are counted on. Also what the largest score alone would do: a .99 quantile of few images.
 *
 *   stfpm predict RUN GOOD --out JUDGED
 *   node -r ./test/register.cjs bench/lab/false-alarms.ts JUDGED/judgements.jsonl
 */
import * as fs from 'node:fs';
import { isDefective, promiseOf, thresholdFromGood } from '../../src/lib/anomaly-map/threshold';
import { clopperPearson } from '../../src/lib/statistics/clopper-pearson';
import { Random } from '../../src/lib/random/random';

const SPLITS = 20;

const scores = fs
  .readFileSync(process.argv[2], 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as { type: string; score?: number })
  .flatMap(({ type, score }) => (type === 'image' && score !== undefined ? [score] : []));

console.log(
  '| rate | set from | measured rate, mean of 20 (least to most) | promised, on average | largest score | intervals agree |',
);
console.log('| --- | --- | --- | --- | --- | --- |');
for (const rate of [0.05, 0.01]) {
  for (const count of [24, 100, 200]) {
    const random = Random.fromSeed(0).fork(`${rate} ${count}`);
    const splits = Array.from({ length: SPLITS }, () => {
      const shuffled = random.shuffle(scores);
      const threshold = thresholdFromGood(
        { scores: shuffled.slice(0, count), peaks: null },
        'held-out',
        rate,
      );
      const fresh = shuffled.slice(count);
      const share = (value: number) =>
        fresh.filter((score) => isDefective(score, value)).length / fresh.length;
      const { expected, interval } = promiseOf(threshold)!;
      const measured = share(threshold.value);
      // Some hundred fresh images know the true rate only within an interval of their own.
      const [low, high] = clopperPearson(Math.round(measured * fresh.length), fresh.length);
      const isInside = high >= interval[0] && low <= interval[1];
      return {
        measured,
        expected,
        isInside,
        largest: share(Math.max(...shuffled.slice(0, count))),
      };
    });
    const mean = (values: number[]) =>
      values.reduce((sum, value) => sum + value, 0) / values.length;
    const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
    const measured = splits.map((split) => split.measured);
    const row = [
      `${100 * rate} %`,
      `${count} of ${scores.length}`,
      `${percent(mean(measured))} (${percent(Math.min(...measured))} to ${percent(Math.max(...measured))})`,
      `at most ${percent(mean(splits.map(({ expected }) => expected)))}`,
      percent(mean(splits.map(({ largest }) => largest))),
      `${splits.filter(({ isInside }) => isInside).length} of ${SPLITS}`,
    ];
    console.log(`| ${row.join(' | ')} |`);
  }
}
