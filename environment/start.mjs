// npm start: the set-up, the notebooks on the paper, the paper's figures and the report. What is finished is
// not done again, so that a second start only draws. `npm start -- 01 --in-place` runs the
// notebooks alone; see run-notebooks.py.
import nodeVersion from './node-version.cjs';

nodeVersion.requireNodeVersion();
void import('./start/main.mjs').then((main) => main.start(process.argv.slice(2)));
