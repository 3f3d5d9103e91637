#!/usr/bin/env node
// The command `stfpm`. Plain JavaScript, so that it can run before the lab is set up.
// @ts-check
'use strict';
require('../../environment/node-version.cjs').requireNodeVersion();
void require('../../environment/launch.cjs').launch(process.argv.slice(2));
