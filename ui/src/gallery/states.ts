/** Shows a component as under the pointer or with the keyboard's focus: `data-show="hover"`, `data-show="focus"`. */

const SHOWN = [
  [/:hover/g, '[data-show~=hover]'],
  [/:focus-visible/g, '[data-show~=focus]'],
] as const;

/** Gives every rule for `:hover` and `:focus-visible` a second selector that an attribute turns on. */
export function showStates(): void {
  for (const sheet of document.styleSheets) {
    const rules = [...sheet.cssRules];
    rules.forEach((rule) => {
      if (!(rule instanceof CSSStyleRule)) return;
      let selector = rule.selectorText;
      for (const [real, shown] of SHOWN) selector = selector.replace(real, shown);
      if (selector !== rule.selectorText) rule.selectorText = `${rule.selectorText}, ${selector}`;
    });
  }
}
