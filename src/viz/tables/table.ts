import { JUPYTER_DISPLAY, type MimeBundle } from '../display/mime-bundle';

/** A cell: text, a number, or nothing known, which shows as "n/a". */
export type Cell = string | number | null | undefined;

export interface TableColumn {
  title: string;
  /** Default: numbers to the right, text to the left. */
  align?: 'left' | 'right';
  /** Digits after the point. Default 4; whole-number columns give 0. */
  digits?: number;
  /** Which number of the column to set in bold; the rounded numbers decide. Default none. */
  best?: 'highest' | 'lowest';
}

export interface TableOptions {
  title?: string;
  /** Remarks below the table. */
  notes?: readonly string[];
}

/** A table of results: Markdown for notebooks and reports, aligned text for the terminal. */
export class Table {
  private readonly texts: string[][];

  /**
   * @param rows one array per row, with one cell per column
   * @throws RangeError if a row is longer or shorter
   */
  constructor(
    readonly columns: readonly TableColumn[],
    readonly rows: readonly (readonly Cell[])[],
    private readonly options: TableOptions = {},
  ) {
    rows.forEach((row, i) => {
      if (row.length !== columns.length) {
        throw new RangeError(
          `Table: expected ${columns.length} cells in row ${i + 1}, found ${row.length}`,
        );
      }
    });
    this.texts = rows.map((row) => row.map((cell, column) => cellText(cell, columns[column])));
  }

  toMarkdown(): string {
    const best = this.columns.map((_, column) => this.bestText(column));
    const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
    const table = [
      line(this.columns.map(({ title }) => escapeMarkdown(title))),
      line(
        this.columns.map(({ title }, column) => {
          if (this.alignment(column) === 'right') return '---:';
          // Cells are left-aligned by default; a head would be centred.
          return title === '' ? '---' : ':---';
        }),
      ),
      ...this.texts.map((row) =>
        line(
          row.map((text, column) =>
            text === best[column] ? `**${escapeMarkdown(text)}**` : escapeMarkdown(text),
          ),
        ),
      ),
    ].join('\n');
    const { title, notes = [] } = this.options;
    return [...(title ? [`**${escapeMarkdown(title)}**`] : []), table, ...notes].join('\n\n');
  }

  /** @param head how to set the line of the head, e.g. in bold */
  toText(head: (line: string) => string = (line) => line): string {
    const widths = this.columns.map(({ title }, column) =>
      Math.max(title.length, ...this.texts.map((row) => row[column].length)),
    );
    const line = (cells: readonly string[]): string =>
      cells
        .map((text, column) =>
          this.alignment(column) === 'right'
            ? text.padStart(widths[column])
            : text.padEnd(widths[column]),
        )
        .join('  ')
        .trimEnd();
    const { title, notes = [] } = this.options;
    return [
      ...(title ? [title] : []),
      head(line(this.columns.map((column) => column.title))),
      widths.map((width) => '-'.repeat(width)).join('  '),
      ...this.texts.map(line),
      ...notes,
    ].join('\n');
  }

  [JUPYTER_DISPLAY](): MimeBundle {
    return { 'text/markdown': this.toMarkdown(), 'text/plain': this.toText() };
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toText();
  }

  private alignment(column: number): 'left' | 'right' {
    const isText = this.rows.some((row) => typeof row[column] === 'string');
    return this.columns[column].align ?? (isText ? 'left' : 'right');
  }

  private bestText(column: number): string | undefined {
    const { best } = this.columns[column];
    const known = this.rows
      .map((row) => row[column])
      .filter((cell): cell is number => typeof cell === 'number' && Number.isFinite(cell));
    if (!best || known.length < 2) return undefined;
    const value = best === 'highest' ? Math.max(...known) : Math.min(...known);
    return cellText(value, this.columns[column]);
  }
}

function cellText(cell: Cell, { digits = 4 }: TableColumn): string {
  if (cell === null || cell === undefined) return 'n/a';
  if (typeof cell === 'string') return cell;
  return Number.isFinite(cell) ? cell.toFixed(digits) : 'n/a';
}

function escapeMarkdown(text: string): string {
  // An underscore between letters, as in L_tot, marks no emphasis.
  const special = /[\\|*`<>[\]]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;
  return text.replace(special, '\\$&').replace(/\s*\n\s*/g, ' ');
}
