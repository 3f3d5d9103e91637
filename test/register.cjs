// Lets Node load TypeScript, for the tests, the benchmarks and the making of the embedded teacher:
// `node -r ./test/register.cjs FILE.ts`. What the lab itself runs is compiled by its build.
//
// tsx would keep what it compiles in a folder of the temporary files, and run what it finds there,
// whoever put it there; here and in the processes started from here it does not.
process.env.TSX_DISABLE_CACHE = '1';
// @ts-expect-error tsx has no types of its own
require('tsx/cjs');
