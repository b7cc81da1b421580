export function Brand() {
  return (
    <span class="brand">
      <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
        <rect width="32" height="32" rx="8" class="brand-ground" />
        <path d="M8 23c0-9 4-14 9-14a5.5 5.5 0 0 1 0 11h-2.5" class="brand-line" />
        <circle cx="22.5" cy="22.5" r="2.5" class="brand-dot" />
      </svg>
      Fairlead
    </span>
  )
}
