// mocha's own report, then one line that machines read: `12 passed, 0 failed`.
const { reporters } = require('mocha');

module.exports = class extends reporters.Spec {
  /** @override */
  epilogue() {
    super.epilogue();
    const { passes, failures, pending } = this.stats;
    const skipped = pending > 0 ? `, ${pending} skipped` : '';
    console.log(`${passes} passed, ${failures} failed${skipped}`);
  }
};
