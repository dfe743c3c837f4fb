/** The sign of the product. */
export function Logo({ size = 36 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#4a3fb5" />
      <circle cx="16" cy="11.5" r="4.5" fill="#fff" />
      <path d="M6.5 25a9.5 9.5 0 0 1 19 0z" fill="#fff" />
    </svg>
  );
}
