// npm run setup [-- --gpu | --cpu]: makes this checkout a working lab. Plain JavaScript, since it
// runs before any package is installed. Every other npm command runs it first.
import nodeVersion from './node-version.cjs';

nodeVersion.requireNodeVersion();
// Loaded only now: an old Node could not even read it.
void import('./setup/main.mjs').then((main) => main.setUpFromCommandLine());
