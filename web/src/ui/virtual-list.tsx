import { measureElement, useWindowVirtualizer } from "@tanstack/react-virtual";
import {
  type CSSProperties,
  type KeyboardEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useRef,
  useState,
} from "react";
import styles from "./virtual-list.module.css";

/** A column of a virtual list. */
export interface ListColumn<Row> {
  name: string;
  /** Its width, as a track of a CSS grid: `2fr`, `120px`. */
  width: string;
  cell: (row: Row) => ReactNode;
}

export interface VirtualListProps<Row> {
  label: string;
  columns: readonly ListColumn<Row>[];
  /** What was read so far. */
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  /** How many there are in all, read or not. */
  totalCount: number;
  selectedKey?: string | null;
  /** The row that is unfolded, where rows have `details`. */
  expandedKey?: string | null;
  /** What stands under a row while it is unfolded. */
  details?: (row: Row) => ReactNode;
  /** A press on a row, or Enter. */
  onOpen: (key: string) => void;
  /** Which rows are in view now. */
  onView: (firstRow: number, lastRow: number) => void;
  /** What stands under the last row: that more is coming, or that it did not come. */
  tail?: ReactNode;
}

/**
 * A long list, of which only what is in view is on the page. It scrolls with the page. For a screen reader it is a grid of
 * `totalCount` rows, which arrow keys, Home, End and the page keys go through; on a phone its rows are cards.
 */
export function VirtualList<Row>({
  label,
  columns,
  rows,
  rowKey,
  totalCount,
  selectedKey,
  expandedKey,
  details,
  onOpen,
  onView,
  tail,
}: VirtualListProps<Row>) {
  const container = useRef<HTMLDivElement>(null);
  const [scrollMargin, setScrollMargin] = useState(0);
  const [current, setCurrent] = useState(0);
  /** The row that gets the focus once it is on the page. */
  const wanted = useRef<number | null>(null);

  useEffect(() => {
    const observer = new ResizeObserver(() => {
      const top = container.current?.getBoundingClientRect().top ?? 0;
      setScrollMargin(Math.round(top + window.scrollY));
    });
    observer.observe(document.body);
    return () => observer.disconnect();
  }, []);

  // All rows are measured anew when this function is another one.
  const getItemKey = useCallback(
    (index: number) => {
      const row = rows[index];
      return row === undefined ? index : rowKey(row);
    },
    [rows, rowKey],
  );

  const sizes = sizesOf(label);
  const virtualizer = useWindowVirtualizer({
    count: rows.length,
    estimateSize: (index) => sizes.get(getItemKey(index)) ?? 57,
    measureElement: (row, entry, instance) => {
      const size = measureElement(row, entry, instance);
      sizes.set(getItemKey(instance.indexFromElement(row)), size);
      return size;
    },
    getItemKey,
    overscan: 8,
    scrollMargin,
  });

  const items = virtualizer.getVirtualItems();
  const firstRow = items[0]?.index ?? 0;
  const lastRow = items.at(-1)?.index ?? 0;
  useEffect(() => onView(firstRow, lastRow), [onView, firstRow, lastRow]);

  function go(index: number) {
    const target = Math.max(0, Math.min(rows.length - 1, index));
    setCurrent(target);
    virtualizer.scrollToIndex(target);
    wanted.current = target;
    focusWanted();
  }

  function focusWanted() {
    const row = container.current?.querySelector<HTMLElement>(`[data-index="${wanted.current}"]`);
    if (!row) return;
    wanted.current = null;
    row.focus({ preventScroll: true });
  }

  // A row that is far away comes onto the page only by scrolling there.
  useEffect(focusWanted);

  function onKeyDown(event: KeyboardEvent, index: number, key: string) {
    const page = Math.max(1, lastRow - firstRow - 16);
    const moves: Record<string, () => void> = {
      ArrowDown: () => go(index + 1),
      ArrowUp: () => go(index - 1),
      PageDown: () => go(index + page),
      PageUp: () => go(index - page),
      Home: () => go(0),
      End: () => go(rows.length - 1),
      Enter: () => onOpen(key),
    };
    const move = moves[event.key];
    if (!move || event.target !== event.currentTarget) return;
    event.preventDefault();
    move();
  }

  const tracks: CSSProperties & Record<"--columns", string> = {
    "--columns": columns.map(({ width }) => `minmax(0, ${width})`).join(" "),
  };
  // The row that Tab comes to has to be on the page.
  const reachable = current >= firstRow && current <= lastRow ? current : firstRow;

  return (
    <>
      {/* biome-ignore lint/a11y/useAriaPropsSupportedByRole: both roles have a label and counts */}
      <div
        className={styles.list}
        style={tracks}
        role={details ? "treegrid" : "grid"}
        aria-label={label}
        aria-rowcount={totalCount + 1}
        aria-colcount={columns.length}
      >
        <div role="rowgroup">
          <div className={styles.head} role="row" aria-rowindex={1}>
            {columns.map(({ name }) => (
              <span key={name} role="columnheader">
                {name}
              </span>
            ))}
          </div>
        </div>
        <div
          ref={container}
          className={styles.rows}
          style={{ height: virtualizer.getTotalSize() }}
          role="rowgroup"
        >
          {items.map(({ index, key, start }) => {
            const row = rows[index];
            if (row === undefined) return null;
            const id = rowKey(row);
            return (
              <div
                key={key}
                ref={virtualizer.measureElement}
                data-index={index}
                className={styles.row}
                style={{ transform: `translateY(${start - scrollMargin}px)` }}
                role="row"
                aria-rowindex={index + 2}
                {...(details
                  ? { "aria-expanded": id === expandedKey }
                  : { "aria-selected": id === selectedKey })}
                tabIndex={index === reachable ? 0 : -1}
                onFocus={() => setCurrent(index)}
                onKeyDown={(event) => onKeyDown(event, index, id)}
                onClick={({ target }) => isInDetails(target) || onOpen(id)}
              >
                {columns.map(({ name, cell }) => (
                  <div key={name} className={styles.cell} role="gridcell">
                    {cell(row)}
                  </div>
                ))}
                {details && id === expandedKey && (
                  <div className={styles.details} role="gridcell" data-details>
                    {details(row)}
                  </div>
                )}
              </div>
            );
          })}
        </div>
      </div>
      {tail && <div className={styles.tail}>{tail}</div>}
    </>
  );
}

/** Details are there to be read and used: a press on them does not fold them. */
function isInDetails(target: EventTarget): boolean {
  return target instanceof Element && target.closest("[data-details]") !== null;
}

/** How high rows were when they were last seen, by the list and their keys: who comes back finds it as long as it was. */
const seen = new Map<string, Map<string | number, number>>();

function sizesOf(label: string): Map<string | number, number> {
  const sizes = seen.get(label) ?? new Map<string | number, number>();
  seen.set(label, sizes);
  return sizes;
}
