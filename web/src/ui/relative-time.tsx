import { useEffect, useState } from "react";
import { relativeTime, wholeTime } from "./time.ts";

const minute = 60_000;

/** How long ago something was, or how far away; the whole date on hovering, and for machines. */
export function RelativeTime({ at }: { at: string }) {
  const [now, setNow] = useState(() => Date.now());

  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), minute);
    return () => clearInterval(timer);
  }, []);

  const time = Date.parse(at);
  return (
    <time dateTime={at} title={wholeTime(time)}>
      {relativeTime(time, now)}
    </time>
  );
}
