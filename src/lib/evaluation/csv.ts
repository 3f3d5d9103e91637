/**
 * Rows as comma-separated values: each line ended by a line feed, fields quoted as in RFC 4180 where needed. Numbers
 * have all the digits that it takes to read back the same number.
 */
export function formatCsv(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((fields) => `${fields.map((field) => quoted(`${field}`)).join(',')}\n`).join('');
}

function quoted(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replace(/"/g, '""')}"` : field;
}
