import type { Progress } from "@streamwarden/replay";

const barWidth = 20;

/** `[#####     ]  25%  3/12 files  210 MB/s  180,000 records/s  109 matches  0:07 left` */
export function progressLine(progress: Progress, seconds: number): string {
  const { files, filesDone, bytes, totalBytes, records, matches } = progress;
  const megabytes = `${(bytes / 1e6 / seconds).toFixed(0)} MB/s`;
  const speed = `${Math.round(records / seconds).toLocaleString("en-US")} records/s`;
  const counts = `${filesDone}/${files} files  ${megabytes}  ${speed}  ${matches.toLocaleString("en-US")} matches`;
  // Of standard input nobody knows the size.
  if (totalBytes === 0) return counts;
  const share = Math.min(1, bytes / totalBytes);
  const bar = "#".repeat(Math.round(share * barWidth)).padEnd(barWidth);
  const left = share === 0 ? "" : `  ${minutes((seconds / share) * (1 - share))} left`;
  return `[${bar}] ${`${Math.floor(share * 100)}%`.padStart(4)}  ${counts}${left}`;
}

function minutes(seconds: number): string {
  const whole = Math.ceil(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
