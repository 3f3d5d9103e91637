/** Runs `body` with oneDNN's own ops switched off. */
export function withoutOneDnn<T>(body: () => T): T {
  const before = process.env.TF_ENABLE_ONEDNN_OPTS;
  process.env.TF_ENABLE_ONEDNN_OPTS = '0';
  try {
    return body();
  } finally {
    restore(before);
  }
}

/** The same tests with oneDNN's own ops and without them, as on a GPU. */
export function describeWithAndWithoutOneDnn(name: string, body: (isOn: boolean) => void): void {
  for (const isOn of [true, false]) {
    const setting = isOn ? '1' : '0';
    describe(`${name}, TF_ENABLE_ONEDNN_OPTS=${setting}`, () => {
      let before: string | undefined;
      beforeEach(() => {
        before = process.env.TF_ENABLE_ONEDNN_OPTS;
        process.env.TF_ENABLE_ONEDNN_OPTS = setting;
      });
      afterEach(() => {
        restore(before);
      });
      body(isOn);
    });
  }
}

/** A variable that was not set must not become the text "undefined". */
function restore(before: string | undefined): void {
  if (before === undefined) delete process.env.TF_ENABLE_ONEDNN_OPTS;
  else process.env.TF_ENABLE_ONEDNN_OPTS = before;
}
