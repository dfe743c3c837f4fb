import type { ReactNode } from "react";
import { classNames } from "./class-names.ts";
import styles from "./table.module.css";

/** A column of a table. */
export interface Column<Row> {
  /** Its name, over the column and on a phone before each value. */
  name: string;
  /** Whether the name is only read out: for columns that speak for themselves. */
  isNameHidden?: boolean;
  isAtEnd?: boolean;
  cell: (row: Row) => ReactNode;
}

export interface TableProps<Row> {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
}

/** Rows of things with the same columns; on a phone, cards. For long lists there is `VirtualList`. */
export function Table<Row>({ label, columns, rows, rowKey }: TableProps<Row>) {
  return (
    // Display values other than `table` take away what a table means; the roles give it back.
    // biome-ignore-start lint/a11y/noRedundantRoles: see above
    <table className={styles.table} role="table" aria-label={label}>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <th
              key={column.name}
              role="columnheader"
              scope="col"
              className={classNames(column.isAtEnd && styles.end)}
            >
              <span className={classNames(column.isNameHidden && styles.hidden)}>{column.name}</span>
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr key={rowKey(row)} role="row">
            {columns.map((column) => (
              <td
                key={column.name}
                role="cell"
                className={classNames(column.isAtEnd && styles.end)}
                data-label={column.isNameHidden ? undefined : column.name}
              >
                {column.cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
    // biome-ignore-end lint/a11y/noRedundantRoles: see above
  );
}
