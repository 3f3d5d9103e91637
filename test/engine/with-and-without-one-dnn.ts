/** Runs `body` with oneDNN's own ops switched off. */
export function withoutOneDnn<T>(body: () => T): T {
  const before = process.env.TF_ENABLE_ONEDNN_OPTS;
  process.env.TF_ENABLE_ONEDNN_OPTS = '0';
  try {
    return body();
  } finally {
    process.env.TF_ENABLE_ONEDNN_OPTS = before;
  }
}

/** The same tests with oneDNN's own ops and without them, as on a GPU. */
export function describeWithAndWithoutOneDnn(name: string, body: (isOn: boolean) => void): void {
  for (const isOn of [true, false]) {
    const setting = isOn ? '1' : '0';
    describe(`${name}, TF_ENABLE_ONEDNN_OPTS=${setting}`, () => {
      const before = process.env.TF_ENABLE_ONEDNN_OPTS;
      beforeEach(() => {
        process.env.TF_ENABLE_ONEDNN_OPTS = setting;
      });
      afterEach(() => {
        process.env.TF_ENABLE_ONEDNN_OPTS = before;
      });
      body(isOn);
    });
  }
}
