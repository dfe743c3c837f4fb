/**
 * A ref for what holds the keyboard, as dialogs do: it gets the focus when whatever had it is taken off the page, such as
 * the button that has done its work. Browsers tell nobody of that, and keys like Escape would go nowhere.
 */
export function keepFocus(element: HTMLElement | null): (() => void) | undefined {
  if (!element) return undefined;
  const observer = new MutationObserver(() => {
    if (document.activeElement === document.body) element.focus();
  });
  observer.observe(element, { childList: true, subtree: true });
  return () => observer.disconnect();
}
