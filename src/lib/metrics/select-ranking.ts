import type { Ranking } from './ranking';

/**
 * The ranking of a part of the scores, taken from that of all of them in one pass, without
 * sorting again.
 *
 * @param keep for each score, 0 to leave it out
 */
export function selectRanking(ranking: Ranking, keep: Uint8Array): Ranking {
  const order = new Uint32Array(ranking.order.length);
  const groupEnds = new Uint32Array(ranking.groupEnds.length);
  let kept = 0;
  let groups = 0;
  let k = 0;
  for (let group = 0; group < ranking.groupEnds.length; group++) {
    const end = ranking.groupEnds[group];
    const before = kept;
    for (; k < end; k++) {
      const index = ranking.order[k];
      if (keep[index] !== 0) order[kept++] = index;
    }
    if (kept > before) groupEnds[groups++] = kept;
  }
  return { order: order.slice(0, kept), groupEnds: groupEnds.slice(0, groups) };
}
