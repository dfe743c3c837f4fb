import { useEffect, useState } from "react";
import { relativeTime } from "./time.ts";

const minute = 60_000;

/** How long ago something was, or how far away; the whole date on hovering, and for machines. */
export function RelativeTime({ at }: { at: string }) {
  const [now, setNow] = useState(() => Date.now());

  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), minute);
    return () => clearInterval(timer);
  }, []);

  const date = new Date(at);
  return (
    <time dateTime={at} title={date.toLocaleString(undefined, { dateStyle: "full", timeStyle: "medium" })}>
      {relativeTime(date.getTime(), now)}
    </time>
  );
}
