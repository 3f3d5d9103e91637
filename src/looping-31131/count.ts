export async function count(counter: { rounds: number; closed: boolean }) {
  try {
    for (;;) {
      await new Promise((done) => setTimeout(done, 10));
      counter.rounds++;
    }
  } finally {
    counter.closed = true;
  }
}
export async function countUntil(signal: AbortSignal) {
  while (!signal.aborted) await new Promise((done) => setTimeout(done, 10));
  for (let i = 0; i < 10; i++) await new Promise((done) => setTimeout(done, 10));
  console.log('saved');
}