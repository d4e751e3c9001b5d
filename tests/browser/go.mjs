// Goes to an address of the app that is open, as one of its links does: nothing is loaded anew, which
// takes a second or two each time. The page at the address is drawn when this returns.
export async function go(page, address) {
  await page.evaluate(async (to) => {
    history.pushState({}, "", to);
    dispatchEvent(new PopStateEvent("popstate"));
    await new Promise((drawn) => { requestAnimationFrame(() => requestAnimationFrame(drawn)); });
  }, address);
}
