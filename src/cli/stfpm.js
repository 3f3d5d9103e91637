#!/usr/bin/env node
// The command `stfpm`. Plain JavaScript, so that it can run before the lab is set up.
// @ts-check
'use strict';
const path = require('path');

require('../../environment/node-version.cjs').requireNodeVersion();
void require('../../environment/launch.cjs').launch(
  path.join(__dirname, 'main.ts'),
  process.argv.slice(2),
);
