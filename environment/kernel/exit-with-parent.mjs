const pollMilliseconds = 2000;

/** Ends this process when the one that started it is gone, which then could not shut it down. */
export function exitWithParent() {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(1);
  }, pollMilliseconds).unref();
}
