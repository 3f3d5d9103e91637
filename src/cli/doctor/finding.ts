/** What `stfpm doctor` found of one thing. */
export interface Finding {
  /** The thing, in a word or two. */
  what: string;
  /** `missing`: training is not possible; `absent`: something stands in for it; `note`: nothing to judge. */
  state: 'ok' | 'note' | 'absent' | 'missing';
  /** What was found: versions, numbers, places. */
  found: string;
  /** How to get what is missing. */
  advice?: string;
  /** The same for programs. */
  details: Record<string, unknown>;
}

/** Findings that belong together. */
export interface FindingGroup {
  title: string;
  findings: Finding[];
}

/** The message of whatever was thrown, in one line. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.trim().split('\n')[0];
}
