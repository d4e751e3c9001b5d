// Scrolls a page, and a box in it, by so many pixels a frame; gives the milliseconds that half of the
// frames stay below, and 95 of 100.
export async function frames(page, pixels, selector = "html") {
  const gaps = await page.evaluate(async ([selector, pixels]) => {
    const box = document.querySelector(selector);
    const all = [];
    let last = performance.now();
    for (let step = 0; step < 120; step += 1) {
      box.scrollBy(0, pixels);
      if (box !== document.documentElement) window.scrollBy(0, pixels);
      await new Promise((done) => requestAnimationFrame(done));
      const now = performance.now();
      all.push(now - last);
      last = now;
    }
    return all.sort((one, other) => one - other);
  }, [selector, pixels]);
  return [gaps[60], gaps[114]];
}
