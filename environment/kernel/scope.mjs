// The variables and types of the cells that have run, each with the meaning that it had last. The compiler looks for a name
// in the file that a cell is, then in the file's parent: that is a scope. So earlier cells are not put into words for later
// ones, and nothing of a type gets lost on the way; what a cell declares hides what earlier cells have called the same.
import { ts } from './tslab.mjs';

/** With members that only the compiler itself is meant to use. @typedef {any} Internal */
/** @typedef {import('typescript').Symbol} Symbol */

/**
 * @typedef {object} ImportedName
 * @property {string} name of the variable
 * @property {string} imported in the module: `*` for all of it
 * @property {string} from the module, as it was written
 */

/** Does not change: after a cell there is another one. */
export class Scope {
  /**
   * @param {Map<string, Symbol>} [values] variables, functions, classes, enums and what was imported, by name
   * @param {Map<string, Symbol>} [types] what is a type and nothing else, and what is only declared
   */
  constructor(values = new Map(), types = new Map()) {
    this.values = values;
    this.types = types;
  }

  /**
   * @param {Map<string, Symbol>} declared by a cell
   * @param {(symbol: Symbol) => boolean} isValue
   * @param {Set<string>} lost names of values that the cell has not come to declare
   * @returns {Scope} the one after the cell
   */
  after(declared, isValue, lost) {
    const values = new Map(this.values);
    const types = new Map(this.types);
    for (const [name, symbol] of declared) {
      if (lost.has(name)) continue;
      if (!isValue(symbol)) types.set(name, symbol);
      else {
        values.set(name, symbol);
        // A class or an import is both; and `declare` may have said that there is a value somewhere else.
        if (meanings(symbol) === 3 || meanings(types.get(name)) & 1) types.delete(name);
      }
    }
    return new Scope(values, types);
  }

  /** @returns {ImportedName[]} */
  get imports() {
    return [...this.values].flatMap(([name, { declarations = [] }]) => {
      const found = declarations.map((one) => importOf(name, one));
      return found.filter((one) => one !== null);
    });
  }

  /**
   * Puts a cell into the scope, without what it declares anew: so a cell that runs again and again does not hold all that
   * it was before.
   *
   * @param {Internal} file the cell
   */
  enclose(file) {
    // The types first: of what is both, as a class is, there may be a later type.
    const outer = scopeFile(this.values, file.locals);
    const inner = scopeFile(this.types, file.locals);
    inner.parent = outer;
    file.parent = inner;
  }
}

/**
 * @param {Map<string, Symbol>} symbols
 * @param {Map<string, Symbol>} own what the cell declares
 * @returns {Internal} a file in which they are declared
 */
function scopeFile(symbols, own) {
  /** @type {Internal} */
  const file = ts.createSourceFile('scope.ts', 'export {}', ts.ScriptTarget.ES2022);
  /** @type {Internal} */ (ts).bindSourceFile(file, {});
  file.locals = new Map(
    [...symbols].filter(([name, symbol]) => (meanings(symbol) & ~meanings(own.get(name))) !== 0),
  );
  return file;
}

/** @param {Symbol | undefined} symbol */
function meanings(symbol) {
  const { Value, Type, Namespace, Alias } = ts.SymbolFlags;
  const flags = symbol?.flags ?? 0;
  return flags & Alias ? 3 : (flags & Value ? 1 : 0) | (flags & (Type | Namespace) ? 2 : 0);
}

/**
 * @param {string} name
 * @param {import('typescript').Declaration} declaration
 * @returns {ImportedName | null} null where it was not imported
 */
function importOf(name, declaration) {
  const clause = ts.findAncestor(declaration, ts.isImportClause);
  if (clause === undefined || !ts.isStringLiteral(clause.parent.moduleSpecifier)) return null;
  const from = clause.parent.moduleSpecifier.text;
  if (declaration === clause) return { name, imported: 'default', from };
  if (!ts.isImportSpecifier(declaration)) return { name, imported: '*', from };
  return { name, imported: (declaration.propertyName ?? declaration.name).text, from };
}
