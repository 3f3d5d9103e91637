const SHOWN = 20;

/** "a, b and c", cut after twenty: for messages. */
export function listNames(names: readonly string[]): string {
  if (names.length > SHOWN) {
    return `${names.slice(0, SHOWN).join(', ')} and ${names.length - SHOWN} more`;
  }
  if (names.length < 2) return names.join();
  return `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]}`;
}
